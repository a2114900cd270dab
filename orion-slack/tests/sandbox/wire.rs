//! How arguments and tokens come in, and what every answer carries.

use reqwest::Method;
use serde_json::json;

use crate::support::{Team, send};

#[tokio::test]
async fn a_token_comes_in_the_header_the_form_or_the_query() {
    let team = Team::start().await;
    let user = |answer: crate::support::Answer| answer.json()["user_id"].clone();
    let bot = json!(team.sandbox.bot_user_id());
    assert_eq!(user(team.form("auth.test", &[]).await), bot);
    let token = team.token.clone();
    let form = format!("token={token}");
    let request = team.plain(Method::POST, "/api/auth.test");
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(form.clone());
    assert_eq!(user(send(request).await), bot);
    assert_eq!(user(send(team.plain(Method::GET, &format!("/api/auth.test?{form}"))).await), bot);
    let request = team.plain(Method::POST, "/api/auth.test").header("content-type", "application/json");
    let answer = send(request.body(json!({ "token": token }).to_string())).await.json();
    assert_eq!(answer["error"], "not_authed");
}

#[tokio::test]
async fn auth_test_tells_whose_token_it_is() {
    let team = Team::start().await;
    let answer = team.form("auth.test", &[]).await;
    let body = answer.json();
    assert_eq!(body["team_id"], team.sandbox.team_id());
    assert_eq!(body["user_id"], team.sandbox.bot_user_id());
    assert!(body["bot_id"].as_str().unwrap().starts_with('B'));
    assert!(answer.header("x-oauth-scopes").contains("chat:write"));
    assert_eq!(answer.header("x-slack-req-id").len(), 32);
    let token = team.sandbox.user_token().to_owned();
    let body = team.form_as(&token, "auth.test", &[]).await.json();
    assert_eq!(body["user_id"], team.sandbox.user_id());
    assert_eq!(body["bot_id"], json!(null));
}

#[tokio::test]
async fn a_token_that_cannot_be_used_says_why() {
    let team = Team::start().await;
    let app = team.sandbox.app_token().to_owned();
    for (token, code) in [("xoxb-unknown", "invalid_auth"), (app.as_str(), "not_allowed_token_type")] {
        assert_eq!(team.form_as(token, "auth.test", &[]).await.json()["error"], code);
    }
    team.refused("apps.connections.open", &[], "not_allowed_token_type").await;
    let answer = team.refused("usergroups.create", &[("name", "x")], "missing_scope").await;
    assert_eq!(answer["needed"], "usergroups:write");
    assert!(answer["provided"].as_str().unwrap().contains("usergroups:read"));
    team.ok("auth.revoke", &[]).await;
    team.refused("auth.test", &[], "token_revoked").await;
}

#[tokio::test]
async fn a_method_that_takes_no_json_sees_none_of_it() {
    let team = Team::start().await;
    let user = team.sandbox.user_id();
    let answer = team.json("users.info", &json!({ "user": user })).await.json();
    assert_eq!(answer["error"], "invalid_arguments");
    assert_eq!(answer["response_metadata"]["messages"][0], "[ERROR] missing required field: user");
    assert_eq!(team.ok("users.info", &[("user", &user)]).await["user"]["name"], "ada");
}

#[tokio::test]
async fn bodies_that_are_not_what_they_say_are_refused() {
    let team = Team::start().await;
    for (kind, body, code) in [
        ("application/json", "{", "invalid_json"),
        ("application/json", "[]", "json_not_object"),
        ("text/plain", "a=1", "invalid_post_type"),
        ("multipart/form-data; boundary=x", "oops", "invalid_form_data"),
    ] {
        let request = team.plain(Method::POST, "/api/chat.postMessage").bearer_auth(&team.token);
        let answer = send(request.header("content-type", kind).body(body)).await.json();
        assert_eq!(answer["error"], code, "{kind}: {body}");
    }
    let request = team.plain(Method::POST, "/api/no.such").bearer_auth(&team.token);
    assert_eq!(send(request).await.json()["error"], "unknown_method");
}

#[tokio::test]
async fn a_charset_is_asked_for_in_json_and_only_there() {
    let team = Team::start().await;
    let request = team.plain(Method::POST, "/api/auth.test").bearer_auth(&team.token);
    let answer = send(request.header("content-type", "application/json").body("{}")).await.json();
    assert_eq!(answer["warning"], "missing_charset");
    assert_eq!(answer["response_metadata"]["warnings"], json!(["missing_charset"]));
    assert_eq!(team.json("auth.test", &json!({})).await.json()["warning"], json!(null));
}

#[tokio::test]
async fn structured_arguments_come_as_json_in_a_form_too() {
    let team = Team::start().await;
    let ops = team.channel("ops");
    let blocks = json!([{ "type": "divider" }]).to_string();
    let in_form = team.ok("chat.postMessage", &[("channel", &ops), ("blocks", &blocks), ("text", "t")]).await;
    assert_eq!(in_form["message"]["blocks"][0]["type"], "divider");
    let body = json!({ "channel": ops, "text": "t", "blocks": [{ "type": "divider" }] });
    let in_json = team.json("chat.postMessage", &body).await.json();
    assert_eq!(in_json["message"]["blocks"][0]["type"], "divider");
    let query = format!("/api/chat.postMessage?channel={ops}&text=by%20query");
    let by_query = send(team.plain(Method::GET, &query).bearer_auth(&team.token)).await.json();
    assert_eq!(by_query["message"]["text"], "by query");
}

#[tokio::test]
async fn the_log_and_the_clock_are_reached_over_http() {
    let team = Team::start().await;
    team.ok("auth.test", &[]).await;
    let log = send(team.plain(Method::GET, "/_sandbox/log")).await.json();
    assert_eq!(log["counts"]["POST auth.test"], 1);
    let before = team.sandbox.now();
    send(team.plain(Method::POST, "/_sandbox/clock").body(r#"{"advance_seconds": 7200}"#)).await;
    assert!((team.sandbox.now() - before).num_seconds() >= 7200);
    let truth = send(team.plain(Method::GET, "/_sandbox/truth?object=users")).await.json();
    assert_eq!(truth["count"], 60);
}
