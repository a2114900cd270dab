//! Customer: who is sold to, and their sub-customers and jobs.

use orion_core::{
    AddressKind, CustomerRole, Email, EmailKind, TaxId, UnifiedAddress, UnifiedCustomer,
};

use super::{
    Entity, Family, Field, copied, derived, lookup,
    parts::{self, address, phone},
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
    Field::text(
        "PrimaryTaxIdentifier",
        |c| c.tax_ids.first().map(|id| &*id.value),
        |c, value| {
            let mut id = TaxId::default();
            id.value = value;
            c.tax_ids.push(id);
        },
    ),
    Field::text("SalesTermRef.value", terms, |c, id| set_terms(c, id)),
];

/// What customers and vendors have in common.
pub(super) const PARTY: &[Field<UnifiedCustomer>] = &[
    text!("DisplayName", display_name),
    text!("CompanyName", company_name),
    text!("Title", honorific),
    text!("GivenName", first_name),
    text!("MiddleName", middle_name),
    text!("FamilyName", last_name),
    text!("Suffix", suffix),
    Field::text(
        "PrimaryEmailAddr.Address",
        |c| c.emails.first().map(|email| &*email.address),
        |c, address| c.emails.push(Email::new(address).with_kind(EmailKind::Primary)),
    ),
    phone!("PrimaryPhone.FreeFormNumber", Primary),
    phone!("Mobile.FreeFormNumber", Mobile),
    phone!("Fax.FreeFormNumber", Fax),
    phone!("AlternatePhone.FreeFormNumber", Alternate),
    text!("WebAddr.URI", website),
    Field::try_text(
        "CurrencyRef.value",
        |c| c.currency.as_ref().map(|code| code.as_str().into()),
        |c, code| parts::read_currency(code, &mut c.currency),
    ),
    Field::bool(
        "Active",
        |c| parts::is_active(c.status.as_ref()),
        |c, active| c.status = Some(parts::status(active)),
    ),
    derived(copied!(money "Balance", balance)),
];

pub(super) const BILL_ADDR: &[Field<UnifiedCustomer>] = address!("BillAddr", billing, billing_mut);
const SHIP_ADDR: &[Field<UnifiedCustomer>] = address!("ShipAddr", shipping, shipping_mut);

fn of<'a>(customer: &'a UnifiedCustomer, kind: &AddressKind) -> Option<&'a UnifiedAddress> {
    customer.addresses.iter().find(|address| address.kind.as_ref() == Some(kind))
}

fn of_mut(customer: &mut UnifiedCustomer, kind: AddressKind) -> &mut UnifiedAddress {
    let at = customer.addresses.iter().position(|address| address.kind.as_ref() == Some(&kind));
    let at = at.unwrap_or_else(|| {
        customer.addresses.push(UnifiedAddress::of_kind(kind));
        customer.addresses.len() - 1
    });
    &mut customer.addresses[at]
}

fn billing(customer: &UnifiedCustomer) -> Option<&UnifiedAddress> {
    of(customer, &AddressKind::Billing)
}

fn billing_mut(customer: &mut UnifiedCustomer) -> &mut UnifiedAddress {
    of_mut(customer, AddressKind::Billing)
}

fn shipping(customer: &UnifiedCustomer) -> Option<&UnifiedAddress> {
    of(customer, &AddressKind::Shipping)
}

fn shipping_mut(customer: &mut UnifiedCustomer) -> &mut UnifiedAddress {
    of_mut(customer, AddressKind::Shipping)
}

/// The id of the terms, `SalesTermRef` of a customer and `TermRef` of a vendor.
pub(super) fn terms(customer: &UnifiedCustomer) -> Option<&str> {
    Some(customer.payment_terms.as_ref()?.id.as_ref()?.as_str())
}

pub(super) fn set_terms(customer: &mut UnifiedCustomer, id: String) {
    customer.payment_terms.get_or_insert_default().id = Some(id.into());
}
