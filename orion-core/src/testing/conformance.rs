//! The conformance suite: what every adapter has to do, whoever wrote it.
//!
//! The cases are derived from the adapter's [`Resources`](crate::Resources): what it declares is checked, and nothing passes because it was
//! left out. A [`Subject`] says how to connect the adapter and, as far as the vendor's double allows, how to change something at
//! the source. Each check has a name and ends as passed, failed or not declared. One that is due and cannot be run has failed.
//!
//! Run it under a paused clock ([`testing::run`](crate::testing::run) or `#[tokio::test(start_paused = true)]`): it waits out time limits and
//! `Retry-After`. A sandbox that is reached over real sockets goes behind a [`Threaded`](crate::testing::Threaded) transport.
//!
//! ```
//! use orion_core::{Connector, Kind, Record, Result, UnifiedCustomer};
//! use orion_core::testing::{self, Memory, conformance::{self, Env, Subject}};
//!
//! struct InMemory(Memory);
//!
//! impl Subject for InMemory {
//!     async fn connect(&self, _: Env) -> Result<Connector> {
//!         Ok(orion_core::AdapterExt::connect(self.0.clone()))
//!     }
//!
//!     fn sample(&self, _: Kind, _: &str, number: u64) -> Option<conformance::Sample> {
//!         let mut customer = UnifiedCustomer::default();
//!         customer.display_name = Some(format!("Customer {number}"));
//!         let extra = [("external_id", format!("x{number}"))].into_iter().collect();
//!         Some(conformance::sample(Record::new("", customer).with_extra(extra)))
//!     }
//! }
//!
//! testing::run(async {
//!     let vendor = Memory::new(testing::clock());
//!     for id in 0..10 {
//!         vendor.customers().put(Record::new(format!("c{id}"), UnifiedCustomer::default()));
//!         tokio::time::sleep(std::time::Duration::from_secs(1)).await;
//!     }
//!     let report = conformance::run(&InMemory(vendor)).await;
//!     println!("{report}");
//!     assert_eq!(report.status("pagination.pages_terminate", "customer/Customer"), Some("passed"));
//! });
//! ```

mod auth;
mod bench;
mod bulk;
mod cancel;
mod check;
mod crash;
mod deletes;
mod discovery;
mod events;
mod incremental;
mod isolation;
mod limits;
mod lists;
mod mapping;
mod memory;
#[cfg(test)]
mod mutants;
mod paging;
mod reading;
mod report;
mod retry;
mod secrets;
mod webhooks;
mod wire;
mod writes;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use serde_json::Value;

pub use lists::OverLists;
pub use report::{Report, Row, Status};

use self::bench::Bench;
use super::Seen;
use crate::{Clock, Connector, Delivery, Kind, Model, Record, Result, http::Transport, observe::Observers};

/// A record as the suite handles it: its model as JSON, so that no check needs the model's type.
pub type Sample = Record<Value>;

/// Makes a [`Sample`] of a record.
///
/// # Panics
/// If the model does not serialise.
#[must_use]
#[expect(clippy::expect_used, reason = "a test's own value")]
pub fn sample<M: Model>(record: Record<M>) -> Sample {
    let json = serde_json::to_value(&record.model).expect("the model serialises");
    record.map(|_| json)
}

/// What a connector under test is made with.
#[non_exhaustive]
pub struct Env {
    /// What it sends its requests through: [`Subject::transport`], watched and disturbed by the suite.
    pub transport: Arc<dyn Transport>,
    /// What observes it.
    pub observers: Observers,
    /// Where it takes the time from.
    pub clock: Clock,
    /// Which credentials it uses.
    pub credentials: Credentials,
}

impl std::fmt::Debug for Env {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Env").field("credentials", &self.credentials).finish_non_exhaustive()
    }
}

/// Which credentials a connector is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// Ones that allow everything.
    Good,
    /// Ones the vendor refuses.
    Refused,
    /// Ones that are genuine and allow nothing the adapter needs.
    Narrow,
}

/// An adapter under test and its surroundings. Only [`connect`](Self::connect) has to be written; what else is given decides what can be checked.
///
/// The source has to hold some records of every object, changed at different times, more than three pages of at least one.
pub trait Subject: Send + Sync {
    /// Makes a connector, new each time, on the transport, observers and clock it is given.
    ///
    /// # Errors
    /// What the adapter's own set-up reports; a refusal of the credentials may be one.
    fn connect(&self, env: Env) -> impl Future<Output = Result<Connector>> + Send;

    /// What leads to the vendor's double. `None`: the adapter sends no requests, and nothing about requests is checked.
    fn transport(&self) -> Option<Arc<dyn Transport>> {
        None
    }

    /// The clock of the vendor's double.
    fn clock(&self) -> Clock {
        super::clock()
    }

    /// The size of a small page: the source's objects should take several of it.
    fn page_size(&self) -> u32 {
        3
    }

    /// How many records to write at once, more than fit into one of the vendor's batches.
    fn batch(&self) -> u64 {
        7
    }

    /// What must never be shown: passwords, client secrets, refresh tokens. Bearer tokens are found on the wire.
    fn secrets(&self) -> Vec<String> {
        Vec::new()
    }

    /// The credentials beside good ones that [`connect`](Self::connect) can use.
    fn credentials(&self) -> Vec<Credentials> {
        Vec::new()
    }

    /// A record that can be written to an object: another content for every number, and no id. Where the object has a key, its value is in
    /// it too. Needed for every kind that can be written.
    fn sample(&self, kind: Kind, object: &str, number: u64) -> Option<Sample> {
        let _ = (kind, object, number);
        None
    }

    /// A record that fits the model and that the vendor refuses.
    fn invalid(&self, kind: Kind, object: &str) -> Option<Sample> {
        let _ = (kind, object);
        None
    }

    /// Changes a record at the source, past the adapter. Needed for objects with a cursor that the adapter cannot write.
    fn touch(&self, object: &str, id: &str) -> impl Future<Output = Option<()>> + Send {
        let _ = (object, id);
        async { None }
    }

    /// Deletes a record at the source, past the adapter. Needed for objects with deletes that the adapter cannot write.
    fn remove(&self, object: &str, id: &str) -> impl Future<Output = Option<()>> + Send {
        let _ = (object, id);
        async { None }
    }

    /// The vendor's name of a field of the object whose values are an enumeration, and which most records have.
    fn enumeration(&self, kind: Kind, object: &str) -> Option<&'static str> {
        let _ = (kind, object);
        None
    }

    /// Changes a record at the source twice, one change after the other, and gives what the vendor sends about it, in order, signed at `now`,
    /// which is what the adapter's clock shows. Needed for every kind that is received.
    fn deliveries(
        &self,
        kind: Kind,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Option<Vec<Delivery>>> + Send {
        let _ = (kind, now);
        async { None }
    }

    /// How long a delivery's signature is good. `None`: the vendor signs no time.
    fn signatures_last(&self) -> Option<Duration> {
        None
    }

    /// Makes the vendor refuse the access tokens it has handed out, while they can still be renewed.
    fn expire_tokens(&self) -> impl Future<Output = Option<()>> + Send {
        async { None }
    }

    /// Whether a request asks for tokens. By default a POST to a path that ends in `token`.
    fn is_token_request(seen: &Seen) -> bool {
        seen.method == http::Method::POST && seen.path().ends_with("token")
    }
}

/// Runs every check that applies to a subject.
pub async fn run<S: Subject>(subject: &S) -> Report {
    let mut report = Report::new();
    let bench = match Bench::new(subject).await {
        Ok(bench) => bench,
        Err(stop) => {
            report.note("check.connects", "", Err(stop));
            return report;
        }
    };
    report.title = bench.id.to_string();
    check::run(&bench, &mut report).await;
    discovery::run(&bench, &mut report).await;
    for stream in bench.streams.iter().filter(|stream| stream.can.read) {
        reading::run(&bench, stream, &mut report).await;
        paging::run(&bench, stream, &mut report).await;
        incremental::run(&bench, stream, &mut report).await;
        memory::run(&bench, stream, &mut report).await;
    }
    paging::some_stream_has_pages(&mut report);
    auth::run(&bench, &mut report).await;
    limits::run(&bench, &mut report).await;
    retry::run(&bench, &mut report).await;
    events::run(&bench, &mut report).await;
    cancel::run(&bench, &mut report).await;
    isolation::run(&bench, &mut report).await;
    for stream in &bench.streams {
        crash::run(&bench, stream, &mut report).await;
    }
    for stream in &bench.streams {
        deletes::run(&bench, stream, &mut report).await;
        writes::run(&bench, stream, &mut report).await;
        bulk::run(&bench, stream, &mut report).await;
        mapping::run(&bench, stream, &mut report).await;
    }
    webhooks::run(&bench, &mut report).await;
    secrets::run(&bench, &mut report).await;
    report
}
