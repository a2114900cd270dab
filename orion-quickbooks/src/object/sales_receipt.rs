//! SalesReceipt: sold and paid at once.

use orion_core::{InvoiceKind, UnifiedInvoice};

use super::{
    Entity, Family,
    document::{BILL_ADDR, DOCUMENT, SALE, SHIP_ADDR, finish, receivable},
};

pub(super) const OBJECT: Entity<UnifiedInvoice> = Entity::new(
    "SalesReceipt",
    Family::Transaction,
    |receipt| receivable(receipt, InvoiceKind::SalesReceipt),
    &[DOCUMENT, SALE, BILL_ADDR, SHIP_ADDR],
)
.finishing(finish);
