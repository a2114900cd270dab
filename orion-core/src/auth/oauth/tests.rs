use std::collections::BTreeMap;

use chrono::TimeDelta;
use http::Method;
use oauth2::{PkceCodeChallenge, PkceCodeVerifier};
use serde_json::{Value, json};

use super::*;
use crate::{
    Retry,
    auth::{AccountKey, Authorize, Renew, Session},
    testing::{Events, Reply, START, Script, Seen, clock},
};

const TOKEN: &str = "/services/oauth2/token";

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn builder(script: &Script) -> OAuthBuilder {
    OAuth::builder("acme", url("https://login.acme.test/services/oauth2/token"), "client", script.clone())
        .client_secret("planted-secret".into(), ClientAuth::Basic)
        .authorize_url(url("https://login.acme.test/authorize?tenant=7"), url("https://host.test/callback"))
        .revoke_url(url("https://login.acme.test/services/oauth2/revoke"))
        .clock(clock())
}

fn granted() -> Value {
    json!({ "access_token": "planted-access", "refresh_token": "planted-refresh", "token_type": "Bearer",
            "instance_url": "https://eu1.acme.test", "expires_in": 3600 })
}

fn form(seen: &Seen) -> BTreeMap<String, String> {
    form_urlencoded::parse(&seen.body).into_owned().collect()
}

fn state(begun: &Begun) -> String {
    begun.pending.state().expose_secret().to_owned()
}

fn verifier(begun: &Begun) -> String {
    let written = begun.pending.expose();
    let mut parts = form_urlencoded::parse(written.expose_secret().as_bytes());
    parts.find(|(name, _)| name == "verifier").unwrap().1.into_owned()
}

#[test]
fn the_challenge_is_that_of_rfc_7636() {
    // Appendix B.
    let verifier = PkceCodeVerifier::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into());
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
    assert_eq!(challenge.as_str(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    assert_eq!(challenge.method().as_str(), "S256");
}

#[tokio::test(start_paused = true)]
async fn an_authorisation_begins_with_an_address_that_proves_who_asked() {
    let oauth =
        builder(&Script::new()).scopes(["api", "refresh_token"]).authorize_param("prompt", "login").build();
    let begun = oauth.begin().unwrap();
    let query: BTreeMap<String, String> = begun.authorize_url.query_pairs().into_owned().collect();
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(verifier(&begun)));
    assert_eq!(query["code_challenge"], challenge.as_str());
    assert_eq!(query["code_challenge_method"], "S256");
    assert_eq!(query["state"], state(&begun));
    assert_eq!(query["scope"], "api refresh_token");
    assert_eq!(query["redirect_uri"], "https://host.test/callback");
    assert_eq!((&*query["prompt"], &*query["tenant"], &*query["response_type"]), ("login", "7", "code"));
    let other = oauth.begin().unwrap();
    assert_ne!(state(&begun), state(&other));
    let shown = format!("{begun:?}{oauth:?}");
    assert!(!shown.contains(&state(&begun)) && !shown.contains(&verifier(&begun)), "{shown}");
}

#[tokio::test(start_paused = true)]
async fn an_authorisation_completes_from_what_was_kept() {
    let script = Script::new().on(Method::POST, TOKEN).reply(200, granted());
    let oauth = builder(&script).build();
    let begun = oauth.begin().unwrap();
    let kept = Pending::restore(&begun.pending.expose()).unwrap();
    let callback = format!("https://host.test/callback?code=c%2F1&state={}&realmId=42#x", state(&begun));
    let tokens = oauth.complete(&kept, &callback).await.unwrap();
    assert_eq!(tokens.access.expose_secret(), "planted-access");
    assert_eq!(tokens.refresh.unwrap().expose_secret(), "planted-refresh");
    assert_eq!(tokens.expires_at, Some(START + TimeDelta::hours(1)));
    assert_eq!(tokens.extra["instance_url"], "https://eu1.acme.test");
    assert_eq!(tokens.extra["callback.realmId"], "42");
    let sent = &script.requests()[0];
    let form = form(sent);
    assert_eq!(form["grant_type"], "authorization_code");
    assert_eq!((&*form["code"], &*form["redirect_uri"]), ("c/1", "https://host.test/callback"));
    assert_eq!(form["code_verifier"], verifier(&begun));
    assert_eq!(sent.headers["authorization"], "Basic Y2xpZW50OnBsYW50ZWQtc2VjcmV0");
    assert!(!form.contains_key("client_secret"));
    script.assert_done();
}

#[tokio::test(start_paused = true)]
async fn a_callback_that_is_no_consent_says_why() {
    let script = Script::new();
    let oauth = builder(&script).build();
    let begun = oauth.begin().unwrap();
    let state = state(&begun);
    for (callback, kind, code) in [
        (
            format!("error=access_denied&error_description=planted&state={state}"),
            ErrorKind::Auth,
            "access_denied",
        ),
        ("error=access_denied&state=other".into(), ErrorKind::Auth, "state_mismatch"),
        ("code=c".into(), ErrorKind::Auth, "state_mismatch"),
        ("?code=c&state=".into(), ErrorKind::Auth, "state_mismatch"),
        (format!("?state={state}"), ErrorKind::Malformed, ""),
    ] {
        let error = oauth.complete(&begun.pending, &callback).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{callback}");
        assert_eq!(error.fault().map_or("", |fault| &*fault.code), code, "{callback}");
        let shown = format!("{error}{error:?}");
        assert!(!shown.contains("planted") && !shown.contains(&state), "{shown}");
    }
    assert!(Pending::restore(&"something else".into()).is_err());
    script.assert_done();
}

#[tokio::test(start_paused = true)]
async fn a_callback_cannot_choose_where_tokens_are_sent() {
    let script = Script::new().on(Method::POST, TOKEN).reply(200, json!({ "access_token": "a" }));
    let oauth = builder(&script).build();
    let begun = oauth.begin().unwrap();
    let callback = format!("code=c&state={}&instance_url=https://evil.test", state(&begun));
    let tokens = oauth.complete(&begun.pending, &callback).await.unwrap();
    assert_eq!(tokens.extra.get("instance_url"), None);
}

#[tokio::test(start_paused = true)]
async fn a_code_is_sent_once_and_its_refusal_says_to_begin_again() {
    let script = Script::new()
        .on(Method::POST, TOKEN)
        .reply(400, json!({ "error": "invalid_grant", "error_description": "expired authorization code" }))
        .then(Reply::reset());
    let oauth = builder(&script).build();
    let begun = oauth.begin().unwrap();
    let callback = format!("code=c&state={}", state(&begun));
    let error = oauth.complete(&begun.pending, &callback).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Auth, Retry::Never));
    assert_eq!(
        error.to_string(),
        "acme token.code: the code is refused: it was used already or is too old; begin again"
    );
    assert_eq!(error.fault().unwrap().message(), "expired authorization code");
    let error = oauth.complete(&begun.pending, &callback).await.unwrap_err();
    assert!(error.is_ambiguous());
    script.assert_done();
}

#[tokio::test(start_paused = true)]
async fn a_refresh_keeps_what_the_vendor_does_not_repeat() {
    let script =
        Script::new().on(Method::POST, TOKEN).reply(200, json!({ "access_token": "new", "id": "i" }));
    let flow = builder(&script).build().flow(Grant::Refresh);
    let mut old = TokenSet::new("old").with_refresh("r").with_extra("instance_url", "https://eu1.acme.test");
    old.refresh_expires_at = Some(START + TimeDelta::days(100));
    let new = flow.renew(Some(&old)).await.unwrap();
    assert_eq!(new.refresh.unwrap().expose_secret(), "r");
    assert_eq!(new.refresh_expires_at, old.refresh_expires_at);
    assert_eq!((&*new.extra["instance_url"], &*new.extra["id"]), ("https://eu1.acme.test", "i"));
    assert_eq!(form(&script.requests()[0])["refresh_token"], "r");
}

#[tokio::test(start_paused = true)]
async fn each_reason_why_a_refresh_cannot_work_has_its_own_words() {
    let script = Script::new().on(Method::POST, TOKEN).reply(400, json!({ "error": "invalid_grant" }));
    let flow = builder(&script).build().flow(Grant::Refresh);
    let mut expired = TokenSet::new("a").with_refresh("r");
    expired.refresh_expires_at = Some(START);
    let without = TokenSet::new("a");
    let good = TokenSet::new("a").with_refresh("r");
    for (tokens, words) in [
        (None, "not authorised yet"),
        (Some(&without), "no refresh token"),
        (Some(&expired), "expired for good on 2026-01-01"),
        (Some(&good), "the refresh token is refused"),
    ] {
        let error = flow.renew(tokens).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth);
        assert!(error.to_string().contains(words), "{error}");
    }
    script.assert_done();
}

#[tokio::test(start_paused = true)]
async fn a_refresh_is_repeated_only_where_that_does_no_harm() {
    for (reusable, sent) in [(false, 1), (true, 3)] {
        let script = Script::new()
            .on(Method::POST, TOKEN)
            .then(Reply::reset())
            .reply(503, "busy")
            .reply(200, granted());
        let builder = builder(&script);
        let oauth = if reusable { builder.reusable_refresh().build() } else { builder.build() };
        let renewed = oauth.flow(Grant::Refresh).renew(Some(&TokenSet::new("a").with_refresh("r"))).await;
        assert_eq!((renewed.is_ok(), script.requests().len()), (reusable, sent));
        assert!(renewed.is_ok() || renewed.unwrap_err().is_ambiguous());
    }
    // No connection, or a refusal to act: it was not carried out, so even a rotating token may be sent again.
    let script = Script::new()
        .on(Method::POST, TOKEN)
        .then(Reply::refused())
        .then(Reply::status(429).header("retry-after", "1"))
        .reply(200, granted());
    let flow = builder(&script).build().flow(Grant::Refresh);
    flow.renew(Some(&TokenSet::new("a").with_refresh("r"))).await.unwrap();
    script.assert_done();
}

#[tokio::test(start_paused = true)]
async fn client_credentials_go_where_the_vendor_wants_them() {
    let script = Script::new().on(Method::POST, TOKEN).reply(200, granted()).times(2);
    let tokens = builder(&script).build().flow(Grant::ClientCredentials).renew(None).await.unwrap();
    assert!(tokens.refresh.is_none());
    let body = builder(&script).client_secret("s&x".into(), ClientAuth::Body).scopes(["a", "b"]).build();
    body.flow(Grant::ClientCredentials).renew(None).await.unwrap();
    let (basic, body) = (&script.requests()[0], &script.requests()[1]);
    assert!(basic.has_header("authorization") && !body.has_header("authorization"));
    assert_eq!(form(basic)["grant_type"], "client_credentials");
    let sent = form(body);
    assert_eq!((&*sent["client_id"], &*sent["client_secret"], &*sent["scope"]), ("client", "s&x", "a b"));
    assert_eq!(body.headers["accept"], "application/json");
}

#[tokio::test(start_paused = true)]
async fn an_assertion_is_signed_and_good_for_three_minutes() {
    let script = Script::new().on(Method::POST, TOKEN).reply(200, granted());
    let key = SecretString::from(include_str!("testdata/rsa-test-key.pem"));
    let jwt = JwtBearer::new(key, "client", "joe@acme.test", "https://login.acme.test").unwrap();
    let oauth = OAuth::builder(
        "acme",
        url("https://login.acme.test/services/oauth2/token"),
        "client",
        script.clone(),
    );
    oauth.clock(clock()).build().flow(Grant::Jwt(jwt)).renew(None).await.unwrap();
    let form = form(&script.requests()[0]);
    assert_eq!(form["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let public =
        jsonwebtoken::DecodingKey::from_rsa_pem(include_bytes!("testdata/rsa-test-key.pub.pem")).unwrap();
    let mut checks = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    checks.set_audience(&["https://login.acme.test"]);
    // The clock of the test stands in the past of the machine's; `exp` is compared by hand.
    checks.validate_exp = false;
    let claims =
        jsonwebtoken::decode::<BTreeMap<String, Value>>(&form["assertion"], &public, &checks).unwrap().claims;
    let expected = json!({ "iss": "client", "sub": "joe@acme.test", "aud": "https://login.acme.test",
                           "exp": START.timestamp() + 180 });
    assert_eq!(serde_json::to_value(claims).unwrap(), expected);
}

#[test]
fn a_key_that_is_none_is_refused_at_once_and_not_shown() {
    for key in ["", "planted", "-----BEGIN RSA PRIVATE KEY-----\nplanted\n-----END RSA PRIVATE KEY-----\n"] {
        let error = JwtBearer::new(key.into(), "i", "s", "a").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{key}");
        assert!(!format!("{error}{error:?}").contains("planted"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_password_is_sent_in_the_body_and_shown_nowhere() {
    let script = Script::new()
        .on(Method::POST, TOKEN)
        .reply(400, json!({ "error": "invalid_grant", "error_description": "authentication failure" }));
    let grant = Grant::Password { username: "joe".into(), password: "planted+token".into() };
    let flow = builder(&script).build().flow(grant);
    let error = flow.renew(None).await.unwrap_err();
    assert!(error.to_string().contains("security token"), "{error}");
    assert_eq!(form(&script.requests()[0])["password"], "planted+token");
    assert!(!format!("{flow:?}{error:?}").contains("planted"));
}

#[tokio::test(start_paused = true)]
async fn revoking_a_token_that_is_gone_is_no_error() {
    let script = Script::new()
        .on(Method::POST, "/services/oauth2/revoke")
        .then(Reply::status(200))
        .reply(400, json!({ "error": "invalid_token" }))
        .reply(401, json!({ "error": "invalid_client" }));
    let oauth = builder(&script).build();
    oauth.revoke(&"planted-token".into()).await.unwrap();
    oauth.revoke(&"planted-token".into()).await.unwrap();
    assert_eq!(oauth.revoke(&"planted-token".into()).await.unwrap_err().kind(), ErrorKind::Config);
    assert_eq!(form(&script.requests()[0])["token"], "planted-token");
}

#[tokio::test(start_paused = true)]
async fn userinfo_says_who_and_debug_does_not() {
    let who = json!({ "sub": "005", "name": "Joe Planted", "email": "planted@acme.test", "organization_id": "00D" });
    let script = Script::new().on(Method::GET, "/services/oauth2/userinfo").reply(200, who);
    let client = Client::builder("acme", url("https://acme.test/"), script).build();
    let who = userinfo(&client, "/services/oauth2/userinfo").await.unwrap();
    assert_eq!((&*who.sub, who.name.as_deref()), ("005", Some("Joe Planted")));
    assert_eq!(who.extra.text("organization_id"), Some("00D"));
    assert!(!format!("{who:?}").to_lowercase().contains("planted"));
}

#[tokio::test(start_paused = true)]
async fn a_session_sends_requests_to_the_host_of_the_account_only() {
    let script = Script::new()
        .on(Method::POST, TOKEN)
        .reply(200, granted())
        .on(Method::GET, "https://eu1.acme.test/data")
        .reply(200, "ok");
    let flow = builder(&script).build().flow(Grant::ClientCredentials);
    let base = url("https://login.acme.test/");
    let session = Session::builder(flow, AccountKey::new("acme", "1"), &base).clock(clock()).build();
    let client = Client::builder("acme", base, script.clone()).authorize(Arc::new(session)).build();
    client.get("/data", "data").send().await.unwrap();
    assert_eq!(script.requests()[1].headers["authorization"], "Bearer planted-access");
    let error = client.get("https://evil.test/data", "data").send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
    script.assert_done();
}

#[tokio::test(start_paused = true)]
async fn no_planted_secret_is_shown_by_errors_debug_or_events() {
    let script = Script::new()
        .on(Method::POST, TOKEN)
        .reply(200, granted())
        .reply(400, json!({ "error": "invalid_grant", "error_description": "planted-description" }))
        .on(Method::GET, "/data")
        .always(Reply::json(401, "planted-body"));
    let events = Events::new();
    let observers = events.observers();
    let oauth = builder(&script).observers(observers.clone()).build();
    let begun = oauth.begin().unwrap();
    let tokens =
        oauth.complete(&begun.pending, &format!("code=planted-code&state={}", state(&begun))).await.unwrap();
    let base = url("https://login.acme.test/");
    let builder = Session::builder(oauth.flow(Grant::Refresh), AccountKey::new("acme", "1"), &base);
    let mut shown = format!("{oauth:?}{begun:?}{tokens:?}{builder:?}");
    let session = builder.clock(clock()).observers(observers.clone()).build();
    session.save(tokens).await.unwrap();
    let client = Client::builder("acme", base, script.clone())
        .authorize(Arc::new(session.clone()))
        .observers(observers)
        .build();
    let error = client.get("/data?planted-query", "data").send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    let mut request = Request::new(Method::GET, url("https://eu1.acme.test/data?planted-query"), "data");
    session.authorize(&mut request).await.unwrap();
    shown +=
        &format!("{error}{error:?}{session:?}{request:?}{:?}{client:?}{:?}", request.headers, events.all());
    assert!(!shown.contains("planted"), "{shown}");
    script.assert_done();
}
