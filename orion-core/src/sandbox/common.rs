//! What every sandbox holds beside the vendor's own state.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::task::JoinSet;

use super::clock::Clock;
use super::faults::{Engine, Fault, FaultKind, Faults, Kinds, Scope};
use super::log::{Log, LogEntry};

/// Settings that every sandbox has.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Settings {
    /// The port of the plain listener; 0 takes a free one.
    pub port: u16,
    /// The port of the TLS listener; 0 takes a free one.
    pub tls_port: u16,
    /// The time that the clock starts at; the machine's unless set.
    pub now: Option<DateTime<Utc>>,
    /// Added to every call.
    pub latency: Duration,
    /// What goes wrong from the start.
    pub faults: Faults,
    /// The kinds of fault that only this vendor has.
    pub kinds: &'static [&'static str],
    /// Those of `kinds` that a rate without kinds draws from too: a client can recover from them without losing a write.
    pub drawn: &'static [&'static str],
}

/// The clock, the fault plan, the request log and the background work of one sandbox.
#[derive(Debug)]
pub struct Common {
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    kinds: Kinds,
    faults: Mutex<Engine>,
    log: Mutex<Log>,
    tasks: Mutex<JoinSet<()>>,
}

impl Common {
    /// Starts the clock.
    ///
    /// # Errors
    ///
    /// When the fault plan has a kind that the vendor does not.
    pub fn new(settings: Settings) -> io::Result<Self> {
        let kinds = Kinds { own: settings.kinds, drawn: settings.drawn };
        let plan = kinds
            .settle(settings.faults.clone())
            .map_err(|why| io::Error::new(io::ErrorKind::InvalidInput, why))?;
        Ok(Self {
            clock: Clock::new(settings.now),
            kinds,
            faults: Mutex::new(Engine::new(plan)),
            log: Mutex::default(),
            tasks: Mutex::default(),
            settings,
        })
    }

    /// The sandbox's time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Moves the sandbox's time forward.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Waits until `due` on the sandbox's clock, which comes by itself or by [`Common::advance`].
    pub async fn reached(&self, due: DateTime<Utc>) {
        self.clock.reached(due).await;
    }

    /// Runs work in the background until it is done or the sandbox stops.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = locked(&self.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(work);
    }

    /// Ends the background work.
    pub(crate) fn stop(&self) {
        locked(&self.tasks).abort_all();
    }

    /// Adds faults to those in force. Rules of a kind that the vendor does not have never fire.
    pub fn inject(&self, faults: impl Into<Faults>) {
        let plan = faults.into();
        let plan = self.kinds.settle(plan.clone()).unwrap_or(plan);
        locked(&self.faults).add(plan);
    }

    /// Stops all faults and forgets their counts.
    pub fn clear_faults(&self) {
        *locked(&self.faults) = Engine::new(Faults::default());
    }

    /// How often each kind of fault was injected.
    #[must_use]
    pub fn injected(&self) -> BTreeMap<FaultKind, u64> {
        locked(&self.faults).injected().clone()
    }

    /// Whether a fault of a kind that the vendor rolls by itself fires now, say for one row of many.
    #[must_use]
    pub fn rolls(&self, kind: &FaultKind, scope: &Scope) -> bool {
        locked(&self.faults).rolls(kind, scope)
    }

    /// The requests seen, oldest first.
    #[must_use]
    pub fn log(&self) -> Vec<LogEntry> {
        locked(&self.log).entries()
    }

    /// Forgets the requests seen and their counts.
    pub fn clear_log(&self) {
        locked(&self.log).clear();
    }

    /// Requests by [`Vendor::route`](super::Vendor::route).
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, u64> {
        locked(&self.log).counts()
    }

    pub(crate) fn pick(&self, scope: &Scope) -> Option<Fault> {
        locked(&self.faults).pick(scope)
    }

    pub(crate) fn add_checked(&self, plan: Faults) -> Result<serde_json::Value, String> {
        let plan = self.kinds.settle(plan)?;
        let mut engine = locked(&self.faults);
        engine.add(plan);
        Ok(engine.shown())
    }

    pub(crate) fn shown(&self) -> serde_json::Value {
        locked(&self.faults).shown()
    }

    pub(crate) fn note(&self, route: String, entry: LogEntry) {
        locked(&self.log).push(route, entry);
    }
}

/// Takes a lock. A panic while it was held leaves the data as usable as any other fault would.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
