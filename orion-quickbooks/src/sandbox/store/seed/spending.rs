//! What the company spends, and what it moves between its own accounts.

use rust_decimal::Decimal;

use super::super::json::{Json, Object};
use super::{Planter, linked, refer};

/// Accounts that purchases go to.
const SPENT_ON: [u64; 8] = [7, 9, 10, 13, 15, 24, 28, 56];

impl Planter<'_> {
    pub(super) fn spend(&mut self, n: usize) {
        let vendors = std::mem::take(&mut self.vendors);
        let vendor = self.one_of(&vendors);
        self.vendors = vendors;
        match n % 20 {
            1 | 5 | 9 | 13 => self.bill(n, vendor),
            2 | 12 => self.purchase(n, vendor),
            4 => self.order(vendor),
            7 => self.journal_entry(n),
            8 => self.time_activity(n),
            14 => self.transfer(n),
            17 => self.vendor_credit(vendor),
            18 => self.deposit(n),
            _ => {}
        }
    }

    fn amount(&mut self) -> Decimal {
        Decimal::new(i64::try_from(1_000 + self.random.below(90_000)).unwrap_or(1_000), 2)
    }

    fn expense_line(&mut self) -> Json {
        let account = self.one_of(&SPENT_ON);
        let detail = Object::new().with("AccountRef", refer(account)).with("BillableStatus", "NotBillable");
        let line =
            Object::new().with("Amount", self.amount()).with("DetailType", "AccountBasedExpenseLineDetail");
        line.with("AccountBasedExpenseLineDetail", detail).into()
    }

    fn stock_line(&mut self) -> Json {
        let quantity = i64::try_from(1 + self.random.below(12)).unwrap_or(1);
        let detail = Object::new().with("ItemRef", refer(11)).with("UnitPrice", 10_i64).with("Qty", quantity);
        let line =
            Object::new().with("Amount", 10 * quantity).with("DetailType", "ItemBasedExpenseLineDetail");
        line.with("ItemBasedExpenseLineDetail", detail).into()
    }

    fn bill(&mut self, n: usize, vendor: u64) {
        let lines = vec![self.expense_line(), self.stock_line()];
        let body = Object::new().with("VendorRef", refer(vendor)).with("Line", lines);
        let bill = self.plant("Bill", body.with("SalesTermRef", refer(1 + n % 4)));
        if n % 20 == 1 || n % 20 == 9 {
            let total = self.number("Bill", bill, "TotalAmt");
            let line = Object::new().with("Amount", total).with("LinkedTxn", linked("Bill", bill));
            let check = Object::new().with("BankAccountRef", refer(35)).with("PrintStatus", "NotSet");
            let body = Object::new()
                .with("VendorRef", refer(vendor))
                .with("PayType", "Check")
                .with("TotalAmt", total);
            self.plant("BillPayment", body.with("CheckPayment", check).with("Line", vec![line.into()]));
        }
    }

    fn purchase(&mut self, n: usize, vendor: u64) {
        let (account, kind) = if n % 20 == 2 { (41, "CreditCard") } else { (35, "Check") };
        let entity = Object::new().with("value", vendor.to_string()).with("type", "Vendor");
        let lines = vec![self.expense_line()];
        let body = Object::new()
            .with("AccountRef", refer(account))
            .with("PaymentType", kind)
            .with("EntityRef", entity);
        self.plant("Purchase", body.with("Line", lines));
    }

    fn order(&mut self, vendor: u64) {
        let lines = vec![self.stock_line()];
        let body = Object::new().with("VendorRef", refer(vendor)).with("APAccountRef", refer(33));
        self.plant("PurchaseOrder", body.with("Line", lines));
    }

    fn vendor_credit(&mut self, vendor: u64) {
        let lines = vec![self.expense_line()];
        self.plant("VendorCredit", Object::new().with("VendorRef", refer(vendor)).with("Line", lines));
    }

    fn journal_entry(&mut self, n: usize) {
        let amount = self.amount();
        let line = |side: &str, account: u64| {
            let detail = Object::new().with("PostingType", side).with("AccountRef", refer(account));
            let line = Object::new().with("Amount", amount).with("DetailType", "JournalEntryLineDetail");
            Json::Object(
                line.with("Description", "Monthly adjustment").with("JournalEntryLineDetail", detail),
            )
        };
        let lines = vec![line("Debit", 44), line("Credit", 11)];
        let number = format!("JE-{}", n / 20 + 1);
        self.plant("JournalEntry", Object::new().with("DocNumber", number).with("Line", lines));
    }

    fn time_activity(&mut self, n: usize) {
        let employee = self.employees.get(n / 20 % 4).copied().unwrap_or_default();
        let customer = self.customers.first().copied().unwrap_or(1);
        let body = Object::new()
            .with("NameOf", "Employee")
            .with("EmployeeRef", refer(employee))
            .with("CustomerRef", refer(customer))
            .with("ItemRef", refer(2))
            .with("BillableStatus", "Billable")
            .with("HourlyRate", 40_i64)
            .with("Hours", 1 + i64::try_from(n % 8).unwrap_or_default())
            .with("Minutes", 30_i64)
            .with("Description", "On site");
        self.plant("TimeActivity", body);
    }

    fn transfer(&mut self, n: usize) {
        let amount = self.amount();
        let body = Object::new().with("Amount", amount);
        if n % 40 == 14 {
            self.plant("Transfer", body.with("FromAccountRef", refer(35)).with("ToAccountRef", refer(36)));
        } else {
            let body = body.with("BankAccountRef", refer(35)).with("CreditCardAccountRef", refer(41));
            self.plant("CreditCardPayment", body);
        }
    }

    fn deposit(&mut self, n: usize) {
        let detail = Object::new().with("AccountRef", refer(83)).with("PaymentMethodRef", refer(1 + n % 2));
        let line = Object::new().with("Amount", self.amount()).with("DetailType", "DepositLineDetail");
        let body = Object::new().with("DepositToAccountRef", refer(35));
        self.plant("Deposit", body.with("Line", vec![line.with("DepositLineDetail", detail).into()]));
    }
}
