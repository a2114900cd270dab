//! Lines, totals, tax and currencies.

use serde_json::json;

use super::*;

#[test]
fn an_invoice_gets_its_derived_fields() {
    let mut company = company();
    let invoice = invoice(&mut company, "1", "100.0");
    assert_eq!((at(&invoice, "TotalAmt"), at(&invoice, "Balance")), ("100.00".into(), "100.00".into()));
    assert_eq!(
        (at(&invoice, "CustomerRef.name"), at(&invoice, "DueDate")),
        ("\"Amy's Birds\"".into(), "\"2026-04-09\"".into())
    );
    assert_eq!(
        at(&invoice, "Line"),
        concat!(
            r#"[{"Id":"1","LineNum":1,"Amount":100.00,"DetailType":"SalesItemLineDetail","SalesItemLineDetail":"#,
            r#"{"ItemRef":{"value":"1","name":"Services"},"TaxCodeRef":{"value":"NON"}}},"#,
            r#"{"Amount":100.00,"DetailType":"SubTotalLineDetail","SubTotalLineDetail":{}}]"#
        )
    );
    assert_eq!(at(&read(&mut company, "customer", "1"), "Balance"), "100.00");
}

#[test]
fn a_line_without_an_id_gets_a_fresh_one() {
    let mut company = company();
    let first = invoice(&mut company, "1", "10");
    let update = json!({"Id": id(&first), "SyncToken": "0", "sparse": true, "Line": [line("10")]});
    let second = save(&mut company, "Invoice", update);
    let lines = second.at("Line").and_then(Json::as_list).expect("lines");
    assert_eq!(at(&lines[0], "Id"), "\"2\"");
}

#[test]
fn an_amount_must_be_price_times_quantity() {
    let mut company = company();
    let with = |amount: Value| {
        json!({"CustomerRef": {"value": "1"}, "Line": [{"Amount": amount, "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"UnitPrice": "0.33333", "Qty": 3}}]})
    };
    assert_eq!(refused(&mut company, "Invoice", with(json!(2))), "6070");
    assert_eq!(at(&save(&mut company, "Invoice", with(json!(null))), "TotalAmt"), "1.00");
}

#[test]
fn a_percentage_discount_is_taken_from_the_subtotal() {
    let mut company = company();
    let discount = |detail: Value, amount: Value| {
        json!({"CustomerRef": {"value": "1"}, "Line": [line("50"),
        {"Amount": amount, "DetailType": "DiscountLineDetail", "DiscountLineDetail": detail}]})
    };
    let percent = save(
        &mut company,
        "Invoice",
        discount(json!({"PercentBased": true, "DiscountPercent": 10}), json!(null)),
    );
    assert_eq!(at(&percent, "TotalAmt"), "45.00");
    let lines = percent.at("Line").and_then(Json::as_list).expect("lines");
    assert_eq!(
        (at(&lines[1], "DetailType"), at(&lines[2], "Amount")),
        ("\"SubTotalLineDetail\"".into(), "5.00".into())
    );
    assert_eq!(at(&lines[2], "DiscountLineDetail.DiscountAccountRef.value"), "\"86\"");
    let fixed = save(&mut company, "Invoice", discount(json!({"PercentBased": false}), json!("0.05")));
    assert_eq!(at(&fixed, "TotalAmt"), "49.95");
    assert_eq!(
        refused(&mut company, "Invoice", discount(json!({"PercentBased": false}), json!(null))),
        "6090"
    );
    assert_eq!(refused(&mut company, "Invoice", discount(json!({"PercentBased": false}), json!(60))), "6000");
}

#[test]
fn tax_follows_the_code_of_the_transaction_and_the_lines_that_say_tax() {
    let mut company = company();
    let mut body = json!({"CustomerRef": {"value": "1"}, "ApplyTaxAfterDiscount": false, "TxnTaxDetail": {"TxnTaxCodeRef": {"value": "2"}},
        "Line": [line("100"), {"Amount": "325.75", "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"TaxCodeRef": {"value": "TAX"}}},
            {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": true, "DiscountPercent": 20}}]});
    let invoice = save(&mut company, "Invoice", body.clone());
    assert_eq!(at(&invoice, "TxnTaxDetail.TotalTax"), "26.06");
    assert_eq!(
        at(&invoice, "TxnTaxDetail.TaxLine"),
        concat!(
            r#"[{"Amount":26.06,"DetailType":"TaxLineDetail","TaxLineDetail":{"TaxRateRef":{"value":"3"},"PercentBased":true,"#,
            r#""TaxPercent":8,"NetAmountTaxable":325.75}}]"#
        )
    );
    assert_eq!(at(&invoice, "TotalAmt"), "366.66");
    body["ApplyTaxAfterDiscount"] = json!(true);
    let invoice = save(&mut company, "Invoice", body.clone());
    assert_eq!(at(&invoice, "TxnTaxDetail.TotalTax"), "20.85");
    body["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] = json!({"value": "2"});
    assert_eq!(refused(&mut company, "Invoice", body), "6100");
}

#[test]
fn a_bundle_is_what_it_is_made_of() {
    let mut company = company();
    let body = json!({"CustomerRef": {"value": "1"}, "Line": [
        {"DetailType": "GroupLineDetail", "GroupLineDetail": {"GroupItemRef": {"value": "20"}, "Quantity": 2}},
        {"DetailType": "DescriptionOnly", "Description": "Thanks"}]});
    let invoice = save(&mut company, "Invoice", body);
    let lines = invoice.at("Line").and_then(Json::as_list).expect("lines");
    let inner = lines[0].at("GroupLineDetail.Line").and_then(Json::as_list).expect("inner lines");
    let amounts: Vec<String> = inner.iter().map(|line| at(line, "Amount")).collect();
    assert_eq!(amounts, ["550.00", "90.00", "350.00"]);
    assert_eq!((at(&lines[0], "Amount"), at(&invoice, "TotalAmt")), ("990.00".into(), "990.00".into()));
    assert_eq!((at(&lines[1], "LineNum"), at(&lines[1], "Amount")), ("2".into(), String::new()));
}

#[test]
fn amounts_that_a_double_breaks_stay_exact() {
    let mut company = company();
    for (amount, total) in [
        ("0.1", "0.10"),
        ("90071992547409.93", "90071992547409.93"),
        ("1234567890123456.78", "1234567890123456.78"),
    ] {
        let body = Json::parse(&format!(
            r#"{{"CustomerRef":{{"value":"1"}},"Line":[{{"Amount":{amount},"DetailType":"SalesItemLineDetail","SalesItemLineDetail":{{}}}}]}}"#
        ));
        let row = company.save("Invoice", &body.expect("JSON")).expect("an invoice");
        assert!(row.to_string().contains(&format!("\"TotalAmt\":{total},")), "{row}");
    }
    assert_eq!(at(&read(&mut company, "Customer", "1"), "Balance"), "1324639882670866.81");
}

#[test]
fn a_foreign_customer_is_billed_in_its_currency_at_the_rate() {
    let mut company = company();
    let customer =
        save(&mut company, "Customer", json!({"DisplayName": "Kyoto", "CurrencyRef": {"value": "JPY"}}));
    let body = json!({"CustomerRef": {"value": id(&customer)}, "Line": [{"DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"UnitPrice": "333.4", "Qty": 3}}]});
    let invoice = save(&mut company, "Invoice", body);
    assert_eq!(
        (at(&invoice, "TotalAmt"), at(&invoice, "CurrencyRef.value")),
        ("1000".into(), "\"JPY\"".into())
    );
    assert_eq!(
        (at(&invoice, "ExchangeRate"), at(&invoice, "HomeTotalAmt")),
        ("0.0066215".into(), "6.62".into())
    );
    let wrong = json!({"CustomerRef": {"value": "1"}, "CurrencyRef": {"value": "EUR"}, "Line": [line("1")]});
    assert_eq!(refused(&mut company, "Invoice", wrong), "6000");
}

#[test]
fn a_journal_entry_balances() {
    let mut company = company();
    let entry = |debit: &str, credit: &str| {
        let line = |side: &str, amount: &str| {
            json!({"Amount": amount, "DetailType": "JournalEntryLineDetail",
            "JournalEntryLineDetail": {"PostingType": side, "AccountRef": {"value": "35"}}})
        };
        json!({"Line": [line("Debit", debit), line("Credit", credit)]})
    };
    assert_eq!(at(&save(&mut company, "JournalEntry", entry("5", "5.00")), "TotalAmt"), "5.00");
    assert_eq!(refused(&mut company, "JournalEntry", entry("5", "4.99")), "6000");
}

#[test]
fn a_due_date_follows_the_terms() {
    let mut company = company();
    let body = json!({"CustomerRef": {"value": "1"}, "SalesTermRef": {"value": "2"}, "TxnDate": "2026-01-30", "Line": [line("1")]});
    assert_eq!(at(&save(&mut company, "Invoice", body), "DueDate"), "\"2026-02-14\"");
}
