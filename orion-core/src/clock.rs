//! Where the time comes from.

use std::{fmt, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};

/// A source of wall-clock time that a test can move.
///
/// Waiting is done with `tokio::time`, so a paused runtime moves both together when the clock is
/// [`Clock::following_tokio`].
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// The machine's clock.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn system() -> Self {
        Self(Arc::new(Utc::now))
    }

    /// A clock that stands at `start` now and advances with tokio's, paused or not.
    ///
    /// It has to be made inside a runtime.
    #[must_use]
    pub fn following_tokio(start: DateTime<Utc>) -> Self {
        let origin = tokio::time::Instant::now();
        Self(Arc::new(move || start + TimeDelta::from_std(origin.elapsed()).unwrap_or(TimeDelta::MAX)))
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}
