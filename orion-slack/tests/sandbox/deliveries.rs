//! The Events API over HTTP: verification, signatures, retries.

use std::time::Duration;

use http::StatusCode;
use orion_core::sandbox::Reply;
use ring::hmac;
use serde_json::json;

use crate::receiver::{Arrived, Receiver};
use crate::support::Team;

fn signed(team: &Team, request: &Arrived) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, team.sandbox.signing_secret().as_bytes());
    let base = format!("v0:{}:{}", request.header("x-slack-request-timestamp"), request.body);
    let hex = request.header("x-slack-signature").strip_prefix("v0=").unwrap();
    let bytes: Vec<u8> = (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(hex.get(at..at + 2).unwrap(), 16).unwrap())
        .collect();
    hmac::verify(&key, base.as_bytes(), &bytes).is_ok()
}

#[tokio::test]
async fn a_url_that_echoes_the_challenge_gets_the_events() {
    let (team, receiver) = (Team::start().await, Receiver::start().await);
    let verified = team.deliver(&json!({ "kind": "url_verification", "url": receiver.url() })).await;
    assert_eq!(verified["ok"], true, "{verified}");
    receiver.clear();
    let text = format!("<@{}> hi", team.sandbox.bot_user_id());
    let ts = team.sandbox.say("ops", &team.sandbox.user_id(), &text).unwrap();
    let arrived = receiver.wait(2).await;
    let mut kinds: Vec<String> =
        arrived.iter().map(|one| one.json()["event"]["type"].as_str().unwrap().to_owned()).collect();
    kinds.sort();
    assert_eq!(kinds, ["app_mention", "message"]);
    for one in &arrived {
        let envelope = one.json();
        assert!(signed(&team, one));
        assert_eq!(envelope["type"], "event_callback");
        assert_eq!(envelope["team_id"], team.sandbox.team_id());
        assert_eq!(envelope["event"]["ts"], ts.as_str());
        assert_eq!(envelope["authorizations"][0]["user_id"], team.sandbox.bot_user_id());
    }
    assert_ne!(arrived[0].json()["event_id"], arrived[1].json()["event_id"]);
}

#[tokio::test]
async fn a_url_that_does_not_echo_gets_nothing() {
    let (team, receiver) = (Team::start().await, Receiver::start().await);
    receiver.answer(Reply::new(StatusCode::OK, "text/plain", "hello"));
    let verified = team.deliver(&json!({ "kind": "url_verification", "url": receiver.url() })).await;
    assert_eq!(verified["ok"], false);
    receiver.clear();
    team.sandbox.say("ops", &team.sandbox.user_id(), "hi").unwrap();
    let sent = team.deliver(&json!({ "kind": "event", "url": receiver.url() })).await;
    assert_eq!(sent["ok"], true);
    assert_eq!(receiver.arrived().len(), 1, "only what was ordered");
}

#[tokio::test]
async fn only_what_is_subscribed_and_seen_is_sent() {
    let (team, receiver) = (Team::start().await, Receiver::start().await);
    team.deliver(&json!({ "kind": "url_verification", "url": receiver.url() })).await;
    receiver.clear();
    let user = team.sandbox.user_id();
    team.sandbox.say("leadership", &user, "secret").unwrap();
    team.ok("conversations.create", &[("name", "unheard")]).await;
    team.sandbox.say("ops", &user, "heard").unwrap();
    let arrived = receiver.wait(1).await;
    assert_eq!(arrived[0].json()["event"]["text"], "heard");
    assert_eq!(arrived[0].json()["event"]["channel_type"], "channel");
}

#[tokio::test]
async fn what_is_not_taken_is_sent_again_three_times() {
    let (team, receiver) = (Team::start().await, Receiver::start().await);
    for _ in 0..4 {
        receiver.answer(Reply::empty(StatusCode::INTERNAL_SERVER_ERROR));
    }
    let sent = team.deliver(&json!({ "kind": "event", "url": receiver.url() })).await;
    assert_eq!(
        (&sent["ok"], &sent["status"], &sent["error"]),
        (&json!(false), &json!(500), &json!("http_error"))
    );
    let all = receiver.wait(4);
    tokio::pin!(all);
    // A wait begins when the attempt before it has ended, so the clock is moved until all have come.
    loop {
        tokio::select! {
            _ = &mut all => break,
            () = tokio::time::sleep(Duration::from_millis(5)) => team.sandbox.advance(Duration::from_secs(301)),
        }
    }
    let arrived = receiver.arrived();
    let numbers: Vec<&str> = arrived.iter().map(|one| one.header("x-slack-retry-num")).collect();
    assert_eq!(numbers, ["", "1", "2", "3"]);
    assert_eq!(arrived[3].header("x-slack-retry-reason"), "http_error");
    for one in &arrived {
        assert_eq!(one.json()["event_id"], sent["event_id"]);
        assert!(signed(&team, one));
    }
}

#[tokio::test]
async fn an_app_can_refuse_to_be_sent_it_again() {
    let (team, receiver) = (Team::start().await, Receiver::start().await);
    receiver.answer(Reply::empty(StatusCode::BAD_REQUEST).with("x-slack-no-retry", "1"));
    team.deliver(&json!({ "kind": "event", "url": receiver.url() })).await;
    team.sandbox.advance(Duration::from_secs(3600));
    team.deliver(&json!({ "kind": "event", "url": receiver.url(), "event": { "type": "marker" } })).await;
    assert_eq!(receiver.arrived().len(), 2);
}

#[tokio::test]
async fn a_receiver_can_be_tested_with_wrong_signatures_and_times() {
    let (team, receiver) = (Team::start().await, Receiver::start().await);
    team.deliver(&json!({ "kind": "event", "url": receiver.url(), "bad_signature": true })).await;
    team.deliver(&json!({ "kind": "event", "url": receiver.url(), "timestamp_offset": -400 })).await;
    let arrived = receiver.arrived();
    assert!(!signed(&team, &arrived[0]));
    assert!(signed(&team, &arrived[1]));
    let stamp: i64 = arrived[1].header("x-slack-request-timestamp").parse().unwrap();
    assert!((team.sandbox.now().timestamp() - stamp - 400).abs() < 60);
}

#[tokio::test]
async fn an_order_that_makes_no_sense_is_refused() {
    let team = Team::start().await;
    for order in [json!({}), json!({ "kind": "party" }), json!({ "kind": "disconnect", "reason": "rain" })] {
        assert!(team.sandbox.deliver(&order).await.is_err(), "{order}");
    }
}
