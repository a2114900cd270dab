//! Two years of sales: estimates, invoices with every kind of line, and what customers paid.

use std::collections::VecDeque;

use rust_decimal::Decimal;

use super::super::json::{Json, Object};
use super::super::money;
use super::words::NOTE;
use super::{Planter, linked, refer};

/// Item, price, and whether it is taxed.
const SOLD: [(u64, &str, bool); 12] = [
    (4, "75", false),
    (5, "275", true),
    (6, "30", false),
    (7, "50", false),
    (8, "15.125", true),
    (9, "42.5", false),
    (10, "35", false),
    (11, "22.5", true),
    (13, "22.5", true),
    (15, "0.33333", true),
    (16, "10.0575", true),
    (19, "35", false),
];

impl Planter<'_> {
    pub(super) fn trade(&mut self) {
        let mut unpaid: VecDeque<u64> = VecDeque::new();
        for n in 0..self.records {
            // The first tenth of the history belongs to the people.
            self.at(self.records / 9 + n + 1, self.records + self.records / 9 + 1);
            let customers = std::mem::take(&mut self.customers);
            let customer = if n < customers.len() { customers[n] } else { self.one_of(&customers) };
            self.customers = customers;
            let estimate = (n % 8 == 3).then(|| self.estimate(n, customer));
            let invoice = self.invoice(n, customer, estimate.filter(|_| n % 16 == 3));
            unpaid.push_back(invoice);
            if unpaid.len() > 8 {
                self.settle_one(n, &mut unpaid);
            }
            self.other_sales(n, customer);
            self.spend(n);
        }
        self.template();
    }

    /// A sale that repeats every month.
    fn template(&mut self) {
        let customer = self.customers.first().copied().unwrap_or(1);
        let schedule = Object::new()
            .with("IntervalType", "Monthly")
            .with("NumInterval", 1_i64)
            .with("DayOfMonth", 1_i64);
        let info = Object::new()
            .with("Name", "Monthly gardening")
            .with("RecurType", "Automated")
            .with("Active", true);
        let body = self.sale(0, customer).with("RecurringInfo", info.with("ScheduleInfo", schedule));
        let planted = self.company.save("RecurringTransaction", &Object::new().with("Invoice", body).into());
        debug_assert!(planted.is_ok(), "{planted:?}");
    }

    fn invoice(&mut self, n: usize, customer: u64, estimate: Option<u64>) -> u64 {
        let mut body = self.sale(n, customer);
        if n.is_multiple_of(3) {
            body = body.with("SalesTermRef", refer(1 + n % 4));
        }
        if n % 4 == 1 {
            body = body.with("ClassRef", refer(1 + n % 4)).with("DepartmentRef", refer(1 + n % 4));
        }
        if n % 5 == 2 {
            body =
                body.with("PrivateNote", self.random.pick(&NOTE)).with("AllowOnlineCreditCardPayment", true);
        }
        if let Some(estimate) = estimate {
            body = body.with("LinkedTxn", linked("Estimate", estimate));
        }
        let id = self.plant("Invoice", body);
        if n % 50 == 37 {
            let token = Object::new().with("Id", id.to_string()).with("SyncToken", "0");
            let voided = self.company.void("Invoice", &token.into());
            debug_assert!(voided.is_ok(), "{voided:?}");
        }
        id
    }

    fn estimate(&mut self, n: usize, customer: u64) -> u64 {
        let status = ["Pending", "Accepted", "Rejected"][n / 8 % 3];
        let body = self.sale(n, customer).with("TxnStatus", status);
        self.plant("Estimate", body)
    }

    /// What every kind of sale has.
    fn sale(&mut self, n: usize, customer: u64) -> Object {
        let kind = super::super::entity("Customer")
            .and_then(|customer_kind| self.company.object(customer_kind, customer));
        let of = |path: &str| kind.as_ref().and_then(|kind| kind.at(path)).cloned();
        let code = of("CurrencyRef.value").and_then(|code| code.as_text().map(str::to_owned));
        let places = money::places(code.as_deref().unwrap_or("USD"));
        let (lines, taxed) = self.lines(n, places);
        let mut body = Object::new().with("CustomerRef", refer(customer)).with("Line", lines);
        if taxed
            && of("Taxable") == Some(Json::Bool(true))
            && let Some(tax) = of("DefaultTaxCodeRef")
        {
            body = body.with("TxnTaxDetail", Object::new().with("TxnTaxCodeRef", tax));
            body = body.with("ApplyTaxAfterDiscount", n.is_multiple_of(2));
        }
        if let Some(mail) = of("PrimaryEmailAddr").filter(|_| n % 3 != 2) {
            body = body
                .with("BillEmail", mail)
                .with("EmailStatus", if n % 6 == 1 { "EmailSent" } else { "NeedToSend" });
        }
        if n.is_multiple_of(2) {
            let memo = "Thank you for your business and have a great day!";
            body = body.with("CustomerMemo", Object::new().with("value", memo));
        }
        body
    }

    /// Lines of a sale, and whether any of them is taxed.
    fn lines(&mut self, n: usize, places: u32) -> (Vec<Json>, bool) {
        let (mut lines, mut taxed) = (Vec::new(), false);
        for _ in 0..=self.random.below(3) {
            let index = usize::try_from(self.random.below(12)).unwrap_or_default();
            let (item, price, is_taxed) = SOLD[index];
            taxed |= is_taxed;
            lines.push(self.item_line(item, price, is_taxed, places));
        }
        if n % 5 == 3 {
            let line = Object::new()
                .with("DetailType", "DescriptionOnly")
                .with("Description", self.random.pick(&NOTE));
            lines.push(line.into());
        }
        if n % 7 == 5 {
            let group = Object::new()
                .with("GroupItemRef", refer(20))
                .with("Quantity", 1 + i64::try_from(n % 3).unwrap_or_default());
            let line = Object::new()
                .with("DetailType", "GroupLineDetail")
                .with("Description", "Fountain with pump, installed");
            lines.push(line.with("GroupLineDetail", group).into());
        }
        if n % 4 == 2 {
            let line = Object::new().with("DetailType", "DiscountLineDetail");
            lines.push(Json::Object(if n % 8 == 2 {
                line.with(
                    "DiscountLineDetail",
                    Object::new().with("PercentBased", true).with("DiscountPercent", "7.5"),
                )
            } else {
                line.with("Amount", "0.05")
                    .with("DiscountLineDetail", Object::new().with("PercentBased", false))
            }));
        }
        (lines, taxed)
    }

    fn item_line(&mut self, item: u64, price: &str, taxed: bool, places: u32) -> Json {
        let quantity = Decimal::new(i64::try_from(25 + 25 * self.random.below(60)).unwrap_or(100), 2);
        let unit: Decimal = price.parse().unwrap_or_default();
        let amount = money::round(unit * quantity, places);
        let detail = Object::new()
            .with("ItemRef", refer(item))
            .with("UnitPrice", unit)
            .with("Qty", quantity.normalize())
            .with("TaxCodeRef", refer(if taxed { "TAX" } else { "NON" }));
        let line = Object::new().with("Amount", amount).with("DetailType", "SalesItemLineDetail");
        line.with("Description", "As agreed").with("SalesItemLineDetail", detail).into()
    }

    /// Pays the oldest open invoice: most in full, some in part, some together with a credit, some not at all.
    fn settle_one(&mut self, n: usize, unpaid: &mut VecDeque<u64>) {
        let Some(invoice) = unpaid.pop_front() else { return };
        let open = self.number("Invoice", invoice, "Balance");
        if open <= Decimal::ZERO || self.random.percent(25) {
            return;
        }
        let customer = self.referred("Invoice", invoice, "CustomerRef");
        let part = n % 6 == 4;
        let applied = if part { money::round(open / Decimal::TWO, 0).min(open) } else { open };
        if applied.is_zero() {
            return;
        }
        let over = if n % 11 == 7 { Decimal::TEN } else { Decimal::ZERO };
        let line = Object::new().with("Amount", applied).with("LinkedTxn", linked("Invoice", invoice));
        let body = Object::new()
            .with("CustomerRef", refer(&*customer))
            .with("TotalAmt", applied + over)
            .with("PaymentMethodRef", refer(1 + n % 5))
            .with("PaymentRefNum", (10_000 + n).to_string())
            .with("Line", vec![line.into()]);
        let payment = self.plant("Payment", body);
        if n % 40 == 19 && self.referred("Payment", payment, "CurrencyRef") == "USD" {
            let line = Object::new()
                .with("Amount", applied + over)
                .with("LinkedTxn", linked("Payment", payment))
                .with("DetailType", "DepositLineDetail")
                .with("DepositLineDetail", Object::new().with("AccountRef", refer(4)));
            self.plant(
                "Deposit",
                Object::new().with("DepositToAccountRef", refer(35)).with("Line", vec![line.into()]),
            );
        }
    }

    fn other_sales(&mut self, n: usize, customer: u64) {
        if n % 10 == 6 {
            let body = self.sale(n, customer).with("PaymentMethodRef", refer(1 + n % 5));
            self.plant("SalesReceipt", body);
        }
        if n % 20 == 11 {
            let body = self.sale(n, customer);
            self.plant("CreditMemo", body);
        }
        if n % 40 == 21 {
            let body = self.sale(n, customer).with("DepositToAccountRef", refer(35));
            self.plant("RefundReceipt", body);
        }
    }
}
