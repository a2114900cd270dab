//! An adapter whose vendor is the memory of the process.

mod shelf;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};

pub use shelf::Shelf;

use crate::{
    Adapter, AdapterExt, AdapterId, Bulk, BulkJob, BulkPart, Change, Clock, CustomObject, Error, ErrorKind,
    Identity, Object, Outcome, Page, Query, Read, Record, RecordId, Resources, Result, RowOutcome,
    UnifiedCustomer, Write, WriteOptions, Written,
};

/// An adapter whose vendor is the memory of the process: for tests of what stands on adapters, and for docs.
///
/// It has customers, which can be read, written and bulk-loaded and whose deletes are reported, and products (as
/// [`CustomObject`]), which can only be read. A clone is the same vendor.
///
/// ```
/// use orion_core::{AdapterExt, Query, Record, UnifiedCustomer, testing::{self, Memory}};
/// use futures::TryStreamExt;
///
/// testing::run(async {
///     let vendor = Memory::new(testing::clock());
///     vendor.customers().put(Record::new("c1", UnifiedCustomer::default()));
///     vendor.customers().delete("c1");
///
///     let changes: Vec<_> =
///         vendor.records::<UnifiedCustomer>(Query::new().with_deletes()).try_collect().await.unwrap();
///     assert!(matches!(changes[..], [orion_core::Change::Delete { .. }]));
/// });
/// ```
#[derive(Clone)]
pub struct Memory(Arc<Inner>);

type Interrupt = Box<dyn Fn(u64) -> Option<Error> + Send + Sync>;

struct Inner {
    id: AdapterId,
    customers: Shelf<UnifiedCustomer>,
    products: Shelf<CustomObject>,
    jobs: Mutex<BTreeMap<Box<str>, Vec<Done>>>,
    reads: AtomicU64,
    interrupt: Mutex<Option<Interrupt>>,
}

/// What a bulk job did to a row: enough to tell it again after a restart.
#[derive(Clone)]
enum Done {
    Written(Written),
    Failed(ErrorKind, Box<str>),
}

impl Memory {
    /// An empty vendor called `memory`.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self::named("memory", clock)
    }

    /// An empty vendor called something else, so that two of them can be told apart.
    #[must_use]
    pub fn named(name: &'static str, clock: Clock) -> Self {
        Self(Arc::new(Inner {
            id: AdapterId::new(name, env!("CARGO_PKG_VERSION")),
            customers: Shelf::new(name, "Customer", clock.clone()),
            products: Shelf::new(name, "Product", clock),
            jobs: Mutex::default(),
            reads: AtomicU64::new(0),
            interrupt: Mutex::new(None),
        }))
    }

    /// The vendor's customers.
    #[must_use]
    pub fn customers(&self) -> &Shelf<UnifiedCustomer> {
        &self.0.customers
    }

    /// The vendor's products.
    #[must_use]
    pub fn products(&self) -> &Shelf<CustomObject> {
        &self.0.products
    }

    /// How many pages were asked for so far.
    #[must_use]
    pub fn reads(&self) -> u64 {
        self.0.reads.load(Ordering::Relaxed)
    }

    /// Lets reads fail: `interrupt` is given the number of the read, from 1, and says with which error, if any.
    pub fn interrupt(&self, interrupt: impl Fn(u64) -> Option<Error> + Send + Sync + 'static) {
        *self.0.interrupt.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(interrupt));
    }

    fn begin_read(&self) -> Result<()> {
        let number = self.0.reads.fetch_add(1, Ordering::Relaxed) + 1;
        let interrupt = self.0.interrupt.lock().unwrap_or_else(PoisonError::into_inner);
        match interrupt.as_ref().and_then(|interrupt| interrupt(number)) {
            Some(error) => Err(error.during(self.0.id.name, "read")),
            None => Ok(()),
        }
    }

    fn jobs(&self) -> MutexGuard<'_, BTreeMap<Box<str>, Vec<Done>>> {
        self.0.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn job(&self, job: &BulkJob) -> Result<Vec<Done>> {
        let jobs = self.jobs();
        let parts: Option<Vec<Vec<Done>>> =
            job.parts.iter().map(|part| jobs.get(&part.id).cloned()).collect();
        parts
            .map(|parts| parts.concat())
            .ok_or_else(|| Error::new(ErrorKind::NotFound, "there is no such bulk job"))
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("id", &self.0.id).finish_non_exhaustive()
    }
}

#[async_trait]
impl Adapter for Memory {
    fn id(&self) -> AdapterId {
        self.0.id
    }

    fn resources(self: Arc<Self>) -> Resources {
        let customer = Object::new("Customer")
            .fields(["external_id"])
            .cursor("modified_at")
            .with_deletes()
            .key("external_id");
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
        Ok(Identity::new(self.0.id.name))
    }
}

impl Read<UnifiedCustomer> for Memory {
    async fn read(&self, query: &Query) -> Result<Page<UnifiedCustomer>> {
        self.begin_read()?;
        self.0.customers.page(query)
    }
}

impl Read<CustomObject> for Memory {
    async fn read(&self, query: &Query) -> Result<Page<CustomObject>> {
        self.begin_read()?;
        self.0.products.page(query)
    }
}

impl Write<UnifiedCustomer> for Memory {
    async fn write(
        &self,
        options: &WriteOptions,
        records: &[Record<UnifiedCustomer>],
    ) -> Result<Vec<Outcome>> {
        self.0.customers.check(options)?;
        Ok(records.iter().map(|record| self.0.customers.write(options, record)).collect())
    }
}

impl Bulk<UnifiedCustomer> for Memory {
    async fn submit<'a>(
        &'a self,
        options: &'a WriteOptions,
        mut records: BoxStream<'a, Record<UnifiedCustomer>>,
    ) -> Result<BulkJob> {
        self.0.customers.check(options)?;
        let mut done = Vec::new();
        while let Some(record) = records.next().await {
            done.push(match self.0.customers.write(options, &record) {
                Ok(written) => Done::Written(written),
                Err(error) => Done::Failed(error.kind(), error.to_string().into()),
            });
        }
        let mut jobs = self.jobs();
        let part = BulkPart::new(format!("job-{}", jobs.len() + 1), done.len() as u64);
        let mut job = BulkJob::new("Customer", None);
        job.records = part.records;
        jobs.insert(part.id.clone(), done);
        job.parts.push(part);
        Ok(job)
    }

    fn outcomes<'a>(&'a self, job: &'a BulkJob) -> BoxStream<'a, Result<RowOutcome>> {
        let done = match self.job(job) {
            Ok(done) => done,
            Err(error) => return stream::iter([Err(error)]).boxed(),
        };
        stream::iter(done.into_iter().enumerate())
            .map(|(at, done)| {
                let (id, outcome) = match done {
                    Done::Written(written) => (written.id.clone(), Ok(written)),
                    Done::Failed(kind, message) => (RecordId::default(), Err(Error::new(kind, message))),
                };
                let row = [("id", id.as_str())].into_iter().collect();
                Ok(RowOutcome::new(Some(at as u64), row, outcome))
            })
            .boxed()
    }

    async fn abort(&self, job: &BulkJob) -> Result<()> {
        self.job(job)?;
        Err(Error::new(ErrorKind::Conflict, "the bulk job has ended already"))
    }

    fn export<'a>(&'a self, query: &'a Query) -> BoxStream<'a, Result<Change<UnifiedCustomer>>> {
        self.records(query.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures::TryStreamExt;

    use super::*;
    use crate::testing;

    fn customer(id: &str) -> Record<UnifiedCustomer> {
        Record::new(
            id,
            UnifiedCustomer { display_name: Some(id.to_uppercase()), ..UnifiedCustomer::default() },
        )
    }

    async fn ids(vendor: &Memory, query: Query) -> Vec<String> {
        let changes = vendor.records::<UnifiedCustomer>(query);
        changes.map_ok(|change| change.id().to_string()).try_collect().await.unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn reads_page_in_the_order_of_changes_and_filter_by_time() {
        let clock = testing::clock();
        let vendor = Memory::new(clock.clone());
        for id in ["c3", "c1", "c2"] {
            vendor.customers().put(customer(id));
        }
        tokio::time::sleep(Duration::from_secs(60)).await;
        vendor.customers().put(customer("c3"));
        vendor.customers().delete("c2");

        let query = Query::new().page_size(2);
        assert_eq!(ids(&vendor, query.clone()).await, ["c1", "c3"]);
        assert_eq!(ids(&vendor, query.clone().with_deletes()).await, ["c1", "c2", "c3"]);
        let since = query.clone().with_deletes().since(clock.now());
        assert_eq!(ids(&vendor, since).await, ["c2", "c3"]);
        assert_eq!(ids(&vendor, query.until(clock.now())).await, ["c1"]);
    }

    #[tokio::test(start_paused = true)]
    async fn writes_have_one_outcome_each_and_honour_the_lock() {
        let vendor = Memory::new(testing::clock());
        let made = vendor.create(&[customer(""), customer("")]).await.unwrap();
        let first = made[0].as_ref().unwrap();
        let mut stale = customer(first.id.as_str());
        stale.meta.version = Some("0".into());
        let mut current = customer(first.id.as_str());
        current.meta.version.clone_from(&first.version);
        let outcomes = vendor.update(&[stale, current, customer("absent")]).await.unwrap();
        let kinds: Vec<_> = outcomes.iter().map(|outcome| outcome.as_ref().err().map(Error::kind)).collect();
        assert_eq!(kinds, [Some(ErrorKind::Conflict), None, Some(ErrorKind::NotFound)]);
        assert_eq!(vendor.customers().len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn an_upsert_finds_the_record_by_its_key() {
        let vendor = Memory::new(testing::clock());
        let keyed = |key: &str| customer("").with_extra([("external_id", key)].into_iter().collect());
        let outcomes = vendor.upsert("external_id", &[keyed("x1"), keyed("x1"), customer("")]).await.unwrap();
        let (first, second) = (outcomes[0].as_ref().unwrap(), outcomes[1].as_ref().unwrap());
        assert_eq!((first.created, second.created, &first.id), (true, false, &second.id));
        assert_eq!(outcomes[2].as_ref().unwrap_err().kind(), ErrorKind::Config);
        let refused = vendor.upsert("name", &[keyed("x1")]).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Config);
    }

    #[tokio::test(start_paused = true)]
    async fn a_bulk_job_can_be_read_again_from_its_serialised_form() {
        let vendor = Memory::new(testing::clock());
        let options = WriteOptions::create();
        let records = stream::iter((0..5).map(|_| customer("")));
        let job = vendor.bulk_submit(&options, records).await.unwrap();
        let job: BulkJob = serde_json::from_str(&serde_json::to_string(&job).unwrap()).unwrap();
        let outcomes: Vec<_> = vendor.bulk_outcomes::<UnifiedCustomer>(&job).try_collect().await.unwrap();
        assert_eq!(outcomes.iter().filter(|row| row.outcome.is_ok()).count(), 5);
        let unknown = BulkJob { parts: vec![BulkPart::new("job-9", 1)], ..job };
        assert!(vendor.bulk_outcomes::<UnifiedCustomer>(&unknown).try_next().await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn reads_can_be_made_to_fail_and_records_to_be_unreadable() {
        let vendor = Memory::new(testing::clock());
        vendor.customers().put(customer("c1"));
        vendor.customers().spoil("c2");
        vendor.interrupt(|read| (read == 1).then(|| Error::new(ErrorKind::Transport, "cut")));
        assert!(vendor.page::<UnifiedCustomer>(&Query::new()).await.is_err());
        let page = vendor.page::<UnifiedCustomer>(&Query::new()).await.unwrap();
        assert_eq!((page.changes.len(), page.rejected.len(), vendor.reads()), (1, 1, 2));
    }
}
