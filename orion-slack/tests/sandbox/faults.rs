//! Failures on demand.

use orion_core::sandbox::{Fault, FaultKind};
use serde_json::json;

use crate::support::Team;

#[tokio::test]
async fn a_post_can_be_kept_and_its_answer_lost() {
    let team = Team::start().await;
    let ops = team.channel("ops");
    team.sandbox.inject(Fault::new(FaultKind::DropAfterCommit).on("chat.postMessage").count(1));
    let url = team.url("/api/chat.postMessage");
    let request = team.http.post(url).bearer_auth(&team.token).header("content-type", "application/json");
    let lost = request.body(json!({ "channel": ops, "text": "once" }).to_string()).send().await;
    assert!(lost.is_err());
    let history = team.ok("conversations.history", &[("channel", &ops), ("limit", "1")]).await;
    assert_eq!(history["messages"][0]["text"], "once");
}

#[tokio::test]
async fn errors_of_the_vendors_own_come_in_its_envelope() {
    let team = Team::start().await;
    for (kind, code) in [
        ("internal_error", "internal_error"),
        ("fatal_error", "fatal_error"),
        ("ratelimited_body", "rate_limited"),
        ("token_expired", "token_expired"),
        ("token_revoked", "token_revoked"),
        ("invalid_cursor", "invalid_cursor"),
    ] {
        team.sandbox.inject(Fault::new(FaultKind::vendor(kind)).on("users.list").count(1));
        team.refused("users.list", &[("limit", "5")], code).await;
        team.sandbox.clear_faults();
    }
    team.ok("users.list", &[("limit", "5")]).await;
}

#[tokio::test]
async fn a_server_error_is_plain_text() {
    let team = Team::start().await;
    team.sandbox.inject(Fault::new(FaultKind::ServerError).count(1));
    let answer = team.form("auth.test", &[]).await;
    assert_eq!((answer.status, answer.text.as_str()), (500, "Internal Server Error"));
    assert_eq!(team.sandbox.injected()[&FaultKind::ServerError], 1);
}

#[tokio::test]
async fn rotating_tokens_expire_on_demand_and_lasting_ones_do_not() {
    let team = Team::start().await;
    let installed = team.sandbox.install();
    team.sandbox.expire_access_tokens();
    let answer = team.form_as(&installed.access_token, "auth.test", &[]).await.json();
    assert_eq!(answer["error"], "token_expired");
    team.ok("auth.test", &[]).await;
    team.sandbox.revoke_tokens();
    team.refused("auth.test", &[], "token_revoked").await;
}
