//! Transactions one by one.

use chrono::NaiveDate;

use super::super::entity::{ENTITIES, Entity};
use super::super::json::{Json, Object};
use super::super::table::Key;
use super::super::{Company, moment};
use super::{Asked, Report, amount, cell, data, named};

impl Company {
    /// Calls back for each transaction of a period, with the row taken apart; by entity, then by id.
    pub(super) fn dated(
        &self,
        from: Option<NaiveDate>,
        to: NaiveDate,
        mut each: impl FnMut(&'static Entity, u64, Object),
    ) {
        for entity in ENTITIES.iter().filter(|entity| entity.is_transaction()) {
            let table = self.table(entity);
            for (id, _) in table.iter() {
                let date = match table.key(id, "TxnDate") {
                    Some(Key::Text(text)) => moment::date(text),
                    _ => None,
                };
                let within = date.is_some_and(|date| from.is_none_or(|from| date >= from) && date <= to);
                if let Some(object) = within.then(|| table.object(id)).flatten() {
                    each(entity, id, object);
                }
            }
        }
    }

    pub(super) fn transaction_list(&self, asked: Asked<'_>) -> Report {
        let columns = vec![
            ("Date", "tx_date"),
            ("Transaction Type", "txn_type"),
            ("Num", "doc_num"),
            ("Name", "name"),
            ("Amount", "subt_nat_amount"),
            ("Open Balance", "nat_open_bal"),
        ];
        let kinds: &[&str] = match asked.name {
            "CustomerBalanceDetail" | "AgedReceivableDetail" => &["Invoice", "CreditMemo", "Payment"],
            "VendorBalanceDetail" | "AgedPayableDetail" => &["Bill", "VendorCredit"],
            _ => &[],
        };
        let from = kinds.is_empty().then_some(asked.start);
        let mut found = Vec::new();
        self.dated(from, asked.end, |entity, id, object| {
            let open = if entity.name == "Payment" { "UnappliedAmt" } else { "Balance" };
            let party = ["CustomerRef", "VendorRef", "EntityRef"].iter().find_map(|name| object.object(name));
            let part = |name: &str| party.and_then(|party| party.text(name)).unwrap_or_default();
            let is_wanted =
                kinds.is_empty() || (kinds.contains(&entity.name) && !object.number(open).is_zero());
            if !is_wanted || asked.party.is_some_and(|wanted| wanted != part("value")) {
                return;
            }
            let date = object.text("TxnDate").unwrap_or_default().to_owned();
            let total =
                if object.has("Amount") { object.number("Amount") } else { object.number("TotalAmt") };
            let cells = vec![
                cell(date.as_str()),
                named(entity.name, id),
                cell(object.text("DocNumber").unwrap_or_default()),
                named(part("name"), part("value")),
                amount(total),
                amount(object.number(open)),
            ];
            found.push((date, id, data(cells)));
        });
        found.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
        let rows: Vec<Json> = found.into_iter().map(|(_, _, row)| row).collect();
        Report { columns, rows }
    }
}
