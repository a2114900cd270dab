//! What to sync: a source, a destination, a policy.

use std::{fmt, sync::Arc, time::Duration};

use super::Destination;
use crate::{Model, Read};

/// How a stream is read.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Policy {
    /// How far before the high-water mark an incremental pass starts reading: more than the clocks can differ and than a change can take
    /// to become visible. Records read again are compared and left alone. Default 60 s.
    pub overlap: Duration,
    /// Records to ask for per page; the adapter's own default if unset.
    pub page_size: Option<u32>,
    /// How many reads in a row may fail, or positions expire, before the stream gives up. Only failures worth repeating count; the others end it
    /// at once. Default 3.
    pub max_consecutive_errors: u32,
    /// Whether each pass reads everything. Default no.
    pub full_refresh: bool,
    /// How deletes are found out.
    pub deletes: Deletes,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            overlap: Duration::from_secs(60),
            page_size: None,
            max_consecutive_errors: 3,
            full_refresh: false,
            deletes: Deletes::Reported,
        }
    }
}

/// How deletes at the source are found out.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Deletes {
    /// The source reports them.
    Reported,
    /// Each pass reads everything, and what it did not meet is deleted at its end: for sources that do not report deletes.
    ///
    /// Nothing is deleted unless the pass was complete and every record of it had an id. If more than ten records and more than
    /// `max_share` of the live ones would go, or all of them, the stream fails and deletes nothing: a source that suddenly shows little
    /// has more likely lost a permission. A share of 1 allows everything.
    FullDiff {
        /// The largest share of the live records, 0 to 1, that one pass may delete.
        max_share: f64,
    },
    /// They are of no interest.
    Ignored,
}

impl Deletes {
    /// Finds deletes by comparison, at most a tenth of the live records at a time.
    #[must_use]
    pub const fn full_diff() -> Self {
        Self::FullDiff { max_share: 0.1 }
    }

    pub(crate) const fn by_diff(self) -> bool {
        matches!(self, Self::FullDiff { .. })
    }

    /// The share a sweep may delete. A sweep also follows when the source has forgotten what changed since the mark.
    pub(crate) const fn max_share(self) -> f64 {
        match self {
            Self::FullDiff { max_share } => max_share,
            Self::Reported | Self::Ignored => 0.1,
        }
    }
}

/// One stream to sync: from a source, into a destination, as the policy says.
pub struct Plan<M, A> {
    pub(crate) source: Arc<A>,
    pub(crate) destination: Arc<dyn Destination<M>>,
    pub(crate) object: Option<Box<str>>,
    pub(crate) account: Option<Box<str>>,
    pub(crate) policy: Policy,
}

impl<M: Model, A: Read<M>> Plan<M, A> {
    /// Syncs the model's default object.
    #[must_use]
    pub fn new(source: Arc<A>, destination: impl Destination<M>) -> Self {
        let destination = Arc::new(destination);
        Self { source, destination, object: None, account: None, policy: Policy::default() }
    }

    /// Syncs this one of the vendor's objects.
    #[must_use]
    pub fn object(mut self, object: impl Into<Box<str>>) -> Self {
        self.object = Some(object.into());
        self
    }

    /// Names the account, which the engine otherwise asks the adapter for.
    #[must_use]
    pub fn account(mut self, account: impl Into<Box<str>>) -> Self {
        self.account = Some(account.into());
        self
    }

    /// Sets how the stream is read.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Asks for pages of this many records.
    #[must_use]
    pub fn page_size(mut self, records: u32) -> Self {
        self.policy.page_size = Some(records);
        self
    }

    /// Sets how far before the high-water mark an incremental pass starts reading.
    #[must_use]
    pub fn overlap(mut self, overlap: Duration) -> Self {
        self.policy.overlap = overlap;
        self
    }

    /// Sets how deletes are found out.
    #[must_use]
    pub fn deletes(mut self, deletes: Deletes) -> Self {
        self.policy.deletes = deletes;
        self
    }
}

impl<M: Model, A: Read<M>> fmt::Debug for Plan<M, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("source", &self.source.id())
            .field("kind", &M::KIND)
            .field("object", &self.object)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
