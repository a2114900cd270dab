//! Requests under every disturbance: interleavings of clicks, two processes, lost answers and crashes at each await.

mod interleaved;

use std::sync::Arc;

use orion_core::{rows::MemoryRows, testing};

use super::{click::Click, *};
use crate::poster::world::World;

fn approvals(world: &World, rows: &MemoryRows) -> Builder {
    Builder::new(Arc::new(world.poster()), Arc::new(rows.clone())).clock(testing::clock())
}

async fn state(approvals: &Approvals, id: &str) -> State {
    approvals.0.engine.get(id).await.unwrap().unwrap()
}

/// What a click on a button sends.
fn payload(state: &State, user: &str, choice: Choice, trigger: Option<&str>) -> String {
    let (action, token) = match choice {
        Choice::Approve => (render::APPROVE, &state.approve),
        Choice::Reject => (render::REJECT, &state.reject),
    };
    serde_json::json!({
        "type": "block_actions", "user": { "id": user }, "trigger_id": trigger, "channel": { "id": "C1" },
        "actions": [{ "action_id": action, "value": token, "action_ts": "1.000001" }],
    })
    .to_string()
}

fn submission(state: &State, user: &str, reason: &str) -> String {
    let view = render::modal(state, "C1");
    serde_json::json!({
        "type": "view_submission", "user": { "id": user },
        "view": { "id": "V1", "callback_id": view["callback_id"], "private_metadata": view["private_metadata"],
                  "state": { "values": { "reason": { "text": { "type": "plain_text_input", "value": reason } } } } },
    })
    .to_string()
}

#[tokio::test(start_paused = true)]
async fn a_request_resolves_when_it_is_decided_and_shows_who_decided() {
    let (world, rows) = (World::quiet(), MemoryRows::new());
    let approvals = approvals(&world, &rows).start().unwrap();
    let request = Request::new("C1", "write <back>", Policy::any(["U1"])).key("k").detail("rows", "1000");
    let waiting = tokio::spawn({
        let (approvals, request) = (approvals.clone(), request.clone());
        async move { approvals.request(request).await }
    });
    let id = approvals.open(request).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let asked = state(&approvals, &id).await;
    assert_eq!(world.messages().len(), 1, "the same key is asked once");
    assert!(world.messages()[0].shows("write &lt;back&gt;") && world.messages()[0].shows(&asked.approve));
    assert!(approvals.interaction(&payload(&asked, "U1", Choice::Approve, None)).await.unwrap());
    assert!(waiting.await.unwrap().unwrap().is_approved());
    tokio::time::sleep(Duration::from_secs(1)).await;
    let [message] = &world.messages()[..] else { panic!("one message") };
    assert!(message.shows("approved by <@U1>") && !message.shows("\"actions\""), "{message:?}");
    let audit = approvals.audit(&id).await.unwrap();
    let told: Vec<&str> = audit.iter().map(|entry| &*entry.what).collect();
    assert_eq!(told, ["requested", "posted", "approve", "decided"]);
}

#[tokio::test(start_paused = true)]
async fn a_decision_is_there_after_a_restart_and_another_payload_under_its_key_is_refused() {
    let (world, rows) = (World::quiet(), MemoryRows::new());
    let request = || Request::new("C1", "write back", Policy::any(["U1"])).key("k");
    let first = approvals(&world, &rows).start().unwrap();
    let id = first.open(request()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let asked = state(&first, &id).await;
    drop(first);
    let second = approvals(&world, &rows).start().unwrap();
    let waiting = tokio::spawn({
        let second = second.clone();
        async move { second.request(request()).await }
    });
    assert!(second.interaction(&submission(&asked, "U1", "too many")).await.unwrap());
    let decision = waiting.await.unwrap().unwrap();
    assert_eq!(decision.outcome, Outcome::Rejected);
    assert_eq!(decision.votes[0].reason.as_deref(), Some("too many"));
    drop(second);
    let third = approvals(&world, &rows).start().unwrap();
    assert_eq!(third.request(request()).await.unwrap(), decision);
    let other = request().detail("rows", "5");
    assert_eq!(third.request(other).await.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(world.messages().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn late_and_unauthorised_clicks_are_answered_and_forged_ones_are_not_known() {
    let (world, rows) = (World::quiet(), MemoryRows::new());
    let approvals = approvals(&world, &rows).start().unwrap();
    let request = Request::new("C1", "write back", Policy::any(["U1", "U2"]))
        .requested_by("U2")
        .expires_after(Duration::from_secs(60));
    let id = approvals.open(request).await.unwrap();
    let asked = state(&approvals, &id).await;
    for stranger in ["U9", "U2"] {
        approvals.interaction(&payload(&asked, stranger, Choice::Approve, None)).await.unwrap();
        assert!(world.whispers().last().unwrap().starts_with(&format!("{stranger}: You are not among")));
    }
    let mut forged = asked.clone();
    forged.approve = format!("{id}{}", "0".repeat(32));
    assert!(!approvals.interaction(&payload(&forged, "U1", Choice::Approve, None)).await.unwrap());
    // The token of one button does not serve the other.
    forged.approve.clone_from(&asked.reject);
    assert!(!approvals.interaction(&payload(&forged, "U1", Choice::Approve, None)).await.unwrap());
    assert!(!approvals.interaction(r#"{"type":"block_actions","user":{"id":"U1"}}"#).await.unwrap());
    assert_eq!(approvals.decision(&id).await.unwrap().outcome, Outcome::Expired);
    approvals.interaction(&payload(&asked, "U1", Choice::Reject, Some("t"))).await.unwrap();
    assert!(world.whispers().last().unwrap().contains("The time to decide this is over"));
    assert!(world.modals().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_asks_for_the_reason_first() {
    let (world, rows) = (World::quiet(), MemoryRows::new());
    let approvals = approvals(&world, &rows).start().unwrap();
    let request = Request::new("C1", "write back", Policy::any(["U1"])).reasons(Reasons::Required);
    let id = approvals.open(request).await.unwrap();
    let asked = state(&approvals, &id).await;
    approvals.interaction(&payload(&asked, "U1", Choice::Reject, Some("t"))).await.unwrap();
    assert_eq!(world.modals().len(), 1);
    assert!(state(&approvals, &id).await.votes.is_empty(), "nothing is counted before it is submitted");
    approvals.interaction(&submission(&asked, "U1", "why not")).await.unwrap();
    assert_eq!(approvals.decision(&id).await.unwrap().outcome, Outcome::Rejected);
}

#[tokio::test(start_paused = true)]
async fn those_who_have_not_answered_are_reminded_in_the_thread() {
    let (world, rows) = (World::quiet(), MemoryRows::new());
    let approvals = approvals(&world, &rows).start().unwrap();
    let request = Request::new("C1", "write back", Policy::all(["U1", "S2"]))
        .remind_every(Duration::from_secs(600))
        .expires_after(Duration::from_secs(1500));
    let id = approvals.open(request).await.unwrap();
    world.group("S2", &["U2"]);
    tokio::time::sleep(Duration::from_secs(700)).await;
    let asked = state(&approvals, &id).await;
    assert!(world.messages()[1].shows("<!subteam^S2> <@U1>"), "{:?}", world.messages());
    approvals.interaction(&payload(&asked, "U1", Choice::Approve, None)).await.unwrap();
    assert_eq!(approvals.decision(&id).await.unwrap().outcome, Outcome::Expired);
    let reminders = world.messages().split_off(1);
    assert_eq!(reminders.len(), 2);
    assert!(!reminders[1].shows("<@U1>") && reminders.iter().all(|one| one.thread.is_some()));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_can_be_shown_nowhere_says_so_and_can_be_made_again() {
    let (world, rows) = (World::quiet(), MemoryRows::new());
    let approvals = approvals(&world, &rows).start().unwrap();
    let request = Request::new("C1", "write back", Policy::any(["U1"])).key("k");
    world.refuse(Some("channel_not_found"));
    let error = approvals.request(request.clone()).await.unwrap_err();
    assert!(error.kind() == ErrorKind::NotFound && error.to_string().contains("channel_not_found"));
    world.refuse(None);
    let id = approvals.open(request).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    approvals
        .interaction(&payload(&state(&approvals, &id).await, "U1", Choice::Approve, None))
        .await
        .unwrap();
    assert!(approvals.decision(&id).await.unwrap().is_approved());
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_a_post_makes_no_second_message() {
    let (world, rows) = (World::quiet(), MemoryRows::new());
    world.lose_next(2);
    let approvals = approvals(&world, &rows).start().unwrap();
    let id = approvals.open(Request::new("C1", "write back", Policy::any(["U1"]))).await.unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(world.messages().len(), 1);
    let place = state(&approvals, &id).await.copies[0].place.clone().unwrap();
    assert_eq!(place.ts, world.messages()[0].ts);
}

#[test]
fn a_click_is_read_from_what_slack_sends() {
    let json = r#"{"type":"block_actions","user":{"id":"U1","team_id":"T1"},"team":null,"trigger_id":"1.2",
        "container":{"type":"message","message_ts":"1.1","channel_id":"C9"},
        "actions":[{"type":"button","action_id":"orion.reject","block_id":"b","value":"tok","action_ts":"5.5"}]}"#;
    let click = Click::read(json).unwrap();
    assert_eq!((&*click.user, click.choice, &*click.token), ("U1", Choice::Reject, "tok"));
    assert_eq!((click.channel.as_deref(), click.trigger.as_deref()), (Some("C9"), Some("1.2")));
    let other = json.replace("orion.reject", "other");
    assert_eq!(Click::read(&other), None);
    assert_eq!(Click::read("planted"), None);
}
