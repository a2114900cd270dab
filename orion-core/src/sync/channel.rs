//! Batches handed to the host's own code.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use futures::{
    SinkExt, StreamExt,
    channel::{mpsc, oneshot},
};

use super::{Applied, Batch, Checkpoint, Destination};
use crate::{Change, Error, ErrorKind, Model, Result, StreamKey};

/// Hands batches over to a [`Batches`], one at a time for each stream.
///
/// The engine goes on, and commits the checkpoint to its [`CheckpointStore`](super::CheckpointStore), once the batch is acknowledged.
///
/// ```
/// use std::sync::Arc;
/// use orion_core::{Record, UnifiedCustomer, sync::{Engine, MemoryCheckpoints, Plan, channel}};
/// use orion_core::testing::{self, Memory};
///
/// testing::run(async {
///     let source = Memory::new(testing::clock());
///     source.customers().put(Record::new("c1", UnifiedCustomer::default()));
///     let (destination, mut batches) = channel::<UnifiedCustomer>();
///     let engine = Engine::new().checkpoints(MemoryCheckpoints::new()).stream(Plan::new(Arc::new(source), destination));
///
///     let mut ids = Vec::new();
///     let run = async {
///         let report = engine.run().await;
///         drop(engine); // ends the loop below
///         report
///     };
///     let receive = async {
///         while let Some(delivered) = batches.next().await {
///             ids.extend(delivered.batch().changes.iter().map(|change| change.id().to_string()));
///             delivered.ack();
///         }
///     };
///     let (report, ()) = futures::join!(run, receive);
///     assert!(report.is_complete());
///     assert_eq!(ids, ["c1"]);
/// });
/// ```
pub struct ChannelDestination<M>(mpsc::Sender<Delivered<M>>);

/// The receiving end of a [`ChannelDestination`].
///
/// Receive while the engine runs, for instance with `futures::join!`: an engine waits until its batches are acknowledged.
pub struct Batches<M>(mpsc::Receiver<Delivered<M>>);

/// A batch to be applied and acknowledged. Dropped instead, it comes again in a later run.
#[must_use = "a batch that is not acknowledged fails its stream"]
pub struct Delivered<M> {
    batch: Arc<Batch<M>>,
    done: oneshot::Sender<Applied>,
}

/// Makes a destination that hands out batches, and the end to receive them.
#[must_use]
pub fn channel<M: Model>() -> (ChannelDestination<M>, Batches<M>) {
    let (sender, receiver) = mpsc::channel(0);
    (ChannelDestination(sender), Batches(receiver))
}

impl<M: Model> Batches<M> {
    /// The next batch; `None` once the engine and its plans are gone.
    pub async fn next(&mut self) -> Option<Delivered<M>> {
        self.0.next().await
    }
}

impl<M: Model> Delivered<M> {
    /// The batch.
    #[must_use]
    pub fn batch(&self) -> &Batch<M> {
        &self.batch
    }

    /// Says that every change is applied.
    pub fn ack(self) {
        let upserts =
            self.batch.changes.iter().filter(|change| matches!(change, Change::Upsert(_))).count() as u64;
        let deletes = self.batch.changes.len() as u64 - upserts;
        self.ack_with(Applied::upserts(upserts).deletes(deletes));
    }

    /// Says what became of the changes. The counts have to add up to the batch.
    pub fn ack_with(self, applied: Applied) {
        // The engine is gone when the run was dropped; the batch comes again then.
        drop(self.done.send(applied));
    }
}

#[async_trait]
impl<M: Model> Destination<M> for ChannelDestination<M> {
    async fn open(&self, _: &StreamKey) -> Result<Option<Checkpoint>> {
        Ok(None)
    }

    async fn apply(&self, batch: Arc<Batch<M>>) -> Result<Applied> {
        let (done, acknowledged) = oneshot::channel();
        let gone = |what: &str| {
            Error::new(ErrorKind::Cancelled, format!("{what}; the batch comes again in a later run"))
        };
        let mut sender = self.0.clone();
        sender.send(Delivered { batch, done }).await.map_err(|_| gone("nobody receives the batches"))?;
        acknowledged.await.map_err(|_| gone("the receiver dropped a batch without acknowledging it"))
    }

    fn transactional(&self) -> bool {
        false
    }
}

impl<M> fmt::Debug for ChannelDestination<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChannelDestination")
    }
}

impl<M> fmt::Debug for Batches<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Batches")
    }
}

impl<M> fmt::Debug for Delivered<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivered").field("stream", &self.batch.stream).finish_non_exhaustive()
    }
}
