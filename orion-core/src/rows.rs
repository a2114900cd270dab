//! Small rows that outlive the process: what a notifier has posted, how far an approval is.
//!
//! A [`Rows`] keeps texts under keys and changes them by compare-and-swap, so that two processes never overwrite each other.
//! [`MemoryRows`] forgets with the process; `SqlRows` (features `sqlite`, `postgres`) keeps them in a table of a database.
//!
//! ```
//! use orion_core::rows::{MemoryRows, Rows, Swapped};
//!
//! # orion_core::testing::run(async {
//! let rows = MemoryRows::new();
//! let first = rows.swap("visits", "ada", None, "open", "1").await?;
//! assert_eq!(first, Swapped::Done(1));
//! // Somebody who has not seen the row cannot make it again.
//! assert_eq!(rows.swap("visits", "ada", None, "open", "1").await?, Swapped::Lost);
//! assert_eq!(rows.get("visits", "ada").await?.unwrap().value, "1");
//! # Ok::<(), orion_core::Error>(())
//! # }).unwrap();
//! ```

mod memory;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod sql;

use async_trait::async_trait;

pub use memory::MemoryRows;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use sql::SqlRows;

use crate::Result;

/// A row as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// Its key.
    pub key: String,
    /// Counts its changes, from 1.
    pub version: u64,
    /// What its owner lists it under: `open`, `closed`.
    pub tag: String,
    /// Its content.
    pub value: String,
}

/// How a swap ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swapped {
    /// The row is changed, and has this version now.
    Done(u64),
    /// The row is not as the caller saw it. Nothing changed; read it again.
    Lost,
}

/// Keeps rows, each in a space of its owner's.
///
/// Dyn because a host chooses where they are kept by configuration.
#[async_trait]
pub trait Rows: Send + Sync + 'static {
    /// Reads a row.
    ///
    /// # Errors
    /// `Storage` if the store fails.
    async fn get(&self, space: &str, key: &str) -> Result<Option<Row>>;

    /// Reads all rows of a tag, by key.
    ///
    /// # Errors
    /// `Storage` if the store fails.
    async fn list(&self, space: &str, tag: &str) -> Result<Vec<Row>>;

    /// Makes the row (`seen` is `None`) or replaces it, if it still has the version that was seen.
    ///
    /// # Errors
    /// `Storage` if the store fails; the swap may have happened nevertheless, which a read shows.
    async fn swap(
        &self,
        space: &str,
        key: &str,
        seen: Option<u64>,
        tag: &str,
        value: &str,
    ) -> Result<Swapped>;

    /// Removes a row, if there is one.
    ///
    /// # Errors
    /// `Storage` if the store fails.
    async fn remove(&self, space: &str, key: &str) -> Result<()>;
}
