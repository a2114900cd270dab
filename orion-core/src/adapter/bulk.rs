//! Bulk loading: streams in, streams out, jobs that survive a restart.

use std::{any::Any, sync::Arc};

use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};

use crate::{Adapter, Change, Error, ErrorKind, Fields, Model, Outcome, Query, Record, Result, WriteOptions};

/// A bulk job at the vendor, in as many parts as its size limit asked for.
///
/// Serialise it after [`Bulk::submit`]; a restarted process reads the outcomes of the same job with it. What only the
/// submitting process knows, the positions of the inputs first of all, does not go along.
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
    /// Records not sent, because they cannot be: their outcomes are known already.
    #[serde(default)]
    pub refused: Vec<Refused>,
    #[serde(skip)]
    pub(crate) local: Local,
}

impl BulkJob {
    /// A job without parts yet.
    #[must_use]
    pub fn new(object: impl Into<Box<str>>, key: Option<Box<str>>) -> Self {
        Self { object: object.into(), key, ..Self::default() }
    }

    /// Attaches what the adapter keeps of the job in this process. Clones share it; serialisation leaves it out.
    #[must_use]
    pub fn with_local<T: Any + Send + Sync>(mut self, local: T) -> Self {
        self.local = Local(Some(Arc::new(local)));
        self
    }

    /// What the adapter keeps of the job in this process, if the job was submitted in it.
    #[must_use]
    pub fn local<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.local.0.as_deref()?.downcast_ref()
    }
}

/// The adapter's own state. No part of what a job is, so all are equal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Local(Option<Arc<dyn Any + Send + Sync>>);

impl PartialEq for Local {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A record that was not sent with a bulk job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Refused {
    /// Position among the inputs.
    pub index: u64,
    /// Kind of the error.
    pub kind: ErrorKind,
    /// What is wrong with it.
    pub reason: Box<str>,
}

impl Refused {
    /// Notes why a record was not sent.
    #[must_use]
    pub fn new(index: u64, error: &Error) -> Self {
        Self { index, kind: error.kind(), reason: error.to_string().into_boxed_str() }
    }

    /// The record's outcome.
    #[must_use]
    pub fn outcome(&self) -> RowOutcome {
        RowOutcome::new(Some(self.index), Fields::new(), Err(Error::new(self.kind, self.reason.clone())))
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
    /// The row as the vendor echoes it, under the vendor's names. It may be empty where `index` names the input and the row succeeded.
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
///
/// ```
/// use futures::{TryStreamExt, stream};
/// use orion_core::{AdapterExt, BulkJob, Record, UnifiedCustomer, WriteOptions, testing::{self, Memory}};
///
/// testing::run(async {
///     let vendor = Memory::new(testing::clock());
///     let records = stream::iter((0..1_000).map(|_| Record::new("", UnifiedCustomer::default())));
///     let job = vendor.bulk_submit(&WriteOptions::create(), records).await?;
///
///     // Written down, the job outlives the process.
///     let text = serde_json::to_string(&job).unwrap();
///     let job: BulkJob = serde_json::from_str(&text).unwrap();
///     let outcomes: Vec<_> = vendor.bulk_outcomes::<UnifiedCustomer>(&job).try_collect().await?;
///     assert_eq!(outcomes.iter().filter(|row| row.outcome.is_ok()).count(), 1_000);
///     # Ok::<(), orion_core::Error>(())
/// }).unwrap();
/// ```
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_survives_as_text_without_what_is_local() {
        let mut job = BulkJob::new("Account", Some("Id".into())).with_local(7_u32);
        job.parts.push(BulkPart::new("750", 3));
        job.refused.push(Refused::new(1, &Error::new(ErrorKind::TooLarge, "too long")));
        assert_eq!((job.local::<u32>(), job.local::<u64>()), (Some(&7), None));
        let text = serde_json::to_string(&job).unwrap();
        let read: BulkJob = serde_json::from_str(&text).unwrap();
        assert_eq!(read, job);
        assert_eq!(read.local::<u32>(), None);
        let outcome = read.refused[0].outcome();
        assert_eq!((outcome.index, outcome.outcome.unwrap_err().kind()), (Some(1), ErrorKind::TooLarge));
    }
}
