//! Lead: a person, and maybe a company, not yet a customer.

use orion_core::{AddressKind, CustomerKind, CustomerRole, PhoneKind, UnifiedCustomer};
use rust_decimal::prelude::ToPrimitive;

use super::{
    Field, SObject, copied, lookup,
    parts::{self, address, phone},
    text,
};

pub(super) const OBJECT: SObject<UnifiedCustomer> = SObject::new("Lead", init, FIELDS);

fn init(customer: &mut UnifiedCustomer) {
    customer.kind = Some(CustomerKind::Individual);
    customer.role = Some(CustomerRole::Lead);
}

const FIELDS: &[Field<UnifiedCustomer>] = &[
    // Made of the parts by Salesforce, so never written.
    Field::text("Name", |_| None, |c, name| c.display_name = Some(name)),
    text!("Salutation", honorific),
    text!("FirstName", first_name),
    // Required: a customer known by one name only has it as its last one.
    Field::text(
        "LastName",
        |c| c.last_name.as_deref().or(c.display_name.as_deref()),
        |c, name| c.last_name = Some(name),
    ),
    text!("Title", job_title),
    // Required too.
    Field::text(
        "Company",
        |c| c.company_name.as_deref().or(c.display_name.as_deref()),
        |c, name| c.company_name = Some(name),
    ),
    Field::text("Email", parts::email, parts::add_email),
    phone!("Phone", Work),
    phone!("MobilePhone", Mobile),
    phone!("Fax", Fax),
    text!("Website", website),
    text!("Status", lifecycle_stage),
    text!("Industry", industry),
    Field::decimal(
        "NumberOfEmployees",
        |c| c.employees.map(Into::into),
        |c, count| c.employees = count.to_u32(),
    ),
    copied!(money "AnnualRevenue", annual_revenue),
    copied!(bool "HasOptedOutOfEmail", email_opt_out),
    text!("Description", notes),
    address!("Street", Primary, street),
    address!("City", Primary, city),
    address!("State", Primary, region),
    address!("PostalCode", Primary, postal_code),
    address!("Country", Primary, country),
    lookup!("OwnerId", owner),
];
