//! One value of a record, still as the text of the document, and on its way out again.

use std::{borrow::Cow, fmt::Write};

use chrono::NaiveDate;
use orion_core::{Decimal, decimal};
use serde_json::{Value, value::RawValue};

use crate::wire::text;

/// A value of another type than its field has. Says what was expected; the value itself may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mismatch(pub(crate) &'static str);

/// Text, borrowed from the document unless it has escapes.
pub(crate) fn as_text(raw: &RawValue) -> Result<Cow<'_, str>, Mismatch> {
    text(raw).ok_or(Mismatch("text"))
}

/// A number, digit for digit; some clients write amounts as text.
pub(crate) fn as_decimal(raw: &RawValue) -> Result<Decimal, Mismatch> {
    let digits = text(raw).unwrap_or(Cow::Borrowed(raw.get()));
    decimal::parse(&digits).map_err(|_| Mismatch("a decimal number of at most 28 digits"))
}

pub(crate) fn as_bool(raw: &RawValue) -> Result<bool, Mismatch> {
    match raw.get() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Mismatch("true or false")),
    }
}

/// A date, `2026-01-31`.
pub(crate) fn as_date(raw: &RawValue) -> Result<NaiveDate, Mismatch> {
    as_text(raw)?.parse().map_err(|_| Mismatch("a date"))
}

/// The value as JSON. A number that a binary float would change, at any depth, is kept as the text of its digits.
pub(crate) fn as_json(raw: &RawValue) -> Value {
    if let Some(text) = text(raw) {
        return Value::String(text.into_owned());
    }
    match raw.get().as_bytes().first() {
        Some(b'{') => {
            let members = crate::wire::Members::parse(raw).unwrap_or_default();
            Value::Object(
                members.0.into_iter().map(|(name, raw)| (name.into_owned(), as_json(raw))).collect(),
            )
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(raw.get()).unwrap_or_default();
            Value::Array(items.into_iter().map(as_json).collect())
        }
        _ => scalar(raw.get()),
    }
}

fn scalar(raw: &str) -> Value {
    let value = serde_json::from_str(raw).unwrap_or(Value::Null);
    match &value {
        Value::Number(number)
            if number.is_f64() && decimal::parse(raw).ok() != decimal::parse(&number.to_string()).ok() =>
        {
            Value::String(raw.to_owned())
        }
        _ => value,
    }
}

/// A value to be sent: JSON whose numbers are kept as their digits.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Out {
    /// JSON text of a number, a boolean or null.
    Bare(Box<str>),
    Text(Box<str>),
    Object(Vec<(Box<str>, Self)>),
    List(Vec<Self>),
}

impl Out {
    pub(crate) const EMPTY: Self = Self::Object(Vec::new());

    pub(crate) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Bare("null".into()),
            Value::Bool(value) => Self::bool(*value),
            Value::Number(number) => Self::Bare(number.to_string().into()),
            Value::String(text) => Self::text(text),
            Value::Array(items) => Self::List(items.iter().map(Self::of).collect()),
            Value::Object(members) => Self::Object(
                members.iter().map(|(name, value)| (name.as_str().into(), Self::of(value))).collect(),
            ),
        }
    }

    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn bool(value: bool) -> Self {
        Self::Bare(if value { "true" } else { "false" }.into())
    }

    pub(crate) fn decimal(value: Decimal) -> Self {
        Self::Bare(value.to_string().into())
    }

    /// What stands at a path, made if there is nothing, or something that has no members, on the way.
    pub(crate) fn at(&mut self, path: &str) -> &mut Self {
        let mut here = self;
        for name in path.split('.') {
            if !matches!(here, Self::Object(_)) {
                *here = Self::EMPTY;
            }
            let Self::Object(members) = here else { return here };
            let at = members.iter().position(|(have, _)| **have == *name).unwrap_or_else(|| {
                members.push((name.into(), Self::EMPTY));
                members.len() - 1
            });
            here = &mut members[at].1;
        }
        here
    }

    /// Whether something stands at a path.
    pub(crate) fn has(&self, path: &str) -> bool {
        path.split('.').try_fold(self, |here, name| here.get(name)).is_some()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(have, _)| **have == *name).map(|(_, value)| value)
    }

    /// Sets a member by its name, which is no path.
    pub(crate) fn put(&mut self, name: &str, value: Self) {
        self.remove_member(name);
        if let Self::Object(members) = self {
            members.push((name.into(), value));
        }
    }

    pub(crate) fn set(&mut self, path: &str, value: Self) {
        *self.at(path) = value;
    }

    /// Takes out what stands at a path.
    pub(crate) fn remove(&mut self, path: &str) {
        let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
        let here = if parent.is_empty() { self } else { self.at(parent) };
        here.remove_member(name);
    }

    fn remove_member(&mut self, name: &str) {
        if let Self::Object(members) = self {
            members.retain(|(have, _)| **have != *name);
        }
    }

    pub(crate) fn json(&self) -> String {
        let mut json = String::with_capacity(512);
        self.write(&mut json);
        json
    }

    fn write(&self, json: &mut String) {
        match self {
            Self::Bare(text) => json.push_str(text),
            Self::Text(text) => quoted(text, json),
            Self::List(items) => {
                json.push('[');
                for (at, item) in items.iter().enumerate() {
                    json.push_str(if at == 0 { "" } else { "," });
                    item.write(json);
                }
                json.push(']');
            }
            Self::Object(members) => {
                json.push('{');
                for (at, (name, value)) in members.iter().enumerate() {
                    json.push_str(if at == 0 { "" } else { "," });
                    quoted(name, json);
                    json.push(':');
                    value.write(json);
                }
                json.push('}');
            }
        }
    }
}

fn quoted(text: &str, json: &mut String) {
    // A `Value` of text displays as JSON, and writing to memory cannot fail.
    let _infallible = write!(json, "{}", Value::from(text));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn raw(json: &str) -> Box<RawValue> {
        RawValue::from_string(json.to_owned()).unwrap()
    }

    #[test]
    fn a_number_that_a_float_would_change_is_kept_as_text_at_any_depth() {
        let value = as_json(&raw(r#"{"a":[12.50,90071992547409931.25,{"b":0.1}],"c":9007199254740993}"#));
        assert_eq!(
            value,
            json!({ "a": [12.5, "90071992547409931.25", { "b": 0.1 }], "c": 9_007_199_254_740_993_u64 })
        );
    }

    #[test]
    fn an_amount_is_read_digit_for_digit() {
        for (json, digits) in [
            ("100.00", "100.00"),
            ("0", "0"),
            (r#""1.10""#, "1.10"),
            ("-90071992547409.93", "-90071992547409.93"),
        ] {
            assert_eq!(as_decimal(&raw(json)).unwrap().to_string(), digits);
        }
        assert!(as_decimal(&raw(r#""""#)).is_err());
        assert!(as_decimal(&raw("true")).is_err());
    }

    #[test]
    fn what_is_set_at_a_path_stands_there() {
        let mut out = Out::of(&json!({ "BillAddr": { "Lat": "1" }, "CustomerRef": "odd" }));
        out.set("BillAddr.City", Out::text("Zü\"rich"));
        out.set("CustomerRef.value", Out::text("7"));
        out.set("TotalAmt", Out::decimal("90071992547409931.25".parse().unwrap()));
        assert!(out.has("BillAddr.Lat") && !out.has("BillAddr.Long"));
        assert_eq!(
            out.json(),
            r#"{"BillAddr":{"Lat":"1","City":"Zü\"rich"},"CustomerRef":{"value":"7"},"TotalAmt":90071992547409931.25}"#
        );
    }
}
