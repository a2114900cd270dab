//! The sync engine: from a source, by its changes, into a destination.
//!
//! A [`Plan`] names a source, a [`Destination`] and a [`Policy`]; an [`Engine`] runs plans. The first run of a stream reads everything,
//! each later one what changed since, deletes included. After each page the records and the position are committed, so that
//! a run can be stopped or killed at any moment and the next one goes on:
//!
//! - *exactly once* into a destination that commits records and checkpoint together (SQLite, Postgres, JSON Lines),
//! - *at least once*, in order, into any other, whose checkpoint the engine commits to a [`CheckpointStore`] afterwards.
//!
//! Two runs of one stream cannot interleave: a commit names the revision it replaces, and the slower one gets `Conflict`.
//!
//! ```
//! # #[cfg(feature = "sqlite")]
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use std::sync::Arc;
//! use orion_core::{Clock, Record, UnifiedCustomer, sync::{Engine, Plan, SqlDestination}, testing::Memory};
//!
//! let source = Memory::new(Clock::system()); // any adapter that reads customers
//! source.customers().put(Record::new("c1", UnifiedCustomer::default()));
//! let database = SqlDestination::open(":memory:").await?;
//! let engine = Engine::new().stream(Plan::<UnifiedCustomer, _>::new(Arc::new(source.clone()), database));
//!
//! assert_eq!(engine.run().await.counts().upserts, 1);
//! source.customers().delete("c1");
//! let report = engine.run().await;
//! for (stream, error) in report.errors() {
//!     println!("{stream}: {error}"); // one stream that fails does not stop the others
//! }
//! assert_eq!(report.counts().deletes, 1);
//! # Ok::<(), orion_core::Error>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The words
//!
//! | word | is |
//! | --- | --- |
//! | stream | one object of one account of an adapter, as one model: what a plan syncs ([`StreamKey`]) |
//! | pass | one reading of a stream: the backfill reads everything, an incremental pass what changed since the one before |
//! | checkpoint | where a stream stands, kept with its records ([`Checkpoint`]) |
//! | batch | what one page brings, applied and committed as one ([`Batch`]) |
//! | dead letter | a record that could not be read or applied, kept with its reason while the pass goes on ([`DeadLetter`]) |
//! | sweep | the end of a pass that lists everything: what it did not meet is gone ([`Sweep`], [`Deletes`]) |
//! | drift | fields that appeared, went or changed their type at the source ([`SourceSchema`]), told as events |
//!
//! # The destinations
//!
//! | destination | keeps | each change takes effect |
//! | --- | --- | --- |
//! | `SqlDestination` (features `sqlite`, `postgres`) | tables and views of a database | once |
//! | [`JsonLinesDestination`] | every change as a line of a file | once |
//! | [`AdapterDestination`] | records at another vendor, found there by a field with the source's id | at least once |
//! | [`channel`] | nothing: hands each batch to the host's own code, which acknowledges it | at least once |
//! | a [`Destination`] of the host's own | what it likes | as it says |

mod channel;
mod checkpoint;
mod dead_letter;
mod destination;
mod drift;
mod engine;
mod fetch;
mod json_lines;
mod links;
mod memory;
mod pass;
mod plan;
mod report;
mod rounds;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod sql;
mod state;
mod to_adapter;

pub use channel::{Batches, ChannelDestination, Delivered, channel};
pub use checkpoint::Checkpoint;
pub use dead_letter::DeadLetter;
pub use destination::{Applied, Batch, CheckpointStore, Commit, Destination, Sweep};
pub use drift::SourceSchema;
pub use engine::Engine;
pub use json_lines::JsonLinesDestination;
pub use links::{Link, Links};
pub use memory::MemoryCheckpoints;
pub use plan::{Deletes, Plan, Policy};
pub use report::{Counts, End, Outcome, Report};
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use sql::{Filter, SqlDestination, SqlOptions};
pub use state::{Input, State};
pub use to_adapter::AdapterDestination;

use crate::{Error, ErrorKind, StreamKey};

/// Another run committed the stream meanwhile.
fn moved(stream: &StreamKey) -> Error {
    let message =
        format!("another run has moved the stream {stream}: run one at a time; nothing was changed");
    Error::new(ErrorKind::Conflict, message)
}
