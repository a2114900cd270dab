//! JSON as the company keeps it: numbers are exact decimals with their scale (`100.00` stays `100.00`), properties
//! keep their order, and a stored row travels as text without being taken apart.

mod parse;

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter, Write};
use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::Value;

pub(crate) use parse::Malformed;

/// One JSON value.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Json {
    #[default]
    Null,
    Bool(bool),
    Number(Decimal),
    Text(String),
    List(Vec<Self>),
    Object(Object),
    /// A row as it is stored, already serialised.
    Raw(Arc<str>),
}

/// Properties in the order they are written.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Object(Vec<(Cow<'static, str>, Json)>);

impl Json {
    /// Reads a text.
    ///
    /// # Errors
    /// [`Malformed`] if it is not JSON.
    pub(crate) fn parse(text: &str) -> Result<Self, Malformed> {
        parse::parse(text)
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_number(&self) -> Option<Decimal> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    pub(crate) fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    pub(crate) fn into_object(self) -> Option<Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The value at a path like `MetaData.LastUpdatedTime`; through no lists.
    pub(crate) fn at(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, |value, name| value.as_object()?.get(name))
    }
}

impl Object {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Json> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Json> {
        self.0.iter_mut().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    pub(crate) fn at(&self, path: &str) -> Option<&Json> {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let value = self.get(first)?;
        rest.map_or(Some(value), |rest| value.at(rest))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_text()
    }

    /// A decimal property; absent counts as zero.
    pub(crate) fn number(&self, name: &str) -> Decimal {
        self.get(name).and_then(Json::as_number).unwrap_or_default()
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.get(name).and_then(Json::as_bool).unwrap_or_default()
    }

    pub(crate) fn list(&self, name: &str) -> &[Json] {
        self.get(name).and_then(Json::as_list).unwrap_or_default()
    }

    pub(crate) fn object(&self, name: &str) -> Option<&Self> {
        self.get(name)?.as_object()
    }

    /// The id in a reference property.
    pub(crate) fn reference(&self, name: &str) -> Option<&str> {
        self.object(name)?.text("value")
    }

    /// Sets a property, in place if it is there.
    pub(crate) fn set(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Json>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(key, _)| *key == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
    }

    /// Puts a property before the others.
    pub(crate) fn set_first(&mut self, name: &'static str, value: impl Into<Json>) {
        self.0.insert(0, (Cow::Borrowed(name), value.into()));
    }

    /// Sets a property unless it is there.
    pub(crate) fn set_default(&mut self, name: &'static str, value: impl Into<Json>) {
        if !self.has(name) {
            self.0.push((Cow::Borrowed(name), value.into()));
        }
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<Json> {
        let index = self.0.iter().position(|(key, _)| key == name)?;
        Some(self.0.remove(index).1)
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Json>) -> Self {
        self.set(name, value);
        self
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0.iter().map(|(key, value)| (&**key, value))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Json)> {
        self.0.iter_mut().map(|(key, value)| (&**key, value))
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Drops what was sent as `null`.
    #[must_use]
    pub(crate) fn without_nulls(mut self) -> Self {
        self.0.retain(|(_, value)| *value != Json::Null);
        self
    }

    /// Puts the properties into the order `rank` gives.
    pub(crate) fn sort_by_key(&mut self, rank: impl Fn(&str) -> usize) {
        self.0.sort_by_cached_key(|(key, _)| rank(key));
    }
}

/// A reference as the vendor writes it: `{"value": id, "name": name}`.
pub(crate) fn reference(value: &str, name: &str) -> Json {
    let object = Object::new().with("value", value);
    Json::Object(if name.is_empty() { object } else { object.with("name", name) })
}

impl From<bool> for Json {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<Decimal> for Json {
    fn from(number: Decimal) -> Self {
        Self::Number(number)
    }
}

impl From<i64> for Json {
    fn from(number: i64) -> Self {
        Self::Number(number.into())
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Object> for Json {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

impl From<Vec<Self>> for Json {
    fn from(items: Vec<Self>) -> Self {
        Self::List(items)
    }
}

/// For bodies written in code. A decimal that a double cannot hold does not survive `Value`; parse a text for that.
impl From<Value> for Json {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(flag),
            Value::Number(number) => Self::parse(&number.to_string()).unwrap_or_default(),
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::List(items.into_iter().map(Self::from).collect()),
            Value::Object(fields) => {
                let fields = fields.into_iter();
                Self::Object(Object(fields.map(|(key, value)| (Cow::Owned(key), value.into())).collect()))
            }
        }
    }
}

impl Display for Json {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(flag) => write!(f, "{flag}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write_text(f, text),
            Self::List(items) => {
                f.write_char('[')?;
                for (index, item) in items.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { "," })?;
                    item.fmt(f)?;
                }
                f.write_char(']')
            }
            Self::Object(object) => object.fmt(f),
            Self::Raw(text) => f.write_str(text),
        }
    }
}

impl Display for Object {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('{')?;
        for (index, (name, value)) in self.0.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "," })?;
            write_text(f, name)?;
            f.write_char(':')?;
            value.fmt(f)?;
        }
        f.write_char('}')
    }
}

fn write_text(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        f.write_str(text.get(plain..at).unwrap_or_default())?;
        plain = at + 1;
        match byte {
            b'"' => f.write_str("\\\"")?,
            b'\\' => f.write_str("\\\\")?,
            b'\n' => f.write_str("\\n")?,
            b'\r' => f.write_str("\\r")?,
            b'\t' => f.write_str("\\t")?,
            _ => write!(f, "\\u{byte:04x}")?,
        }
    }
    f.write_str(text.get(plain..).unwrap_or_default())?;
    f.write_char('"')
}
