//! The vendor's rows, and the records they are.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, de::DeserializeOwned};

use super::Ticket;
use crate::{Change, Cursor, Meta, Model, Page, Record, Result, Source, UnifiedUser};

/// A row of a list.
pub(super) trait Row: DeserializeOwned + Send + 'static {
    type Model: Model;

    fn stamp(&self) -> Stamp;
    fn model(self) -> Self::Model;
}

/// What every row says of itself.
#[derive(Clone)]
pub(super) struct Stamp {
    id: String,
    updated_at: DateTime<Utc>,
    version: Option<String>,
    deleted: bool,
}

#[derive(Deserialize)]
#[serde(bound = "R: Row")]
pub(super) struct List<R> {
    data: Vec<R>,
    pub(super) next: Option<String>,
}

impl<R: Row> List<R> {
    pub(super) fn empty() -> Self {
        Self { data: Vec::new(), next: None }
    }

    pub(super) fn into_page(self, list: &str) -> Result<Page<R::Model>> {
        let source = Source::new("acme", list);
        let changes = self.data.into_iter().map(|row| change(row, &source)).collect();
        Ok(Page::new(changes, self.next.map(Cursor::new)))
    }
}

pub(super) fn change<R: Row>(row: R, source: &Arc<Source>) -> Change<R::Model> {
    let stamp = row.stamp();
    if stamp.deleted {
        return Change::Delete { id: stamp.id.into(), at: Some(stamp.updated_at) };
    }
    let meta = Meta {
        modified_at: Some(stamp.updated_at),
        version: stamp.version.map(String::into_boxed_str),
        source: Arc::clone(source),
        ..Meta::default()
    };
    Change::Upsert(Record::new(stamp.id, row.model()).with_meta(meta))
}

#[derive(Deserialize)]
pub(super) struct TicketRow {
    pub(super) id: String,
    updated_at: DateTime<Utc>,
    pub(super) version: Option<String>,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    subject: String,
    price: Option<crate::Decimal>,
    state: Option<String>,
}

impl Row for TicketRow {
    type Model = Ticket;

    fn stamp(&self) -> Stamp {
        let Self { id, updated_at, version, deleted, .. } = self;
        Stamp { id: id.clone(), updated_at: *updated_at, version: version.clone(), deleted: *deleted }
    }

    fn model(self) -> Ticket {
        Ticket { subject: self.subject, price: self.price, state: self.state }
    }
}

#[derive(Deserialize)]
pub(super) struct UserRow {
    id: String,
    updated_at: DateTime<Utc>,
    name: String,
}

impl Row for UserRow {
    type Model = UnifiedUser;

    fn stamp(&self) -> Stamp {
        Stamp { id: self.id.clone(), updated_at: self.updated_at, version: None, deleted: false }
    }

    fn model(self) -> UnifiedUser {
        UnifiedUser { display_name: Some(self.name), ..UnifiedUser::default() }
    }
}
