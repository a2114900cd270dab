//! Waits for a turn, so that the vendor does not have to refuse.

use std::{num::NonZeroU32, sync::Mutex, time::Duration};

use async_trait::async_trait;
use governor::{
    Quota, RateLimiter,
    clock::{Clock as GovernorClock, Reference},
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep_until},
};

use super::super::{Middleware, Next, Request, Response};
use crate::{Clock, Result, http::retry_after, observe::Event};

/// How fast and how many at once. The default limits nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// So many requests in this time, evenly spread after a burst of that size.
    pub rate: Option<(NonZeroU32, Duration)>,
    /// So many requests at the same time.
    pub concurrent: Option<NonZeroU32>,
}

impl Limits {
    /// No limits.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// At most `requests` in any `per`.
    #[must_use]
    pub fn rate(mut self, requests: NonZeroU32, per: Duration) -> Self {
        self.rate = Some((requests, per));
        self
    }

    /// At most `requests` at the same time.
    #[must_use]
    pub fn concurrent(mut self, requests: NonZeroU32) -> Self {
        self.concurrent = Some(requests);
        self
    }
}

/// tokio's clock for governor, so that a paused runtime pauses the limiter too.
#[derive(Clone, Copy, Debug)]
struct TokioClock;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Tick(Instant);

impl GovernorClock for TokioClock {
    type Instant = Tick;

    fn now(&self) -> Tick {
        Tick(Instant::now())
    }
}

impl Reference for Tick {
    fn duration_since(&self, earlier: Self) -> governor::nanos::Nanos {
        self.0.saturating_duration_since(earlier.0).into()
    }

    fn saturating_sub(&self, duration: governor::nanos::Nanos) -> Self {
        Self(self.0.checked_sub(duration.into()).unwrap_or(self.0))
    }
}

impl std::ops::Add<governor::nanos::Nanos> for Tick {
    type Output = Self;

    fn add(self, duration: governor::nanos::Nanos) -> Self {
        Self(self.0 + Duration::from(duration))
    }
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Tick>>;

pub(in crate::http) struct Limited {
    limiter: Option<Limiter>,
    slots: Option<Semaphore>,
    /// Set by a `Retry-After`: what one call was told holds for all of them.
    closed_until: Mutex<Option<Instant>>,
    clock: Clock,
}

impl Limited {
    pub(in crate::http) fn new(limits: Limits, clock: Clock) -> Self {
        let quota = limits.rate.and_then(|(requests, per)| {
            Quota::with_period(per / requests.get()).map(|quota| quota.allow_burst(requests))
        });
        Self {
            limiter: quota.map(|quota| RateLimiter::direct_with_clock(quota, TokioClock)),
            slots: limits.concurrent.map(|requests| Semaphore::new(requests.get() as usize)),
            closed_until: Mutex::new(None),
            clock,
        }
    }

    /// When the next request may leave, if not now.
    fn turn(&self) -> Option<Instant> {
        let now = Instant::now();
        let closed = *self.closed_until.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(until) = closed.filter(|until| *until > now) {
            return Some(until);
        }
        let not_yet = self.limiter.as_ref()?.check().err()?;
        Some(now + not_yet.wait_time_from(Tick(now)))
    }

    fn close(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut closed = self.closed_until.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *closed = Some(closed.map_or(until, |earlier| earlier.max(until)));
    }
}

#[async_trait]
impl Middleware for Limited {
    async fn handle(&self, request: Request, next: Next<'_>) -> Result<Response> {
        let _slot = match &self.slots {
            Some(slots) => slots.acquire().await.ok(),
            None => None,
        };
        while let Some(at) = self.turn() {
            let (adapter, operation) = (next.adapter(), request.operation);
            next.emit(&Event::Throttled { adapter, operation, wait: at - Instant::now() });
            sleep_until(at).await;
        }
        let response = next.run(request).await?;
        if matches!(response.status.as_u16(), 429 | 503)
            && let Some(wait) = retry_after(&response.headers, &self.clock)
        {
            self.close(wait);
        }
        Ok(response)
    }
}
