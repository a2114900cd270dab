//! Account: a company.

use orion_core::{AddressKind, CustomerKind, CustomerRole, PhoneKind, UnifiedCustomer};

use super::{
    Field, SObject, copied, lookup,
    parts::{self, address, phone},
    text,
};

pub(super) const OBJECT: SObject<UnifiedCustomer> = SObject::new("Account", init, FIELDS);

fn init(customer: &mut UnifiedCustomer) {
    customer.kind = Some(CustomerKind::Organization);
    customer.role = Some(CustomerRole::Customer);
}

const FIELDS: &[Field<UnifiedCustomer>] = &[
    Field::text(
        "Name",
        |c| c.display_name.as_deref().or(c.company_name.as_deref()),
        |c, name| c.display_name = Some(name),
    ),
    phone!("Phone", Work),
    phone!("Fax", Fax),
    text!("Website", website),
    text!("Industry", industry),
    text!("Type", lifecycle_stage),
    copied!(count "NumberOfEmployees", employees),
    copied!(money "AnnualRevenue", annual_revenue),
    text!("Description", notes),
    address!("BillingStreet", Billing, street),
    address!("BillingCity", Billing, city),
    address!("BillingState", Billing, region),
    address!("BillingPostalCode", Billing, postal_code),
    address!("BillingCountry", Billing, country),
    address!("ShippingStreet", Shipping, street),
    address!("ShippingCity", Shipping, city),
    address!("ShippingState", Shipping, region),
    address!("ShippingPostalCode", Shipping, postal_code),
    address!("ShippingCountry", Shipping, country),
    lookup!("ParentId", parent),
    lookup!("OwnerId", owner),
];
