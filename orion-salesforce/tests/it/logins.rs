//! Every way to log in, and what happens when a token stops working.

mod expiry;
mod web;

use std::sync::Arc;

use orion_core::{
    Adapter, AdapterExt, ErrorKind, Query, UnifiedCustomer,
    auth::{MemoryTokenStore, TokenStore},
    http::Http,
};
use orion_salesforce::{Auth, Config, Salesforce, sandbox::Sandbox};
use url::Url;
pub(crate) use web::browse;

use crate::support::{Org, base, client_credentials, connected, quick, session};

/// RSA keys made for tests only.
const KEY: &str = include_str!("../sandbox/keys/signer.pem");
const PUBLIC: &str = include_str!("../sandbox/keys/signer.pub.pem");
const OTHER_KEY: &str = include_str!("../sandbox/keys/other.pem");

fn jwt(sandbox: &Sandbox, key: &str) -> Config {
    let (client_id, username) = (sandbox.client_id().into(), sandbox.username().into());
    Config::new(base(sandbox), Auth::Jwt { client_id, username, private_key: key.into() })
}

fn password(sandbox: &Sandbox, password: &str) -> Config {
    let auth = Auth::Password {
        client_id: sandbox.client_id().into(),
        client_secret: sandbox.client_secret().into(),
        username: sandbox.username().into(),
        password: password.into(),
    };
    Config::new(base(sandbox), auth)
}

fn refresh(sandbox: &Sandbox, token: Option<&str>) -> Config {
    let auth = Auth::RefreshToken {
        client_id: sandbox.client_id().into(),
        client_secret: Some(sandbox.client_secret().into()),
        refresh_token: token.map(Into::into),
        redirect_url: Some(Url::parse("http://localhost:9999/cb").unwrap()),
    };
    Config::new(base(sandbox), auth)
}

fn sharing(config: Config, store: &Arc<dyn TokenStore>) -> Salesforce {
    let builder = Salesforce::builder(config, Http::new().unwrap()).retry(quick());
    builder.tokens(Arc::clone(store)).build().unwrap()
}

fn memory() -> Arc<dyn TokenStore> {
    Arc::new(MemoryTokenStore::new())
}

fn token_calls(sandbox: &Sandbox) -> usize {
    sandbox.log().iter().filter(|entry| entry.path.ends_with("/oauth2/token")).count()
}

#[tokio::test]
async fn each_flow_logs_in() {
    let sandbox =
        Sandbox::builder().records(5).certificate(PUBLIC).trusted_network(false).start().await.unwrap();
    let full = format!("{}{}", sandbox.password(), sandbox.security_token());
    let ways = [
        ("session", session(&sandbox), 0),
        ("client credentials", client_credentials(&sandbox), 1),
        ("jwt", jwt(&sandbox, KEY), 1),
        ("password", password(&sandbox, &full), 1),
        ("refresh", refresh(&sandbox, Some(sandbox.refresh_token())), 1),
    ];
    for (name, config, calls) in ways {
        sandbox.clear_log();
        let salesforce = connected(config);
        assert_eq!(salesforce.check().await.unwrap().account, sandbox.org_id(), "{name}");
        let page = salesforce.page::<UnifiedCustomer>(&Query::new()).await.unwrap();
        assert_eq!(page.changes.len(), 5, "{name}");
        assert_eq!(token_calls(&sandbox), calls, "{name}: one login for all calls");
        assert_eq!(
            salesforce.login().instance().await.unwrap().trim_end_matches('/'),
            sandbox.base_url(),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_session_goes_to_its_own_org_whatever_the_login_address() {
    let org = Org::start().await;
    let text = format!(
        r#"{{"auth": {{"flow": "access_token", "access_token": "{}", "instance_url": "{}"}}}}"#,
        org.sandbox.access_token(),
        org.sandbox.base_url()
    );
    let config: Config = serde_json::from_str(&text).unwrap();
    assert_eq!(config.login_url.as_str(), "https://login.salesforce.com/");
    assert_eq!(connected(config).check().await.unwrap().account, org.sandbox.org_id());
}

#[tokio::test]
async fn refused_credentials_say_which_and_are_not_tried_over_and_over() {
    let sandbox = Sandbox::builder().records(1).certificate(PUBLIC).start().await.unwrap();
    let mut secret = client_credentials(&sandbox);
    secret.auth =
        Auth::ClientCredentials { client_id: sandbox.client_id().into(), client_secret: "no".into() };
    let mut client = secret.clone();
    client.auth = Auth::ClientCredentials { client_id: "no".into(), client_secret: "no".into() };
    let ways = [
        (secret, ErrorKind::Config, "client is refused"),
        (client, ErrorKind::Config, "client is refused"),
        (jwt(&sandbox, OTHER_KEY), ErrorKind::Auth, "certificate"),
        (password(&sandbox, "wrong"), ErrorKind::Auth, "password"),
        (refresh(&sandbox, Some("nonsense")), ErrorKind::Auth, "authorise the account again"),
        (refresh(&sandbox, None), ErrorKind::Auth, "not authorised yet"),
    ];
    for (config, kind, says) in ways {
        sandbox.clear_log();
        let salesforce = connected(config);
        for _ in 0..3 {
            let error = salesforce.check().await.unwrap_err();
            assert_eq!(error.kind(), kind, "{error}");
            assert!(error.to_string().contains(says), "{error}");
            assert!(!error.is_retryable(), "{error:?}");
        }
        assert!(token_calls(&sandbox) <= 1, "{says}: {}", token_calls(&sandbox));
    }
}

#[tokio::test]
async fn two_connections_share_a_store_and_log_in_once() {
    let org = Org::start().await;
    let store = memory();
    let (one, two) = (
        sharing(client_credentials(&org.sandbox), &store),
        sharing(client_credentials(&org.sandbox), &store),
    );
    let (a, b) = futures::future::join(one.check(), two.check()).await;
    assert_eq!(a.unwrap().account, b.unwrap().account);
    assert_eq!(token_calls(&org.sandbox), 1);
    org.sandbox.expire_access_tokens();
    let (a, b) = futures::future::join(one.limits(), two.limits()).await;
    a.unwrap();
    b.unwrap();
    assert_eq!(token_calls(&org.sandbox), 2);
    // Another account of the same store is none of theirs.
    sharing(client_credentials(&org.sandbox).account("other"), &store).check().await.unwrap();
    assert_eq!(token_calls(&org.sandbox), 3);
}

#[tokio::test]
async fn addresses_that_cannot_work_are_refused_with_the_remedy() {
    let org = Org::start().await;
    let mut config = client_credentials(&org.sandbox);
    config.login_url = Url::parse("https://acme.lightning.force.com/lightning/page/home").unwrap();
    let error = Salesforce::new(config).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("https://NAME.my.salesforce.com"), "{error}");
    let error = connected(session(&org.sandbox)).login().begin().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}
