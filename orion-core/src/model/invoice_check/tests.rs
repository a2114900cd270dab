use super::*;
use crate::{Discount, RecordId};

fn usd(text: &str) -> Money {
    Money::parse(text, Currency::USD).unwrap()
}

fn line(kind: LineKind, amount: &str) -> UnifiedLineItem {
    UnifiedLineItem { kind: Some(kind), amount: Some(usd(amount)), ..UnifiedLineItem::default() }
}

/// 3 x 33.33 and 0.01 of service, 10.00 off, 8.10 tax, 5.00 shipping.
fn sound() -> UnifiedInvoice {
    UnifiedInvoice {
        lines: vec![
            line(LineKind::Item, "99.99"),
            line(LineKind::Service, "0.01"),
            line(LineKind::Subtotal, "100.00"),
            line(LineKind::Discount, "10.00"),
            line(LineKind::Shipping, "5.00"),
        ],
        subtotal: Some(usd("100")),
        discount: Some(Discount { amount: Some(usd("10")), ..Discount::default() }),
        total_tax: Some(usd("8.10")),
        shipping: Some(usd("5")),
        total: Some(usd("103.10")),
        balance: Some(usd("3.10")),
        ..UnifiedInvoice::default()
    }
}

#[test]
fn a_sound_invoice_has_no_findings() {
    assert_eq!(sound().findings(), []);
}

#[test]
fn an_empty_invoice_has_no_findings() {
    assert_eq!(UnifiedInvoice::default().findings(), []);
}

#[test]
fn lines_that_miss_the_subtotal_are_found() {
    let mut invoice = sound();
    invoice.lines.push(line(LineKind::Item, "0.02"));
    assert_eq!(invoice.findings(), [InvoiceFinding::Lines { sum: usd("100.02"), subtotal: usd("100") }]);
}

#[test]
fn each_line_may_be_off_by_half_a_cent() {
    let mut invoice = sound();
    invoice.lines =
        vec![line(LineKind::Item, "33.33"), line(LineKind::Item, "33.33"), line(LineKind::Item, "33.33")];
    assert_eq!(invoice.findings(), []);
    invoice.lines[0].amount = Some(usd("33.32"));
    assert_eq!(invoice.findings().len(), 1);
}

#[test]
fn parts_of_a_bundle_count_once() {
    let mut invoice = sound();
    invoice.lines = vec![line(LineKind::Group, "100"), line(LineKind::Item, "100")];
    invoice.lines[1].parent_line = Some(RecordId::new("1"));
    assert_eq!(invoice.findings(), []);
}

#[test]
fn lines_without_an_amount_leave_the_sum_unchecked() {
    let mut invoice = sound();
    invoice.lines[0].amount = None;
    assert_eq!(invoice.findings(), []);
}

#[test]
fn a_total_that_is_off_by_a_cent_is_found() {
    let mut invoice = sound();
    invoice.total = Some(usd("103.11"));
    assert_eq!(invoice.findings(), [InvoiceFinding::Total { sum: usd("103.10"), total: usd("103.11") }]);
}

#[test]
fn a_discount_known_only_in_percent_leaves_the_total_unchecked() {
    let mut invoice = sound();
    invoice.discount = Some(Discount { percent: Some(10.into()), ..Discount::default() });
    invoice.total = Some(usd("1000"));
    assert_eq!(invoice.findings(), []);
}

#[test]
fn with_tax_in_the_lines_the_subtotal_may_hold_it_or_not() {
    let mut invoice = UnifiedInvoice {
        tax_mode: Some(TaxMode::Inclusive),
        lines: vec![line(LineKind::Item, "119")],
        subtotal: Some(usd("119")),
        total_tax: Some(usd("19")),
        total: Some(usd("119")),
        ..UnifiedInvoice::default()
    };
    assert_eq!(invoice.findings(), []);
    invoice.subtotal = Some(usd("100"));
    assert_eq!(invoice.findings(), []);
    invoice.tax_mode = Some(TaxMode::Exclusive);
    assert_eq!(invoice.findings(), [InvoiceFinding::Lines { sum: usd("119"), subtotal: usd("100") }]);
}

#[test]
fn a_balance_outside_zero_and_total_is_found() {
    for balance in ["-0.01", "103.11"] {
        let mut invoice = sound();
        invoice.balance = Some(usd(balance));
        let expected = InvoiceFinding::Balance { balance: usd(balance), total: usd("103.10") };
        assert_eq!(invoice.findings(), [expected]);
    }
}

#[test]
fn a_negative_total_takes_a_negative_balance() {
    let mut credit = UnifiedInvoice { total: Some(usd("-10")), ..UnifiedInvoice::default() };
    credit.balance = Some(usd("-4"));
    assert_eq!(credit.findings(), []);
    credit.balance = Some(usd("4"));
    assert_eq!(credit.findings().len(), 1);
}

#[test]
fn a_second_currency_is_found_and_stops_the_rest() {
    let mut invoice = sound();
    invoice.total = Some(Money::parse("1", Currency::EUR).unwrap());
    let expected = InvoiceFinding::MixedCurrencies { expected: Currency::USD, found: Currency::EUR };
    assert_eq!(invoice.findings(), [expected]);
}

#[test]
fn findings_say_nothing_of_the_amounts() {
    let mut invoice = sound();
    invoice.total = Some(usd("424242.42"));
    assert!(invoice.findings().iter().all(|finding| !finding.to_string().contains("42")));
}
