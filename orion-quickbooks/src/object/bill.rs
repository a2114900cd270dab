//! Bill: what a vendor asks to be paid.

use orion_core::{Direction, InvoiceKind, UnifiedInvoice};

use super::{
    Entity, Family, Field, copied,
    document::{DOCUMENT, finish, set_terms, terms},
    lookup,
};

pub(super) const OBJECT: Entity<UnifiedInvoice> = Entity::new(
    "Bill",
    Family::Transaction,
    |bill| (bill.kind, bill.direction) = (Some(InvoiceKind::Invoice), Some(Direction::Payable)),
    &[DOCUMENT, FIELDS],
)
.finishing(finish);

const FIELDS: &[Field<UnifiedInvoice>] = &[
    lookup!("VendorRef", customer),
    copied!(date "DueDate", due_date),
    Field::text("SalesTermRef.value", terms, set_terms),
];
