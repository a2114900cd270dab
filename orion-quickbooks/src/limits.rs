//! How fast: Intuit's limits, kept before the vendor has to refuse.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use orion_core::{
    Error, ErrorKind, Result, Retry,
    http::{Middleware, Next, Request, Response},
    observe::Event,
};
use tokio::time::{Instant, sleep_until, timeout};

/// How many requests may be sent to one company, and in how much time. A connection keeps the limits for all its clones; two connections
/// to the same company know nothing of each other.
///
/// The defaults are Intuit's (docs, "API call limits and throttling"): 500 requests a minute and 10 a second, and 40 batches a minute, for
/// one app and one company. Ten may be under way at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Throttle {
    /// Requests in any minute.
    pub per_minute: usize,
    /// Requests in any second.
    pub per_second: usize,
    /// Batches in any minute.
    pub batches_per_minute: usize,
    /// Requests at the same time.
    pub at_once: u32,
}

impl Default for Throttle {
    fn default() -> Self {
        Self { per_minute: 500, per_second: 10, batches_per_minute: 40, at_once: 10 }
    }
}

impl Throttle {
    /// No limits, for a vendor's double that has none.
    #[must_use]
    pub fn none() -> Self {
        let most = usize::MAX;
        Self { per_minute: most, per_second: most, batches_per_minute: most, at_once: 10_000 }
    }

    /// Sets how many requests may be sent in any minute.
    #[must_use]
    pub fn per_minute(mut self, requests: usize) -> Self {
        self.per_minute = requests.max(1);
        self
    }

    /// Sets how many requests may be sent in any second.
    #[must_use]
    pub fn per_second(mut self, requests: usize) -> Self {
        self.per_second = requests.max(1);
        self
    }
}

/// How long to wait for an answer, the wait for a turn not counted: Intuit gives up on a request after two minutes (docs, "API call limits and
/// throttling").
const TIMEOUT: Duration = Duration::from_secs(120);

/// The operation of batches, which have a limit of their own.
pub(crate) const BATCH: &str = "batch";

/// Lets requests leave so that no stretch of time holds more of them than allowed.
///
/// It remembers when the last of them left, as many as a limit allows: a token bucket of the same size would let twice as many through in the
/// stretch that begins with its burst.
#[derive(Debug)]
pub(crate) struct Pace(Mutex<Vec<Window>>);

#[derive(Debug)]
struct Window {
    most: usize,
    per: Duration,
    batches_only: bool,
    left: VecDeque<Instant>,
}

impl Window {
    fn new(most: usize, per: Duration, batches_only: bool) -> Self {
        // A request is counted where it arrives, and one may overtake another on the way.
        Self { most, per: per + per / 100, batches_only, left: VecDeque::new() }
    }

    fn applies(&self, operation: &str) -> bool {
        !self.batches_only || operation == BATCH
    }

    /// When the next request may leave.
    fn free_at(&self) -> Option<Instant> {
        let first = self.left.len().checked_sub(self.most)?;
        Some(*self.left.get(first)? + self.per)
    }

    fn note(&mut self, now: Instant) {
        while self.left.front().is_some_and(|at| *at + self.per <= now) {
            self.left.pop_front();
        }
        if self.most < usize::MAX {
            self.left.push_back(now);
        }
    }
}

impl Pace {
    pub(crate) fn new(limits: Throttle) -> Self {
        let minute = Duration::from_secs(60);
        Self(Mutex::new(vec![
            Window::new(limits.per_minute, minute, false),
            Window::new(limits.per_second, Duration::from_secs(1), false),
            Window::new(limits.batches_per_minute, minute, true),
        ]))
    }

    /// Takes a turn, or says when there is one.
    fn turn(&self, operation: &str) -> Option<Instant> {
        let now = Instant::now();
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let applying = windows.iter_mut().filter(|window| window.applies(operation));
        let applying: Vec<&mut Window> = applying.collect();
        let free = applying.iter().filter_map(|window| window.free_at()).max();
        if let Some(at) = free.filter(|at| *at > now) {
            return Some(at);
        }
        applying.into_iter().for_each(|window| window.note(now));
        None
    }
}

#[async_trait]
impl Middleware for Pace {
    async fn handle(&self, request: Request, next: Next<'_>) -> Result<Response> {
        while let Some(at) = self.turn(request.operation) {
            let (adapter, operation) = (next.adapter(), request.operation);
            next.emit(&Event::Throttled { adapter, operation, wait: at - Instant::now() });
            sleep_until(at).await;
        }
        timeout(TIMEOUT, next.run(request)).await.unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::Timeout, format!("no answer within {TIMEOUT:?}"))
                .with_retry(Retry::Now)
                .with_ambiguous())
        })
    }
}
