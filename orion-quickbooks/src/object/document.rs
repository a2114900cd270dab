//! What documents have in common: invoices, estimates, receipts, credit memos, bills.

mod lines;

use orion_core::{
    Dimension, Direction, Discount, InvoiceKind, InvoiceStatus, LineKind, Money, Record, Ref, TaxMode,
    UnifiedAddress, UnifiedInvoice, UnifiedLineItem,
};

use super::{
    Field, copied, derived,
    list::{self, LINK_NAMES, LINKS, TAX_NAMES, TAXES},
    lookup,
    parts::{self, address},
    text,
};

/// What every document has.
pub(super) const DOCUMENT: &[Field<UnifiedInvoice>] = &[
    text!("DocNumber", number),
    copied!(date "TxnDate", issue_date),
    text!("PrivateNote", memo),
    Field::try_text(
        "CurrencyRef.value",
        |i| i.currency.as_ref().map(|code| code.as_str().into()),
        |i, code| parts::read_currency(code, &mut i.currency),
    ),
    copied!(decimal "ExchangeRate", exchange_rate),
    Field::try_text("GlobalTaxCalculation", |i| tax_mode(i).map(Into::into), set_tax_mode),
    copied!(money "TxnTaxDetail.TotalTax", total_tax),
    Field::list(
        "TxnTaxDetail.TaxLine",
        |i, items, scope| list::read(&TAX_NAMES, items, &mut i.tax_lines, scope),
        |i, left, scope| list::write(TAXES, &i.tax_lines, left, scope),
    ),
    derived(copied!(money "TotalAmt", total)),
    derived(copied!(money "Balance", balance)),
    Field::list("Line", lines::read, lines::write),
    derived(Field::list(
        "LinkedTxn",
        |i, items, scope| list::read(&LINK_NAMES, items, &mut i.allocations, scope),
        |i, left, scope| list::write(LINKS, &i.allocations, left, scope),
    )),
    Field::reference(
        "DepartmentRef",
        |i| dimension(&i.dimensions, "department"),
        |i, to| add_dimension(&mut i.dimensions, "department", to),
    ),
    Field::reference(
        "ClassRef",
        |i| dimension(&i.dimensions, "class"),
        |i, to| add_dimension(&mut i.dimensions, "class", to),
    ),
];

/// What every document of a sale has.
pub(super) const SALE: &[Field<UnifiedInvoice>] = &[
    lookup!("CustomerRef", customer),
    text!("BillEmail.Address", customer_email),
    text!("CustomerMemo.value", customer_memo),
];

/// The day a document falls due, and the terms that day follows from.
pub(super) const DUE: &[Field<UnifiedInvoice>] =
    &[copied!(date "DueDate", due_date), Field::text("SalesTermRef.value", terms, set_terms)];

pub(super) const BILL_ADDR: &[Field<UnifiedInvoice>] = address!("BillAddr", billing, billing_mut);
pub(super) const SHIP_ADDR: &[Field<UnifiedInvoice>] = address!("ShipAddr", shipping, shipping_mut);

fn billing(invoice: &UnifiedInvoice) -> Option<&UnifiedAddress> {
    invoice.billing_address.as_deref()
}

fn billing_mut(invoice: &mut UnifiedInvoice) -> &mut UnifiedAddress {
    invoice.billing_address.get_or_insert_default()
}

fn shipping(invoice: &UnifiedInvoice) -> Option<&UnifiedAddress> {
    invoice.shipping_address.as_deref()
}

fn shipping_mut(invoice: &mut UnifiedInvoice) -> &mut UnifiedAddress {
    invoice.shipping_address.get_or_insert_default()
}

pub(super) fn terms(invoice: &UnifiedInvoice) -> Option<&str> {
    Some(invoice.payment_terms.as_ref()?.id.as_ref()?.as_str())
}

pub(super) fn set_terms(invoice: &mut UnifiedInvoice, id: String) {
    invoice.payment_terms.get_or_insert_default().id = Some(id.into());
}

fn tax_mode(invoice: &UnifiedInvoice) -> Option<&str> {
    match invoice.tax_mode.as_ref()? {
        TaxMode::Exclusive => Some("TaxExcluded"),
        TaxMode::Inclusive => Some("TaxInclusive"),
        TaxMode::Untaxed => Some("NotApplicable"),
        _ => None,
    }
}

fn set_tax_mode(invoice: &mut UnifiedInvoice, text: &str) -> bool {
    invoice.tax_mode = match text {
        "TaxExcluded" => Some(TaxMode::Exclusive),
        "TaxInclusive" => Some(TaxMode::Inclusive),
        "NotApplicable" => Some(TaxMode::Untaxed),
        _ => None,
    };
    invoice.tax_mode.is_some()
}

pub(super) fn dimension<'a>(all: &'a [Dimension], kind: &str) -> Option<&'a Ref> {
    all.iter().find(|dimension| dimension.kind == kind).map(|dimension| &dimension.value)
}

pub(super) fn add_dimension(all: &mut Vec<Dimension>, kind: &str, value: Ref) {
    let mut dimension = Dimension::default();
    (dimension.kind, dimension.value) = (kind.to_owned(), value);
    all.push(dimension);
}

pub(super) fn receivable(invoice: &mut UnifiedInvoice, kind: InvoiceKind) {
    (invoice.kind, invoice.direction) = (Some(kind), Some(Direction::Receivable));
}

/// Sets what follows from the lines and amounts.
pub(super) fn finish(record: &mut Record<UnifiedInvoice>) {
    let invoice = &mut record.model;
    invoice.discount = discount(&invoice.lines);
    invoice.shipping = sum(&invoice.lines, &LineKind::Shipping);
    invoice.status = Some(status(invoice));
}

fn sum(lines: &[UnifiedLineItem], kind: &LineKind) -> Option<Money> {
    let amounts = lines.iter().filter(|line| line.kind.as_ref() == Some(kind)).filter_map(|line| line.amount);
    amounts.map(Some).reduce(|sum, amount| sum?.checked_add(amount?).ok()).flatten()
}

fn discount(lines: &[UnifiedLineItem]) -> Option<Discount> {
    let mut discounts = lines.iter().filter(|line| line.kind == Some(LineKind::Discount));
    let mut discount = discounts.next()?.discount.clone().unwrap_or_default();
    if discounts.next().is_some() {
        discount.percent = None;
    }
    discount.amount = sum(lines, &LineKind::Discount);
    Some(discount)
}

/// Where a document stands: QuickBooks has no such field. A voided one is all zeros with a note that says so (recorded); one of zeros that
/// was never voided counts as open.
fn status(invoice: &UnifiedInvoice) -> InvoiceStatus {
    let zero = |money: Option<Money>| money.is_none_or(|money| money.amount.is_zero());
    let voided = invoice.memo.as_deref().is_some_and(|memo| memo.starts_with("Voided"));
    match (zero(invoice.total), zero(invoice.balance)) {
        (true, true) if voided && invoice.lines.iter().all(|line| zero(line.amount)) => InvoiceStatus::Void,
        (false, true) => InvoiceStatus::Paid,
        (false, false) if invoice.balance < invoice.total => InvoiceStatus::PartiallyPaid,
        _ => InvoiceStatus::Open,
    }
}
