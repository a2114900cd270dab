//! Parts of a customer that several objects share: telephone numbers, addresses.

use orion_core::{AddressKind, Email, EmailKind, Phone, PhoneKind, UnifiedAddress, UnifiedCustomer};

/// The number of one kind.
pub(super) fn phone_of<'a>(customer: &'a UnifiedCustomer, kind: &PhoneKind) -> Option<&'a str> {
    customer.phones.iter().find(|phone| phone.kind.as_ref() == Some(kind)).map(|phone| &*phone.number)
}

pub(super) fn add_phone(customer: &mut UnifiedCustomer, kind: PhoneKind, number: String) {
    customer.phones.reserve_exact(usize::from(customer.phones.is_empty()) * 2);
    customer.phones.push(Phone::new(number).with_kind(kind));
}

/// The first address, whatever its kind.
pub(super) fn email(customer: &UnifiedCustomer) -> Option<&str> {
    customer.emails.first().map(|email| &*email.address)
}

pub(super) fn add_email(customer: &mut UnifiedCustomer, address: String) {
    customer.emails.push(Email::new(address).with_kind(EmailKind::Primary));
}

/// The address of one kind.
pub(super) fn address_of<'a>(
    customer: &'a UnifiedCustomer,
    kind: &AddressKind,
) -> Option<&'a UnifiedAddress> {
    customer.addresses.iter().find(|address| address.kind.as_ref() == Some(kind))
}

/// The address of one kind, made if there is none.
pub(super) fn address_mut(customer: &mut UnifiedCustomer, kind: AddressKind) -> &mut UnifiedAddress {
    let at = customer.addresses.iter().position(|address| address.kind.as_ref() == Some(&kind));
    let at = at.unwrap_or_else(|| {
        // Two at most here; a vector's own first step is four, and an address is large.
        customer.addresses.reserve_exact(2_usize.saturating_sub(customer.addresses.len()));
        customer.addresses.push(UnifiedAddress::of_kind(kind));
        customer.addresses.len() - 1
    });
    &mut customer.addresses[at]
}

/// A telephone field: `phone!("Fax", Fax)`.
macro_rules! phone {
    ($name:literal, $kind:ident) => {
        Field::text(
            $name,
            |c| parts::phone_of(c, &PhoneKind::$kind),
            |c, value| parts::add_phone(c, PhoneKind::$kind, value),
        )
    };
}

/// A part of an address: `address!("BillingCity", Billing, city)`.
macro_rules! address {
    ($name:literal, $kind:ident, $part:ident) => {
        Field::text(
            $name,
            |c| parts::address_of(c, &AddressKind::$kind)?.$part.as_deref(),
            |c, value| parts::address_mut(c, AddressKind::$kind).$part = Some(value),
        )
    };
}

pub(super) use {address, phone};
