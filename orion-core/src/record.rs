//! Records and changes: what every adapter yields.

mod fields;

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use fields::Fields;

use crate::{Error, RecordId};

/// Where a record came from. Shared by all records of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Source {
    /// Name of the adapter, empty for a record made by the host.
    pub adapter: Box<str>,
    /// The vendor's object, for instance `Lead`; empty when it has none.
    pub object: Box<str>,
}

impl Source {
    /// Names a source.
    #[must_use]
    pub fn new(adapter: &str, object: &str) -> Arc<Self> {
        Arc::new(Self { adapter: adapter.into(), object: object.into() })
    }
}

/// What is known of a record beside its content.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Meta {
    /// When the source made it.
    pub created_at: Option<DateTime<Utc>>,
    /// When the source last changed it: the sync's cursor field.
    pub modified_at: Option<DateTime<Utc>>,
    /// The source's optimistic lock (SyncToken, ETag), to be sent back on a write.
    pub version: Option<Box<str>>,
    /// Where it came from.
    pub source: Arc<Source>,
    /// A page a person can open.
    pub url: Option<Box<str>>,
}

impl Meta {
    /// What nearly every source says of a record: when it last changed, and the lock to send back on a write.
    #[must_use]
    pub fn of(source: &Arc<Source>, modified_at: Option<DateTime<Utc>>, version: Option<Box<str>>) -> Self {
        Self { modified_at, version, source: Arc::clone(source), ..Self::default() }
    }
}

/// One record: a model, what is known of it, and what the model does not carry.
///
/// `Debug` shows the id, the origin and the names of the extra fields. The content is the tenant's data and does not belong in a log;
/// a host that wants to see it asks the model.
///
/// ```
/// use orion_core::{CustomerRole, Record, UnifiedCustomer};
///
/// let mut lead = UnifiedCustomer::default();
/// lead.role = Some(CustomerRole::Lead);
/// let record = Record::new("00Q1", lead).with_extra([("Region__c", "EMEA")].into_iter().collect());
///
/// assert_eq!(record.extra.text("Region__c"), Some("EMEA"));
/// assert!(!format!("{record:?}").contains("EMEA"));
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Record<M> {
    /// Its id at the source; empty for one that does not exist there yet.
    pub id: RecordId,
    /// The unified content.
    pub model: M,
    /// Times, version, origin.
    pub meta: Meta,
    /// Fields without a place in the model (custom fields first of all), under the source's names.
    pub extra: Fields,
}

impl<M> Record<M> {
    /// Builds a record with nothing but an id and a model.
    #[must_use]
    pub fn new(id: impl Into<RecordId>, model: M) -> Self {
        Self { id: id.into(), model, meta: Meta::default(), extra: Fields::default() }
    }

    /// Sets what is known of the record.
    #[must_use]
    pub fn with_meta(mut self, meta: Meta) -> Self {
        self.meta = meta;
        self
    }

    /// Sets the fields the model does not carry.
    #[must_use]
    pub fn with_extra(mut self, extra: Fields) -> Self {
        self.extra = extra;
        self
    }

    /// Keeps everything but the model, which `f` converts.
    #[must_use]
    pub fn map<N>(self, f: impl FnOnce(M) -> N) -> Record<N> {
        Record { id: self.id, model: f(self.model), meta: self.meta, extra: self.extra }
    }
}

impl<M> fmt::Debug for Record<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("id", &self.id)
            .field("source", &self.meta.source)
            .field("modified_at", &self.meta.modified_at)
            .field("extra", &self.extra)
            .finish_non_exhaustive()
    }
}

/// What happened to a record at its source. Deletes are in the type, so that no sync forgets them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Change<M> {
    /// It was made or changed; the whole of it.
    Upsert(Record<M>),
    /// It is gone.
    Delete {
        /// Which.
        id: RecordId,
        /// When, as far as the source tells.
        at: Option<DateTime<Utc>>,
    },
}

impl<M> Change<M> {
    /// The id of the record concerned.
    #[must_use]
    pub fn id(&self) -> &RecordId {
        match self {
            Self::Upsert(record) => &record.id,
            Self::Delete { id, .. } => id,
        }
    }

    /// When the source says it happened.
    #[must_use]
    pub fn at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Upsert(record) => record.meta.modified_at,
            Self::Delete { at, .. } => *at,
        }
    }

    /// The record, unless it is a delete.
    #[must_use]
    pub fn into_record(self) -> Option<Record<M>> {
        match self {
            Self::Upsert(record) => Some(record),
            Self::Delete { .. } => None,
        }
    }
}

/// A record that could not be read as its model. The sync keeps it as a dead letter and goes on.
///
/// `Debug` shows the id and the reason, not what the source sent.
#[non_exhaustive]
pub struct Rejected {
    /// Its id, as far as it could be read.
    pub id: Option<RecordId>,
    /// What the source sent, so that nothing is lost.
    pub raw: Box<str>,
    /// Why it was refused.
    pub reason: Error,
}

impl Rejected {
    /// Keeps what the source sent beside the reason it was refused.
    #[must_use]
    pub fn new(id: Option<RecordId>, raw: impl Into<Box<str>>, reason: Error) -> Self {
        Self { id, raw: raw.into(), reason }
    }
}

impl fmt::Debug for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejected").field("id", &self.id).field("reason", &self.reason).finish_non_exhaustive()
    }
}
