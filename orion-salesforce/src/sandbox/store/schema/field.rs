//! One field of an object, as describe knows it.

use super::FieldIndex;

/// A field's data type. The names are those of describe's `type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Id,
    String,
    TextArea,
    Phone,
    Url,
    Email,
    Picklist,
    MultiPicklist,
    Combobox,
    Boolean,
    Int,
    Currency,
    Double,
    Percent,
    Date,
    DateTime,
    Reference,
    Address,
}

const NAMES: [(&str, Kind); 18] = [
    ("id", Kind::Id),
    ("string", Kind::String),
    ("textarea", Kind::TextArea),
    ("phone", Kind::Phone),
    ("url", Kind::Url),
    ("email", Kind::Email),
    ("picklist", Kind::Picklist),
    ("multipicklist", Kind::MultiPicklist),
    ("combobox", Kind::Combobox),
    ("boolean", Kind::Boolean),
    ("int", Kind::Int),
    ("currency", Kind::Currency),
    ("double", Kind::Double),
    ("percent", Kind::Percent),
    ("date", Kind::Date),
    ("datetime", Kind::DateTime),
    ("reference", Kind::Reference),
    ("address", Kind::Address),
];

impl Kind {
    pub(crate) fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|&(_, kind)| kind)
    }

    pub(crate) fn name(self) -> &'static str {
        NAMES.iter().find(|&&(_, kind)| kind == self).map_or("string", |&(name, _)| name)
    }

    /// Whether the value is kept as text.
    pub(crate) fn is_text(self) -> bool {
        matches!(
            self,
            Self::String
                | Self::TextArea
                | Self::Phone
                | Self::Url
                | Self::Email
                | Self::Picklist
                | Self::MultiPicklist
                | Self::Combobox
        )
    }

    pub(crate) fn is_number(self) -> bool {
        matches!(self, Self::Int | Self::Currency | Self::Double | Self::Percent)
    }
}

/// What a reference field points at.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reference {
    /// As describe lists them; some are objects this org does not hold.
    pub(crate) to: Vec<Box<str>>,
    pub(crate) relationship: Box<str>,
    pub(crate) child_relationship: Option<Box<str>>,
    pub(crate) cascade: bool,
    /// Whether a row that is pointed at cannot be deleted.
    pub(crate) restrict: bool,
}

/// One field of an object.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "describe's own flags, each independent of the others")]
pub(crate) struct Field {
    pub(crate) index: FieldIndex,
    pub(crate) name: Box<str>,
    pub(crate) label: Box<str>,
    pub(crate) kind: Kind,
    /// Characters of text.
    pub(crate) length: usize,
    /// Digits of a number in all, and after the point.
    pub(crate) precision: u32,
    pub(crate) scale: u32,
    pub(crate) nillable: bool,
    pub(crate) createable: bool,
    pub(crate) updateable: bool,
    pub(crate) defaulted: bool,
    pub(crate) external_id: bool,
    pub(crate) unique: bool,
    pub(crate) id_lookup: bool,
    pub(crate) restricted: bool,
    pub(crate) name_field: bool,
    pub(crate) filterable: bool,
    pub(crate) reference: Option<Reference>,
    pub(crate) values: Vec<Box<str>>,
    pub(crate) default: Option<Box<str>>,
    pub(crate) compound: Option<Box<str>>,
    /// The members of a compound address: JSON name and field, in the order Salesforce writes them.
    pub(crate) parts: Vec<(Box<str>, FieldIndex)>,
}

impl Field {
    pub(crate) fn custom(&self) -> bool {
        self.name.ends_with("__c")
    }

    /// Whether a write must give it a value.
    pub(crate) fn required(&self) -> bool {
        self.createable && !self.nillable && !self.defaulted
    }

    /// Whether rows can be found by it: it has an index.
    pub(crate) fn indexed(&self) -> bool {
        let parent = self.reference.as_ref().is_some_and(|reference| reference.child_relationship.is_some());
        parent || self.external_id || self.unique
    }

    /// Whether it may order a result. Salesforce refuses long text and compounds.
    pub(crate) fn sortable(&self) -> bool {
        self.filterable && self.kind != Kind::MultiPicklist
    }

    /// Whether it may group a result.
    pub(crate) fn groupable(&self) -> bool {
        let plain = matches!(self.kind, Kind::Double | Kind::Currency | Kind::Percent | Kind::DateTime);
        self.sortable() && !plain
    }

    /// Whether MIN and MAX take it; describe's `aggregatable`.
    pub(crate) fn aggregatable(&self) -> bool {
        self.sortable() && self.kind != Kind::Boolean
    }
}
