//! `sobjects`: describe, and rows by id and by external id.

use chrono::{DateTime, Utc};
use http::{Method, StatusCode};
use orion_core::sandbox::http_date;
use serde_json::{Map, Value, json};

use super::{Ctx, Outcome, created, meta, query, reads, version_number};
use crate::sandbox::call::{self, Call};
use crate::sandbox::clock::stamp;
use crate::sandbox::reply::{self, Reply, SaveResult};
use crate::sandbox::store::{ApiError, Upserted};

/// From this version an upsert that updates answers 200 with a body (Salesforce docs, REST API guide).
const UPSERT_SAYS_CREATED: u32 = 46;

/// Routes below `sobjects`.
pub(crate) fn serve(ctx: &mut Ctx<'_>, call: &Call, tail: &[&str]) -> Outcome {
    match tail {
        [] if reads(call) => Ok(describe_global(ctx, call)),
        [] => Ok(reply::method_not_allowed(&call.method, "GET,HEAD")),
        [object, rest @ ..] => {
            let object = ctx.object(object)?;
            below(ctx, call, object, rest)
        }
    }
}

fn below(ctx: &mut Ctx<'_>, call: &Call, object: &'static str, tail: &[&str]) -> Outcome {
    match tail {
        [] => match call.method {
            Method::GET | Method::HEAD => basic(ctx, object),
            Method::POST => create(ctx, call, object),
            _ => Ok(reply::method_not_allowed(&call.method, "GET,HEAD,POST")),
        },
        ["describe"] if reads(call) => describe(ctx, call, object),
        ["updated"] if reads(call) => updated(ctx, call, object),
        ["deleted"] if reads(call) => deleted(ctx, call, object),
        ["describe" | "updated" | "deleted"] => Ok(reply::method_not_allowed(&call.method, "GET,HEAD")),
        // `sobjects/T/Id` takes a POST like `sobjects/T` (Salesforce docs, upsert with a null key).
        [field] if field.eq_ignore_ascii_case("id") && call.method == Method::POST => {
            create(ctx, call, object)
        }
        [id] => by_id(ctx, call, object, id),
        [id, relation] if ctx.org.object_of(id) == Some(object) => related(ctx, call, object, id, relation),
        [field, value] => by_key(ctx, call, object, field, value),
        _ => Ok(reply::not_found()),
    }
}

fn describe_global(ctx: &Ctx<'_>, call: &Call) -> Reply {
    unless_unchanged(ctx, call, || Ok(ctx.org.describe_global(ctx.version))).unwrap_or_else(Reply::from)
}

fn describe(ctx: &Ctx<'_>, call: &Call, object: &str) -> Outcome {
    unless_unchanged(ctx, call, || ctx.org.describe(ctx.version, object))
}

/// The metadata never changes after the start, so `If-Modified-Since` decides by that alone.
fn unless_unchanged(ctx: &Ctx<'_>, call: &Call, body: impl FnOnce() -> Result<Value, ApiError>) -> Outcome {
    let changed = http_date(ctx.world.started);
    let since = call.header("if-modified-since").and_then(|text| DateTime::parse_from_rfc2822(text).ok());
    if since.is_some_and(|since| since.timestamp() >= ctx.world.started.timestamp()) {
        return Ok(Reply::empty(StatusCode::NOT_MODIFIED).with("last-modified", &changed));
    }
    Ok(Reply::ok(&body()?).with("last-modified", &changed))
}

fn basic(ctx: &Ctx<'_>, object: &str) -> Outcome {
    let describe = ctx.org.describe_basic(ctx.version, object)?;
    let recent = meta::viewed(ctx, Some(object), 200);
    Ok(Reply::ok(&json!({ "objectDescribe": describe, "recentItems": recent })))
}

/// The body of a write: an object, without `attributes`, that does not repeat the key of the URL.
fn fields(call: &Call, key: &str) -> Result<Map<String, Value>, ApiError> {
    let mut fields: Map<String, Value> = call::json(call)?;
    fields.remove("attributes");
    for forbidden in ["Id", key] {
        if fields.keys().any(|name| name.eq_ignore_ascii_case(forbidden)) {
            let message = format!("The {forbidden} field should not be specified in the sobject data.");
            return Err(ApiError::new(400, "INVALID_FIELD", message).on(forbidden));
        }
    }
    Ok(fields)
}

fn create(ctx: &mut Ctx<'_>, call: &Call, object: &str) -> Outcome {
    let fields = fields(call, "Id")?;
    let id = ctx.insert(object, &fields)?;
    ctx.world.viewed(object, &id);
    let url = ctx.row_url(object, &id);
    Ok(created(&url, &SaveResult::done(&id, None)))
}

fn by_id(ctx: &mut Ctx<'_>, call: &Call, object: &str, id: &str) -> Outcome {
    match call.method {
        Method::GET | Method::HEAD => row(ctx, call, object, id),
        Method::PATCH => {
            let fields = fields(call, "Id")?;
            ctx.update(object, id, &fields)?;
            ctx.world.viewed(object, id);
            Ok(Reply::empty(StatusCode::NO_CONTENT))
        }
        Method::DELETE => {
            ctx.delete(object, id)?;
            Ok(Reply::empty(StatusCode::NO_CONTENT))
        }
        _ => Ok(reply::method_not_allowed(&call.method, "GET,HEAD,PATCH,DELETE")),
    }
}

fn row(ctx: &Ctx<'_>, call: &Call, object: &str, id: &str) -> Outcome {
    let names = call.param("fields").map(|list| {
        list.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect::<Vec<_>>()
    });
    let json = ctx.org.get_json(ctx.version, object, id, names.as_deref())?;
    ctx.world.viewed(object, id);
    Ok(Reply::new(StatusCode::OK, Reply::JSON, json))
}

fn by_key(ctx: &mut Ctx<'_>, call: &Call, object: &str, field: &str, value: &str) -> Outcome {
    if call.method == Method::PATCH {
        return upsert(ctx, call, object, field, value);
    }
    let ids = if field.eq_ignore_ascii_case("id") {
        vec![value.to_owned()]
    } else {
        ctx.org.find_external(object, field, value)?
    };
    match (call.method.clone(), ids.as_slice()) {
        (_, []) => Ok(reply::not_found()),
        (Method::GET | Method::HEAD, [id]) => row(ctx, call, object, id),
        (Method::DELETE, [id]) => {
            ctx.delete(object, id)?;
            Ok(Reply::empty(StatusCode::NO_CONTENT))
        }
        (Method::GET | Method::HEAD | Method::DELETE, many) => Ok(choices(ctx, object, many)),
        _ => Ok(reply::method_not_allowed(&call.method, "GET,HEAD,PATCH,DELETE")),
    }
}

fn upsert(ctx: &mut Ctx<'_>, call: &Call, object: &str, field: &str, value: &str) -> Outcome {
    let fields = fields(call, field)?;
    if call.flag("updateOnly") && !field.eq_ignore_ascii_case("id") {
        let found = ctx.org.find_external(object, field, value)?;
        if found.is_empty() {
            return Ok(reply::not_found());
        }
    }
    match ctx.upsert(object, field, value, &fields)? {
        Upserted::Created(id) => {
            ctx.world.viewed(object, &id);
            let url = ctx.row_url(object, &id);
            Ok(created(&url, &SaveResult::done(&id, Some(true))))
        }
        Upserted::Updated(id) => {
            ctx.world.viewed(object, &id);
            if version_number(ctx.version).is_some_and(|number| number < UPSERT_SAYS_CREATED) {
                return Ok(Reply::empty(StatusCode::NO_CONTENT));
            }
            Ok(Reply::ok(&SaveResult::done(&id, Some(false))))
        }
        Upserted::Multiple(ids) => Ok(choices(ctx, object, &ids)),
    }
}

/// 300: the URLs of the rows that share an external id.
fn choices(ctx: &Ctx<'_>, object: &str, ids: &[String]) -> Reply {
    let urls: Vec<String> = ids.iter().map(|id| ctx.row_url(object, id)).collect();
    Reply::json(StatusCode::MULTIPLE_CHOICES, &urls)
}

/// The row that a lookup field points to, `sobjects/Contact/003…/Account`, or the rows that point to this one,
/// `sobjects/Account/001…/Contacts`.
fn related(ctx: &Ctx<'_>, call: &Call, object: &str, id: &str, relation: &str) -> Outcome {
    if !reads(call) {
        return Ok(reply::method_not_allowed(&call.method, "GET,HEAD"));
    }
    if let Some(field) = ctx.org.lookup_field(object, relation) {
        let row = ctx.org.get(ctx.version, object, id, Some(&[field.to_owned()]))?;
        return match row[field].as_str().and_then(|parent| Some((ctx.org.object_of(parent)?, parent))) {
            Some((target, parent)) => self::row(ctx, call, target, parent),
            None => Ok(reply::not_found()),
        };
    }
    ctx.org.get(ctx.version, object, id, Some(&["Id".to_owned()]))?;
    let Some((child, field)) = ctx.child(object, relation)? else { return Ok(reply::not_found()) };
    let fields = call.param("fields").unwrap_or("FIELDS(ALL)");
    let soql = format!("SELECT {fields} FROM {child} WHERE {field} = '{id}' LIMIT 200");
    query::selected(ctx, call, &soql, query::Bin::Live)
}

/// The `start` and `end` of a replication call (Salesforce docs: within 30 days, in order).
fn window(ctx: &Ctx<'_>, call: &Call) -> Result<(DateTime<Utc>, DateTime<Utc>), ApiError> {
    let time = |name: &str| {
        let text = call.param(name).unwrap_or_default();
        // A plus sign that was not percent-encoded arrives as a space.
        let text = text.replace(' ', "+");
        DateTime::parse_from_rfc3339(&text)
            .or_else(|_| DateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f%z"))
            .map(|at| at.to_utc())
            .map_err(|_| {
                ApiError::new(400, "INVALID_REPLICATION_DATE", format!("{name} is not a date: {text}"))
            })
    };
    let (start, end) = (time("start")?, time("end")?);
    if end <= start {
        return Err(ApiError::new(400, "INVALID_REPLICATION_DATE", "endDate must be after startDate"));
    }
    if (ctx.org.now() - start).num_days() > 30 {
        let message = "startDate before org replication enabled date";
        return Err(ApiError::new(400, "INVALID_REPLICATION_DATE", message));
    }
    Ok((start, end))
}

fn updated(ctx: &Ctx<'_>, call: &Call, object: &str) -> Outcome {
    let (start, end) = window(ctx, call)?;
    let ids = ctx.org.updated_since(object, start, end)?;
    Ok(Reply::ok(&json!({ "ids": ids, "latestDateCovered": stamp(end.min(ctx.org.now())) })))
}

fn deleted(ctx: &Ctx<'_>, call: &Call, object: &str) -> Outcome {
    let (start, end) = window(ctx, call)?;
    let rows: Vec<Value> = ctx
        .org
        .deleted_since(object, start, end)?
        .into_iter()
        .map(|(id, at)| json!({ "id": id, "deletedDate": stamp(at) }))
        .collect();
    Ok(Reply::ok(&json!({
        "deletedRecords": rows,
        "earliestDateAvailable": stamp(ctx.world.started),
        "latestDateCovered": stamp(end.min(ctx.org.now())),
    })))
}
