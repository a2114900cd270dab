//! What customers and vendors have in common.

use orion_core::{AddressKind, Email, EmailKind, TaxId, UnifiedAddress, UnifiedCustomer};

use super::{
    Field, copied, derived,
    parts::{self, address, phone},
    text,
};

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
pub(super) const SHIP_ADDR: &[Field<UnifiedCustomer>] = address!("ShipAddr", shipping, shipping_mut);

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

/// The number of the tax office, `PrimaryTaxIdentifier` of a customer and `TaxIdentifier` of a vendor.
pub(super) fn tax_id(party: &UnifiedCustomer) -> Option<&str> {
    party.tax_ids.first().map(|id| &*id.value)
}

pub(super) fn add_tax_id(party: &mut UnifiedCustomer, value: String) {
    let mut id = TaxId::default();
    id.value = value;
    party.tax_ids.push(id);
}
