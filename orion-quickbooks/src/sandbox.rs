//! A stateful QuickBooks Online simulator on loopback.
//!
//! It serves OAuth 2.0, OpenID and the accounting API over a seeded company, as the vendor's clients in any language expect
//! them, so that applications and tests run with no account. Faults can be injected, the clock moved and the request log read,
//! from code or over `/_sandbox/…`. It shares no code with the connector, so that a misreading of the API does not cancel
//! out.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let sandbox = orion_quickbooks::sandbox::Sandbox::builder().records(50).start().await?;
//! assert!(sandbox.base_url().starts_with("http://127.0.0.1:"));
//! assert_eq!(sandbox.row_count("Invoice"), 50);
//! # Ok(())
//! # }
//! ```
//!
//! # Control API
//!
//! Beside what every sandbox has ([`orion_core::sandbox`]):
//!
//! | request | does |
//! |---|---|
//! | `POST /_sandbox/deliver` | `{"kind": "classic" or "cloudevents", "url": "http://…"}` sends webhooks of later changes there |
//! | `GET`, `POST /_sandbox/limits` | the limits; `{"per_minute": n, "in_flight": n, "per_second": n, "batches_per_minute": n}` sets those named, null lifts one |
//! | `GET /_sandbox/truth?object=T` or `?q=STATEMENT` | the rows as they are: `{"count", "rows"}` |
//!
//! Of its own it has the faults `429_json`, `429_empty` and `stale_object`.
//!
//! # Where it is looser than a company
//!
//! Bodies are JSON, whatever is accepted; only refusals of the gateway come in XML. The authorize page approves without asking.
//! The user has all rights. Messages whose wording could not be confirmed are marked as unverified in the source.

mod api;
mod auth;
mod builder;
mod control;
mod gateway;
mod oauth;
mod refusal;
mod replay;
mod state;
#[allow(dead_code, reason = "the routes do not use all of it yet")]
mod store;
mod throttle;
mod webhooks;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use orion_core::sandbox::Server;
use serde_json::Value;

pub use builder::Builder;
pub use gateway::{STALE_OBJECT, THROTTLED_EMPTY, THROTTLED_JSON};
pub use orion_core::sandbox::{Fault, FaultKind, Faults, LogEntry};
pub use throttle::Limits;

use state::{Settings, World};
use store::Json;
use webhooks::Form;

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

    async fn start(settings: &Settings) -> io::Result<Self> {
        let world = Arc::new(World::new(settings)?);
        let issued =
            world.auth().grant(world.now(), &format!("{} openid profile email", gateway::ACCOUNTING));
        let server = Server::start(world).await?;
        Ok(Self { server, access_token: issued.access, refresh_token: issued.refresh })
    }

    fn world(&self) -> &Arc<World> {
        self.server.vendor()
    }

    /// `http://127.0.0.1:PORT`: the accounting API, OAuth and the discovery document, under the paths of the vendor's
    /// hosts.
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

    /// The app's client id.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.world().identity.client_id
    }

    /// The app's client secret.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.world().identity.client_secret
    }

    /// The app's callback URL.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.world().identity.redirect_uri
    }

    /// The company's id.
    #[must_use]
    pub fn realm_id(&self) -> &str {
        &self.world().identity.realm
    }

    /// What webhooks are signed with.
    #[must_use]
    pub fn webhook_verifier(&self) -> &str {
        &self.world().identity.verifier
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

    /// Ends every access token, as their age would; refresh tokens live on.
    pub fn expire_access_tokens(&self) {
        self.world().auth().end_sessions();
    }

    /// Ends every grant, as the person does who disconnects the app.
    pub fn revoke_tokens(&self) {
        self.world().auth().revoke_all();
    }

    /// Sets the limits above which 429 is answered.
    pub fn set_limits(&self, limits: Limits) {
        self.world().throttle().limits = limits;
    }

    /// The most requests that were ever being answered at once.
    #[must_use]
    pub fn most_in_flight(&self) -> usize {
        self.world().throttle().most()
    }

    /// Sends webhooks of later changes to `url`, in the form that was usual until 2026.
    pub fn deliver_classic(&self, url: &str) {
        webhooks::register(self.world(), Form::Classic, url);
    }

    /// Sends webhooks of later changes to `url`, as CloudEvents.
    pub fn deliver_cloud_events(&self, url: &str) {
        webhooks::register(self.world(), Form::CloudEvents, url);
    }

    /// Merges one customer or vendor into another, as a person does it on the vendor's pages: its transactions move to
    /// the one kept. Whether the two could be merged.
    #[must_use]
    pub fn merge(&self, entity: &str, kept: u64, gone: u64) -> bool {
        let world = self.world();
        let merged = world.company().merge(entity, kept, gone).is_ok();
        world.news.notify_waiters();
        merged
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

    /// Requests by route, such as `GET query` or `POST tokens/bearer`.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.world().common.counts()
    }

    /// Rows of an entity, inactive ones too; 0 if there is no such entity.
    #[must_use]
    pub fn row_count(&self, entity: &str) -> usize {
        self.world().company().count(entity)
    }

    /// The JSON of one row, digit by digit as the API answers it.
    ///
    /// # Errors
    ///
    /// When there is no such row.
    pub fn row(&self, entity: &str, id: &str) -> Result<String, Refused> {
        let row = self.world().company().read(entity, id);
        row.map(|row| row.to_string()).map_err(Refused::from)
    }

    /// The JSON of all rows of an entity, inactive ones too, by id.
    ///
    /// # Errors
    ///
    /// When there is no such entity.
    pub fn dump(&self, entity: &str) -> Result<Vec<String>, Refused> {
        let rows = control::dump(&mut self.world().company(), entity)?;
        Ok(rows.iter().map(Json::to_string).collect())
    }

    /// The JSON of the rows that a query finds, past the API.
    ///
    /// # Errors
    ///
    /// When the query is malformed or names something unknown.
    pub fn query(&self, statement: &str) -> Result<Vec<String>, Refused> {
        let rows = control::select(&mut self.world().company(), statement)?;
        Ok(rows.iter().map(Json::to_string).collect())
    }

    /// Creates a row past the API, or updates the one whose `Id` the body has; answers its id. Webhooks tell of it.
    ///
    /// # Errors
    ///
    /// When the company's rules refuse it.
    pub fn save(&self, entity: &str, body: &Value) -> Result<String, Refused> {
        let row = self.world().company().save(entity, &Json::from(body.clone()))?;
        self.world().news.notify_waiters();
        let row = Json::parse(&row.to_string()).unwrap_or_default();
        Ok(row.at("Id").and_then(Json::as_text).unwrap_or_default().to_owned())
    }

    /// Deletes a row past the API, whatever its `SyncToken`. Webhooks tell of it.
    ///
    /// # Errors
    ///
    /// When there is no such row, or the company's rules refuse it.
    pub fn delete(&self, entity: &str, id: &str) -> Result<(), Refused> {
        let mut company = self.world().company();
        let row = company.read(entity, id)?;
        let row = Json::parse(&row.to_string()).unwrap_or_default();
        company.delete(entity, &row)?;
        drop(company);
        self.world().news.notify_waiters();
        Ok(())
    }
}

/// The company refused a change or a query; it says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl From<store::Fault> for Refused {
    fn from(fault: store::Fault) -> Self {
        Self(control::worded(&fault))
    }
}
