//! The web-server flow: a person consents in a browser.

use orion_core::{Adapter, ErrorKind, auth::Pending};
use orion_salesforce::Salesforce;
use url::Url;

use super::{memory, refresh, sharing, token_calls};
use crate::support::{Org, code, connected};

/// Where Salesforce sends the browser that opens this address.
pub(crate) async fn browse(url: &Url) -> String {
    provider();
    let client =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
    let answer = client.get(url.clone()).send().await.unwrap();
    assert_eq!(answer.status(), 302);
    answer.headers()["location"].to_str().unwrap().to_owned()
}

fn provider() {
    // reqwest is built without a provider of its own; the first test to come installs one.
    let _installed = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
}

async fn consented(salesforce: &Salesforce) -> (Pending, String) {
    let begun = salesforce.login().begin().unwrap();
    let callback = browse(&begun.authorize_url).await;
    (begun.pending, callback)
}

#[tokio::test]
async fn a_person_s_consent_becomes_tokens_that_last() {
    let org = Org::start().await;
    let store = memory();
    let salesforce = sharing(refresh(&org.sandbox, None), &store);
    assert_eq!(salesforce.check().await.unwrap_err().kind(), ErrorKind::Auth);
    let begun = salesforce.login().begin().unwrap();
    let asked: Vec<String> = begun.authorize_url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    for name in [
        "response_type",
        "client_id",
        "redirect_uri",
        "state",
        "code_challenge",
        "code_challenge_method",
        "scope",
    ] {
        assert!(asked.iter().any(|have| have == name), "{asked:?}");
    }
    let (pending, callback) = consented(&salesforce).await;
    assert!(callback.starts_with("http://localhost:9999/cb?"), "{callback}");
    // The two halves may be served by different processes.
    let pending = Pending::restore(&pending.expose()).unwrap();
    salesforce.login().complete(&pending, &callback).await.unwrap();
    assert_eq!(salesforce.check().await.unwrap().account, org.sandbox.org_id());
    // A later process has the tokens from the store, and the refresh token among them.
    org.sandbox.expire_access_tokens();
    let later = sharing(refresh(&org.sandbox, None), &store);
    later.limits().await.unwrap();
}

#[tokio::test]
async fn an_answer_that_belongs_to_another_login_is_refused() {
    let org = Org::start().await;
    let salesforce = connected(refresh(&org.sandbox, None));
    let (pending, callback) = consented(&salesforce).await;
    let (other, _) = consented(&salesforce).await;
    let error = salesforce.login().complete(&other, &callback).await.unwrap_err();
    assert_eq!((error.kind(), code(&error)), (ErrorKind::Auth, "state_mismatch"));
    salesforce.login().complete(&pending, &callback).await.unwrap();
    let again = salesforce.login().complete(&pending, &callback).await.unwrap_err();
    assert_eq!((again.kind(), code(&again)), (ErrorKind::Auth, "invalid_grant"));
    assert!(again.to_string().contains("begin again"), "{again}");
    salesforce.limits().await.unwrap();
}

#[tokio::test]
async fn a_person_who_refuses_and_a_code_that_is_too_old_are_told_apart() {
    let org = Org::start().await;
    let salesforce = connected(refresh(&org.sandbox, None));
    let begun = salesforce.login().begin().unwrap();
    let mut denied = begun.authorize_url.clone();
    denied.query_pairs_mut().append_pair("deny", "1");
    let callback = browse(&denied).await;
    let error = salesforce.login().complete(&begun.pending, &callback).await.unwrap_err();
    assert_eq!((error.kind(), code(&error)), (ErrorKind::Auth, "access_denied"));
    let (pending, callback) = consented(&salesforce).await;
    org.sandbox.advance(std::time::Duration::from_secs(3600));
    let error = salesforce.login().complete(&pending, &callback).await.unwrap_err();
    assert_eq!((error.kind(), code(&error)), (ErrorKind::Auth, "invalid_grant"));
}

#[tokio::test]
async fn a_revoked_login_ends_in_a_clear_error() {
    let org = Org::start().await;
    let salesforce = connected(refresh(&org.sandbox, None));
    let (pending, callback) = consented(&salesforce).await;
    salesforce.login().complete(&pending, &callback).await.unwrap();
    salesforce.login().revoke().await.unwrap();
    let error = salesforce.limits().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(error.to_string().contains("authorised"), "{error}");

    // Revoked by an administrator, behind our back: one try, and an error that says what helps.
    let (pending, callback) = consented(&salesforce).await;
    salesforce.login().complete(&pending, &callback).await.unwrap();
    salesforce.limits().await.unwrap();
    org.sandbox.revoke_tokens();
    org.sandbox.clear_log();
    for _ in 0..5 {
        let error = salesforce.limits().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth);
        assert!(error.to_string().contains("authorise the account again"), "{error}");
    }
    assert_eq!(token_calls(&org.sandbox), 1);
}

#[tokio::test]
async fn a_configured_token_that_is_newer_than_the_stored_one_is_used() {
    let org = Org::start().await;
    let store = memory();
    sharing(refresh(&org.sandbox, Some(org.sandbox.refresh_token())), &store).limits().await.unwrap();
    org.sandbox.revoke_tokens();
    // The account was authorised again elsewhere, and the configuration has what that brought.
    let fresh = {
        let keep = memory();
        let again = sharing(refresh(&org.sandbox, None), &keep);
        let (pending, callback) = consented(&again).await;
        again.login().complete(&pending, &callback).await.unwrap();
        let key = orion_core::auth::AccountKey::new("salesforce", "default");
        let stored = keep.load(&key).await.unwrap().unwrap();
        stored.tokens.refresh.unwrap()
    };
    let mut config = refresh(&org.sandbox, None);
    if let orion_salesforce::Auth::RefreshToken { refresh_token, .. } = &mut config.auth {
        *refresh_token = Some(fresh);
    }
    sharing(config, &store).limits().await.unwrap();
}
