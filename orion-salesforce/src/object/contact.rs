//! Contact: a person, at a company as a rule.

use orion_core::{AddressKind, CustomerKind, CustomerRole, PhoneKind, UnifiedCustomer};

use super::{
    Field, Required, SObject, copied, lookup,
    parts::{self, address, phone},
    text,
};

pub(super) const OBJECT: SObject<UnifiedCustomer> = SObject::new("Contact", init, FIELDS).requiring(REQUIRED);

fn init(customer: &mut UnifiedCustomer) {
    customer.kind = Some(CustomerKind::Individual);
    customer.role = Some(CustomerRole::Contact);
}

/// A customer known by one name only has it as its last one.
const REQUIRED: &[Required<UnifiedCustomer>] = &[("LastName", |c| c.display_name.as_deref())];

const FIELDS: &[Field<UnifiedCustomer>] = &[
    // Made of the parts by Salesforce, so never written.
    Field::text("Name", |_| None, |c, name| c.display_name = Some(name)),
    text!("Salutation", honorific),
    text!("FirstName", first_name),
    text!("LastName", last_name),
    text!("Title", job_title),
    Field::text("Email", parts::email, parts::add_email),
    phone!("Phone", Work),
    phone!("MobilePhone", Mobile),
    phone!("HomePhone", Home),
    phone!("OtherPhone", Alternate),
    phone!("Fax", Fax),
    copied!(date "Birthdate", birth_date),
    copied!(bool "HasOptedOutOfEmail", email_opt_out),
    text!("Description", notes),
    address!("MailingStreet", Mailing, street),
    address!("MailingCity", Mailing, city),
    address!("MailingState", Mailing, region),
    address!("MailingPostalCode", Mailing, postal_code),
    address!("MailingCountry", Mailing, country),
    lookup!("AccountId", account),
    lookup!("ReportsToId", parent),
    lookup!("OwnerId", owner),
];
