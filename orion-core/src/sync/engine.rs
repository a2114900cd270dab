//! Runs plans side by side.

use std::{fmt, future::pending, sync::Arc};

use async_trait::async_trait;
use futures::{FutureExt, StreamExt, stream};

use super::{
    CheckpointStore, Outcome, Plan, Report,
    pass::{self, Context},
};
use crate::{Clock, Model, Read, observe::Observers};

/// Runs plans, each for one pass: the backfill if none is complete yet, else what changed since.
///
/// Streams run side by side up to [`concurrency`](Self::concurrency) and fail on their own. A stream holds at most two pages: the one
/// being applied and the next one, which is read meanwhile. Nothing is spawned; dropping the future stops everything.
///
/// ```
/// use std::sync::Arc;
/// use orion_core::{Record, UnifiedCustomer, sync::{AdapterDestination, Engine, MemoryCheckpoints, Plan}};
/// use orion_core::testing::{self, Memory};
///
/// testing::run(async {
///     let (source, target) = (Memory::new(testing::clock()), Memory::named("copy", testing::clock()));
///     source.customers().put(Record::new("c1", UnifiedCustomer::default()));
///     let kept = MemoryCheckpoints::new();
///     let destination = AdapterDestination::new(Arc::new(target.clone()), "external_id").links(kept.clone());
///     let plan = Plan::<UnifiedCustomer, _>::new(Arc::new(source.clone()), destination);
///     let engine = Engine::new().clock(testing::clock()).checkpoints(kept).stream(plan);
///
///     let first = engine.run().await;
///     assert!(first.is_complete());
///     assert_eq!((first.counts().upserts, target.customers().len()), (1, 1));
///
///     source.customers().delete("c1");
///     let second = engine.run().await;
///     assert_eq!((second.counts().deletes, target.customers().len()), (1, 0));
/// });
/// ```
#[derive(Default)]
pub struct Engine {
    streams: Vec<Box<dyn Stream>>,
    observers: Observers,
    clock: Clock,
    checkpoints: Option<Arc<dyn CheckpointStore>>,
    concurrency: Option<usize>,
}

const CONCURRENCY: usize = 4;

impl Engine {
    /// An engine without plans.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a plan.
    #[must_use]
    pub fn stream<M: Model, A: Read<M>>(mut self, plan: Plan<M, A>) -> Self {
        self.streams.push(Box::new(plan));
        self
    }

    /// Sets who is told what happens.
    #[must_use]
    pub fn observers(mut self, observers: Observers) -> Self {
        self.observers = observers;
        self
    }

    /// Sets where the time comes from.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets where the checkpoints of destinations that keep none are kept.
    #[must_use]
    pub fn checkpoints(mut self, store: impl CheckpointStore) -> Self {
        self.checkpoints = Some(Arc::new(store));
        self
    }

    /// Sets how many streams run at a time; 4 if unset.
    #[must_use]
    pub fn concurrency(mut self, streams: usize) -> Self {
        self.concurrency = Some(streams);
        self
    }

    /// Runs each plan for one pass.
    pub async fn run(&self) -> Report {
        self.run_until(pending()).await
    }

    /// Runs each plan for one pass, or until `signal` completes. A stream stops between the commit of a batch and the next one.
    ///
    /// # Cancel safety
    /// Dropped at any point, it leaves each stream at its last committed batch; the next run goes on from there.
    pub async fn run_until(&self, signal: impl Future<Output = ()> + Send) -> Report {
        let context = Context {
            observers: &self.observers,
            clock: &self.clock,
            checkpoints: self.checkpoints.as_deref(),
            accounts: Arc::default(),
            stop: signal.boxed().shared(),
        };
        let runs = self.streams.iter().enumerate().map(|(at, plan)| {
            let context = context.clone();
            async move { (at, plan.run(context).await) }
        });
        let mut outcomes: Vec<(usize, Outcome)> = stream::iter(runs)
            .buffer_unordered(self.concurrency.unwrap_or(CONCURRENCY).max(1))
            .collect()
            .await;
        outcomes.sort_by_key(|(at, _)| *at);
        Report { streams: outcomes.into_iter().map(|(_, outcome)| outcome).collect() }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("streams", &self.streams.len())
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}

/// A plan with its model and source erased, so that one engine holds plans of different kinds.
#[async_trait]
trait Stream: Send + Sync {
    async fn run<'a>(&'a self, context: Context<'a>) -> Outcome;
}

#[async_trait]
impl<M: Model, A: Read<M>> Stream for Plan<M, A> {
    async fn run<'a>(&'a self, context: Context<'a>) -> Outcome {
        pass::run(self, context).await
    }
}
