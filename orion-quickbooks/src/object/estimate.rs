//! Estimate: an offer.

use orion_core::{InvoiceKind, InvoiceStatus, Record, UnifiedInvoice};

use super::{
    Entity, Family,
    document::{self, BILL_ADDR, DOCUMENT, DUE, SALE, SHIP_ADDR, receivable},
};

pub(super) const OBJECT: Entity<UnifiedInvoice> = Entity::new(
    "Estimate",
    Family::Transaction,
    |estimate| receivable(estimate, InvoiceKind::Estimate),
    &[DOCUMENT, SALE, DUE, BILL_ADDR, SHIP_ADDR],
)
.finishing(finish);

/// An offer's own status stays with the extra fields.
fn finish(record: &mut Record<UnifiedInvoice>) {
    document::finish(record);
    record.model.status = match record.extra.text("TxnStatus") {
        Some("Accepted") => Some(InvoiceStatus::Won),
        Some("Rejected") => Some(InvoiceStatus::Lost),
        _ => Some(InvoiceStatus::Open),
    };
}
