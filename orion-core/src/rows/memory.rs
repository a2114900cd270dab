//! Rows in memory.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;

use super::{Row, Rows, Swapped};
use crate::Result;

type Kept = BTreeMap<(String, String), Row>;

/// Keeps rows in memory, for tests and for what may be forgotten. A clone is the same store.
#[derive(Clone, Default)]
pub struct MemoryRows(Arc<Mutex<Kept>>);

impl MemoryRows {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Rows for MemoryRows {
    async fn get(&self, space: &str, key: &str) -> Result<Option<Row>> {
        Ok(self.kept().get(&(space.to_owned(), key.to_owned())).cloned())
    }

    async fn list(&self, space: &str, tag: &str) -> Result<Vec<Row>> {
        let kept = self.kept();
        let of_tag = kept.iter().filter(|((of, _), row)| of == space && row.tag == tag);
        Ok(of_tag.map(|(_, row)| row.clone()).collect())
    }

    async fn swap(
        &self,
        space: &str,
        key: &str,
        seen: Option<u64>,
        tag: &str,
        value: &str,
    ) -> Result<Swapped> {
        let mut kept = self.kept();
        let at = (space.to_owned(), key.to_owned());
        if kept.get(&at).map(|row| row.version) != seen {
            return Ok(Swapped::Lost);
        }
        let version = seen.unwrap_or(0) + 1;
        let row = Row { key: key.to_owned(), version, tag: tag.to_owned(), value: value.to_owned() };
        kept.insert(at, row);
        Ok(Swapped::Done(version))
    }

    async fn remove(&self, space: &str, key: &str) -> Result<()> {
        self.kept().remove(&(space.to_owned(), key.to_owned()));
        Ok(())
    }
}

impl fmt::Debug for MemoryRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MemoryRows").field(&self.kept().len()).finish()
    }
}
