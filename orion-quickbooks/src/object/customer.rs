//! Customer: who is sold to, and their sub-customers and jobs.

use orion_core::{CustomerRole, UnifiedCustomer};

use super::{
    Entity, Family, Field, copied, lookup,
    party::{BILL_ADDR, PARTY, SHIP_ADDR, add_tax_id, set_terms, tax_id, terms},
    text,
};

pub(super) const OBJECT: Entity<UnifiedCustomer> =
    Entity::new("Customer", Family::Name, init, &[PARTY, BILL_ADDR, SHIP_ADDR, FIELDS]).with_key("DisplayName");

fn init(customer: &mut UnifiedCustomer) {
    customer.role = Some(CustomerRole::Customer);
}

const FIELDS: &[Field<UnifiedCustomer>] = &[
    lookup!("ParentRef", parent),
    copied!(bool "Taxable", taxable),
    text!("Notes", notes),
    Field::text("PrimaryTaxIdentifier", tax_id, add_tax_id),
    Field::text("SalesTermRef.value", terms, set_terms),
];
