//! What ingest and query jobs have in common, and the list of all.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::csv_text::{Delimiter, LineEnding};
use super::ingest_run::Ingest;
use super::query::Select;
use crate::sandbox::clock::stamp;
use crate::sandbox::state::World;
use crate::sandbox::store::ApiError;
use crate::sandbox::store::id::checksum;

/// How long a finished job is kept (Salesforce docs: seven days).
const KEPT: TimeDelta = TimeDelta::days(7);

/// The states a job passes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum State {
    Open,
    UploadComplete,
    InProgress,
    JobComplete,
    Failed,
    Aborted,
}

impl State {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::UploadComplete => "UploadComplete",
            Self::InProgress => "InProgress",
            Self::JobComplete => "JobComplete",
            Self::Failed => "Failed",
            Self::Aborted => "Aborted",
        }
    }

    pub(super) fn is_over(self) -> bool {
        matches!(self, Self::JobComplete | Self::Failed | Self::Aborted)
    }
}

/// The body of `PATCH jobs/…/{id}`.
#[derive(Deserialize)]
pub(super) struct Change {
    pub(super) state: State,
}

/// The part of a job that both kinds have.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) id: String,
    pub(super) operation: &'static str,
    pub(super) object: String,
    pub(super) state: State,
    pub(super) delimiter: Delimiter,
    pub(super) line_ending: LineEnding,
    /// The version it was created with, `v60.0`.
    pub(super) version: String,
    pub(super) created: DateTime<Utc>,
    pub(super) changed: DateTime<Utc>,
    pub(super) started: Option<DateTime<Utc>>,
    pub(super) error: Option<String>,
}

impl Head {
    pub(super) fn enter(&mut self, state: State, now: DateTime<Utc>) {
        self.state = state;
        self.changed = now;
        if state == State::InProgress {
            self.started = Some(now);
        }
    }

    /// The members that every reply about a job has.
    pub(super) fn shown(&self, world: &World) -> Value {
        let version: f64 = self.version.trim_start_matches('v').parse().unwrap_or_default();
        json!({
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": world.identity.user_id,
            "createdDate": stamp(self.created),
            "systemModstamp": stamp(self.changed),
            "state": self.state.name(),
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": version,
            "lineEnding": self.line_ending.name(),
            "columnDelimiter": self.delimiter.name(),
        })
    }

    /// Milliseconds from the start of processing to its end, or to now.
    pub(super) fn took(&self, now: DateTime<Utc>) -> i64 {
        let Some(started) = self.started else { return 0 };
        let until = if self.state.is_over() { self.changed } else { now };
        (until - started).num_milliseconds().max(0)
    }
}

/// Every job of the org.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    pub(super) ingest: BTreeMap<String, Ingest>,
    pub(super) query: BTreeMap<String, Select>,
    count: u32,
}

impl Jobs {
    /// A new job's id: prefix 750.
    pub(super) fn new_id(&mut self) -> String {
        self.count += 1;
        let short = format!("750Ho0000{:06}", self.count);
        let check: String = checksum(&short).iter().collect();
        short + &check
    }

    pub(super) fn ingest_mut(&mut self, id: &str, now: DateTime<Utc>) -> Result<&mut Ingest, ApiError> {
        let job = self.ingest.values_mut().find(|job| same(&job.head.id, id));
        job.filter(|job| kept(&job.head, now)).ok_or_else(ApiError::not_found)
    }

    pub(super) fn query_mut(&mut self, id: &str, now: DateTime<Utc>) -> Result<&mut Select, ApiError> {
        let job = self.query.values_mut().find(|job| same(&job.head.id, id));
        job.filter(|job| kept(&job.head, now)).ok_or_else(ApiError::not_found)
    }
}

/// The 15-character form names the same job.
fn same(own: &str, given: &str) -> bool {
    own == given || (given.len() == 15 && own.get(..15) == Some(given))
}

fn kept(head: &Head, now: DateTime<Utc>) -> bool {
    !head.state.is_over() || now - head.changed < KEPT
}

/// A list of jobs, newest last; the sandbox answers it whole.
pub(super) fn listed(records: &[Value]) -> Value {
    json!({ "done": true, "nextRecordsUrl": null, "records": records })
}
