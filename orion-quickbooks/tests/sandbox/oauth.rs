//! Tokens from the authorize page to their revocation.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::{Value, json};
use url::Url;

use crate::support::{Books, with_query};

const TOKEN: &str = "/oauth2/v1/tokens/bearer";
const REVOKE: &str = "/v2/oauth2/tokens/revoke";
const CALLBACK: &str = "http://127.0.0.1:9/back";

/// What the authorize page sends back.
async fn allowed(books: &Books, more: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut parameters = vec![
        ("client_id", books.sandbox.client_id()),
        ("response_type", "code"),
        ("scope", "com.intuit.quickbooks.accounting openid email"),
        ("redirect_uri", CALLBACK),
        ("state", "a state"),
    ];
    parameters.extend(more);
    let answer = books.get(&with_query("/connect/oauth2", &parameters)).await;
    assert_eq!(answer.status, 302);
    let back = Url::parse(answer.header("location")).unwrap();
    assert!(back.as_str().starts_with(CALLBACK));
    back.query_pairs().into_owned().collect()
}

fn named<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

async fn exchanged(books: &Books, code: &str, more: &[(&str, &str)]) -> Value {
    let mut fields = vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
    fields.extend(more);
    books.form(TOKEN, &fields).await.json()
}

async fn refreshed(books: &Books, token: &str) -> Value {
    books.form(TOKEN, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await.json()
}

#[tokio::test]
async fn a_code_gives_tokens_once_and_an_id_token_that_verifies() {
    let mut books = Books::start().await;
    let back = allowed(&books, &[("nonce", "n1")]).await;
    assert_eq!((named(&back, "state"), named(&back, "realmId")), ("a state", books.sandbox.realm_id()));
    let tokens = exchanged(&books, named(&back, "code"), &[]).await;
    assert_eq!((&tokens["expires_in"], &tokens["token_type"]), (&json!(3600), &json!("bearer")));
    assert_eq!(tokens["x_refresh_token_expires_in"], 8_726_400);
    assert!(tokens.get("x_refresh_token_hard_expires_in").is_none());
    let id_token = tokens["id_token"].as_str().unwrap();
    let keys = books.get("/op/v1/jwks").await.json()["keys"][0].clone();
    let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let key = RsaPublicKeyComponents {
        n: decoded(keys["n"].as_str().unwrap()),
        e: decoded(keys["e"].as_str().unwrap()),
    };
    let (message, signature) = id_token.rsplit_once('.').unwrap();
    key.verify(&RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), &decoded(signature)).unwrap();
    let claims: Value = serde_json::from_slice(&decoded(message.split_once('.').unwrap().1)).unwrap();
    assert_eq!((&claims["nonce"], &claims["aud"][0]), (&json!("n1"), &json!(books.sandbox.client_id())));
    assert_eq!(exchanged(&books, named(&back, "code"), &[]).await["error"], "invalid_grant");
    tokens["access_token"].as_str().unwrap().clone_into(&mut books.token);
    let user = books.get("/v1/openid_connect/userinfo").await.json();
    assert_eq!((&user["email"], user.get("phoneNumber")), (&json!("ada.byron@example.com"), None));
    assert_eq!(books.get("customer/1").await.status, 200);
}

#[tokio::test]
async fn a_code_with_a_challenge_needs_its_verifier() {
    // The pair of RFC 7636, appendix B.
    let challenge = [("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")];
    let books = Books::start().await;
    for (verifier, works) in [("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", true), ("another", false)] {
        let back = allowed(&books, &challenge).await;
        let tokens = exchanged(&books, named(&back, "code"), &[("code_verifier", verifier)]).await;
        assert_eq!(tokens.get("access_token").is_some(), works, "{tokens}");
    }
}

#[tokio::test]
async fn a_refusal_goes_back_and_a_strange_address_gets_nothing() {
    let books = Books::start().await;
    let back = allowed(&books, &[("deny", "1")]).await;
    assert_eq!((named(&back, "error"), named(&back, "code")), ("access_denied", ""));
    let parameters =
        [("client_id", books.sandbox.client_id()), ("redirect_uri", "https://elsewhere.example/")];
    assert_eq!(books.get(&with_query("/connect/oauth2", &parameters)).await.status, 400);
    assert_eq!(named(&allowed(&books, &[]).await, "error"), "");
}

#[tokio::test]
async fn a_grant_ends_five_years_after_it_began() {
    let books = Books::start().await;
    let mut token = books.sandbox.refresh_token().to_owned();
    let mut rounds = 0;
    let refused = loop {
        let answer = refreshed(&books, &token).await;
        let Some(next) = answer["refresh_token"].as_str() else { break answer };
        next.clone_into(&mut token);
        rounds += 1;
        books.sandbox.advance(Duration::from_secs(100 * 86_400));
    };
    assert_eq!((&refused["error"], rounds), (&json!("invalid_grant"), 19));
}

#[tokio::test]
async fn a_strict_sandbox_notices_a_refresh_token_that_is_used_twice() {
    let books = Books::with(|builder| builder.rotate_refresh_tokens(true).replay_revokes(true)).await;
    let first = books.sandbox.refresh_token();
    let next = refreshed(&books, first).await["refresh_token"].as_str().unwrap().to_owned();
    assert_ne!(next, first);
    let replayed = refreshed(&books, first).await;
    assert_eq!(replayed["error_description"], "Incorrect or invalid refresh token");
    assert_eq!(refreshed(&books, &next).await["error"], "invalid_grant");
    assert_eq!(books.get("customer/1").await.status, 401);
}

#[tokio::test]
async fn either_token_revokes_and_both_bodies_are_read() {
    for as_json in [true, false] {
        let books = Books::start().await;
        let token = if as_json { books.sandbox.access_token() } else { books.sandbox.refresh_token() };
        let answer = if as_json {
            let app = format!("{}:{}", books.sandbox.client_id(), books.sandbox.client_secret());
            let app = base64::engine::general_purpose::STANDARD.encode(app);
            let request = http::Request::post(format!("{}{REVOKE}", books.sandbox.base_url()))
                .header("authorization", format!("Basic {app}"))
                .header("content-type", "application/json");
            crate::support::sent(request, json!({ "token": token }).to_string()).await.unwrap()
        } else {
            books.form(REVOKE, &[("token", token)]).await
        };
        assert_eq!((answer.status.as_u16(), answer.bytes.len()), (200, 0));
        assert_eq!(books.form(REVOKE, &[("token", token)]).await.status, 400);
        assert!(books.get("customer/1").await.text().contains("Token revoked"));
        assert_eq!(refreshed(&books, books.sandbox.refresh_token()).await["error"], "invalid_grant");
    }
}

#[tokio::test]
async fn the_hard_expiry_is_told_to_those_who_ask() {
    use crate::support::sent;
    let books = Books::start().await;
    books.sandbox.advance(Duration::from_secs(86_400));
    let app = format!("{}:{}", books.sandbox.client_id(), books.sandbox.client_secret());
    let app = base64::engine::general_purpose::STANDARD.encode(app);
    let request = http::Request::post(format!("{}{TOKEN}", books.sandbox.base_url()))
        .header("authorization", format!("Basic {app}"))
        .header("x-include-refresh-token-hard-expires-in", "true");
    let body = format!("grant_type=refresh_token&refresh_token={}", books.sandbox.refresh_token());
    let tokens = sent(request, body).await.unwrap().json();
    let left = tokens["x_refresh_token_hard_expires_in"].as_i64().unwrap();
    assert!((5 * 365 - 2..5 * 365).contains(&(left / 86_400)), "{left}");
}

#[tokio::test]
async fn an_app_with_a_wrong_secret_is_no_client() {
    let books = Books::start().await;
    let fields = [
        ("client_id", books.sandbox.client_id()),
        ("client_secret", "wrong"),
        ("grant_type", "refresh_token"),
        ("refresh_token", books.sandbox.refresh_token()),
    ];
    let request = http::Request::post(format!("{}{TOKEN}", books.sandbox.base_url()));
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let answer = crate::support::sent(request, body).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.text()), (401, r#"{"error":"invalid_client"}"#.to_owned()));
}

#[tokio::test]
async fn the_discovery_document_has_the_twelve_keys() {
    let books = Books::start().await;
    for path in ["/.well-known/openid_configuration/", "/.well-known/openid_sandbox_configuration"] {
        let document = books.get(path).await.json();
        assert_eq!(document.as_object().unwrap().len(), 12);
        let endpoint = document["token_endpoint"].as_str().unwrap();
        assert_eq!(endpoint, format!("{}{TOKEN}", books.sandbox.base_url()));
    }
}
