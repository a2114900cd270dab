//! Batches and change data capture.

use serde_json::json;

use super::*;

#[test]
fn each_item_of_a_batch_has_its_own_outcome() {
    let mut company = company();
    let invoice = invoice(&mut company, "1", "10");
    let batch = json!({"BatchItemRequest": [
        {"bId": "1", "operation": "create", "Vendor": {"DisplayName": "New"}},
        {"bId": "2", "operation": "create", "Vendor": {"DisplayName": "Lumber Yard"}},
        {"bId": "3", "Query": "select count(*) from Vendor"},
        {"bId": "4", "operation": "update", "optionsData": "void", "Invoice": {"Id": id(&invoice), "SyncToken": "0"}},
        {"bId": "5", "operation": "delete", "Invoice": {"Id": "999", "SyncToken": "0"}},
        {"bId": "6", "Customer": {"DisplayName": "Without an operation"}},
        {"bId": "7", "operation": "create", "Nothing": {}},
    ]});
    let answer = read_back(&company.batch(&batch.into()).expect("an answer"));
    let items = answer.at("BatchItemResponse").and_then(Json::as_list).expect("items");
    assert_eq!(at(&items[0], "Vendor.DisplayName"), "\"New\"");
    assert!(at(&items[1], "Fault").contains("6240"));
    assert_eq!(at(&items[2], "QueryResponse.totalCount"), "1");
    assert_eq!(at(&items[3], "Invoice.PrivateNote"), "\"Voided\"");
    assert!(at(&items[4], "Fault").contains("610"));
    assert_eq!(at(&items[5], "Customer.Active"), "true");
    assert!(at(&items[6], "Fault").contains("500"));
    let ids: Vec<String> = items.iter().map(|item| at(item, "bId")).collect();
    assert_eq!(ids, (1..=7).map(|n| format!("\"{n}\"")).collect::<Vec<_>>());
}

#[test]
fn a_batch_of_more_than_thirty_is_refused_whole() {
    let mut company = company();
    let batch = |n: usize| {
        Json::from(
            json!({"BatchItemRequest": vec![json!({"bId": "x", "Query": "select count(*) from Vendor"}); n]}),
        )
    };
    assert!(company.batch(&batch(30)).is_ok());
    assert_eq!(company.batch(&batch(31)).expect_err("a fault").code(), "1040");
}

#[test]
fn changes_come_by_entity_with_deletes_among_them() {
    let mut company = company();
    later(&mut company, 60);
    let (first, second) = (invoice(&mut company, "1", "10"), invoice(&mut company, "2", "20"));
    later(&mut company, 60);
    company.delete("Invoice", &lock(&first)).expect("a delete");
    let since = "2026-03-10T18:00:30Z";
    let answer = read_back(&company.changed("Invoice, customer,Estimate", since).expect("changes"));
    let parts =
        answer.as_list().and_then(|list| list[0].at("QueryResponse")).and_then(Json::as_list).expect("parts");
    let invoices = parts[0].at("Invoice").and_then(Json::as_list).expect("invoices");
    assert_eq!(id(&invoices[0]), id(&second));
    assert_eq!(
        invoices[1].to_string(),
        format!(
            r#"{{"domain":"QBO","status":"Deleted","Id":"{}","MetaData":{{"LastUpdatedTime":"2026-03-10T11:02:00-07:00"}}}}"#,
            id(&first)
        )
    );
    assert_eq!((at(&parts[0], "startPosition"), at(&parts[0], "maxResults")), ("1".into(), "2".into()));
    assert_eq!(parts[1].at("Customer").and_then(Json::as_list).map(<[Json]>::len), Some(2));
    assert_eq!(parts[2].to_string(), "{}");
    assert_eq!(company.changed("TaxCode", since).expect_err("a fault").code(), "4001");
    assert_eq!(company.changed("Invoice", "yesterday").expect_err("a fault").code(), "4001");
}

#[test]
fn changes_are_cut_at_a_thousand_and_deletes_forgotten_after_thirty_days() {
    let mut company = company();
    let doomed = invoice(&mut company, "1", "1");
    company.delete("Invoice", &lock(&doomed)).expect("a delete");
    for n in 0..1_005 {
        save(&mut company, "Class", json!({"Name": format!("c{n}")}));
    }
    let count = |company: &mut Company, entities: &str| {
        let answer = company.changed(entities, "2026-03-01").expect("changes").to_string();
        (answer.matches("\"Name\":").count(), answer.matches("\"Deleted\"").count())
    };
    assert_eq!(count(&mut company, "Invoice,Class"), (999, 1));
    later(&mut company, 31 * 86_400);
    assert_eq!(count(&mut company, "Invoice").1, 0);
}
