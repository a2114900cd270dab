//! Links between records.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::RecordId;

/// A link to another record of the same source.
///
/// ```
/// use orion_core::Ref;
///
/// let owner = Ref::new("005xx0000012345").with_name("Ada Lovelace");
/// assert_eq!(owner.name.as_deref(), Some("Ada Lovelace"));
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct Ref {
    /// The id of the record at its source, for instance `005xx0000012345` or `42`.
    pub id: RecordId,
    /// The vendor's object it belongs to, for instance `Lead`. Left out where the field can only mean one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<Box<str>>,
    /// The name shown for it when the link was read; informative, never used to find the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Box<str>>,
}

impl Ref {
    /// Links to a record.
    #[must_use]
    pub fn new(id: impl Into<RecordId>) -> Self {
        Self { id: id.into(), object: None, name: None }
    }

    /// Says which of the vendor's objects it belongs to.
    #[must_use]
    pub fn with_object(mut self, object: impl Into<Box<str>>) -> Self {
        self.object = Some(object.into());
        self
    }

    /// Adds the name shown for it.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<Box<str>>) -> Self {
        self.name = Some(name.into());
        self
    }
}
