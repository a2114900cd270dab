//! Reports by customer, vendor, item and the like.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::super::json::{Json, Object};
use super::super::table::Key;
use super::super::{Company, entity, moment};
use super::{Asked, Report, amount, cell, data, named, summary};

/// Name and id of what amounts are grouped by.
type Groups = BTreeMap<(String, String), Vec<Decimal>>;

impl Company {
    /// What customers or vendors owe, by how long it has been due.
    pub(super) fn aged(&self, asked: Asked<'_>) -> Report {
        let mut groups = Groups::new();
        self.open(asked, |party, due, balance| {
            let days = (asked.end - due).num_days();
            let bucket = match days {
                ..=0 => 0,
                1..=30 => 1,
                31..=60 => 2,
                61..=90 => 3,
                _ => 4,
            };
            let sums = groups.entry(party).or_insert_with(|| vec![Decimal::ZERO; 6]);
            sums[bucket] += balance;
            sums[5] += balance;
        });
        let money = ["Current", "1 - 30", "31 - 60", "61 - 90", "91 and over", "Total"];
        grouped(groups, &money, 6)
    }

    pub(super) fn open_balances(&self, asked: Asked<'_>) -> Report {
        let mut groups = Groups::new();
        self.open(asked, |party, _, balance| {
            groups.entry(party).or_insert_with(|| vec![Decimal::ZERO])[0] += balance;
        });
        grouped(groups, &["Total"], 1)
    }

    /// Calls back for each row that owes or is owed: the party, the due date, the amount.
    fn open(&self, asked: Asked<'_>, mut each: impl FnMut((String, String), NaiveDate, Decimal)) {
        let sales = asked.name.starts_with("Customer") || asked.name == "AgedReceivables";
        let kinds: &[(&str, &str)] = if sales {
            &[("Invoice", "Balance"), ("CreditMemo", "Balance"), ("Payment", "UnappliedAmt")]
        } else {
            &[("Bill", "Balance"), ("VendorCredit", "Balance")]
        };
        self.dated(None, asked.end, |entity, _, object| {
            let Some((kind, property)) = kinds.iter().find(|(kind, _)| *kind == entity.name) else { return };
            let sign = if matches!(*kind, "Invoice" | "Bill") { Decimal::ONE } else { -Decimal::ONE };
            let rate =
                Some(object.number("ExchangeRate")).filter(|rate| !rate.is_zero()).unwrap_or(Decimal::ONE);
            let balance = (object.number(property) * rate * sign).round_dp(2);
            let party = party(&object, if sales { "CustomerRef" } else { "VendorRef" });
            if balance.is_zero() || asked.party.is_some_and(|wanted| wanted != party.1) {
                return;
            }
            let due =
                object.text("DueDate").or(object.text("TxnDate")).and_then(moment::date).unwrap_or(asked.end);
            each(party, due, balance);
        });
    }

    /// Totals of sales or purchases by customer, vendor, department or class.
    pub(super) fn turnover(&self, asked: Asked<'_>) -> Report {
        let (by, kinds): (&str, &[&str]) = match asked.name {
            "VendorExpenses" => ("VendorRef", &["Bill", "Purchase", "VendorCredit"]),
            "DepartmentSales" => {
                ("DepartmentRef", &["Invoice", "SalesReceipt", "CreditMemo", "RefundReceipt"])
            }
            "ClassSales" => ("ClassRef", &["Invoice", "SalesReceipt", "CreditMemo", "RefundReceipt"]),
            _ => ("CustomerRef", &["Invoice", "SalesReceipt", "CreditMemo", "RefundReceipt"]),
        };
        let mut groups = Groups::new();
        self.dated(Some(asked.start), asked.end, |entity, _, object| {
            if !kinds.contains(&entity.name) {
                return;
            }
            let by = if entity.name == "Purchase" { "EntityRef" } else { by };
            let sign = if matches!(entity.name, "CreditMemo" | "RefundReceipt" | "VendorCredit") {
                -Decimal::ONE
            } else {
                Decimal::ONE
            };
            groups.entry(party(&object, by)).or_insert_with(|| vec![Decimal::ZERO])[0] +=
                object.number("TotalAmt") * sign;
        });
        grouped(groups, &["Total"], 1)
    }

    pub(super) fn item_sales(&self, asked: Asked<'_>) -> Report {
        let mut groups = Groups::new();
        self.dated(Some(asked.start), asked.end, |entity, _, object| {
            if matches!(entity.name, "Invoice" | "SalesReceipt") {
                object
                    .list("Line")
                    .iter()
                    .filter_map(Json::as_object)
                    .for_each(|line| sold(line, &mut groups));
            }
        });
        grouped(groups, &["Quantity", "Amount"], 2)
    }

    pub(super) fn inventory(&self) -> Report {
        let mut groups = Groups::new();
        let Some(items) = entity("Item").map(|item| self.table(item)) else { return Report::default() };
        for (id, _) in items.iter() {
            let number = |path: &str| match items.key(id, path) {
                Some(Key::Number(number)) => *number,
                _ => Decimal::ZERO,
            };
            if items.key(id, "Type") == Some(&Key::Text("Inventory".into())) {
                let name = entity("Item").and_then(|item| self.label(item, id)).unwrap_or_default();
                let (quantity, cost) = (number("QtyOnHand"), number("PurchaseCost"));
                groups.insert((name.to_owned(), id.to_string()), vec![quantity, quantity * cost]);
            }
        }
        grouped(groups, &["Qty", "Asset Value"], 2)
    }
}

fn sold(line: &Object, groups: &mut Groups) {
    if let Some(group) = line.object("GroupLineDetail") {
        group.list("Line").iter().filter_map(Json::as_object).for_each(|line| sold(line, groups));
    }
    if let Some(detail) = line.object("SalesItemLineDetail") {
        let sums = groups.entry(party(detail, "ItemRef")).or_insert_with(|| vec![Decimal::ZERO; 2]);
        sums[0] += detail.number("Qty");
        sums[1] += line.number("Amount");
    }
}

/// Name and id in a reference.
fn party(object: &Object, property: &str) -> (String, String) {
    let part =
        |name: &str| object.object(property).and_then(|part| part.text(name)).unwrap_or_default().to_owned();
    let name = part("name");
    (if name.is_empty() { "Not Specified".to_owned() } else { name }, part("value"))
}

fn grouped(groups: Groups, titles: &[&'static str], width: usize) -> Report {
    let mut columns = vec![("", "Name")];
    columns.extend(titles.iter().map(|title| (*title, "Money")));
    let mut totals = vec![Decimal::ZERO; width];
    let mut rows = Vec::with_capacity(groups.len() + 1);
    for ((name, id), sums) in groups {
        let mut cells = vec![named(name, &*id)];
        for (total, sum) in totals.iter_mut().zip(&sums) {
            *total += sum;
            cells.push(amount(*sum));
        }
        rows.push(data(cells));
    }
    if !rows.is_empty() {
        let mut cells = vec![cell("TOTAL")];
        cells.extend(totals.into_iter().map(amount));
        rows.push(summary(cells, "GrandTotal"));
    }
    Report { columns, rows }
}
