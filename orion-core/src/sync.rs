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
pub use links::Links;
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
