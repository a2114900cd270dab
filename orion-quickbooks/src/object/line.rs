//! Lines of documents: one table per kind of detail.

use std::sync::LazyLock;

use orion_core::{Discount, LineKind, LineTax, Ref, UnifiedLineItem};

use super::{Field, Names, copied, implied, lookup, text};

/// A kind of line: `DetailType`, and the object that holds its detail.
pub(super) struct Detail {
    pub(super) wire: &'static str,
    pub(super) kind: fn() -> LineKind,
    fields: &'static [Field<UnifiedLineItem>],
    pub(super) names: LazyLock<Names<UnifiedLineItem>>,
}

impl Detail {
    /// Every field of a line of this kind.
    pub(super) fn fields(&self) -> impl Iterator<Item = &'static Field<UnifiedLineItem>> {
        COMMON.iter().chain(self.fields)
    }
}

macro_rules! details {
    ($($name:ident: $wire:literal, $kind:expr, [$($field:expr),* $(,)?];)+) => {
        $(pub(super) static $name: Detail = Detail {
            wire: $wire,
            kind: || $kind,
            fields: &[$($field),*],
            names: LazyLock::new(|| Names::new($name.fields())),
        };)+

        static ALL: &[&Detail] = &[$(&$name),+];
    };
}

/// What every line has.
const COMMON: &[Field<UnifiedLineItem>] = &[
    Field::text("Id", |line| line.id.as_ref().map(|id| id.as_str()), |line, id| line.id = Some(id.into())),
    Field::decimal(
        "LineNum",
        |line| line.line_number.map(Into::into),
        |line, number| line.line_number = u32::try_from(number).ok(),
    ),
    text!("Description", description),
    copied!(money "Amount", amount),
];

/// The tax code of a line.
macro_rules! tax_code {
    ($path:literal) => {
        Field::reference(
            $path,
            |line| line.tax.as_ref()?.code.as_ref(),
            |line, code| line.tax.get_or_insert_with(LineTax::default).code = Some(code),
        )
    };
}

/// The class of a line.
macro_rules! class {
    ($path:literal) => {
        Field::reference(
            $path,
            |line| super::document::dimension(&line.dimensions, "class"),
            |line, class| super::document::add_dimension(&mut line.dimensions, "class", class),
        )
    };
}

/// What is taken off: `discount!(decimal "…DiscountPercent", percent)`.
macro_rules! discount {
    ($type:ident $path:literal, $part:ident) => {
        Field::$type(
            $path,
            |line| line.discount.as_ref()?.$part,
            |line, value| line.discount.get_or_insert_with(Discount::default).$part = Some(value),
        )
    };
}

/// Whether the cost is passed on.
macro_rules! billable {
    ($path:literal) => {
        Field::try_text(
            $path,
            |line| Some(if line.billable? { "Billable" } else { "NotBillable" }.into()),
            |line, text| {
                line.billable = match text {
                    "Billable" => Some(true),
                    "NotBillable" => Some(false),
                    // Passed on already.
                    _ => None,
                };
                line.billable.is_some()
            },
        )
    };
}

details! {
    SALES: "SalesItemLineDetail", LineKind::Item, [
        lookup!("SalesItemLineDetail.ItemRef", item),
        copied!(decimal "SalesItemLineDetail.Qty", quantity),
        copied!(money "SalesItemLineDetail.UnitPrice", unit_price),
        tax_code!("SalesItemLineDetail.TaxCodeRef"),
        class!("SalesItemLineDetail.ClassRef"),
        lookup!("SalesItemLineDetail.ItemAccountRef", account),
        copied!(date "SalesItemLineDetail.ServiceDate", service_date),
        copied!(money "SalesItemLineDetail.TaxInclusiveAmt", amount_with_tax),
        discount!(decimal "SalesItemLineDetail.DiscountRate", percent),
        discount!(money "SalesItemLineDetail.DiscountAmt", amount),
    ];
    DISCOUNT: "DiscountLineDetail", LineKind::Discount, [
        discount!(decimal "DiscountLineDetail.DiscountPercent", percent),
        implied(Field::bool(
            "DiscountLineDetail.PercentBased",
            |line| Some(line.discount.as_ref().is_some_and(|discount| discount.percent.is_some())),
            |_, _| (),
        )),
        lookup!("DiscountLineDetail.DiscountAccountRef", account),
        tax_code!("DiscountLineDetail.TaxCodeRef"),
        class!("DiscountLineDetail.ClassRef"),
    ];
    GROUP: "GroupLineDetail", LineKind::Group, [
        lookup!("GroupLineDetail.GroupItemRef", item),
        copied!(decimal "GroupLineDetail.Quantity", quantity),
    ];
    DESCRIPTION: "DescriptionOnly", LineKind::Description, [
        copied!(date "DescriptionLineDetail.ServiceDate", service_date),
        tax_code!("DescriptionLineDetail.TaxCodeRef"),
    ];
    SUBTOTAL: "SubTotalLineDetail", LineKind::Subtotal, [lookup!("SubTotalLineDetail.ItemRef", item)];
    COST: "AccountBasedExpenseLineDetail", LineKind::from("AccountBasedExpenseLineDetail"), [
        lookup!("AccountBasedExpenseLineDetail.AccountRef", account),
        tax_code!("AccountBasedExpenseLineDetail.TaxCodeRef"),
        class!("AccountBasedExpenseLineDetail.ClassRef"),
        billable!("AccountBasedExpenseLineDetail.BillableStatus"),
    ];
    PURCHASE: "ItemBasedExpenseLineDetail", LineKind::from("ItemBasedExpenseLineDetail"), [
        lookup!("ItemBasedExpenseLineDetail.ItemRef", item),
        copied!(decimal "ItemBasedExpenseLineDetail.Qty", quantity),
        copied!(money "ItemBasedExpenseLineDetail.UnitPrice", unit_price),
        tax_code!("ItemBasedExpenseLineDetail.TaxCodeRef"),
        class!("ItemBasedExpenseLineDetail.ClassRef"),
        billable!("ItemBasedExpenseLineDetail.BillableStatus"),
    ];
    OTHER: "", LineKind::from(""), [];
}

/// What QuickBooks calls the item of a line for shipping (seen in threads; unverified).
const SHIPPING: &str = "SHIPPING_ITEM_ID";

/// The table of a line as it was read.
pub(super) fn by_wire(wire: &str) -> &'static Detail {
    ALL.iter().find(|detail| detail.wire == wire).unwrap_or(&&OTHER)
}

/// The table to write a line by. A line of no kind is one of an item in a sale, and in a purchase one of an item or of an account.
pub(super) fn by_kind(line: &UnifiedLineItem, object: &str) -> &'static Detail {
    let purchase = matches!(object, "Bill" | "VendorCredit" | "Purchase" | "PurchaseOrder");
    match &line.kind {
        Some(LineKind::Discount) => &DISCOUNT,
        Some(LineKind::Group) => &GROUP,
        Some(LineKind::Description) => &DESCRIPTION,
        Some(LineKind::Subtotal) => &SUBTOTAL,
        Some(LineKind::Other(wire)) => by_wire(wire),
        _ if !purchase => &SALES,
        _ if line.item.is_some() => &PURCHASE,
        _ => &COST,
    }
}

/// Says what a line that was read is.
pub(super) fn name_kind(line: &mut UnifiedLineItem, detail: &Detail, wire: Option<&str>) {
    let shipping = |item: &Ref| item.id.as_str() == SHIPPING;
    line.kind = match wire {
        _ if line.item.as_ref().is_some_and(shipping) => Some(LineKind::Shipping),
        Some(wire) if detail.wire.is_empty() => Some(LineKind::from(wire)),
        _ => Some((detail.kind)()),
    };
}
