//! CreditMemo: takes an invoice back, in whole or in part. Its balance is what was not used yet.

use orion_core::{InvoiceKind, UnifiedInvoice};

use super::{
    Entity, Family,
    document::{BILL_ADDR, DOCUMENT, SALE, SHIP_ADDR, finish, receivable},
};

pub(super) const OBJECT: Entity<UnifiedInvoice> = Entity::new(
    "CreditMemo",
    Family::Transaction,
    |memo| receivable(memo, InvoiceKind::CreditNote),
    &[DOCUMENT, SALE, BILL_ADDR, SHIP_ADDR],
)
.finishing(finish);
