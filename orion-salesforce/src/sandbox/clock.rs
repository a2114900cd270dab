//! The sandbox's own time: it runs with the runtime's clock and can be moved forward.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

/// Time as the simulated org sees it.
#[derive(Debug)]
pub(crate) struct Clock {
    start: DateTime<Utc>,
    began: Instant,
    advanced_ms: AtomicI64,
}

impl Clock {
    /// Starts at `start`, or at the machine's time.
    pub(crate) fn new(start: Option<DateTime<Utc>>) -> Self {
        let start = start.unwrap_or_else(|| SystemTime::now().into());
        Self { start, began: Instant::now(), advanced_ms: AtomicI64::new(0) }
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
    }
}

/// A time as REST bodies carry it, `2024-06-11T17:02:44.000+0000`.
pub(crate) fn stamp(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()
}

/// A time as HTTP headers carry it (RFC 9110 IMF-fixdate).
pub(crate) fn http_date(at: DateTime<Utc>) -> String {
    at.format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
