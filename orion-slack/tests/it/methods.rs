//! Methods with types: what is sent, what is read, what is kept.

use futures::TryStreamExt;
use orion_core::{
    ErrorKind,
    testing::{Reply, Script},
};
use orion_slack::{Channel, Message, Range, Ts, User, View};
use serde_json::{Value, json};

use crate::support::{calls, connect, form, on};

/// As in the example of `users.list`, with a field of tomorrow.
fn member(id: &str) -> Value {
    json!({
        "id": id, "team_id": "T012AB3C4", "name": "spengler", "deleted": false, "color": "9f69e7", "real_name": "Egon Spengler",
        "tz": "America/Los_Angeles", "tz_label": "Pacific Daylight Time", "tz_offset": -25200,
        "profile": {"avatar_hash": "ge3b51ca72de", "status_text": "Print is dead", "status_emoji": ":books:", "real_name": "Egon Spengler",
            "display_name": "spengler", "email": "spengler@ghostbusters.example.com", "team": "T012AB3C4", "fields": null},
        "is_admin": true, "is_owner": false, "is_bot": false, "updated": 1502138686, "is_app_user": false, "has_2fa": false,
        "tomorrow": {"deep": [1, null]},
    })
}

fn paged(members: &[Value], next: &str) -> Value {
    json!({"ok": true, "members": members, "cache_ts": 1498777272, "response_metadata": {"next_cursor": next}})
}

#[tokio::test(start_paused = true)]
async fn a_list_goes_on_over_short_and_empty_pages_until_there_is_no_cursor() {
    let script = on(Script::new(), "users.list")
        .reply(200, paged(&[member("U1")], "dXNlcjox"))
        .reply(200, paged(&[], "dXNlcjoy"))
        .then(Reply::status(429).header("retry-after", "30"))
        .reply(200, paged(&[member("U2"), member("U3")], ""));
    let slack = connect(&script);
    let users: Vec<User> = slack.users_list().try_collect().await.unwrap();
    let ids: Vec<&str> = users.iter().filter_map(|user| user.id.as_deref()).collect();
    assert_eq!(ids, ["U1", "U2", "U3"]);
    let sent: Vec<_> =
        calls(&script, "users.list").iter().map(|seen| form(seen).get("cursor").cloned()).collect();
    assert_eq!(sent, [None, Some("dXNlcjox".into()), Some("dXNlcjoy".into()), Some("dXNlcjoy".into())]);
    assert_eq!(form(&calls(&script, "users.list")[0])["limit"], "200");

    let looping = on(Script::new(), "users.list").always(Reply::json(200, paged(&[], "again")));
    let error = connect(&looping).users_list().try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
}

#[test]
fn what_is_read_is_written_as_it_was_and_nothing_is_shown() {
    let user: User = serde_json::from_value(member("U1")).unwrap();
    assert_eq!(user.profile.as_ref().unwrap().email.as_deref(), Some("spengler@ghostbusters.example.com"));
    assert_eq!(serde_json::to_value(&user).unwrap(), member("U1"));
    assert!(!format!("{user:?}").contains("Egon"));

    // An unknown block, an unknown subtype and a block of tomorrow's.
    let message = json!({
        "type": "message", "subtype": "of_tomorrow", "user": "U1", "text": "a &amp; b", "ts": "1503435956.000247", "team": "T1",
        "blocks": [{"type": "rich_text", "block_id": "b", "elements": []}, {"type": "hologram", "deep": {"x": 1.5}}],
        "reactions": [{"name": "eyes", "count": 2, "users": ["U1", "U2"]}], "edited": {"user": "U1", "ts": "1503435957.000000"},
        "metadata": {"event_type": "deploy", "event_payload": {"id": "d-1"}}, "client_msg_id": "x", "is_locked": false,
    });
    let read: Message = serde_json::from_value(message.clone()).unwrap();
    assert_eq!(read.blocks.as_ref().unwrap()[1].text("type"), Some("hologram"));
    assert_eq!(serde_json::to_value(&read).unwrap(), message);
    let channel = json!({"id": "C1", "name": "general", "is_channel": true, "topic": {"value": "", "creator": "", "last_set": 0},
        "previous_names": [], "properties": {"canvas": {"file_id": "F1"}}});
    assert_eq!(
        serde_json::to_value(serde_json::from_value::<Channel>(channel.clone()).unwrap()).unwrap(),
        channel
    );
    // Organisation installs have null for a workspace (seen in threads).
    let view: View =
        serde_json::from_value(json!({"id": "V1", "team_id": null, "state": {"values": {}}})).unwrap();
    assert_eq!((view.id.as_deref(), view.team_id), (Some("V1"), None));
}

#[test]
fn time_stamps_are_compared_as_pairs_of_numbers() {
    let mut stamps: Vec<Ts> =
        ["1503435956.000247", "999999999.999999", "1503435956.0003", "1503435956.000248"]
            .map(Ts::from)
            .into();
    stamps.sort();
    let sorted: Vec<&str> = stamps.iter().map(Ts::as_str).collect();
    assert_eq!(sorted, ["999999999.999999", "1503435956.000247", "1503435956.000248", "1503435956.0003"]);
    let at = stamps[1].at().unwrap();
    assert_eq!(Ts::of(at).as_str(), "1503435956.000247");
    assert_eq!(Ts::from("soon").at(), None);
}

#[tokio::test(start_paused = true)]
async fn a_history_is_asked_for_by_its_bounds() {
    let page = json!({"ok": true, "messages": [{"type": "message", "ts": "2.000000", "text": "x"}], "has_more": false});
    let script = on(Script::new(), "conversations.history").reply(200, &page);
    let script = on(script, "conversations.replies").reply(200, &page);
    let slack = connect(&script);
    let range = Range::since("1.000000").until("3.000000").with_metadata();
    let messages: Vec<Message> = slack.conversations_history("C1", &range).try_collect().await.unwrap();
    assert_eq!(messages[0].ts, Some(Ts::from("2.000000")));
    let _: Vec<Message> =
        slack.conversations_replies("C1", &"2.000000".into(), &Range::all()).try_collect().await.unwrap();
    let sent = form(&calls(&script, "conversations.history")[0]);
    let argument = |name: &str| sent.get(name).map(String::as_str);
    assert_eq!(
        (argument("channel"), argument("oldest"), argument("latest")),
        (Some("C1"), Some("1.000000"), Some("3.000000"))
    );
    assert_eq!((argument("inclusive"), argument("include_all_metadata")), (Some("true"), Some("true")));
    let sent = form(&calls(&script, "conversations.replies")[0]);
    assert_eq!((&*sent["ts"], sent.contains_key("oldest")), ("2.000000", false));
}

#[tokio::test(start_paused = true)]
async fn what_was_done_already_is_done() {
    let refused = |code: &str| json!({"ok": false, "error": code});
    let script =
        on(Script::new(), "reactions.add").then(Reply::reset()).reply(200, refused("already_reacted"));
    let script = on(script, "pins.remove").reply(200, refused("no_pin"));
    let script = on(script, "conversations.invite").reply(200, refused("already_in_channel"));
    let script = on(script, "chat.delete")
        .reply(200, refused("message_not_found"))
        .reply(200, refused("cant_delete_message"));
    let (slack, ts) = (connect(&script), Ts::from("1.000000"));
    slack.reactions_add("C1", &ts, "eyes").await.unwrap();
    slack.pins_remove("C1", &ts).await.unwrap();
    slack.conversations_invite("C1", &["U1", "U2"]).await.unwrap();
    slack.chat_delete("C1", &ts).await.unwrap();
    assert_eq!(slack.chat_delete("C1", &ts).await.unwrap_err().kind(), ErrorKind::Forbidden);
    assert_eq!(form(&calls(&script, "conversations.invite")[0])["users"], "U1,U2");
}

#[tokio::test(start_paused = true)]
async fn a_modal_is_opened_once_and_a_late_trigger_is_told() {
    let view = json!({"type": "modal", "title": {"type": "plain_text", "text": "Why?"}, "blocks": []});
    let script = on(Script::new(), "views.open")
        .reply(200, json!({"ok": true, "view": {"id": "V1", "hash": "h", "state": {"values": {}}}}))
        .reply(200, json!({"ok": false, "error": "expired_trigger_id"}))
        .reply(200, json!({"ok": true}));
    let slack = connect(&script);
    let opened = slack.views_open("t.1", &view).await.unwrap();
    assert_eq!((opened.id.as_deref(), opened.hash.as_deref()), (Some("V1"), Some("h")));
    assert_eq!(form(&calls(&script, "views.open")[0])["view"], view.to_string());
    assert_eq!(slack.views_open("t.1", &view).await.unwrap_err().kind(), ErrorKind::Expired);
    let error = slack.views_open("t.2", &view).await.unwrap_err();
    assert!(
        error.kind() == ErrorKind::Malformed && error.to_string().contains("`view` is missing"),
        "{error}"
    );
}
