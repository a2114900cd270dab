//! What is sent, and what becomes of it when an answer is lost.

use chrono::TimeDelta;
use orion_core::{
    ErrorKind, Fields,
    testing::{self, Reply, Script},
};
use orion_slack::{
    Outgoing, Ts,
    block::{section, text_input},
};
use serde_json::{Value, json};

use crate::support::{calls, connect, form, on};

fn posted() -> Value {
    json!({"ok": true, "channel": "C1", "ts": "1767225600.000100", "message": {"type": "message", "text": "x", "ts": "1767225600.000100", "bot_id": "B1"}})
}

#[tokio::test(start_paused = true)]
async fn a_message_is_sent_as_slack_documents_it() {
    let script = on(Script::new(), "chat.postMessage").reply(200, posted());
    let slack = connect(&script);
    let payload = Fields::from_iter([("env", "production")]);
    let message =
        Outgoing::new("C1", "Deployed").blocks([section("*Deployed*")]).in_thread("1.000000").broadcast();
    let sent = slack.post(&message.metadata("deploy", payload).id("d-1")).await.unwrap();
    assert_eq!((&*sent.channel, sent.ts.as_str(), sent.found), ("C1", "1767225600.000100", false));
    let form = form(&calls(&script, "chat.postMessage")[0]);
    let json = |name: &str| serde_json::from_str::<Value>(&form[name]).unwrap();
    assert_eq!(
        (&*form["text"], &*form["thread_ts"], &*form["reply_broadcast"]),
        ("Deployed", "1.000000", "true")
    );
    assert_eq!((&*form["unfurl_links"], &*form["unfurl_media"]), ("false", "false"));
    assert_eq!(
        json("blocks"),
        json!([{"type": "section", "text": {"type": "mrkdwn", "text": "*Deployed*"}}])
    );
    assert_eq!(
        json("metadata"),
        json!({"event_type": "deploy", "event_payload": {"env": "production", "orion_id": "d-1"}})
    );
    assert!(!form.contains_key("markdown_text") && !form.contains_key("username"));
}

#[tokio::test(start_paused = true)]
async fn what_slack_would_refuse_is_not_sent() {
    let script = Script::new();
    let slack = connect(&script);
    let mut both = Outgoing::markdown("C1", "y");
    both.text = Some("x".into());
    for (message, kind, says) in [
        (Outgoing::new("", "x"), ErrorKind::Config, "no channel"),
        (Outgoing::new("C1", ""), ErrorKind::Config, "empty"),
        (both, ErrorKind::Config, "not both"),
        (Outgoing::new("C1", "x".repeat(40_001)), ErrorKind::TooLarge, "split it"),
        (Outgoing::markdown("C1", "x".repeat(12_001)), ErrorKind::TooLarge, "12000"),
        (
            Outgoing::new("C1", "x").blocks([section("y".repeat(3_001))]),
            ErrorKind::Config,
            "/blocks/0/text/text",
        ),
        (
            Outgoing::new("C1", "x").blocks([section("y").accessory(text_input(""))]),
            ErrorKind::Config,
            "/accessory/action_id",
        ),
    ] {
        let error = slack.post(&message).await.unwrap_err();
        assert!(error.kind() == kind && error.to_string().contains(says), "{error}");
    }
    let named = Outgoing::new("C1", "x").id("1");
    assert_eq!(slack.schedule(testing::START, &named).await.unwrap_err().kind(), ErrorKind::Config);
    assert!(script.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_long_text_follows_in_the_thread_of_its_beginning() {
    let script = on(Script::new(), "chat.postMessage").reply(200, posted()).times(3);
    let text: String = (0..200).map(|n| format!("Line {n} of a long report about nothing.\n")).collect();
    let sent = connect(&script)
        .post_long(Outgoing::new("#ops", text).blocks([section("x")]).id("r-1"))
        .await
        .unwrap();
    assert_eq!(sent.len(), 3);
    let forms: Vec<_> = calls(&script, "chat.postMessage").iter().map(form).collect();
    assert!(forms.iter().all(|form| form["text"].chars().count() <= 4_000));
    assert!(
        forms[0].contains_key("blocks")
            && !forms[0].contains_key("thread_ts")
            && forms[0]["channel"] == "#ops"
    );
    for (form, id) in forms[1..].iter().zip(["r-1/1", "r-1/2"]) {
        assert!(
            form["thread_ts"] == "1767225600.000100"
                && form["channel"] == "C1"
                && !form.contains_key("blocks")
        );
        assert!(form["metadata"].contains(id));
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_answer_was_lost_is_found_by_its_id() {
    let found = json!({"ok": true, "messages": [
        {"ts": "3.0", "text": "x", "metadata": {"event_type": "e", "event_payload": {"orion_id": "other"}}},
        {"ts": "2.0", "text": "x", "metadata": {"event_type": "e", "event_payload": {"orion_id": "m-1"}}}]});
    let none = json!({"ok": true, "messages": []});
    let script = on(Script::new(), "chat.postMessage").then(Reply::reset());
    let script = on(script, "conversations.history").reply(200, none).reply(200, found);
    let sent = connect(&script).post(&Outgoing::new("C1", "x").id("m-1")).await.unwrap();
    assert!(sent.found && sent.ts == Ts::from("2.0"));
    script.assert_done();
    let asked = form(&calls(&script, "conversations.history")[0]);
    assert_eq!(asked["include_all_metadata"], "true");
    let oldest = Ts::from(asked["oldest"].as_str()).at().unwrap();
    assert!(testing::START - oldest >= TimeDelta::minutes(1), "the clocks may differ: {oldest}");
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_not_found_or_cannot_be_looked_for_stays_in_doubt() {
    let none = Reply::json(200, json!({"ok": true, "messages": []}));
    let may_not =
        Reply::json(200, json!({"ok": false, "error": "missing_scope", "needed": "channels:history"}));
    for (answer, looks) in [(none, 3), (may_not, 1)] {
        let script = on(Script::new(), "chat.postMessage").then(Reply::status(500));
        let script = on(script, "conversations.history").always(answer);
        let error = connect(&script).post(&Outgoing::new("C1", "x").id("m-1")).await.unwrap_err();
        assert!(error.is_ambiguous(), "{error:?}");
        assert_eq!(calls(&script, "conversations.history").len(), looks);
        assert_eq!(calls(&script, "chat.postMessage").len(), 1);
    }
    // Without an id there is nothing to look for.
    let script = on(Script::new(), "chat.postMessage").then(Reply::reset());
    assert!(connect(&script).post(&Outgoing::new("C1", "x")).await.unwrap_err().is_ambiguous());
}

#[tokio::test(start_paused = true)]
async fn an_update_says_its_blocks_even_if_there_are_none() {
    let script = on(Script::new(), "chat.update").then(Reply::status(500)).reply(200, posted());
    let ts = Ts::from("1767225600.000100");
    connect(&script).update(&ts, &Outgoing::new("C1", "done")).await.unwrap();
    let sent = form(&calls(&script, "chat.update")[1]);
    assert_eq!((&*sent["ts"], &*sent["blocks"]), ("1767225600.000100", "[]"));
}
