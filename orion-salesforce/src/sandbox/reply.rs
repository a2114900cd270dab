//! The vendor's envelopes.

use http::StatusCode;
use serde::Serialize;

pub(crate) use orion_core::sandbox::Reply;

use super::store::ApiError;

/// One entry of the error envelope, its members in Salesforce's order.
#[derive(Serialize)]
struct Entry<'a> {
    message: &'a str,
    #[serde(rename = "errorCode")]
    code: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    fields: &'a [String],
}

/// The outcome of one write.
#[derive(Debug, Serialize)]
pub(crate) struct SaveResult<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    success: bool,
    errors: Vec<ItemError<'a>>,
    /// Only an upsert says whether it created the row.
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<bool>,
}

/// An item's error: `statusCode` here, where the envelope has `errorCode`.
#[derive(Debug, Serialize)]
pub(crate) struct ItemError<'a> {
    #[serde(rename = "statusCode")]
    code: &'a str,
    message: &'a str,
    fields: &'a [String],
}

impl<'a> ItemError<'a> {
    pub(crate) fn new(error: &'a ApiError) -> Self {
        Self { code: error.code, message: &error.message, fields: &error.fields }
    }
}

impl<'a> SaveResult<'a> {
    pub(crate) fn done(id: &'a str, created: Option<bool>) -> Self {
        Self { id: Some(id), success: true, errors: Vec::new(), created }
    }

    pub(crate) fn refused(error: &'a ApiError) -> Self {
        Self { id: None, success: false, errors: vec![ItemError::new(error)], created: None }
    }
}

/// The error envelope: an array with one entry.
pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Reply {
    Reply::json(status, &[Entry { message, code, fields: &[] }])
}

pub(crate) fn not_found() -> Reply {
    error(StatusCode::NOT_FOUND, "NOT_FOUND", "The requested resource does not exist")
}

pub(crate) fn method_not_allowed(method: &http::Method, allowed: &str) -> Reply {
    let message = format!("HTTP Method '{method}' not allowed. Allowed are {allowed}");
    error(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", &message).with("allow", allowed)
}

impl From<ApiError> for Reply {
    fn from(error: ApiError) -> Self {
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
        Self::json(status, &[Entry { message: &error.message, code: error.code, fields: &error.fields }])
    }
}

/// Indents compact JSON, as `X-PrettyPrint: 1` asks; anything else comes back unchanged.
pub(crate) fn pretty(json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len() + json.len() / 2);
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (index, &byte) in json.iter().enumerate() {
        if quoted {
            out.push(byte);
            quoted = escaped || byte != b'"';
            escaped = byte == b'\\' && !escaped;
            continue;
        }
        match byte {
            b'"' => {
                quoted = true;
                out.push(byte);
            }
            b'{' | b'[' => {
                depth += 1;
                out.push(byte);
                if !matches!(json.get(index + 1), Some(b'}' | b']')) {
                    new_line(&mut out, depth);
                }
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if !matches!(out.last(), Some(b'{' | b'[')) {
                    new_line(&mut out, depth);
                }
                out.push(byte);
            }
            b',' => {
                out.push(byte);
                new_line(&mut out, depth);
            }
            b':' => out.extend_from_slice(b" : "),
            _ => out.push(byte),
        }
    }
    out
}

fn new_line(out: &mut Vec<u8>, depth: usize) {
    out.push(b'\n');
    out.resize(out.len() + depth * 2, b' ');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn pretty_printing_keeps_the_value() {
        let value = json!({ "a": [1, {}, [], "x,\"{y}\\"], "b": { "c": null } });
        let compact = serde_json::to_vec(&value).unwrap();
        let printed = pretty(&compact);
        assert!(printed.len() > compact.len());
        assert_eq!(serde_json::from_slice::<Value>(&printed).unwrap(), value);
    }
}
