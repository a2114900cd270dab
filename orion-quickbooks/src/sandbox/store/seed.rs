//! The data a company starts with: lists, people, and two years of trade.

mod people;
mod random;
mod spending;
mod trade;
#[rustfmt::skip]
mod words;

use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;

use super::json::{Json, Object, reference};
use super::table::Key;
use super::{Company, check, entity};
use random::Random;

const BASE: &str = include_str!("seed/base.txt");
/// How far back the data reaches.
const HISTORY: TimeDelta = TimeDelta::days(730);
/// Nothing is younger than this, so that a first incremental read does not meet it again.
const SETTLED: TimeDelta = TimeDelta::minutes(10);
/// Fewest invoices: enough for one of everything.
const FEWEST: usize = 40;

impl Company {
    /// A company with `records` invoices, at least [`FEWEST`], and what belongs to them: a customer for every four,
    /// payments of most, bills, estimates and the other transactions, and every list; attachments it has none. The
    /// same arguments make the same company.
    pub(crate) fn seeded(seed: u64, records: usize, now: DateTime<Utc>) -> Self {
        let mut company = Self::empty(now - HISTORY);
        company.plant_base();
        let records = records.max(FEWEST);
        let mut planter = Planter::new(&mut company, seed, records, now);
        planter.people();
        planter.trade();
        company.set_now(now - SETTLED);
        if let Some(customer) = entity("Customer") {
            company.settle(customer);
        }
        company.set_now(now);
        company.journal.clear();
        company
    }

    pub(super) fn plant_base(&mut self) {
        for line in BASE.lines().filter(|line| !line.starts_with('#')) {
            let mut parts = line.splitn(3, ' ');
            let (Some(name), Some(id), Some(body)) = (parts.next(), parts.next(), parts.next()) else {
                continue;
            };
            let (Ok(id), Ok(body)) = (id.parse(), Json::parse(body)) else { continue };
            self.plant_at(name, id, &body);
        }
    }

    /// Creates a row under an id of its own.
    fn plant_at(&mut self, name: &str, id: u64, body: &Json) {
        let Some(entity) = entity(name) else { return };
        let last = self.sequences.insert(entity.sequence(), id.saturating_sub(1)).unwrap_or_default();
        let planted = check::clean(entity.class, body).and_then(|given| self.create(entity, given));
        debug_assert!(planted.is_ok(), "{name} {id}: {planted:?}");
        self.sequences.insert(entity.sequence(), last.max(id));
    }
}

/// Who fills a company, and with what.
struct Planter<'a> {
    company: &'a mut Company,
    random: Random,
    records: usize,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    customers: Vec<u64>,
    vendors: Vec<u64>,
    employees: Vec<u64>,
}

impl<'a> Planter<'a> {
    fn new(company: &'a mut Company, seed: u64, records: usize, now: DateTime<Utc>) -> Self {
        let (start, end) = (now - HISTORY, now - SETTLED);
        let (customers, vendors, employees) = (Vec::new(), Vec::new(), Vec::new());
        Self { company, random: Random::new(seed), records, start, end, customers, vendors, employees }
    }

    /// Moves the company's clock to a part of its history.
    fn at(&mut self, part: usize, of: usize) {
        let span = (self.end - self.start).num_seconds();
        let (part, of) = (i64::try_from(part).unwrap_or_default(), i64::try_from(of.max(1)).unwrap_or(1));
        self.company.set_now(self.start + TimeDelta::seconds(span * part / of));
    }

    /// Creates a row and returns its id.
    fn plant(&mut self, name: &str, body: Object) -> u64 {
        let Some(entity) = entity(name) else { return 0 };
        let planted =
            check::clean(entity.class, &body.into()).and_then(|given| self.company.create(entity, given));
        debug_assert!(planted.is_ok(), "{name}: {planted:?}");
        self.company.sequences.get(entity.sequence()).copied().unwrap_or_default()
    }

    fn one_of(&mut self, ids: &[u64]) -> u64 {
        let index = self.random.below(u64::try_from(ids.len()).unwrap_or(1));
        usize::try_from(index).ok().and_then(|index| ids.get(index)).copied().unwrap_or_default()
    }

    /// A decimal of a stored row.
    fn number(&self, name: &str, id: u64, path: &str) -> Decimal {
        let key = entity(name).and_then(|entity| self.company.table(entity).key(id, path));
        match key {
            Some(Key::Number(number)) => *number,
            _ => Decimal::ZERO,
        }
    }

    /// The id a stored row refers to.
    fn referred(&self, name: &str, id: u64, path: &str) -> String {
        let key = entity(name).and_then(|entity| self.company.table(entity).key(id, path));
        match key {
            Some(Key::Text(text)) => text.to_string(),
            _ => String::new(),
        }
    }
}

/// A reference by id; the name is filled in on the way.
fn refer(id: impl ToString + Copy) -> Json {
    reference(&id.to_string(), "")
}

fn linked(kind: &str, id: u64) -> Json {
    Json::List(vec![Object::new().with("TxnId", id.to_string()).with("TxnType", kind).into()])
}

#[cfg(test)]
mod tests;
