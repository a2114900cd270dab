//! `composite`: subrequests in order that may refer to each other's results.

use std::collections::HashSet;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::references::{Results, resolve_body, resolve_url};
use super::{MAX_SUBREQUESTS, halted, over_limit};
use crate::sandbox::call::{self, Call};
use crate::sandbox::reply::{self, Reply};
use crate::sandbox::rest::{Ctx, Outcome, dispatch, version_number};
use crate::sandbox::store::ApiError;

/// Query operations of one composite (Salesforce docs; collections are not counted here, which is unverified).
const MAX_QUERIES: usize = 5;

/// One subrequest.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sub {
    method: String,
    url: String,
    reference_id: String,
    #[serde(default)]
    body: Value,
    #[serde(default)]
    http_headers: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Composite {
    #[serde(default)]
    all_or_none: bool,
    composite_request: Vec<Sub>,
}

/// One subrequest's answer.
pub(super) struct Answer {
    reference: String,
    status: u16,
    headers: Map<String, Value>,
    body: Value,
}

impl Answer {
    fn refused(reference: &str, body: Value) -> Self {
        Self { reference: reference.to_owned(), status: 400, headers: Map::new(), body }
    }

    /// A collection answers 200 even if an item failed.
    fn failed(&self) -> bool {
        let item_failed = |item: &Value| item.get("success") == Some(&Value::Bool(false));
        self.status >= 400 || self.body.as_array().is_some_and(|items| items.iter().any(item_failed))
    }

    pub(super) fn shown(&self) -> Value {
        json!({
            "body": self.body,
            "httpHeaders": self.headers,
            "httpStatusCode": self.status,
            "referenceId": self.reference,
        })
    }
}

/// `POST composite`.
pub(super) fn serve(ctx: &mut Ctx<'_>, call: &Call) -> Outcome {
    let body: Composite = call::json(call)?;
    if body.composite_request.len() > MAX_SUBREQUESTS {
        return Err(over_limit(format!("at most {MAX_SUBREQUESTS} subrequests can be sent")));
    }
    checked(&body.composite_request)?;
    let queries = body.composite_request.iter().filter(|sub| is_query(sub)).count();
    if queries > MAX_QUERIES {
        return Err(over_limit(format!("at most {MAX_QUERIES} subrequests can query")));
    }
    let answers = run(ctx, call, &body.composite_request, body.all_or_none);
    let shown: Vec<Value> = answers.iter().map(Answer::shown).collect();
    Ok(Reply::ok(&json!({ "compositeResponse": shown })))
}

fn is_query(sub: &Sub) -> bool {
    let path = sub.url.split('?').next().unwrap_or_default();
    path.split('/').any(|part| matches!(part, "query" | "queryAll"))
}

/// What is wrong with the request as a whole. The codes are unverified.
pub(super) fn checked(subs: &[Sub]) -> Result<(), ApiError> {
    let mut seen = HashSet::new();
    for sub in subs {
        let id = sub.reference_id.as_str();
        let plain = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !plain {
            let message = format!("referenceId {id} may have letters, numbers and underscores only");
            return Err(ApiError::new(400, "INVALID_INPUT", message));
        }
        if !seen.insert(id) {
            return Err(ApiError::new(400, "INVALID_INPUT", format!("Duplicate referenceId found: {id}")));
        }
        let forbidden = ["accept", "authorization", "content-type"];
        if let Some(name) =
            sub.http_headers.keys().find(|name| forbidden.contains(&name.to_lowercase().as_str()))
        {
            let message = format!("Header {name} is not allowed in a subrequest");
            return Err(ApiError::new(400, "INVALID_INPUT", message));
        }
    }
    Ok(())
}

/// Runs the subrequests in order; with `all_or_none` one failure undoes all and answers the others with
/// `PROCESSING_HALTED`.
pub(super) fn run(ctx: &mut Ctx<'_>, call: &Call, subs: &[Sub], all_or_none: bool) -> Vec<Answer> {
    let mut results = Results::new();
    let mut answers: Vec<Answer> = Vec::with_capacity(subs.len());
    ctx.org.begin();
    for sub in subs {
        let answer = one(ctx, call, sub, &results, all_or_none);
        let failed = answer.failed();
        if answer.status < 400 {
            results.insert(sub.reference_id.clone(), answer.body.clone());
        }
        answers.push(answer);
        if failed && all_or_none {
            return undone(ctx, subs, answers);
        }
    }
    ctx.org.commit();
    answers
}

fn undone(ctx: &mut Ctx<'_>, subs: &[Sub], mut answers: Vec<Answer>) -> Vec<Answer> {
    ctx.org.rollback();
    let failed = answers.len().saturating_sub(1);
    for answer in answers.iter_mut().take(failed) {
        *answer = Answer::refused(&answer.reference, halted());
    }
    answers.extend(subs.iter().skip(failed + 1).map(|sub| Answer::refused(&sub.reference_id, halted())));
    answers
}

fn one(ctx: &mut Ctx<'_>, call: &Call, sub: &Sub, results: &Results, all_or_none: bool) -> Answer {
    let resolved =
        resolve_url(&sub.url, results).and_then(|url| Ok((url, resolve_body(&sub.body, results)?)));
    let (url, body) = match resolved {
        Ok(resolved) => resolved,
        Err(message) => {
            let body = json!([{ "errorCode": "PROCESSING_HALTED", "message": message }]);
            return Answer::refused(&sub.reference_id, body);
        }
    };
    let mut headers = HeaderMap::new();
    for (name, value) in &sub.http_headers {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&text)) {
            headers.insert(name, value);
        }
    }
    let outer = Call::new(Method::POST, "/", headers, Bytes::new(), &call.base);
    let mut inner =
        Ctx { world: ctx.world, org: ctx.org, scope: ctx.scope, version: ctx.version, all_or_none };
    let reply = send(&mut inner, &outer, &sub.method, &url, &body);
    let headers = reply.headers.iter().filter(|(name, _)| *name == "location");
    let headers =
        headers.filter_map(|(_, value)| Some(("Location".to_owned(), json!(value.to_str().ok()?)))).collect();
    Answer {
        reference: sub.reference_id.clone(),
        status: reply.status.as_u16(),
        headers,
        body: reply.body_json(),
    }
}

/// Dispatches one subrequest of a composite, a batch or a graph. It has the headers of `call`.
pub(super) fn send(ctx: &mut Ctx<'_>, call: &Call, method: &str, url: &str, body: &Value) -> Reply {
    let Ok(method) = method.to_ascii_uppercase().parse::<Method>() else {
        return ApiError::new(400, "INVALID_INPUT", format!("{method} is not a method")).into();
    };
    let mut headers = call.headers.clone();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let bytes = if body.is_null() { Bytes::new() } else { body.to_string().into() };
    let mut inner = Call::new(method, url, headers, bytes, &call.base);
    inner.method = call::overridden(&inner).unwrap_or(inner.method);
    let parts = inner.parts();
    let parts = parts.strip_prefix(&["services", "data"]).unwrap_or(&parts);
    let [version, tail @ ..] = parts else { return reply::not_found() };
    let nests = matches!(tail, ["composite", rest @ ..] if rest.first() != Some(&"sobjects"));
    if version_number(version).is_none() || nests || tail.first() == Some(&"jobs") {
        return reply::not_found();
    }
    let mut ctx =
        Ctx { world: ctx.world, org: ctx.org, scope: ctx.scope, version, all_or_none: ctx.all_or_none };
    dispatch(&mut ctx, &inner, tail)
}
