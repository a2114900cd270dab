//! What a run did.

use std::time::Duration;

use crate::{Error, StreamKey};

/// What a run did, stream by stream, in the order of the plans.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report {
    /// One outcome per plan.
    pub streams: Vec<Outcome>,
}

impl Report {
    /// Whether every stream ended its pass.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.streams.iter().all(|stream| stream.end.is_complete())
    }

    /// The streams that failed, with the reason.
    pub fn errors(&self) -> impl Iterator<Item = (&StreamKey, &Error)> {
        self.streams.iter().filter_map(|stream| stream.error().map(|error| (&stream.stream, error)))
    }

    /// The counts of all streams together.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.streams.iter().fold(Counts::default(), |sum, stream| sum.and(&stream.counts))
    }
}

/// What one run of one plan did.
#[derive(Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// The stream. Its account is empty if the source could not be asked for it.
    pub stream: StreamKey,
    /// `backfill` or `incremental`; empty if the stream could not be opened.
    pub phase: &'static str,
    /// What was read and committed.
    pub counts: Counts,
    /// Time the run took.
    pub elapsed: Duration,
    /// How it ended.
    pub end: End,
}

impl Outcome {
    /// Why the stream failed, if it did.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        match &self.end {
            End::Failed(error) => Some(error),
            End::Complete | End::Stopped => None,
        }
    }
}

/// Counts of one run; each record read is in exactly one of the others, except those deleted by a sweep, which were not read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Records read and committed.
    pub read: u64,
    /// Made or changed at the destination.
    pub upserts: u64,
    /// Deleted at the destination.
    pub deletes: u64,
    /// At the destination already.
    pub unchanged: u64,
    /// Set aside as dead letters.
    pub rejected: u64,
    /// Deleted because a complete pass did not meet them.
    pub swept: u64,
    /// Batches committed.
    pub batches: u64,
}

impl Counts {
    pub(crate) fn and(mut self, other: &Self) -> Self {
        self.read += other.read;
        self.upserts += other.upserts;
        self.deletes += other.deletes;
        self.unchanged += other.unchanged;
        self.rejected += other.rejected;
        self.swept += other.swept;
        self.batches += other.batches;
        self
    }
}

/// How a run of a stream ended.
#[derive(Debug)]
pub enum End {
    /// The pass was read to its end.
    Complete,
    /// The run was told to stop; the next one goes on from there.
    Stopped,
    /// It failed; the next run goes on from the last commit.
    Failed(Error),
}

impl End {
    /// Whether the pass was read to its end.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        matches!(self, Self::Complete)
    }
}
