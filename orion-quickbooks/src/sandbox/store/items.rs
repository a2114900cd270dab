//! What an item and an account are given when they do not say.

use rust_decimal::Decimal;

use super::Fault;
use super::json::Object;

pub(super) fn defaults(object: &mut Object) {
    object.set_default("Type", "Service");
    object.set_default("Taxable", false);
    object.set_default("UnitPrice", Decimal::ZERO);
    object.set_default("PurchaseCost", Decimal::ZERO);
    let inventory = object.text("Type") == Some("Inventory");
    object.set_default("TrackQtyOnHand", inventory);
}

/// What an item of its type must have (Intuit docs, Item).
pub(super) fn check(object: &Object) -> Result<(), Fault> {
    let needed: &[&str] = match object.text("Type") {
        Some("Inventory") => {
            &["IncomeAccountRef", "ExpenseAccountRef", "AssetAccountRef", "QtyOnHand", "InvStartDate"]
        }
        _ => &[],
    };
    match needed.iter().find(|name| !object.has(name)) {
        Some(name) => Err(Fault::required(name)),
        None => Ok(()),
    }
}

pub(super) fn account_defaults(object: &mut Object) {
    object.set_default("CurrentBalance", Decimal::ZERO);
    object.set_default("CurrentBalanceWithSubAccounts", Decimal::ZERO);
    if let Some((_, kind, sub)) = TYPES.iter().find(|(_, _, sub)| object.text("AccountSubType") == Some(*sub))
    {
        object.set_default("AccountType", *kind);
        object.set_default("AccountSubType", *sub);
    }
    if let Some((class, _, sub)) = TYPES.iter().find(|(_, kind, _)| object.text("AccountType") == Some(*kind))
    {
        object.set("Classification", *class);
        object.set_default("AccountSubType", *sub);
    }
}

/// An account says of what type it is, or of what sub-type (Intuit docs, Account).
pub(super) fn check_account(object: &Object) -> Result<(), Fault> {
    if object.has("AccountType") { Ok(()) } else { Err(Fault::required("AccountType")) }
}

/// Classification, account type and the sub-type it is given when none is named.
const TYPES: [(&str, &str, &str); 15] = [
    ("Asset", "Bank", "Checking"),
    ("Asset", "Accounts Receivable", "AccountsReceivable"),
    ("Asset", "Other Current Asset", "OtherCurrentAssets"),
    ("Asset", "Fixed Asset", "OtherFixedAssets"),
    ("Asset", "Other Asset", "OtherLongTermAssets"),
    ("Liability", "Accounts Payable", "AccountsPayable"),
    ("Liability", "Credit Card", "CreditCard"),
    ("Liability", "Other Current Liability", "OtherCurrentLiabilities"),
    ("Liability", "Long Term Liability", "OtherLongTermLiabilities"),
    ("Equity", "Equity", "OpeningBalanceEquity"),
    ("Revenue", "Income", "ServiceFeeIncome"),
    ("Revenue", "Other Income", "OtherMiscellaneousIncome"),
    ("Expense", "Cost of Goods Sold", "SuppliesMaterialsCogs"),
    ("Expense", "Expense", "OtherMiscellaneousServiceCost"),
    ("Expense", "Other Expense", "OtherMiscellaneousExpense"),
];
