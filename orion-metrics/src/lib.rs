//! Observer events of Orion as samples, and the sinks that keep them.
//!
//! Core reports what happens as [events](orion_core::observe::Event). A [`Metrics`] observer turns each into [`Sample`]s of the metrics
//! described here and hands them to a [`Sink`]: [`MemorySink`] keeps sums for a status page or a test, [`JsonLinesSink`] writes each
//! sample as a line, [`FanOut`] and [`Only`] combine them, and a sink of the host's own is one method. Nothing is global: two tenants
//! with two observers have figures of their own.
//!
//! ```
//! use std::sync::Arc;
//!
//! use orion_core::{AdapterExt, Query, UnifiedCustomer, http::Client, observe::Observers, testing::{self, Script}};
//! use orion_metrics::{CALLS, MemorySink, Metrics, RETRIES};
//!
//! testing::run(async {
//!     let memory = Arc::new(MemorySink::new());
//!     let observers = Observers::one(Metrics::new(Arc::clone(&memory)));
//!
//!     let script = Script::new().on(http::Method::GET, "/me").reply(503, "busy").reply(200, "ada");
//!     let base = "https://acme.test/".parse().unwrap();
//!     let client = Client::builder("acme", base, script).observers(observers).build();
//!     client.get("/me", "me").send().await.unwrap();
//!
//!     assert_eq!(memory.sum(&CALLS, &[("adapter", "acme"), ("outcome", "ok")]), 1.0);
//!     assert_eq!(memory.sum(&RETRIES, &[("reason", "transport")]), 1.0);
//! });
//! ```
//!
//! # The metrics
//!
//! | name | type | labels | what |
//! | --- | --- | --- | --- |
//! | `orion_calls_total` | counter | adapter, operation, outcome | calls that ended, after all their attempts |
//! | `orion_call_seconds` | histogram | adapter, operation | time from a call to its result, waits included |
//! | `orion_attempts_total` | counter | adapter, operation, method, status | exchanges with a vendor: its count of API calls |
//! | `orion_attempt_seconds` | histogram | adapter, operation | time until the headers of an answer, or until the failure |
//! | `orion_retries_total` | counter | adapter, operation, reason | attempts that failed and were repeated |
//! | `orion_retry_wait_seconds_total` | counter | adapter, operation | time waited before another attempt |
//! | `orion_throttle_seconds_total` | counter | adapter, operation | time waited under a rate limit |
//! | `orion_quota_used` | gauge | adapter, quota | how much of a vendor's quota is used |
//! | `orion_quota_limit` | gauge | adapter, quota | how much a vendor's quota allows |
//! | `orion_token_renewals_total` | counter | adapter, outcome | access tokens obtained or renewed |
//! | `orion_sync_runs_total` | counter | adapter, kind, object, outcome | passes over a stream that ended |
//! | `orion_sync_seconds` | histogram | adapter, kind, object | time a pass took |
//! | `orion_sync_succeeded_timestamp_seconds` | gauge | adapter, kind, object | when a pass last succeeded, in seconds since 1970: freshness is now less this |
//! | `orion_records_read_total` | counter | adapter, kind, object | records read and committed |
//! | `orion_records_total` | counter | adapter, kind, object, op | what became of them: `upsert`, `delete`, `unchanged`, `rejected`; and `sweep`, a delete of what a complete read no longer held |
//! | `orion_read_seconds` | histogram | adapter, kind, object | time spent reading a page |
//! | `orion_commit_seconds` | histogram | adapter, kind, object | time spent applying and committing it |
//! | `orion_rejected_total` | counter | adapter, kind, object, reason | records set aside as dead letters |
//! | `orion_drift_total` | counter | adapter, kind, object, change | fields of a source that were `added`, `removed` or `retyped` |
//!
//! No record is lost between the two: `orion_records_read_total` is the sum of `orion_records_total` over `upsert`, `delete`, `unchanged`
//! and `rejected`.
//!
//! `outcome` and `reason` are `ok` or the name of an [`ErrorKind`](orion_core::ErrorKind). Labels carry names of adapters, operations,
//! kinds and objects, never an account or a record, so the number of series is bounded. The account is in [`Sample::account`], for
//! sinks that can bear one series per tenant.

mod descriptor;
mod json_lines;
mod memory;
mod observer;
mod sink;

pub use descriptor::{
    ALL, ATTEMPT_SECONDS, ATTEMPTS, CALL_SECONDS, CALLS, COMMIT_SECONDS, DRIFT, Descriptor, Form,
    QUOTA_LIMIT, QUOTA_USED, READ_SECONDS, RECORDS, RECORDS_READ, REJECTED, RETRIES, RETRY_WAIT, SYNC_RUNS,
    SYNC_SECONDS, SYNC_SUCCEEDED, THROTTLE, TOKEN_RENEWALS, Unit,
};
pub use json_lines::JsonLinesSink;
pub use memory::{MemorySink, Series, Snapshot, Summary, Value};
pub use observer::Metrics;
pub use sink::{FanOut, Only, Sample, Sink};
