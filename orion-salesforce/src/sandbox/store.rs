//! The org: every row the simulated Salesforce holds, and the rules by which it may change.

mod coerce;
mod derive;
mod describe;
mod draft;
mod error;
mod ext_server;
pub(crate) mod id;
mod journal;
pub(crate) mod moment;
pub(crate) mod number;
mod read;
mod remove;
pub(crate) mod render;
pub(crate) mod schema;
mod seed;
pub(crate) mod table;
mod write;

use chrono::{DateTime, Utc};

pub(crate) use error::ApiError;
pub(crate) use write::Upserted;

use id::{ParsedId, RowId};
use journal::Journal;
use schema::{FieldIndex, Object, ObjectIndex, Schema};
use table::{Cell, State, Table};

/// The whole state of one org. The server keeps it in a mutex and drives its clock.
#[derive(Debug)]
pub(crate) struct Org {
    pub(crate) schema: &'static Schema,
    tables: Vec<Table>,
    now: DateTime<Utc>,
    journal: Journal,
    user: RowId,
    org_id: String,
    user_id: String,
}

impl Org {
    /// An org with no rows at all: not even the user who is logged in.
    fn empty(now: DateTime<Utc>) -> Self {
        let schema = schema::schema();
        let first =
            |name: &str| RowId { object: schema.object(name).map_or(0, |object| object.index), row: 0 };
        let user = first("User");
        Self {
            schema,
            tables: schema.objects.iter().map(Table::new).collect(),
            now,
            journal: Journal::default(),
            user,
            org_id: first("Organization").text(schema),
            user_id: user.text(schema),
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.now
    }

    pub(crate) fn set_now(&mut self, now: DateTime<Utc>) {
        self.now = now;
    }

    pub(crate) fn org_id(&self) -> &str {
        &self.org_id
    }

    pub(crate) fn user_id(&self) -> &str {
        &self.user_id
    }

    pub(crate) fn username(&self) -> &str {
        self.text_of(self.user, "Username")
    }

    pub(crate) fn user_email(&self) -> &str {
        self.text_of(self.user, "Email")
    }

    pub(crate) fn user_name(&self) -> &str {
        self.text_of(self.user, "Name")
    }

    /// The canonical spelling of an object's name, if the org has such an object.
    pub(crate) fn object_name(&self, object: &str) -> Option<&'static str> {
        self.schema.object(object).map(|object| &*object.name)
    }

    /// The canonical spelling of a field's name.
    pub(crate) fn field_name(&self, object: &str, field: &str) -> Option<&'static str> {
        self.schema.object(object)?.field(field).map(|field| &*field.name)
    }

    pub(crate) fn table(&self, object: ObjectIndex) -> Option<&Table> {
        self.tables.get(object)
    }

    pub(crate) fn state(&self, id: RowId) -> State {
        self.table(id.object).map_or(State::Purged, |table| table.state(id.row))
    }

    pub(crate) fn word(&self, id: RowId, field: FieldIndex) -> Option<i64> {
        self.table(id.object)?.word(id.row, field)
    }

    pub(crate) fn text(&self, id: RowId, field: FieldIndex) -> Option<&str> {
        self.table(id.object)?.text(id.row, field)
    }

    fn object(&self, name: &str) -> Result<&'static Object, ApiError> {
        self.schema.object(name).ok_or_else(ApiError::not_found)
    }

    /// The live row an id names, or why there is none.
    fn locate(&self, object: &Object, id: &str) -> Result<RowId, ApiError> {
        match RowId::parse(self.schema, id) {
            ParsedId::Malformed => Err(ApiError::new(400, "MALFORMED_ID", format!("malformed id {id}"))),
            ParsedId::Row(id) if id.object == object.index => match self.state(id) {
                State::Live => Ok(id),
                State::Deleted => Err(ApiError::deleted()),
                State::Purged => Err(ApiError::not_found()),
            },
            ParsedId::Row(_) | ParsedId::Foreign => Err(ApiError::not_found()),
        }
    }

    fn position(&self, id: RowId, field: &str) -> Option<FieldIndex> {
        self.schema.objects.get(id.object)?.position(field)
    }

    fn word_of(&self, id: RowId, field: &str) -> Option<i64> {
        self.word(id, self.position(id, field)?)
    }

    fn text_of(&self, id: RowId, field: &str) -> &str {
        self.position(id, field).and_then(|field| self.text(id, field)).unwrap_or_default()
    }

    fn parent_of(&self, id: RowId, field: &str) -> Option<RowId> {
        self.word_of(id, field).map(RowId::unpack)
    }

    /// Every change to a row goes through here or [`Org::put_state`], so that a rollback finds it.
    fn put(&mut self, id: RowId, field: FieldIndex, cell: Cell) {
        if let Some(table) = self.tables.get_mut(id.object) {
            let old = table.set(id.row, field, cell);
            self.journal.cell(id, field, old);
        }
    }

    fn put_in(&mut self, id: RowId, field: &str, cell: Cell) {
        if let Some(field) = self.position(id, field) {
            self.put(id, field, cell);
        }
    }

    fn put_state(&mut self, id: RowId, state: State) {
        if let Some(table) = self.tables.get_mut(id.object) {
            let old = table.set_state(id.row, state);
            self.journal.state(id, old);
        }
    }
}

#[cfg(test)]
mod tests;
