//! From a row to a record.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use orion_core::{Change, Currency, Error, ErrorKind, Fields, Meta, Record, RecordId, Rejected, Source};
use serde_json::{Map, Value, value::RawValue};

use crate::{
    object::{Entity, Family, Mapped, Names, Scope},
    value::{Mismatch, as_json},
    wire::{Members, datetime},
};

/// How the rows of one object become records.
pub(crate) struct Layout<M: 'static> {
    pub(crate) entity: Entity<M>,
    names: Names<M>,
    currency: Currency,
    source: Arc<Source>,
    /// Names of extra fields, made once.
    extra: HashMap<Box<str>, Arc<str>>,
}

/// What a page of rows became.
pub(crate) struct Read<M> {
    pub(crate) changes: Vec<Change<M>>,
    pub(crate) rejected: Vec<Rejected>,
}

impl<M: Mapped> Layout<M> {
    pub(crate) fn new(entity: Entity<M>, currency: Currency) -> Self {
        let names = Names::new(entity.all());
        let source = Source::new(crate::NAME, &entity.name);
        Self { entity, names, currency, source, extra: HashMap::new() }
    }

    /// Reads every row. One that does not fit is set aside, and the others go on.
    pub(crate) fn read(&mut self, rows: &[&RawValue]) -> Read<M> {
        let mut read = Read { changes: Vec::with_capacity(rows.len()), rejected: Vec::new() };
        for row in rows {
            let members = Members::parse(row).unwrap_or_default();
            match self.change(&members) {
                Ok(change) => read.changes.push(change),
                Err((name, Mismatch(wanted))) => {
                    let message = format!("`{name}` of `{}` is not {wanted}", self.entity.name);
                    let id = members.text("Id").map(|id| RecordId::from(&*id));
                    let reason = Error::new(ErrorKind::Malformed, message).during(crate::NAME, "read");
                    read.rejected.push(Rejected::new(id, row.get(), reason));
                }
            }
        }
        read
    }

    /// A row as a change: what is deleted, or inactive, is gone.
    fn change(&mut self, members: &Members<'_>) -> Result<Change<M>, (String, Mismatch)> {
        let deleted = members.text("status").as_deref() == Some("Deleted");
        let hidden = self.entity.family == Family::Name
            && members.get("Active").is_some_and(|active| active.get() == "false");
        if deleted || hidden {
            let id = members.text("Id").ok_or(("Id".to_owned(), Mismatch("there")))?;
            return Ok(Change::Delete { id: (&*id).into(), at: changed(members) });
        }
        self.record(members).map(Change::Upsert)
    }

    /// A row as a record.
    pub(crate) fn record(&mut self, members: &Members<'_>) -> Result<Record<M>, (String, Mismatch)> {
        let mut record = Record::new("", M::default());
        record.meta.source = Arc::clone(&self.source);
        (self.entity.init)(&mut record.model);
        let scope = Scope::new(&self.entity.name, self.currency_of(members));
        let mut left = Vec::new();
        for (name, raw) in &members.0 {
            let value = match &**name {
                "Id" => {
                    record.id = members.text("Id").map(|id| RecordId::from(&*id)).unwrap_or_default();
                    None
                }
                "SyncToken" => {
                    record.meta.version = Some(version(raw));
                    None
                }
                "MetaData" => times(raw, &mut record.meta),
                name => self
                    .names
                    .read_member(&mut record.model, name, raw, scope)
                    .map_err(|mismatch| (name.to_owned(), mismatch))?,
            };
            left.extend(value.map(|value| (&**name, value)));
        }
        if record.id.is_empty() {
            return Err(("Id".to_owned(), Mismatch("there")));
        }
        let extra: Fields = left.into_iter().map(|(name, value)| (self.name(name), value)).collect();
        (self.entity.rest)(&mut record, extra);
        (self.entity.finish)(&mut record);
        Ok(record)
    }

    fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.extra.get(name) {
            return Arc::clone(known);
        }
        let made: Arc<str> = name.into();
        self.extra.insert(name.into(), Arc::clone(&made));
        made
    }

    /// The currency of a row's amounts.
    fn currency_of(&self, members: &Members<'_>) -> Currency {
        let code = members.get("CurrencyRef").and_then(Members::parse);
        let code = code.and_then(|reference| Currency::new(&reference.text("value")?).ok());
        code.unwrap_or(self.currency)
    }
}

fn version(raw: &RawValue) -> Box<str> {
    raw.get().trim_matches('"').into()
}

/// When a row last changed.
fn changed(members: &Members<'_>) -> Option<DateTime<Utc>> {
    datetime(&Members::parse(members.get("MetaData")?)?.text("LastUpdatedTime")?)
}

/// Takes the times out of `MetaData`, and returns what else is there.
fn times(raw: &RawValue, meta: &mut Meta) -> Option<Value> {
    let Some(members) = Members::parse(raw) else { return Some(as_json(raw)) };
    let mut left = Map::new();
    for (name, value) in &members.0 {
        let at = crate::wire::text(value).and_then(|text| datetime(&text));
        match (&**name, at) {
            ("CreateTime", Some(at)) => meta.created_at = Some(at),
            ("LastUpdatedTime", Some(at)) => meta.modified_at = Some(at),
            (name, _) => drop(left.insert(name.to_owned(), as_json(value))),
        }
    }
    (!left.is_empty()).then_some(Value::Object(left))
}
