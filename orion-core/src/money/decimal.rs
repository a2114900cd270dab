//! Decimals in JSON, exact.
//!
//! Read a number (or a string holding one) into a [`Decimal`] from the text of the document, never by way of a
//! binary float, and write it back:
//!
//! | attribute | reads | writes |
//! |---|---|---|
//! | `#[serde(with = "orion_core::decimal")]` | number or string | string |
//! | `#[serde(with = "orion_core::decimal::option")]` | the same or null | string or null |
//! | `#[serde(with = "orion_core::decimal::number")]` | number or string | number |
//! | `#[serde(with = "orion_core::decimal::number::option")]` | the same or null | number or null |
//!
//! Add `default` to the `option` forms for fields that may be missing.
//!
//! ```
//! use orion_core::Decimal;
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Opportunity {
//!     #[serde(rename = "Amount", with = "orion_core::decimal::number::option", default)]
//!     amount: Option<Decimal>,
//! }
//!
//! let read: Opportunity = serde_json::from_str(r#"{"Amount": 90071992547409.93}"#)?;
//! assert_eq!(serde_json::to_string(&read)?, r#"{"Amount":90071992547409.93}"#);
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! A decimal holds 28 digits after the point and 96 bits in all (any 28 digits, some of 29). A number that needs
//! more is an error, not a rounding.
//!
//! # Where the text is gone
//!
//! serde's `flatten`, `untagged` and internally tagged forms buffer a document before a field sees it, and the
//! buffer holds binary floats. There, integers and strings still read exactly, and a fraction is refused
//! ([`MoneyError::Float`](crate::MoneyError::Float)). A [`serde_json::Value`] holds binary floats as well but
//! shows them as text, so a number read out of one has the 15 digits a float has and nothing can be refused: read
//! from the document instead, or keep amounts as strings. Writing a `number` into a `Value` goes through a float
//! too.

mod parse;
mod visit;

use rust_decimal::Decimal;
use serde::{Deserializer, Serializer};

pub use parse::parse;
use visit::{Exact, Optional};

/// The name by which `serde_json` is asked for the text of a value: what `RawValue` does, without the allocation
/// that a boxed one costs and without the limits of a borrowed one. Were `serde_json` to change it, fractions
/// would be refused, never misread.
const RAW: &str = "$serde_json::private::RawValue";

/// Writes a decimal as a string.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// Reads a decimal from a number or a string.
///
/// # Errors
/// Those of [`parse`], and those of the deserializer.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    deserializer.deserialize_newtype_struct(RAW, Exact)
}

/// For `Option<Decimal>`; written as a string.
pub mod option {
    use super::{Decimal, Deserializer, Optional, Serializer};

    /// Writes a decimal as a string, or null.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(value: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a decimal from a number, a string or null.
    ///
    /// # Errors
    /// Those of [`parse`](super::parse), and those of the deserializer.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
        deserializer.deserialize_option(Optional)
    }
}

/// Written as a JSON number, as most vendors want amounts.
pub mod number {
    pub use super::deserialize;
    use super::{Decimal, Serializer};

    /// Writes a decimal as a number, digit for digit.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::{Serialize, ser::Error};
        let text = serde_json::value::RawValue::from_string(value.to_string()).map_err(S::Error::custom)?;
        text.serialize(serializer)
    }

    /// For `Option<Decimal>`; written as a number.
    pub mod option {
        pub use super::super::option::deserialize;
        use super::{Decimal, Serializer};

        /// Writes a decimal as a number, or null.
        ///
        /// # Errors
        /// Those of the serializer.
        pub fn serialize<S: Serializer>(value: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
            match value {
                Some(value) => super::serialize(value, serializer),
                None => serializer.serialize_none(),
            }
        }
    }
}
