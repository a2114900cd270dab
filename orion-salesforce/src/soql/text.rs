//! A piece of a query: safe text, or the first mistake made on the way to it.

use std::fmt::{self, Write};

#[derive(Clone, Default)]
pub(super) struct Text {
    pub(super) soql: String,
    pub(super) mistake: Option<String>,
}

impl Text {
    /// A name: segments of letters, digits and underscores that begin with a letter, joined by dots.
    pub(super) fn path(name: &str) -> Self {
        Self::checked(name, name.split('.').all(is_identifier), "segments joined by dots")
    }

    /// A name of one segment.
    pub(super) fn identifier(name: &str) -> Self {
        Self::checked(name, is_identifier(name), "no dots")
    }

    fn checked(name: &str, sound: bool, shape: &str) -> Self {
        if sound {
            return Self { soql: name.to_owned(), mistake: None };
        }
        let shown: String = name.chars().take(64).collect();
        Self::wrong(format!("{shown:?} is no Salesforce name: letters, digits and underscores, {shape}"))
    }

    pub(super) fn wrong(mistake: String) -> Self {
        Self { soql: String::new(), mistake: Some(mistake) }
    }

    /// Appends text of this module's own.
    pub(super) fn push(mut self, text: impl fmt::Display) -> Self {
        // Writing to a string cannot fail.
        let _infallible = write!(self.soql, "{text}");
        self
    }

    pub(super) fn then(mut self, next: Self) -> Self {
        self.soql.push_str(&next.soql);
        self.mistake = self.mistake.or(next.mistake);
        self
    }

    /// Wraps it as a call or a group: `name(…)`.
    pub(super) fn within(self, name: &'static str) -> Self {
        Self::default().push(name).push('(').then(self).push(')')
    }

    pub(super) fn list(parts: impl IntoIterator<Item = Self>, separator: &'static str) -> Self {
        parts.into_iter().fold(Self::default(), |all, part| {
            let all = if all.soql.is_empty() { all } else { all.push(separator) };
            all.then(part)
        })
    }
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Shows the length only: literals carry the tenant's data.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.soql.len())
    }
}
