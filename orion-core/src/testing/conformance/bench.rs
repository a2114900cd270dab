//! What the checks work with.

use std::{
    collections::{BTreeMap, BTreeSet},
    error::Error as StdError,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::{Credentials, Env, Sample, Subject, wire::Wire};
use crate::{
    Adapter, AdapterId, Capabilities, Change, Clock, Connector, Delivery, Error, Kind, Object, Outcome, Page,
    Query, Result, WriteOptions, testing::Events,
};

/// Why a check did not pass.
pub(super) enum Stop {
    Failed(String),
    NotDeclared(String),
}

pub(super) type Verdict<T = ()> = Result<T, Stop>;

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(format!("{} ({:?})", chain(&error), error.kind()))
    }
}

pub(super) fn failed<T>(why: impl Into<String>) -> Verdict<T> {
    Err(Stop::Failed(why.into()))
}

pub(super) fn not_declared<T>(what: impl Into<String>) -> Verdict<T> {
    Err(Stop::NotDeclared(what.into()))
}

/// Fails a check unless a condition holds.
macro_rules! ensure {
    ($condition:expr, $($why:tt)+) => {
        if !$condition {
            return $crate::testing::conformance::bench::failed(format!($($why)+));
        }
    };
}
pub(super) use ensure;

/// An error with all its sources, one after the other.
pub(super) fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = StdError::source(error);
    while let Some(error) = source {
        text.push_str(&format!(": {error}"));
        source = error.source();
    }
    text
}

/// One object of one kind.
pub(super) struct Stream {
    pub(super) kind: Kind,
    pub(super) object: Option<Object>,
    pub(super) can: Capabilities,
    /// How many objects the kind has.
    pub(super) siblings: usize,
}

impl Stream {
    pub(super) fn name(&self) -> &str {
        self.object.as_ref().map_or("", |object| &object.name)
    }

    pub(super) fn has_cursor(&self) -> bool {
        self.object.as_ref().is_some_and(|object| object.cursor.is_some())
    }

    pub(super) fn has_deletes(&self) -> bool {
        self.object.as_ref().is_some_and(|object| object.deletes)
    }

    pub(super) fn query(&self) -> Query {
        match &self.object {
            Some(object) => Query::new().object(object.name.clone()),
            None => Query::new(),
        }
    }

    pub(super) fn options(&self, options: WriteOptions) -> WriteOptions {
        match &self.object {
            Some(object) => options.object(object.name.clone()),
            None => options,
        }
    }
}

impl fmt::Display for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.object {
            Some(object) => write!(f, "{}/{}", self.kind, object.name),
            None => write!(f, "{}", self.kind),
        }
    }
}

/// The subject, and what was seen of it so far.
pub(super) struct Bench<'a, S> {
    pub(super) subject: &'a S,
    pub(super) clock: Clock,
    pub(super) id: AdapterId,
    pub(super) streams: Vec<Stream>,
    pub(super) networked: bool,
    evidence: Arc<Mutex<Evidence>>,
    numbers: AtomicU64,
}

/// What may hold a secret by mistake, and where secrets are seen on purpose.
#[derive(Default)]
pub(super) struct Evidence {
    pub(super) texts: Vec<String>,
    pub(super) events: Vec<Events>,
    pub(super) wires: Vec<Arc<Wire>>,
}

impl<'a, S: Subject> Bench<'a, S> {
    pub(super) async fn new(subject: &'a S) -> Verdict<Self> {
        let mut bench = Self {
            subject,
            clock: subject.clock(),
            id: AdapterId::new("", ""),
            streams: Vec::new(),
            networked: subject.transport().is_some(),
            evidence: Arc::default(),
            numbers: AtomicU64::new(1),
        };
        let connector = bench.line().await?.connector;
        bench.id = connector.id();
        for (kind, resource) in connector.offers().iter() {
            let siblings = resource.objects().len();
            let can = resource.capabilities();
            let objects: Vec<_> = resource.objects().iter().cloned().map(Some).collect();
            let objects = if objects.is_empty() { vec![None] } else { objects };
            bench.streams.extend(objects.into_iter().map(|object| Stream { kind, object, can, siblings }));
        }
        Ok(bench)
    }

    /// A new connection with good credentials.
    pub(super) async fn line(&self) -> Verdict<Line> {
        Ok(self.line_as(Credentials::Good, |_| ()).await?)
    }

    /// A new connection; `set_up` may plan what happens to its requests.
    pub(super) async fn line_as(
        &self,
        credentials: Credentials,
        set_up: impl FnOnce(&Wire) + Send,
    ) -> Result<Line> {
        let wire = Wire::new(self.subject.transport(), self.clock.clone(), S::is_token_request);
        let events = Events::new();
        set_up(&wire);
        let env = Env {
            transport: Arc::clone(&wire) as _,
            observers: events.observers(),
            clock: self.clock.clone(),
            credentials,
        };
        {
            let mut evidence = self.evidence();
            evidence.events.push(events.clone());
            evidence.wires.push(Arc::clone(&wire));
        }
        let connector = self.subject.connect(env).await.inspect_err(|error| self.evidence().error(error))?;
        self.evidence().texts.push(format!("{connector:?} {:?}", connector.offers()));
        Ok(Line { connector, wire, events, evidence: Arc::clone(&self.evidence) })
    }

    pub(super) fn evidence(&self) -> MutexGuard<'_, Evidence> {
        self.evidence.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends a check about requests if the adapter sends none.
    pub(super) fn wired(&self) -> Verdict {
        if self.networked { Ok(()) } else { not_declared("the subject has no transport") }
    }

    pub(super) fn readable(&self) -> impl Iterator<Item = &Stream> {
        self.streams.iter().filter(|stream| stream.can.read)
    }

    /// A record to write that was not written before.
    pub(super) fn sample(&self, stream: &Stream) -> Verdict<Sample> {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        match self.subject.sample(stream.kind, stream.name(), number) {
            Some(sample) => Ok(sample),
            // Some object of the kind has a sample, or else the kind cannot be checked at all.
            None if self.streams.iter().any(|other| {
                other.kind == stream.kind && self.subject.sample(other.kind, other.name(), number).is_some()
            }) =>
            {
                not_declared("the subject has no sample of this object")
            }
            None => failed("the kind can be written, and the subject has no sample of it"),
        }
    }

    pub(super) fn samples(&self, stream: &Stream, count: u64) -> Verdict<Vec<Sample>> {
        (0..count).map(|_| self.sample(stream)).collect()
    }

    /// Changes a record at the source.
    pub(super) async fn touch(&self, line: &Line, stream: &Stream, id: &str) -> Verdict {
        if self.subject.touch(stream.name(), id).await.is_some() {
            return Ok(());
        }
        if !stream.can.write {
            return failed("a cursor is declared, and the subject has no way to `touch` a record");
        }
        let mut record = self.sample(stream)?;
        record.id = id.into();
        one(line.write(stream, &WriteOptions::update(), vec![record]).await?)?;
        Ok(())
    }

    /// Deletes a record at the source.
    pub(super) async fn remove(&self, line: &Line, stream: &Stream, id: &str) -> Verdict {
        if self.subject.remove(stream.name(), id).await.is_some() {
            return Ok(());
        }
        if !stream.can.write {
            return failed("deletes are declared, and the subject has no way to `remove` a record");
        }
        let record = Sample::new(id, self.sample(stream)?.model);
        one(line.write(stream, &WriteOptions::delete(), vec![record]).await?)?;
        Ok(())
    }

    /// Makes a record at the source if the adapter can, or else takes one that is there; its id.
    pub(super) async fn some_record(&self, line: &Line, stream: &Stream) -> Verdict<String> {
        if stream.can.write
            && let Ok(sample) = self.sample(stream)
        {
            let written = one(line.write(stream, &WriteOptions::create(), vec![sample]).await?)?;
            return Ok(written.id.to_string());
        }
        let all = line.read(stream, stream.query()).await?;
        match all.first() {
            Some(change) => Ok(change.id().to_string()),
            None => failed("the source holds no record of this object"),
        }
    }
}

/// The one outcome of a write of one record.
pub(super) fn one(mut outcomes: Vec<Outcome>) -> Verdict<crate::Written> {
    ensure!(outcomes.len() == 1, "{} outcomes for one record", outcomes.len());
    outcomes.pop().map_or_else(|| failed("no outcome"), |outcome| Ok(outcome?))
}

impl Evidence {
    pub(super) fn error(&mut self, error: &Error) {
        self.texts.push(format!("{error:?} | {error:#?} | {}", chain(error)));
    }
}

/// One connection of the adapter, with the suite's wire and events.
pub(super) struct Line {
    pub(super) connector: Connector,
    pub(super) wire: Arc<Wire>,
    pub(super) events: Events,
    evidence: Arc<Mutex<Evidence>>,
}

impl Line {
    fn note(&self, error: &Error) {
        self.evidence.lock().unwrap_or_else(PoisonError::into_inner).error(error);
    }

    pub(super) async fn page(&self, stream: &Stream, query: &Query) -> Result<Page<Value>> {
        let page =
            self.connector.page_json(stream.kind, query).await.inspect_err(|error| self.note(error))?;
        page.rejected.iter().for_each(|rejected| self.note(&rejected.reason));
        Ok(page)
    }

    /// Reads every page, and stops when a cursor comes twice.
    pub(super) async fn read(&self, stream: &Stream, query: Query) -> Verdict<Vec<Change<Value>>> {
        Ok(self.pages(stream, query).await?.into_iter().flat_map(|page| page.changes).collect())
    }

    pub(super) async fn pages(&self, stream: &Stream, mut query: Query) -> Verdict<Vec<Page<Value>>> {
        let (mut pages, mut seen) = (Vec::new(), BTreeSet::new());
        loop {
            let page = self.page(stream, &query).await?;
            let next = page.next.clone();
            pages.push(page);
            let Some(next) = next else { return Ok(pages) };
            ensure!(
                seen.insert(next.as_str().to_owned()),
                "page {} leads back to an earlier one",
                pages.len()
            );
            ensure!(pages.len() < 10_000, "the read has not ended after 10,000 pages");
            query.cursor = Some(next);
        }
    }

    pub(super) async fn write(
        &self,
        stream: &Stream,
        options: &WriteOptions,
        records: Vec<Sample>,
    ) -> Result<Vec<Outcome>> {
        let options = stream.options(options.clone());
        let outcomes = self.connector.write_json(stream.kind, &options, records).await;
        match &outcomes {
            Ok(outcomes) => {
                outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).for_each(|e| self.note(e))
            }
            Err(error) => self.note(error),
        }
        outcomes
    }

    pub(super) async fn receive(&self, kind: Kind, delivery: &Delivery) -> Result<Vec<Change<Value>>> {
        self.connector.receive_json(kind, delivery).await.inspect_err(|error| self.note(error))
    }

    pub(super) async fn check(&self) -> Result<crate::Identity> {
        self.connector.check().await.inspect_err(|error| self.note(error))
    }

    /// Makes a call that reads: the first page of the first object that can be read, or a check of the account.
    pub(super) async fn probe<S: Subject>(&self, bench: &Bench<'_, S>) -> Result<()> {
        match bench.readable().next() {
            Some(stream) => self.page(stream, &stream.query()).await.map(|_| ()),
            None => self.check().await.map(|_| ()),
        }
    }
}

/// Records by id, with what a reader sees of them.
pub(super) type Snapshot = BTreeMap<String, Option<(Value, Option<DateTime<Utc>>)>>;

pub(super) fn snapshot(changes: &[Change<Value>]) -> Snapshot {
    let seen = |change: &Change<Value>| match change {
        Change::Upsert(record) => Some((record.model.clone(), record.meta.modified_at)),
        Change::Delete { .. } => None,
    };
    changes.iter().map(|change| (change.id().to_string(), seen(change))).collect()
}

pub(super) fn ids(changes: &[Change<Value>]) -> Vec<&str> {
    changes.iter().map(|change| change.id().as_str()).collect()
}
