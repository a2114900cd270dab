//! An observer that keeps what it saw.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crate::{
    Error, ErrorKind,
    observe::{Drift, Event, Observer, Observers},
};

/// An observer that keeps an owned summary of every event. A clone is the same one.
#[derive(Clone, Debug, Default)]
pub struct Events(Arc<Mutex<Vec<Summary>>>);

/// What an event said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// The event's name in lower case, words joined by `_`: `attempt`, `stream_started`.
    pub name: &'static str,
    /// Name of the adapter.
    pub adapter: String,
    /// The operation, for events of the request path; the phase, for events of a stream.
    pub operation: String,
    /// The stream, for events of one.
    pub stream: Option<String>,
    /// HTTP status.
    pub status: Option<u16>,
    /// Why it failed.
    pub error: Option<ErrorKind>,
    /// A wait, or the time something took.
    pub time: Duration,
    /// Upserts, deletes, unchanged and rejected records of a commit.
    pub counts: [u64; 4],
    /// The whole event as `Debug` shows it, its errors with all their sources.
    pub text: String,
}

impl Events {
    /// An observer that has seen nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Observers that hand every event to this one.
    #[must_use]
    pub fn observers(&self) -> Observers {
        Observers::one(self.clone())
    }

    /// What was seen so far.
    #[must_use]
    pub fn all(&self) -> Vec<Summary> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was seen under a name.
    #[must_use]
    pub fn named(&self, name: &str) -> Vec<Summary> {
        self.all().into_iter().filter(|event| event.name == name).collect()
    }

    /// How many were seen under a name.
    #[must_use]
    pub fn count(&self, name: &str) -> usize {
        self.named(name).len()
    }

    /// Forgets what was seen.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Observer for Events {
    fn event(&self, event: &Event<'_>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(summary(event));
    }
}

fn summary(event: &Event<'_>) -> Summary {
    let text = text(event);
    let summary = match *event {
        Event::Attempt { adapter, operation, status, elapsed, .. } => {
            Summary { status, ..called("attempt", adapter, operation, None, elapsed) }
        }
        Event::Call { adapter, operation, error, elapsed } => {
            called("call", adapter, operation, error, elapsed)
        }
        Event::Retry { adapter, operation, wait, reason, .. } => {
            called("retry", adapter, operation, Some(reason), wait)
        }
        Event::Throttled { adapter, operation, wait } => called("throttled", adapter, operation, None, wait),
        Event::Quota { adapter, name, .. } => called("quota", adapter, name, None, Duration::ZERO),
        Event::Token { adapter, error, .. } => called("token", adapter, "", error, Duration::ZERO),
        Event::Notice { adapter, outcome, error, .. } => {
            called("notice", adapter, outcome, error, Duration::ZERO)
        }
        _ => of_stream(event),
    };
    Summary { text, ..summary }
}

fn of_stream(event: &Event<'_>) -> Summary {
    match *event {
        Event::StreamStarted { stream, phase } => streamed("stream_started", stream, phase),
        Event::Committed {
            stream,
            phase,
            upserts,
            deletes,
            unchanged,
            rejected,
            read_time,
            write_time,
            ..
        } => Summary {
            counts: [upserts, deletes, unchanged, rejected],
            time: read_time + write_time,
            ..streamed("committed", stream, phase)
        },
        Event::Rejected { stream, reason, .. } => {
            Summary { error: Some(reason.kind()), ..streamed("rejected", stream, "") }
        }
        Event::Drift { stream, change, .. } => {
            let what = match change {
                Drift::Added(_) => "added",
                Drift::Removed => "removed",
                Drift::Retyped { .. } => "retyped",
            };
            streamed("drift", stream, what)
        }
        Event::StreamFinished { stream, error, elapsed } => Summary {
            error: error.map(Error::kind),
            time: elapsed,
            ..streamed("stream_finished", stream, "")
        },
        _ => Summary { name: "other", ..Summary::default() },
    }
}

fn called(
    name: &'static str,
    adapter: &str,
    operation: &str,
    error: Option<ErrorKind>,
    time: Duration,
) -> Summary {
    Summary { name, adapter: adapter.into(), operation: operation.into(), error, time, ..Summary::default() }
}

fn streamed(name: &'static str, stream: &crate::StreamKey, phase: &str) -> Summary {
    Summary {
        name,
        adapter: stream.adapter.to_string(),
        operation: phase.into(),
        stream: Some(stream.to_string()),
        ..Summary::default()
    }
}

/// All an event shows, with the `Display` of its errors down to the last source: what a search for a leaked secret looks at.
fn text(event: &Event<'_>) -> String {
    let mut text = format!("{event:?}");
    let error = match event {
        Event::Rejected { reason, .. } => Some(*reason),
        Event::StreamFinished { error, .. } => *error,
        _ => None,
    };
    let mut source = error.map(|error| error as &dyn std::error::Error);
    while let Some(error) = source {
        text.push_str(&format!(" | {error}"));
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, StreamKey};

    #[test]
    fn events_keep_the_figures_and_the_text() {
        let events = Events::new();
        let stream = StreamKey::new("acme", "a1", Kind::new("customer"), "Customer");
        events.observers().emit(&Event::Committed {
            stream: &stream,
            phase: "backfill",
            upserts: 3,
            deletes: 2,
            swept: 0,
            unchanged: 1,
            rejected: 0,
            batch: 6,
            read: 6,
            total: None,
            read_time: Duration::from_secs(1),
            write_time: Duration::from_secs(2),
        });
        let reason = Error::new(ErrorKind::Malformed, "no id").with_source(std::io::Error::other("deep"));
        events.observers().emit(&Event::Rejected { stream: &stream, id: None, reason: &reason });
        let committed = &events.named("committed")[0];
        assert_eq!(committed.counts, [3, 2, 1, 0]);
        assert_eq!(committed.time, Duration::from_secs(3));
        assert_eq!(committed.stream.as_deref(), Some("acme/a1/customer/Customer"));
        assert!(events.named("rejected")[0].text.ends_with("no id | deep"));
        assert_eq!(events.count("attempt"), 0);
    }
}
