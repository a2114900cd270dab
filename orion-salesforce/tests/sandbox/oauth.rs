//! Every OAuth flow and what it refuses.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use url::Url;

use crate::support::{Answer, Form as _, Org, send};

const TOKEN: &str = "/services/oauth2/token";
const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-0123";

/// RSA keys made for these tests only.
const KEY: &str = include_str!("keys/signer.pem");
const PUBLIC: &str = include_str!("keys/signer.pub.pem");
const OTHER_KEY: &str = include_str!("keys/other.pem");

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()))
}

/// Opens the authorize page and answers where it sends the browser.
async fn authorize(org: &Org, extra: &[(&str, &str)]) -> Url {
    let mut url = Url::parse(&format!("{}/services/oauth2/authorize", org.sandbox.base_url())).unwrap();
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", org.sandbox.client_id())
        .append_pair("redirect_uri", "http://localhost:9999/cb")
        .append_pair("state", "s t/1")
        .extend_pairs(extra);
    let answer = send(org.http.get(url)).await;
    assert_eq!(answer.status, 302, "{}", answer.text);
    Url::parse(answer.header("location")).unwrap()
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

async fn exchange(org: &Org, code: &str, extra: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("client_id", org.sandbox.client_id()),
        ("client_secret", org.sandbox.client_secret()),
        ("redirect_uri", "http://localhost:9999/cb"),
        ("code", code),
    ];
    form.extend_from_slice(extra);
    org.form(TOKEN, &form).await
}

fn error(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.json()["error"].as_str().unwrap_or_default().to_owned())
}

async fn works(org: &Org, token: &str) -> bool {
    let url = format!("{}/services/data/v60.0/limits", org.sandbox.base_url());
    send(org.http.get(url).bearer_auth(token)).await.status == 200
}

#[tokio::test]
async fn a_code_with_pkce_gives_tokens_that_work_and_refresh() {
    let org = Org::start().await;
    // No method means S256.
    let back =
        authorize(&org, &[("code_challenge", &challenge()), ("scope", "api refresh_token openid")]).await;
    assert_eq!(parameter(&back, "state").as_deref(), Some("s t/1"));
    let code = parameter(&back, "code").unwrap();
    let answer = exchange(&org, &code, &[("code_verifier", VERIFIER)]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let body = answer.json();
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["instance_url"], org.sandbox.base_url());
    let id = body["id"].as_str().unwrap();
    assert!(id.ends_with(&format!("/id/{}/{}", org.sandbox.org_id(), org.sandbox.user_id())), "{id}");
    assert!(body["issued_at"].as_str().unwrap().parse::<i64>().is_ok());
    assert!(body["id_token"].as_str().unwrap().split('.').count() == 3);
    assert!(body.get("expires_in").is_none());
    assert!(works(&org, body["access_token"].as_str().unwrap()).await);

    let refresh = body["refresh_token"].as_str().unwrap();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh),
        ("client_id", org.sandbox.client_id()),
        // Some clients repeat the verifier here.
        ("code_verifier", VERIFIER),
    ];
    let refreshed = org.form(TOKEN, &form).await.json();
    assert!(refreshed.get("refresh_token").is_none());
    assert_ne!(refreshed["access_token"], body["access_token"]);
    assert!(works(&org, refreshed["access_token"].as_str().unwrap()).await);
}

#[tokio::test]
async fn a_code_is_refused_for_each_thing_that_can_be_wrong() {
    let org = Org::start().await;
    let challenge = challenge();
    let code = async || parameter(&authorize(&org, &[("code_challenge", &challenge)]).await, "code").unwrap();
    let wrong = exchange(&org, &code().await, &[("code_verifier", "wrong")]).await;
    assert_eq!(error(&wrong), (400, "invalid_request".into()));
    let missing = exchange(&org, &code().await, &[]).await;
    assert_eq!(error(&missing), (400, "invalid_grant".into()));
    let used = code().await;
    assert_eq!(exchange(&org, &used, &[("code_verifier", VERIFIER)]).await.status, 200);
    let again = exchange(&org, &used, &[("code_verifier", VERIFIER)]).await;
    assert_eq!(error(&again), (400, "invalid_grant".into()));
    assert_eq!(again.json()["error_description"], "expired authorization code");
    assert_eq!(error(&exchange(&org, "nonsense", &[]).await), (400, "invalid_grant".into()));
    let late = code().await;
    org.sandbox.advance(Duration::from_secs(15 * 60));
    assert_eq!(
        error(&exchange(&org, &late, &[("code_verifier", VERIFIER)]).await),
        (400, "invalid_grant".into())
    );
}

#[tokio::test]
async fn the_authorize_page_refuses_in_the_redirect_or_on_the_page() {
    let org = Org::start().await;
    let denied = authorize(&org, &[("deny", "1")]).await;
    assert_eq!(parameter(&denied, "error").as_deref(), Some("access_denied"));
    assert_eq!(parameter(&denied, "state").as_deref(), Some("s t/1"));
    let plain = authorize(&org, &[("code_challenge", "x"), ("code_challenge_method", "plain")]).await;
    assert_eq!(parameter(&plain, "error").as_deref(), Some("invalid_request"));
    let url = format!(
        "{}/services/oauth2/authorize?response_type=code&client_id={}&redirect_uri=https://evil.example/cb",
        org.sandbox.base_url(),
        org.sandbox.client_id(),
    );
    let page = send(org.http.get(url)).await;
    assert_eq!(page.status, 400);
    assert!(page.text.contains("redirect_uri_mismatch"));
}

#[tokio::test]
async fn client_credentials_come_in_a_basic_header_or_in_the_body() {
    let org = Org::start().await;
    let (id, secret) = (org.sandbox.client_id().to_owned(), org.sandbox.client_secret().to_owned());
    let body = [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &secret)];
    let in_body = org.form(TOKEN, &body).await.json();
    assert!(in_body.get("refresh_token").is_none());
    assert!(works(&org, in_body["access_token"].as_str().unwrap()).await);
    let url = format!("{}{TOKEN}", org.sandbox.base_url());
    let basic =
        org.http.post(&url).basic_auth(&id, Some(&secret)).form(&[("grant_type", "client_credentials")]);
    assert_eq!(send(basic).await.status, 200);
    let wrong = org.http.post(&url).basic_auth(&id, Some("no")).form(&[("grant_type", "client_credentials")]);
    assert_eq!(error(&send(wrong).await), (400, "invalid_client".into()));
    let unknown = [("grant_type", "client_credentials"), ("client_id", "no"), ("client_secret", &secret)];
    assert_eq!(error(&org.form(TOKEN, &unknown).await), (400, "invalid_client_id".into()));
    let grant = [("grant_type", "magic"), ("client_id", &id)];
    assert_eq!(error(&org.form(TOKEN, &grant).await), (400, "unsupported_grant_type".into()));
    assert_eq!(error(&org.get(TOKEN).await), (400, "invalid_request".into()));
}

#[tokio::test]
async fn the_password_flow_takes_the_password_with_and_without_the_token() {
    let trusted = Org::start().await;
    let strict = Org::with(|builder| builder.records(1).trusted_network(false)).await;
    for (org, bare) in [(&trusted, 200), (&strict, 400)] {
        let password = org.sandbox.password().to_owned();
        let with_token = format!("{password}{}", org.sandbox.security_token());
        for (given, status) in [(with_token.as_str(), 200), (&password, bare), ("wrong", 400)] {
            let form = [
                ("grant_type", "password"),
                ("client_id", org.sandbox.client_id()),
                ("client_secret", org.sandbox.client_secret()),
                ("username", org.sandbox.username()),
                ("password", given),
            ];
            let answer = org.form(TOKEN, &form).await;
            assert_eq!(answer.status, status, "{given} {}", answer.text);
            if status == 400 {
                assert_eq!(answer.json()["error_description"], "authentication failure");
            }
        }
    }
}

/// An assertion with `change` made to its claims.
fn assertion(org: &Org, key: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut claims = json!({
        "iss": org.sandbox.client_id(),
        "sub": org.sandbox.username(),
        "aud": "https://login.salesforce.com",
        "exp": (org.sandbox.now().timestamp() + 180).to_string(),
    });
    change(&mut claims);
    encode(&Header::new(Algorithm::RS256), &claims, &EncodingKey::from_rsa_pem(key.as_bytes()).unwrap())
        .unwrap()
}

async fn by_assertion(org: &Org, assertion: &str) -> Answer {
    let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    org.form(TOKEN, &[("grant_type", grant), ("assertion", assertion)]).await
}

#[tokio::test]
async fn a_jwt_is_checked_by_its_claims_and_once_registered_by_the_certificate() {
    let org = Org::start().await;
    assert_eq!(by_assertion(&org, &assertion(&org, OTHER_KEY, |_| {})).await.status, 200);
    let own =
        by_assertion(&org, &assertion(&org, KEY, |claims| claims["aud"] = json!(org.sandbox.base_url())))
            .await;
    assert_eq!(own.status, 200, "{}", own.text);
    for (name, value) in [
        ("sub", json!("nobody@example.com")),
        ("aud", json!("https://login.example.com")),
        ("exp", json!(org.sandbox.now().timestamp() - 1)),
        ("exp", Value::Null),
    ] {
        let answer = by_assertion(&org, &assertion(&org, KEY, |claims| claims[name] = value.clone())).await;
        assert_eq!(error(&answer), (400, "invalid_grant".into()), "{name} {value}");
    }
    let stranger = by_assertion(&org, &assertion(&org, KEY, |claims| claims["iss"] = json!("x"))).await;
    assert_eq!(error(&stranger), (400, "invalid_client_id".into()));
    assert_eq!(error(&by_assertion(&org, "not.a.jwt").await), (400, "invalid_grant".into()));

    let registered = org.post("/_sandbox/certificate", &json!({ "pem": PUBLIC })).await;
    assert_eq!(registered.status, 204, "{}", registered.text);
    assert_eq!(by_assertion(&org, &assertion(&org, KEY, |_| {})).await.status, 200);
    let forged = by_assertion(&org, &assertion(&org, OTHER_KEY, |_| {})).await;
    assert_eq!(error(&forged), (400, "invalid_grant".into()));
}

#[tokio::test]
async fn a_session_ends_by_timeout_and_by_revocation() {
    let org = Org::start().await;
    assert!(works(&org, &org.token).await);
    org.sandbox.advance(Duration::from_secs(2 * 60 * 60));
    let expired = org.get("limits").await;
    assert_eq!(expired.refusal(), (401, "INVALID_SESSION_ID".into()));
    assert_eq!(expired.json()[0]["message"], "Session expired or invalid");

    let refresh = org.sandbox.refresh_token().to_owned();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &refresh),
        ("client_id", org.sandbox.client_id()),
    ];
    let fresh = org.form(TOKEN, &form).await.json()["access_token"].as_str().unwrap().to_owned();
    assert!(works(&org, &fresh).await);
    assert_eq!(org.form("/services/oauth2/revoke", &[("token", &refresh)]).await.status, 200);
    assert!(!works(&org, &fresh).await);
    let dead = org.form(TOKEN, &form).await;
    assert_eq!(error(&dead), (400, "invalid_grant".into()));
    assert_eq!(dead.json()["error_description"], "expired access/refresh token");
    assert_eq!(
        error(&org.form("/services/oauth2/revoke", &[("token", "x")]).await),
        (400, "invalid_token".into())
    );
}

#[tokio::test]
async fn refresh_tokens_rotate_when_the_org_says_so() {
    let org = Org::with(|builder| builder.records(1).rotate_refresh_tokens(true)).await;
    let first = org.sandbox.refresh_token().to_owned();
    let form = |token| {
        [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", org.sandbox.client_id())]
    };
    let second = org.form(TOKEN, &form(&first)).await.json()["refresh_token"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    assert_eq!(error(&org.form(TOKEN, &form(&first)).await), (400, "invalid_grant".into()));
    assert_eq!(org.form(TOKEN, &form(&second)).await.status, 200);
}

#[tokio::test]
async fn identity_userinfo_introspection_and_discovery_agree() {
    let org = Org::start().await;
    let info = org.get("/services/oauth2/userinfo").await.json();
    assert_eq!(info["organization_id"], org.sandbox.org_id());
    assert_eq!(info["preferred_username"], org.sandbox.username());
    let path = format!("/id/{}/{}", org.sandbox.org_id(), org.sandbox.user_id());
    let identity = org.get(&path).await.json();
    assert_eq!(identity["username"], org.sandbox.username());
    assert_eq!(identity["email"], info["email"]);
    assert!(identity["urls"]["rest"].as_str().unwrap().contains("{version}"));
    let stranger = send(org.http.get(format!("{}{path}", org.sandbox.base_url())).bearer_auth("no")).await;
    assert_eq!((stranger.status.as_u16(), stranger.text.as_str()), (403, "Bad_OAuth_Token"));

    let form = [
        ("token", org.token.as_str()),
        ("client_id", org.sandbox.client_id()),
        ("client_secret", org.sandbox.client_secret()),
    ];
    let state = org.form("/services/oauth2/introspect", &form).await.json();
    assert_eq!((&state["active"], &state["username"]), (&json!(true), &json!(org.sandbox.username())));
    let other = [("token", "x"), form[1], form[2]];
    assert_eq!(org.form("/services/oauth2/introspect", &other).await.json(), json!({ "active": false }));
    let found = org.get("/.well-known/openid-configuration").await.json();
    assert_eq!(found["token_endpoint"], format!("{}{TOKEN}", org.sandbox.base_url()));
    assert_eq!(org.get("/id/keys").await.json()["keys"][0]["kty"], "EC");
}
