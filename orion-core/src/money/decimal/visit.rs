//! How a decimal is taken out of a document.

use std::fmt;

use rust_decimal::Decimal;
use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor},
};

use super::parse;
use crate::money::MoneyError;

/// Takes the text of the value where the deserializer has it.
pub(super) struct Exact;

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
        let quoted = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let value = match quoted {
            None => parse(json),
            Some(text) if !text.contains('\\') => parse(text),
            Some(_) => parse(&serde_json::from_str::<String>(json).map_err(E::custom)?),
        };
        value.map_err(E::custom)
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

/// As [`Exact`], or null.
pub(super) struct Optional;

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
        super::deserialize(deserializer).map(Some)
    }
}
