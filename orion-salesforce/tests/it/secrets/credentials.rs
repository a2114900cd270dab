//! Tokens, secrets, passwords, keys, and what a login passes through the browser.

use std::sync::Arc;

use orion_core::{
    Adapter,
    auth::{AccountKey, MemoryTokenStore, TokenStore},
};
use orion_salesforce::{
    Auth, Config,
    sandbox::{Fault, FaultKind, Sandbox},
};
use secrecy::ExposeSecret;
use url::Url;

use super::Shown;
use crate::support::{base, client_credentials, session};

const KEY: &str = include_str!("../../sandbox/keys/signer.pem");
const PUBLIC: &str = include_str!("../../sandbox/keys/signer.pub.pem");
const OTHER_KEY: &str = include_str!("../../sandbox/keys/other.pem");

/// The lines of a key, but for its first and its last.
fn lines(pem: &str) -> Vec<String> {
    pem.lines().filter(|line| line.len() > 30 && !line.starts_with("---")).map(str::to_owned).collect()
}

fn with(sandbox: &Sandbox, auth: Auth) -> Config {
    Config::new(base(sandbox), auth)
}

fn ways(sandbox: &Sandbox, wrong: &str) -> Vec<Config> {
    let (client_id, username) = (sandbox.client_id().to_owned(), sandbox.username().to_owned());
    let password = |secret: &str, password: &str| Auth::Password {
        client_id: client_id.clone(),
        client_secret: secret.into(),
        username: username.clone(),
        password: password.into(),
    };
    let refresh = |token: &str| Auth::RefreshToken {
        client_id: client_id.clone(),
        client_secret: Some(sandbox.client_secret().into()),
        refresh_token: Some(token.into()),
        redirect_url: None,
    };
    let jwt = |key: &str| Auth::Jwt {
        client_id: client_id.clone(),
        username: username.clone(),
        private_key: key.into(),
    };
    let full = format!("{}{}", sandbox.password(), sandbox.security_token());
    let mut borrowed = session(sandbox);
    if let Auth::AccessToken { access_token, .. } = &mut borrowed.auth {
        *access_token = wrong.into();
    }
    vec![
        session(sandbox),
        borrowed,
        client_credentials(sandbox),
        with(sandbox, Auth::ClientCredentials { client_id: client_id.clone(), client_secret: wrong.into() }),
        with(sandbox, password(sandbox.client_secret(), &full)),
        with(sandbox, password(sandbox.client_secret(), wrong)),
        with(sandbox, refresh(sandbox.refresh_token())),
        with(sandbox, refresh(wrong)),
        with(sandbox, jwt(KEY)),
        with(sandbox, jwt(OTHER_KEY)),
    ]
}

/// The tokens a store holds.
async fn held(store: &dyn TokenStore) -> Vec<String> {
    let stored = store.load(&AccountKey::new("salesforce", "default")).await.unwrap();
    let tokens = stored.into_iter().map(|stored| stored.tokens);
    tokens
        .flat_map(|tokens| [Some(tokens.access), tokens.refresh])
        .flatten()
        .map(|token| token.expose_secret().to_owned())
        .collect()
}

#[tokio::test]
async fn no_credential_is_shown_by_any_login_or_failure() {
    let (shown, _guard) = Shown::listening();
    let sandbox = Sandbox::builder().records(3).certificate(PUBLIC).start().await.unwrap();
    let wrong = "planted-wrong-credential";
    let mut planted = vec![wrong.to_owned()];
    planted
        .extend([sandbox.client_secret(), sandbox.password(), sandbox.security_token()].map(str::to_owned));
    planted.extend([sandbox.access_token(), sandbox.refresh_token()].map(str::to_owned));
    planted.extend(lines(KEY).into_iter().chain(lines(OTHER_KEY)));
    for config in ways(&sandbox, wrong) {
        let store = Arc::new(MemoryTokenStore::new());
        let salesforce = shown.connect(config, Some(Arc::clone(&store) as Arc<dyn TokenStore>));
        for round in 0..2 {
            let checked = salesforce.check().await;
            shown.debug(&checked.as_ref().map(|who| &who.account));
            checked.as_ref().err().into_iter().for_each(|error| shown.error(error));
            planted.extend(held(&*store).await);
            if round == 0 {
                sandbox.inject(Fault::new(FaultKind::ExpireToken).on("limits").count(1));
                if let Err(error) = salesforce.limits().await {
                    shown.error(&error);
                }
                planted.extend(held(&*store).await);
            }
        }
        if let Err(error) = salesforce.login().revoke().await {
            shown.error(&error);
        }
        shown.debug(&store);
        sandbox.clear_faults();
    }
    // The endpoint answers with all sorts of things but tokens.
    for kind in [
        FaultKind::ServerError,
        FaultKind::MalformedJson,
        FaultKind::WrongContentType,
        FaultKind::Truncate,
        FaultKind::Reset,
    ] {
        sandbox.clear_faults();
        sandbox.inject(Fault::new(kind).on("token"));
        let salesforce = shown.connect(client_credentials(&sandbox), None);
        shown.failed(salesforce.check().await);
    }
    shown.assert_none(&planted);
}

#[tokio::test]
async fn nothing_of_a_consent_is_shown() {
    let (shown, _guard) = Shown::listening();
    let sandbox = Sandbox::builder().records(3).start().await.unwrap();
    let auth = Auth::RefreshToken {
        client_id: sandbox.client_id().into(),
        client_secret: None,
        refresh_token: None,
        redirect_url: Some(Url::parse("http://localhost:9999/cb").unwrap()),
    };
    let store = Arc::new(MemoryTokenStore::new());
    let salesforce = shown.connect(with(&sandbox, auth), Some(Arc::clone(&store) as Arc<dyn TokenStore>));
    let begun = salesforce.login().begin().unwrap();
    shown.debug(&begun);
    shown.debug(&begun.pending);
    let callback = crate::logins::browse(&begun.authorize_url).await;
    let mut planted: Vec<String> =
        Url::parse(&callback).unwrap().query_pairs().map(|(_, value)| value.into_owned()).collect();
    let kept = begun.pending.expose();
    planted.extend(kept.expose_secret().split(['&', '=']).filter(|part| part.len() > 10).map(str::to_owned));
    assert!(planted.len() >= 4, "state and code, state and verifier: {}", planted.len());
    let other = salesforce.login().begin().unwrap();
    shown.failed(salesforce.login().complete(&other.pending, &callback).await);
    salesforce.login().complete(&begun.pending, &callback).await.unwrap();
    planted.extend(held(&*store).await);
    shown.failed(salesforce.login().complete(&begun.pending, &callback).await);
    salesforce.check().await.unwrap();
    sandbox.revoke_tokens();
    shown.failed(salesforce.check().await);
    shown.assert_none(&planted);
}
