//! Commands, clicks, modals and the addresses to answer at.

use std::time::Duration;

use orion_core::sandbox::Reply;
use reqwest::Method;
use serde_json::{Value, json};

use crate::receiver::Receiver;
use crate::support::{Team, send, texts};

fn buttons() -> Value {
    json!([{ "type": "actions", "block_id": "b", "elements": [
        { "type": "button", "action_id": "yes", "value": "v1", "text": { "type": "plain_text", "text": "Yes" } },
        { "type": "static_select", "action_id": "pick", "options": [
            { "text": { "type": "plain_text", "text": "One" }, "value": "1" },
            { "text": { "type": "plain_text", "text": "Two" }, "value": "2" } ] },
    ] }])
}

fn modal(title: &str) -> Value {
    json!({ "type": "modal", "callback_id": "why", "title": { "type": "plain_text", "text": title },
            "submit": { "type": "plain_text", "text": "Send" }, "private_metadata": "kept", "blocks": [
        { "type": "input", "block_id": "reason", "label": { "type": "plain_text", "text": "Reason" },
          "element": { "type": "plain_text_input", "action_id": "text" } } ] })
}

async fn respond(team: &Team, url: &str, body: &Value) -> (u16, String) {
    let path = url.strip_prefix(team.sandbox.base_url()).unwrap();
    let request = team.plain(Method::POST, path).header("content-type", "application/json");
    let answer = send(request.body(body.to_string())).await;
    (answer.status, answer.text)
}

#[tokio::test]
async fn a_click_names_the_message_and_what_was_chosen() {
    let (team, receiver) = (Team::start().await, Receiver::start().await);
    let ops = team.channel("ops");
    let body = json!({ "channel": ops, "text": "?", "blocks": buttons() });
    let ts = team.json("chat.postMessage", &body).await.json()["ts"].clone();
    let click =
        json!({ "kind": "action", "url": receiver.url(), "channel": ops, "ts": ts, "action_id": "yes" });
    assert_eq!(team.deliver(&click).await["ok"], true);
    let payload = receiver.arrived()[0].payload();
    assert_eq!(payload["type"], "block_actions");
    assert_eq!(payload["user"]["id"], team.sandbox.user_id());
    assert_eq!(payload["container"]["message_ts"], ts);
    assert_eq!(
        (&payload["actions"][0]["value"], &payload["actions"][0]["block_id"]),
        (&json!("v1"), &json!("b"))
    );
    let pick = json!({ "kind": "action", "url": receiver.url(), "action_id": "pick", "value": "2" });
    team.deliver(&pick).await;
    let payload = receiver.arrived()[1].payload();
    assert_eq!(payload["actions"][0]["selected_option"]["text"]["text"], "Two");
    let bad = json!({ "kind": "action", "url": receiver.url(), "action_id": "pick", "value": "3" });
    assert!(team.sandbox.deliver(&bad).await.is_err());
}

#[tokio::test]
async fn a_response_url_takes_five_answers_within_half_an_hour() {
    let (team, receiver) = (Team::start().await, Receiver::start().await);
    let body = json!({ "channel": team.channel("ops"), "text": "?", "blocks": buttons() });
    let ts = team.json("chat.postMessage", &body).await.json()["ts"].as_str().unwrap().to_owned();
    let click = json!({ "kind": "action", "url": receiver.url(), "action_id": "yes" });
    let clicked = team.deliver(&click).await;
    let url = clicked["response_url"].as_str().unwrap();
    assert_eq!(
        respond(&team, url, &json!({ "text": "done", "replace_original": true })).await,
        (200, "ok".to_owned())
    );
    let replaced = team.ok("conversations.replies", &[("channel", &team.channel("ops")), ("ts", &ts)]).await;
    assert_eq!(replaced["messages"][0]["text"], "done");
    assert_eq!(respond(&team, url, &json!({ "text": "loud", "response_type": "in_channel" })).await.0, 200);
    assert_eq!(respond(&team, url, &json!({ "text": "quiet" })).await.0, 200);
    assert_eq!(team.sandbox.rows("ephemerals", None)[0]["text"], "quiet");
    assert_eq!(respond(&team, url, &json!({})).await.0, 400);
    assert_eq!(respond(&team, url, &json!({ "delete_original": true })).await.0, 200);
    let (status, text) = respond(&team, url, &json!({ "text": "sixth" })).await;
    assert!(status == 404 && text.contains("used_url"), "{status} {text}");
    let body = json!({ "channel": team.channel("ops"), "text": "?", "blocks": buttons() });
    team.json("chat.postMessage", &body).await;
    let late = team.deliver(&click).await["response_url"].as_str().unwrap().to_owned();
    team.sandbox.advance(Duration::from_secs(1_801));
    let (status, text) = respond(&team, &late, &json!({ "text": "late" })).await;
    assert!(status == 404 && text.contains("expired_url"), "{status} {text}");
}

#[tokio::test]
async fn a_command_is_a_form_and_its_answer_is_shown() {
    let (team, receiver) = (Team::start().await, Receiver::start().await);
    let said = json!({ "text": "rolling", "response_type": "in_channel" });
    receiver.answer(Reply::ok(&said));
    let order = json!({ "kind": "command", "url": receiver.url(), "command": "/deploy", "text": "billing" });
    let ran = team.deliver(&order).await;
    assert_eq!(ran["body"], said);
    let form = &receiver.arrived()[0];
    for (name, value) in [
        ("command", "/deploy"),
        ("text", "billing"),
        ("is_enterprise_install", "false"),
        ("channel_name", "ops"),
    ] {
        assert_eq!(form.field(name), value, "{name}");
    }
    let history =
        team.ok("conversations.history", &[("channel", &team.channel("ops")), ("limit", "1")]).await;
    assert_eq!(texts(&history["messages"], "text"), ["rolling"]);
}

#[tokio::test]
async fn a_modal_is_opened_filled_refused_and_sent() {
    let (team, receiver) = (Team::start().await, Receiver::start().await);
    let trigger = async || {
        let ran =
            team.deliver(&json!({ "kind": "shortcut", "url": receiver.url(), "callback_id": "make" })).await;
        ran["trigger_id"].as_str().unwrap().to_owned()
    };
    let body = json!({ "trigger_id": trigger().await, "view": modal("Why") });
    let view = team.json("views.open", &body).await.json();
    assert_eq!(view["view"]["private_metadata"], "kept");
    assert_eq!(team.json("views.open", &body).await.json()["error"], "exchanged_trigger_id");
    receiver.answer(Reply::ok(&json!({ "response_action": "errors", "errors": { "reason": "more" } })));
    let submit = |values: Value| json!({ "kind": "view_submission", "url": receiver.url(), "callback_id": "why", "values": values });
    let refused = team.deliver(&submit(json!({ "reason": { "text": "x" } }))).await;
    assert_eq!(refused["body"]["errors"]["reason"], "more");
    receiver.answer(Reply::ok(&json!({ "response_action": "push", "view": modal("Sure?") })));
    let pushed = team.deliver(&submit(json!({ "text": "because" }))).await;
    assert_eq!(pushed["view"]["root_view_id"], view["view"]["id"]);
    let payload = receiver.arrived().last().unwrap().payload();
    assert_eq!(
        payload["view"]["state"]["values"]["reason"]["text"],
        json!({ "type": "plain_text_input", "value": "because" })
    );
    receiver.answer(Reply::ok(&json!({ "response_action": "clear" })));
    team.deliver(&submit(json!({}))).await;
    assert!(team.sandbox.rows("views", None).iter().all(|view| view["open"] == false));
    let late = trigger().await;
    team.sandbox.advance(Duration::from_secs(4));
    let body = json!({ "trigger_id": late, "view": modal("Late") });
    assert_eq!(team.json("views.open", &body).await.json()["error"], "expired_trigger_id");
}

#[tokio::test]
async fn a_home_tab_is_published_by_its_hash() {
    let team = Team::start().await;
    let home = json!({ "type": "home", "blocks": [{ "type": "divider" }] });
    let publish = async |hash: Option<&str>| {
        let body = json!({ "user_id": team.sandbox.user_id(), "view": home, "hash": hash });
        team.json("views.publish", &body).await.json()
    };
    let first = publish(None).await;
    let hash = first["view"]["hash"].as_str().unwrap();
    let second = publish(Some(hash)).await;
    assert_eq!(second["view"]["id"], first["view"]["id"]);
    assert_eq!(publish(Some(hash)).await["error"], "hash_conflict");
    let order = json!({ "kind": "view_submission", "callback_id": "none" });
    assert!(team.sandbox.deliver(&order).await.is_err());
}
