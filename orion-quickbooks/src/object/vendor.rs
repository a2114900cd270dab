//! Vendor: who is bought from.

use orion_core::{CustomerRole, TaxId, UnifiedCustomer};

use super::{
    Entity, Family, Field,
    customer::{BILL_ADDR, PARTY, set_terms, terms},
};

pub(super) const OBJECT: Entity<UnifiedCustomer> =
    Entity::new("Vendor", Family::Name, init, &[PARTY, BILL_ADDR, FIELDS]).with_key("DisplayName");

fn init(vendor: &mut UnifiedCustomer) {
    vendor.role = Some(CustomerRole::Supplier);
}

const FIELDS: &[Field<UnifiedCustomer>] = &[
    Field::text(
        "TaxIdentifier",
        |v| v.tax_ids.first().map(|id| &*id.value),
        |v, value| {
            let mut id = TaxId::default();
            id.value = value;
            v.tax_ids.push(id);
        },
    ),
    Field::text("TermRef.value", terms, set_terms),
];
