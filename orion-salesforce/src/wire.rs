//! The seam between a record and its wire form: one mapping writes JSON for REST and CSV for Bulk.
//!
//! A mapping names each field once, in any order: `sink.text("Name", &account.name)`. A field it does not name is left
//! unchanged by an update; `null` empties it. A name may be a reference by external id: `Owner.External_Id__c`.

mod json;

use std::fmt;

use chrono::NaiveDate;
use rust_decimal::Decimal;

pub(crate) use json::JsonSink;

/// Receives a record's fields under Salesforce's names. Each name at most once per record.
pub(crate) trait FieldSink {
    /// Empties the field.
    fn null(&mut self, name: &str);

    /// Names the record.
    fn id(&mut self, id: &str) {
        self.text("Id", id);
    }

    /// Sets text: also picklists, ids and references.
    fn text(&mut self, name: &str, value: &str);

    /// Sets what JSON writes without quotes. `value` displays as a JSON number or boolean.
    fn bare(&mut self, name: &str, value: fmt::Arguments<'_>);

    /// Sets a boolean.
    fn bool(&mut self, name: &str, value: bool) {
        self.bare(name, format_args!("{value}"));
    }

    /// Sets a number, digit for digit.
    fn decimal(&mut self, name: &str, value: Decimal) {
        self.bare(name, format_args!("{value}"));
    }

    /// Sets a date: `2024-06-11`.
    fn date(&mut self, name: &str, value: NaiveDate) {
        self.text(name, &value.to_string());
    }

    /// Sets a value of `extra`. An object is a reference by external id: `{"External_Id__c": "x"}` under `Owner` is the
    /// field `Owner.External_Id__c`. An array is a multi-select picklist.
    fn value(&mut self, name: &str, value: &serde_json::Value) {
        use serde_json::Value;
        match value {
            Value::Null => self.null(name),
            Value::Bool(value) => self.bool(name, *value),
            Value::Number(value) => self.bare(name, format_args!("{value}")),
            Value::String(value) => self.text(name, value),
            Value::Array(values) => {
                let chosen: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
                self.text(name, &chosen.join(";"));
            }
            Value::Object(members) => {
                for (member, value) in members {
                    self.value(&format!("{name}.{member}"), value);
                }
            }
        }
    }

    /// Sets text if there is any.
    fn text_opt(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }
}
