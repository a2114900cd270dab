//! The data an org starts with: companies and people of many places, their deals, and the books and users behind them.

mod companies;
mod fill;
mod people;
mod random;
mod sales;
mod staff;
#[rustfmt::skip]
mod words;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Org, id::RowId, table::State};
use fill::{Calendar, Places};

/// How far back the data reaches.
const HISTORY: TimeDelta = TimeDelta::days(730);
/// Nothing is younger than this, so that a first incremental read does not meet it again.
const SETTLED: TimeDelta = TimeDelta::minutes(10);

/// Orgs that are told apart by their ids.
const ORGS: u64 = 1_000;

impl Org {
    /// An org with `records` each of Account, Contact and Lead, half as many opportunities with one to three lines
    /// each, products with their prices, and users. The same arguments make the same org.
    pub(crate) fn seeded(seed: u64, records: usize, now: DateTime<Utc>) -> Self {
        let mut org = Self::empty(now);
        let places = Places::new();
        let calendar = Calendar { start: (now - HISTORY).timestamp(), end: (now - SETTLED).timestamp() };
        org.number(seed);
        org.seed_staff(&calendar);
        org.seed_products(&calendar);
        org.seed_accounts(seed, records, &calendar, &places);
        org.seed_contacts(seed, records, &calendar, &places);
        org.seed_leads(seed, records, &calendar, &places);
        org.seed_opportunities(seed, records / 2, &calendar);
        org
    }

    /// Gives orgs of different seeds different ids, so that records of two sandboxes can be told apart: an org's id is that of a row, and rows
    /// that are gone stand before it.
    fn number(&mut self, seed: u64) {
        let Some(object) = self.schema.object("Organization").map(|object| object.index) else { return };
        let Some(table) = self.tables.get_mut(object) else { return };
        for _ in 0..seed % ORGS {
            let row = table.push();
            table.set_state(row, State::Purged);
        }
        self.org_id = RowId { object, row: table.len() }.text(self.schema);
    }
}

#[cfg(test)]
mod tests;
