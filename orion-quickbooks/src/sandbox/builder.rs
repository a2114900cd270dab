//! The sandbox's settings.

use std::fmt;
use std::io;
use std::time::Duration;

use chrono::{DateTime, Utc};
use orion_core::sandbox::Faults;

use super::Sandbox;
use super::state::Settings;
use super::throttle::Limits;

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
        self.settings.common.port = port;
        self
    }

    /// The port of the TLS listener; 0, the default, takes a free one.
    #[must_use]
    pub fn tls_port(mut self, port: u16) -> Self {
        self.settings.common.tls_port = port;
        self
    }

    /// How many invoices are seeded, and in proportion what belongs to them; 1,000 unless set.
    #[must_use]
    pub fn records(mut self, records: usize) -> Self {
        self.settings.records = records;
        self
    }

    /// Seeds the data, the credentials and every chance; 1 unless set.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// The time the sandbox's clock starts at; the machine's unless set.
    #[must_use]
    pub fn now(mut self, now: DateTime<Utc>) -> Self {
        self.settings.common.now = Some(now);
        self
    }

    /// Adds this to every call, as a far server would.
    #[must_use]
    pub fn latency(mut self, latency: Duration) -> Self {
        self.settings.common.latency = latency;
        self
    }

    /// How long an access token lives; an hour unless set.
    #[must_use]
    pub fn access_token_life(mut self, life: Duration) -> Self {
        self.settings.access_life = life;
        self
    }

    /// Whether each refresh replaces the refresh token and ends the old one at once. Unless set, a refresh gives the same one
    /// for a day, then a new one, and the old one lives for a day more.
    #[must_use]
    pub fn rotate_refresh_tokens(mut self, rotate: bool) -> Self {
        self.settings.rotate_refresh_tokens = rotate;
        self
    }

    /// Whether using a replaced refresh token ends the whole grant (RFC 9700, section 4.14.2); off unless set, as the
    /// vendor is not known to do it.
    #[must_use]
    pub fn replay_revokes(mut self, revokes: bool) -> Self {
        self.settings.replay_revokes = revokes;
        self
    }

    /// The limits above which 429 is answered.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.settings.limits = limits;
        self
    }

    /// The app's callback URL; any URL on loopback is accepted beside it.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.settings.redirect_uri = uri.into();
        self
    }

    /// What goes wrong from the start.
    #[must_use]
    pub fn faults(mut self, faults: impl Into<Faults>) -> Self {
        self.settings.common.faults = faults.into();
        self
    }

    /// Binds both listeners on 127.0.0.1, seeds the company and serves.
    ///
    /// # Errors
    ///
    /// When a port is taken, the certificate cannot be made, or the fault plan has an unknown kind.
    pub async fn start(self) -> io::Result<Sandbox> {
        Sandbox::start(&self.settings).await
    }
}
