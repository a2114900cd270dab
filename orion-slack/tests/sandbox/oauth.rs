//! Authorize, exchange, refresh, revoke.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use url::Url;
use url::form_urlencoded::Serializer;

use crate::support::{Team, send};

const BACK: &str = "http://127.0.0.1:9/back";

/// The parameters that the authorize page sends back with.
async fn authorize(team: &Team, fields: &[(&str, &str)]) -> Result<Vec<(String, String)>, String> {
    let app = ("client_id", team.sandbox.client_id());
    let app = (!fields.iter().any(|(name, _)| *name == "client_id")).then_some(app);
    let query = Serializer::new(String::new()).extend_pairs(app).extend_pairs(fields).finish();
    let answer = send(team.plain(Method::GET, &format!("/oauth/v2/authorize?{query}"))).await;
    if answer.status != 302 {
        return Err(answer.text);
    }
    Ok(Url::parse(answer.header("location")).unwrap().query_pairs().into_owned().collect())
}

async fn code(team: &Team, fields: &[(&str, &str)]) -> String {
    let back = authorize(team, fields).await.unwrap();
    back.into_iter().find(|(name, _)| name == "code").unwrap().1
}

/// `oauth.v2.access` with the app's credentials in the form.
async fn access(team: &Team, fields: &[(&str, &str)]) -> Value {
    let app = [("client_id", team.sandbox.client_id()), ("client_secret", team.sandbox.client_secret())];
    let body = Serializer::new(String::new()).extend_pairs(app).extend_pairs(fields).finish();
    let request = team.plain(Method::POST, "/api/oauth.v2.access");
    send(request.header("content-type", "application/x-www-form-urlencoded").body(body)).await.json()
}

#[tokio::test]
async fn an_installation_gives_rotating_tokens_once() {
    let team = Team::start().await;
    let fields = [
        ("scope", "chat:write,users:read"),
        ("user_scope", "users:read"),
        ("state", "s1"),
        ("redirect_uri", BACK),
    ];
    let code = code(&team, &fields).await;
    let exchange = [("code", code.as_str()), ("redirect_uri", BACK)];
    assert_eq!(
        access(&team, &[("code", &code), ("redirect_uri", "http://127.0.0.1:9/x")]).await["error"],
        "bad_redirect_uri"
    );
    let tokens = access(&team, &exchange).await;
    assert!(tokens["access_token"].as_str().unwrap().starts_with("xoxe.xoxb-1-"), "{tokens}");
    assert!(tokens["refresh_token"].as_str().unwrap().starts_with("xoxe-1-"));
    assert_eq!((&tokens["expires_in"], &tokens["token_type"]), (&json!(43_200), &json!("bot")));
    assert_eq!(tokens["scope"], "chat:write,users:read");
    assert_eq!(tokens["authed_user"]["token_type"], "user");
    assert_eq!(access(&team, &exchange).await["error"], "code_already_used");
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(team.form_as(token, "auth.test", &[]).await.json()["user_id"], team.sandbox.bot_user_id());
}

#[tokio::test]
async fn a_user_only_installation_has_no_token_on_top() {
    let team = Team::start().await;
    let code = code(&team, &[("user_scope", "users:read"), ("redirect_uri", BACK)]).await;
    let tokens = access(&team, &[("code", &code), ("redirect_uri", BACK)]).await;
    assert_eq!(tokens["access_token"], json!(null));
    assert!(tokens["authed_user"]["access_token"].as_str().unwrap().starts_with("xoxe.xoxp-1-"));
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_a_token_for_twelve_hours() {
    let team = Team::start().await;
    let installed = team.sandbox.install();
    let refresh =
        async |token: &str| access(&team, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await;
    team.sandbox.advance(Duration::from_secs(43_201));
    let answer = team.form_as(&installed.access_token, "auth.test", &[]).await.json();
    assert_eq!(answer["error"], "token_expired");
    let next = refresh(&installed.refresh_token).await;
    let token = next["access_token"].as_str().unwrap();
    assert_eq!(team.form_as(token, "auth.test", &[]).await.json()["ok"], true);
    assert_eq!(refresh(&installed.refresh_token).await["error"], "invalid_refresh_token");
    assert_eq!(team.sandbox.reused_refresh_tokens(), 1);
    assert_eq!(refresh("xoxe-1-unknown").await["error"], "invalid_refresh_token");
    team.form_as(token, "auth.revoke", &[]).await;
    let dead = next["refresh_token"].as_str().unwrap();
    assert_eq!(refresh(dead).await["error"], "invalid_refresh_token");
}

#[tokio::test]
async fn a_lasting_token_is_exchanged_for_one_that_rotates() {
    let team = Team::start().await;
    let app = [("client_id", team.sandbox.client_id()), ("client_secret", team.sandbox.client_secret())];
    let answer = team.form("oauth.v2.exchange", &app).await.json();
    assert!(answer["access_token"].as_str().unwrap().starts_with("xoxe.xoxb-1-"), "{answer}");
    team.refused("auth.test", &[], "token_revoked").await;
}

#[tokio::test]
async fn a_challenge_has_to_be_answered_by_its_verifier() {
    let team = Team::start().await;
    let verifier = "a-verifier-of-forty-three-characters-or-more-1";
    let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
    let fields =
        [("scope", "chat:write"), ("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")];
    let code = code(&team, &fields).await;
    assert_eq!(
        access(&team, &[("code", &code), ("code_verifier", "other")]).await["error"],
        "invalid_code_verifier"
    );
    assert_eq!(access(&team, &[("code", &code)]).await["error"], "invalid_code_verifier");
    assert_eq!(access(&team, &[("code", &code), ("code_verifier", verifier)]).await["ok"], true);
    let plain = authorize(&team, &[("scope", "chat:write"), ("code_challenge", verifier)]).await;
    assert!(plain.unwrap_err().contains("invalid_code_challenge_method"));
}

#[tokio::test]
async fn the_page_refuses_what_the_app_may_not_ask() {
    let team = Team::start().await;
    for (fields, why) in [
        (vec![("client_id", "1.2"), ("scope", "chat:write")], "invalid_client_id"),
        (vec![("scope", "")], "invalid_scope"),
        (vec![("scope", "rule:world")], "invalid_scope"),
        (vec![("scope", "identify")], "invalid_scope"),
        (vec![("scope", "chat:write"), ("redirect_uri", "https://evil.example/cb")], "bad_redirect_uri"),
    ] {
        assert!(authorize(&team, &fields).await.unwrap_err().contains(why), "{fields:?}");
    }
    let denied = authorize(&team, &[("scope", "chat:write"), ("state", "s"), ("deny", "1")]).await.unwrap();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(denied, [pair("error", "access_denied"), pair("state", "s")]);
}

#[tokio::test]
async fn a_code_ends_after_ten_minutes() {
    let team = Team::start().await;
    let code = code(&team, &[("scope", "chat:write")]).await;
    team.sandbox.advance(Duration::from_secs(601));
    assert_eq!(access(&team, &[("code", &code)]).await["error"], "invalid_code");
}
