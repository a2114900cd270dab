//! A record as the JSON object REST takes.

use std::{fmt, io::Write};

use orion_core::{Error, ErrorKind, Result};
use serde_json::value::RawValue;

use super::FieldSink;

/// Writes one JSON object, numbers digit for digit.
pub(crate) struct JsonSink(Vec<u8>);

impl JsonSink {
    /// An empty object.
    pub(crate) fn new() -> Self {
        Self(vec![b'{'])
    }

    /// An object of the type `object`, as Collections, Composite and Tree want it.
    pub(crate) fn of(object: &str) -> Self {
        let mut sink = Self::new();
        sink.0.extend_from_slice(b"\"attributes\":{\"type\":");
        sink.quoted(object);
        sink.0.push(b'}');
        sink
    }

    /// The object, ready to be embedded in a body.
    ///
    /// # Errors
    /// `Malformed` if a value given as bare is neither a number nor a boolean.
    pub(crate) fn finish(mut self) -> Result<Box<RawValue>> {
        self.0.push(b'}');
        String::from_utf8(self.0)
            .ok()
            .and_then(|json| RawValue::from_string(json).ok())
            .ok_or_else(|| Error::new(ErrorKind::Malformed, "a field's value is no JSON number or boolean"))
    }

    /// Writes the name and what stands before a value; a reference by external id opens an object of its own.
    fn field(&mut self, name: &str, value: impl FnOnce(&mut Self)) {
        if !self.0.ends_with(b"{") {
            self.0.push(b',');
        }
        match name.split_once('.') {
            Some((relation, member)) => {
                self.quoted(relation);
                self.0.extend_from_slice(b":{");
                self.field(member, value);
                self.0.push(b'}');
            }
            None => {
                self.quoted(name);
                self.0.push(b':');
                value(self);
            }
        }
    }

    fn quoted(&mut self, text: &str) {
        // Text always serialises, and writing to memory cannot fail.
        let _infallible = serde_json::to_writer(&mut self.0, text);
    }
}

impl FieldSink for JsonSink {
    // As the REST API Developer Guide spells it in the bodies of collections.
    fn id(&mut self, id: &str) {
        self.text("id", id);
    }

    fn null(&mut self, name: &str) {
        self.field(name, |sink| sink.0.extend_from_slice(b"null"));
    }

    fn text(&mut self, name: &str, value: &str) {
        self.field(name, |sink| sink.quoted(value));
    }

    fn bare(&mut self, name: &str, value: fmt::Arguments<'_>) {
        self.field(name, |sink| {
            let _infallible = sink.0.write_fmt(value);
        });
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn every_kind_of_field_is_written() {
        let mut sink = JsonSink::of("Account");
        sink.text("Name", "O\"Neil \\ \u{1}\n😀");
        sink.null("Fax");
        sink.bool("IsActive__c", true);
        sink.decimal("AnnualRevenue", "12345678901234567.89".parse().unwrap());
        sink.date("Since__c", NaiveDate::from_ymd_opt(2024, 2, 29).unwrap());
        sink.value("Owner", &json!({"External_Id__c": "u-1"}));
        sink.value("Tags__c", &json!(["a", "b"]));
        let raw = sink.finish().unwrap();
        assert!(raw.get().contains("\"AnnualRevenue\":12345678901234567.89"), "digits survive");
        let read: Value = serde_json::from_str(raw.get()).unwrap();
        assert_eq!(read["attributes"]["type"], "Account");
        assert_eq!(read["Name"], "O\"Neil \\ \u{1}\n😀");
        assert_eq!(read["Fax"], Value::Null);
        assert_eq!(read["IsActive__c"], true);
        assert_eq!(read["Since__c"], "2024-02-29");
        assert_eq!(read["Owner"], json!({"External_Id__c": "u-1"}));
        assert_eq!(read["Tags__c"], "a;b");
    }

    #[test]
    fn an_object_without_fields_is_an_object() {
        assert_eq!(JsonSink::new().finish().unwrap().get(), "{}");
    }

    proptest! {
        #[test]
        fn any_text_reads_back_as_it_was(name in "[A-Za-z]{1,9}", text in any::<String>()) {
            let mut sink = JsonSink::new();
            sink.text(&name, &text);
            let read: Value = serde_json::from_str(sink.finish().unwrap().get()).unwrap();
            prop_assert_eq!(&read[&name], &Value::from(text));
        }
    }
}
