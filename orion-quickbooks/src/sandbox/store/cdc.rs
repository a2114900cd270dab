//! Change data capture: what changed since a time, deletes included.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use rust_decimal::Decimal;

use super::entity::Entity;
use super::json::{Json, Object};
use super::read::tombstone;
use super::table::{Key, Row, UPDATED};
use super::{Company, Fault, entity, moment};

/// How far back the vendor promises to look (Intuit docs). Rows that changed earlier are still returned (recorded in
/// 2020 for a `changedSince` of 2011), but a delete is forgotten.
const WINDOW: TimeDelta = TimeDelta::days(30);
/// Objects in one answer; what is beyond is cut without a word (Intuit docs).
pub(crate) const LARGEST_CHANGE_SET: usize = 1_000;

impl Company {
    /// The content of `CDCResponse` for entities parted by commas.
    ///
    /// # Errors
    /// 2020 without entities, 4001 for a time that is none or an entity that is not tracked.
    pub(crate) fn changed(&mut self, entities: &str, since: &str) -> Result<Json, Fault> {
        let names: Vec<&str> = entities.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
        if names.is_empty() {
            return Err(Fault::required("entities"));
        }
        let invalid =
            |what: String| Fault::new("4001", "Invalid query", format!("QueryValidationError: {what}"));
        let from = moment::parse(since)
            .ok_or_else(|| invalid(format!("value {since} is not valid for changedSince")))?;
        let (mut answers, mut left) = (Vec::with_capacity(names.len()), LARGEST_CHANGE_SET);
        for name in names {
            let found = entity(name).filter(|entity| entity.is_tracked());
            let found = found.ok_or_else(|| invalid(format!("invalid context declaration: {name}")))?;
            self.settle(found);
            let rows = self.changes_of(found, from, left);
            left -= rows.len();
            answers.push(answer(found, rows));
        }
        Ok(Json::List(vec![Object::new().with("QueryResponse", answers).into()]))
    }

    /// Changed rows, the earliest change first (recorded), and then deleted ones: a test of node-quickbooks expects a row
    /// before what earlier tests deleted.
    fn changes_of(&self, entity: &'static Entity, from: i64, most: usize) -> Vec<Json> {
        let table = self.table(entity);
        let updated = |row: &Row| match row.keys.get(UPDATED) {
            Some(Key::Time(at)) => *at,
            _ => 0,
        };
        let rows = table.iter().map(|(id, row)| (updated(row), id, Some(row)));
        let horizon = (self.now - WINDOW).timestamp();
        let deleted = table.deleted.iter().filter(|(_, at)| **at >= horizon).map(|(id, at)| (*at, *id, None));
        let mut found: Vec<_> = rows.chain(deleted).filter(|(at, ..)| *at >= from).collect();
        found.sort_by_key(|(at, id, row)| (row.is_none(), *at, *id));
        let json = |(at, id, row): (i64, u64, Option<&Row>)| match row {
            Some(row) => Json::Raw(Arc::clone(&row.text)),
            None => {
                let at = DateTime::from_timestamp(at, 0).unwrap_or(self.now);
                tombstone(id)
                    .with("MetaData", Object::new().with("LastUpdatedTime", moment::stamp(at)))
                    .into()
            }
        };
        found.into_iter().take(most).map(json).collect()
    }
}

fn answer(entity: &'static Entity, rows: Vec<Json>) -> Json {
    if rows.is_empty() {
        return Object::new().into();
    }
    let count = Decimal::from(rows.len());
    Object::new()
        .with(entity.class, rows)
        .with("startPosition", Decimal::ONE)
        .with("maxResults", count)
        .into()
}
