//! `search` (SOSL) and `parameterizedSearch`, in the part that clients use: every word of the term must stand in
//! the name, or with all fields also in the e-mail address or the phone number. Ranking and operators are left out.

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Ctx, Outcome, reads};
use crate::sandbox::call::{self, Call};
use crate::sandbox::reply::{self, Reply};
use crate::sandbox::store::ApiError;

/// What is searched when a SOSL text has no `RETURNING`.
const DEFAULT_OBJECTS: [&str; 4] = ["Account", "Contact", "Lead", "Opportunity"];

/// One search over several objects.
#[derive(Debug, Default, PartialEq)]
struct Search {
    term: String,
    names_only: bool,
    targets: Vec<Target>,
    limit: Option<usize>,
}

/// One object of a search.
#[derive(Debug, Default, PartialEq)]
struct Target {
    object: String,
    fields: String,
    /// `WHERE …`, without the keyword.
    condition: Option<String>,
    /// `ORDER BY …` and `LIMIT …` as written.
    tail: String,
}

impl Target {
    fn of(object: &str, fields: &str) -> Self {
        Self { object: object.to_owned(), fields: fields.to_owned(), ..Self::default() }
    }
}

/// `GET search?q=FIND {…} …`.
pub(super) fn sosl(ctx: &Ctx<'_>, call: &Call) -> Outcome {
    if !reads(call) {
        return Ok(reply::method_not_allowed(&call.method, "GET,HEAD"));
    }
    let text = call.param("q").unwrap_or_default();
    let search = parsed(text).ok_or_else(|| {
        ApiError::new(400, "MALFORMED_SEARCH", format!("No search term found. The search was: {text}"))
    })?;
    run(ctx, &search)
}

/// `GET` or `POST parameterizedSearch`.
pub(super) fn parameterized(ctx: &Ctx<'_>, call: &Call) -> Outcome {
    let search = match call.method {
        Method::POST => from_body(&call::json(call)?),
        Method::GET | Method::HEAD => from_parameters(call),
        _ => return Ok(reply::method_not_allowed(&call.method, "GET,HEAD,POST")),
    };
    run(ctx, &search)
}

fn run(ctx: &Ctx<'_>, search: &Search) -> Outcome {
    let words: Vec<String> =
        search.term.split_whitespace().map(escaped).filter(|word| word.len() > 1).collect();
    if words.is_empty() {
        let message = format!("search term must be longer than one character: {}", search.term);
        return Err(ApiError::new(400, "MALFORMED_SEARCH", message));
    }
    let mut found = Vec::new();
    for target in &search.targets {
        let object = ctx.org.object_name(&target.object).ok_or_else(|| {
            ApiError::new(400, "INVALID_TYPE", format!("sObject type '{}' is not supported.", target.object))
        })?;
        let soql = query(ctx, object, target, &words, search.names_only);
        let cursor = ctx.org.query(&soql, false)?;
        found.extend(cursor.page(ctx.org, ctx.version, 0, cursor.rows(), &mut |_, _| String::new()));
    }
    found.truncate(search.limit.unwrap_or(2_000));
    Ok(Reply::ok(&json!({ "searchRecords": found })))
}

fn query(ctx: &Ctx<'_>, object: &str, target: &Target, words: &[String], names_only: bool) -> String {
    let wanted: &[&str] = if names_only { &["Name"] } else { &["Name", "Email", "Phone"] };
    let fields: Vec<&str> = wanted.iter().filter_map(|field| ctx.org.field_name(object, field)).collect();
    let word = |word: &String| {
        let anywhere: Vec<String> = fields.iter().map(|field| format!("{field} LIKE '%{word}%'")).collect();
        format!("({})", anywhere.join(" OR "))
    };
    let mut conditions: Vec<String> = words.iter().map(word).collect();
    conditions.extend(target.condition.as_ref().map(|condition| format!("({condition})")));
    let (fields, all) = (&target.fields, conditions.join(" AND "));
    format!("SELECT {fields} FROM {object} WHERE {all} {}", target.tail)
}

/// A word as the inside of a LIKE pattern; `*` and `?` are SOSL's wildcards.
fn escaped(word: &str) -> String {
    let mut out = String::new();
    for character in word.trim_matches(['"', '*']).chars() {
        match character {
            '\'' | '\\' | '%' | '_' => out.extend(['\\', character]),
            '*' => out.push('%'),
            '?' => out.push('_'),
            other => out.push(other),
        }
    }
    out
}

/// Reads `FIND {term} [IN … FIELDS] [RETURNING A(f WHERE … ORDER BY … LIMIT n), B] [LIMIT n]`.
fn parsed(text: &str) -> Option<Search> {
    let (_, rest) = text.split_once('{')?;
    let (term, rest) = braced(rest)?;
    let upper = rest.to_ascii_uppercase();
    let (returning, limit) = match upper.find("RETURNING") {
        Some(at) => returned(rest.get(at + "RETURNING".len()..)?)?,
        None => (DEFAULT_OBJECTS.iter().map(|object| Target::of(object, "Id")).collect(), None),
    };
    Some(Search { term, names_only: upper.contains("NAME FIELDS"), targets: returning, limit })
}

/// The term up to its closing brace, its escapes undone, and what follows.
fn braced(text: &str) -> Option<(String, &str)> {
    let (mut term, mut characters) = (String::new(), text.char_indices());
    while let Some((index, character)) = characters.next() {
        match character {
            '}' => return Some((term, text.get(index + 1..)?)),
            '\\' => term.push(characters.next()?.1),
            other => term.push(other),
        }
    }
    None
}

/// The objects after `RETURNING`, and a limit over all.
fn returned(text: &str) -> Option<(Vec<Target>, Option<usize>)> {
    let (mut targets, mut rest) = (Vec::new(), text.trim());
    loop {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let (object, after) = rest.split_at(end);
        let after = after.trim_start();
        let (target, after) = match after.strip_prefix('(') {
            Some(inner) => {
                let close = closing(inner)?;
                (inside(object, inner.get(..close)?), inner.get(close + 1..)?.trim_start())
            }
            None => (Target::of(object, "Id"), after),
        };
        targets.push(target);
        match after.strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None => {
                let limit = after.to_ascii_uppercase();
                let limit = limit.strip_prefix("LIMIT").and_then(|n| n.trim().parse().ok());
                return Some((targets, limit));
            }
        }
    }
}

/// Where the parenthesis closes that is open at the start.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut quoted) = (1_usize, false);
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'\'' => quoted = !quoted,
            b'(' if !quoted => depth += 1,
            b')' if !quoted => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(index);
        }
    }
    None
}

fn inside(object: &str, text: &str) -> Target {
    let upper = text.to_ascii_uppercase();
    let at = |keyword: &str| upper.find(keyword).unwrap_or(text.len());
    let tail = at(" ORDER BY ").min(at(" LIMIT "));
    let condition = at(" WHERE ").min(tail);
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default().trim();
    let condition_text = part(condition + " WHERE ".len(), tail);
    Target {
        object: object.to_owned(),
        fields: part(0, condition).to_owned(),
        condition: (!condition_text.is_empty()).then(|| condition_text.to_owned()),
        tail: part(tail, text.len()).to_owned(),
    }
}

fn from_parameters(call: &Call) -> Search {
    let common = call.param("fields").unwrap_or("Id");
    let target = |object: &str| {
        let fields = call.param(&format!("{object}.fields")).unwrap_or(common);
        let limit = call.param(&format!("{object}.limit")).map(|limit| format!("LIMIT {limit}"));
        Target { tail: limit.unwrap_or_default(), ..Target::of(object, fields) }
    };
    let objects = call.query.iter().filter(|(key, _)| key == "sobject").map(|(_, value)| target(value));
    Search {
        term: call.param("q").unwrap_or_default().to_owned(),
        names_only: call.param("in").is_some_and(|scope| scope.eq_ignore_ascii_case("NAME")),
        targets: or_default(objects.collect()),
        limit: call.param("overallLimit").and_then(|limit| limit.parse().ok()),
    }
}

fn from_body(body: &Value) -> Search {
    #[derive(Deserialize)]
    struct Object {
        name: String,
        fields: Option<Vec<String>>,
        limit: Option<usize>,
    }
    let list = |value: &Value| serde_json::from_value::<Vec<String>>(value.clone()).ok();
    let common = list(&body["fields"]).unwrap_or_else(|| vec!["Id".to_owned()]);
    let objects: Vec<Object> = serde_json::from_value(body["sobjects"].clone()).unwrap_or_default();
    let targets = objects.into_iter().map(|object| {
        let fields = object.fields.as_ref().unwrap_or(&common).join(",");
        let tail = object.limit.map(|limit| format!("LIMIT {limit}")).unwrap_or_default();
        Target { tail, ..Target::of(&object.name, &fields) }
    });
    Search {
        term: body["q"].as_str().unwrap_or_default().to_owned(),
        names_only: body["in"].as_str().is_some_and(|scope| scope.eq_ignore_ascii_case("NAME")),
        targets: or_default(targets.collect()),
        limit: body["overallLimit"].as_u64().and_then(|limit| usize::try_from(limit).ok()),
    }
}

fn or_default(targets: Vec<Target>) -> Vec<Target> {
    if targets.is_empty() {
        return DEFAULT_OBJECTS.iter().map(|object| Target::of(object, "Id")).collect();
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sosl_is_taken_apart() {
        let text = "FIND {Joe\\'s \\{x\\}} IN NAME FIELDS RETURNING Account(Id, Name WHERE A = 'x)' ORDER BY Name \
                    LIMIT 3), Contact LIMIT 9";
        let search = parsed(text).unwrap();
        assert_eq!((search.term.as_str(), search.names_only, search.limit), ("Joe's {x}", true, Some(9)));
        let account = Target {
            object: "Account".into(),
            fields: "Id, Name".into(),
            condition: Some("A = 'x)'".into()),
            tail: "ORDER BY Name LIMIT 3".into(),
        };
        assert_eq!(search.targets, [account, Target::of("Contact", "Id")]);
        assert_eq!(parsed("FIND nothing"), None);
        assert_eq!(parsed("FIND {ab}").unwrap().targets.len(), DEFAULT_OBJECTS.len());
    }
}
