//! Where records go.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Checkpoint;
use crate::{Change, Model, RecordId, Rejected, Result, StreamKey};

/// What one page of a stream brings to a destination, with the checkpoint that marks it as done.
#[derive(Debug)]
#[non_exhaustive]
pub struct Batch<M> {
    /// The stream.
    pub stream: Arc<StreamKey>,
    /// The changes, in the source's order. No id is empty; an id can occur more than once.
    pub changes: Vec<Change<M>>,
    /// Records that could not be read as the model, to be kept as dead letters.
    pub rejected: Vec<Rejected>,
    /// The position after this batch; its revision is the expected one plus 1.
    pub checkpoint: Checkpoint,
    /// The revision that has to be stored now (0: none), or else another run has moved the stream.
    pub expected: u64,
    /// When the batch was made.
    pub at: DateTime<Utc>,
    /// What to do about records the source no longer lists.
    pub sweep: Option<Sweep>,
}

impl<M> Batch<M> {
    /// A batch that moves a stream from the revision before the checkpoint's to the checkpoint.
    #[must_use]
    pub fn new(
        stream: StreamKey,
        changes: Vec<Change<M>>,
        checkpoint: Checkpoint,
        at: DateTime<Utc>,
    ) -> Self {
        Self {
            stream: Arc::new(stream),
            changes,
            rejected: Vec::new(),
            expected: checkpoint.revision.saturating_sub(1),
            checkpoint,
            at,
            sweep: None,
        }
    }

    /// Adds records that could not be read.
    #[must_use]
    pub fn with_rejected(mut self, rejected: Vec<Rejected>) -> Self {
        self.rejected = rejected;
        self
    }

    /// Makes it a batch of a pass that lists everything.
    #[must_use]
    pub fn with_sweep(mut self, sweep: Sweep) -> Self {
        self.sweep = Some(sweep);
        self
    }

    /// How many records it carries; what a destination reports has to add up to it.
    #[must_use]
    pub fn len(&self) -> u64 {
        (self.changes.len() + self.rejected.len()) as u64
    }

    /// Whether it carries none. Its checkpoint has to be committed all the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A batch of a pass that lists every record of the source: what it does not list is gone.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sweep {
    /// Whether the pass begins with this batch: what was met before is to be forgotten.
    pub first: bool,
    /// Set at the end of a complete pass: delete what it did not meet, unless that is more than this share of the live records.
    pub finish: Option<f64>,
}

impl Sweep {
    /// A batch of such a pass: its first one or a later one, and at its end the largest share that may go.
    #[must_use]
    pub const fn new(first: bool, finish: Option<f64>) -> Self {
        Self { first, finish }
    }
}

/// What a destination did with a batch.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Applied {
    /// Records made or changed.
    pub upserts: u64,
    /// Records deleted.
    pub deletes: u64,
    /// Changes that made no difference.
    pub unchanged: u64,
    /// Records the destination itself refused, beside those the batch brought.
    pub rejected: Vec<Rejected>,
    /// Records deleted by the sweep.
    pub swept: u64,
}

impl Applied {
    /// Counts what was made or changed.
    #[must_use]
    pub fn upserts(upserts: u64) -> Self {
        Self { upserts, ..Self::default() }
    }

    /// Counts what was deleted.
    #[must_use]
    pub fn deletes(mut self, deletes: u64) -> Self {
        self.deletes = deletes;
        self
    }

    /// Counts what made no difference.
    #[must_use]
    pub fn unchanged(mut self, unchanged: u64) -> Self {
        self.unchanged = unchanged;
        self
    }

    /// Adds the records the destination refused.
    #[must_use]
    pub fn rejected(mut self, rejected: Vec<Rejected>) -> Self {
        self.rejected = rejected;
        self
    }
}

/// Where the records of `M` go.
///
/// A *transactional* destination commits the records, the dead letters and the checkpoint of a batch together, so that every change takes
/// effect exactly once. For any other the engine commits the checkpoint to a [`CheckpointStore`] afterwards: after a crash
/// between the two the batch comes again (at least once), and applying it twice has to be harmless.
///
/// Dyn because an engine runs plans into several destinations side by side; called once per page.
#[async_trait]
pub trait Destination<M: Model>: Send + Sync + 'static {
    /// Prepares for a stream and returns its checkpoint, if one is kept here.
    ///
    /// # Errors
    /// `Storage` if what is kept cannot be read, `Config` if it belongs to another version or shape.
    async fn open(&self, stream: &StreamKey) -> Result<Option<Checkpoint>>;

    /// Applies a batch, whole or not at all if the destination is transactional.
    ///
    /// # Errors
    /// `Conflict` if the stored revision is not the expected one, `Storage` if the store fails. The batch comes again in a later run.
    ///
    /// # Cancel safety
    /// Dropped half-way, a transactional destination has applied the batch whole or not at all.
    async fn apply(&self, batch: Arc<Batch<M>>) -> Result<Applied>;

    /// Whether records and checkpoint are committed together, here.
    fn transactional(&self) -> bool;

    /// Whether it can delete what a complete pass did not meet ([`Batch::sweep`]).
    fn sweeps(&self) -> bool {
        false
    }
}

#[async_trait]
impl<M: Model, D: Destination<M> + ?Sized> Destination<M> for Arc<D> {
    async fn open(&self, stream: &StreamKey) -> Result<Option<Checkpoint>> {
        (**self).open(stream).await
    }

    async fn apply(&self, batch: Arc<Batch<M>>) -> Result<Applied> {
        (**self).apply(batch).await
    }

    fn transactional(&self) -> bool {
        (**self).transactional()
    }

    fn sweeps(&self) -> bool {
        (**self).sweeps()
    }
}

/// A checkpoint to be stored, with the dead letters of its batch.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Commit<'a> {
    /// The stream.
    pub stream: &'a StreamKey,
    /// The checkpoint.
    pub checkpoint: &'a Checkpoint,
    /// The revision that has to be stored now (0: none).
    pub expected: u64,
    /// Records that could not be read or applied.
    pub rejected: &'a [&'a Rejected],
    /// Records that the batch brought well: their earlier dead letters are settled. One that is rejected as well is not.
    pub settled: &'a [&'a RecordId],
    /// When the batch was made.
    pub at: DateTime<Utc>,
}

impl<'a> Commit<'a> {
    /// A checkpoint to replace the one of revision `expected`.
    #[must_use]
    pub fn new(stream: &'a StreamKey, checkpoint: &'a Checkpoint, expected: u64, at: DateTime<Utc>) -> Self {
        Self { stream, checkpoint, expected, rejected: &[], settled: &[], at }
    }

    /// Adds the dead letters of its batch.
    #[must_use]
    pub fn with_rejected(mut self, rejected: &'a [&'a Rejected]) -> Self {
        self.rejected = rejected;
        self
    }

    /// Adds the records whose earlier dead letters are settled.
    #[must_use]
    pub fn with_settled(mut self, settled: &'a [&'a RecordId]) -> Self {
        self.settled = settled;
        self
    }
}

/// Keeps checkpoints and dead letters for destinations that cannot.
///
/// Dyn because the host chooses where they live; called once per page.
#[async_trait]
pub trait CheckpointStore: Send + Sync + 'static {
    /// The checkpoint of a stream.
    ///
    /// # Errors
    /// `Storage` if the store fails, `Config` if a newer version of Orion wrote it.
    async fn load(&self, stream: &StreamKey) -> Result<Option<Checkpoint>>;

    /// Stores a checkpoint and its dead letters, both or neither.
    ///
    /// # Errors
    /// `Conflict` if the stored revision is not the expected one, `Storage` if the store fails.
    async fn commit(&self, commit: Commit<'_>) -> Result<()>;
}

#[async_trait]
impl<S: CheckpointStore + ?Sized> CheckpointStore for Arc<S> {
    async fn load(&self, stream: &StreamKey) -> Result<Option<Checkpoint>> {
        (**self).load(stream).await
    }

    async fn commit(&self, commit: Commit<'_>) -> Result<()> {
        (**self).commit(commit).await
    }
}
