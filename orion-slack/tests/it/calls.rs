//! Calls by name: what decides, what is kept, what is repeated.

use orion_core::{
    Adapter, ErrorKind, Fields,
    testing::{Reply, Script},
};
use serde_json::json;

use crate::support::{calls, connect, form, on};

#[tokio::test(start_paused = true)]
async fn ok_decides_and_not_error() {
    let script = on(Script::new(), "api.test")
        .reply(
            200,
            json!({"ok": true, "error": "shown in every skeleton", "args": {"a": "1"}, "warning": "odd"}),
        )
        .reply(200, json!({"ok": false, "args": {}}))
        .reply(200, json!({"ok": false, "error": "invalid_arguments"}));
    let slack = connect(&script);
    let answer = slack.call::<Fields>("api.test", &json!({"a": 1})).await.unwrap();
    assert_eq!(answer.value.get("args"), Some(&json!({"a": "1"})));
    assert_eq!(answer.notes.warnings, ["odd"]);
    for kind in [ErrorKind::Rejected, ErrorKind::Config] {
        assert_eq!(slack.call::<Fields>("api.test", &json!({})).await.unwrap_err().kind(), kind);
    }
    let sent = &calls(&script, "api.test")[0];
    assert_eq!(sent.headers["authorization"], "Bearer xoxb-planted");
    assert_eq!(form(sent)["a"], "1");
}

#[tokio::test(start_paused = true)]
async fn a_read_is_repeated_and_a_post_is_not() {
    for failure in [
        Reply::json(200, json!({"ok": false, "error": "internal_error"})),
        Reply::status(500),
        Reply::reset(),
    ] {
        let ok = json!({"ok": true});
        let script = on(Script::new(), "users.info").then(failure.clone()).reply(200, &ok);
        let script = on(script, "chat.postMessage").then(failure);
        let slack = connect(&script);
        slack.call::<Fields>("users.info", &json!({"user": "U1"})).await.unwrap();
        let error = slack
            .call::<Fields>("chat.postMessage", &json!({"channel": "C1", "text": "x"}))
            .await
            .unwrap_err();
        assert!(error.is_ambiguous(), "it may have been posted: {error:?}");
        script.assert_done();
    }
    // What did not arrive, or was not acted on, is sent again all the same.
    for failure in [Reply::refused(), Reply::status(429).header("retry-after", "3")] {
        let script = on(Script::new(), "chat.postMessage").then(failure).reply(200, json!({"ok": true}));
        connect(&script).call::<Fields>("chat.postMessage", &json!({"channel": "C1"})).await.unwrap();
        script.assert_done();
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_told_in_the_body_is_waited_for() {
    let limited = Reply::json(200, json!({"ok": false, "error": "rate_limited"})).header("retry-after", "9");
    let script = on(Script::new(), "chat.postMessage").then(limited).reply(200, json!({"ok": true}));
    connect(&script).call::<Fields>("chat.postMessage", &json!({"channel": "C1"})).await.unwrap();
    assert_eq!(script.requests()[1].at.as_secs(), 9);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_method_is_not_sent() {
    let script = Script::new();
    let slack = connect(&script);
    for name in ["", "../admin", "chat/post", "a..b", "chat.post?x=1", "https://evil.test/"] {
        let error = slack.call::<Fields>(name, &json!({})).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{name}");
    }
    assert!(script.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_check_says_who_and_where() {
    let tested = json!({"ok": true, "url": "https://acme.slack.com/", "team": "Acme", "user": "orion", "team_id": "T1", "user_id": "U1", "bot_id": "B1"});
    let script = on(Script::new(), "auth.test").reply(200, tested);
    let identity = connect(&script).check().await.unwrap();
    assert_eq!((&*identity.account, identity.user.as_deref()), ("T1", Some("U1")));
    assert_eq!(identity.name.as_deref(), Some("orion, Acme"));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_refused_ends_in_one_clear_error() {
    let script = on(Script::new(), "auth.test").reply(200, json!({"ok": false, "error": "invalid_auth"}));
    let error = connect(&script).check().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(!error.is_retryable() && !format!("{error}{error:?}").contains("planted"));
    script.assert_done();
}
