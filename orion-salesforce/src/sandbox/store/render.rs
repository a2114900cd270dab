//! Rows as JSON text and as CSV cells. Text, because Salesforce answers members in the order asked for and
//! `serde_json::Map` sorts them; and because a page of 2,000 rows is then one buffer.

use super::Org;
use super::id::RowId;
use super::moment;
use super::number;
use super::schema::{Field, Kind};

impl Org {
    /// Appends `"attributes":{...}`. A polymorphic parent shows as `Name`, whatever row it is.
    pub(crate) fn write_attributes(
        &self,
        version: &str,
        shown_as: Option<&str>,
        id: RowId,
        out: &mut String,
    ) {
        let object = self.schema.objects.get(id.object).map_or("", |object| &object.name);
        out.push_str("\"attributes\":{\"type\":\"");
        out.push_str(shown_as.unwrap_or(object));
        out.push_str("\",\"url\":\"");
        self.write_url(version, id, out);
        out.push_str("\"}");
    }

    /// `/services/data/v60.0/sobjects/Account/001...`
    pub(crate) fn write_url(&self, version: &str, id: RowId, out: &mut String) {
        let object = self.schema.objects.get(id.object).map_or("", |object| &object.name);
        for part in ["/services/data/", version, "/sobjects/", object, "/"] {
            out.push_str(part);
        }
        id.write(self.schema, out);
    }

    /// Appends a field's value as JSON.
    pub(crate) fn write_json(&self, id: RowId, field: &Field, out: &mut String) {
        if field.kind.is_text() {
            match self.text(id, field.index) {
                Some(text) => push_json(text, out),
                None if &*field.name == "PhotoUrl" => self.write_photo(id, out),
                None => out.push_str("null"),
            }
            return;
        }
        match field.kind {
            Kind::Id => quoted(out, |out| id.write(self.schema, out)),
            Kind::Address => self.write_address(id, field, out),
            _ => match self.word(id, field.index) {
                Some(word) => self.write_word(word, field.kind, field.scale, out),
                None => out.push_str("null"),
            },
        }
    }

    /// Appends a column's word as JSON.
    pub(crate) fn write_word(&self, word: i64, kind: Kind, scale: u32, out: &mut String) {
        match kind {
            Kind::Boolean => out.push_str(if word == 0 { "false" } else { "true" }),
            Kind::Date => quoted(out, |out| moment::write_date(word, out)),
            Kind::DateTime => quoted(out, |out| moment::write_datetime(word, "+0000", out)),
            Kind::Id | Kind::Reference => quoted(out, |out| RowId::unpack(word).write(self.schema, out)),
            kind => number::write(word, scale, kind == Kind::Int, out),
        }
    }

    fn write_photo(&self, id: RowId, out: &mut String) {
        quoted(out, |out| {
            out.push_str("/services/images/photo/");
            id.write(self.schema, out);
        });
    }

    fn write_address(&self, id: RowId, field: &Field, out: &mut String) {
        let Some(object) = self.schema.objects.get(id.object) else { return };
        let empty = |&(_, index): &(Box<str>, usize)| {
            self.text(id, index).is_none() && self.word(id, index).is_none()
        };
        if field.parts.iter().all(empty) {
            out.push_str("null");
            return;
        }
        let mut lead = '{';
        for (name, index) in &field.parts {
            let Some(part) = object.fields.get(*index) else { continue };
            out.push(lead);
            lead = ',';
            quoted(out, |out| out.push_str(name));
            out.push(':');
            self.write_json(id, part, out);
        }
        out.push('}');
    }

    /// A field's value as a Bulk CSV cell; null is empty, moments end in `Z` (Bulk API 2.0 guide).
    pub(crate) fn csv_value(&self, id: RowId, field: &Field) -> String {
        if field.kind.is_text() && &*field.name != "PhotoUrl" {
            return self.text(id, field.index).unwrap_or_default().to_owned();
        }
        let mut out = String::new();
        match (field.kind, self.word(id, field.index)) {
            (Kind::DateTime, Some(word)) => moment::write_datetime(word, "Z", &mut out),
            _ => self.write_json(id, field, &mut out),
        }
        if out == "null" {
            out.clear();
        }
        match out.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
            Some(text) => text.to_owned(),
            None => out,
        }
    }
}

fn quoted(out: &mut String, write: impl FnOnce(&mut String)) {
    out.push('"');
    write(out);
    out.push('"');
}

/// Appends a JSON string.
pub(crate) fn push_json(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        let (clean, special) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(clean);
        let mut chars = special.chars();
        match chars.next() {
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some(c @ ('"' | '\\')) => out.extend(['\\', c]),
            Some(c) => {
                let hex = |shift: u32| char::from_digit(u32::from(c) >> shift & 0xf, 16).unwrap_or('0');
                out.push_str("\\u00");
                out.extend([hex(4), hex(0)]);
            }
            None => {}
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::push_json;

    #[test]
    fn json_strings_read_back_as_they_were() {
        for text in ["", "plain", "a\"b\\c\nd\r\te\u{1}", "東京 é 🚀", "\\\\", "\"", "end\\"] {
            let mut out = String::new();
            push_json(text, &mut out);
            assert_eq!(serde_json::from_str::<String>(&out).unwrap(), text);
        }
    }
}
