//! What the SDK reports while it works.
//!
//! Core emits typed, borrowed [`Event`]s through one injected [`Observer`]. Nothing is global: two tenants in one process have
//! two observers. No event carries a token, a header, a body, a query string or a record's content.
//!
//! An observer is a closure, or a type that implements [`Observer`]; [`Observers`] shares one or several. They go to whatever reports: an
//! adapter's builder, [`http::ClientBuilder`](crate::http::ClientBuilder), a sync [`Engine`](crate::sync::Engine).
//!
//! ```
//! use std::sync::{Arc, atomic::{AtomicU32, Ordering}};
//! use orion_core::{http::Client, observe::{Event, Observers}, testing::{self, Script}};
//!
//! testing::run(async {
//!     let retries = Arc::new(AtomicU32::new(0));
//!     let counted = Arc::clone(&retries);
//!     let observers = Observers::one(move |event: &Event<'_>| {
//!         if let Event::Retry { operation, attempt, wait, .. } = event {
//!             println!("{operation}: attempt {attempt} failed, the next in {wait:?}");
//!             counted.fetch_add(1, Ordering::Relaxed);
//!         }
//!     });
//!
//!     let script = Script::new().on(http::Method::GET, "/me").reply(503, "busy").reply(200, "ada");
//!     let client = Client::builder("acme", "https://acme.test/".parse().unwrap(), script).observers(observers).build();
//!     client.get("/me", "me").send().await.unwrap();
//!     assert_eq!(retries.load(Ordering::Relaxed), 1);
//! });
//! ```
//!
//! The feature `tracing` has an observer that emits events through the `tracing` crate, and the crate `orion-metrics` one that counts and
//! times them.

#[cfg(feature = "tracing")]
mod tracing;

use std::{fmt, sync::Arc, time::Duration};

#[cfg(feature = "tracing")]
pub use self::tracing::Tracing;

use crate::{Error, ErrorKind, RecordId, StreamKey};

/// Something that happened. New variants may be added in minor versions.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// One exchange with a vendor ended: one attempt, one API call.
    Attempt {
        /// Name of the adapter.
        adapter: &'a str,
        /// The operation, for instance `query`.
        operation: &'a str,
        /// HTTP method.
        method: &'a str,
        /// HTTP status, if an answer came.
        status: Option<u16>,
        /// Time until the headers of the answer, or until the failure.
        elapsed: Duration,
    },
    /// A call ended, after all its attempts.
    Call {
        /// Name of the adapter.
        adapter: &'a str,
        /// The operation.
        operation: &'a str,
        /// `None` on success.
        error: Option<ErrorKind>,
        /// Time from the call to its result, waits included.
        elapsed: Duration,
    },
    /// A failed attempt will be tried again.
    Retry {
        /// Name of the adapter.
        adapter: &'a str,
        /// The operation.
        operation: &'a str,
        /// The attempt that failed, from 1.
        attempt: u32,
        /// The wait before the next one.
        wait: Duration,
        /// Why it failed.
        reason: ErrorKind,
    },
    /// A call waits for its turn under a rate limit.
    Throttled {
        /// Name of the adapter.
        adapter: &'a str,
        /// The operation.
        operation: &'a str,
        /// The wait.
        wait: Duration,
    },
    /// The vendor said how much of a quota is used.
    Quota {
        /// Name of the adapter.
        adapter: &'a str,
        /// The vendor's name for the quota.
        name: &'a str,
        /// Used so far in the quota's period.
        used: u64,
        /// The most the period allows.
        limit: u64,
    },
    /// An access token was obtained or refreshed, or that failed.
    Token {
        /// Name of the adapter.
        adapter: &'a str,
        /// The account the token is for.
        account: &'a str,
        /// `None` on success.
        error: Option<ErrorKind>,
    },
    /// A message to people was delivered, or was not.
    Notice {
        /// Name of the adapter.
        adapter: &'a str,
        /// What the message is about: the key its sender gave.
        key: &'a str,
        /// `delivered`, `deferred` (it will be tried again), `ambiguous` (it may have been delivered), `rejected`, `rerouted` or `dropped`
        /// (there was no room for it).
        outcome: &'a str,
        /// Why, if it was not delivered.
        error: Option<ErrorKind>,
    },
    /// A pass over a stream began.
    StreamStarted {
        /// The stream.
        stream: &'a StreamKey,
        /// `backfill` or `incremental`.
        phase: &'a str,
    },
    /// A batch was committed together with its checkpoint.
    Committed {
        /// The stream.
        stream: &'a StreamKey,
        /// `backfill` or `incremental`.
        phase: &'a str,
        /// Records made or changed at the destination.
        upserts: u64,
        /// Records deleted at the destination.
        deletes: u64,
        /// Of those, the ones deleted because a complete read no longer held them.
        swept: u64,
        /// Records the destination had already.
        unchanged: u64,
        /// Records set aside as dead letters.
        rejected: u64,
        /// Records in this batch. Together with `swept` they are the upserts, deletes, unchanged and rejected ones.
        batch: u64,
        /// Records read in this pass so far.
        read: u64,
        /// Records the pass will read, if the source said so.
        total: Option<u64>,
        /// Time spent reading the page.
        read_time: Duration,
        /// Time spent applying it.
        write_time: Duration,
    },
    /// A record could not be read or applied and was set aside.
    Rejected {
        /// The stream.
        stream: &'a StreamKey,
        /// The record, if its id could be read.
        id: Option<&'a RecordId>,
        /// Why.
        reason: &'a Error,
    },
    /// The fields of a source changed.
    Drift {
        /// The stream.
        stream: &'a StreamKey,
        /// The field, as the source names it.
        field: &'a str,
        /// What happened to it.
        change: Drift<'a>,
    },
    /// A pass over a stream ended.
    StreamFinished {
        /// The stream.
        stream: &'a StreamKey,
        /// `None` on success.
        error: Option<&'a Error>,
        /// Time the pass took.
        elapsed: Duration,
    },
}

/// What happened to a field of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Drift<'a> {
    /// It is new; its type.
    Added(&'a str),
    /// It is missing.
    Removed,
    /// Its type changed.
    Retyped {
        /// The type it had.
        from: &'a str,
        /// The type it has.
        to: &'a str,
    },
}

/// Receives events. Called inline: it must be quick and must not block.
pub trait Observer: Send + Sync {
    /// Receives one event.
    fn event(&self, event: &Event<'_>);
}

impl<F: Fn(&Event<'_>) + Send + Sync> Observer for F {
    fn event(&self, event: &Event<'_>) {
        self(event);
    }
}

/// A shared observer; the default observes nothing.
///
/// ```
/// use std::sync::{Arc, atomic::{AtomicU64, Ordering}};
/// use orion_core::observe::{Event, Observers};
///
/// let calls = Arc::new(AtomicU64::new(0));
/// let counted = Arc::clone(&calls);
/// let observers = Observers::one(move |event: &Event<'_>| {
///     if let Event::Attempt { .. } = event {
///         counted.fetch_add(1, Ordering::Relaxed);
///     }
/// });
/// # let elapsed = std::time::Duration::ZERO;
/// observers.emit(&Event::Attempt { adapter: "acme", operation: "query", method: "GET", status: Some(200), elapsed });
/// assert_eq!(calls.load(Ordering::Relaxed), 1);
/// ```
#[derive(Clone, Default)]
pub struct Observers(Arc<[Arc<dyn Observer>]>);

impl Observers {
    /// Observes nothing.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Hands every event to one observer.
    #[must_use]
    pub fn one(observer: impl Observer + 'static) -> Self {
        Self(Arc::new([Arc::new(observer) as Arc<dyn Observer>]))
    }

    /// Hands every event to one more observer.
    #[must_use]
    pub fn and(&self, observer: Arc<dyn Observer>) -> Self {
        Self(self.0.iter().map(Arc::clone).chain([observer]).collect())
    }

    /// Emits an event.
    pub fn emit(&self, event: &Event<'_>) {
        for observer in &*self.0 {
            observer.event(event);
        }
    }
}

impl fmt::Debug for Observers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Observers({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn every_observer_gets_every_event() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (a, b) = (Arc::clone(&seen), Arc::clone(&seen));
        let observers = Observers::one(move |_: &Event<'_>| a.lock().unwrap().push('a'))
            .and(Arc::new(move |_: &Event<'_>| b.lock().unwrap().push('b')));
        observers.emit(&Event::Quota { adapter: "acme", name: "day", used: 1, limit: 2 });
        assert_eq!(*seen.lock().unwrap(), ['a', 'b']);
        Observers::none().emit(&Event::Quota { adapter: "acme", name: "day", used: 1, limit: 2 });
        assert_eq!(seen.lock().unwrap().len(), 2);
    }
}
