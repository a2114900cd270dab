//! A stateful Salesforce simulator on loopback.
//!
//! It serves OAuth, the SOAP login, REST, Composite and Bulk API 2.0 over seeded rows, as the vendor's clients
//! in any language expect them, so that applications and tests run with no account. Faults can be injected, the
//! clock moved and the request log read, from code or over `/_sandbox/…`. It shares no code with the connector, so
//! that a misreading of the API does not cancel out.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let sandbox = orion_salesforce::sandbox::Sandbox::builder().records(10).start().await?;
//! assert!(sandbox.base_url().starts_with("http://127.0.0.1:"));
//! assert_eq!(sandbox.row_count("Account"), 10);
//! # Ok(())
//! # }
//! ```
//!
//! # Control API
//!
//! Beside the vendor's own paths, without a login, so that tests in any language can steer it:
//!
//! | request | does |
//! |---|---|
//! | `GET`, `DELETE /_sandbox/log` | the requests seen and their counts by route; forgets them |
//! | `GET`, `POST`, `DELETE /_sandbox/faults` | the plan and its counts; adds to it ([`Faults`]); clears it |
//! | `GET`, `POST /_sandbox/clock` | the time; `{"advance_seconds": n}` moves it forward |
//! | `POST /_sandbox/expire`, `POST /_sandbox/revoke` | ends all sessions; revokes all refresh tokens too |
//! | `POST /_sandbox/certificate` | the certificate that JWT assertions must be signed with, PEM or `{"pem": "…"}` |
//! | `GET /_sandbox/truth?object=T` or `?q=SOQL` | the rows as they are: `{"count", "rows"}` |
//! | `POST /_sandbox/deliver` | 400: Salesforce delivers nothing to a URL here |
//!
//! # Where it is looser than an org
//!
//! Loopback counts as a trusted network, the authorize page approves without asking, any RS256 signature passes until a
//! certificate is registered, identity tokens are signed with ES256, and every user can do everything. Messages whose
//! wording could not be confirmed from the vendor's documentation are marked as unverified in the source.

mod auth;
mod builder;
mod bulk;
mod call;
mod clock;
mod composite;
mod control;
mod cursors;
mod gateway;
mod oauth;
mod reply;
mod rest;
mod soap;
mod soql;
mod state;
mod store;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use orion_core::sandbox::Server;
pub use orion_core::sandbox::{Fault, FaultKind, Faults, LogEntry};
use serde_json::{Map, Value};

pub use builder::Builder;
pub use gateway::{EXPIRE_LOCATOR, LOCK_ROW, REQUEST_LIMIT};

use state::{Settings, World};
use store::ApiError;

/// A running sandbox; dropping it stops it.
pub struct Sandbox {
    server: Server<World>,
    access_token: String,
    refresh_token: String,
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}

impl Sandbox {
    /// Settings to start from.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    async fn start(settings: Settings) -> io::Result<Self> {
        let world = Arc::new(World::new(settings)?);
        let (access_token, refresh_token) = {
            let mut auth = world.auth();
            let refresh = auth.issue_refresh("api id refresh_token openid");
            (auth.open(world.now(), "api id refresh_token openid", Some(&refresh)), refresh)
        };
        Ok(Self { server: Server::start(world).await?, access_token, refresh_token })
    }

    fn world(&self) -> &Arc<World> {
        self.server.vendor()
    }

    /// `http://127.0.0.1:PORT`: the login and the instance URL.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.server.base_url()
    }

    /// `https://127.0.0.1:PORT`, with a certificate of the sandbox's own CA.
    #[must_use]
    pub fn tls_base_url(&self) -> &str {
        self.server.tls_base_url()
    }

    /// The CA of the TLS listener, in PEM.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        self.server.ca_pem()
    }

    /// The connected app's consumer key.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.world().identity.client_id
    }

    /// The connected app's consumer secret.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.world().identity.client_secret
    }

    /// The seeded user's name.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.world().identity.username
    }

    /// The seeded user's password.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.world().identity.password
    }

    /// The seeded user's security token.
    #[must_use]
    pub fn security_token(&self) -> &str {
        &self.world().identity.security_token
    }

    /// An access token issued at start; it ages like any other.
    #[must_use]
    pub fn access_token(&self) -> &str {
        &self.access_token
    }

    /// A refresh token issued at start.
    #[must_use]
    pub fn refresh_token(&self) -> &str {
        &self.refresh_token
    }

    /// The API version to use, `60.0`. Versions 40.0 to 68.0 are served.
    #[must_use]
    pub fn api_version(&self) -> &str {
        rest::CURRENT
    }

    /// The org's 18-character id.
    #[must_use]
    pub fn org_id(&self) -> &str {
        &self.world().identity.org_id
    }

    /// The seeded user's 18-character id.
    #[must_use]
    pub fn user_id(&self) -> &str {
        &self.world().identity.user_id
    }

    /// The connected app's callback URL.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.world().identity.redirect_uri
    }

    /// The sandbox's time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.world().now()
    }

    /// Moves the sandbox's time forward.
    pub fn advance(&self, by: Duration) {
        self.world().common.advance(by);
    }

    /// Adds faults to those in force.
    pub fn inject(&self, faults: impl Into<Faults>) {
        self.world().common.inject(faults);
    }

    /// Stops all faults and forgets their counts.
    pub fn clear_faults(&self) {
        self.world().common.clear_faults();
    }

    /// How often each kind of fault was injected.
    #[must_use]
    pub fn injected(&self) -> BTreeMap<FaultKind, u64> {
        self.world().common.injected()
    }

    /// Ends every session, as their timeout would; refresh tokens live on.
    pub fn expire_access_tokens(&self) {
        self.world().auth().end_sessions();
    }

    /// Revokes every refresh token and ends every session.
    pub fn revoke_tokens(&self) {
        self.world().auth().revoke_refresh_tokens();
    }

    /// The requests seen, oldest first.
    #[must_use]
    pub fn log(&self) -> Vec<LogEntry> {
        self.world().common.log()
    }

    /// Forgets the requests seen and their counts.
    pub fn clear_log(&self) {
        self.world().common.clear_log();
    }

    /// Requests by route, such as `GET query` or `POST oauth2/token`.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.world().common.counts()
    }

    /// Live rows of an object; 0 if there is no such object.
    #[must_use]
    pub fn row_count(&self, object: &str) -> usize {
        control::select(self.world(), &format!("SELECT COUNT() FROM {object}")).map_or(0, |(count, _)| count)
    }

    /// Live rows of an object with all their fields, by id.
    ///
    /// # Errors
    ///
    /// When there is no such object.
    pub fn dump(&self, object: &str) -> Result<Vec<Value>, Refused> {
        control::dump(self.world(), object).map(|(_, rows)| rows).map_err(Refused)
    }

    /// Runs a SOQL query past the API.
    ///
    /// # Errors
    ///
    /// When the query is malformed or names something unknown.
    pub fn query(&self, soql: &str) -> Result<Vec<Value>, Refused> {
        control::select(self.world(), soql).map(|(_, rows)| rows).map_err(Refused)
    }

    /// Creates a row past the API; answers its id.
    ///
    /// # Errors
    ///
    /// When the org's rules refuse it.
    pub fn insert(&self, object: &str, fields: &Map<String, Value>) -> Result<String, Refused> {
        self.world().org().insert(object, fields).map_err(Refused::from)
    }

    /// Changes a row past the API.
    ///
    /// # Errors
    ///
    /// When there is no such row or the org's rules refuse it.
    pub fn update(&self, object: &str, id: &str, fields: &Map<String, Value>) -> Result<(), Refused> {
        self.world().org().update(object, id, fields).map_err(Refused::from)
    }

    /// Deletes a row past the API, into the recycle bin.
    ///
    /// # Errors
    ///
    /// When there is no such row.
    pub fn delete(&self, object: &str, id: &str) -> Result<(), Refused> {
        self.world().org().delete(object, id).map_err(Refused::from)
    }
}

/// The org refused a change or a query; it says why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(String);

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Self(format!("{}: {}", error.code, error.message))
    }
}
