//! What properties the vendor's types have. The tables are text beside this file, parsed once; a property the tables
//! do not know is refused as the vendor refuses it.

use std::collections::HashMap;
use std::sync::LazyLock;

const TABLES: [&str; 3] =
    [include_str!("schema/entities.txt"), include_str!("schema/parts.txt"), include_str!("schema/enums.txt")];

/// Of what kind a property's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Number,
    Whole,
    Flag,
    Date,
    Time,
    Any,
    Enum(&'static str),
    Type(&'static str),
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Property {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) list: bool,
}

/// A type with its own properties first, then those of its bases from the root down: the order the vendor writes.
#[derive(Debug)]
pub(crate) struct Type {
    pub(crate) name: &'static str,
    properties: Vec<Property>,
    positions: HashMap<&'static str, usize>,
}

impl Type {
    pub(crate) fn property(&self, name: &str) -> Option<Property> {
        self.positions.get(name).and_then(|index| self.properties.get(*index)).copied()
    }

    /// Where the vendor writes the property; what it does not know comes last.
    pub(crate) fn rank(&self, name: &str) -> usize {
        self.positions.get(name).copied().unwrap_or(usize::MAX)
    }

    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.properties.iter().map(|property| property.name).collect()
    }
}

#[derive(Debug, Default)]
pub(crate) struct Schema {
    types: HashMap<&'static str, Type>,
    enums: HashMap<&'static str, Vec<&'static str>>,
}

impl Schema {
    pub(crate) fn get(&self, name: &str) -> Option<&Type> {
        self.types.get(name)
    }

    pub(crate) fn allows(&self, name: &str, value: &str) -> bool {
        self.enums.get(name).is_none_or(|values| values.contains(&value))
    }
}

pub(crate) fn schema() -> &'static Schema {
    static SCHEMA: LazyLock<Schema> = LazyLock::new(load);
    &SCHEMA
}

/// A declaration's own lines: base and properties.
type Declared = HashMap<&'static str, (Option<&'static str>, Vec<(&'static str, &'static str)>)>;

fn load() -> Schema {
    let (mut declared, mut schema) = (Declared::new(), Schema::default());
    for block in TABLES.iter().flat_map(|table| blocks(table)) {
        let Some((head, body)) = block.split_first() else { continue };
        let mut words = head.split_whitespace();
        match (words.next(), words.next()) {
            (Some("type"), Some(name)) => {
                let fields = body.iter().flat_map(|line| line.split_whitespace());
                declared
                    .insert(name, (words.nth(1), fields.filter_map(|field| field.split_once('=')).collect()));
            }
            (Some("enum"), Some(name)) => {
                schema.enums.insert(name, values(&block));
            }
            _ => {}
        }
    }
    let names: Vec<&'static str> = declared.keys().copied().collect();
    for name in names {
        let properties = flatten(&declared, &schema, name);
        let positions =
            properties.iter().enumerate().map(|(index, property)| (property.name, index)).collect();
        schema.types.insert(name, Type { name, properties, positions });
    }
    schema
}

/// Splits a table into declarations: a line at the margin and the indented ones under it.
fn blocks(table: &'static str) -> Vec<Vec<&'static str>> {
    let mut blocks: Vec<Vec<&'static str>> = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        match blocks.last_mut() {
            Some(block) if line.starts_with(' ') => block.push(line.trim()),
            _ => blocks.push(vec![line]),
        }
    }
    blocks
}

/// The values of an enumeration: `|` parts them, and one may hold a space and stand on its own line.
fn values(block: &[&'static str]) -> Vec<&'static str> {
    let rest = |line: &'static str| {
        line.strip_prefix("enum ").map_or(line, |line| line.split_once(' ').map_or("", |(_, rest)| rest))
    };
    block
        .iter()
        .flat_map(|line| rest(line).split('|'))
        .map(str::trim)
        .filter(|value| !value.is_empty())
        .collect()
}

fn flatten(declared: &Declared, schema: &Schema, name: &str) -> Vec<Property> {
    let mut lineage = Vec::new();
    let mut next = declared.get(name);
    while let Some((base, fields)) = next {
        lineage.push(fields);
        next = base.and_then(|base| declared.get(base));
    }
    // The type itself, then its bases from the root down.
    let own = lineage.remove(0);
    let fields = own.iter().chain(lineage.into_iter().rev().flatten());
    let mut properties: Vec<Property> = Vec::new();
    for (name, kind) in fields {
        if properties.iter().all(|property| property.name != *name) {
            let (kind, list) = kind.strip_suffix("[]").map_or((*kind, false), |kind| (kind, true));
            properties.push(Property { name, kind: kind_of(schema, kind), list });
        }
    }
    properties
}

fn kind_of(schema: &Schema, word: &'static str) -> Kind {
    match word {
        "text" => Kind::Text,
        "number" => Kind::Number,
        "whole" => Kind::Whole,
        "flag" => Kind::Flag,
        "date" => Kind::Date,
        "time" => Kind::Time,
        "any" => Kind::Any,
        _ if schema.enums.contains_key(word) => Kind::Enum(word),
        _ => Kind::Type(word),
    }
}
