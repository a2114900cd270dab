//! A page of a query, read straight from its text into models.

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use orion_core::{
    Change, Currency, Error, ErrorKind, Fields, Meta, Model, Record, RecordId, Rejected, Source,
};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Value as Json, value::RawValue};

use crate::{
    object::{Children, SObject},
    value::{Mismatch, Value},
};

/// Where a column's value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Id,
    Created,
    Modified,
    Deleted,
    Currency,
    Field(usize),
    Extra,
}

/// How the rows of one query become records: made once per read, used for every row.
pub(crate) struct Layout<M: 'static> {
    pub(crate) object: SObject<M>,
    columns: Vec<(Arc<str>, Target)>,
    currency: Currency,
    source: Arc<Source>,
    /// Start of a record's address for people, up to the id.
    address: Box<str>,
}

impl<M: Model + Default> Layout<M> {
    /// Lays out rows that have these columns, in the order they were selected.
    pub(crate) fn new(object: SObject<M>, columns: &[Arc<str>], currency: Currency, instance: &str) -> Self {
        let target = |name: &str| match name {
            "Id" => Target::Id,
            "CreatedDate" => Target::Created,
            "SystemModstamp" => Target::Modified,
            "IsDeleted" => Target::Deleted,
            "CurrencyIsoCode" => Target::Currency,
            _ => object
                .fields
                .iter()
                .position(|field| field.name.eq_ignore_ascii_case(name))
                .map_or(Target::Extra, Target::Field),
        };
        let columns = columns.iter().map(|name| (Arc::clone(name), target(name))).collect();
        let source = Source::new(crate::NAME, &object.name);
        let address = format!("{}/", instance.trim_end_matches('/')).into_boxed_str();
        Self { object, columns, currency, source, address }
    }

    /// The column called `name`. Rows come in the order of the SELECT, so it is the one after the last, `at`.
    fn column(&self, at: &mut usize, name: &str) -> Option<&(Arc<str>, Target)> {
        let found = match self.columns.get(*at) {
            Some((expected, _)) if &**expected == name => *at,
            _ => self.columns.iter().position(|(have, _)| have.eq_ignore_ascii_case(name))?,
        };
        *at = found + 1;
        self.columns.get(found)
    }
}

/// A page of a query's answer.
pub(crate) struct Rows<M> {
    pub(crate) total: Option<u64>,
    pub(crate) next: Option<Box<str>>,
    pub(crate) changes: Vec<Change<M>>,
    pub(crate) rejected: Vec<Rejected>,
    /// Records whose child rows go on elsewhere: position among the changes, and where.
    pub(crate) unfinished: Vec<(usize, Box<str>)>,
    /// Position of the last row in time: what a read without its locator goes on after.
    pub(crate) last: Option<(DateTime<Utc>, RecordId)>,
}

impl<M> Default for Rows<M> {
    fn default() -> Self {
        Self {
            total: None,
            next: None,
            changes: Vec::new(),
            rejected: Vec::new(),
            unfinished: Vec::new(),
            last: None,
        }
    }
}

/// Reads a page. Rows that do not fit the model are among the rejected; only text that is no page at all is an error.
pub(crate) fn parse<M: Model + Default>(body: &str, layout: &Layout<M>) -> orion_core::Result<Rows<M>> {
    let mut rows = Rows::default();
    let mut misfits = Vec::new();
    let mut json = serde_json::Deserializer::from_str(body);
    PageSeed { layout, rows: &mut rows, misfits: &mut misfits }.deserialize(&mut json).map_err(|source| {
        // serde's message may quote a value.
        let at =
            format!("the page is not a query's answer (line {}, column {})", source.line(), source.column());
        Error::new(ErrorKind::Malformed, at)
    })?;
    if !misfits.is_empty() {
        rows.rejected = reject(body, misfits);
    }
    Ok(rows)
}

/// A row that does not fit: its position, its id, and why.
struct Misfit {
    row: usize,
    id: Option<RecordId>,
    field: Box<str>,
    reason: Mismatch,
}

/// Reads the page once more for the text of the rows that do not fit. They are few.
fn reject(body: &str, misfits: Vec<Misfit>) -> Vec<Rejected> {
    #[derive(serde::Deserialize)]
    struct Raw<'a> {
        #[serde(borrow)]
        records: Vec<&'a RawValue>,
    }
    let raw: Vec<&RawValue> = serde_json::from_str(body).map(|raw: Raw<'_>| raw.records).unwrap_or_default();
    let texts = |row: usize| raw.get(row).map_or("", |raw| raw.get());
    misfits
        .into_iter()
        .map(|Misfit { row, id, field, reason }| {
            let message = format!("field `{field}` does not hold what its type promises");
            let reason = Error::new(ErrorKind::Malformed, message).with_source(reason);
            Rejected::new(id, texts(row), reason)
        })
        .collect()
}

struct PageSeed<'a, M: 'static> {
    layout: &'a Layout<M>,
    rows: &'a mut Rows<M>,
    misfits: &'a mut Vec<Misfit>,
}

impl<'de, M: Model + Default> DeserializeSeed<'de> for PageSeed<'_, M> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, M: Model + Default> Visitor<'de> for PageSeed<'_, M> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a query's answer")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<&str>()? {
            match key {
                "totalSize" => self.rows.total = Some(map.next_value()?),
                "nextRecordsUrl" => self.rows.next = map.next_value()?,
                "records" => map.next_value_seed(RowsSeed {
                    layout: self.layout,
                    rows: &mut *self.rows,
                    misfits: &mut *self.misfits,
                })?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct RowsSeed<'a, M: 'static> {
    layout: &'a Layout<M>,
    rows: &'a mut Rows<M>,
    misfits: &'a mut Vec<Misfit>,
}

impl<'de, M: Model + Default> DeserializeSeed<'de> for RowsSeed<'_, M> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, M: Model + Default> Visitor<'de> for RowsSeed<'_, M> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut position = 0;
        while let Some(row) = seq.next_element_seed(RowSeed(self.layout))? {
            self.rows.take(position, row, self.misfits);
            position += 1;
        }
        Ok(())
    }
}

/// One row as it is read.
struct Row<M> {
    record: Record<M>,
    deleted: bool,
    unfinished: Option<Box<str>>,
    misfit: Option<(Box<str>, Mismatch)>,
}

impl<M> Rows<M> {
    fn take(&mut self, position: usize, row: Row<M>, misfits: &mut Vec<Misfit>) {
        let Row { record, deleted, unfinished, misfit } = row;
        if let Some(at) = record.meta.modified_at {
            self.last = Some((at, record.id.clone()));
        }
        let missing = || record.id.is_empty().then_some(("Id".into(), Mismatch("an id")));
        if let Some((field, reason)) = misfit.or_else(missing) {
            let id = Some(record.id).filter(|id| !id.is_empty());
            misfits.push(Misfit { row: position, id, field, reason });
            return;
        }
        if deleted {
            self.changes.push(Change::Delete { id: record.id, at: record.meta.modified_at });
            return;
        }
        self.unfinished.extend(unfinished.map(|url| (self.changes.len(), url)));
        self.changes.push(Change::Upsert(record));
    }
}

struct RowSeed<'a, M: 'static>(&'a Layout<M>);

impl<'de, M: Model + Default> DeserializeSeed<'de> for RowSeed<'_, M> {
    type Value = Row<M>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Row<M>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, M: Model + Default> Visitor<'de> for RowSeed<'_, M> {
    type Value = Row<M>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row<M>, A::Error> {
        let mut reading = Reading::new(self.0);
        while let Some(name) = map.next_key::<&str>()? {
            if name == "attributes" {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let value = Value(map.next_value::<&RawValue>()?);
            if value.is_null() {
                reading.at += 1;
            } else if let Err(reason) = reading.value(name, value) {
                reading.row.misfit.get_or_insert_with(|| (name.into(), reason));
            }
        }
        Ok(reading.finish())
    }
}

/// A row half read.
struct Reading<'a, M: 'static> {
    layout: &'a Layout<M>,
    row: Row<M>,
    extra: Vec<(Arc<str>, Json)>,
    currency: Currency,
    /// The column expected next.
    at: usize,
}

impl<'a, M: Model + Default> Reading<'a, M> {
    fn new(layout: &'a Layout<M>) -> Self {
        let mut model = M::default();
        (layout.object.init)(&mut model);
        let mut record = Record::new("", model);
        record.meta = Meta::default();
        record.meta.source = Arc::clone(&layout.source);
        let row = Row { record, deleted: false, unfinished: None, misfit: None };
        Self { layout, row, extra: Vec::new(), currency: layout.currency, at: 0 }
    }

    fn value(&mut self, name: &str, value: Value<'_>) -> Result<(), Mismatch> {
        let layout = self.layout;
        if let Some(children) = layout.object.children
            && children.relationship == name
        {
            self.row.unfinished = lines(children, &mut self.row.record.model, value, self.currency)?;
            return Ok(());
        }
        let Some((name, target)) = layout.column(&mut self.at, name) else {
            self.extra.push((name.into(), value.json()?));
            return Ok(());
        };
        match target {
            Target::Id => self.row.record.id = RecordId::new(&*value.text()?),
            Target::Created => self.row.record.meta.created_at = Some(value.datetime()?),
            Target::Modified => self.row.record.meta.modified_at = Some(value.datetime()?),
            Target::Deleted => self.row.deleted = value.bool()?,
            Target::Field(index) => {
                layout.object.fields[*index].read(&mut self.row.record.model, value, self.currency)?;
            }
            Target::Currency => {
                self.currency = Currency::new(&value.text()?).map_err(|_| Mismatch("a currency code"))?;
                self.extra.push((Arc::clone(name), value.json()?));
            }
            Target::Extra => self.extra.push((Arc::clone(name), value.json()?)),
        }
        Ok(())
    }

    fn finish(self) -> Row<M> {
        let Self { layout, mut row, extra, .. } = self;
        if !row.record.id.is_empty() {
            let mut url = String::with_capacity(layout.address.len() + 18);
            url.push_str(&layout.address);
            url.push_str(row.record.id.as_str());
            row.record.meta.url = Some(url.into_boxed_str());
        }
        (layout.object.rest)(&mut row.record, extra.into_iter().collect::<Fields>());
        row
    }
}

/// Reads the lines of one record: the nested answer of its subquery. Returns where they go on.
pub(crate) fn lines<M>(
    children: &Children<M>,
    model: &mut M,
    value: Value<'_>,
    currency: Currency,
) -> Result<Option<Box<str>>, Mismatch> {
    #[derive(serde::Deserialize)]
    struct Nested<'a> {
        #[serde(borrow, rename = "nextRecordsUrl")]
        next: Option<std::borrow::Cow<'a, str>>,
        #[serde(borrow)]
        records: Vec<std::collections::BTreeMap<&'a str, &'a RawValue>>,
    }
    let nested: Nested<'_> = serde_json::from_str(value.0.get()).map_err(|_| Mismatch("child records"))?;
    for row in nested.records {
        let mut line = orion_core::UnifiedLineItem::default();
        for field in children.fields {
            if let Some(value) = row.get(field.name).map(|raw| Value(raw)).filter(|value| !value.is_null()) {
                field.read(&mut line, value, currency)?;
            }
        }
        (children.lines_mut)(model).push(line);
    }
    Ok(nested.next.map(|next| next.into_owned().into_boxed_str()))
}
