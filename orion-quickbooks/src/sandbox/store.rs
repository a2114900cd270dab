//! The company: every row the simulated QuickBooks holds, and the rules by which it may change. No HTTP here: callers
//! pass JSON in and get JSON or a [`Fault`] back.

mod attach;
mod batch;
mod cdc;
mod check;
mod currency;
mod entity;
mod fault;
mod items;
mod journal;
mod json;
mod ledger;
mod links;
mod merge;
mod moment;
mod money;
mod names;
mod postings;
mod query;
mod read;
mod recurring;
mod refs;
mod reports;
mod sales;
mod schema;
mod seed;
mod send;
mod table;
mod taxes;
mod write;

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

pub(crate) use attach::File;
use batch::entity_of;
use entity::entity;
pub(crate) use fault::Fault;
pub(crate) use journal::{Change, Operation};
pub(crate) use json::{Json, Object};
pub(crate) use moment::stamp_millis;

use entity::{ENTITIES, Entity};
use journal::Journal;
use table::Table;

/// The company's id.
const REALM: &str = "4620816365291873610";

/// The whole state of one company. The server keeps it in a mutex and drives its clock.
#[derive(Debug)]
pub(crate) struct Company {
    tables: Vec<Table>,
    now: DateTime<Utc>,
    journal: Journal,
    /// The last id given out, by sequence.
    sequences: HashMap<&'static str, u64>,
    /// Names in use, folded, by the list they must be unique in.
    names: HashMap<(&'static str, String), (usize, u64)>,
    /// What customers and vendors owe or are owed, and the same with their jobs.
    balances: HashMap<(usize, u64), (Decimal, Decimal)>,
    /// Customers and vendors whose rows do not show their balance yet, and since when.
    stale: BTreeMap<(usize, u64), DateTime<Utc>>,
    /// Content of attachments.
    files: HashMap<u64, File>,
    /// The company's id, as addresses name it.
    realm: String,
}

impl Company {
    /// A company without a single row.
    fn empty(now: DateTime<Utc>) -> Self {
        Self {
            tables: ENTITIES.iter().map(Table::new).collect(),
            now,
            journal: Journal::default(),
            sequences: HashMap::new(),
            names: HashMap::new(),
            balances: HashMap::new(),
            stale: BTreeMap::new(),
            files: HashMap::new(),
            realm: REALM.to_owned(),
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.now
    }

    pub(crate) fn set_now(&mut self, now: DateTime<Utc>) {
        self.now = now;
    }

    /// The company's id, `realmId` on the wire.
    pub(crate) fn realm(&self) -> &str {
        &self.realm
    }

    /// The property under which answers carry a row: the entity's name but for `CreditCardPayment`.
    pub(crate) fn key(name: &str) -> Option<&'static str> {
        entity(name).map(|entity| entity.class)
    }

    /// How many changes there have been. What [`Company::changes`] returns from here on is news.
    pub(crate) fn position(&self) -> usize {
        self.journal.len()
    }

    /// The changes from a position on, oldest first.
    pub(crate) fn changes(&self, position: usize) -> &[Change] {
        self.journal.since(position)
    }

    fn table(&self, entity: &Entity) -> &Table {
        &self.tables[entity.index]
    }

    fn table_mut(&mut self, entity: &Entity) -> &mut Table {
        &mut self.tables[entity.index]
    }

    fn next(&mut self, sequence: &'static str) -> u64 {
        let last = self.sequences.entry(sequence).or_default();
        *last += 1;
        *last
    }
}

#[cfg(test)]
mod tests;
