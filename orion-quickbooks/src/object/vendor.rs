//! Vendor: who is bought from.

use orion_core::{CustomerRole, UnifiedCustomer};

use super::{
    Entity, Family, Field,
    party::{BILL_ADDR, PARTY, add_tax_id, set_terms, tax_id, terms},
};

pub(super) const OBJECT: Entity<UnifiedCustomer> =
    Entity::new("Vendor", Family::Name, init, &[PARTY, BILL_ADDR, FIELDS]).with_key("DisplayName");

fn init(vendor: &mut UnifiedCustomer) {
    vendor.role = Some(CustomerRole::Supplier);
}

const FIELDS: &[Field<UnifiedCustomer>] = &[
    Field::text("TaxIdentifier", tax_id, add_tax_id),
    Field::text("TermRef.value", terms, set_terms),
];
