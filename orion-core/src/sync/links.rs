//! Which record at a destination is which at the source.

use async_trait::async_trait;

use crate::{RecordId, Result, StreamKey};

/// What is remembered of a record that was written to a destination with ids of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Link {
    /// The id it has there.
    pub target: RecordId,
    /// A fingerprint of what was written last; `None` if that is not there any more, or nobody knows.
    pub written: Option<u64>,
}

impl Link {
    /// Names the record at the destination.
    #[must_use]
    pub fn new(target: impl Into<RecordId>) -> Self {
        Self { target: target.into(), written: None }
    }

    /// Says what was written last.
    #[must_use]
    pub fn written(mut self, fingerprint: u64) -> Self {
        self.written = Some(fingerprint);
        self
    }
}

/// Remembers which records at a destination with ids of its own a source's records are.
///
/// Dyn because the host chooses where they live; called twice per page.
#[async_trait]
pub trait Links: Send + Sync + 'static {
    /// Remembers links by the source's ids; a later one replaces an earlier one.
    ///
    /// # Errors
    /// `Storage` if the store fails.
    async fn link(&self, stream: &StreamKey, links: &[(RecordId, Link)]) -> Result<()>;

    /// The links of these ids of the source, in their order.
    ///
    /// # Errors
    /// `Storage` if the store fails.
    async fn linked(&self, stream: &StreamKey, ids: &[RecordId]) -> Result<Vec<Option<Link>>>;
}
