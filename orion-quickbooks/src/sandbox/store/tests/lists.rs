//! Names and lists.

use serde_json::json;

use super::*;

#[test]
fn names_are_unique_across_customers_vendors_and_employees() {
    let mut company = company();
    let fault = try_save(&mut company, "Vendor", json!({"DisplayName": "AMY'S birds"})).expect_err("a fault");
    assert_eq!(fault.code(), "6240");
    assert!(fault.json().to_string().contains("Another customer is already using this name"));
    assert_eq!(refused(&mut company, "Customer", json!({"DisplayName": "Lumber Yard"})), "6240");
    assert_eq!(
        refused(&mut company, "Employee", json!({"GivenName": "Lumber", "FamilyName": "Yard"})),
        "6240"
    );
    save(&mut company, "Class", json!({"Name": "Lumber Yard"}));
}

#[test]
fn a_renamed_row_gives_up_its_old_name_and_keeps_its_own() {
    let mut company = company();
    let rename = json!({"Id": "1", "SyncToken": "0", "sparse": true, "DisplayName": "Amy"});
    save(&mut company, "Customer", rename);
    save(
        &mut company,
        "Customer",
        json!({"Id": "1", "SyncToken": "1", "sparse": true, "DisplayName": "amy"}),
    );
    save(&mut company, "Customer", json!({"DisplayName": "Amy's Birds"}));
    assert_eq!(refused(&mut company, "Customer", json!({"DisplayName": "AMY"})), "6240");
}

#[test]
fn a_name_is_made_of_its_parts() {
    let mut company = company();
    let body =
        json!({"Title": "Ms.", "GivenName": "Ada", "MiddleName": "K", "FamilyName": "Lo", "Suffix": "Jr."});
    assert_eq!(at(&save(&mut company, "Customer", body), "DisplayName"), "\"Ms. Ada K Lo Jr.\"");
    assert_eq!(
        at(&save(&mut company, "Vendor", json!({"CompanyName": "Stone & Co"})), "DisplayName"),
        "\"Stone & Co\""
    );
}

#[test]
fn a_job_sits_below_its_customer() {
    let mut company = company();
    let job = save(&mut company, "Customer", json!({"DisplayName": "12 Elm", "ParentRef": {"value": "1"}}));
    assert_eq!(at(&job, "FullyQualifiedName"), "\"Amy's Birds:12 Elm\"");
    assert_eq!((at(&job, "Job"), at(&job, "Level")), ("true".into(), "1".into()));
    invoice(&mut company, &id(&job), "30");
    let parent = read(&mut company, "Customer", "1");
    assert_eq!((at(&parent, "Balance"), at(&parent, "BalanceWithJobs")), ("0".into(), "30.00".into()));
    assert_eq!(refused(&mut company, "Customer", json!({"DisplayName": "a:b"})), "6000");
    let loop_back = json!({"Id": "1", "SyncToken": "0", "sparse": true, "ParentRef": {"value": id(&job)}});
    assert_eq!(refused(&mut company, "Customer", loop_back), "6000");
    let move_away = json!({"Id": id(&job), "SyncToken": "0", "sparse": true, "ParentRef": {"value": "2"}});
    save(&mut company, "Customer", move_away);
    assert_eq!(at(&read(&mut company, "Customer", "1"), "BalanceWithJobs"), "0");
    assert_eq!(at(&read(&mut company, "Customer", "2"), "BalanceWithJobs"), "30.00");
}

#[test]
fn an_inactive_row_is_hidden_and_gives_up_its_name() {
    let mut company = company();
    let off = json!({"Id": "1", "SyncToken": "0", "sparse": true, "Active": false});
    assert_eq!(at(&save(&mut company, "Customer", off), "DisplayName"), "\"Amy's Birds (deleted)\"");
    assert_eq!(ids(&mut company, "select * from Customer"), ["2"]);
    assert_eq!(ids(&mut company, "select * from Customer where Active = false"), ["1"]);
    assert_eq!(ids(&mut company, "select * from Customer where Active in (true, false)").len(), 2);
    save(&mut company, "Customer", json!({"DisplayName": "Amy's Birds"}));
    let on = json!({"Id": "1", "SyncToken": "1", "sparse": true, "Active": true});
    assert_eq!(refused(&mut company, "Customer", on), "6240");
}

#[test]
fn an_item_of_a_kind_needs_what_the_kind_needs() {
    let mut company = company();
    assert_eq!(refused(&mut company, "Item", json!({"Name": "Box", "Type": "Inventory"})), "2020");
    let body = json!({"Name": "Box", "Type": "Inventory", "TrackQtyOnHand": true, "QtyOnHand": 10, "InvStartDate": "2015-01-01",
        "IncomeAccountRef": {"value": "79"}, "ExpenseAccountRef": {"value": "80"}, "AssetAccountRef": {"value": "81"}});
    let item = save(&mut company, "Item", body);
    assert_eq!(at(&item, "IncomeAccountRef.name"), "\"Sales of Product Income\"");
    assert_eq!(refused(&mut company, "Item", json!({"Name": "box"})), "6240");
    assert_eq!(refused(&mut company, "Account", json!({"Name": "Nothing"})), "2020");
    let account = save(&mut company, "Account", json!({"Name": "Card", "AccountType": "Credit Card"}));
    assert_eq!(
        (at(&account, "Classification"), at(&account, "AccountSubType")),
        ("\"Liability\"".into(), "\"CreditCard\"".into())
    );
}

#[test]
fn a_tax_number_is_masked() {
    let mut company = company();
    let vendor = save(&mut company, "Vendor", json!({"DisplayName": "V", "TaxIdentifier": "99-9999999"}));
    assert_eq!(at(&vendor, "TaxIdentifier"), "\"XXXXXX9999\"");
}

#[test]
fn the_tax_service_makes_a_code_with_its_rates() {
    let mut company = company();
    let body = json!({"TaxCode": "New", "TaxRateDetails": [
        {"TaxRateName": "New", "RateValue": 10, "TaxAgencyId": 1, "TaxApplicableOn": "Sales"}]});
    let made = company.make_tax_code(&body.into()).expect("a code");
    let code = made.at("TaxCodeId").and_then(Json::as_text).expect("an id").to_owned();
    let body = json!({"CustomerRef": {"value": "1"}, "TxnTaxDetail": {"TxnTaxCodeRef": {"value": code}}, "Line": [
        {"Amount": 50, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"TaxCodeRef": {"value": "TAX"}}}]});
    assert_eq!(at(&save(&mut company, "Invoice", body), "TotalAmt"), "55.00");
    assert_eq!(ids(&mut company, "select * from TaxCode maxresults 1").len(), 4);
}

#[test]
fn a_rate_is_found_by_its_currency_and_set_for_the_day() {
    let mut company = company();
    let rate = json!({"SourceCurrencyCode": "EUR", "Rate": 1.5, "AsOfDate": "2026-03-10"});
    save(&mut company, "ExchangeRate", rate);
    let found = company.exchange_rate("EUR", None).map(|rate| read_back(&rate)).expect("a rate");
    assert_eq!((at(&found, "Rate"), at(&found, "TargetCurrencyCode")), ("1.5".into(), "\"USD\"".into()));
    assert_eq!(company.exchange_rate("XXX", None).expect_err("a fault").code(), "610");
}

#[test]
fn an_attachment_needs_what_it_hangs_on() {
    let mut company = company();
    let to = |kind: &str, id: &str| json!({"AttachableRef": [{"EntityRef": {"type": kind, "value": id}}], "Note": "n"});
    let fault = try_save(&mut company, "Attachable", to("Estimate", "75")).expect_err("a fault");
    assert!(
        fault
            .json()
            .to_string()
            .contains("The entity Estimate 75 that you are trying to link does not exist. Estimate 75")
    );
    let file = super::super::File {
        name: "a.txt".into(),
        content_type: "text/plain".into(),
        content: b"hello".as_slice().into(),
    };
    let metadata = Json::from(to("Vendor", "3"));
    let stored = company
        .upload(Some(&metadata), file, |id| format!("http://host/{id}"))
        .map(|row| read_back(&row))
        .expect("stored");
    assert_eq!((at(&stored, "Size"), at(&stored, "FileName")), ("5".into(), "\"a.txt\"".into()));
    assert_eq!(&*company.file(&id(&stored)).expect("the file").content, b"hello");
    company.delete("Attachable", &json!({"Id": id(&stored)}).into()).expect("a delete without a token");
}

#[test]
fn a_template_moves_no_balance_and_takes_no_number() {
    let mut company = company();
    let info = json!({"Name": "Monthly", "Active": true, "RecurType": "Automated", "ScheduleInfo": {"IntervalType": "Monthly", "DayOfMonth": 1}});
    let body =
        json!({"Invoice": {"CustomerRef": {"value": "1"}, "Line": [line("100")], "RecurringInfo": info}});
    let saved = save(&mut company, "RecurringTransaction", body);
    assert_eq!(at(&saved, "Invoice.RecurringInfo.ScheduleInfo.DayOfMonth"), "1");
    assert_eq!(at(&saved, "Invoice.DocNumber"), "");
    assert_eq!(at(&read(&mut company, "Customer", "1"), "Balance"), "0");
    let count = |company: &mut Company, kind: &str| {
        at(
            &query(company, &format!("select count(*) from RecurringTransaction where Type = '{kind}'")),
            "totalCount",
        )
    };
    assert_eq!((count(&mut company, "Invoice"), count(&mut company, "Bill")), ("1".into(), "0".into()));
    let lock = json!({"Invoice": {"Id": at(&saved, "Invoice.Id").trim_matches('"'), "SyncToken": "0"}});
    company.delete("RecurringTransaction", &lock.into()).expect("a delete");
    assert_eq!(count(&mut company, "Invoice"), "0");
    assert_eq!(at(&invoice(&mut company, "1", "1"), "DocNumber"), "\"1001\"");
}

#[test]
fn only_an_invoice_that_takes_online_payments_has_a_link() {
    let mut company = company();
    let body = json!({"CustomerRef": {"value": "1"}, "Line": [line("1")], "AllowOnlineACHPayment": true, "BillEmail": {"Address": "a@b.example"}});
    let payable = id(&save(&mut company, "Invoice", body));
    let other = id(&invoice(&mut company, "1", "1"));
    assert!(at(&company.invoice_with_link(&payable).expect("a row"), "InvoiceLink").contains("https://"));
    assert!(!company.invoice_with_link(&other).expect("a row").to_string().contains("InvoiceLink"));
}

#[test]
fn a_merged_customer_hands_over_what_it_owes() {
    let mut company = company();
    invoice(&mut company, "1", "10");
    let moved = id(&invoice(&mut company, "2", "20"));
    let before = company.position();
    company.merge("Customer", 1, 2).expect("a merge");
    assert_eq!(at(&read(&mut company, "Customer", "1"), "Balance"), "30.00");
    assert_eq!(at(&read(&mut company, "Invoice", &moved), "CustomerRef.name"), "\"Amy's Birds\"");
    assert_eq!(company.read("Customer", "2").expect_err("a fault").code(), "610");
    let change = &company.changes(before)[0];
    assert_eq!((change.operation.name(), change.id, change.merged), ("Merge", 1, Some(2)));
    save(&mut company, "Customer", json!({"DisplayName": "Bay Bikes"}));
    assert_eq!(company.merge("Customer", 1, 1).expect_err("a fault").code(), "6000");
}
