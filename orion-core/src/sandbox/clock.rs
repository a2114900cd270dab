//! The sandbox's own time: it runs with the runtime's clock and can be moved forward.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

/// Time as the simulated vendor sees it.
#[derive(Debug)]
pub(crate) struct Clock {
    start: DateTime<Utc>,
    began: Instant,
    advanced_ms: AtomicI64,
    moved: Notify,
}

impl Clock {
    /// Starts at `start`, or at the machine's time.
    pub(crate) fn new(start: Option<DateTime<Utc>>) -> Self {
        let start = start.unwrap_or_else(|| SystemTime::now().into());
        Self { start, began: Instant::now(), advanced_ms: AtomicI64::new(0), moved: Notify::new() }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        let ran = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        let ms = ran.saturating_add(self.advanced_ms.load(Ordering::Relaxed));
        TimeDelta::try_milliseconds(ms)
            .and_then(|delta| self.start.checked_add_signed(delta))
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    pub(crate) fn advance(&self, by: Duration) {
        let ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.advanced_ms.fetch_add(ms, Ordering::Relaxed);
        self.moved.notify_waiters();
    }

    /// Waits until `due`, which comes by itself or by [`Clock::advance`].
    pub(crate) async fn reached(&self, due: DateTime<Utc>) {
        loop {
            let moved = self.moved.notified();
            let left = (due - self.now()).to_std().unwrap_or_default();
            if left.is_zero() {
                return;
            }
            tokio::select! {
                () = sleep(left) => {}
                () = moved => {}
            }
        }
    }
}

/// A time as HTTP headers carry it (RFC 9110 IMF-fixdate).
#[must_use]
pub fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_wait_ends_when_the_clock_is_moved_past_it() {
        let clock = Clock::new(None);
        let due = clock.now() + TimeDelta::days(1);
        let moves = async { clock.advance(Duration::from_secs(86_400)) };
        let began = Instant::now();
        tokio::join!(clock.reached(due), moves);
        assert!(began.elapsed() < Duration::from_secs(60));
        clock.reached(due + TimeDelta::hours(1)).await;
        assert!(began.elapsed() >= Duration::from_secs(3600));
    }
}
