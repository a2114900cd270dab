//! Which fields a source has, and what changed about them.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Fields, observe::Drift};

/// The fields of a source as far as they were seen, with coarse types.
///
/// What the first full read shows is taken as given; changes are reported from then on. It is kept in the checkpoint, so that
/// a change is noticed across restarts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceSchema {
    settled: bool,
    #[serde(default)]
    records: u64,
    fields: BTreeMap<Box<str>, Field>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Field {
    types: Types,
    /// Listed by the adapter.
    declared: bool,
    /// Whether every record so far had it; unknown until a pass is complete.
    #[serde(skip_serializing_if = "Option::is_none")]
    always: Option<bool>,
    /// Records of the pass under way that have it.
    #[serde(skip_serializing_if = "is_zero")]
    seen: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// One change of one field.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FieldChange {
    pub(crate) field: Box<str>,
    what: What,
}

#[derive(Debug, PartialEq, Eq)]
enum What {
    Added(String),
    Removed,
    Retyped(String, String),
}

impl FieldChange {
    pub(crate) fn drift(&self) -> Drift<'_> {
        match &self.what {
            What::Added(types) => Drift::Added(types),
            What::Removed => Drift::Removed,
            What::Retyped(from, to) => Drift::Retyped { from, to },
        }
    }
}

impl SourceSchema {
    /// The fields known, with their types (`string`, `number|string`, …), sorted by name.
    pub fn fields(&self) -> impl Iterator<Item = (&str, String)> {
        self.fields.iter().map(|(name, field)| (&**name, field.types.to_string()))
    }

    /// Compares with what the adapter says it reads.
    pub(crate) fn declare(&mut self, declared: &[Box<str>]) -> Vec<FieldChange> {
        let mut changes = Vec::new();
        let settled = self.settled;
        self.fields.retain(|name, field| {
            let gone = field.declared && !declared.contains(name);
            field.declared &= !gone;
            if gone && field.types.is_empty() {
                changes.push(FieldChange { field: name.clone(), what: What::Removed });
            }
            !gone || !field.types.is_empty()
        });
        for name in declared {
            let known = self.fields.contains_key(name);
            self.fields.entry(name.clone()).or_default().declared = true;
            if !known && settled {
                changes.push(FieldChange { field: name.clone(), what: What::Added(Types::NONE.to_string()) });
            }
        }
        changes
    }

    /// Takes in the fields of one page's records.
    ///
    /// Records of a page mostly have the same fields in the same places, so each is compared with what stood in its place in the
    /// record before; only a difference is looked up by name.
    pub(crate) fn observe<'a>(&mut self, records: impl Iterator<Item = &'a Fields>) -> Vec<FieldChange> {
        let mut changes = Vec::new();
        let mut places: Vec<Place<'a>> = Vec::new();
        for record in records {
            self.records += 1;
            for (at, (name, value)) in record.iter().enumerate() {
                let types = Types::of(value);
                match places.get_mut(at) {
                    Some(place) if place.is(name) && place.types.has(types) => place.count += 1,
                    place => {
                        let known = self.note(name, types, &mut changes);
                        let new = Place { name, types: known, count: 1 };
                        match place {
                            Some(place) => self.count(&std::mem::replace(place, new)),
                            None => places.push(new),
                        }
                    }
                }
            }
        }
        for place in &places {
            self.count(place);
        }
        changes
    }

    fn note(&mut self, name: &str, types: Types, changes: &mut Vec<FieldChange>) -> Types {
        let Some(field) = self.fields.get_mut(name) else {
            if self.settled {
                changes.push(FieldChange { field: name.into(), what: What::Added(types.to_string()) });
            }
            self.fields.insert(name.into(), Field { types, ..Field::default() });
            return types;
        };
        if !field.types.has(types) {
            if self.settled && !field.types.is_empty() {
                let what = What::Retyped(field.types.to_string(), types.to_string());
                changes.push(FieldChange { field: name.into(), what });
            }
            field.types = field.types.and(types);
        }
        field.types
    }

    fn count(&mut self, place: &Place<'_>) {
        if let Some(field) = self.fields.get_mut(place.name) {
            field.seen += place.count;
        }
    }

    /// Forgets what was counted in a pass that starts again.
    pub(crate) fn restart(&mut self) {
        self.records = 0;
        for field in self.fields.values_mut() {
            field.seen = 0;
        }
    }

    /// Ends a pass. A field that no record of it had is missing if every record used to have it, or if the whole source was read.
    pub(crate) fn complete(&mut self, full: bool) -> Vec<FieldChange> {
        let mut changes = Vec::new();
        let (records, settled) = (self.records, self.settled);
        if records > 0 {
            self.fields.retain(|name, field| {
                let missing = !field.declared && field.seen == 0 && (full || field.always == Some(true));
                if missing && settled {
                    changes.push(FieldChange { field: name.clone(), what: What::Removed });
                }
                field.always = Some(field.always.unwrap_or(true) && field.seen == records);
                !missing
            });
        }
        self.settled |= full;
        self.restart();
        changes
    }
}

struct Place<'a> {
    name: &'a str,
    types: Types,
    count: u64,
}

impl Place<'_> {
    /// Adapters share the names of a page's fields, so that the address mostly tells.
    fn is(&self, name: &str) -> bool {
        std::ptr::eq(self.name, name) || self.name == name
    }
}

/// A set of JSON types. `null` is in every set: it says nothing about the type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
struct Types(u8);

const NAMES: [&str; 5] = ["boolean", "number", "string", "array", "object"];

impl Types {
    const NONE: Self = Self(0);

    const fn of(value: &Value) -> Self {
        Self(match value {
            Value::Null => 0,
            Value::Bool(_) => 1,
            Value::Number(_) => 2,
            Value::String(_) => 4,
            Value::Array(_) => 8,
            Value::Object(_) => 16,
        })
    }

    const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Types {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("unknown");
        }
        let mut separator = "";
        for (bit, name) in NAMES.iter().enumerate() {
            if self.0 & (1 << bit) != 0 {
                write!(f, "{separator}{name}")?;
                separator = "|";
            }
        }
        Ok(())
    }
}

impl From<String> for Types {
    fn from(text: String) -> Self {
        let bit = |name| NAMES.iter().position(|known| *known == name).map_or(0, |bit| 1 << bit);
        Self(text.split('|').map(bit).sum())
    }
}

impl From<Types> for String {
    fn from(types: Types) -> Self {
        types.to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(value: Value) -> Fields {
        serde_json::from_value(value).unwrap()
    }

    fn learned(records: &[Fields]) -> SourceSchema {
        let mut schema = SourceSchema::default();
        assert_eq!(schema.observe(records.iter()), []);
        assert_eq!(schema.complete(true), []);
        schema
    }

    fn told(changes: &[FieldChange]) -> Vec<(&str, Drift<'_>)> {
        changes.iter().map(|change| (&*change.field, change.drift())).collect()
    }

    #[test]
    fn the_first_full_read_is_taken_as_given() {
        let schema =
            learned(&[record(json!({"a": 1, "b": null})), record(json!({"a": 2, "b": "x", "c": true}))]);
        let fields: Vec<_> = schema.fields().collect();
        assert_eq!(fields, [("a", "number".into()), ("b", "string".into()), ("c", "boolean".into())]);
    }

    #[test]
    fn a_new_field_and_a_new_type_are_told_once() {
        let mut schema = learned(&[record(json!({"a": 1}))]);
        let changed = [record(json!({"a": "1", "z": []})), record(json!({"a": "2", "z": null}))];
        let changes = schema.observe(changed.iter());
        let retyped = Drift::Retyped { from: "number", to: "string" };
        assert_eq!(told(&changes), [("a", retyped), ("z", Drift::Added("array"))]);
        assert_eq!(schema.observe(changed.iter()), []);
    }

    #[test]
    fn a_null_is_no_new_type() {
        let mut schema = learned(&[record(json!({"a": 1, "b": null}))]);
        assert_eq!(schema.observe([record(json!({"a": null, "b": "now known"}))].iter()), []);
        let changes = schema.observe([record(json!({"b": 1}))].iter());
        assert_eq!(told(&changes), [("b", Drift::Retyped { from: "string", to: "number" })]);
    }

    #[test]
    fn a_field_every_record_had_is_missing_when_a_pass_lacks_it() {
        let mut schema = learned(&[record(json!({"a": 1, "rare": 1})), record(json!({"a": 1}))]);
        assert_eq!(schema.complete(false), [], "a pass without records shows nothing");
        schema.observe([record(json!({}))].iter());
        assert_eq!(told(&schema.complete(false)), [("a", Drift::Removed)]);
        schema.observe([record(json!({}))].iter());
        assert_eq!(told(&schema.complete(true)), [("rare", Drift::Removed)], "a full read settles it");
    }

    #[test]
    fn fields_that_move_about_in_a_record_are_counted_right() {
        let records: Vec<Fields> =
            (0..50)
                .map(|n| {
                    if n % 2 == 0 { record(json!({"b": n, "c": n})) } else { record(json!({"a": n, "b": n})) }
                })
                .collect();
        let mut schema = learned(&records);
        schema.observe([record(json!({"c": 1}))].iter());
        assert_eq!(
            told(&schema.complete(false)),
            [("b", Drift::Removed)],
            "a and c were never in every record"
        );
    }

    #[test]
    fn the_list_of_the_adapter_is_compared_too() {
        let names = |names: &[&str]| names.iter().map(|name| Box::from(*name)).collect::<Vec<Box<str>>>();
        let mut schema = SourceSchema::default();
        assert_eq!(schema.declare(&names(&["Id", "Name"])), []);
        assert_eq!(schema.complete(true), []);
        let changes = schema.declare(&names(&["Id", "Phone"]));
        assert_eq!(told(&changes), [("Name", Drift::Removed), ("Phone", Drift::Added("unknown"))]);
        assert_eq!(schema.declare(&names(&["Id", "Phone"])), []);
    }

    #[test]
    fn what_was_learned_survives_json() {
        let mut schema = learned(&[record(json!({"a": 1})), record(json!({"a": "x"}))]);
        schema.observe([record(json!({"a": 1}))].iter());
        let text = serde_json::to_string(&schema).unwrap();
        assert!(text.contains(r#""types":"number|string""#), "{text}");
        assert_eq!(serde_json::from_str::<SourceSchema>(&text).unwrap(), schema);
    }
}
