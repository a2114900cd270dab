//! Creates and updates: the lock, sparse and full, what is refused.

use serde_json::json;

use super::super::Operation;
use super::*;

#[test]
fn a_customer_gets_the_defaults_the_vendor_was_seen_to_give() {
    let mut company = company();
    let customer = save(&mut company, "customer", json!({"DisplayName": "Doe5, Jane"}));
    assert_eq!(
        customer.to_string(),
        concat!(
            r#"{"Taxable":true,"Job":false,"BillWithParent":false,"Balance":0,"BalanceWithJobs":0,"#,
            r#""CurrencyRef":{"value":"USD","name":"United States Dollar"},"PreferredDeliveryMethod":"Print","#,
            r#""domain":"QBO","sparse":false,"Id":"4","SyncToken":"0","#,
            r#""MetaData":{"CreateTime":"2026-03-10T11:00:00-07:00","LastUpdatedTime":"2026-03-10T11:00:00-07:00"},"#,
            r#""FullyQualifiedName":"Doe5, Jane","DisplayName":"Doe5, Jane","PrintOnCheckName":"Doe5, Jane","#,
            r#""Active":true,"DefaultTaxCodeRef":{"value":"2"}}"#
        )
    );
}

#[test]
fn a_stale_sync_token_is_refused_and_changes_nothing() {
    let mut company = company();
    let update =
        |token: &str, name: &str| json!({"Id": "1", "SyncToken": token, "sparse": true, "Notes": name});
    save(&mut company, "Customer", update("0", "first"));
    assert_eq!(refused(&mut company, "Customer", update("0", "second")), "5010");
    let customer = read(&mut company, "Customer", "1");
    assert_eq!((at(&customer, "Notes"), at(&customer, "SyncToken")), ("\"first\"".into(), "\"1\"".into()));
    assert_eq!(refused(&mut company, "Customer", json!({"Id": "1", "sparse": true, "Notes": "x"})), "2020");
}

#[test]
fn a_sparse_update_leaves_what_it_does_not_name() {
    let mut company = company();
    let update = json!({"Id": "1", "SyncToken": "0", "sparse": true, "GivenName": "Amy"});
    let customer = save(&mut company, "Customer", update);
    assert_eq!(at(&customer, "DisplayName"), "\"Amy's Birds\"");
    assert_eq!(at(&customer, "PrimaryEmailAddr.Address"), "\"mail@customer.example\"");
    let cleared =
        save(&mut company, "Customer", json!({"Id": "1", "SyncToken": "1", "sparse": true, "GivenName": ""}));
    assert_eq!(at(&cleared, "GivenName"), "");
}

#[test]
fn a_full_update_clears_what_it_does_not_name() {
    let mut company = company();
    let customer = save(&mut company, "Customer", json!({"Id": "1", "SyncToken": "0", "DisplayName": "Amy"}));
    assert_eq!(at(&customer, "PrimaryEmailAddr"), "");
    assert_eq!(at(&customer, "PrintOnCheckName"), "\"Amy\"");
    assert_eq!(at(&customer, "CurrencyRef.value"), "\"USD\"");
    let invoice = invoice(&mut company, "1", "10");
    let update =
        json!({"Id": id(&invoice), "SyncToken": "0", "CustomerRef": {"value": "1"}, "Line": [line("20")]});
    let updated = save(&mut company, "Invoice", update);
    assert_eq!(at(&updated, "DocNumber"), at(&invoice, "DocNumber"));
    assert_eq!(at(&updated, "TotalAmt"), "20.00");
}

#[test]
fn an_update_that_changes_nothing_moves_neither_token_nor_time() {
    let mut company = company();
    later(&mut company, 60);
    let before = read(&mut company, "Customer", "1");
    let same = json!({"Id": "1", "SyncToken": "0", "sparse": true, "DisplayName": "Amy's Birds"});
    assert_eq!(save(&mut company, "Customer", same), before);
    assert_eq!(company.position(), 0);
}

#[test]
fn an_unknown_property_is_refused_by_name_and_class() {
    let mut company = company();
    let fault = try_save(&mut company, "Invoice", json!({"BadJson": true})).expect_err("a fault");
    let text = fault.json().to_string();
    assert_eq!(fault.code(), "2010");
    assert!(
        text.contains(r#"Unrecognized field \"BadJson\" (class com.intuit.schema.finance.v3.Invoice)"#),
        "{text}"
    );
    let nested = json!({"CustomerRef": {"value": "1"}, "Line": [{"Amount": 1, "Nope": 2}]});
    assert_eq!(refused(&mut company, "Invoice", nested), "2010");
}

#[test]
fn a_missing_required_property_is_named() {
    let mut company = company();
    let fault = try_save(&mut company, "Invoice", json!({"Line": [line("1")]})).expect_err("a fault");
    assert_eq!((fault.code(), fault.errors[0].element.as_deref()), ("2020", Some("CustomerRef")));
    assert_eq!(refused(&mut company, "Invoice", json!({"CustomerRef": {"value": "1"}, "Line": []})), "2020");
    assert_eq!(refused(&mut company, "Customer", json!({"Notes": "nobody"})), "6080");
}

#[test]
fn references_must_lead_somewhere() {
    let mut company = company();
    let to = |customer: &str| json!({"CustomerRef": {"value": customer}, "Line": [line("1")]});
    assert_eq!(refused(&mut company, "Invoice", to("999")), "2500");
    save(&mut company, "Customer", json!({"Id": "2", "SyncToken": "0", "sparse": true, "Active": false}));
    assert_eq!(refused(&mut company, "Invoice", to("2")), "610");
    assert_eq!(company.read("Invoice", "999").expect_err("a fault").code(), "610");
    assert_eq!(company.read("Invoice", "1.5").expect_err("a fault").code(), "2030");
    assert_eq!(company.read("Nonsense", "1").expect_err("a fault").code(), "500");
}

#[test]
fn empty_text_is_not_given_and_quoted_numbers_are_read() {
    let mut company = company();
    let body = json!({
        "CustomerRef": {"value": 1}, "DueDate": "", "TotalAmt": "", "domain": "QBO", "sparse": false, "SyncToken": 0, "Balance": 5,
        "LinkedTxn": [], "Line": [{"LineNum": 0, "Id": "", "Description": "", "Amount": "7.125", "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ServiceDate": "", "UnitPrice": "7.125", "Qty": 1, "ItemRef": {"value": "1", "name": "", "type": ""}}}],
    });
    let invoice = save(&mut company, "Invoice", body);
    assert_eq!(at(&invoice, "TotalAmt"), "7.125");
    assert_eq!(at(&invoice, "DueDate"), "\"2026-04-09\"");
}

#[test]
fn enumerations_lengths_and_shapes_are_checked() {
    let mut company = company();
    let with = |name: &str, value: Value| {
        let mut body = json!({"CustomerRef": {"value": "1"}, "Line": [line("1")]});
        body[name] = value;
        body
    };
    assert_eq!(refused(&mut company, "Invoice", with("EmailStatus", json!("Maybe"))), "2170");
    assert_eq!(refused(&mut company, "Invoice", with("DocNumber", json!("1234567890123456789012"))), "2050");
    assert_eq!(refused(&mut company, "Invoice", with("TxnDate", json!("10.03.2026"))), "2010");
    assert_eq!(refused(&mut company, "Invoice", with("CustomerRef", json!("1"))), "2010");
}

#[test]
fn only_transactions_and_documents_are_deleted() {
    let mut company = company();
    let customer = read(&mut company, "Customer", "1");
    assert_eq!(company.delete("Customer", &lock(&customer)).expect_err("a fault").code(), "500");
    let invoice = invoice(&mut company, "1", "10");
    assert_eq!(
        company
            .delete("Invoice", &json!({"Id": id(&invoice), "SyncToken": "9"}).into())
            .expect_err("a fault")
            .code(),
        "5010"
    );
    let gone = company.delete("Invoice", &lock(&invoice)).expect("a delete");
    assert_eq!(gone.to_string(), format!(r#"{{"domain":"QBO","status":"Deleted","Id":"{}"}}"#, id(&invoice)));
    assert_eq!(company.read("Invoice", &id(&invoice)).expect_err("a fault").code(), "610");
    assert_eq!(at(&read(&mut company, "Customer", "1"), "Balance"), "0");
}

#[test]
fn a_void_leaves_the_lines_and_takes_the_amounts() {
    let mut company = company();
    let invoice = invoice(&mut company, "1", "100");
    let voided = read_back(&company.void("Invoice", &lock(&invoice)).expect("a void"));
    assert_eq!(at(&voided, "SyncToken"), "\"1\"");
    assert_eq!(
        (at(&voided, "TotalAmt"), at(&voided, "Balance"), at(&voided, "PrivateNote")),
        ("0".into(), "0".into(), "\"Voided\"".into())
    );
    assert_eq!(at(&voided, "DocNumber"), at(&invoice, "DocNumber"));
    let lines = voided.at("Line").and_then(Json::as_list).expect("lines");
    assert!(lines.iter().all(|line| at(line, "Amount") == "0"));
    assert_eq!(at(&read(&mut company, "Customer", "1"), "Balance"), "0");
    let estimate =
        save(&mut company, "Estimate", json!({"CustomerRef": {"value": "1"}, "Line": [line("1")]}));
    assert_eq!(company.void("Estimate", &lock(&estimate)).expect_err("a fault").code(), "500");
}

#[test]
fn the_journal_tells_what_happened_in_order() {
    let mut company = company();
    let first = invoice(&mut company, "1", "10");
    company.send("Invoice", &id(&first), Some("to@customer.example")).expect("sent");
    let sent = read(&mut company, "Invoice", &id(&first));
    assert_eq!(
        (at(&sent, "EmailStatus"), at(&sent, "DeliveryInfo.DeliveryType")),
        ("\"EmailSent\"".into(), "\"Email\"".into())
    );
    company.void("Invoice", &lock(&sent)).expect("a void");
    let second = invoice(&mut company, "1", "20");
    company.delete("Invoice", &lock(&second)).expect("a delete");
    let seen: Vec<Operation> = company.changes(0).iter().map(|change| change.operation).collect();
    assert_eq!(
        seen,
        [Operation::Create, Operation::Emailed, Operation::Void, Operation::Create, Operation::Delete]
    );
    assert_eq!(company.changes(company.position()), []);
}

#[test]
fn there_is_one_preferences_and_its_parts_merge() {
    let mut company = company();
    let update = json!({"Id": "1", "SyncToken": "0", "sparse": true, "EmailMessagesPrefs": {"EstimateMessage": {"Subject": "New"}}});
    save(&mut company, "Preferences", update);
    let preferences = read(&mut company, "preferences", "");
    assert_eq!(at(&preferences, "EmailMessagesPrefs.EstimateMessage.Subject"), "\"New\"");
    assert_ne!(at(&preferences, "EmailMessagesPrefs.EstimateMessage.Message"), "");
    assert_eq!(at(&preferences, "AccountingInfoPrefs.TaxYearMonth"), "\"January\"");
    assert_eq!(at(&read(&mut company, "companyinfo", "4620816365291873610"), "Id"), "\"1\"");
}
