//! A company to try the connector on.

use std::sync::Arc;

use orion_core::{
    auth::{MemoryTokenStore, TokenStore},
    http::Transport,
    testing,
};
use orion_quickbooks::{Auth, Builder, Config, QuickBooks};
use url::Url;

/// The company of these tests.
pub(crate) const REALM: &str = "4620816365";

/// A configuration of the authorization-code flow that starts from a refresh token, if one is given.
pub(crate) fn oauth(refresh: Option<&str>) -> Config {
    let auth = Auth::RefreshToken {
        client_id: "our-app".into(),
        client_secret: "planted-secret".into(),
        refresh_token: refresh.map(Into::into),
        redirect_url: Some(Url::parse("https://host.example/callback").unwrap()),
    };
    Config::new(REALM, auth)
}

/// A configuration with a token that needs no renewal.
pub(crate) fn token() -> Config {
    Config::new(REALM, Auth::AccessToken { access_token: "planted-token".into() })
}

pub(crate) fn builder(config: Config, transport: impl Transport) -> Builder {
    QuickBooks::builder(config, transport).clock(testing::clock())
}

pub(crate) fn store() -> Arc<dyn TokenStore> {
    Arc::new(MemoryTokenStore::new())
}
