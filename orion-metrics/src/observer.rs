//! From events to samples.

use std::{fmt, time::Duration};

use orion_core::{
    Clock, Error, ErrorKind, Result, StreamKey,
    observe::{Drift, Event, Observer},
};

use crate::{
    ATTEMPT_SECONDS, ATTEMPTS, CALL_SECONDS, CALLS, COMMIT_SECONDS, DRIFT, Descriptor, QUOTA_LIMIT,
    QUOTA_USED, READ_SECONDS, RECORDS, RECORDS_READ, REJECTED, RETRIES, RETRY_WAIT, SYNC_RUNS, SYNC_SECONDS,
    SYNC_SUCCEEDED, Sample, Sink, THROTTLE, TOKEN_RENEWALS,
};

/// An observer that turns events into samples for a sink.
///
/// ```
/// use std::sync::Arc;
/// use orion_core::{UnifiedCustomer, Record, observe::Observers, testing::{self, Memory}};
/// use orion_core::sync::{Engine, MemoryCheckpoints, Plan, channel};
/// use orion_metrics::{MemorySink, Metrics, RECORDS};
/// # let _ = (Record::new("c1", UnifiedCustomer::default()), Observers::none());
///
/// let memory = Arc::new(MemorySink::new());
/// let observers = Observers::one(Metrics::new(Arc::clone(&memory)));
/// assert_eq!(memory.sum(&RECORDS, &[("op", "upsert")]), 0.0);
/// # let _ = observers;
/// ```
pub struct Metrics<S> {
    sink: S,
    clock: Clock,
}

impl<S: Sink> Metrics<S> {
    /// Hands samples to a sink.
    #[must_use]
    pub fn new(sink: S) -> Self {
        Self { sink, clock: Clock::system() }
    }

    /// Sets where the samples' time comes from.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Makes the sink write out what it buffers.
    ///
    /// # Errors
    /// See [`Sink::flush`].
    pub fn flush(&self) -> Result<()> {
        self.sink.flush()
    }

    fn take(&self, descriptor: &'static Descriptor, account: Option<&str>, values: &[&str], value: f64) {
        debug_assert_eq!(descriptor.labels.len(), values.len(), "{}", descriptor.name);
        self.sink.record(&Sample { descriptor, value, values, account, at: self.clock.now() });
    }

    fn call(&self, adapter: &str, operation: &str, error: Option<ErrorKind>, elapsed: Duration) {
        self.take(&CALLS, None, &[adapter, operation, outcome(error)], 1.0);
        self.take(&CALL_SECONDS, None, &[adapter, operation], elapsed.as_secs_f64());
    }

    fn of_stream(&self, event: &Event<'_>) {
        match *event {
            Event::Committed { .. } => self.committed(event),
            Event::Rejected { stream, reason, .. } => {
                self.take_of(&REJECTED, stream, Some(reason.kind().as_str()), 1.0);
            }
            Event::Drift { stream, change, .. } => {
                let change = match change {
                    Drift::Added(_) => "added",
                    Drift::Removed => "removed",
                    Drift::Retyped { .. } => "retyped",
                    _ => "other",
                };
                self.take_of(&DRIFT, stream, Some(change), 1.0);
            }
            Event::StreamFinished { stream, error, elapsed } => {
                self.take_of(&SYNC_RUNS, stream, Some(outcome(error.map(Error::kind))), 1.0);
                self.take_of(&SYNC_SECONDS, stream, None, elapsed.as_secs_f64());
                if error.is_none() {
                    let at = self.clock.now();
                    // Exact to the microsecond until the year 2255.
                    #[expect(
                        clippy::cast_precision_loss,
                        reason = "a time of day needs no more than 53 bits of microseconds"
                    )]
                    self.take_of(&SYNC_SUCCEEDED, stream, None, at.timestamp_micros() as f64 / 1e6);
                }
            }
            _ => {}
        }
    }

    fn committed(&self, event: &Event<'_>) {
        let Event::Committed {
            stream,
            upserts,
            deletes,
            swept,
            unchanged,
            rejected,
            batch,
            read_time,
            write_time,
            ..
        } = *event
        else {
            return;
        };
        self.take_of(&RECORDS_READ, stream, None, count(batch));
        for (op, records) in [
            ("upsert", upserts),
            ("delete", deletes.saturating_sub(swept)),
            ("sweep", swept),
            ("unchanged", unchanged),
            ("rejected", rejected),
        ] {
            if records > 0 {
                self.take_of(&RECORDS, stream, Some(op), count(records));
            }
        }
        self.take_of(&READ_SECONDS, stream, None, read_time.as_secs_f64());
        self.take_of(&COMMIT_SECONDS, stream, None, write_time.as_secs_f64());
    }

    fn take_of(&self, descriptor: &'static Descriptor, stream: &StreamKey, last: Option<&str>, value: f64) {
        let labels = [&*stream.adapter, &*stream.kind, &*stream.object, last.unwrap_or_default()];
        let values = if last.is_some() { &labels[..] } else { &labels[..3] };
        self.take(descriptor, Some(&stream.account), values, value);
    }
}

impl<S: Sink> Observer for Metrics<S> {
    fn event(&self, event: &Event<'_>) {
        match *event {
            Event::Attempt { adapter, operation, method, status, elapsed } => {
                let mut digits = [0; 3];
                self.take(&ATTEMPTS, None, &[adapter, operation, method, code(status, &mut digits)], 1.0);
                self.take(&ATTEMPT_SECONDS, None, &[adapter, operation], elapsed.as_secs_f64());
            }
            Event::Call { adapter, operation, error, elapsed } => {
                self.call(adapter, operation, error, elapsed)
            }
            Event::Retry { adapter, operation, wait, reason, .. } => {
                self.take(&RETRIES, None, &[adapter, operation, reason.as_str()], 1.0);
                self.take(&RETRY_WAIT, None, &[adapter, operation], wait.as_secs_f64());
            }
            Event::Throttled { adapter, operation, wait } => {
                self.take(&THROTTLE, None, &[adapter, operation], wait.as_secs_f64());
            }
            Event::Quota { adapter, name, used, limit } => {
                self.take(&QUOTA_USED, None, &[adapter, name], count(used));
                self.take(&QUOTA_LIMIT, None, &[adapter, name], count(limit));
            }
            Event::Token { adapter, account, error } => {
                self.take(&TOKEN_RENEWALS, Some(account), &[adapter, outcome(error)], 1.0);
            }
            _ => self.of_stream(event),
        }
    }
}

impl<S> fmt::Debug for Metrics<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

fn outcome(error: Option<ErrorKind>) -> &'static str {
    error.map_or("ok", ErrorKind::as_str)
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 records")]
fn count(number: u64) -> f64 {
    number as f64
}

/// A status as its three digits; `none` when no answer came.
fn code(status: Option<u16>, digits: &mut [u8; 3]) -> &str {
    let Some(status) = status.filter(|status| (100..1000).contains(status)) else { return "none" };
    for (at, digit) in digits.iter_mut().enumerate() {
        let place = [100, 10, 1][at];
        *digit = b'0' + u8::try_from(status / place % 10).unwrap_or_default();
    }
    std::str::from_utf8(digits).unwrap_or("none")
}
