//! Whether a request is the one recorded, and where it differs.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    format::{Asked, Content, Pairs},
    redact::REDACTED,
};

/// More differences than that are not shown.
const SHOWN: usize = 8;

/// The differences between the request recorded and the one sent, one text each; none if it is the same.
pub(super) fn differences(recorded: &Asked, sent: &Asked, headers: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    if recorded.method != sent.method {
        found.push(differs("method", Some(&recorded.method), Some(&sent.method)));
    }
    pairs("query", &recorded.query, &sent.query, &mut found);
    for name in headers {
        let (wanted, given) = (recorded.headers.get(name), sent.headers.get(name));
        if !same_opt(wanted, given) {
            found.push(differs(&format!("header {name}"), wanted, given));
        }
    }
    body(recorded.body.as_ref(), sent.body.as_ref(), &mut found);
    let more = found.len().saturating_sub(SHOWN);
    if more > 0 {
        found.truncate(SHOWN);
        found.push(format!("and {more} more differences"));
    }
    found
}

/// Whether a text is the recorded one, in which what was redacted stands for anything.
pub(super) fn same(recorded: &str, sent: &str) -> bool {
    let Some((first, open)) = recorded.split_once(REDACTED) else { return recorded == sent };
    let Some(mut rest) = sent.strip_prefix(first) else { return false };
    let (middle, last) = open.rsplit_once(REDACTED).unwrap_or(("", open));
    for part in middle.split(REDACTED) {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

fn same_opt(recorded: Option<&String>, sent: Option<&String>) -> bool {
    match (recorded, sent) {
        (Some(recorded), Some(sent)) => same(recorded, sent),
        (None, None) => true,
        _ => false,
    }
}

fn differs(what: &str, recorded: Option<&String>, sent: Option<&String>) -> String {
    let show = |value: Option<&String>| value.map_or_else(|| "nothing".to_owned(), |text| short(text));
    format!("{what}\n    recorded: {}\n    sent:     {}", show(recorded), show(sent))
}

fn short(text: &str) -> String {
    const LONGEST: usize = 300;
    let start: String = text.chars().take(LONGEST).collect();
    if start.len() < text.len() { format!("{start}… ({} bytes)", text.len()) } else { start }
}

/// Compares names with their values; the order of different names does not matter.
fn pairs(what: &str, recorded: &Pairs, sent: &Pairs, found: &mut Vec<String>) {
    let names: BTreeSet<&String> = recorded.iter().chain(sent).map(|(name, _)| name).collect();
    for name in names {
        let of = |pairs: &Pairs| -> Vec<String> {
            pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
        };
        let (wanted, given) = (of(recorded), of(sent));
        let equal =
            wanted.len() == given.len() && wanted.iter().zip(&given).all(|(left, right)| same(left, right));
        if !equal {
            let join = |values: Vec<String>| (!values.is_empty()).then(|| values.join(" & "));
            found.push(differs(&format!("{what} {name}"), join(wanted).as_ref(), join(given).as_ref()));
        }
    }
}

fn body(recorded: Option<&Content>, sent: Option<&Content>, found: &mut Vec<String>) {
    match (recorded, sent) {
        (None, None) => {}
        (Some(Content::Json(wanted)), Some(Content::Json(given))) => {
            let value = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
            json("", &value(wanted.get()), &value(given.get()), found);
        }
        (Some(Content::Form(wanted)), Some(Content::Form(given))) => pairs("form", wanted, given, found),
        (Some(Content::Base64(wanted)), Some(Content::Base64(given))) => {
            if wanted != given {
                found.push(differs("bytes, as base64,", Some(wanted), Some(given)));
            }
        }
        (Some(wanted), Some(given)) if wanted.name() == given.name() => text(wanted, given, found),
        (wanted, given) => {
            let name = |content: Option<&Content>| content.map(|content| content.name().to_owned());
            found.push(differs("body", name(wanted).as_ref(), name(given).as_ref()));
        }
    }
}

/// Compares texts line by line, and tells of the first line that differs.
fn text(recorded: &Content, sent: &Content, found: &mut Vec<String>) {
    let text = |content: &Content| {
        content.bytes().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    };
    let (wanted, given) = (text(recorded), text(sent));
    if same(&wanted, &given) {
        return;
    }
    let lines = |text: &str| text.split('\n').map(str::to_owned).collect::<Vec<_>>();
    let (wanted, given) = (lines(&wanted), lines(&given));
    let line = (0..wanted.len().max(given.len()))
        .find(|line| !same_opt(wanted.get(*line), given.get(*line)))
        .unwrap_or_default();
    found.push(differs(&format!("line {} of the body", line + 1), wanted.get(line), given.get(line)));
}

fn json(path: &str, recorded: &Value, sent: &Value, found: &mut Vec<String>) {
    match (recorded, sent) {
        (Value::Object(wanted), Value::Object(given)) => {
            let names: BTreeSet<&String> = wanted.keys().chain(given.keys()).collect();
            for name in names {
                let path = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
                member(&path, wanted.get(name), given.get(name), found);
            }
        }
        (Value::Array(wanted), Value::Array(given)) => {
            for at in 0..wanted.len().max(given.len()) {
                member(&format!("{path}/{at}"), wanted.get(at), given.get(at), found);
            }
        }
        (Value::String(wanted), _) if wanted == REDACTED => {}
        (Value::String(wanted), Value::String(given)) if same(wanted, given) => {}
        (wanted, given) if wanted == given => {}
        (wanted, given) => member_differs(path, Some(wanted), Some(given), found),
    }
}

fn member(path: &str, recorded: Option<&Value>, sent: Option<&Value>, found: &mut Vec<String>) {
    match (recorded, sent) {
        (Some(wanted), Some(given)) => json(path, wanted, given, found),
        (wanted, given) => member_differs(path, wanted, given, found),
    }
}

fn member_differs(path: &str, recorded: Option<&Value>, sent: Option<&Value>, found: &mut Vec<String>) {
    let text = |value: Option<&Value>| value.map(Value::to_string);
    found.push(differs(&format!("body {path}"), text(recorded).as_ref(), text(sent).as_ref()));
}
