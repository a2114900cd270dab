//! The rules of the company, one test each.

mod balances;
mod batches;
mod lists;
mod queries;
mod reports;
mod sales;
mod writes;

use serde_json::{Value, json};

use super::{Company, Fault, Json};

/// A company with its lists, two customers and a vendor, but no trade.
fn company() -> Company {
    let mut company = Company::empty("2026-03-10T18:00:00Z".parse().expect("a time"));
    company.plant_base();
    for name in ["Amy's Birds", "Bay Bikes"] {
        save(
            &mut company,
            "Customer",
            json!({"DisplayName": name, "PrimaryEmailAddr": {"Address": "mail@customer.example"}}),
        );
    }
    save(&mut company, "Vendor", json!({"DisplayName": "Lumber Yard"}));
    company.journal.clear();
    company
}

fn later(company: &mut Company, seconds: i64) {
    company.set_now(company.now() + chrono::TimeDelta::seconds(seconds));
}

fn read_back(row: &Json) -> Json {
    Json::parse(&row.to_string()).expect("a row is JSON")
}

fn try_save(company: &mut Company, entity: &str, body: Value) -> Result<Json, Fault> {
    company.save(entity, &Json::from(body)).map(|row| read_back(&row))
}

fn save(company: &mut Company, entity: &str, body: Value) -> Json {
    try_save(company, entity, body).expect("a row the company accepts")
}

fn read(company: &mut Company, entity: &str, id: &str) -> Json {
    read_back(&company.read(entity, id).expect("the row is there"))
}

fn refused(company: &mut Company, entity: &str, body: Value) -> &'static str {
    try_save(company, entity, body).expect_err("a row the company refuses").code()
}

/// The text of what is at a path, quotes and all.
fn at(row: &Json, path: &str) -> String {
    row.at(path).map(ToString::to_string).unwrap_or_default()
}

fn id(row: &Json) -> String {
    row.at("Id").and_then(Json::as_text).expect("a row has an id").to_owned()
}

/// A line of an item.
fn line(amount: &str) -> Value {
    json!({"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": "1"}}})
}

fn invoice(company: &mut Company, customer: &str, amount: &str) -> Json {
    save(company, "Invoice", json!({"CustomerRef": {"value": customer}, "Line": [line(amount)]}))
}

/// A payment applied to invoices.
fn pay(company: &mut Company, customer: &str, total: &str, applied: &[(&str, &str)]) -> Result<Json, Fault> {
    let lines: Vec<Value> = applied
        .iter()
        .map(|(invoice, amount)| json!({"Amount": amount, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}))
        .collect();
    try_save(
        company,
        "Payment",
        json!({"CustomerRef": {"value": customer}, "TotalAmt": total, "Line": lines}),
    )
}

fn query(company: &mut Company, statement: &str) -> Json {
    read_back(&company.query(statement).expect("a statement the company answers"))
}

/// The ids of a query's rows.
fn ids(company: &mut Company, statement: &str) -> Vec<String> {
    let found = query(company, statement);
    let rows = found
        .as_object()
        .and_then(|found| found.iter().find_map(|(_, value)| value.as_list().map(<[Json]>::to_vec)));
    rows.unwrap_or_default().iter().map(id).collect()
}

/// A lock on a row, as deletes and voids carry it.
fn lock(row: &Json) -> Json {
    let token = row.at("SyncToken").and_then(Json::as_text).unwrap_or_default();
    Json::from(json!({"Id": id(row), "SyncToken": token}))
}
