//! A destination without transactions, a store that can be interrupted, and a source that goes in circles.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use orion_core::{
    Adapter, AdapterId, Change, Cursor, Identity, Page, Query, Read, RecordId, Resources, Result, StreamKey,
    sync::{Applied, Batch, Checkpoint, CheckpointStore, Commit, Destination, MemoryCheckpoints},
};
use tokio::task::yield_now;

use super::vendor::Item;

/// Applies change by change and can be interrupted between any two.
#[derive(Clone, Default)]
pub(crate) struct Recorder {
    pub(crate) live: Arc<Mutex<BTreeMap<RecordId, u64>>>,
    /// The revisions that were applied whole, in order.
    pub(crate) applied: Arc<Mutex<Vec<u64>>>,
}

#[async_trait]
impl Destination<Item> for Recorder {
    async fn open(&self, _: &StreamKey) -> Result<Option<Checkpoint>> {
        yield_now().await;
        Ok(None)
    }

    async fn apply(&self, batch: Arc<Batch<Item>>) -> Result<Applied> {
        let (mut upserts, mut deletes) = (0, 0);
        for change in &batch.changes {
            yield_now().await;
            let mut live = self.live.lock().unwrap();
            match change {
                Change::Upsert(record) => {
                    live.insert(record.id.clone(), record.model.revision);
                    upserts += 1;
                }
                Change::Delete { id, .. } => {
                    live.remove(id);
                    deletes += 1;
                }
            }
        }
        yield_now().await;
        self.applied.lock().unwrap().push(batch.checkpoint.revision);
        Ok(Applied::upserts(upserts).deletes(deletes))
    }

    fn transactional(&self) -> bool {
        false
    }
}

/// A store that can be interrupted before and after it stores.
#[derive(Clone, Default)]
pub(crate) struct Store(pub(crate) MemoryCheckpoints, pub(crate) Arc<Mutex<Vec<u64>>>);

#[async_trait]
impl CheckpointStore for Store {
    async fn load(&self, stream: &StreamKey) -> Result<Option<Checkpoint>> {
        yield_now().await;
        self.0.load(stream).await
    }

    async fn commit(&self, commit: Commit<'_>) -> Result<()> {
        yield_now().await;
        self.0.commit(commit).await?;
        self.1.lock().unwrap().push(commit.checkpoint.revision);
        yield_now().await;
        Ok(())
    }
}

/// A source whose second page points at itself.
pub(crate) struct Circle;

#[async_trait]
impl Adapter for Circle {
    fn id(&self) -> AdapterId {
        AdapterId::new("circle", "1")
    }

    fn resources(self: Arc<Self>) -> Resources {
        Resources::of(self).reads::<Item>().build()
    }

    async fn check(&self) -> Result<Identity> {
        Ok(Identity::new("round"))
    }
}

impl Read<Item> for Circle {
    async fn read(&self, query: &Query) -> Result<Page<Item>> {
        let next = if query.cursor.is_none() { "a" } else { "b" };
        Ok(Page::new(Vec::new(), Some(Cursor::new(next))))
    }
}
