//! Tokens that stop working while they are in use.

use std::time::Duration;

use http::Method;
use orion_core::{
    Adapter, AdapterExt, ErrorKind, Query, UnifiedCustomer,
    testing::{self, Reply, Script},
};
use orion_salesforce::{
    Auth, Config, Salesforce,
    sandbox::{Fault, FaultKind, Sandbox},
};
use serde_json::json;
use url::Url;

use super::{jwt, refresh, token_calls};
use crate::support::{Org, client_credentials, connected, read, session};

#[tokio::test]
async fn a_token_that_expires_between_pages_costs_one_refresh() {
    let sandbox = Sandbox::builder().records(500).page_size(50).start().await.unwrap();
    for config in [
        refresh(&sandbox, Some(sandbox.refresh_token())),
        client_credentials(&sandbox),
        jwt(&sandbox, super::KEY),
    ] {
        sandbox.clear_log();
        sandbox.inject(Fault::new(FaultKind::ExpireToken).on("query").skip(4).count(1));
        let changes = read::<UnifiedCustomer>(&connected(config), Query::new()).await;
        assert_eq!(changes.len(), sandbox.row_count("Account"));
        assert_eq!(token_calls(&sandbox), 2, "the first login and one renewal");
        let refused = sandbox.log().iter().filter(|entry| entry.status == Some(401)).count();
        assert_eq!(refused, 1);
        sandbox.clear_faults();
    }
}

#[tokio::test]
async fn a_session_that_times_out_is_renewed() {
    let org = Org::start().await;
    org.salesforce.limits().await.unwrap();
    org.sandbox.advance(Duration::from_secs(3 * 3600));
    org.salesforce.limits().await.unwrap();
    // The identity services refuse a stale token in their own way.
    org.sandbox.expire_access_tokens();
    org.salesforce.check().await.unwrap();
    assert_eq!(token_calls(&org.sandbox), 3);
}

#[tokio::test]
async fn many_calls_on_an_expired_token_cost_one_refresh() {
    let org = Org::start().await;
    org.salesforce.limits().await.unwrap();
    org.sandbox.expire_access_tokens();
    org.sandbox.clear_log();
    let calls = (0..200).map(|_| org.salesforce.limits());
    for outcome in futures::future::join_all(calls).await {
        outcome.unwrap();
    }
    assert_eq!(token_calls(&org.sandbox), 1);
}

#[tokio::test]
async fn a_token_refused_for_good_costs_one_refresh_and_one_replay() {
    let org = Org::start().await;
    org.sandbox.inject(Fault::new(FaultKind::ExpireToken));
    org.salesforce.limits().await.unwrap_err();
    org.sandbox.clear_log();
    let error = org.salesforce.limits().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auth);
    assert!(!error.is_retryable());
    let log = org.sandbox.log();
    let calls = log.iter().filter(|entry| entry.path.ends_with("/limits")).count();
    assert!(calls <= 2 && token_calls(&org.sandbox) <= 1, "{log:?}");
}

#[tokio::test]
async fn a_session_of_somebody_else_s_is_not_renewed() {
    let org = Org::start().await;
    let borrowed = connected(session(&org.sandbox));
    borrowed.limits().await.unwrap();
    org.sandbox.expire_access_tokens();
    for _ in 0..2 {
        for error in [borrowed.limits().await.unwrap_err(), borrowed.check().await.unwrap_err()] {
            assert_eq!(error.kind(), ErrorKind::Auth);
            assert!(!error.is_retryable(), "{error:?}");
        }
    }
    assert_eq!(token_calls(&org.sandbox), 0);
    assert_eq!(borrowed.login().revoke().await.unwrap_err().kind(), ErrorKind::Config);
}

#[tokio::test]
async fn rotating_refresh_tokens_are_kept_up_with() {
    let sandbox = Sandbox::builder().records(5).rotate_refresh_tokens(true).start().await.unwrap();
    let store = super::memory();
    let salesforce = super::sharing(refresh(&sandbox, Some(sandbox.refresh_token())), &store);
    for _ in 0..4 {
        salesforce.limits().await.unwrap();
        sandbox.expire_access_tokens();
    }
    // The configuration still has the first one, which is used up; the store has the last.
    let later = super::sharing(refresh(&sandbox, Some(sandbox.refresh_token())), &store);
    later.page::<UnifiedCustomer>(&Query::new()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_refresh_that_meets_a_busy_server_is_repeated_at_once() {
    let base = "https://acme.my.salesforce.test";
    let script = Script::new()
        .on(Method::POST, "/services/oauth2/token")
        .then(Reply::status(503))
        .reply(200, json!({"access_token": "a", "instance_url": base, "token_type": "Bearer"}))
        .on(Method::GET, "/services/data/v62.0/limits")
        .reply(200, json!({}));
    let auth = Auth::RefreshToken {
        client_id: "id".into(),
        client_secret: None,
        refresh_token: Some("r".into()),
        redirect_url: None,
    };
    let config = Config::new(Url::parse(base).unwrap(), auth);
    let salesforce = Salesforce::builder(config, script.clone()).clock(testing::clock()).build().unwrap();
    salesforce.limits().await.unwrap();
    script.assert_done();
    assert!(script.requests()[2].at < Duration::from_secs(2), "{:?}", script.requests()[2].at);
}

#[tokio::test]
async fn writes_survive_a_token_that_expires() {
    let org = Org::start().await;
    let before = org.sandbox.row_count("Account");
    org.sandbox.inject(Fault::new(FaultKind::ExpireToken).on("composite").every(2));
    let records: Vec<_> = (0..600).map(|at| crate::support::customer(&format!("n{at}"))).collect();
    org.written(&orion_core::WriteOptions::create(), &records).await;
    assert_eq!(org.sandbox.row_count("Account"), before + 600, "a refused create was not carried out");
}
