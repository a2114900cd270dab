//! Which record at a destination is which at the source.

use async_trait::async_trait;

use crate::{RecordId, Result, StreamKey};

/// Remembers the ids that a source's records have at a destination with ids of its own.
///
/// Dyn because the host chooses where they live; called once per page.
#[async_trait]
pub trait Links: Send + Sync + 'static {
    /// Remembers pairs of a source's id and the destination's; a later pair replaces an earlier one.
    ///
    /// # Errors
    /// `Storage` if the store fails.
    async fn link(&self, stream: &StreamKey, pairs: &[(RecordId, RecordId)]) -> Result<()>;

    /// The destination's ids for these ids of the source, in their order.
    ///
    /// # Errors
    /// `Storage` if the store fails.
    async fn linked(&self, stream: &StreamKey, ids: &[RecordId]) -> Result<Vec<Option<RecordId>>>;
}
