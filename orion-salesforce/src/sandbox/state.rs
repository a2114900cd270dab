//! Everything one sandbox holds, shared by its listeners.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use fastrand::Rng;
use orion_core::sandbox::{self as core, Common};

use super::auth::Auth;
use super::bulk::Jobs;
use super::cursors::Cursors;
use super::oauth::jwt::Signer;
use super::store::Org;

/// What the builder sets.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) common: core::Settings,
    pub(crate) records: usize,
    pub(crate) seed: u64,
    pub(crate) bulk_delay: Duration,
    pub(crate) session_timeout: Duration,
    pub(crate) page_size: usize,
    pub(crate) bulk_page_size: usize,
    pub(crate) rotate_refresh_tokens: bool,
    pub(crate) trusted_network: bool,
    pub(crate) daily_limit: u64,
    pub(crate) redirect_uri: String,
    pub(crate) certificate: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        let mut common = core::Settings::default();
        (common.kinds, common.drawn) = (super::gateway::KINDS, super::gateway::DRAWN);
        Self {
            common,
            records: 1_000,
            seed: 1,
            bulk_delay: Duration::from_millis(10),
            session_timeout: Duration::from_secs(2 * 60 * 60),
            page_size: 2_000,
            bulk_page_size: 50_000,
            rotate_refresh_tokens: false,
            trusted_network: true,
            daily_limit: 1_000_000,
            redirect_uri: "http://localhost:1717/OauthRedirect".to_owned(),
            certificate: None,
        }
    }
}

/// The seeded user, the connected app and their secrets.
pub(crate) struct Identity {
    pub(crate) org_id: String,
    pub(crate) user_id: String,
    pub(crate) username: String,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) password: String,
    pub(crate) security_token: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) redirect_uri: String,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("org_id", &self.org_id).finish_non_exhaustive()
    }
}

impl Identity {
    fn new(org: &Org, settings: &Settings) -> Self {
        let mut rng = Rng::with_seed(settings.seed ^ 0x1d);
        let mut text = |length: usize| -> String { (0..length).map(|_| rng.alphanumeric()).collect() };
        Self {
            org_id: org.org_id().to_owned(),
            user_id: org.user_id().to_owned(),
            username: org.username().to_owned(),
            email: org.user_email().to_owned(),
            name: org.user_name().to_owned(),
            password: format!("Orion{}1", text(10)),
            security_token: text(24),
            client_id: format!("3MVG9{}.{}", text(40), text(39)),
            client_secret: text(64).to_ascii_uppercase(),
            redirect_uri: settings.redirect_uri.clone(),
        }
    }
}

/// One sandbox.
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) identity: Identity,
    pub(crate) common: Common,
    pub(crate) signer: Signer,
    pub(crate) started: DateTime<Utc>,
    org: Mutex<Org>,
    auth: Mutex<Auth>,
    cursors: Mutex<Cursors>,
    recent: Mutex<VecDeque<(String, String)>>,
    jobs: Mutex<Jobs>,
    /// The day and the requests counted in it.
    usage: Mutex<(i64, u64)>,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("identity", &self.identity).finish_non_exhaustive()
    }
}

impl World {
    pub(crate) fn new(settings: Settings) -> std::io::Result<Self> {
        let common = Common::new(settings.common.clone())?;
        let now = common.now();
        let org = Org::seeded(settings.seed, settings.records, now);
        let identity = Identity::new(&org, &settings);
        let mut auth = Auth::new(settings.seed, &identity.org_id, settings.session_timeout);
        auth.certificate.clone_from(&settings.certificate);
        Ok(Self {
            signer: Signer::new()?,
            started: now,
            cursors: Mutex::new(Cursors::new(settings.seed)),
            recent: Mutex::default(),
            jobs: Mutex::default(),
            usage: Mutex::default(),
            org: Mutex::new(org),
            auth: Mutex::new(auth),
            settings,
            identity,
            common,
        })
    }

    /// The sandbox's time.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.common.now()
    }

    /// The org, its clock brought up to now. Of several locks this is taken first.
    pub(crate) fn org(&self) -> MutexGuard<'_, Org> {
        let mut org = locked(&self.org);
        org.set_now(self.now());
        org
    }

    pub(crate) fn auth(&self) -> MutexGuard<'_, Auth> {
        locked(&self.auth)
    }

    pub(crate) fn cursors(&self) -> MutexGuard<'_, Cursors> {
        locked(&self.cursors)
    }

    /// The bulk jobs. Taken after the org, if both are.
    pub(crate) fn jobs(&self) -> MutexGuard<'_, Jobs> {
        locked(&self.jobs)
    }

    /// Whether these log the seeded user in. The password may carry the security token; without it, it
    /// does only from a trusted network.
    pub(crate) fn knows(&self, username: &str, password: &str) -> bool {
        if !username.eq_ignore_ascii_case(&self.identity.username) {
            return false;
        }
        let with_token = password
            .strip_suffix(self.identity.security_token.as_str())
            .is_some_and(|bare| bare == self.identity.password);
        with_token || (self.settings.trusted_network && password == self.identity.password)
    }

    /// Counts one API request; whether the day's limit allows it. A day starts 24 hours after the last.
    pub(crate) fn count(&self) -> bool {
        let today = (self.now() - self.started).num_days();
        let mut usage = locked(&self.usage);
        if usage.0 != today {
            *usage = (today, 0);
        }
        let allowed = usage.1 < self.settings.daily_limit;
        usage.1 += u64::from(allowed);
        allowed
    }

    pub(crate) fn used(&self) -> u64 {
        locked(&self.usage).1
    }

    /// Remembers that a row was viewed, for `recent`.
    pub(crate) fn viewed(&self, object: &str, id: &str) {
        let mut recent = locked(&self.recent);
        recent.retain(|(_, other)| other != id);
        recent.push_front((object.to_owned(), id.to_owned()));
        recent.truncate(200);
    }

    /// Object and id of the rows viewed last, newest first.
    pub(crate) fn recent(&self) -> Vec<(String, String)> {
        locked(&self.recent).iter().cloned().collect()
    }
}

/// Takes a lock. A panic while it was held leaves the data as usable as any other fault would.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
