//! Invoices and the documents shaped like them.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Allocation, Dimension, Direction, Discount, InvoiceKind, InvoiceStatus, Model, PaymentTerms, Ref,
    TaxLine, TaxMode, UnifiedAddress, UnifiedLineItem,
};
use crate::{Currency, Kind, Money};

/// An invoice, bill, credit note, estimate, order or opportunity: a document with lines and a total.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct UnifiedInvoice {
    /// What the document is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<InvoiceKind>,
    /// Who pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<InvoiceStatus>,
    /// The number people quote (QuickBooks `DocNumber`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// A title (Salesforce Opportunity `Name`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The customer's order number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub po_number: Option<String>,
    /// Any other reference printed on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The customer, or the supplier when the direction is `payable` (QuickBooks `CustomerRef`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<Ref>,
    /// Where it was or will be sent (QuickBooks `BillEmail.Address`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_email: Option<String>,
    /// The user who looks after it (Salesforce `OwnerId`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<Ref>,
    /// The day it was issued (QuickBooks `TxnDate`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_date: Option<NaiveDate>,
    /// The day it is to be paid, or a sale is expected to close (QuickBooks `DueDate`, Salesforce `CloseDate`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_date: Option<NaiveDate>,
    /// The day the last of it was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_date: Option<NaiveDate>,
    /// When it was sent to the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<DateTime<Utc>>,
    /// The currency of its amounts, ISO 4217.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// The currency of the books, where it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home_currency: Option<Currency>,
    /// Units of the home currency for one of `currency` (QuickBooks `ExchangeRate`).
    #[serde(with = "crate::decimal::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Decimal>")]
    pub exchange_rate: Option<Decimal>,
    /// Whether line amounts contain tax (QuickBooks `GlobalTaxCalculation`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_mode: Option<TaxMode>,
    /// Sum of the lines, before discount, tax and shipping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtotal: Option<Money>,
    /// Taken off the whole document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount: Option<Discount>,
    /// Shipping and handling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping: Option<Money>,
    /// All tax (QuickBooks `TxnTaxDetail.TotalTax`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_tax: Option<Money>,
    /// Tax by rate.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tax_lines: Vec<TaxLine>,
    /// What is to be paid in all (QuickBooks `TotalAmt`, Salesforce `Amount`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<Money>,
    /// What is still to be paid (QuickBooks `Balance`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<Money>,
    /// What was paid beforehand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deposit: Option<Money>,
    /// The lines, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<UnifiedLineItem>,
    /// Payments and credits applied to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allocations: Vec<Allocation>,
    /// Where the invoice goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_address: Option<Box<UnifiedAddress>>,
    /// Where the goods go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping_address: Option<Box<UnifiedAddress>>,
    /// When it falls due, as terms (QuickBooks `SalesTermRef`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_terms: Option<Box<PaymentTerms>>,
    /// Note for the business itself (QuickBooks `PrivateNote`, Salesforce `Description`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memo: Option<String>,
    /// Note for the customer (QuickBooks `CustomerMemo`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_memo: Option<String>,
    /// Classes, departments, projects it is counted under.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dimensions: Vec<Dimension>,
}

impl Model for UnifiedInvoice {
    const KIND: Kind = Kind::new("invoice");
}
