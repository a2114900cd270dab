//! Names: of models, adapters, records and streams.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name of a model, for instance `customer`.
///
/// A newtype over a string rather than an enumeration: a host's own model is first-class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Kind(&'static str);

impl Kind {
    /// Names a kind. Lower case, singular, words joined by `_`.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// The name and version of an adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct AdapterId {
    /// Lower-case name, for instance `salesforce`.
    pub name: &'static str,
    /// Version of the adapter crate.
    pub version: &'static str,
}

impl AdapterId {
    /// Names an adapter.
    #[must_use]
    pub const fn new(name: &'static str, version: &'static str) -> Self {
        Self { name, version }
    }
}

impl fmt::Display for AdapterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

/// A record's id at its source, as the source spells it.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct RecordId(Box<str>);

impl RecordId {
    /// Wraps an id.
    #[must_use]
    pub fn new(id: impl Into<Box<str>>) -> Self {
        Self(id.into())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether no id was given (a record that does not exist at the source yet).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<&str> for RecordId {
    fn from(id: &str) -> Self {
        Self(id.into())
    }
}

impl From<String> for RecordId {
    fn from(id: String) -> Self {
        Self(id.into_boxed_str())
    }
}

/// One stream of records: an object of an adapter, for one account, as one kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StreamKey {
    /// Name of the adapter.
    pub adapter: Box<str>,
    /// The vendor account (an org, a realm, a workspace), so that two tenants never share a position.
    pub account: Box<str>,
    /// The kind of record.
    pub kind: Box<str>,
    /// The vendor's object, for instance `Lead`.
    pub object: Box<str>,
}

impl StreamKey {
    /// Names a stream.
    #[must_use]
    pub fn new(adapter: &str, account: &str, kind: Kind, object: &str) -> Self {
        Self {
            adapter: adapter.into(),
            account: account.into(),
            kind: kind.as_str().into(),
            object: object.into(),
        }
    }
}

impl fmt::Display for StreamKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}", self.adapter, self.account, self.kind, self.object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_to_the_width_of_a_column() {
        let (kind, id) = (Kind::new("customer"), RecordId::from("c1"));
        assert_eq!(format!("{kind:10}|{id:>4}|{id:.1}"), "customer  |  c1|c");
    }
}
