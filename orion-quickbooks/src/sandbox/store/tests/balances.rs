//! Payments, what they are applied to, and what is left.

use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::json;

use super::*;

fn balance(company: &mut Company, entity: &str, id: &str) -> String {
    at(&read(company, entity, id), "Balance")
}

#[test]
fn a_payment_lowers_the_balance_and_is_linked() {
    let mut company = company();
    let invoice = invoice(&mut company, "1", "100");
    later(&mut company, 60);
    let payment = pay(&mut company, "1", "70", &[(&id(&invoice), "60")]).expect("a payment");
    assert_eq!(
        (at(&payment, "UnappliedAmt"), at(&payment, "DepositToAccountRef.value")),
        ("10.00".into(), "\"4\"".into())
    );
    let invoice = read(&mut company, "Invoice", &id(&invoice));
    assert_eq!(at(&invoice, "Balance"), "40.00");
    assert_eq!(at(&invoice, "LinkedTxn"), format!(r#"[{{"TxnId":"{}","TxnType":"Payment"}}]"#, id(&payment)));
    assert_eq!(at(&invoice, "MetaData.LastUpdatedTime"), "\"2026-03-10T11:01:00-07:00\"");
    assert_eq!(balance(&mut company, "Customer", "1"), "30.00");
}

#[test]
fn a_customers_time_moves_with_its_balance_but_not_its_token() {
    let mut company = company();
    later(&mut company, 60);
    invoice(&mut company, "1", "100");
    let customer = read(&mut company, "Customer", "1");
    assert_eq!(
        (at(&customer, "SyncToken"), at(&customer, "MetaData.LastUpdatedTime")),
        ("\"0\"".into(), "\"2026-03-10T11:01:00-07:00\"".into())
    );
}

#[test]
fn no_more_can_be_applied_than_is_open_or_paid() {
    let mut company = company();
    let invoice = invoice(&mut company, "1", "100");
    let over_balance = pay(&mut company, "1", "200", &[(&id(&invoice), "150")]);
    assert_eq!(over_balance.expect_err("a fault").code(), "6000");
    assert_eq!(pay(&mut company, "1", "50", &[(&id(&invoice), "60")]).expect_err("a fault").code(), "6000");
    assert_eq!(pay(&mut company, "2", "50", &[(&id(&invoice), "50")]).expect_err("a fault").code(), "6000");
    assert_eq!(pay(&mut company, "1", "50", &[("999", "50")]).expect_err("a fault").code(), "610");
    assert_eq!(balance(&mut company, "Invoice", &id(&invoice)), "100.00");
    assert_eq!(company.count("Payment"), 0);
}

#[test]
fn a_changed_payment_moves_what_it_covered() {
    let mut company = company();
    let (first, second) = (invoice(&mut company, "1", "100"), invoice(&mut company, "1", "80"));
    let payment = pay(&mut company, "1", "100", &[(&id(&first), "100")]).expect("a payment");
    let moved = json!({"Id": id(&payment), "SyncToken": "0", "sparse": true, "Line": [
        {"Amount": 80, "LinkedTxn": [{"TxnId": id(&second), "TxnType": "Invoice"}]}]});
    let moved = save(&mut company, "Payment", moved);
    assert_eq!(at(&moved, "UnappliedAmt"), "20.00");
    assert_eq!(balance(&mut company, "Invoice", &id(&first)), "100.00");
    assert_eq!(at(&read(&mut company, "Invoice", &id(&first)), "LinkedTxn"), "[]");
    assert_eq!(balance(&mut company, "Invoice", &id(&second)), "0");
    company.delete("Payment", &lock(&moved)).expect("a delete");
    assert_eq!(balance(&mut company, "Invoice", &id(&second)), "80.00");
    assert_eq!(balance(&mut company, "Customer", "1"), "180.00");
}

#[test]
fn a_paid_invoice_is_not_deleted_but_its_void_frees_the_payment() {
    let mut company = company();
    let invoice = invoice(&mut company, "1", "100");
    let payment = pay(&mut company, "1", "100", &[(&id(&invoice), "100")]).expect("a payment");
    let invoice = read(&mut company, "Invoice", &id(&invoice));
    assert_eq!(company.delete("Invoice", &lock(&invoice)).expect_err("a fault").code(), "6000");
    let voided = read_back(&company.void("Invoice", &lock(&invoice)).expect("a void"));
    assert_eq!(at(&voided, "LinkedTxn"), "[]");
    assert_eq!(at(&read(&mut company, "Payment", &id(&payment)), "UnappliedAmt"), "100.00");
    assert_eq!(balance(&mut company, "Customer", "1"), "-100.00");
}

#[test]
fn a_voided_payment_opens_its_invoices_again() {
    let mut company = company();
    let invoice = invoice(&mut company, "1", "100");
    let payment = pay(&mut company, "1", "100", &[(&id(&invoice), "100")]).expect("a payment");
    let voided = read_back(&company.void("Payment", &lock(&payment)).expect("a void"));
    assert_eq!(
        (at(&voided, "TotalAmt"), at(&voided, "UnappliedAmt"), at(&voided, "PrivateNote")),
        ("0".into(), "0".into(), "\"Voided\"".into())
    );
    assert_eq!(balance(&mut company, "Invoice", &id(&invoice)), "100.00");
}

#[test]
fn an_invoice_cannot_shrink_below_what_was_paid() {
    let mut company = company();
    let invoice = invoice(&mut company, "1", "100");
    pay(&mut company, "1", "60", &[(&id(&invoice), "60")]).expect("a payment");
    let shrink = |to: &str| json!({"Id": id(&invoice), "SyncToken": "1", "sparse": true, "Line": [line(to)]});
    assert_eq!(refused(&mut company, "Invoice", shrink("59")), "6000");
    let shrunk = save(&mut company, "Invoice", shrink("75"));
    assert_eq!((at(&shrunk, "TotalAmt"), at(&shrunk, "Balance")), ("75.00".into(), "15.00".into()));
}

#[test]
fn a_credit_memo_pays_an_invoice() {
    let mut company = company();
    let invoice = invoice(&mut company, "1", "100");
    let memo = save(&mut company, "CreditMemo", json!({"CustomerRef": {"value": "1"}, "Line": [line("30")]}));
    assert_eq!(balance(&mut company, "Customer", "1"), "70.00");
    let body = json!({"CustomerRef": {"value": "1"}, "TotalAmt": 0, "Line": [
        {"Amount": 30, "LinkedTxn": [{"TxnId": id(&invoice), "TxnType": "Invoice"}]},
        {"Amount": 30, "LinkedTxn": [{"TxnId": id(&memo), "TxnType": "CreditMemo"}]}]});
    save(&mut company, "Payment", body);
    assert_eq!(balance(&mut company, "Invoice", &id(&invoice)), "70.00");
    assert_eq!(at(&read(&mut company, "CreditMemo", &id(&memo)), "RemainingCredit"), "0");
    assert_eq!(balance(&mut company, "Customer", "1"), "70.00");
}

#[test]
fn a_bill_is_paid_and_the_vendor_with_it() {
    let mut company = company();
    let line = json!({"Amount": 200, "DetailType": "AccountBasedExpenseLineDetail", "AccountBasedExpenseLineDetail": {"AccountRef": {"value": 7, "type": "Account"}}});
    let bill = save(&mut company, "Bill", json!({"VendorRef": {"value": "3"}, "Line": [line]}));
    assert_eq!(balance(&mut company, "Vendor", "3"), "200.00");
    let body = json!({"VendorRef": {"value": "3"}, "PayType": "Check", "TotalAmt": 200, "CheckPayment": {"BankAccountRef": {"value": "35"}},
        "Line": [{"Amount": 200, "LinkedTxn": [{"TxnId": id(&bill), "TxnType": "Bill"}]}]});
    save(&mut company, "BillPayment", body);
    assert_eq!(balance(&mut company, "Bill", &id(&bill)), "0");
    assert_eq!(balance(&mut company, "Vendor", "3"), "0");
}

#[test]
fn an_invoice_closes_the_estimate_it_is_made_of() {
    let mut company = company();
    let estimate =
        save(&mut company, "Estimate", json!({"CustomerRef": {"value": "1"}, "Line": [line("10")]}));
    let body = json!({"CustomerRef": {"value": "1"}, "Line": [line("10")], "LinkedTxn": [{"TxnId": id(&estimate), "TxnType": "Estimate"}]});
    let invoice = save(&mut company, "Invoice", body);
    let closed = read(&mut company, "Estimate", &id(&estimate));
    assert_eq!(at(&closed, "TxnStatus"), "\"Closed\"");
    assert_eq!(at(&closed, "LinkedTxn"), format!(r#"[{{"TxnId":"{}","TxnType":"Invoice"}}]"#, id(&invoice)));
    company.delete("Invoice", &lock(&invoice)).expect("a delete");
    assert_eq!(at(&read(&mut company, "Estimate", &id(&estimate)), "TxnStatus"), "\"Pending\"");
}

#[test]
fn a_deposited_payment_cannot_change() {
    let mut company = company();
    let payment = pay(&mut company, "1", "100", &[]).expect("a payment");
    let body = json!({"DepositToAccountRef": {"value": "35"}, "Line": [{"Amount": 100, "DetailType": "DepositLineDetail", "DepositLineDetail": {},
        "LinkedTxn": [{"TxnId": id(&payment), "TxnType": "Payment"}]}]});
    let deposit = save(&mut company, "Deposit", body);
    let payment = read(&mut company, "Payment", &id(&payment));
    assert_eq!(company.delete("Payment", &lock(&payment)).expect_err("a fault").code(), "6540");
    company.delete("Deposit", &lock(&deposit)).expect("a delete");
    let payment = read(&mut company, "Payment", &id(&payment));
    company.delete("Payment", &lock(&payment)).expect("a delete");
}

/// One step of a customer's history.
#[derive(Debug, Clone)]
enum Step {
    Invoice(u32),
    Pay { of: usize, cents: u32, over: u32 },
    Credit(u32),
    Change { of: usize, cents: u32 },
    VoidInvoice(usize),
    DeleteInvoice(usize),
    VoidPayment(usize),
    DeletePayment(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1..100_000_u32).prop_map(Step::Invoice),
        4 => (0..8_usize, 1..60_000_u32, 0..500_u32).prop_map(|(of, cents, over)| Step::Pay { of, cents, over }),
        1 => (1..10_000_u32).prop_map(Step::Credit),
        2 => (0..8_usize, 1..100_000_u32).prop_map(|(of, cents)| Step::Change { of, cents }),
        1 => (0..8_usize).prop_map(Step::VoidInvoice),
        1 => (0..8_usize).prop_map(Step::DeleteInvoice),
        1 => (0..8_usize).prop_map(Step::VoidPayment),
        1 => (0..8_usize).prop_map(Step::DeletePayment),
    ];
    prop::collection::vec(step, 1..30)
}

fn money(cents: u32) -> String {
    Decimal::new(i64::from(cents), 2).to_string()
}

/// Does a step if the company lets it. Faults are part of the game.
fn take(company: &mut Company, step: &Step) {
    let nth = |company: &mut Company, entity: &str, of: usize| {
        let rows = ids(company, &format!("select * from {entity} where CustomerRef = '1' orderby Id"));
        rows.get(of % rows.len().max(1)).cloned().map(|id| read(company, entity, &id))
    };
    let outcome = match step {
        Step::Invoice(cents) => try_save(
            company,
            "Invoice",
            json!({"CustomerRef": {"value": "1"}, "Line": [line(&money(*cents))]}),
        )
        .map(|_| ()),
        Step::Credit(cents) => try_save(
            company,
            "CreditMemo",
            json!({"CustomerRef": {"value": "1"}, "Line": [line(&money(*cents))]}),
        )
        .map(|_| ()),
        Step::Pay { of, cents, over } => {
            let Some(invoice) = nth(company, "Invoice", *of) else { return };
            pay(company, "1", &money(cents + over), &[(&id(&invoice), &money(*cents))]).map(|_| ())
        }
        Step::Change { of, cents } => {
            let Some(invoice) = nth(company, "Invoice", *of) else { return };
            let token = invoice.at("SyncToken").and_then(Json::as_text).unwrap_or_default();
            let body = json!({"Id": id(&invoice), "SyncToken": token, "sparse": true, "Line": [line(&money(*cents))]});
            try_save(company, "Invoice", body).map(|_| ())
        }
        Step::VoidInvoice(of) => nth(company, "Invoice", *of)
            .map_or(Ok(()), |row| company.void("Invoice", &lock(&row)).map(|_| ())),
        Step::DeleteInvoice(of) => nth(company, "Invoice", *of)
            .map_or(Ok(()), |row| company.delete("Invoice", &lock(&row)).map(|_| ())),
        Step::VoidPayment(of) => nth(company, "Payment", *of)
            .map_or(Ok(()), |row| company.void("Payment", &lock(&row)).map(|_| ())),
        Step::DeletePayment(of) => nth(company, "Payment", *of)
            .map_or(Ok(()), |row| company.delete("Payment", &lock(&row)).map(|_| ())),
    };
    if let Err(fault) = outcome {
        assert_eq!(fault.code(), "6000", "{step:?}: {fault:?}");
    }
}

fn rows(company: &mut Company, entity: &str) -> Vec<Json> {
    let found = query(company, &format!("select * from {entity} where CustomerRef = '1' maxresults 1000"));
    found.at(entity).and_then(Json::as_list).map(<[Json]>::to_vec).unwrap_or_default()
}

fn sum(rows: &[Json], path: &str) -> Decimal {
    rows.iter().map(|row| row.at(path).and_then(Json::as_number).unwrap_or_default()).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_customers_balance_is_what_was_billed_less_what_was_paid(steps in steps()) {
        let mut company = company();
        for step in &steps {
            take(&mut company, step);
        }
        let (invoices, payments, memos) = (rows(&mut company, "Invoice"), rows(&mut company, "Payment"), rows(&mut company, "CreditMemo"));
        let customer = read(&mut company, "Customer", "1");
        let balance = customer.at("Balance").and_then(Json::as_number).expect("a balance");
        prop_assert_eq!(balance, sum(&invoices, "TotalAmt") - sum(&payments, "TotalAmt") - sum(&memos, "TotalAmt"));
        prop_assert_eq!(balance, sum(&invoices, "Balance") - sum(&payments, "UnappliedAmt") - sum(&memos, "Balance"));
        for invoice in &invoices {
            let (balance, total) = (sum(std::slice::from_ref(invoice), "Balance"), sum(std::slice::from_ref(invoice), "TotalAmt"));
            prop_assert!(Decimal::ZERO <= balance && balance <= total);
        }
    }
}
