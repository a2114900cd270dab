//! Nothing is lost: a record is the object it was read from.
//!
//! The samples are put together from Intuit's reference (entity samples, minor version 75) and recordings, with every kind of line.

mod money;

use std::collections::BTreeMap;

use orion_core::{
    Change, Currency, CustomObject, InvoiceStatus, LineKind, Money, PaymentStatus, Record, UnifiedCustomer,
    UnifiedEvent, UnifiedInvoice, UnifiedLineItem, decimal,
};
use proptest::prelude::*;
use serde_json::value::RawValue;

use super::{Mapped, find};
use crate::{
    draft::whole,
    rows::Layout,
    value::as_json,
    wire::{Members, datetime, text},
};

/// Every leaf of a document by its path: numbers as their value, times as the instant. A number that a float would change may come back as
/// the text of its digits from where it was not read as an amount.
fn leaves(json: &str) -> BTreeMap<String, String> {
    fn walk(raw: &RawValue, path: &str, into: &mut BTreeMap<String, String>) {
        if let Some(members) = Members::parse(raw) {
            members.0.iter().for_each(|(name, value)| walk(value, &format!("{path}/{name}"), into));
        } else if let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) {
            items.iter().enumerate().for_each(|(at, item)| walk(item, &format!("{path}/{at}"), into));
        } else {
            let said = text(raw);
            let time = said.as_deref().filter(|said| said.len() > 18).and_then(datetime);
            let number = decimal::parse(raw.get()).ok().map(|number| number.normalize().to_string());
            let number = match as_json(raw) {
                serde_json::Value::String(digits) if said.is_none() => Some(format!("\"{digits}\"")),
                _ => number,
            };
            let leaf =
                time.map_or_else(|| number.unwrap_or_else(|| raw.get().to_owned()), |at| at.to_rfc3339());
            into.insert(path.to_owned(), leaf);
        }
    }
    let mut into = BTreeMap::new();
    walk(serde_json::from_str(json).unwrap(), "", &mut into);
    into
}

fn read<M: Mapped>(object: &str, json: &str) -> Record<M> {
    let mut layout = Layout::new(find::<M>(Some(object)).unwrap(), Currency::USD);
    let read = layout.read(&[serde_json::from_str(json).unwrap()]);
    assert!(read.rejected.is_empty(), "{:?}", read.rejected);
    match read.changes.into_iter().next().unwrap() {
        Change::Upsert(record) => record,
        Change::Delete { .. } => panic!("a delete"),
    }
}

fn comes_back<M: Mapped>(object: &str, json: &str) -> Record<M> {
    let record = read::<M>(object, json);
    // Through the model's own form too, as a store keeps it.
    let kept: Record<M> = serde_json::from_str(&serde_json::to_string(&record).unwrap()).unwrap();
    let entity = find::<M>(Some(object)).unwrap();
    let json_again = whole(&entity, &kept, Currency::USD).json();
    let (before, after) = (leaves(json), leaves(&json_again));
    let lost: Vec<_> = before.iter().filter(|(path, leaf)| after.get(*path) != Some(leaf)).collect();
    let new: Vec<_> = after.iter().filter(|(path, _)| !before.contains_key(*path)).collect();
    assert!(
        lost.is_empty() && new.is_empty(),
        "{object}: lost or changed {lost:?}, new {new:?}\n{json_again}"
    );
    record
}

const CUSTOMER: &str = include_str!("tests/customer.json");
const VENDOR: &str = include_str!("tests/vendor.json");
const INVOICE: &str = include_str!("tests/invoice.json");
const BILL: &str = include_str!("tests/bill.json");
const PAYMENT: &str = include_str!("tests/payment.json");
const ITEM: &str = include_str!("tests/item.json");
const ACCOUNT: &str = include_str!("tests/account.json");

#[test]
fn every_leaf_of_a_customer_comes_back() {
    let customer = comes_back::<UnifiedCustomer>("Customer", CUSTOMER);
    let model = &customer.model;
    assert_eq!(model.display_name.as_deref(), Some("King's Groceries"));
    assert_eq!(model.emails[0].address, "jdrew@myemail.com");
    assert_eq!(model.addresses[0].street.as_deref(), Some("Attn: Jessica\n123 Main Street\n\nFloor 2"));
    assert_eq!(model.addresses[0].region.as_deref(), Some("CA"));
    assert_eq!(model.balance, Some(Money::parse("362.07", Currency::USD).unwrap()));
    assert_eq!(model.parent.as_ref().map(|parent| parent.id.as_str()), Some("12"));
    assert_eq!(customer.meta.version.as_deref(), Some("3"));
    assert_eq!(customer.extra.text("ResaleNum"), Some("R-1"));
    comes_back::<UnifiedCustomer>("Vendor", VENDOR);
}

#[test]
fn every_leaf_of_every_kind_of_line_comes_back() {
    let invoice = comes_back::<UnifiedInvoice>("Invoice", INVOICE);
    let model = &invoice.model;
    let kinds: Vec<String> =
        model.lines.iter().filter_map(|line| line.kind.as_ref()).map(ToString::to_string).collect();
    assert_eq!(
        kinds,
        [
            "item",
            "description",
            "group",
            "item",
            "item",
            "subtotal",
            "shipping",
            "discount",
            "ALineOfTomorrow"
        ]
    );
    assert_eq!(model.lines[3].parent_line, model.lines[2].id);
    assert_eq!(model.currency, Some(Currency::CAD));
    let cad = |text: &str| Some(Money::parse(text, Currency::CAD).unwrap());
    assert_eq!(
        (model.subtotal, model.total_tax, model.total),
        (cad("90071992547409.93"), cad("26.61"), cad("362.07"))
    );
    assert_eq!(model.lines[0].unit_price, cad("0.123456789"));
    assert_eq!(model.discount.as_ref().unwrap().amount, cad("10.50"));
    assert_eq!(model.allocations[0].document.id.as_str(), "154");
    assert_eq!(model.status, Some(InvoiceStatus::PartiallyPaid));
    for object in ["Estimate", "SalesReceipt", "CreditMemo"] {
        comes_back::<UnifiedInvoice>(object, INVOICE);
    }
    let bill = comes_back::<UnifiedInvoice>("Bill", BILL).model;
    assert_eq!((bill.lines[0].billable, bill.lines[1].billable), (Some(true), None));
}

#[test]
fn every_leaf_of_the_other_objects_comes_back() {
    let payment = comes_back::<UnifiedEvent>("Payment", PAYMENT).model.payment.unwrap();
    assert_eq!(payment.allocations.len(), 3);
    assert_eq!(payment.allocations[0].document.id.as_str(), "130");
    assert_eq!(payment.allocations[0].amount, Some(Money::parse("55.00", Currency::USD).unwrap()));
    assert_eq!(payment.status, Some(PaymentStatus::Completed));
    let item = comes_back::<UnifiedLineItem>("Item", ITEM).model;
    assert_eq!((item.kind, item.sku.as_deref()), (Some(LineKind::from("Inventory")), Some("OF-1")));
    for object in ["Account", "TaxCode", "Term", "Class", "Department", "CompanyInfo"] {
        comes_back::<CustomObject>(object, ACCOUNT);
    }
    comes_back::<CustomObject>("CompanyInfo", CUSTOMER);
}

#[test]
fn the_status_follows_from_the_amounts() {
    let status = |total: &str, balance: &str, note: &str, amount: &str| {
        let json = format!(
            r#"{{"Id":"1","SyncToken":"0","TotalAmt":{total},"Balance":{balance},"PrivateNote":"{note}",
                "Line":[{{"Id":"1","Amount":{amount},"DetailType":"SalesItemLineDetail","SalesItemLineDetail":{{}}}}]}}"#
        );
        read::<UnifiedInvoice>("Invoice", &json).model.status.unwrap()
    };
    assert_eq!(status("0", "0", "Voided", "0"), InvoiceStatus::Void);
    assert_eq!(status("0", "0", "Voided", "5"), InvoiceStatus::Open);
    assert_eq!(status("0", "0", "free of charge", "0"), InvoiceStatus::Open);
    assert_eq!(status("10.00", "0", "", "10.00"), InvoiceStatus::Paid);
    assert_eq!(status("10.00", "4.01", "", "10.00"), InvoiceStatus::PartiallyPaid);
    assert_eq!(status("10.00", "10.00", "", "10.00"), InvoiceStatus::Open);
}

#[test]
fn a_row_that_does_not_fit_is_set_aside_and_the_others_go_on() {
    let rows =
        [r#"{"Id":"1","TotalAmt":"many"}"#, r#"{"Id":"2","SyncToken":"0"}"#, r#"{"SyncToken":"0"}"#, "7"];
    let rows: Vec<&RawValue> = rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect();
    let read = Layout::<UnifiedInvoice>::new(find(None).unwrap(), Currency::USD).read(&rows);
    assert_eq!((read.changes.len(), read.rejected.len()), (1, 3));
    assert_eq!(read.rejected[0].id.as_ref().unwrap().as_str(), "1");
    assert!(read.rejected[0].reason.to_string().contains("`TotalAmt` of `Invoice`"));
}

/// JSON of any shape, with numbers that a float would change.
fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        r#"-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,8})?"#,
        "[^\\x00-\\x1f\"\\\\]{0,8}".prop_map(|text| format!("\"{text}\"")),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::btree_map("[A-Za-z]{1,8}", inner, 1..4).prop_map(|members| {
                let members: Vec<String> =
                    members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn members_nobody_knows_come_back_wherever_they_stand(value in any_json(), name in "x[A-Za-z]{1,6}") {
        let known = ["\"CustomerRef\":{", "\"SalesItemLineDetail\":{", "\"BillAddr\":{", "\"TxnTaxDetail\":{", "\"LinkedTxn\":[{", "\"GroupLineDetail\":{"];
        let mut json = INVOICE.replacen('{', &format!("{{\"{name}\":{value},"), 1);
        for place in known {
            json = json.replacen(place, &format!("{place}\"{name}\":{value},"), 1);
        }
        comes_back::<UnifiedInvoice>("Invoice", &json);
        let json = PAYMENT.replacen("\"Line\": [{", &format!("\"Line\": [{{\"{name}\":{value},"), 1);
        comes_back::<UnifiedEvent>("Payment", &json);
    }
}
