//! Everything one sandbox holds, shared by its listeners.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use fastrand::Rng;
use tokio::task::JoinSet;

use super::auth::Auth;
use super::bulk::Jobs;
use super::clock::Clock;
use super::cursors::Cursors;
use super::faults::{Engine, Faults};
use super::log::Log;
use super::oauth::jwt::Signer;
use super::store::Org;

/// What the builder sets.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) port: u16,
    pub(crate) tls_port: u16,
    pub(crate) records: usize,
    pub(crate) seed: u64,
    pub(crate) now: Option<DateTime<Utc>>,
    pub(crate) latency: Duration,
    pub(crate) bulk_delay: Duration,
    pub(crate) session_timeout: Duration,
    pub(crate) page_size: usize,
    pub(crate) bulk_page_size: usize,
    pub(crate) rotate_refresh_tokens: bool,
    pub(crate) trusted_network: bool,
    pub(crate) daily_limit: u64,
    pub(crate) redirect_uri: String,
    pub(crate) certificate: Option<String>,
    pub(crate) faults: Faults,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            port: 0,
            tls_port: 0,
            records: 1_000,
            seed: 1,
            now: None,
            latency: Duration::ZERO,
            bulk_delay: Duration::from_millis(10),
            session_timeout: Duration::from_secs(2 * 60 * 60),
            page_size: 2_000,
            bulk_page_size: 50_000,
            rotate_refresh_tokens: false,
            trusted_network: true,
            daily_limit: 1_000_000,
            redirect_uri: "http://localhost:1717/OauthRedirect".to_owned(),
            certificate: None,
            faults: Faults::default(),
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
    pub(crate) clock: Clock,
    pub(crate) signer: Signer,
    pub(crate) started: DateTime<Utc>,
    org: Mutex<Org>,
    auth: Mutex<Auth>,
    faults: Mutex<Engine>,
    log: Mutex<Log>,
    cursors: Mutex<Cursors>,
    recent: Mutex<VecDeque<(String, String)>>,
    jobs: Mutex<Jobs>,
    tasks: Mutex<JoinSet<()>>,
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
        let clock = Clock::new(settings.now);
        let now = clock.now();
        let org = Org::seeded(settings.seed, settings.records, now);
        let identity = Identity::new(&org, &settings);
        let mut auth = Auth::new(settings.seed, &identity.org_id, settings.session_timeout);
        auth.certificate.clone_from(&settings.certificate);
        Ok(Self {
            signer: Signer::new()?,
            started: now,
            cursors: Mutex::new(Cursors::new(settings.seed)),
            faults: Mutex::new(Engine::new(settings.faults.clone())),
            log: Mutex::default(),
            recent: Mutex::default(),
            jobs: Mutex::default(),
            tasks: Mutex::default(),
            usage: Mutex::default(),
            org: Mutex::new(org),
            auth: Mutex::new(auth),
            settings,
            identity,
            clock,
        })
    }

    /// The org, its clock brought up to now. Of several locks this is taken first.
    pub(crate) fn org(&self) -> MutexGuard<'_, Org> {
        let mut org = locked(&self.org);
        org.set_now(self.clock.now());
        org
    }

    pub(crate) fn auth(&self) -> MutexGuard<'_, Auth> {
        locked(&self.auth)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Engine> {
        locked(&self.faults)
    }

    pub(crate) fn log(&self) -> MutexGuard<'_, Log> {
        locked(&self.log)
    }

    pub(crate) fn cursors(&self) -> MutexGuard<'_, Cursors> {
        locked(&self.cursors)
    }

    /// The bulk jobs. Taken after the org, if both are.
    pub(crate) fn jobs(&self) -> MutexGuard<'_, Jobs> {
        locked(&self.jobs)
    }

    /// Runs a job's work in the background, until [`World::stop`].
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = locked(&self.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(work);
    }

    /// Ends the background work.
    pub(crate) fn stop(&self) {
        locked(&self.tasks).abort_all();
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
        let today = (self.clock.now() - self.started).num_days();
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
