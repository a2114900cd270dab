//! The sandbox's settings.

use std::fmt;
use std::io;
use std::time::Duration;

use chrono::{DateTime, Utc};
use orion_core::sandbox::Faults;

use super::Sandbox;
use super::settings::Settings;

/// Sets up a [`Sandbox`]; made by [`Sandbox::builder`].
#[derive(Default)]
pub struct Builder {
    pub(super) settings: Settings,
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("settings", &self.settings).finish()
    }
}

impl Builder {
    /// The port of the plain listener; 0, the default, takes a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.settings.shared.port = port;
        self
    }

    /// The port of the TLS listener; 0, the default, takes a free one.
    #[must_use]
    pub fn tls_port(mut self, port: u16) -> Self {
        self.settings.shared.tls_port = port;
        self
    }

    /// How many members are seeded; 1,000 unless set. Channels and messages grow with it.
    #[must_use]
    pub fn records(mut self, records: usize) -> Self {
        self.settings.records = records;
        self
    }

    /// Seeds the data, the ids, the credentials and every chance; 1 unless set.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// The time the sandbox's clock starts at; the machine's unless set.
    #[must_use]
    pub fn now(mut self, now: DateTime<Utc>) -> Self {
        self.settings.shared.now = Some(now);
        self
    }

    /// Adds this to every call, as a far server would.
    #[must_use]
    pub fn latency(mut self, latency: Duration) -> Self {
        self.settings.shared.latency = latency;
        self
    }

    /// Whether calls are limited by tier; on unless set.
    #[must_use]
    pub fn limits(mut self, limits: bool) -> Self {
        self.settings.limits = limits;
        self
    }

    /// Whether OAuth issues tokens that end after twelve hours, with refresh tokens; on unless set. The tokens given at start
    /// last until they are revoked or exchanged.
    #[must_use]
    pub fn rotation(mut self, rotation: bool) -> Self {
        self.settings.rotation = rotation;
        self
    }

    /// Whether pages of a list can be shorter than asked for before its end; on unless set.
    #[must_use]
    pub fn short_pages(mut self, short: bool) -> Self {
        self.settings.short_pages = short;
        self
    }

    /// The scopes of the bot token given at start.
    #[must_use]
    pub fn bot_scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.settings.bot_scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// The scopes of the user token given at start.
    #[must_use]
    pub fn user_scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.settings.user_scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// The events subscribed to: `message`, or one kind such as `message.im`; `app_mention`; `reaction_added`. These three
    /// unless set.
    #[must_use]
    pub fn events(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.settings.events = names.into_iter().map(Into::into).collect();
        self
    }

    /// How long a file takes from its upload's completion to its message; 200 ms unless set.
    #[must_use]
    pub fn share_delay(mut self, delay: Duration) -> Self {
        self.settings.share_delay = delay;
        self
    }

    /// The time between pings on a socket; 10 s unless set.
    #[must_use]
    pub fn ping_every(mut self, every: Duration) -> Self {
        self.settings.ping_every = every.max(Duration::from_millis(1));
        self
    }

    /// The app's redirect URL; any URL on loopback is accepted beside it.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.settings.redirect_uri = uri.into();
        self
    }

    /// What goes wrong from the start.
    #[must_use]
    pub fn faults(mut self, faults: impl Into<Faults>) -> Self {
        self.settings.shared.faults = faults.into();
        self
    }

    /// Binds both listeners on 127.0.0.1, seeds the workspace and serves.
    ///
    /// # Errors
    ///
    /// When a port is taken or the fault plan has an unknown kind.
    pub async fn start(self) -> io::Result<Sandbox> {
        Sandbox::start(self.settings).await
    }
}
