//! A vendor in this process: its content is a function of its clock, so that any process sees the same at the same time.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use orion_core::{
    Adapter, AdapterId, Change, Cursor, Error, ErrorKind, Fields, Identity, Kind, Meta, Model, Object, Page,
    Query, Read, Record, RecordId, Rejected, Resources, Result,
};

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub(crate) struct Item {
    pub(crate) name: String,
    pub(crate) revision: u64,
    pub(crate) note: Option<String>,
}

impl Model for Item {
    const KIND: Kind = Kind::new("item");
}

/// What happens to one record at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Happening {
    /// Milliseconds after the vendor's start.
    pub(crate) at: i64,
    pub(crate) id: u32,
    pub(crate) gone: bool,
}

/// A record as it stands at some moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Standing {
    pub(crate) revision: u64,
    pub(crate) modified: i64,
    pub(crate) gone: bool,
}

type Hook = Box<dyn Fn(&Query, u64) -> Option<Error> + Send + Sync>;

pub(crate) struct Vendor {
    start: DateTime<Utc>,
    happenings: Vec<Happening>,
    now: Box<dyn Fn() -> i64 + Send + Sync>,
    pub(crate) reports_deletes: bool,
    pub(crate) page: usize,
    pub(crate) latency: std::time::Duration,
    /// Ids that come as something that cannot be read.
    pub(crate) unreadable: Vec<u32>,
    /// Ids of records that come without one.
    pub(crate) nameless: Vec<u32>,
    pub(crate) fields: Box<dyn Fn(u32) -> Fields + Send + Sync>,
    /// May refuse a read; gets the query and the number of reads before it.
    pub(crate) refuse: Hook,
    pub(crate) reads: AtomicU64,
    pub(crate) queries: Mutex<Vec<Query>>,
}

impl Vendor {
    /// `now`: milliseconds since `start`.
    pub(crate) fn new(
        start: DateTime<Utc>,
        mut happenings: Vec<Happening>,
        now: impl Fn() -> i64 + Send + Sync + 'static,
    ) -> Self {
        happenings.sort_by_key(|happening| happening.at);
        Self {
            start,
            happenings,
            now: Box::new(now),
            reports_deletes: true,
            page: 10,
            latency: std::time::Duration::ZERO,
            unreadable: Vec::new(),
            nameless: Vec::new(),
            fields: Box::new(|_| Fields::new()),
            refuse: Box::new(|_, _| None),
            reads: AtomicU64::new(0),
            queries: Mutex::default(),
        }
    }

    pub(crate) fn time(&self, millis: i64) -> DateTime<Utc> {
        self.start + TimeDelta::milliseconds(millis)
    }

    /// Every record as it stands at a moment, deleted ones too.
    pub(crate) fn at(&self, moment: i64) -> BTreeMap<u32, Standing> {
        let mut all = BTreeMap::new();
        for Happening { at, id, gone } in
            self.happenings.iter().take_while(|happening| happening.at <= moment)
        {
            let standing = all.entry(*id).or_insert(Standing { revision: 0, modified: *at, gone: false });
            *standing = Standing { revision: standing.revision + 1, modified: *at, gone: *gone };
        }
        all
    }

    /// What a destination should hold once everything has happened and been synced.
    pub(crate) fn live(&self, moment: i64) -> BTreeMap<RecordId, u64> {
        let live = self.at(moment).into_iter().filter(|(_, standing)| !standing.gone);
        live.map(|(id, standing)| (record_id(id), standing.revision)).collect()
    }

    pub(crate) fn record(&self, id: u32, standing: &Standing) -> Record<Item> {
        let mut meta = Meta::default();
        meta.modified_at = Some(self.time(standing.modified));
        let model = Item { name: format!("item {id}"), revision: standing.revision, note: None };
        Record::new(record_id(id), model).with_meta(meta).with_extra((self.fields)(id))
    }
}

pub(crate) fn record_id(id: u32) -> RecordId {
    format!("{id:06}").into()
}

#[async_trait]
impl Adapter for Vendor {
    fn id(&self) -> AdapterId {
        AdapterId::new("vendor", "1")
    }

    fn resources(self: Arc<Self>) -> Resources {
        let object = Object::new("Thing").cursor("modified");
        let object = if self.reports_deletes { object.with_deletes() } else { object };
        Resources::of(self).reads::<Item>().objects::<Item>([object]).build()
    }

    async fn check(&self) -> Result<Identity> {
        Ok(Identity::new("tenant-1"))
    }
}

impl Read<Item> for Vendor {
    /// A cursor is the moment of the first page and a place in what was there then.
    async fn read(&self, query: &Query) -> Result<Page<Item>> {
        self.queries.lock().unwrap().push(query.clone());
        if let Some(error) = (self.refuse)(query, self.reads.fetch_add(1, Ordering::SeqCst)) {
            return Err(error);
        }
        match self.latency.is_zero() {
            true => tokio::task::yield_now().await,
            false => tokio::time::sleep(self.latency).await,
        }
        let (moment, place) = match &query.cursor {
            None => ((self.now)(), 0),
            Some(cursor) => {
                let (moment, place) = cursor.as_str().split_once(':').expect("our own cursor");
                (moment.parse().unwrap(), place.parse::<usize>().unwrap())
            }
        };
        let since = query.since.map_or(i64::MIN, |since| (since - self.start).num_milliseconds());
        let wanted = |standing: &Standing| {
            standing.modified >= since && (!standing.gone || query.deletes && self.reports_deletes)
        };
        let all: Vec<_> = self.at(moment).into_iter().filter(|(_, standing)| wanted(standing)).collect();
        let size = query.page_size.map_or(self.page, |size| size as usize);
        let page = all.iter().skip(place).take(size);
        let (mut changes, mut rejected) = (Vec::new(), Vec::new());
        for (id, standing) in page {
            if self.unreadable.contains(id) {
                let reason = Error::new(ErrorKind::Malformed, "revision is no number");
                rejected.push(Rejected::new(Some(record_id(*id)), r#"{"revision":"x"}"#, reason));
            } else if standing.gone {
                changes.push(Change::Delete { id: record_id(*id), at: Some(self.time(standing.modified)) });
            } else {
                let mut record = self.record(*id, standing);
                if self.nameless.contains(id) {
                    record.id = RecordId::from("");
                }
                changes.push(Change::Upsert(record));
            }
        }
        let end = place + size;
        let next = (end < all.len()).then(|| Cursor::new(format!("{moment}:{end}")));
        let page = Page::new(changes, next).with_rejected(rejected).with_total(Some(all.len() as u64));
        Ok(page.with_as_of(Some(self.time((self.now)()))))
    }
}
