//! What objects and fields the org has. The tables are text beside this file (Salesforce Object Reference, v60;
//! lengths and flags from the describe results it documents), parsed once.

mod field;
mod parse;

use std::collections::HashMap;
use std::sync::LazyLock;

pub(crate) use field::{Field, Kind, Reference};

/// Position of an object in the schema, and of its table in the org.
pub(crate) type ObjectIndex = usize;
/// Position of a field in its object, and of its column in the table.
pub(crate) type FieldIndex = usize;

const TABLES: [&str; 6] = [
    include_str!("schema/account.txt"),
    include_str!("schema/contact.txt"),
    include_str!("schema/lead.txt"),
    include_str!("schema/sales.txt"),
    include_str!("schema/activity.txt"),
    include_str!("schema/org.txt"),
];

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema::parse(&TABLES));

pub(crate) fn schema() -> &'static Schema {
    &SCHEMA
}

#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) objects: Vec<Object>,
    by_name: HashMap<Box<str>, ObjectIndex>,
}

#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) index: ObjectIndex,
    pub(crate) name: Box<str>,
    pub(crate) prefix: Box<str>,
    pub(crate) label: Box<str>,
    pub(crate) plural: Box<str>,
    /// `c`reate, `u`pdate, `d`elete, `u`ndelete, `s`earch: as in the header line of the table.
    pub(crate) createable: bool,
    pub(crate) deletable: bool,
    pub(crate) searchable: bool,
    pub(crate) fields: Vec<Field>,
    pub(crate) children: Vec<Child>,
    pub(crate) system: System,
    by_name: HashMap<Box<str>, FieldIndex>,
    by_relationship: HashMap<Box<str>, FieldIndex>,
}

/// Where the fields that every write touches are, so that no write looks them up by name.
#[derive(Debug, Default)]
pub(crate) struct System {
    pub(crate) is_deleted: Option<FieldIndex>,
    pub(crate) created_date: Option<FieldIndex>,
    pub(crate) created_by: Option<FieldIndex>,
    pub(crate) modified_date: Option<FieldIndex>,
    pub(crate) modified_by: Option<FieldIndex>,
    pub(crate) modstamp: Option<FieldIndex>,
    pub(crate) owner: Option<FieldIndex>,
}

/// A relationship seen from the parent.
#[derive(Debug, Clone)]
pub(crate) struct Child {
    /// Absent where the relationship cannot be named in a query.
    pub(crate) name: Option<Box<str>>,
    pub(crate) object: ObjectIndex,
    pub(crate) field: FieldIndex,
    pub(crate) cascade: bool,
    pub(crate) restrict: bool,
}

impl Schema {
    pub(crate) fn object(&self, name: &str) -> Option<&Object> {
        self.by_name.get(name.to_ascii_lowercase().as_str()).and_then(|&index| self.objects.get(index))
    }

    pub(crate) fn by_prefix(&self, prefix: &str) -> Option<&Object> {
        self.objects.iter().find(|object| &*object.prefix == prefix)
    }
}

impl Object {
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.position(name).and_then(|index| self.fields.get(index))
    }

    pub(crate) fn position(&self, name: &str) -> Option<FieldIndex> {
        self.by_name.get(name.to_ascii_lowercase().as_str()).copied()
    }

    /// The reference field behind a parent relationship's name.
    pub(crate) fn relationship(&self, name: &str) -> Option<&Field> {
        let index = self.by_relationship.get(name.to_ascii_lowercase().as_str())?;
        self.fields.get(*index)
    }

    pub(crate) fn child(&self, name: &str) -> Option<&Child> {
        self.children.iter().find(|child| child.name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case(name)))
    }

    pub(crate) fn name_field(&self) -> Option<&Field> {
        self.fields.iter().find(|field| field.name_field)
    }

    pub(crate) fn custom(&self) -> bool {
        self.name.ends_with("__c")
    }
}

#[cfg(test)]
mod tests;
