//! Bulk loading: streams in, streams out, jobs that survive a restart.

use std::collections::HashMap;

use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};

use crate::{Adapter, Change, Fields, Model, Outcome, Query, Record, Result, WriteOptions};

/// A bulk job at the vendor, in as many parts as its size limit asked for.
///
/// Serialise it after [`Bulk::submit`]; a restarted process reads the outcomes of the same job with it. The positions of the
/// inputs are known only to the process that submitted them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BulkJob {
    /// The vendor's object.
    pub object: Box<str>,
    /// The column that identifies a row, if the operation has one.
    pub key: Option<Box<str>>,
    /// The parts, in the order they were sent.
    pub parts: Vec<BulkPart>,
    /// Records sent.
    pub records: u64,
    /// Input positions by the hash of a row's cells, for matching the vendor's results.
    #[serde(skip)]
    pub positions: HashMap<u64, Vec<u64>>,
}

impl BulkJob {
    /// A job without parts yet.
    #[must_use]
    pub fn new(object: impl Into<Box<str>>, key: Option<Box<str>>) -> Self {
        Self { object: object.into(), key, ..Self::default() }
    }
}

/// One part of a bulk job: one job of the vendor's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BulkPart {
    /// The vendor's id.
    pub id: Box<str>,
    /// Records sent with this part.
    pub records: u64,
}

impl BulkPart {
    /// Names a part.
    #[must_use]
    pub fn new(id: impl Into<Box<str>>, records: u64) -> Self {
        Self { id: id.into(), records }
    }
}

/// What became of one row.
#[derive(Debug)]
#[non_exhaustive]
pub struct RowOutcome {
    /// Position among the inputs, if this process submitted them.
    pub index: Option<u64>,
    /// The row as the vendor echoes it, under the vendor's names.
    pub row: Fields,
    /// What became of it.
    pub outcome: Outcome,
}

impl RowOutcome {
    /// Builds the outcome of one row.
    #[must_use]
    pub fn new(index: Option<u64>, row: Fields, outcome: Outcome) -> Self {
        Self { index, row, outcome }
    }
}

/// An adapter that loads and exports `M` in bulk.
#[diagnostic::on_unimplemented(
    message = "the `{Self}` adapter cannot bulk-load `{M}` records",
    label = "`{M}` has no bulk interface here",
    note = "implement `Bulk<{M}>` for `{Self}`, or write the records with `Write<{M}>`"
)]
pub trait Bulk<M: Model>: Adapter {
    /// Sends every record of a stream, with bounded memory, and starts the job.
    ///
    /// # Errors
    /// Wrong options, or a part that could not be sent. Parts already sent are aborted before the error returns.
    fn submit<'a>(
        &'a self,
        options: &'a WriteOptions,
        records: BoxStream<'a, Record<M>>,
    ) -> impl Future<Output = Result<BulkJob>> + Send + 'a;

    /// Waits for a job and yields one outcome per row, in the vendor's order.
    ///
    /// Dropping the stream leaves the job running: wait for it again with the same [`BulkJob`].
    fn outcomes<'a>(&'a self, job: &'a BulkJob) -> BoxStream<'a, Result<RowOutcome>>;

    /// Stops a job. Rows already written stay written.
    ///
    /// # Errors
    /// `Conflict` if it has ended already, `NotFound` if the vendor no longer keeps it.
    fn abort(&self, job: &BulkJob) -> impl Future<Output = Result<()>> + Send;

    /// Reads in bulk, with bounded memory.
    fn export<'a>(&'a self, query: &'a Query) -> BoxStream<'a, Result<Change<M>>>;
}
