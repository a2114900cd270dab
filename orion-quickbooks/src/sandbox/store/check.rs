//! What a client sends, brought into the shape of the schema: unknown properties refused, numbers and booleans in
//! quotes read, and `""` taken for "not given", as clients written for the vendor send it.

use rust_decimal::Decimal;

use super::Fault;
use super::json::{Json, Object};
use super::moment;
use super::schema::{Kind, Property, Type, schema};

/// Longest texts the vendor takes (Intuit's entity reference).
const LONGEST: [(&str, usize); 5] =
    [("DocNumber", 21), ("DisplayName", 500), ("Name", 100), ("PrivateNote", 4_000), ("Description", 4_000)];

/// The body of a write. A property that was sent as `null` or `""` is `Null` in it.
///
/// # Errors
/// 2010 for a property the type does not have or a value of the wrong shape, 2170 for an unknown enumeration value,
/// 2050 for a text that is too long.
pub(crate) fn clean(class: &str, body: &Json) -> Result<Object, Fault> {
    let class = schema().get(class).ok_or_else(|| Fault::unsupported(class))?;
    let body = body.as_object().ok_or_else(|| Fault::unreadable("a body that is not an object"))?;
    object(class, body, true)
}

fn object(class: &'static Type, given: &Object, keep_null: bool) -> Result<Object, Fault> {
    let mut cleaned = Object::new();
    for (name, value) in given.iter() {
        let Some(property) = class.property(name) else {
            return Err(Fault::unknown_property(name, class.name, &class.names()));
        };
        let value = if property.list { list(property, value)? } else { one(property, value)? };
        if keep_null || value != Json::Null {
            cleaned.set(property.name, value);
        }
    }
    Ok(cleaned)
}

fn list(property: Property, value: &Json) -> Result<Json, Fault> {
    let items = match value {
        Json::Null => return Ok(Json::Null),
        Json::List(items) => items,
        _ => return Err(wrong(property)),
    };
    let mut cleaned = Vec::with_capacity(items.len());
    for item in items {
        match one(property, item)? {
            Json::Null => {}
            item => cleaned.push(item),
        }
    }
    Ok(if cleaned.is_empty() { Json::Null } else { Json::List(cleaned) })
}

fn one(property: Property, value: &Json) -> Result<Json, Fault> {
    match value {
        Json::Null => return Ok(Json::Null),
        Json::Text(text) if text.is_empty() => return Ok(Json::Null),
        _ => {}
    }
    match property.kind {
        Kind::Any => Ok(value.clone()),
        Kind::Text => text(property, value),
        Kind::Number | Kind::Whole => number(value).map(Json::Number).ok_or_else(|| wrong(property)),
        Kind::Flag => flag(value).map(Json::Bool).ok_or_else(|| wrong(property)),
        Kind::Date => {
            let date = value.as_text().and_then(moment::date).ok_or_else(|| wrong(property))?;
            Ok(Json::Text(date.to_string()))
        }
        Kind::Time => {
            let text = value.as_text().filter(|text| moment::parse(text).is_some());
            text.map(Json::from).ok_or_else(|| wrong(property))
        }
        Kind::Enum(name) => {
            let text = value.as_text().ok_or_else(|| wrong(property))?;
            if schema().allows(name, text) {
                Ok(text.into())
            } else {
                Err(Fault::invalid_enumeration(property.name, text))
            }
        }
        Kind::Type(name) => part(property, name, value),
    }
}

fn part(property: Property, class: &str, value: &Json) -> Result<Json, Fault> {
    let (Some(class), Some(given)) = (schema().get(class), value.as_object()) else {
        return Err(wrong(property));
    };
    let cleaned = object(class, given, false)?;
    let is_empty = cleaned.len() == 0 && !property.name.ends_with("LineDetail");
    Ok(if is_empty { Json::Null } else { Json::Object(cleaned) })
}

fn text(property: Property, value: &Json) -> Result<Json, Fault> {
    let text = match value {
        Json::Text(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        Json::Bool(flag) => flag.to_string(),
        _ => return Err(wrong(property)),
    };
    let longest = LONGEST.iter().find(|(name, _)| *name == property.name).map(|(_, longest)| *longest);
    if longest.is_some_and(|longest| text.chars().count() > longest) {
        return Err(too_long(property.name, longest.unwrap_or_default()));
    }
    Ok(Json::Text(text))
}

/// Message as client libraries quote it.
fn too_long(name: &str, longest: usize) -> Fault {
    let message = "String length is either shorter or longer than supported by specification";
    Fault::new("2050", message, format!("String length specified does not match the supported length. Max allowed length: {longest}, property: {name}")).on(name)
}

fn number(value: &Json) -> Option<Decimal> {
    match value {
        Json::Number(number) => Some(*number),
        Json::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn flag(value: &Json) -> Option<bool> {
    match value {
        Json::Bool(flag) => Some(*flag),
        Json::Text(text) => text.to_ascii_lowercase().parse().ok(),
        _ => None,
    }
}

fn wrong(property: Property) -> Fault {
    Fault::unreadable(format_args!("{} of the wrong type", property.name))
}
