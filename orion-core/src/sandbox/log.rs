//! The request log: what clients did, for a test to assert on.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::faults::FaultKind;

/// The newest requests that are kept.
const KEPT: usize = 50_000;

/// One request, as `GET /_sandbox/log` lists it.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct LogEntry {
    /// Counts from 1 over the sandbox's life.
    pub sequence: u64,
    /// When it came, on the sandbox's clock.
    pub at: DateTime<Utc>,
    /// The HTTP method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query as sent.
    pub query: String,
    /// The status sent; `None` if the connection was cut.
    pub status: Option<u16>,
    /// Bytes of the body received.
    pub received: usize,
    /// Bytes of the body sent, as framed on the wire.
    pub sent: usize,
    /// Milliseconds from the whole request to the reply.
    pub milliseconds: u64,
    /// Where it came from.
    pub client: String,
    /// Its `User-Agent`.
    pub user_agent: String,
    /// The fault injected, if any.
    pub fault: Option<FaultKind>,
}

/// The kept requests and the counts of all.
#[derive(Debug, Default)]
pub(crate) struct Log {
    entries: VecDeque<LogEntry>,
    total: u64,
    by_route: BTreeMap<String, u64>,
}

impl Log {
    pub(crate) fn push(&mut self, route: String, mut entry: LogEntry) {
        self.total += 1;
        entry.sequence = self.total;
        *self.by_route.entry(route).or_default() += 1;
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.by_route.clear();
    }

    pub(crate) fn entries(&self) -> Vec<LogEntry> {
        self.entries.iter().cloned().collect()
    }

    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        self.by_route.clone()
    }
}
