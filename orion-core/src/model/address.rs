//! Postal addresses.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Model, open_enum::open_enum};
use crate::{Kind, RecordId};

/// A postal address, as the source spells it.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct UnifiedAddress {
    /// The address's own id, where the source gives addresses ids (QuickBooks `BillAddr.Id`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<RecordId>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<AddressKind>,
    /// A name a person gave it, for instance `Loading dock`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Street, house number, suite: all lines above the city, separated by a line feed (Salesforce
    /// `BillingStreet`, QuickBooks `Line1` to `Line5`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// Town or city.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// County, borough or district, where the source keeps it apart from the region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub district: Option<String>,
    /// State, province or region, name or code as given, for instance `CA` or `California`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Code of the region where the source gives it beside the name (Salesforce `BillingStateCode`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region_code: Option<String>,
    /// Postal or ZIP code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country, name or code as given, for instance `USA`, `United States` or `US`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// ISO 3166-1 alpha-2 code of the country where the source gives it (Salesforce `BillingCountryCode`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_code: Option<String>,
    /// The whole address as one text, where the source has only that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// Degrees north of the equator, WGS 84.
    #[serde(with = "crate::decimal::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Decimal>")]
    pub latitude: Option<Decimal>,
    /// Degrees east of Greenwich, WGS 84.
    #[serde(with = "crate::decimal::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Decimal>")]
    pub longitude: Option<Decimal>,
    /// Who receives there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_name: Option<String>,
    /// Their telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

impl UnifiedAddress {
    /// An empty address of a kind.
    #[must_use]
    pub fn of_kind(kind: AddressKind) -> Self {
        Self { kind: Some(kind), ..Self::default() }
    }

    /// The lines of the street, without empty ones.
    pub fn street_lines(&self) -> impl Iterator<Item = &str> {
        self.street.iter().flat_map(|street| street.lines()).filter(|line| !line.trim().is_empty())
    }

    /// Whether nothing but its kind is known, as when a source selects the fields of an address it does not have.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        *self == Self { kind: self.kind.clone(), ..Self::default() }
    }
}

impl Model for UnifiedAddress {
    const KIND: Kind = Kind::new("address");
}

open_enum! {
    /// What an address is for.
    AddressKind {
        /// The one to use first.
        Primary = "primary",
        /// Invoices go there.
        Billing = "billing",
        /// Goods go there.
        Shipping = "shipping",
        /// Letters go there.
        Mailing = "mailing",
        /// Someone lives there.
        Home = "home",
        /// Someone works there.
        Work = "work",
        /// A further address without a more particular meaning.
        Alternate = "alternate",
    }
}
