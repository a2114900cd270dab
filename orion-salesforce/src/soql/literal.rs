//! Values as SOQL literals.

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Utc};
use rust_decimal::Decimal;

use super::{DateLiteral, text::Text};

/// A value to compare with: text, number, boolean, date, point in time, date literal, or null.
#[derive(Clone, Debug)]
pub struct Value(pub(super) Text);

impl Value {
    fn bare(text: impl std::fmt::Display) -> Self {
        Self(Text::default().push(text))
    }

    /// No value.
    #[must_use]
    pub fn null() -> Self {
        Self::bare("null")
    }
}

/// Appends one character of a literal.
///
/// Escapes are those of the SOQL reference, "Quoted String Escape Sequences". `\b` is not used: the reference calls it the bell,
/// its translations the backspace.
fn escape(c: char, out: &mut String) {
    match c {
        '\'' | '"' | '\\' => out.extend(['\\', c]),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{c}' => out.push_str("\\f"),
        c if c.is_ascii_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        c => out.push(c),
    }
}

fn quoted(escaped: impl FnOnce(&mut String)) -> Value {
    let mut soql = String::from("'");
    escaped(&mut soql);
    soql.push('\'');
    Value(Text { soql, mistake: None })
}

/// A pattern for LIKE as a literal: `%` and `_` are wildcards unless a backslash stands before them.
pub(super) fn pattern(text: &str) -> Value {
    quoted(|out| {
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            match rest.next_if(|next| c == '\\' && matches!(next, '%' | '_' | '\\')) {
                Some('\\') | None => escape(c, out),
                Some(wildcard) => out.extend(['\\', wildcard]),
            }
        }
    })
}

/// Escapes text for a pattern of [`Expr::like`](super::Expr::like), so that its `%`, `_` and `\` stand for themselves.
///
/// ```
/// use orion_salesforce::soql::{Soql, field, like_escape};
///
/// let begins = format!("{}%", like_escape("100%"));
/// let query = Soql::select(["Id"]).from("Account").filter(field("Name").like(&begins)).build()?;
/// assert_eq!(query.as_str(), r"SELECT Id FROM Account WHERE Name LIKE '100\%%'");
/// # Ok::<(), orion_core::Error>(())
/// ```
#[must_use]
pub fn like_escape(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        quoted(|out| text.chars().for_each(|c| escape(c, out)))
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::bare(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::bare(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::from(i64::from(value))
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        // A whole number of more than 32 bits is written as a decimal, which is read as such by every version (unverified
        // whether newer ones need it).
        if i32::try_from(value).is_ok() { Self::bare(value) } else { Self::bare(format_args!("{value}.0")) }
    }
}

impl From<Decimal> for Value {
    fn from(value: Decimal) -> Self {
        match i64::try_from(value) {
            Ok(whole) if value.is_integer() => Self::from(whole),
            _ => Self::bare(value),
        }
    }
}

impl From<NaiveDate> for Value {
    fn from(date: NaiveDate) -> Self {
        in_range(date.year(), date.to_string())
    }
}

impl From<DateTime<Utc>> for Value {
    fn from(at: DateTime<Utc>) -> Self {
        let precision =
            if at.timestamp_subsec_millis() == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis };
        in_range(at.year(), at.to_rfc3339_opts(precision, true))
    }
}

/// ISO 8601 writes years outside 0000-9999 with a sign, which SOQL does not read.
fn in_range(year: i32, text: String) -> Value {
    match year {
        0..=9999 => Value::bare(text),
        _ => Value(Text::wrong(format!("the year {year} is out of range"))),
    }
}

impl From<DateLiteral> for Value {
    fn from(literal: DateLiteral) -> Self {
        Self::bare(literal)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or_else(Self::null, Into::into)
    }
}
