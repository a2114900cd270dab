//! The rows of one entity: each as text, beside the values a query can look at.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::entity::Entity;
use super::json::{Json, Object};
use super::moment;
use super::schema::{Kind, schema};

/// A value in the form in which it is compared.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub(crate) enum Key {
    Null,
    Flag(bool),
    Number(Decimal),
    /// Seconds since 1970.
    Time(i64),
    /// Dates are text: their order is that of the calendar.
    Text(Box<str>),
}

/// One property a query may name.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) path: &'static str,
    pub(crate) kind: Kind,
}

/// What a row adds to the balance of a customer or vendor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Owed {
    pub(crate) entity: &'static str,
    pub(crate) id: u64,
    pub(crate) amount: Decimal,
}

#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) text: Arc<str>,
    pub(crate) keys: Box<[Key]>,
    pub(crate) owed: Option<Owed>,
}

#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) entity: &'static Entity,
    pub(crate) columns: Vec<Column>,
    rows: BTreeMap<u64, Row>,
    /// Ids of deleted rows, and when.
    pub(crate) deleted: BTreeMap<u64, i64>,
}

/// Positions of the columns every table starts with.
pub(crate) const ID: usize = 0;
pub(crate) const UPDATED: usize = 2;

impl Table {
    pub(crate) fn new(entity: &'static Entity) -> Self {
        let class = schema().get(entity.class);
        let kind = |name: &str| class.and_then(|class| class.property(name)).map(|property| property.kind);
        let fixed = [
            ("Id", Kind::Whole),
            ("MetaData.CreateTime", Kind::Time),
            ("MetaData.LastUpdatedTime", Kind::Time),
        ];
        let own = entity.filter.iter().filter_map(|path| Some((*path, kind(path)?)));
        let columns = fixed.into_iter().chain(own).map(|(path, kind)| Column { path, kind }).collect();
        Self { entity, columns, rows: BTreeMap::new(), deleted: BTreeMap::new() }
    }

    /// The position of a column, whatever case it is named in.
    pub(crate) fn column(&self, path: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.path.eq_ignore_ascii_case(path))
    }

    pub(crate) fn get(&self, id: u64) -> Option<&Row> {
        self.rows.get(&id)
    }

    /// The row taken apart.
    pub(crate) fn object(&self, id: u64) -> Option<Object> {
        Json::parse(&self.get(id)?.text).ok()?.into_object()
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (u64, &Row)> {
        self.rows.iter().map(|(id, row)| (*id, row))
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn key(&self, id: u64, path: &str) -> Option<&Key> {
        self.get(id)?.keys.get(self.column(path)?)
    }

    /// Stores a row. What a query sees of it is taken from `shown`.
    pub(crate) fn put(&mut self, id: u64, object: &Object, shown: &Object, owed: Option<Owed>) {
        let mut keys: Box<[Key]> = self.columns.iter().map(|column| key(shown, column)).collect();
        if let Some(key) = keys.get_mut(ID) {
            *key = Key::Number(id.into());
        }
        self.rows.insert(id, Row { text: object.to_string().into(), keys, owed });
    }

    pub(crate) fn remove(&mut self, id: u64, at: i64) -> Option<Row> {
        let row = self.rows.remove(&id)?;
        self.deleted.insert(id, at);
        Some(row)
    }
}

fn key(object: &Object, column: &Column) -> Key {
    let Some(value) = object.at(column.path) else { return Key::Null };
    match (column.kind, value) {
        (Kind::Time, Json::Text(text)) => moment::parse(text).map_or(Key::Null, Key::Time),
        (Kind::Whole, Json::Text(text)) => text.parse().map_or(Key::Null, Key::Number),
        (_, Json::Text(text)) => Key::Text(text.as_str().into()),
        (_, Json::Number(number)) => Key::Number(*number),
        (_, Json::Bool(flag)) => Key::Flag(*flag),
        (_, Json::Object(part)) => {
            let text = ["value", "Address", "FreeFormNumber"].iter().find_map(|name| part.text(name));
            text.map_or(Key::Null, |text| Key::Text(text.into()))
        }
        _ => Key::Null,
    }
}
