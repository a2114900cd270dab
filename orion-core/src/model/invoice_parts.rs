//! What invoices and their lines are made of.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Ref, open_enum::open_enum};
use crate::Money;

/// Something taken off a price: a percentage, an amount, or both where the source gives both.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct Discount {
    /// In percent of the subtotal: 10 for 10 % (QuickBooks `DiscountPercent`).
    #[serde(with = "crate::decimal::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Decimal>")]
    pub percent: Option<Decimal>,
    /// What is taken off, as a positive amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
}

/// The tax of one rate over a whole document.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct TaxLine {
    /// The source's tax rate (QuickBooks `TaxRateRef`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Ref>,
    /// In percent: 8.25 for 8.25 %.
    #[serde(with = "crate::decimal::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Decimal>")]
    pub percent: Option<Decimal>,
    /// What the rate applies to (QuickBooks `NetAmountTaxable`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taxable: Option<Money>,
    /// The tax itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
}

/// The part of a payment or credit that settles one document: on an invoice it names the payment, on a payment
/// the invoice.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct Allocation {
    /// The document on the other side (QuickBooks `LinkedTxn.TxnId`).
    pub document: Ref,
    /// What that document is (QuickBooks `LinkedTxn.TxnType`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<AllocationKind>,
    /// How much was applied; none where the source links the two without an amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The day it was applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<NaiveDate>,
}

/// Something that amounts are counted under: a class, department, location or project.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct Dimension {
    /// What it is, for instance `class` (QuickBooks `ClassRef`), `department`, `project`.
    pub kind: String,
    /// Which one.
    pub value: Ref,
}

open_enum! {
    /// What a document is.
    InvoiceKind {
        /// Asks for payment. With the direction `payable`, a bill.
        Invoice = "invoice",
        /// Takes an invoice back, in whole or in part.
        CreditNote = "credit_note",
        /// An offer (estimate, quote).
        Estimate = "estimate",
        /// Sold and paid at once.
        SalesReceipt = "sales_receipt",
        /// An accepted order not yet invoiced.
        Order = "order",
        /// A sale still to be won (Salesforce Opportunity).
        Opportunity = "opportunity",
    }
}

open_enum! {
    /// Who pays.
    Direction {
        /// The customer pays the business.
        Receivable = "receivable",
        /// The business pays a supplier.
        Payable = "payable",
    }
}

open_enum! {
    /// Where a document stands. Overdue is none of these: it follows from the due date, the balance and today.
    InvoiceStatus {
        /// Not final.
        Draft = "draft",
        /// Waits for approval.
        Submitted = "submitted",
        /// Final and not paid.
        Open = "open",
        /// Paid in part.
        PartiallyPaid = "partially_paid",
        /// Paid.
        Paid = "paid",
        /// Cancelled; counts as nothing.
        Void = "void",
        /// Will not be paid any more.
        Uncollectible = "uncollectible",
        /// A sale or offer that was won or accepted.
        Won = "won",
        /// A sale or offer that was lost or refused.
        Lost = "lost",
    }
}

open_enum! {
    /// How line amounts and tax relate.
    TaxMode {
        /// Amounts are without tax; tax is added (QuickBooks `TaxExcluded`).
        Exclusive = "exclusive",
        /// Amounts contain the tax (QuickBooks `TaxInclusive`).
        Inclusive = "inclusive",
        /// No tax applies (QuickBooks `NotApplicable`).
        Untaxed = "untaxed",
    }
}

open_enum! {
    /// What settles a document, or is settled.
    AllocationKind {
        /// A payment.
        Payment = "payment",
        /// A credit note.
        CreditNote = "credit_note",
        /// An invoice or bill.
        Invoice = "invoice",
        /// A refund.
        Refund = "refund",
        /// A deposit paid beforehand.
        Deposit = "deposit",
    }
}
