//! One value of a record, still as the text of the document.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use orion_core::{Decimal, decimal};
use serde_json::value::RawValue;

/// A value of another type than its field has. Says what was expected; the value itself may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub(crate) struct Mismatch(pub(crate) &'static str);

/// A JSON value as it stands in the document: nothing is copied or converted before a field asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Value<'de> {
    raw: &'de str,
    form: Form,
}

/// How the text of a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// JSON of any kind.
    Json,
    /// A JSON string without escapes: what is between the quotes is the text.
    Plain,
    /// A cell of a CSV file: the text itself.
    Cell,
}

impl<'de> From<&'de RawValue> for Value<'de> {
    fn from(raw: &'de RawValue) -> Self {
        let raw = raw.get();
        Self::new(raw, raw.starts_with('"') && memchr::memchr(b'\\', raw.as_bytes()).is_none())
    }
}

impl<'de> Value<'de> {
    /// A value whose text and kind are known: `plain` says that it is a string without escapes.
    pub(crate) fn new(raw: &'de str, plain: bool) -> Self {
        Self { raw, form: if plain { Form::Plain } else { Form::Json } }
    }

    /// A cell of a CSV file that holds text.
    pub(crate) fn cell(text: &'de str) -> Self {
        Self { raw: text, form: Form::Cell }
    }

    pub(crate) fn raw(self) -> &'de str {
        self.raw
    }

    pub(crate) fn is_null(self) -> bool {
        self.form == Form::Json && self.raw == "null"
    }

    /// Text. Most has no escapes and is borrowed from the document.
    pub(crate) fn text(self) -> Result<Cow<'de, str>, Mismatch> {
        match self.form {
            Form::Cell => Ok(Cow::Borrowed(self.raw)),
            Form::Plain => {
                let text = self.raw.get(1..self.raw.len().saturating_sub(1));
                text.map(Cow::Borrowed).ok_or(Mismatch("text"))
            }
            Form::Json if self.raw.starts_with('"') => {
                serde_json::from_str(self.raw).map(Cow::Owned).map_err(|_| Mismatch("text"))
            }
            Form::Json => Err(Mismatch("text")),
        }
    }

    /// A number, exact from its digits.
    pub(crate) fn decimal(self) -> Result<Decimal, Mismatch> {
        decimal::parse(self.raw).map_err(|_| Mismatch("a decimal number of at most 28 digits"))
    }

    pub(crate) fn bool(self) -> Result<bool, Mismatch> {
        match self.raw {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(Mismatch("true or false")),
        }
    }

    /// A date, `2024-06-11`.
    pub(crate) fn date(self) -> Result<NaiveDate, Mismatch> {
        date(self.text()?.as_bytes()).ok_or(Mismatch("a date"))
    }

    /// A date and time, `2024-06-11T17:02:44.000+0000`.
    pub(crate) fn datetime(self) -> Result<DateTime<Utc>, Mismatch> {
        datetime(&self.text()?).ok_or(Mismatch("a date and time"))
    }

    /// The value as JSON. A number that a binary float would change is kept as the text of its digits.
    pub(crate) fn json(self) -> Result<serde_json::Value, Mismatch> {
        if let Ok(text) = self.text() {
            return Ok(serde_json::Value::String(text.into_owned()));
        }
        let value: serde_json::Value = serde_json::from_str(self.raw).map_err(|_| Mismatch("JSON"))?;
        if let serde_json::Value::Number(number) = &value
            && number.is_f64()
            && decimal::parse(self.raw).ok() != decimal::parse(&number.to_string()).ok()
        {
            return Ok(serde_json::Value::String(self.raw.to_owned()));
        }
        Ok(value)
    }
}

fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))
}

fn date(text: &[u8]) -> Option<NaiveDate> {
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = *text else { return None };
    NaiveDate::from_ymd_opt(
        digits(&[y0, y1, y2, y3])?.try_into().ok()?,
        digits(&[m0, m1])?,
        digits(&[d0, d1])?,
    )
}

/// Reads the one form Salesforce writes by hand, since two of them are on every record, and any RFC 3339 form with chrono.
pub(crate) fn datetime(text: &str) -> Option<DateTime<Utc>> {
    let bytes = text.as_bytes();
    if let Some((day, time)) = bytes.split_at_checked(10)
        && let [b'T', h0, h1, b':', m0, m1, b':', s0, s1, b'.', f0, f1, f2, rest @ ..] = time
        && (rest == b"+0000" || rest == b"Z")
    {
        let time = NaiveTime::from_hms_milli_opt(
            digits(&[*h0, *h1])?,
            digits(&[*m0, *m1])?,
            digits(&[*s0, *s1])?,
            digits(&[*f0, *f1, *f2])?,
        )?;
        return Some(NaiveDateTime::new(date(day)?, time).and_utc());
    }
    DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%#z").ok().map(|at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn value(json: &str) -> Value<'_> {
        Value::from(serde_json::from_str::<&RawValue>(json).unwrap())
    }

    #[test]
    fn text_is_borrowed_unless_it_has_escapes() {
        assert!(matches!(value(r#""Zoë 東京""#).text(), Ok(Cow::Borrowed("Zoë 東京"))));
        assert_eq!(value(r#""a\"b\\\n\ud83d\ude00""#).text().unwrap(), "a\"b\\\n😀");
        assert_eq!(value("1").text(), Err(Mismatch("text")));
        assert_eq!(value("null").text(), Err(Mismatch("text")));
    }

    #[test]
    fn times_are_read_in_every_form_salesforce_writes() {
        let at = Utc.with_ymd_and_hms(2024, 6, 11, 17, 2, 44).unwrap();
        for text in [
            "2024-06-11T17:02:44.000+0000",
            "2024-06-11T17:02:44.000Z",
            "2024-06-11T19:02:44.000+02:00",
            "2024-06-11T17:02:44Z",
        ] {
            assert_eq!(datetime(text), Some(at), "{text}");
        }
        assert_eq!(datetime("2024-13-11T17:02:44.000+0000"), None);
        assert_eq!(datetime("yesterday"), None);
        assert_eq!(value("\"2024-02-30\"").date(), Err(Mismatch("a date")));
    }

    #[test]
    fn a_number_that_a_float_would_change_is_kept_as_text() {
        assert_eq!(value("12.5").json().unwrap(), 12.5);
        assert_eq!(value("9007199254740993").json().unwrap(), 9_007_199_254_740_993_u64);
        assert_eq!(value("90071992547409931.25").json().unwrap(), "90071992547409931.25");
        assert_eq!(value("[1,{\"a\":null}]").json().unwrap(), serde_json::json!([1, { "a": null }]));
    }
}
