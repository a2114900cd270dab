//! The parts that every check is made of: fields, lengths, counts.

use std::collections::HashSet;

use serde_json::Value;

use super::Surface;

/// One pass over blocks; it notes what is wrong and goes on.
#[derive(Debug)]
pub(super) struct Check {
    pub(super) surface: Surface,
    errors: Vec<String>,
    pub(super) block_ids: HashSet<String>,
}

impl Check {
    pub(super) fn new(surface: Surface) -> Self {
        Self { surface, errors: Vec::new(), block_ids: HashSet::new() }
    }

    pub(super) fn into_errors(self) -> Vec<String> {
        self.errors
    }

    /// Notes what is wrong at a place.
    pub(super) fn wrong(&mut self, at: &str, why: impl AsRef<str>) {
        self.errors.push(format!("{} [json-pointer:{at}]", why.as_ref()));
    }

    /// The field, which has to be there.
    pub(super) fn needed<'a>(&mut self, at: &str, object: &'a Value, field: &str) -> Option<&'a Value> {
        let value = object.get(field).filter(|value| !value.is_null());
        if value.is_none() {
            self.wrong(at, format!("missing required field: {field}"));
        }
        value
    }

    /// Characters of a text that has to be there.
    pub(super) fn string(&mut self, at: &str, object: &Value, field: &str, most: usize) {
        if let Some(value) = self.needed(at, object, field) {
            self.length(&format!("{at}/{field}"), value, 1, most);
        }
    }

    /// Characters of a text that may be there.
    pub(super) fn optional(&mut self, at: &str, object: &Value, field: &str, most: usize) {
        if let Some(value) = object.get(field).filter(|value| !value.is_null()) {
            self.length(&format!("{at}/{field}"), value, 0, most);
        }
    }

    fn length(&mut self, at: &str, value: &Value, least: usize, most: usize) {
        let Some(text) = value.as_str() else { return self.wrong(at, "must be a string") };
        let length = text.chars().count();
        if length < least {
            self.wrong(at, format!("must be more than {} characters", least - 1));
        }
        if length > most {
            self.wrong(at, format!("must be less than {} characters", most + 1));
        }
    }

    /// The items of a list that has to be there, so many at least and at most.
    pub(super) fn items<'a>(
        &mut self,
        at: &str,
        object: &'a Value,
        field: &str,
        least: usize,
        most: usize,
    ) -> &'a [Value] {
        let Some(value) = self.needed(at, object, field) else { return &[] };
        let at = format!("{at}/{field}");
        let Some(items) = value.as_array() else {
            self.wrong(&at, "must be an array");
            return &[];
        };
        self.count(&at, items.len(), least, most);
        items
    }

    pub(super) fn count(&mut self, at: &str, count: usize, least: usize, most: usize) {
        if count < least {
            self.wrong(at, format!("no fewer than {least} items allowed"));
        }
        if count > most {
            self.wrong(at, format!("no more than {most} items allowed"));
        }
    }

    /// A text object that has to be there.
    pub(super) fn text(&mut self, at: &str, object: &Value, field: &str, plain: bool, most: usize) {
        if let Some(value) = self.needed(at, object, field) {
            self.text_object(&format!("{at}/{field}"), value, plain, most);
        }
    }

    /// A text object that may be there.
    pub(super) fn optional_text(&mut self, at: &str, object: &Value, field: &str, plain: bool, most: usize) {
        if let Some(value) = object.get(field).filter(|value| !value.is_null()) {
            self.text_object(&format!("{at}/{field}"), value, plain, most);
        }
    }

    pub(super) fn text_object(&mut self, at: &str, value: &Value, plain: bool, most: usize) {
        match value["type"].as_str() {
            Some("plain_text") => {}
            Some("mrkdwn") if !plain => {}
            Some(other) => return self.wrong(&format!("{at}/type"), format!("unsupported type: {other}")),
            None => return self.wrong(at, "missing required field: type"),
        }
        self.string(at, value, "text", most);
    }
}
