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
//! ([`MoneyError::Float`]). A [`serde_json::Value`] holds binary floats as well but shows them as text, so a
//! number read out of one has the 15 digits a float has and nothing can be refused: read from the document
//! instead, or keep amounts as strings. Writing a `number` into a `Value` goes through a float too.

use std::fmt;

use rust_decimal::Decimal;
use serde::{
    Deserializer, Serializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor},
};

use super::{MoneyError, exact};

/// The name by which `serde_json` is asked for the text of a value: what `RawValue` does, without the allocation
/// that a boxed one costs and without the limits of a borrowed one. Were `serde_json` to change it, fractions
/// would be refused, never misread.
const RAW: &str = "$serde_json::private::RawValue";

/// Reads a decimal: digits with an optional sign, point and exponent.
///
/// # Errors
/// [`MoneyError::Malformed`] for anything else; [`MoneyError::Inexact`] for more digits than it can keep.
///
/// ```
/// use orion_core::{MoneyError, decimal};
///
/// assert_eq!(decimal::parse("1.5E+7")?.to_string(), "15000000");
/// assert_eq!(decimal::parse("1,234.50"), Err(MoneyError::Malformed));
/// # Ok::<(), MoneyError>(())
/// ```
pub fn parse(text: &str) -> Result<Decimal, MoneyError> {
    let (negative, unsigned) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let (number, exponent) = match unsigned.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => (&unsigned[..at], parse_exponent(&unsigned[at + 1..])?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = match number.iter().position(|byte| *byte == b'.') {
        Some(at) => (&number[..at], &number[at + 1..]),
        None => (number, &number[..0]),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(MoneyError::Malformed);
    }
    let mantissa = read_digits(read_digits(Some(0), whole)?, fraction)?;
    let scale = i64::try_from(fraction.len()).map_err(|_| MoneyError::Inexact)? - exponent;
    place_point(mantissa.ok_or(MoneyError::Inexact)?, scale)
        .map(|value| if negative && !value.is_zero() { -value } else { value })
        .ok_or(MoneyError::Inexact)
}

/// Appends digits to `value`, which is `None` once it has overflowed: what follows must be digits all the same.
fn read_digits(mut value: Option<i128>, digits: &[u8]) -> Result<Option<i128>, MoneyError> {
    for byte in digits {
        if !byte.is_ascii_digit() {
            return Err(MoneyError::Malformed);
        }
        value = value.and_then(|v| v.checked_mul(10)?.checked_add(i128::from(byte - b'0')));
    }
    Ok(value)
}

fn parse_exponent(text: &[u8]) -> Result<i64, MoneyError> {
    let (sign, digits) = match text {
        [b'-', rest @ ..] => (-1, rest),
        [b'+', rest @ ..] => (1, rest),
        rest => (1, rest),
    };
    if digits.is_empty() {
        return Err(MoneyError::Malformed);
    }
    // An exponent beyond any decimal's reach stays beyond it when cut off here.
    let size = read_digits(Some(0), digits)?.unwrap_or(i128::MAX).min(1 << 40);
    Ok(sign * i64::try_from(size).map_err(|_| MoneyError::Inexact)?)
}

fn place_point(mantissa: i128, scale: i64) -> Option<Decimal> {
    if mantissa == 0 {
        return exact::fit(0, u32::try_from(scale).unwrap_or(0));
    }
    match u32::try_from(scale) {
        Ok(scale) => exact::fit(mantissa, scale),
        Err(_) => {
            let zeros = u32::try_from(-scale).ok()?;
            exact::fit(mantissa.checked_mul(10_i128.checked_pow(zeros)?)?, 0)
        }
    }
}

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

/// Takes the text of the value where the deserializer has it.
struct Exact;

impl<'de> Visitor<'de> for Exact {
    type Value = Decimal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal number")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Decimal, A::Error> {
        map.next_key::<IgnoredAny>()?;
        map.next_value_seed(RawText)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Decimal, D::Error> {
        deserializer.deserialize_any(Buffered)
    }
}

/// The JSON text of a value: a number, or a string in quotes.
struct RawText;

impl<'de> DeserializeSeed<'de> for RawText {
    type Value = Decimal;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Decimal, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for RawText {
    type Value = Decimal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal number")
    }

    fn visit_str<E: Error>(self, json: &str) -> Result<Decimal, E> {
        let text = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        match text {
            None => parse(json),
            Some(text) if !text.contains('\\') => parse(text),
            Some(_) => {
                return parse(&serde_json::from_str::<String>(json).map_err(E::custom)?).map_err(E::custom);
            }
        }
        .map_err(E::custom)
    }
}

/// A value whose text is gone.
struct Buffered;

impl Visitor<'_> for Buffered {
    type Value = Decimal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal number")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Decimal, E> {
        parse(text).map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Decimal, E> {
        Ok(Decimal::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Decimal, E> {
        Ok(Decimal::from(value))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Decimal, E> {
        Err(E::custom(MoneyError::Float))
    }
}

struct Optional;

impl<'de> Visitor<'de> for Optional {
    type Value = Option<Decimal>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal number or null")
    }

    fn visit_none<E: Error>(self) -> Result<Option<Decimal>, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Option<Decimal>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Decimal>, D::Error> {
        deserialize(deserializer).map(Some)
    }
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
