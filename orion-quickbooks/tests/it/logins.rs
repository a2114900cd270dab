//! Logging in: the first time, again and again, and no more.

use std::{sync::Arc, time::Duration};

use http::Method;
use orion_core::{
    Adapter, ErrorKind,
    testing::{self, Reply, Script},
};
use orion_quickbooks::{Endpoints, TokenProblem};
use serde_json::{Value, json};

use crate::support::{REALM, builder, oauth, store};

const TOKEN: &str = "/oauth2/v1/tokens/bearer";

/// The answer of the token endpoint (seen in Intuit's client libraries and their tests).
fn tokens(number: u32) -> Value {
    json!({
        "token_type": "bearer",
        "access_token": format!("planted-access-{number}"),
        "refresh_token": format!("planted-refresh-{number}"),
        "expires_in": 3600,
        "x_refresh_token_expires_in": 8_726_400,
        "x_refresh_token_hard_expires_in": 157_680_000,
    })
}

fn company() -> Value {
    json!({ "CompanyInfo": { "CompanyName": "Sandbox Company_US_1", "Id": "1" }, "time": "2026-01-01T00:00:00.000-08:00" })
}

#[tokio::test(start_paused = true)]
async fn a_login_brings_tokens_and_names_the_company() {
    let script = Script::new()
        .on(Method::POST, TOKEN)
        .reply(200, tokens(1))
        .on(Method::GET, &format!("/v3/company/{REALM}/companyinfo/{REALM}"))
        .query("minorversion", "75")
        .reply(200, company());
    let mut config = oauth(None);
    config.realm_id.clear();
    let quickbooks = builder(config, script.clone()).build().unwrap();

    let begun = quickbooks.login().begin().unwrap();
    let query: Vec<(String, String)> = begun.authorize_url.query_pairs().into_owned().collect();
    let param = |name: &str| query.iter().find(|(have, _)| have == name).map(|(_, value)| value.clone());
    assert!(param("scope").unwrap().contains("com.intuit.quickbooks.accounting"));
    assert_eq!(param("redirect_uri").unwrap(), "https://host.example/callback");

    let state = param("state").unwrap();
    let callback = format!("https://host.example/callback?code=AB1&state={state}&realmId={REALM}");
    assert_eq!(quickbooks.login().complete(&begun.pending, &callback).await.unwrap(), REALM);
    let identity = quickbooks.check().await.unwrap();
    assert_eq!((&*identity.account, identity.name.as_deref()), (REALM, Some("Sandbox Company_US_1")));
    let request = &script.requests()[0];
    assert!(request.headers["authorization"].to_str().unwrap().starts_with("Basic "));
    assert_eq!(request.headers["x-include-refresh-token-hard-expires-in"], "true");
    script.assert_done();
}

#[tokio::test(start_paused = true)]
async fn a_login_for_no_company_is_refused() {
    let script = Script::new().on(Method::POST, TOKEN).reply(200, tokens(1));
    let quickbooks = builder(oauth(None), script).build().unwrap();
    let begun = quickbooks.login().begin().unwrap();
    let query: Vec<(String, String)> = begun.authorize_url.query_pairs().into_owned().collect();
    let state = &query.iter().find(|(name, _)| name == "state").unwrap().1;
    let callback = format!("?code=AB1&state={state}&realmId=..%2F1");
    let error = quickbooks.login().complete(&begun.pending, &callback).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Malformed);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_at_once_renew_once_and_two_workers_renew_once_between_them() {
    let script = Script::new()
        .on(Method::POST, TOKEN)
        .respond_with(|_| Reply::json(200, tokens(2)))
        .on(Method::GET, "/v3/company/*/companyinfo/*")
        .respond_with(|_| Reply::json(200, company()));
    let store = store();
    let worker = || {
        let throttle = orion_quickbooks::Throttle::none();
        let builder = builder(oauth(Some("planted-refresh-1")), script.clone()).throttle(throttle);
        builder.tokens(Arc::clone(&store)).build().unwrap()
    };
    let (one, other) = (worker(), worker());
    let calls = (0..1000).map(|number| if number % 2 == 0 { one.check() } else { other.check() });
    for result in futures::future::join_all(calls).await {
        result.unwrap();
    }
    let renewals = script.requests().iter().filter(|seen| seen.path() == TOKEN).count();
    assert_eq!(renewals, 1);
}

#[tokio::test(start_paused = true)]
async fn the_ends_of_a_login_are_told_apart() {
    // Revoked, or replaced by a token that was not kept: Intuit says the same of both, at times without a description.
    let script =
        Script::new().on(Method::POST, TOKEN).always(Reply::json(400, json!({ "error": "invalid_grant" })));
    let quickbooks = builder(oauth(Some("planted-refresh-1")), script.clone()).build().unwrap();
    let error = quickbooks.check().await.unwrap_err();
    assert_eq!((error.kind(), TokenProblem::of(&error)), (ErrorKind::Auth, Some(TokenProblem::Revoked)));

    // Five years after the consent; the vendor is not even asked.
    let script = Script::new()
        .on(Method::POST, TOKEN)
        .reply(200, tokens(1))
        .on(Method::GET, "/v3/company/*/companyinfo/*")
        .reply(200, company())
        // The configured token is another than the stored one, so it is tried before the account is given up.
        .on(Method::POST, TOKEN)
        .reply(400, json!({ "error": "invalid_grant" }));
    let quickbooks = builder(oauth(Some("planted-refresh-0")), script.clone()).build().unwrap();
    quickbooks.check().await.unwrap();
    tokio::time::advance(Duration::from_secs(8_726_400)).await;
    let error = quickbooks.check().await.unwrap_err();
    assert_eq!(TokenProblem::of(&error), Some(TokenProblem::ExpiredForGood), "{error:?}");
    assert!(!format!("{error}{error:?}").contains("planted"));
    script.assert_done();

    let rotated = orion_core::Error::new(ErrorKind::Rotated, "another worker");
    assert_eq!(TokenProblem::of(&rotated), Some(TokenProblem::RotatedElsewhere));
}

#[tokio::test(start_paused = true)]
async fn revoking_ends_the_login_and_forgets_it() {
    let script = Script::new()
        .on(Method::POST, TOKEN)
        .reply(200, tokens(1))
        .on(Method::POST, "/v2/oauth2/tokens/revoke")
        .reply(200, "")
        .on(Method::POST, TOKEN)
        .reply(400, json!({ "error": "invalid_grant" }));
    let quickbooks = builder(oauth(Some("planted-refresh-0")), script.clone()).build().unwrap();
    quickbooks.login().revoke().await.unwrap();
    let body = script.requests()[1].body.clone();
    assert_eq!(&body[..], b"token=planted-refresh-1");
    let error = quickbooks.check().await.unwrap_err();
    assert_eq!(TokenProblem::of(&error), Some(TokenProblem::Revoked));
}

#[tokio::test(start_paused = true)]
async fn the_person_is_asked_for_on_their_own_host_and_endpoints_are_discovered() {
    // Keys of the document and of the answer as in Intuit's client libraries.
    let document = json!({
        "issuer": "https://oauth.platform.intuit.com/op/v1",
        "authorization_endpoint": "https://discovered.test/connect/oauth2",
        "token_endpoint": "https://discovered.test/token",
        "userinfo_endpoint": "https://accounts.test/userinfo",
        "revocation_endpoint": "https://discovered.test/revoke",
        "scopes_supported": ["openid"],
    });
    let person =
        json!({ "sub": "1-a", "email": "planted@acme.test", "givenName": "Ada", "emailVerified": true });
    let script = Script::new()
        .on(Method::GET, "https://developer.test/.well-known/openid_configuration/")
        .reply(200, document)
        .on(Method::POST, "https://discovered.test/token")
        .reply(200, tokens(1))
        .on(Method::GET, "https://accounts.test/userinfo")
        .reply(200, person);
    let url = "https://developer.test/.well-known/openid_configuration/".parse().unwrap();
    let endpoints = Endpoints::discover(Arc::new(script.clone()), &url).await.unwrap();
    let config = oauth(Some("planted-refresh-0")).endpoints(endpoints);
    let quickbooks = builder(config, script.clone()).clock(testing::clock()).build().unwrap();
    let user = quickbooks.login().userinfo().await.unwrap();
    assert_eq!((&*user.sub, user.given_name.as_deref()), ("1-a", Some("Ada")));
    assert!(!format!("{user:?}{:?}", quickbooks).contains("planted"));
    let bearer = &script.requests()[2].headers["authorization"];
    assert_eq!(bearer, "Bearer planted-access-1");
    script.assert_done();
}
