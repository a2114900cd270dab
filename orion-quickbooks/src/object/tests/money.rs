//! Amounts of 10,000 generated invoices, there and back.

use std::fmt::Write;

use orion_core::{Currency, InvoiceStatus, UnifiedInvoice};

use super::{find, leaves, read};
use crate::{
    Auth, Config,
    draft::{Extent, Target, body},
};

/// An amount in the smallest unit, as a vendor writes it.
fn text(units: i128, digits: u32) -> String {
    let (sign, units) = (if units < 0 { "-" } else { "" }, units.unsigned_abs());
    let whole = 10_u128.pow(digits);
    match digits {
        0 => format!("{sign}{units}"),
        _ => format!("{sign}{}.{:0width$}", units / whole, units % whole, width = digits as usize),
    }
}

struct Generated {
    currency: Currency,
    lines: Vec<i128>,
    discount: i128,
    tax: i128,
    paid: i128,
}

impl Generated {
    fn new(random: &mut fastrand::Rng) -> Self {
        let currency = [Currency::USD, Currency::JPY, Currency::KWD, Currency::EUR][random.usize(..4)];
        // Up to what a double cannot tell apart from its neighbours.
        let ceiling = 10_i128.pow(random.u32(2..18));
        let lines: Vec<i128> = (0..random.usize(1..7)).map(|_| random.i128(0..ceiling)).collect();
        let sum: i128 = lines.iter().sum();
        let discount = if random.bool() { sum / random.i128(2..40) } else { 0 };
        let tax = if random.bool() { (sum - discount) / random.i128(4..30) } else { 0 };
        let total = sum - discount + tax;
        Self { currency, lines, discount, tax, paid: random.i128(0..=total) }
    }

    fn subtotal(&self) -> i128 {
        self.lines.iter().sum()
    }

    fn total(&self) -> i128 {
        self.subtotal() - self.discount + self.tax
    }

    /// The invoice as the vendor sends it, with what it computes itself.
    fn json(&self) -> String {
        let money = |units: i128| text(units, self.currency.minor_units());
        let mut lines = String::new();
        for (at, amount) in self.lines.iter().enumerate() {
            let _infallible = write!(
                lines,
                r#"{{"Id":"{id}","LineNum":{id},"Amount":{},"DetailType":"SalesItemLineDetail","SalesItemLineDetail":{{"ItemRef":{{"value":"1"}}}}}},"#,
                money(*amount),
                id = at + 1
            );
        }
        if self.discount > 0 {
            let _infallible = write!(
                lines,
                r#"{{"Id":"90","Amount":{},"DetailType":"DiscountLineDetail","DiscountLineDetail":{{"PercentBased":false}}}},"#,
                money(self.discount)
            );
        }
        format!(
            r#"{{"Id":"7","SyncToken":"0","CurrencyRef":{{"value":"{}"}},"CustomerRef":{{"value":"1"}},"Line":[{lines}{{"Amount":{},"DetailType":"SubTotalLineDetail",
                "SubTotalLineDetail":{{}}}}],"TxnTaxDetail":{{"TotalTax":{}}},"TotalAmt":{},"Balance":{}}}"#,
            self.currency.as_str(),
            money(self.subtotal()),
            money(self.tax),
            money(self.total()),
            money(self.total() - self.paid)
        )
    }
}

#[test]
fn the_amounts_of_ten_thousand_invoices_are_exact_there_and_back() {
    let mut random = fastrand::Rng::with_seed(42);
    let config = Config::new("1", Auth::AccessToken { access_token: "x".into() });
    let entity = find::<UnifiedInvoice>(Some("Invoice")).unwrap();
    for _ in 0..10_000 {
        let generated = Generated::new(&mut random);
        let digits = generated.currency.minor_units();
        let json = generated.json();
        let record = read::<UnifiedInvoice>("Invoice", &json);
        let model = &record.model;
        let said = [model.subtotal, model.total_tax, model.total, model.balance].map(|money| money.unwrap());
        let meant =
            [generated.subtotal(), generated.tax, generated.total(), generated.total() - generated.paid];
        for (said, meant) in said.iter().zip(meant) {
            assert_eq!((said.amount.to_string(), said.currency), (text(meant, digits), generated.currency));
        }
        assert!(model.findings().is_empty(), "{:?}\n{json}", model.findings());
        if generated.total() > 0 && generated.paid == generated.total() {
            assert_eq!(model.status, Some(InvoiceStatus::Paid));
        }
        // What is written holds every amount that is not QuickBooks' own, digit for digit.
        let target = Target { id: "7", version: "0" };
        let written = body(&entity, &record, Extent::Full, Some(target), &config).unwrap().json();
        let (before, after) = (leaves(&json), leaves(&written));
        let own = |path: &str| {
            path == "/TotalAmt"
                || path == "/Balance"
                || path.starts_with(&format!(
                    "/Line/{}",
                    generated.lines.len() + usize::from(generated.discount > 0)
                ))
        };
        let kept = before.iter().filter(|(path, _)| !own(path.as_str()));
        for (path, leaf) in kept {
            assert_eq!(after.get(path), Some(leaf), "{path}");
        }
    }
}
