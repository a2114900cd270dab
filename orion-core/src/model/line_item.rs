//! Lines of invoices and other documents.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Dimension, Discount, Model, Ref, open_enum::open_enum};
use crate::{Fields, Kind, Money, RecordId};

/// One line of an invoice, estimate or order; also a record of its own where a source lists lines as records
/// (Salesforce `OpportunityLineItem`), or a catalogue item (QuickBooks `Item`).
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct UnifiedLineItem {
    /// The line's id at the source (QuickBooks `Line.Id`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<RecordId>,
    /// The document it belongs to, where the line was read as a record of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<Ref>,
    /// The line it is a part of, in a bundle or group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_line: Option<RecordId>,
    /// Position in the document, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_number: Option<u32>,
    /// What the line stands for (QuickBooks `DetailType`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<LineKind>,
    /// The product or service sold (Salesforce `Product2Id`, QuickBooks `ItemRef`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<Ref>,
    /// The business's own code for it (Salesforce `ProductCode`, QuickBooks `Sku`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// What the customer reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How many units.
    #[serde(with = "crate::decimal::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Decimal>")]
    pub quantity: Option<Decimal>,
    /// What a unit is, for instance `hour` or `kg`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Price of one unit; may have more decimals than the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<Money>,
    /// What is taken off this line; already taken off in `amount`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discount: Option<Discount>,
    /// Tax on this line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax: Option<LineTax>,
    /// What the line adds to the subtotal, before tax unless the invoice's `tax_mode` is `inclusive`. Positive on
    /// a discount line too, where it is subtracted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// The amount with tax (QuickBooks `TaxInclusiveAmt`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_with_tax: Option<Money>,
    /// The ledger account it is booked to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Ref>,
    /// Classes, departments, projects it is counted under.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dimensions: Vec<Dimension>,
    /// When the service was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_date: Option<NaiveDate>,
    /// Whether the cost is passed on to a customer (on bills and expenses).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billable: Option<bool>,
    /// What the line has beside these, under the vendor's names: its custom fields.
    #[serde(skip_serializing_if = "Fields::is_empty")]
    pub extra: Fields,
}

impl Model for UnifiedLineItem {
    const KIND: Kind = Kind::new("line_item");
}

/// Tax on one line.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct LineTax {
    /// The source's tax code (QuickBooks `TaxCodeRef`, in the US `TAX` or `NON`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Ref>,
    /// Rate in percent: 19 for 19 %.
    #[serde(with = "crate::decimal::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Decimal>")]
    pub percent: Option<Decimal>,
    /// The tax itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
}

open_enum! {
    /// What a line stands for.
    LineKind {
        /// Goods.
        Item = "item",
        /// Work done.
        Service = "service",
        /// Something taken off the whole document.
        Discount = "discount",
        /// The sum of the lines above; adds nothing.
        Subtotal = "subtotal",
        /// Text only; adds nothing.
        Description = "description",
        /// Tax.
        Tax = "tax",
        /// Shipping and handling.
        Shipping = "shipping",
        /// A bundle whose parts are lines with this one as `parent_line`; its amount is their sum.
        Group = "group",
    }
}
