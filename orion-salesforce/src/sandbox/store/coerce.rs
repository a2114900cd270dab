//! JSON values into cells, refused as Salesforce refuses them.

use serde_json::{Map, Value};

use super::Org;
use super::error::ApiError;
use super::id::{ParsedId, RowId};
use super::moment;
use super::number::{self, Fault};
use super::schema::{Field, Kind};
use super::table::{Cell, State};

impl Org {
    /// The cell a JSON value means for a field.
    pub(super) fn coerce(&self, field: &Field, value: &Value) -> Result<Cell, ApiError> {
        match value {
            Value::Null => Ok(blank(field)),
            Value::String(text) => self.coerce_text(field, text),
            Value::Number(number) if field.kind.is_number() => number_cell(field, &number.to_string(), value),
            Value::Bool(flag) if field.kind == Kind::Boolean => Ok(Cell::Word(i64::from(*flag))),
            // Scalars read as their text; objects and arrays do not (the second is reported, the first unverified).
            Value::Number(_) | Value::Bool(_) if field.kind.is_text() => text_cell(field, &value.to_string()),
            _ => Err(unreadable(field, value)),
        }
    }

    /// Refuses texts that do not read as their field's type, in the words Bulk has for it. Bulk calls this first: what
    /// follows would word it as a parser's complaint about JSON.
    pub(crate) fn check_texts(&self, object: &str, fields: &Map<String, Value>) -> Result<(), ApiError> {
        let Some(object) = self.schema.object(object) else { return Ok(()) };
        for (name, value) in fields {
            let (Some(field), Value::String(text)) = (object.field(name), value) else { continue };
            if self.coerce_text(field, text).is_err_and(|error| error.code == "JSON_PARSER_ERROR") {
                let message = format!("{}: value not of required type: {text}", field.name);
                return Err(ApiError::new(400, "INVALID_TYPE_ON_FIELD_IN_RECORD", message).on(&field.name));
            }
        }
        Ok(())
    }

    /// Strings are taken for every type when they read as one: REST does, and a Bulk CSV has nothing else.
    fn coerce_text(&self, field: &Field, raw: &str) -> Result<Cell, ApiError> {
        let text = raw.trim();
        if text.is_empty() {
            return Ok(blank(field));
        }
        let word = |word: Option<i64>| {
            word.map(Cell::Word).ok_or_else(|| unreadable(field, &Value::String(raw.to_owned())))
        };
        match field.kind {
            Kind::Boolean => word(boolean(text)),
            Kind::Date => word(moment::parse_date(text)),
            Kind::DateTime => word(moment::parse_datetime(text)),
            Kind::Reference => self.reference_cell(field, text),
            Kind::Id | Kind::Address => Err(ApiError::read_only(&[field])),
            kind if kind.is_number() => number_cell(field, text, &Value::String(raw.to_owned())),
            _ => text_cell(field, text),
        }
    }

    fn reference_cell(&self, field: &Field, text: &str) -> Result<Cell, ApiError> {
        let wrong_type =
            || ApiError::value(field, "MALFORMED_ID", format!("id value of incorrect type: {text}"));
        let targets = field.reference.as_ref().map_or(&[][..], |reference| &reference.to);
        let fits = |prefix: &str| {
            let object = self.schema.by_prefix(prefix);
            object.is_some_and(|object| targets.contains(&object.name))
        };
        if !text.get(..3).is_some_and(fits) {
            return Err(wrong_type());
        }
        match RowId::parse(self.schema, text) {
            ParsedId::Malformed => Err(wrong_type()),
            ParsedId::Foreign => Err(ApiError::bad_cross_reference().on(&field.name)),
            ParsedId::Row(id) => match self.state(id) {
                State::Live => Ok(Cell::Word(id.pack())),
                State::Deleted => Err(ApiError { status: 400, ..ApiError::deleted() }.on(&field.name)),
                State::Purged => Err(ApiError::bad_cross_reference().on(&field.name)),
            },
        }
    }
}

/// A checkbox has no null: clearing it unchecks it.
fn blank(field: &Field) -> Cell {
    match field.kind {
        Kind::Boolean => Cell::Word(0),
        _ => Cell::Null,
    }
}

fn boolean(text: &str) -> Option<i64> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(1),
        "false" | "0" => Some(0),
        _ => None,
    }
}

fn number_cell(field: &Field, text: &str, value: &Value) -> Result<Cell, ApiError> {
    if field.kind == Kind::Int && text.contains('.') {
        return Err(unreadable(field, value));
    }
    match number::parse(text, field.precision, field.scale) {
        Ok(word) => Ok(Cell::Word(word)),
        Err(Fault::NotANumber) => Err(unreadable(field, value)),
        Err(Fault::OutOfRange) => {
            let reason = format!("value outside of valid range on numeric field: {text}");
            Err(ApiError::value(field, "NUMBER_OUTSIDE_VALID_RANGE", reason))
        }
    }
}

fn text_cell(field: &Field, text: &str) -> Result<Cell, ApiError> {
    if text.len() > field.length && text.chars().count() > field.length {
        let reason = format!("data value too large: {text} (max length={})", field.length);
        return Err(ApiError::value(field, "STRING_TOO_LONG", reason));
    }
    if field.kind == Kind::Email && !is_email(text) {
        return Err(ApiError::value(
            field,
            "INVALID_EMAIL_ADDRESS",
            format!("invalid email address: {text}"),
        ));
    }
    if field.restricted {
        let known = |value: &str| field.values.iter().any(|known| &**known == value);
        let bad = text.split(';').find(|value| !known(value));
        if let Some(bad) = bad {
            let reason = format!("bad value for restricted picklist field: {bad}");
            return Err(ApiError::value(field, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", reason));
        }
    }
    Ok(Cell::Text(text.into()))
}

/// Salesforce's own rule is longer; this refuses what every version of it refuses.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let printable =
        text.chars().all(|c| !c.is_whitespace() && !c.is_control() && !matches!(c, ',' | '"' | '<' | '>'));
    let labels = domain.split('.').all(|label| !label.is_empty());
    printable && !local.is_empty() && !domain.contains('@') && domain.contains('.') && labels
}

/// What REST answers for a value of the wrong JSON type. The parser's true column is not known here.
fn unreadable(field: &Field, value: &Value) -> ApiError {
    let (token, shown) = match value {
        Value::Null => ("VALUE_NULL", "null".to_owned()),
        Value::Bool(true) => ("VALUE_TRUE", "true".to_owned()),
        Value::Bool(false) => ("VALUE_FALSE", "false".to_owned()),
        Value::Number(number) if number.is_f64() => ("VALUE_NUMBER_FLOAT", number.to_string()),
        Value::Number(number) => ("VALUE_NUMBER_INT", number.to_string()),
        Value::String(text) => ("VALUE_STRING", text.clone()),
        Value::Array(_) => ("START_ARRAY", String::new()),
        Value::Object(_) => ("START_OBJECT", "{".to_owned()),
    };
    let shown = match value {
        Value::Array(_) => String::new(),
        _ => format!("{shown} or request may be missing a required field at "),
    };
    let kind = field.kind.name();
    let message =
        format!("Cannot deserialize instance of {kind} from {token} value {shown}[line:1, column:2]");
    ApiError::new(400, "JSON_PARSER_ERROR", message)
}
