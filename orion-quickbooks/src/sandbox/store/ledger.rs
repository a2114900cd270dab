//! Balances of customers and vendors: each row says what it adds, and the sum is written into their own rows before
//! anybody looks.

use rust_decimal::Decimal;

use super::Company;
use super::entity::{Entity, Kind, entity};
use super::json::{Json, Object};
use super::moment;
use super::money;
use super::table::{Key, Owed};

/// What a row adds to whose balance.
pub(super) fn owed(entity: &'static Entity, object: &Object) -> Option<Owed> {
    let (party, property, amount) = match entity.name {
        "Invoice" => ("Customer", "CustomerRef", object.number("Balance")),
        "CreditMemo" => ("Customer", "CustomerRef", -object.number("Balance")),
        "Payment" => ("Customer", "CustomerRef", -object.number("UnappliedAmt")),
        "Bill" => ("Vendor", "VendorRef", object.number("Balance")),
        "VendorCredit" => ("Vendor", "VendorRef", -object.number("Balance")),
        _ => return None,
    };
    let id = object.reference(property)?.parse().ok()?;
    (!amount.is_zero()).then_some(Owed { entity: party, id, amount })
}

impl Company {
    /// Writes a row and keeps the balances.
    pub(super) fn put(&mut self, entity: &'static Entity, id: u64, object: &Object) {
        let owed = owed(entity, object);
        let before = self.table(entity).get(id).and_then(|row| row.owed);
        if before != owed {
            self.owe(before, -Decimal::ONE);
            self.owe(owed, Decimal::ONE);
        }
        self.table_mut(entity).put(id, object, object, owed);
    }

    /// Removes a row and what it added.
    pub(super) fn drop_row(&mut self, entity: &'static Entity, id: u64) {
        let at = self.now.timestamp();
        if let Some(row) = self.table_mut(entity).remove(id, at) {
            self.owe(row.owed, -Decimal::ONE);
        }
    }

    fn owe(&mut self, owed: Option<Owed>, sign: Decimal) {
        let Some(owed) = owed else { return };
        let Some(party) = entity(owed.entity) else { return };
        let amount = owed.amount * sign;
        self.balances.entry((party.index, owed.id)).or_default().0 += amount;
        self.owe_with_jobs(party, Some(owed.id), amount);
        self.stale.insert((party.index, owed.id), self.now);
    }

    /// Adds to a row's balance with jobs and to that of every row above it.
    pub(super) fn owe_with_jobs(&mut self, party: &'static Entity, mut id: Option<u64>, amount: Decimal) {
        // Bounded, should a chain of parents ever close upon itself.
        for _ in 0..5 {
            let Some(one) = id else { return };
            self.balances.entry((party.index, one)).or_default().1 += amount;
            let now = self.now;
            self.stale.entry((party.index, one)).or_insert(now);
            id = match self.table(party).key(one, "ParentRef") {
                Some(Key::Text(text)) => text.parse().ok(),
                _ => None,
            };
        }
    }

    /// A row's balance with jobs.
    pub(super) fn with_jobs(&self, party: &Entity, id: u64) -> Decimal {
        self.balances.get(&(party.index, id)).map_or(Decimal::ZERO, |(_, jobs)| *jobs)
    }

    /// Writes the balances that changed into the rows of their customers and vendors. The time of the last change
    /// moves with them, the SyncToken does not (both recorded). Other entities show no balance of theirs.
    pub(super) fn settle(&mut self, entity: &Entity) {
        if entity.kind != Kind::Name {
            return;
        }
        for ((index, id), at) in std::mem::take(&mut self.stale) {
            let Some(table) = self.tables.get(index) else { continue };
            let (party, Some(mut object)) = (table.entity, table.object(id)) else { continue };
            let (balance, jobs) = self.balances.get(&(index, id)).copied().unwrap_or_default();
            let places = money::places_of(&object);
            object.set("Balance", money::amount(balance, places));
            if party.name == "Customer" {
                object.set("BalanceWithJobs", money::amount(jobs, places));
            }
            if let Some(Json::Object(meta)) = object.get_mut("MetaData") {
                meta.set("LastUpdatedTime", moment::stamp(at));
            }
            self.put(party, id, &object);
        }
    }
}
