//! The rules of the company, one test each.

use serde_json::json;

use super::{Company, Fault, Json};

fn company(records: usize) -> Company {
    Company::seeded(1, records, "2026-03-10T18:00:00Z".parse().expect("a time"))
}

fn save(company: &mut Company, entity: &str, body: serde_json::Value) -> Json {
    try_save(company, entity, body).expect("a row the company accepts")
}

fn try_save(company: &mut Company, entity: &str, body: serde_json::Value) -> Result<Json, Fault> {
    let row = company.save(entity, &Json::from(body))?;
    Ok(Json::parse(&row.to_string()).expect("a row is JSON"))
}

#[test]
fn an_invoice_gets_its_derived_fields() {
    let mut company = company(3);
    let body = json!({
        "CustomerRef": {"value": "1"},
        "Line": [{"Amount": 100.0, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": "1"}}}],
    });
    let invoice = save(&mut company, "invoice", body);
    let at = |path: &str| invoice.at(path).map(ToString::to_string).unwrap_or_default();
    assert_eq!(at("TotalAmt"), "100.00");
    assert_eq!(at("Balance"), "100.00");
    assert_eq!(at("CustomerRef.name"), "\"Customer 1\"");
    assert_eq!(at("SyncToken"), "\"0\"");
    assert_eq!(at("DueDate"), "\"2026-04-09\"");
    assert_eq!(
        at("Line"),
        r#"[{"Id":"1","LineNum":1,"Amount":100.00,"DetailType":"SalesItemLineDetail","SalesItemLineDetail":{"ItemRef":{"value":"1","name":"Services"},"TaxCodeRef":{"value":"NON"}}},{"Amount":100.00,"DetailType":"SubTotalLineDetail","SubTotalLineDetail":{}}]"#
    );
    let customer = company.read("customer", "1").expect("the customer").to_string();
    assert!(customer.contains(r#""Balance":101.10,"BalanceWithJobs":101.10"#), "{customer}");
}
