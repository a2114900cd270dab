//! Invoice: asks a customer for payment.

use orion_core::{InvoiceKind, UnifiedInvoice};

use super::{
    Entity, Family, Field, copied,
    document::{BILL_ADDR, DOCUMENT, DUE, SALE, SHIP_ADDR, finish, receivable},
};

pub(super) const OBJECT: Entity<UnifiedInvoice> = Entity::new(
    "Invoice",
    Family::Transaction,
    |invoice| receivable(invoice, InvoiceKind::Invoice),
    &[DOCUMENT, SALE, DUE, BILL_ADDR, SHIP_ADDR, FIELDS],
)
.finishing(finish)
.with_key("DocNumber");

const FIELDS: &[Field<UnifiedInvoice>] = &[copied!(money "Deposit", deposit)];
