//! A stateful Slack workspace on loopback.
//!
//! It serves the Web API with scopes and rate limits, OAuth v2 with rotating tokens, uploads, the Events API, interactivity
//! and Socket Mode over seeded members and channels, as the vendor's clients in any language expect them, so that
//! applications and tests run with no account. Faults can be injected, the clock moved and the request log read, from
//! code or over `/_sandbox/…`. It shares no code with the connector, so that a misreading of the API does not cancel out.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let sandbox = orion_slack::sandbox::Sandbox::builder().records(20).start().await?;
//! assert!(sandbox.base_url().starts_with("http://127.0.0.1:"));
//! assert_eq!(sandbox.rows("users", None).len(), 20);
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
//! | `POST /_sandbox/deliver` | sends one thing now, see below |
//! | `GET /_sandbox/truth?object=O&channel=C` | the rows as they are: `messages`, `users`, `channels`, `files`, `views`, `ephemerals`, `scheduled`, `usergroups` |
//!
//! # Deliveries
//!
//! `{"kind": …, "url": …}`. Without `url` it goes where the app's events go: to the verified URL, or over the sockets.
//!
//! | kind | and |
//! |---|---|
//! | `url_verification` | a `url` that answers gets all events from then on |
//! | `event` | `event` (an `app_mention` unless set), `event_id`; what is not taken is sent again |
//! | `command` | `command`, `text`, `user_id`, `channel_id` |
//! | `action` | `channel` and `ts`, or `view_id`; `action_id`, `block_id`, `value`, `user_id` |
//! | `view_submission`, `view_closed` | `view_id` or `callback_id` (the newest open view unless set), `values`, `user_id` |
//! | `shortcut`, `message_action`, `block_suggestion`, `app_rate_limited` | `callback_id`, or as `action` |
//! | `disconnect` | `reason`: `warning`, `refresh_requested`, `link_disabled`, `too_many_websockets`; `count` of sockets |
//! | `half_open`, `reset` | the sockets stop answering, or are cut; `count` |
//!
//! `bad_signature`, `timestamp_offset`, `retry_num` and `retry_reason` change what is sent over HTTP.
//!
//! # Where it is looser than a workspace
//!
//! The authorize page approves without asking, and a redirect on loopback counts as one on the web. Socket Mode is on from the
//! first `apps.connections.open`, and off when a URL is verified. Behaviour that could not be confirmed from the vendor's
//! documentation is marked as unverified in the source.

mod api;
mod args;
mod blocks;
mod builder;
mod deliver;
mod events;
mod limits;
mod multipart;
mod oauth;
mod outgoing;
mod respond;
mod settings;
mod socket;
mod state;
mod store;
mod tokens;
mod truth;
mod vendor;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value;

pub use builder::Builder;
pub use orion_core::sandbox::{Fault, FaultKind, Faults, LogEntry};

use orion_core::sandbox::{Server, Vendor as _};
use settings::Settings;
use state::World;
use store::message::Message;
use tokens::{Class, Grant};

/// A running sandbox; dropping it stops it.
pub struct Sandbox {
    server: Server<World>,
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}

/// A token that rotates, and what it is refreshed with.
#[derive(Clone)]
#[non_exhaustive]
pub struct Installed {
    /// `xoxe.xoxb-1-…`
    pub access_token: String,
    /// `xoxe-1-…`
    pub refresh_token: String,
    /// Seconds that the access token lives.
    pub expires_in: i64,
}

impl fmt::Debug for Installed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Installed").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

impl Sandbox {
    /// Settings to start from.
    #[must_use]
    pub fn builder() -> Builder {
        Builder::default()
    }

    async fn start(settings: Settings) -> io::Result<Self> {
        let server = Server::start(Arc::new(World::new(settings)?)).await?;
        server.vendor().listens_on(server.base_url());
        Ok(Self { server })
    }

    fn world(&self) -> &Arc<World> {
        self.server.vendor()
    }

    /// `http://127.0.0.1:PORT`; the Web API is below `/api/`.
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

    /// What requests to the app are signed with.
    #[must_use]
    pub fn signing_secret(&self) -> &str {
        &self.world().identity.signing_secret
    }

    /// A bot token that lasts.
    #[must_use]
    pub fn bot_token(&self) -> &str {
        &self.world().given.bot
    }

    /// A user token that lasts, of [`Sandbox::user_id`].
    #[must_use]
    pub fn user_token(&self) -> &str {
        &self.world().given.user
    }

    /// The token of the app itself, for Socket Mode.
    #[must_use]
    pub fn app_token(&self) -> &str {
        &self.world().given.app
    }

    /// The app's redirect URL.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.world().settings.redirect_uri
    }

    /// The workspace's id.
    #[must_use]
    pub fn team_id(&self) -> String {
        self.world().read(|store| store.team.id.clone())
    }

    /// The app's id.
    #[must_use]
    pub fn app_id(&self) -> String {
        self.world().read(|store| store.app.id.clone())
    }

    /// The bot's member id.
    #[must_use]
    pub fn bot_user_id(&self) -> String {
        self.world().read(|store| store.app.bot_user.clone())
    }

    /// The member who installed the app, and who acts where an order names nobody.
    #[must_use]
    pub fn user_id(&self) -> String {
        self.world().read(|store| store.app.installer.clone())
    }

    /// The id of the channel with that name.
    #[must_use]
    pub fn channel_id(&self, name: &str) -> Option<String> {
        self.world().read(|store| {
            store.channels.values().find(|channel| channel.name == name).map(|channel| channel.id.clone())
        })
    }

    /// Installs the app again: a bot token that rotates.
    #[must_use]
    pub fn install(&self) -> Installed {
        let world = self.world();
        let (user, scopes) = (self.bot_user_id(), world.settings.bot_scopes.clone());
        let issued = world.tokens().issue(Grant { class: Class::Bot, user, scopes }, true, world.now());
        Installed {
            access_token: issued.access,
            refresh_token: issued.refresh.unwrap_or_default(),
            expires_in: issued.expires_in.unwrap_or_default(),
        }
    }

    /// Posts as a member, past the API; answers the message's timestamp. `None` if there is no such channel.
    #[must_use]
    pub fn say(&self, channel: &str, user: &str, text: &str) -> Option<String> {
        let id = self.channel_id(channel).unwrap_or_else(|| channel.to_owned());
        let message = Message { user: user.to_owned(), text: text.to_owned(), ..Message::default() };
        self.world().change(|store| store.post(&id, message)).ok().map(|ts| ts.to_string())
    }

    /// Changes a member's position, now, past the API. `None` if there is no such member.
    #[must_use]
    pub fn promote(&self, user: &str, title: &str) -> Option<()> {
        self.world().change(|store| {
            let now = store.seconds();
            let user = store.user_mut(user)?;
            title.clone_into(&mut user.title);
            user.updated = now;
            Some(())
        })
    }

    /// The rows as they are, past every scope and limit; see the control API for the names of objects.
    #[must_use]
    pub fn rows(&self, object: &str, channel: Option<&str>) -> Vec<Value> {
        truth::rows(self.world(), object, channel, self.base_url()).unwrap_or_default()
    }

    /// Sends one thing now, as `POST /_sandbox/deliver` does.
    ///
    /// # Errors
    ///
    /// A sentence saying what is wrong with the order.
    pub async fn deliver(&self, order: &Value) -> Result<Value, String> {
        deliver::carry_out(self.world(), order).await
    }

    /// How many sockets are open.
    #[must_use]
    pub fn sockets(&self) -> usize {
        self.world().hub.count()
    }

    /// How often a refresh token was presented that had been used.
    #[must_use]
    pub fn reused_refresh_tokens(&self) -> u64 {
        self.world().tokens().reused()
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

    /// Ends every token that rotates, as its time would; refresh tokens live on.
    pub fn expire_access_tokens(&self) {
        self.world().expire_tokens();
    }

    /// Revokes every token of the installation.
    pub fn revoke_tokens(&self) {
        self.world().revoke_tokens();
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

    /// Requests by route, such as `POST chat.postMessage`.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.world().common.counts()
    }
}
