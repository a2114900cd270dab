//! What the server half asks of the org beyond rows and queries.

use super::Org;

impl Org {
    /// The object an id belongs to, by its prefix.
    pub(crate) fn object_of(&self, id: &str) -> Option<&'static str> {
        self.schema.by_prefix(id.get(..3)?).map(|object| &*object.name)
    }

    /// The reference field behind a parent relationship's name: `AccountId` for `Account`.
    pub(crate) fn lookup_field(&self, object: &str, relation: &str) -> Option<&'static str> {
        self.schema.object(object)?.relationship(relation).map(|field| &*field.name)
    }
}
