//! Events through the `tracing` crate.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tracing::{
    Level, Span,
    field::{debug, display},
};

use super::{Event, Observer};
use crate::StreamKey;

/// One event. Its level and name have to be known to the compiler: they are part of what a subscriber filters by.
macro_rules! emit {
    ($level:expr, $name:literal, parent: $parent:expr, $($fields:tt)*) => {
        tracing::event!(name: $name, target: "orion", parent: $parent, $level, $($fields)*, $name)
    };
    ($level:expr, $name:literal, $($fields:tt)*) => {
        tracing::event!(name: $name, target: "orion", $level, $($fields)*, $name)
    };
}

/// An observer that emits every event through the `tracing` crate, target `orion`.
///
/// An event's name, and its message, is that of the [`Event`] in lower case, words joined by `_`; its fields have the same names too, times being
/// seconds. A pass over a stream is a span, `stream`, from `stream_started` to `stream_finished`, in which the stream's other events happen.
///
/// What failed is a warning, and an error where nothing follows that could mend it (`token`, `stream_finished`); what a person wants to read is
/// `INFO`, the rest `DEBUG`.
///
/// ```
/// use orion_core::observe::{Event, Observers, Tracing};
///
/// let observers = Observers::one(Tracing::new());
/// observers.emit(&Event::Quota { adapter: "acme", name: "day", used: 1, limit: 2 });
/// ```
#[derive(Default)]
pub struct Tracing {
    streams: Mutex<HashMap<StreamKey, Span>>,
}

impl Tracing {
    /// An observer that hands events to whichever subscriber is in force where they happen.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn streams(&self) -> MutexGuard<'_, HashMap<StreamKey, Span>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The span of a stream's pass, or none if it began before this observer was there.
    fn span(&self, stream: &StreamKey) -> Span {
        self.streams().get(stream).cloned().unwrap_or_else(Span::none)
    }

    fn started(&self, stream: &StreamKey, phase: &str) {
        let span = tracing::info_span!(target: "orion", "stream", stream = display(stream), phase);
        emit!(Level::INFO, "stream_started", parent: &span, phase);
        self.streams().insert(stream.clone(), span);
    }

    fn stream_event(&self, event: &Event<'_>) {
        match *event {
            Event::StreamStarted { stream, phase } => self.started(stream, phase),
            Event::Committed {
                stream,
                phase,
                upserts,
                deletes,
                swept,
                unchanged,
                rejected,
                batch,
                read,
                total,
                read_time,
                write_time,
            } => {
                let (read_time, write_time) = (read_time.as_secs_f64(), write_time.as_secs_f64());
                let span = self.span(stream);
                emit!(
                    Level::INFO, "committed", parent: &span, stream = display(stream), phase, upserts, deletes, swept,
                    unchanged, rejected, batch, read, total, read_time, write_time
                );
            }
            Event::Rejected { stream, id, reason } => {
                let (span, id) = (self.span(stream), id.map(display));
                emit!(Level::WARN, "rejected", parent: &span, stream = display(stream), id, reason = display(reason));
            }
            Event::Drift { stream, field, change } => {
                let span = self.span(stream);
                emit!(Level::WARN, "drift", parent: &span, stream = display(stream), field, change = debug(change));
            }
            Event::StreamFinished { stream, error, elapsed } => {
                let (span, elapsed) = (self.span(stream), elapsed.as_secs_f64());
                self.streams().remove(stream);
                match error.map(display) {
                    None => {
                        emit!(Level::INFO, "stream_finished", parent: &span, stream = display(stream), elapsed)
                    }
                    error => {
                        emit!(Level::ERROR, "stream_finished", parent: &span, stream = display(stream), error, elapsed);
                    }
                }
            }
            _ => request_event(event),
        }
    }
}

fn request_event(event: &Event<'_>) {
    match *event {
        Event::Attempt { adapter, operation, method, status, elapsed } => {
            let elapsed = elapsed.as_secs_f64();
            emit!(Level::DEBUG, "attempt", adapter, operation, method, status, elapsed);
        }
        Event::Call { adapter, operation, error, elapsed } => {
            let elapsed = elapsed.as_secs_f64();
            match error.map(debug) {
                None => emit!(Level::DEBUG, "call", adapter, operation, elapsed),
                error => emit!(Level::WARN, "call", adapter, operation, error, elapsed),
            }
        }
        Event::Retry { adapter, operation, attempt, wait, reason } => {
            let wait = wait.as_secs_f64();
            emit!(Level::WARN, "retry", adapter, operation, attempt, wait, reason = debug(reason));
        }
        Event::Throttled { adapter, operation, wait } => {
            emit!(Level::DEBUG, "throttled", adapter, operation, wait = wait.as_secs_f64());
        }
        Event::Quota { adapter, name, used, limit } => {
            emit!(Level::DEBUG, "quota", adapter, name, used, limit);
        }
        Event::Token { adapter, account, error } => match error.map(debug) {
            None => emit!(Level::INFO, "token", adapter, account),
            error => emit!(Level::ERROR, "token", adapter, account, error),
        },
        Event::Notice { adapter, key, outcome, error } => match error.map(debug) {
            None if outcome == "delivered" => emit!(Level::DEBUG, "notice", adapter, key, outcome),
            error => emit!(Level::WARN, "notice", adapter, key, outcome, error),
        },
        Event::StreamStarted { .. }
        | Event::Committed { .. }
        | Event::Rejected { .. }
        | Event::Drift { .. }
        | Event::StreamFinished { .. } => {}
    }
}

impl Observer for Tracing {
    fn event(&self, event: &Event<'_>) {
        self.stream_event(event);
    }
}

impl fmt::Debug for Tracing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracing").field("streams", &self.streams().len()).finish()
    }
}

#[cfg(test)]
mod tests;
