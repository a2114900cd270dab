//! What a transaction moves between accounts, in the home currency: debits are positive.

use rust_decimal::Decimal;

use super::Company;
use super::entity::Entity;
use super::json::{Json, Object};
use super::table::Key;
use super::{entity, money};

/// An account and the amount it is debited.
pub(super) type Posting = (u64, Decimal);

/// Accounts of the chart every company starts with.
const UNDEPOSITED: u64 = 4;
const PAYABLE: u64 = 33;
const COST_OF_GOODS: u64 = 80;
const RECEIVABLE: u64 = 84;
const DISCOUNTS: u64 = 86;
const TAX_PAYABLE: u64 = 89;

impl Company {
    /// The postings of a row. They add up to zero.
    pub(super) fn postings(&self, entity: &Entity, object: &Object) -> Vec<Posting> {
        let total = object.number("TotalAmt");
        let account = |path: &str, or: u64| account(object, path, or);
        let (own, sign) = match entity.name {
            "Invoice" => (account("ARAccountRef", RECEIVABLE), Decimal::ONE),
            "SalesReceipt" => (account("DepositToAccountRef", UNDEPOSITED), Decimal::ONE),
            "CreditMemo" => (account("ARAccountRef", RECEIVABLE), -Decimal::ONE),
            "RefundReceipt" => (account("DepositToAccountRef", UNDEPOSITED), -Decimal::ONE),
            "Bill" => (account("APAccountRef", PAYABLE), -Decimal::ONE),
            "VendorCredit" => (account("APAccountRef", PAYABLE), Decimal::ONE),
            "Purchase" if object.flag("Credit") => (account("AccountRef", UNDEPOSITED), Decimal::ONE),
            "Purchase" => (account("AccountRef", UNDEPOSITED), -Decimal::ONE),
            "Deposit" => (account("DepositToAccountRef", UNDEPOSITED), Decimal::ONE),
            _ => return home(object, move_between(entity, object, total)),
        };
        let mut postings = vec![(own, total * sign)];
        let mut rest = total;
        for line in object.list("Line").iter().filter_map(Json::as_object) {
            for (account, amount) in self.line_postings(line) {
                postings.push((account, -amount * sign));
                rest -= amount;
            }
        }
        // What no line explains is tax.
        postings.push((TAX_PAYABLE, -rest * sign));
        home(object, postings)
    }

    /// What a line adds to its transaction, and from which account.
    fn line_postings(&self, line: &Object) -> Vec<Posting> {
        let amount = line.number("Amount");
        let Some(kind) = line.text("DetailType") else { return Vec::new() };
        let Some(detail) = line.object(kind) else { return Vec::new() };
        match kind {
            "GroupLineDetail" => detail
                .list("Line")
                .iter()
                .filter_map(Json::as_object)
                .flat_map(|line| self.line_postings(line))
                .collect(),
            "SalesItemLineDetail" => vec![(self.item_account(detail, "IncomeAccountRef", 1), amount)],
            "DiscountLineDetail" => vec![(account(detail, "DiscountAccountRef", DISCOUNTS), -amount)],
            "ItemBasedExpenseLineDetail" => {
                vec![(self.item_account(detail, "AssetAccountRef", COST_OF_GOODS), amount)]
            }
            "AccountBasedExpenseLineDetail" | "DepositLineDetail" => {
                vec![(account(detail, "AccountRef", UNDEPOSITED), amount)]
            }
            _ => Vec::new(),
        }
    }

    fn item_account(&self, detail: &Object, path: &str, or: u64) -> u64 {
        let item = detail.reference("ItemRef").and_then(|id| id.parse().ok());
        let key = entity("Item").zip(item).and_then(|(item, id)| self.table(item).key(id, path));
        match key {
            Some(Key::Text(text)) => text.parse().unwrap_or(or),
            _ => or,
        }
    }
}

/// Transactions that have two sides and no lines between them, and journal entries, which are nothing but sides.
fn move_between(entity: &Entity, object: &Object, total: Decimal) -> Vec<Posting> {
    let from_to = |from: u64, to: u64, amount: Decimal| vec![(to, amount), (from, -amount)];
    match entity.name {
        "Payment" => from_to(
            account(object, "ARAccountRef", RECEIVABLE),
            account(object, "DepositToAccountRef", UNDEPOSITED),
            total,
        ),
        "BillPayment" => {
            let paid = ["CheckPayment", "CreditCardPayment"].iter().find_map(|part| object.object(part));
            let from = paid.map_or(UNDEPOSITED, |part| {
                account(part, "BankAccountRef", account(part, "CCAccountRef", UNDEPOSITED))
            });
            from_to(from, account(object, "APAccountRef", PAYABLE), total)
        }
        "Transfer" => from_to(
            account(object, "FromAccountRef", 0),
            account(object, "ToAccountRef", 0),
            object.number("Amount"),
        ),
        "CreditCardPayment" => from_to(
            account(object, "BankAccountRef", 0),
            account(object, "CreditCardAccountRef", 0),
            object.number("Amount"),
        ),
        "JournalEntry" => {
            let lines = object.list("Line").iter().filter_map(Json::as_object);
            let side = |line: &Object| {
                let detail = line.object("JournalEntryLineDetail")?;
                let amount = line.number("Amount");
                let debit = detail.text("PostingType") == Some("Debit");
                Some((account(detail, "AccountRef", 0), if debit { amount } else { -amount }))
            };
            lines.filter_map(side).collect()
        }
        _ => Vec::new(),
    }
}

fn account(object: &Object, path: &str, or: u64) -> u64 {
    object.reference(path).and_then(|id| id.parse().ok()).unwrap_or(or)
}

/// Postings at the transaction's rate; the first takes what rounding leaves.
fn home(object: &Object, mut postings: Vec<Posting>) -> Vec<Posting> {
    if let Some(rate) = object.get("ExchangeRate").and_then(Json::as_number) {
        for posting in &mut postings {
            posting.1 = money::round(posting.1 * rate, 2);
        }
        let left: Decimal = postings.iter().map(|(_, amount)| amount).sum();
        if let Some(first) = postings.first_mut() {
            first.1 -= left;
        }
    }
    postings.retain(|(_, amount)| !amount.is_zero());
    postings
}
