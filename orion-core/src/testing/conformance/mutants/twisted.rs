//! The in-memory adapter, with a defect if wanted.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};

use super::{
    super::{Env, Sample, Subject, sample},
    Flaw,
};
use crate::{
    Adapter, AdapterExt, AdapterId, Bulk, BulkJob, Change, Connector, Cursor, CustomObject, Error, ErrorKind,
    Identity, Kind, Model, Object, Outcome, Page, Query, Read, Record, RecordId, Rejected, Resources, Result,
    RowOutcome, UnifiedCustomer, Write, WriteOp, WriteOptions,
    testing::{self, Memory},
};

/// The in-memory adapter as a subject.
pub(super) struct InMemory {
    vendor: Memory,
    flaw: Option<Flaw>,
    spent: Spent,
}

/// The cursors that were used, where one can be used once.
type Spent = Arc<Mutex<BTreeSet<String>>>;

impl InMemory {
    pub(super) async fn new(flaw: Option<Flaw>) -> Self {
        let vendor = Memory::new(testing::clock());
        for number in 0..11 {
            vendor.customers().put(record(number));
            vendor.products().put(Record::new(format!("p{number}"), CustomObject::new("Product")));
            tokio::time::sleep(Duration::from_secs(10)).await;
        }
        vendor.customers().delete("c4");
        vendor.customers().refuse(|record| record.model.display_name.as_deref() == Some(""));
        Self { vendor, flaw, spent: Spent::default() }
    }
}

fn record(number: u64) -> Record<UnifiedCustomer> {
    let customer = UnifiedCustomer {
        display_name: Some(format!("Customer number {number}")),
        tags: vec![format!("tag {number}")],
        ..UnifiedCustomer::default()
    };
    let extra = [("external_id", format!("external {number}"))].into_iter().collect();
    Record::new(format!("c{number}"), customer).with_extra(extra)
}

impl Subject for InMemory {
    async fn connect(&self, _: Env) -> Result<Connector> {
        let (vendor, spent) = (self.vendor.clone(), Arc::clone(&self.spent));
        Ok(Twisted { vendor, flaw: self.flaw, spent, ..Twisted::default() }.connect())
    }

    fn sample(&self, kind: Kind, _: &str, number: u64) -> Option<Sample> {
        let mut record = record(1000 + number);
        record.id = RecordId::default();
        (kind == UnifiedCustomer::KIND).then(|| sample(record))
    }

    fn invalid(&self, kind: Kind, _: &str) -> Option<Sample> {
        let nameless = UnifiedCustomer { display_name: Some(String::new()), ..UnifiedCustomer::default() };
        (kind == UnifiedCustomer::KIND).then(|| sample(Record::new("", nameless)))
    }

    async fn touch(&self, object: &str, id: &str) -> Option<()> {
        if object != "Product" {
            return None;
        }
        let product = self.vendor.products().get(id)?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.vendor.products().put(product);
        Some(())
    }
}

struct Twisted {
    vendor: Memory,
    flaw: Option<Flaw>,
    reads: AtomicU64,
    position: Mutex<Option<Cursor>>,
    submitted: Mutex<BTreeSet<Box<str>>>,
    spent: Spent,
}

impl Default for Twisted {
    fn default() -> Self {
        Self {
            vendor: Memory::new(testing::clock()),
            flaw: None,
            reads: AtomicU64::new(0),
            position: Mutex::default(),
            submitted: Mutex::default(),
            spent: Spent::default(),
        }
    }
}

impl Twisted {
    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }

    /// What the adapter asks its vendor for.
    fn asked(&self, query: &Query) -> Query {
        let mut asked = query.clone();
        match self.flaw {
            Some(Flaw::IgnoresSince) => asked.since = None,
            Some(Flaw::IgnoresObject) => asked.object = None,
            Some(Flaw::FilterOnFirstPageOnly) if query.cursor.is_some() => {
                (asked.since, asked.until) = (None, None)
            }
            Some(Flaw::DeletesUnasked) => asked.deletes = true,
            Some(Flaw::UntilIsInclusive) => {
                asked.until = query.until.map(|until| until + chrono::TimeDelta::seconds(1))
            }
            Some(Flaw::IgnoresUnknownCursor) => {
                asked.cursor = query.cursor.clone().filter(|cursor| cursor.as_str().contains('/'));
            }
            Some(Flaw::KeepsPositionInMemory) if query.cursor.is_some() => {
                asked.cursor.clone_from(&self.position.lock().unwrap());
            }
            _ => {}
        }
        asked
    }

    async fn page<M: Model + Default>(&self, query: &Query) -> Result<Page<M>>
    where
        Memory: Read<M>,
    {
        let number = self.reads.fetch_add(1, Ordering::Relaxed);
        if self.has(Flaw::PagesByOffset) {
            return self.by_offset(query).await;
        }
        let total =
            self.vendor.records::<M>(Query { cursor: None, ..self.asked(query) }).count().await as u64;
        let mut page = self.vendor.page::<M>(&self.asked(query)).await?.with_total(Some(total));
        match self.flaw {
            Some(Flaw::DropsAPage) if query.cursor.is_some() && page.next.is_some() => page.changes.clear(),
            Some(Flaw::RepeatsACursor) => page.next = page.next.map(|_| Cursor::new("1767225600000000/")),
            Some(Flaw::RepeatsARecord) if query.cursor.is_some() => {
                let first = self.vendor.page::<M>(&Query { cursor: None, ..self.asked(query) }).await?;
                page.changes.extend(first.changes.into_iter().take(1));
            }
            Some(Flaw::KeepsPositionInMemory) => {
                let next = page.next.as_ref().map(|_| Cursor::new(format!("more/{number}")));
                *self.position.lock().unwrap() = std::mem::replace(&mut page.next, next);
            }
            Some(Flaw::CursorsAreSpent) => {
                let used = query.cursor.as_ref().is_some_and(|cursor| {
                    !self.spent.lock().unwrap().insert(format!("{} {cursor:?}", M::KIND))
                });
                if used {
                    page.changes.clear();
                }
            }
            Some(Flaw::AsOfAhead) => {
                page.as_of = Some(testing::START + chrono::TimeDelta::days(3650));
            }
            Some(Flaw::SinceIsExclusive) => page.changes.retain(|change| change.at() > query.since),
            Some(Flaw::LosesDeletes) => page.changes.retain(|change| matches!(change, Change::Upsert(_))),
            Some(Flaw::WrongTotal) => page.total = Some(total + 1),
            Some(Flaw::RejectsSome) if page.changes.len() > 1 => {
                let reason = Error::new(ErrorKind::Malformed, "too hard");
                page.rejected.push(Rejected::new(None, "", reason));
                page.changes.pop();
            }
            Some(Flaw::Panics) => assert!(number < 3, "out of luck"),
            _ => page.changes = page.changes.into_iter().map(|change| self.twist(change, number)).collect(),
        }
        Ok(page)
    }

    /// Counts its pages from the start of a list that moves.
    async fn by_offset<M: Model>(&self, query: &Query) -> Result<Page<M>>
    where
        Memory: Read<M>,
    {
        let bad = |_| Error::new(ErrorKind::Config, "the cursor is no number");
        let start: usize = query.cursor.as_ref().map_or(Ok(0), |at| at.as_str().parse()).map_err(bad)?;
        let size = query.page_size.unwrap_or(100) as usize;
        let whole = Query { cursor: None, ..query.clone() };
        let mut rest = self.vendor.records::<M>(whole).skip(start).boxed();
        let changes: Vec<_> = rest.by_ref().take(size).try_collect().await?;
        let next = rest.next().await.map(|_| Cursor::new((start + size).to_string()));
        Ok(Page::new(changes, next))
    }

    fn twist<M: Model + Default>(&self, change: Change<M>, number: u64) -> Change<M> {
        match (self.flaw, change) {
            (Some(Flaw::Resurrects), Change::Delete { id, .. }) => {
                Change::Upsert(Record::new(id, M::default()))
            }
            (Some(flaw), Change::Upsert(mut record)) => {
                match flaw {
                    Flaw::EmptyIds => record.id = RecordId::default(),
                    Flaw::NoChangeTimes => record.meta.modified_at = None,
                    Flaw::TimeGoesBack => {
                        record.meta.modified_at =
                            record.meta.modified_at.map(|at| testing::START + (testing::START - at));
                    }
                    Flaw::UnstableReads => {
                        record.meta.modified_at = record
                            .meta
                            .modified_at
                            .map(|at| at + chrono::TimeDelta::seconds(number.cast_signed()));
                    }
                    _ => {}
                }
                Change::Upsert(record)
            }
            (_, change) => change,
        }
    }
}

#[async_trait]
impl Adapter for Twisted {
    fn id(&self) -> AdapterId {
        self.vendor.id()
    }

    fn resources(self: Arc<Self>) -> Resources {
        let customer = Object::new("Customer").cursor("modified_at").with_deletes().key("external_id");
        Resources::of(self)
            .reads::<UnifiedCustomer>()
            .writes::<UnifiedCustomer>()
            .bulk::<UnifiedCustomer>()
            .objects::<UnifiedCustomer>([customer])
            .reads::<CustomObject>()
            .objects::<CustomObject>([Object::new("Product").cursor("modified_at")])
            .build()
    }

    async fn check(&self) -> Result<Identity> {
        if self.has(Flaw::NamesNobody) { Ok(Identity::default()) } else { self.vendor.check().await }
    }
}

impl Read<UnifiedCustomer> for Twisted {
    async fn read(&self, query: &Query) -> Result<Page<UnifiedCustomer>> {
        self.page(query).await
    }
}

impl Read<CustomObject> for Twisted {
    async fn read(&self, query: &Query) -> Result<Page<CustomObject>> {
        self.page(query).await
    }
}

impl Write<UnifiedCustomer> for Twisted {
    async fn write(
        &self,
        options: &WriteOptions,
        records: &[Record<UnifiedCustomer>],
    ) -> Result<Vec<Outcome>> {
        let (mut options, mut records) = (options.clone(), records.to_vec());
        match self.flaw {
            Some(Flaw::UpsertCreates) if matches!(options.op, WriteOp::Upsert { .. }) => {
                options.op = WriteOp::Create
            }
            Some(Flaw::UpdateCreates) if records.iter().any(|record| record.id.is_empty()) => {
                options.op = WriteOp::Create;
            }
            Some(Flaw::IgnoresVersion) => records.iter_mut().for_each(|record| record.meta.version = None),
            Some(Flaw::LosesAField) => records.iter_mut().for_each(|record| record.model.tags.clear()),
            Some(Flaw::DeleteDoesNothing) if options.op == WriteOp::Delete => {
                return Ok(records
                    .into_iter()
                    .map(|record| Ok(crate::Written::updated(record.id)))
                    .collect());
            }
            _ => {}
        }
        let mut outcomes = self.vendor.write(&options, &records).await?;
        match self.flaw {
            Some(Flaw::SwapsOutcomes) => outcomes.reverse(),
            Some(Flaw::DropsAnOutcome) => drop(outcomes.pop()),
            Some(Flaw::BatchFailsWhole) if outcomes.iter().any(Result::is_err) => {
                return Err(Error::new(ErrorKind::Rejected, "the batch is refused"));
            }
            _ => {}
        }
        Ok(outcomes)
    }
}

impl Bulk<UnifiedCustomer> for Twisted {
    async fn submit<'a>(
        &'a self,
        options: &'a WriteOptions,
        records: BoxStream<'a, Record<UnifiedCustomer>>,
    ) -> Result<BulkJob> {
        let named = |mut record: Record<UnifiedCustomer>| {
            record.model.display_name = Some("a good name".to_owned());
            record
        };
        let records = match self.flaw {
            Some(Flaw::BulkAddsARow) => records.chain(stream::iter([record(999)])).boxed(),
            Some(Flaw::BulkLosesARow) => records.skip(1).boxed(),
            Some(Flaw::RefusesNothing) => records.map(named).boxed(),
            _ => records,
        };
        let job = self.vendor.submit(options, records).await?;
        self.submitted.lock().unwrap().extend(job.parts.iter().map(|part| part.id.clone()));
        Ok(job)
    }

    fn outcomes<'a>(&'a self, job: &'a BulkJob) -> BoxStream<'a, Result<RowOutcome>> {
        let submitted = self.submitted.lock().unwrap();
        let mine = job.parts.iter().all(|part| submitted.contains(&part.id));
        drop(submitted);
        let outcomes = Bulk::<UnifiedCustomer>::outcomes(&self.vendor, job);
        match self.flaw {
            Some(Flaw::BulkForgetsJobs) if !mine => {
                stream::iter([Err(Error::new(ErrorKind::NotFound, "whose job is this?"))]).boxed()
            }
            Some(Flaw::BulkSwapsRows) => outcomes
                .map(|row| {
                    row.map(|row| RowOutcome { index: row.index.map(|at| job.records - 1 - at), ..row })
                })
                .boxed(),
            Some(Flaw::UnknownJobIsEmpty) => outcomes.filter(|row| std::future::ready(row.is_ok())).boxed(),
            _ => outcomes,
        }
    }

    async fn abort(&self, job: &BulkJob) -> Result<()> {
        if self.has(Flaw::AbortDeletes) {
            for row in Bulk::<UnifiedCustomer>::outcomes(self, job).collect::<Vec<_>>().await {
                self.vendor.customers().delete(row?.outcome?.id);
            }
        }
        Bulk::<UnifiedCustomer>::abort(&self.vendor, job).await
    }

    fn export<'a>(&'a self, query: &'a Query) -> BoxStream<'a, Result<Change<UnifiedCustomer>>> {
        let skipped = usize::from(self.has(Flaw::BulkExportsLess));
        Bulk::<UnifiedCustomer>::export(&self.vendor, query).skip(skipped).boxed()
    }
}
