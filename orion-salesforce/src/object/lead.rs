//! Lead: a person, and maybe a company, not yet a customer.

use orion_core::{AddressKind, CustomerKind, CustomerRole, PhoneKind, UnifiedCustomer};

use super::{
    Field, Required, SObject, copied, lookup,
    parts::{self, address, phone},
    text,
};

pub(super) const OBJECT: SObject<UnifiedCustomer> = SObject::new("Lead", init, FIELDS).requiring(REQUIRED);

fn init(customer: &mut UnifiedCustomer) {
    customer.kind = Some(CustomerKind::Individual);
    customer.role = Some(CustomerRole::Lead);
}

/// A customer known by one name only has it as its last one, and is its own company.
const REQUIRED: &[Required<UnifiedCustomer>] =
    &[("LastName", |c| c.display_name.as_deref()), ("Company", |c| c.display_name.as_deref())];

const FIELDS: &[Field<UnifiedCustomer>] = &[
    // Made of the parts by Salesforce, so never written.
    Field::text("Name", |_| None, |c, name| c.display_name = Some(name)),
    text!("Salutation", honorific),
    text!("FirstName", first_name),
    text!("LastName", last_name),
    text!("Title", job_title),
    text!("Company", company_name),
    Field::text("Email", parts::email, parts::add_email),
    phone!("Phone", Work),
    phone!("MobilePhone", Mobile),
    phone!("Fax", Fax),
    text!("Website", website),
    text!("Status", lifecycle_stage),
    text!("Industry", industry),
    copied!(count "NumberOfEmployees", employees),
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
