//! `@{reference.path}` in a subrequest's URL and body.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// Results so far, by reference id. A failed one has no value.
pub(super) type Results = HashMap<String, Value>;

/// Replaces the references in `text`.
///
/// # Errors
///
/// The message Salesforce gives for a reference without a value.
pub(super) fn resolve(text: &str, results: &Results) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("@{") {
        let Some((reference, tail)) = after.split_once('}') else { break };
        out.push_str(before);
        out.push_str(&look_up(reference, results)?);
        rest = tail;
    }
    out.push_str(rest);
    Ok(out)
}

/// Replaces the references in a URL, where the braces may be percent-encoded.
pub(super) fn resolve_url(url: &str, results: &Results) -> Result<String, String> {
    if !url.contains("%7B") && !url.contains("%7b") {
        return resolve(url, results);
    }
    let plain = percent_decode_str(url).decode_utf8_lossy();
    if plain.contains("@{") { resolve(&plain, results) } else { Ok(url.to_owned()) }
}

/// Replaces the references in every string of a body.
pub(super) fn resolve_body(body: &Value, results: &Results) -> Result<Value, String> {
    Ok(match body {
        Value::String(text) => Value::String(resolve(text, results)?),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| resolve_body(item, results)).collect::<Result<_, _>>()?)
        }
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| Ok((name.clone(), resolve_body(value, results)?)))
                .collect::<Result<_, String>>()?,
        ),
        other => other.clone(),
    })
}

fn look_up(reference: &str, results: &Results) -> Result<String, String> {
    let end = reference.find(['.', '[']).unwrap_or(reference.len());
    let (name, path) = reference.split_at(end);
    let missing = || format!("Invalid reference specified. No value for {reference} found in {name}");
    let Some(mut value) = results.get(name) else { return Err(missing()) };
    for step in path.split(['.', '[']).filter(|step| !step.is_empty()) {
        let found = match step.strip_suffix(']') {
            Some(index) => index.parse::<usize>().ok().and_then(|index| value.get(index)),
            None => value.get(step),
        };
        value = found.ok_or_else(missing)?;
    }
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Null => Err(missing()),
        other => Ok(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn results() -> Results {
        let query = json!({ "records": [{ "Id": "001A", "Owner": { "Name": "Kim" } }] });
        [
            ("acc".to_owned(), json!({ "id": "001B" })),
            ("q".to_owned(), query),
            ("many".to_owned(), json!([{ "id": "5" }])),
        ]
        .into()
    }

    #[test]
    fn references_reach_fields_items_and_nested_objects() {
        for (text, expected) in [
            ("/x/@{acc.id}/y", "/x/001B/y"),
            ("@{q.records[0].Id}", "001A"),
            ("@{q.records[0].Owner.Name} and @{many[0].id}", "Kim and 5"),
            ("no reference @ all {}", "no reference @ all {}"),
        ] {
            assert_eq!(resolve(text, &results()).unwrap(), expected);
        }
        assert_eq!(resolve_url("/x/@%7Bacc.id%7D", &results()).unwrap(), "/x/001B");
    }

    #[test]
    fn a_reference_without_a_value_says_which() {
        let error = resolve_body(&json!({ "a": ["@{gone.id}"] }), &results()).unwrap_err();
        assert_eq!(error, "Invalid reference specified. No value for gone.id found in gone");
        assert!(resolve("@{acc.name}", &results()).is_err());
    }
}
