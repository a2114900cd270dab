//! One pass over one stream.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use futures::{
    future::{BoxFuture, Either, Shared, join, select},
    pin_mut,
};
use tokio::{sync::OnceCell, time::Instant};

use super::{
    Applied, Batch, Checkpoint, CheckpointStore, Commit, Counts, End, Input, Outcome, Plan, Sweep,
    drift::FieldChange,
    fetch::{Fetch, Fetched},
};
use crate::{
    Adapter, Change, Clock, Error, ErrorKind, Model, Object, Read, RecordId, Rejected, Result, StreamKey,
    adapter::guard,
    observe::{Event, Observers},
};

/// What the streams of a run share.
#[derive(Clone)]
pub(super) struct Context<'a> {
    pub(super) observers: &'a Observers,
    pub(super) clock: &'a Clock,
    pub(super) checkpoints: Option<&'a dyn CheckpointStore>,
    pub(super) accounts: Accounts,
    pub(super) stop: Shared<BoxFuture<'a, ()>>,
}

/// The account of each adapter, by the adapter's address: several streams of one adapter ask once.
type Accounts = Arc<Mutex<HashMap<usize, Arc<OnceCell<Box<str>>>>>>;

impl Context<'_> {
    /// The result of `work`, or `None` if the run is told to stop first.
    pub(super) async fn unless_stopped<T>(&self, work: impl Future<Output = T> + Send) -> Option<T> {
        pin_mut!(work);
        match select(self.stop.clone(), work).await {
            Either::Left(_) => None,
            Either::Right((done, _)) => Some(done),
        }
    }

    async fn account<A: Adapter>(&self, source: &Arc<A>) -> Result<Box<str>> {
        let cell = {
            let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(accounts.entry(Arc::as_ptr(source).addr()).or_default())
        };
        let ask = || async { source.check().await.map(|identity| identity.account.into_boxed_str()) };
        cell.get_or_try_init(ask).await.cloned()
    }
}

/// Runs one pass of a plan, or the rest of it.
pub(super) async fn run<'a, M: Model, A: Read<M>>(plan: &'a Plan<M, A>, context: Context<'a>) -> Outcome {
    let started = Instant::now();
    let (name, object) = object(plan);
    let account = match &plan.account {
        Some(account) => Some(Ok(account.clone())),
        None => context.unless_stopped(context.account(&plan.source)).await,
    };
    let key = |account: &str| Arc::new(StreamKey::new(plan.source.id().name, account, M::KIND, &name));
    let (stream, opened) = match account {
        None => (key(""), Ok(None)),
        Some(Err(error)) => (key(""), Err(error)),
        Some(Ok(account)) => {
            let stream = key(&account);
            let pass = Pass::open(plan, context.clone(), Arc::clone(&stream), object).await;
            (stream, pass.map(Some))
        }
    };
    let (phase, counts, end) = match opened {
        Ok(None) => ("", Counts::default(), End::Stopped),
        Err(error) => ("", Counts::default(), End::Failed(error)),
        Ok(Some(mut pass)) => {
            let phase = pass.phase();
            context.observers.emit(&Event::StreamStarted { stream: &stream, phase });
            let end = pass.drive().await.unwrap_or_else(End::Failed);
            (phase, pass.counts, end)
        }
    };
    let stream = Arc::unwrap_or_clone(stream);
    let outcome = Outcome { stream, phase, counts, elapsed: started.elapsed(), end };
    let (stream, error, elapsed) = (&outcome.stream, outcome.error(), outcome.elapsed);
    context.observers.emit(&Event::StreamFinished { stream, error, elapsed });
    outcome
}

/// The name of the vendor's object (empty if neither the plan nor the adapter names one), and what the adapter says of it.
fn object<M: Model, A: Read<M>>(plan: &Plan<M, A>) -> (Box<str>, Option<Object>) {
    let resources = Arc::clone(&plan.source).resources();
    let listed = resources.get(M::KIND).map(|resource| resource.objects()).unwrap_or_default();
    let found = match &plan.object {
        None => listed.first(),
        Some(name) => listed.iter().find(|object| object.name == *name),
    };
    let name = plan.object.clone().or_else(|| found.map(|object| object.name.clone()));
    (name.unwrap_or_default(), found.cloned())
}

struct Pass<'a, M, A> {
    plan: &'a Plan<M, A>,
    context: Context<'a>,
    stream: Arc<StreamKey>,
    fetch: Fetch<'a, M, A>,
    checkpoint: Checkpoint,
    /// Hashes of the cursors seen, against a source that goes in circles.
    cursors: Vec<u64>,
    /// Changes of the source's fields that the next commit makes known.
    drift: Vec<FieldChange>,
    counts: Counts,
}

impl<'a, M: Model, A: Read<M>> Pass<'a, M, A> {
    async fn open(
        plan: &'a Plan<M, A>,
        context: Context<'a>,
        stream: Arc<StreamKey>,
        object: Option<Object>,
    ) -> Result<Self> {
        let by_diff = plan.policy.deletes.by_diff();
        if by_diff && !plan.destination.sweeps() {
            let advice = "sync into SQLite or Postgres, or choose another way to find deletes";
            let message = format!("this destination cannot delete what a pass did not meet: {advice}");
            return Err(Error::new(ErrorKind::Config, message));
        }
        let kept = plan.destination.open(&stream).await?;
        let kept =
            if plan.destination.transactional() { kept } else { store(&context)?.load(&stream).await? };
        let mut checkpoint = kept.unwrap_or_else(|| Checkpoint::new(by_diff));
        let whole =
            by_diff || plan.policy.full_refresh || object.as_ref().is_some_and(|o| o.cursor.is_none());
        let input = if whole { Input::Refresh { sweep: by_diff } } else { Input::Resume };
        checkpoint.state = checkpoint.state.step(input);
        let declared = object.as_ref().map(|object| &*object.fields).unwrap_or_default();
        let drift = checkpoint.schema.declare(declared);
        let fetch = Fetch { plan, context: context.clone(), object };
        let mut pass = Self {
            plan,
            context,
            stream,
            fetch,
            checkpoint,
            cursors: Vec::new(),
            drift,
            counts: Counts::default(),
        };
        if pass.checkpoint.state.cursor().is_none() {
            pass.begin();
        }
        Ok(pass)
    }

    fn phase(&self) -> &'static str {
        self.checkpoint.state.phase()
    }

    /// Forgets what was counted: the pass starts, or starts again.
    fn begin(&mut self) {
        self.checkpoint.read = 0;
        self.checkpoint.unidentified = 0;
        self.checkpoint.schema.restart();
        self.cursors.clear();
    }

    async fn drive(&mut self) -> Result<End> {
        let mut expired = 0;
        let mut fetched = self.fetch.page(&self.checkpoint.state).await;
        loop {
            let page = match fetched {
                Ok(Some(page)) => page,
                Ok(None) => return Ok(End::Stopped),
                Err(error)
                    if error.kind() == ErrorKind::Expired
                        && expired < self.plan.policy.max_consecutive_errors =>
                {
                    expired += 1;
                    self.checkpoint.state = self.checkpoint.state.clone().step(Input::Expired);
                    self.begin();
                    fetched = self.fetch.page(&self.checkpoint.state).await;
                    continue;
                }
                Err(error) => return Err(error),
            };
            if self.checkpoint.state.is_new() && !self.plan.destination.transactional() {
                self.put_start_on_record(page.at()).await?;
            }
            let (batch, read) = self.batch(page)?;
            let (applied, next) = join(self.apply(&batch), self.prefetch(&batch)).await;
            self.settle(&batch, &applied?, &read);
            match next {
                Some(next) => fetched = next,
                None => return Ok(End::Complete),
            }
        }
    }

    /// Commits when the backfill began, before a destination that has no transactions is given the first batch.
    async fn put_start_on_record(&mut self, at: DateTime<Utc>) -> Result<()> {
        let mut begun = self.checkpoint.clone();
        begun.state = begun.state.step(Input::Begun { at });
        begun.revision += 1;
        let commit = Commit::new(&self.stream, &begun, self.checkpoint.revision, self.context.clock.now());
        store(&self.context)?.commit(commit).await?;
        self.checkpoint = begun;
        Ok(())
    }

    /// Reads the page after a batch while that is applied, unless it is the last.
    async fn prefetch(&self, batch: &Batch<M>) -> Option<Result<Option<Fetched<M>>>> {
        batch.checkpoint.state.cursor()?;
        Some(self.fetch.page(&batch.checkpoint.state).await)
    }

    fn batch(&mut self, fetched: Fetched<M>) -> Result<(Arc<Batch<M>>, ReadOf)> {
        let at = fetched.at();
        let Fetched { page, took, .. } = fetched;
        if let Some(next) = &page.next {
            guard(&mut self.cursors, next)?;
        }
        let (changes, rejected) = with_ids(page.changes, page.rejected);
        let mut checkpoint = self.checkpoint.clone();
        let (first, sweeps) = (checkpoint.state.cursor().is_none(), checkpoint.state.sweeps());
        let whole = self.phase() == "backfill";
        checkpoint.revision += 1;
        checkpoint.batch = (changes.len() + rejected.len()) as u64;
        checkpoint.read += checkpoint.batch;
        checkpoint.unidentified += rejected.iter().filter(|rejected| rejected.id.is_none()).count() as u64;
        let records = changes.iter().filter_map(|change| match change {
            Change::Upsert(record) => Some(&record.extra),
            Change::Delete { .. } => None,
        });
        self.drift.extend(checkpoint.schema.observe(records));
        let last = page.next.is_none();
        checkpoint.state = checkpoint.state.step(Input::Page { next: page.next, at });
        if last {
            self.drift.extend(checkpoint.schema.complete(whole));
        }
        let finish = (last && checkpoint.unidentified == 0).then(|| self.plan.policy.deletes.max_share());
        let batch = Batch {
            stream: Arc::clone(&self.stream),
            changes,
            rejected,
            expected: self.checkpoint.revision,
            checkpoint,
            at: self.context.clock.now(),
            sweep: (sweeps && self.plan.destination.sweeps()).then_some(Sweep { first, finish }),
        };
        Ok((Arc::new(batch), ReadOf { took, total: page.total }))
    }

    /// Applies a batch and sees to it that its checkpoint is committed after it, never before.
    async fn apply(&self, batch: &Arc<Batch<M>>) -> Result<(Applied, std::time::Duration)> {
        let started = Instant::now();
        let applied = self.plan.destination.apply(Arc::clone(batch)).await?;
        let rejected = batch.rejected.len() + applied.rejected.len();
        let told = applied.upserts + applied.deletes + applied.unchanged + rejected as u64;
        if told != batch.len() {
            let message =
                format!("the destination accounts for {told} records of a batch of {}", batch.len());
            return Err(Error::new(ErrorKind::Storage, message));
        }
        if !self.plan.destination.transactional() {
            let rejected: Vec<&Rejected> = batch.rejected.iter().chain(&applied.rejected).collect();
            let commit = Commit::new(&batch.stream, &batch.checkpoint, batch.expected, batch.at);
            let settled: Vec<&RecordId> = batch.changes.iter().map(Change::id).collect();
            let commit = commit.with_rejected(&rejected).with_settled(&settled);
            store(&self.context)?.commit(commit).await?;
        }
        Ok((applied, started.elapsed()))
    }

    /// Takes a committed batch into account.
    fn settle(&mut self, batch: &Batch<M>, (applied, took): &(Applied, std::time::Duration), read: &ReadOf) {
        let (stream, phase) = (&*self.stream, self.phase());
        let rejected = (batch.rejected.len() + applied.rejected.len()) as u64;
        let emit = |event: Event<'_>| self.context.observers.emit(&event);
        for Rejected { id, reason, .. } in batch.rejected.iter().chain(&applied.rejected) {
            emit(Event::Rejected { stream, id: id.as_ref(), reason });
        }
        for change in self.drift.drain(..) {
            emit(Event::Drift { stream, field: &change.field, change: change.drift() });
        }
        emit(Event::Committed {
            stream,
            phase,
            upserts: applied.upserts,
            deletes: applied.deletes + applied.swept,
            swept: applied.swept,
            unchanged: applied.unchanged,
            rejected,
            batch: batch.len(),
            read: batch.checkpoint.read,
            total: read.total,
            read_time: read.took,
            write_time: *took,
        });
        let counts = Counts {
            read: batch.len(),
            upserts: applied.upserts,
            deletes: applied.deletes,
            unchanged: applied.unchanged,
            rejected,
            swept: applied.swept,
            batches: 1,
        };
        self.counts = self.counts.and(&counts);
        self.checkpoint.clone_from(&batch.checkpoint);
    }
}

/// What the events tell of how a page was read.
struct ReadOf {
    took: std::time::Duration,
    total: Option<u64>,
}

fn store<'a>(context: &Context<'a>) -> Result<&'a dyn CheckpointStore> {
    context.checkpoints.ok_or_else(|| {
        let message = "this destination keeps no checkpoints: give the engine a store with `checkpoints(…)`";
        Error::new(ErrorKind::Config, message)
    })
}

/// Sets changes without an id aside: no destination could find them again.
fn with_ids<M: Model>(
    changes: Vec<Change<M>>,
    mut rejected: Vec<Rejected>,
) -> (Vec<Change<M>>, Vec<Rejected>) {
    if changes.iter().all(|change| !change.id().is_empty()) {
        return (changes, rejected);
    }
    let (kept, nameless): (Vec<_>, Vec<_>) = changes.into_iter().partition(|change| !change.id().is_empty());
    rejected.extend(nameless.iter().map(|change| {
        let raw = serde_json::to_string(change).unwrap_or_default();
        Rejected::new(None, raw, Error::new(ErrorKind::Malformed, "the source sent a record without an id"))
    }));
    (kept, rejected)
}
