//! Everything one sandbox holds, shared by its listeners.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use fastrand::Rng;
use orion_core::sandbox::{self as core, Common};
use tokio::sync::Notify;

use super::auth::Auth;
use super::gateway::KINDS;
use super::oauth::Signer;
use super::replay::Replays;
use super::store::Company;
use super::throttle::{Limits, Throttle};

/// What the builder sets.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) common: core::Settings,
    pub(crate) records: usize,
    pub(crate) seed: u64,
    pub(crate) access_life: Duration,
    pub(crate) rotate_refresh_tokens: bool,
    pub(crate) replay_revokes: bool,
    pub(crate) limits: Limits,
    pub(crate) redirect_uri: String,
}

impl Default for Settings {
    fn default() -> Self {
        let mut common = core::Settings::default();
        common.kinds = KINDS;
        Self {
            common,
            records: 1_000,
            seed: 1,
            access_life: Duration::from_secs(3_600),
            rotate_refresh_tokens: false,
            replay_revokes: false,
            limits: Limits::default(),
            redirect_uri: "http://localhost:8000/callback".to_owned(),
        }
    }
}

/// The seeded user, the app and its secrets.
pub(crate) struct Identity {
    pub(crate) realm: String,
    pub(crate) user_id: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) redirect_uri: String,
    /// What webhooks are signed with.
    pub(crate) verifier: String,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("realm", &self.realm).finish_non_exhaustive()
    }
}

impl Identity {
    fn new(company: &Company, settings: &Settings) -> Self {
        let mut rng = Rng::with_seed(settings.seed ^ 0x1d);
        let mut text = |length: usize| -> String { (0..length).map(|_| rng.alphanumeric()).collect() };
        Self {
            realm: company.realm().to_owned(),
            user_id: text(36).to_lowercase(),
            client_id: format!("AB{}", text(48)),
            client_secret: text(40),
            redirect_uri: settings.redirect_uri.clone(),
            verifier: text(36).to_lowercase(),
        }
    }
}

/// One sandbox.
pub(crate) struct World {
    pub(crate) identity: Identity,
    pub(crate) common: Common,
    pub(crate) signer: Signer,
    /// Told after each change of the company.
    pub(crate) news: Notify,
    company: Mutex<Company>,
    auth: Mutex<Auth>,
    throttle: Mutex<Throttle>,
    replays: Mutex<Replays>,
    /// Where webhooks go already, by kind and address.
    pub(crate) hooks: Mutex<HashSet<(&'static str, String)>>,
    rng: Mutex<Rng>,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("identity", &self.identity).finish_non_exhaustive()
    }
}

impl World {
    pub(crate) fn new(settings: &Settings) -> io::Result<Self> {
        let common = Common::new(settings.common.clone())?;
        let company = Company::seeded(settings.seed, settings.records, common.now());
        Ok(Self {
            identity: Identity::new(&company, settings),
            signer: Signer::new()?,
            auth: Mutex::new(Auth::new(settings)),
            throttle: Mutex::new(Throttle::new(settings.limits)),
            rng: Mutex::new(Rng::with_seed(settings.seed ^ 0x71d)),
            company: Mutex::new(company),
            replays: Mutex::new(HashMap::new()),
            hooks: Mutex::default(),
            news: Notify::new(),
            common,
        })
    }

    /// The sandbox's time.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.common.now()
    }

    /// The company, its clock brought up to now. Of several locks this is taken first.
    pub(crate) fn company(&self) -> MutexGuard<'_, Company> {
        let mut company = locked(&self.company);
        company.set_now(self.now());
        company
    }

    pub(crate) fn auth(&self) -> MutexGuard<'_, Auth> {
        locked(&self.auth)
    }

    pub(crate) fn throttle(&self) -> MutexGuard<'_, Throttle> {
        locked(&self.throttle)
    }

    pub(crate) fn replays(&self) -> MutexGuard<'_, Replays> {
        locked(&self.replays)
    }

    /// Hexadecimal digits from the seed.
    pub(crate) fn hex(&self, length: usize) -> String {
        let mut rng = locked(&self.rng);
        (0..length).map(|_| rng.digit(16)).collect()
    }
}

/// Takes a lock. A panic while it was held leaves the data as usable as any other fault would.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
