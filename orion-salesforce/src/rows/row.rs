//! One row on its way into a record.

use std::sync::Arc;

use orion_core::{Change, Currency, Error, ErrorKind, Fields, Model, Record, RecordId, UnifiedLineItem};
use serde_json::{Value as Json, value::RawValue};

use super::{CellForm, Layout, Misfit, Rows, Target};
use crate::{
    object::Children,
    value::{Mismatch, Value},
};

/// What is known of a row beside its record, which is the last of the page's changes already.
pub(super) struct Reading<'a, M: 'static> {
    layout: &'a Layout<M>,
    extra: Vec<(Arc<str>, Json)>,
    currency: Currency,
    /// The column expected next.
    pub(super) at: usize,
    deleted: bool,
    unfinished: Option<Box<str>>,
    misfit: Option<(Box<str>, Mismatch)>,
}

impl<'a, M: Model + Default> Reading<'a, M> {
    /// Begins a row. The record is filled where it will stay: it is some hundred bytes, too many to move about.
    pub(super) fn begin(layout: &'a Layout<M>, rows: &mut Rows<M>) -> Self {
        let mut record = Record::new("", M::default());
        (layout.object.init)(&mut record.model);
        record.meta.source = Arc::clone(&layout.source);
        rows.changes.push(Change::Upsert(record));
        Self {
            layout,
            extra: Vec::with_capacity(layout.extras),
            currency: layout.currency,
            at: 0,
            deleted: false,
            unfinished: None,
            misfit: None,
        }
    }

    /// Takes the value of the column at `index`.
    pub(super) fn column(&mut self, rows: &mut Rows<M>, index: usize, value: Value<'_>) {
        self.at = index + 1;
        if value.is_null() {
            return;
        }
        let (Some(Change::Upsert(record)), Some(column)) =
            (rows.changes.last_mut(), self.layout.columns.get(index))
        else {
            return;
        };
        if let Err(reason) = self.set(record, &column.name, column.target, value) {
            self.misfit.get_or_insert_with(|| ((&*column.name).into(), reason));
        }
    }

    /// Takes a value by the name that stands before it.
    pub(super) fn named(&mut self, rows: &mut Rows<M>, name: &str, value: Value<'_>) {
        if name == "attributes" {
            return;
        }
        if let Some(index) =
            self.layout.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name))
        {
            return self.column(rows, index, value);
        }
        let Some(Change::Upsert(record)) = rows.changes.last_mut() else { return };
        let taken = match self.layout.object.children.filter(|children| children.relationship == name) {
            _ if value.is_null() => Ok(()),
            Some(children) => {
                lines(children, &mut record.model, value, self.currency).map(|next| self.unfinished = next)
            }
            None => value.json().map(|value| self.extra.push((name.into(), value))),
        };
        if let Err(reason) = taken {
            self.misfit.get_or_insert_with(|| (name.into(), reason));
        }
    }

    fn set(
        &mut self,
        record: &mut Record<M>,
        name: &Arc<str>,
        target: Target,
        value: Value<'_>,
    ) -> Result<(), Mismatch> {
        match target {
            Target::Id => record.id = RecordId::new(&*value.text()?),
            Target::Created => record.meta.created_at = Some(value.datetime()?),
            Target::Modified => record.meta.modified_at = Some(value.datetime()?),
            Target::Deleted => self.deleted = value.bool()?,
            Target::Field(index) => {
                if !self.layout.object.fields[index].read(&mut record.model, value, self.currency)? {
                    self.extra.push((Arc::clone(name), value.json()?));
                }
            }
            Target::Currency => {
                self.currency = Currency::new(&value.text()?).map_err(|_| Mismatch("a currency code"))?;
                self.extra.push((Arc::clone(name), value.json()?));
            }
            Target::Extra => self.extra.push((Arc::clone(name), value.json()?)),
        }
        Ok(())
    }

    /// Ends a row: what it turned out to be.
    pub(super) fn end(self, rows: &mut Rows<M>) {
        let row = rows.count;
        rows.count += 1;
        let position = rows.changes.len().saturating_sub(1);
        let Some(Change::Upsert(record)) = rows.changes.last_mut() else { return };
        let missing = || record.id.is_empty().then_some(("Id".into(), Mismatch("an id")));
        if let Some((field, reason)) = self.misfit.or_else(missing) {
            let id = Some(record.id.clone()).filter(|id| !id.is_empty());
            rows.misfits.push(Misfit { row, id, field, reason });
            rows.changes.pop();
            return;
        }
        if self.deleted {
            let (id, at) = (record.id.clone(), record.meta.modified_at);
            rows.changes.pop();
            rows.changes.push(Change::Delete { id, at });
            return;
        }
        let address = &self.layout.address;
        let mut url = String::with_capacity(address.len() + record.id.as_str().len());
        url.push_str(address);
        url.push_str(record.id.as_str());
        record.meta.url = Some(url.into_boxed_str());
        (self.layout.object.rest)(record, self.extra.into_iter().collect::<Fields>());
        rows.unfinished.extend(self.unfinished.map(|url| (position, url)));
    }
}

impl<M: Model + Default> Layout<M> {
    /// Reads a row of a CSV file: a cell for each of these columns, by position among the layout's. An empty cell is null.
    pub(crate) fn cells<'c>(
        &self,
        cells: impl Iterator<Item = (Option<usize>, &'c str)>,
    ) -> orion_core::Result<Change<M>> {
        let mut rows = Rows::default();
        let mut reading = Reading::begin(self, &mut rows);
        for (column, cell) in cells {
            let Some((index, column)) = column.and_then(|at| Some((at, self.columns.get(at)?))) else {
                continue;
            };
            if cell.is_empty() {
                continue;
            }
            let as_json;
            let value = match column.cell {
                CellForm::Text => Value::cell(cell),
                CellForm::Bare => Value::new(cell, false),
                CellForm::DateTime => {
                    as_json = cell.strip_suffix('Z').map(|instant| format!("{instant}+0000"));
                    Value::cell(as_json.as_deref().unwrap_or(cell))
                }
            };
            reading.column(&mut rows, index, value);
        }
        reading.end(&mut rows);
        match (rows.changes.pop(), rows.misfits.pop()) {
            (Some(change), _) => Ok(change),
            (None, Some(misfit)) => Err(misfit.into_error()),
            (None, None) => Err(Error::new(ErrorKind::Malformed, "the row is empty")),
        }
    }

    /// The position of the column called `name`.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name))
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
    let nested: Nested<'_> = serde_json::from_str(value.raw()).map_err(|_| Mismatch("child records"))?;
    for mut row in nested.records {
        let mut line = UnifiedLineItem::default();
        row.remove("attributes");
        for field in children.fields {
            let Some(value) = row.get(field.name).map(|raw| Value::from(*raw)) else { continue };
            if value.is_null() || field.read(&mut line, value, currency)? {
                row.remove(field.name);
            }
        }
        let rest = row.into_iter().map(|(name, raw)| (name, Value::from(raw)));
        for (name, value) in rest.filter(|(_, value)| !value.is_null()) {
            line.extra.insert(name, value.json()?);
        }
        (children.lines_mut)(model).push(line);
    }
    Ok(nested.next.map(|next| next.into_owned().into_boxed_str()))
}
