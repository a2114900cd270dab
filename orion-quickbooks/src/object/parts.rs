//! Parts that several objects share: names, telephone numbers, addresses.

use std::borrow::Cow;

use orion_core::{Currency, CustomerStatus, Phone, PhoneKind, UnifiedAddress, UnifiedCustomer};

/// The number of one kind.
pub(super) fn phone_of<'a>(customer: &'a UnifiedCustomer, kind: &PhoneKind) -> Option<&'a str> {
    customer.phones.iter().find(|phone| phone.kind.as_ref() == Some(kind)).map(|phone| &*phone.number)
}

pub(super) fn add_phone(customer: &mut UnifiedCustomer, kind: PhoneKind, number: String) {
    customer.phones.push(Phone::new(number).with_kind(kind));
}

/// A telephone field: `phone!("Fax.FreeFormNumber", Fax)`.
macro_rules! phone {
    ($path:literal, $kind:ident) => {
        Field::text(
            $path,
            |c| parts::phone_of(c, &orion_core::PhoneKind::$kind),
            |c, value| parts::add_phone(c, orion_core::PhoneKind::$kind, value),
        )
    };
}

/// One of the lines above the city. QuickBooks has five; the last takes what is left.
pub(super) fn street_line(address: &UnifiedAddress, number: usize) -> Option<Cow<'_, str>> {
    let mut lines = address.street.as_deref()?.lines().skip(number);
    let line = lines.next()?;
    let rest: Vec<&str> = if number == 4 { lines.collect() } else { Vec::new() };
    let whole = if rest.is_empty() { line.into() } else { format!("{line}, {}", rest.join(", ")).into() };
    Some(whole).filter(|line: &Cow<'_, str>| !line.is_empty())
}

/// Refuses a text that would not come back as it was: an empty one, or one of several lines.
pub(super) fn set_street_line(address: &mut UnifiedAddress, number: usize, text: &str) -> bool {
    if text.is_empty() || text.contains(['\n', '\r']) {
        return false;
    }
    let street = address.street.take().unwrap_or_default();
    let mut lines: Vec<&str> = street.split('\n').collect();
    lines.resize(lines.len().max(number + 1), "");
    lines[number] = text;
    address.street = Some(lines.join("\n"));
    true
}

/// The fields of an address: `address!("BillAddr", billing, billing_mut)`, with functions that find it and make it.
macro_rules! address {
    ($at:literal, $get:path, $get_mut:path) => {
        &[
            address!(@text concat!($at, ".Id"), $get, $get_mut, id),
            address!(@line concat!($at, ".Line1"), $get, $get_mut, 0),
            address!(@line concat!($at, ".Line2"), $get, $get_mut, 1),
            address!(@line concat!($at, ".Line3"), $get, $get_mut, 2),
            address!(@line concat!($at, ".Line4"), $get, $get_mut, 3),
            address!(@line concat!($at, ".Line5"), $get, $get_mut, 4),
            address!(@part concat!($at, ".City"), $get, $get_mut, city),
            address!(@part concat!($at, ".CountrySubDivisionCode"), $get, $get_mut, region),
            address!(@part concat!($at, ".PostalCode"), $get, $get_mut, postal_code),
            address!(@part concat!($at, ".Country"), $get, $get_mut, country),
        ]
    };
    (@text $path:expr, $get:path, $get_mut:path, $part:ident) => {
        Field::text(
            $path,
            |m| Some($get(m)?.$part.as_ref()?.as_str()),
            |m, value| $get_mut(m).$part = Some(value.into()),
        )
    };
    (@part $path:expr, $get:path, $get_mut:path, $part:ident) => {
        Field::text($path, |m| $get(m)?.$part.as_deref(), |m, value| $get_mut(m).$part = Some(value))
    };
    (@line $path:expr, $get:path, $get_mut:path, $number:literal) => {
        Field::try_text(
            $path,
            |m| parts::street_line($get(m)?, $number),
            |m, text| parts::set_street_line($get_mut(m), $number, text),
        )
    };
}

/// Reads a currency's code, unless it would be written otherwise.
pub(super) fn read_currency(code: &str, into: &mut Option<Currency>) -> bool {
    *into = Currency::new(code).ok().filter(|currency| currency.as_str() == code);
    into.is_some()
}

pub(super) fn is_active(status: Option<&CustomerStatus>) -> Option<bool> {
    match status? {
        CustomerStatus::Active => Some(true),
        CustomerStatus::Inactive | CustomerStatus::Archived => Some(false),
        _ => None,
    }
}

pub(super) fn status(active: bool) -> CustomerStatus {
    if active { CustomerStatus::Active } else { CustomerStatus::Inactive }
}

pub(super) use {address, phone};
