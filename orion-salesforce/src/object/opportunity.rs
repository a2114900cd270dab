//! Opportunity: a deal, with its products as lines. The nearest thing to an invoice that sales has.

use orion_core::{InvoiceKind, InvoiceStatus, LineKind, Ref, UnifiedInvoice, UnifiedLineItem};

use super::{Children, Field, SObject, copied, lookup, text};

pub(super) const OBJECT: SObject<UnifiedInvoice> =
    SObject::new("Opportunity", init, FIELDS).with_children(&Children {
        relationship: "OpportunityLineItems",
        object: "OpportunityLineItem",
        parent: "OpportunityId",
        fields: LINES,
        lines: |invoice| &invoice.lines,
        lines_mut: |invoice| &mut invoice.lines,
    });

fn init(invoice: &mut UnifiedInvoice) {
    invoice.kind = Some(InvoiceKind::Opportunity);
    invoice.status = Some(InvoiceStatus::Open);
}

const FIELDS: &[Field<UnifiedInvoice>] = &[
    text!("Name", title),
    lookup!("AccountId", customer),
    copied!(date "CloseDate", due_date),
    // Derived by Salesforce from the stage. A stage's own name stays with the extra fields, since each org has its own.
    Field::bool("IsClosed", |_| None, |i, closed| {
        if closed {
            i.status = Some(InvoiceStatus::Lost);
        }
    }),
    Field::bool("IsWon", |_| None, |i, won| {
        if won {
            i.status = Some(InvoiceStatus::Won);
        }
    }),
    // Derived by Salesforce when there are lines; settable when there are none.
    Field::money(
        "Amount",
        |i| i.total.filter(|_| i.lines.is_empty()),
        |i, total| i.total = Some(total),
    ),
    text!("Description", memo),
    lookup!("OwnerId", owner),
];

const LINES: &[Field<UnifiedLineItem>] = &[
    Field::text("Id", |_| None, |line, id| {
        line.kind = Some(LineKind::Item);
        line.id = Some(id.into());
    }),
    // The price book's entry is what a new line needs; the product follows from it.
    Field::text(
        "PricebookEntryId",
        |line| line.item.as_ref().filter(|_| line.id.is_none()).map(|item| item.id.as_str()),
        |line, id| line.item = Some(Ref::new(id).with_object("PricebookEntry")),
    ),
    Field::text("Name", |_| None, |line, name| {
        line.item = line.item.take().map(|item| item.with_name(name));
    }),
    Field::text("ProductCode", |_| None, |line, sku| line.sku = Some(sku)),
    text!("Description", description),
    copied!(decimal "Quantity", quantity),
    copied!(money "UnitPrice", unit_price),
    // Quantity times unit price: Salesforce takes one of the two.
    Field::money(
        "TotalPrice",
        |line| line.amount.filter(|_| line.unit_price.is_none()),
        |line, amount| line.amount = Some(amount),
    ),
    copied!(date "ServiceDate", service_date),
];
