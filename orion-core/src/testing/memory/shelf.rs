//! One object of the in-memory vendor.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};

use crate::{
    Change, Clock, Cursor, Error, ErrorKind, Model, Outcome, Page, Query, Record, RecordId, Rejected, Result,
    Source, WriteOp, WriteOptions, Written,
};

/// The field by which an upsert finds a record, in [`Record::extra`].
const KEY: &str = "external_id";
const PAGE_SIZE: u32 = 100;

/// One object of a [`Memory`](super::Memory): its records in the order of their changes, and where deleted ones were.
pub struct Shelf<M> {
    source: Arc<Source>,
    clock: Clock,
    rows: Mutex<Rows<M>>,
    refuses: Mutex<Option<Refuses<M>>>,
}

type Refuses<M> = Box<dyn Fn(&Record<M>) -> bool + Send + Sync>;

struct Rows<M> {
    by_id: BTreeMap<RecordId, Row<M>>,
    order: BTreeSet<(DateTime<Utc>, RecordId)>,
    made: u64,
}

struct Row<M> {
    at: DateTime<Utc>,
    version: u64,
    content: Content<M>,
}

enum Content<M> {
    Live(Record<M>),
    Deleted,
    Unreadable,
}

impl<M: Model> Shelf<M> {
    pub(super) fn new(adapter: &str, object: &str, clock: Clock) -> Self {
        let rows = Rows { by_id: BTreeMap::new(), order: BTreeSet::new(), made: 0 };
        Self {
            source: Source::new(adapter, object),
            clock,
            rows: Mutex::new(rows),
            refuses: Mutex::new(None),
        }
    }

    /// Makes or replaces a record, as somebody working at the vendor would. An empty id gets a new one.
    pub fn put(&self, record: Record<M>) -> RecordId {
        self.lock().put(record, self.clock.now(), &self.source).id
    }

    /// Deletes a record, as somebody working at the vendor would; whether it was there.
    pub fn delete(&self, id: impl Into<RecordId>) -> bool {
        self.lock().delete(&id.into(), self.clock.now())
    }

    /// Puts a record there that cannot be read as the model.
    pub fn spoil(&self, id: impl Into<RecordId>) {
        self.lock().set(&id.into(), self.clock.now(), Content::Unreadable);
    }

    /// Turns down writes of records for which `refuses` holds.
    pub fn refuse(&self, refuses: impl Fn(&Record<M>) -> bool + Send + Sync + 'static) {
        *self.refuses.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(refuses));
    }

    /// The live records, by id.
    #[must_use]
    pub fn all(&self) -> Vec<Record<M>> {
        self.lock().by_id.values().filter_map(Row::live).cloned().collect()
    }

    /// One live record.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Record<M>> {
        self.lock().by_id.get(&RecordId::from(id)).and_then(Row::live).cloned()
    }

    /// How many records are live.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().by_id.values().filter_map(Row::live).count()
    }

    /// Whether none is live.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, Rows<M>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check_object(&self, object: Option<&str>) -> Result<()> {
        match object {
            Some(object) if object != &*self.source.object => {
                Err(Error::new(ErrorKind::Config, format!("there is no object `{object}`")))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn page(&self, query: &Query) -> Result<Page<M>> {
        self.check_object(query.object.as_deref())?;
        let after = query.cursor.as_ref().map(position).transpose()?;
        let limit = query.page_size.unwrap_or(PAGE_SIZE).max(1) as usize;
        let rows = self.lock();
        let mut page = Page::new(Vec::new(), None);
        let mut taken = 0;
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        for (at, id) in rows.order.range((start, Bound::Unbounded)) {
            let wanted =
                query.since.is_none_or(|since| *at >= since) && query.until.is_none_or(|until| *at < until);
            let Some(row) = rows.by_id.get(id).filter(|row| wanted && (query.deletes || !row.is_deleted()))
            else {
                continue;
            };
            if taken == limit {
                // More is to come: the last one taken is where the next page starts after.
                break;
            }
            taken += 1;
            row.add_to(&mut page, id);
            page.next = Some(Cursor::new(format!("{}/{id}", at.timestamp_micros())));
        }
        if taken < limit {
            page.next = None;
        }
        Ok(page)
    }

    /// Refuses options this vendor does not know, before anything is written.
    pub(super) fn check(&self, options: &WriteOptions) -> Result<()> {
        self.check_object(options.object.as_deref())?;
        match &options.op {
            WriteOp::Upsert { key } if &**key != KEY => {
                Err(Error::new(ErrorKind::Config, format!("there is no key `{key}`; there is `{KEY}`")))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn write(&self, options: &WriteOptions, record: &Record<M>) -> Outcome {
        let deletes = matches!(options.op, WriteOp::Delete | WriteOp::HardDelete);
        let refuses = self.refuses.lock().unwrap_or_else(PoisonError::into_inner);
        if !deletes && refuses.as_ref().is_some_and(|refuses| refuses(record)) {
            return Err(Error::new(ErrorKind::Rejected, "the vendor refuses the record"));
        }
        let now = self.clock.now();
        let mut rows = self.lock();
        match &options.op {
            WriteOp::Create => {
                let mut record = record.clone();
                record.id = RecordId::default();
                Ok(rows.put(record, now, &self.source))
            }
            WriteOp::Update => {
                rows.unlocked(record)?;
                Ok(rows.put(record.clone(), now, &self.source))
            }
            WriteOp::Upsert { .. } => {
                let Some(key) = record.extra.text(KEY) else {
                    return Err(Error::new(ErrorKind::Config, format!("the record has no `{KEY}`")));
                };
                let mut record = record.clone();
                record.id = rows.find(key).unwrap_or_default();
                Ok(rows.put(record, now, &self.source))
            }
            WriteOp::Delete | WriteOp::HardDelete => {
                rows.unlocked(record)?;
                rows.delete(&record.id, now);
                Ok(Written::updated(record.id.clone()))
            }
        }
    }
}

impl<M: Model> Rows<M> {
    fn set(&mut self, id: &RecordId, at: DateTime<Utc>, content: Content<M>) -> u64 {
        let version = self.by_id.get(id).map_or(1, |row| row.version + 1);
        if let Some(old) = self.by_id.insert(id.clone(), Row { at, version, content }) {
            self.order.remove(&(old.at, id.clone()));
        }
        self.order.insert((at, id.clone()));
        version
    }

    fn put(&mut self, mut record: Record<M>, at: DateTime<Utc>, source: &Arc<Source>) -> Written {
        if record.id.is_empty() {
            self.made += 1;
            record.id = format!("n{:06}", self.made).into();
        }
        let id = record.id.clone();
        let before = self.by_id.get(&id).and_then(Row::live);
        let created = before.is_none();
        record.meta.created_at = before.map_or(Some(at), |before| before.meta.created_at);
        record.meta.modified_at = Some(at);
        record.meta.source = Arc::clone(source);
        let version = self.by_id.get(&id).map_or(1, |row| row.version + 1);
        record.meta.version = Some(version.to_string().into());
        self.set(&id, at, Content::Live(record));
        let written = if created { Written::created(id) } else { Written::updated(id) };
        written.version(version.to_string())
    }

    fn delete(&mut self, id: &RecordId, at: DateTime<Utc>) -> bool {
        let live = self.by_id.get(id).is_some_and(|row| row.live().is_some());
        if live {
            self.set(id, at, Content::Deleted);
        }
        live
    }

    fn find(&self, key: &str) -> Option<RecordId> {
        let mut live = self.by_id.values().filter_map(Row::live);
        live.find(|record| record.extra.text(KEY) == Some(key)).map(|record| record.id.clone())
    }

    /// Refuses a record that is not there, or that changed since it was read.
    fn unlocked(&self, record: &Record<M>) -> Result<()> {
        let Some(row) = self.by_id.get(&record.id).filter(|row| row.live().is_some()) else {
            return Err(Error::new(ErrorKind::NotFound, "there is no such record"));
        };
        match &record.meta.version {
            Some(version) if **version != *row.version.to_string() => {
                Err(Error::new(ErrorKind::Conflict, "the record has changed since it was read"))
            }
            _ => Ok(()),
        }
    }
}

impl<M: Model> Row<M> {
    fn live(&self) -> Option<&Record<M>> {
        match &self.content {
            Content::Live(record) => Some(record),
            Content::Deleted | Content::Unreadable => None,
        }
    }

    fn is_deleted(&self) -> bool {
        matches!(self.content, Content::Deleted)
    }

    fn add_to(&self, page: &mut Page<M>, id: &RecordId) {
        match &self.content {
            Content::Live(record) => page.changes.push(Change::Upsert(record.clone())),
            Content::Deleted => page.changes.push(Change::Delete { id: id.clone(), at: Some(self.at) }),
            Content::Unreadable => {
                let reason = Error::new(ErrorKind::Malformed, "the record is not what the model promises");
                page.rejected.push(Rejected::new(Some(id.clone()), "{\"broken\":true}", reason));
            }
        }
    }
}

fn position(cursor: &Cursor) -> Result<(DateTime<Utc>, RecordId)> {
    let parsed = cursor.as_str().split_once('/').and_then(|(micros, id)| {
        Some((DateTime::from_timestamp_micros(micros.parse().ok()?)?, RecordId::from(id)))
    });
    parsed.ok_or_else(|| Error::new(ErrorKind::Expired, "the cursor is none of this vendor's"))
}

impl<M> fmt::Debug for Shelf<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf").field("object", &self.source.object).finish_non_exhaustive()
    }
}
