//! The sandbox's settings.

use std::fmt;
use std::io;
use std::time::Duration;

use chrono::{DateTime, Utc};
use orion_core::sandbox::Faults;

use super::Sandbox;
use super::state::Settings;

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

    /// How many accounts, contacts and leads are seeded, each; 1,000 unless set.
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
        self.settings.common.now = Some(now);
        self
    }

    /// Adds this to every call, as a far server would.
    #[must_use]
    pub fn latency(mut self, latency: Duration) -> Self {
        self.settings.common.latency = latency;
        self
    }

    /// How long a bulk job waits in each of its states; 10 ms unless set.
    #[must_use]
    pub fn bulk_delay(mut self, delay: Duration) -> Self {
        self.settings.bulk_delay = delay;
        self
    }

    /// How long an access token lives without being used; two hours unless set.
    #[must_use]
    pub fn session_timeout(mut self, timeout: Duration) -> Self {
        self.settings.session_timeout = timeout;
        self
    }

    /// Rows of a query page, unless the request asks for fewer; 2,000 unless set.
    #[must_use]
    pub fn page_size(mut self, rows: usize) -> Self {
        self.settings.page_size = rows.max(1);
        self
    }

    /// Rows of a bulk query's result page, unless the request asks for fewer; 50,000 unless set.
    #[must_use]
    pub fn bulk_page_size(mut self, rows: usize) -> Self {
        self.settings.bulk_page_size = rows.max(1);
        self
    }

    /// Whether each refresh replaces the refresh token; off unless set.
    #[must_use]
    pub fn rotate_refresh_tokens(mut self, rotate: bool) -> Self {
        self.settings.rotate_refresh_tokens = rotate;
        self
    }

    /// Whether loopback is in the org's trusted IP ranges, so that the password logs in without the security
    /// token; on unless set.
    #[must_use]
    pub fn trusted_network(mut self, trusted: bool) -> Self {
        self.settings.trusted_network = trusted;
        self
    }

    /// API requests before `REQUEST_LIMIT_EXCEEDED`; 1,000,000 unless set.
    #[must_use]
    pub fn daily_limit(mut self, requests: u64) -> Self {
        self.settings.daily_limit = requests;
        self
    }

    /// The connected app's callback URL; any URL on loopback is accepted beside it.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.settings.redirect_uri = uri.into();
        self
    }

    /// Registers the certificate (or RSA public key) in PEM that JWT assertions must be signed with. Without one any
    /// RS256 signature passes.
    #[must_use]
    pub fn certificate(mut self, pem: impl Into<String>) -> Self {
        self.settings.certificate = Some(pem.into());
        self
    }

    /// What goes wrong from the start.
    #[must_use]
    pub fn faults(mut self, faults: impl Into<Faults>) -> Self {
        self.settings.common.faults = faults.into();
        self
    }

    /// Binds both listeners on 127.0.0.1, seeds the org and serves.
    ///
    /// # Errors
    ///
    /// When a port is taken or the certificate cannot be made.
    pub async fn start(self) -> io::Result<Sandbox> {
        Sandbox::start(self.settings).await
    }
}
