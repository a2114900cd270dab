//! sObject Collections: up to 200 records in one call, each with its own outcome.

use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::MAX_RECORDS;
use crate::sandbox::call::{self, Call};
use crate::sandbox::reply::{self, Reply, SaveResult};
use crate::sandbox::rest::{Ctx, Outcome, reads};
use crate::sandbox::store::{ApiError, Upserted};

/// Runs of one type that a call may have (Salesforce docs, sObject Collections).
const MAX_CHUNKS: usize = 10;

/// Ids that one retrieve may ask for (Salesforce docs).
const MAX_RETRIEVED: usize = 2_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Collection {
    #[serde(default)]
    all_or_none: bool,
    records: Vec<Map<String, Value>>,
}

/// One item's success.
struct Done {
    id: String,
    /// Only an upsert says whether it created the row.
    created: Option<bool>,
}

type Item = Result<Done, ApiError>;

/// Routes below `composite/sobjects`.
pub(super) fn serve(ctx: &mut Ctx<'_>, call: &Call, tail: &[&str]) -> Outcome {
    match (&call.method, tail) {
        (&Method::POST, []) => write(ctx, call, insert),
        (&Method::PATCH, []) => write(ctx, call, update),
        (&Method::DELETE, []) => delete(ctx, call),
        (&Method::PATCH, [object, field]) => {
            let object = ctx.object(object)?;
            write(ctx, call, |ctx, record| upsert(ctx, object, field, record))
        }
        (&Method::POST, [object]) => retrieve_posted(ctx, call, object),
        (_, [object]) if reads(call) => retrieve_listed(ctx, call, object),
        (_, []) => Ok(reply::method_not_allowed(&call.method, "POST,PATCH,DELETE")),
        (_, [_]) => Ok(reply::method_not_allowed(&call.method, "GET,HEAD,POST")),
        (_, [_, _]) => Ok(reply::method_not_allowed(&call.method, "PATCH")),
        _ => Ok(reply::not_found()),
    }
}

/// Applies `write` to each record of the body.
fn write(
    ctx: &mut Ctx<'_>,
    call: &Call,
    write: impl Fn(&mut Ctx<'_>, &mut Map<String, Value>) -> Item,
) -> Outcome {
    let mut body: Collection = call::json(call)?;
    within_limits(&body.records)?;
    let all_or_none = body.all_or_none || ctx.all_or_none;
    Ok(each(ctx, all_or_none, &mut body.records, |ctx, record| write(ctx, record)))
}

fn within_limits(records: &[Map<String, Value>]) -> Result<(), ApiError> {
    if records.is_empty() {
        return Err(ApiError::new(400, "INVALID_INPUT", "No records were given"));
    }
    if records.len() > MAX_RECORDS {
        let message = "record limit reached. cannot submit more than 200 records into this call";
        return Err(ApiError::new(400, "EXCEEDED_ID_LIMIT", message));
    }
    let types: Vec<Option<&str>> = records.iter().map(kind).collect();
    let chunks = 1 + types.windows(2).filter(|pair| pair[0] != pair[1]).count();
    if chunks > MAX_CHUNKS {
        // The message is Apex's for the same rule; the code it has here is unverified.
        let message = "Cannot have more than 10 chunks in a single operation. Please rearrange the data to reduce \
                       chunking.";
        return Err(ApiError::new(400, "INVALID_BATCH_OPERATION", message));
    }
    Ok(())
}

fn kind(record: &Map<String, Value>) -> Option<&str> {
    record.get("attributes")?.get("type")?.as_str()
}

/// Runs all items in order and answers their outcomes; with `all_or_none` one failure undoes all.
fn each<T>(
    ctx: &mut Ctx<'_>,
    all_or_none: bool,
    items: &mut [T],
    mut run: impl FnMut(&mut Ctx<'_>, &mut T) -> Item,
) -> Reply {
    ctx.org.begin();
    let mut outcomes: Vec<Item> =
        items.iter_mut().map(|item| run(ctx, item).map_err(ApiError::in_collection)).collect();
    if all_or_none && outcomes.iter().any(Result::is_err) {
        ctx.org.rollback();
        for outcome in outcomes.iter_mut().filter(|outcome| outcome.is_ok()) {
            let message = "Record rolled back because not all records were valid and the request was using AllOrNone \
                           header";
            *outcome = Err(ApiError::new(400, "ALL_OR_NONE_OPERATION_ROLLED_BACK", message));
        }
    } else {
        ctx.org.commit();
    }
    let body: Vec<SaveResult<'_>> = outcomes.iter().map(shown).collect();
    Reply::ok(&body)
}

fn shown(item: &Item) -> SaveResult<'_> {
    match item {
        Ok(Done { id, created }) => SaveResult::done(id, *created),
        Err(error) => SaveResult::refused(error),
    }
}

/// The object an item names, canonically.
fn object(ctx: &Ctx<'_>, record: &Map<String, Value>) -> Result<&'static str, ApiError> {
    let Some(name) = kind(record) else {
        return Err(ApiError::new(400, "INVALID_FIELD", "attributes.type is required"));
    };
    ctx.org
        .object_name(name)
        .ok_or_else(|| ApiError::new(400, "INVALID_TYPE", format!("sObject type '{name}' is not supported.")))
}

/// Takes the value of a key out of an item.
fn take(record: &mut Map<String, Value>, key: &str) -> Option<String> {
    let name = record.keys().find(|name| name.eq_ignore_ascii_case(key))?.clone();
    match record.remove(&name)? {
        Value::String(text) => Some(text),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

fn insert(ctx: &mut Ctx<'_>, record: &mut Map<String, Value>) -> Item {
    let object = object(ctx, record)?;
    if take(record, "Id").is_some() {
        return Err(ApiError::new(
            400,
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "cannot specify Id in an insert call",
        )
        .on("Id"));
    }
    record.remove("attributes");
    ctx.insert(object, record).map(|id| Done { id, created: None })
}

fn update(ctx: &mut Ctx<'_>, record: &mut Map<String, Value>) -> Item {
    let object = object(ctx, record)?;
    let Some(id) = take(record, "Id") else {
        return Err(ApiError::new(400, "MISSING_ARGUMENT", "Id not specified in an update call"));
    };
    record.remove("attributes");
    ctx.update(object, &id, record)?;
    Ok(Done { id, created: None })
}

fn upsert(ctx: &mut Ctx<'_>, object: &str, field: &str, record: &mut Map<String, Value>) -> Item {
    record.remove("attributes");
    let Some(key) = take(record, field) else {
        if field.eq_ignore_ascii_case("id") {
            return ctx.insert(object, record).map(|id| Done { id, created: Some(true) });
        }
        return Err(ApiError::new(400, "MISSING_ARGUMENT", format!("{field} not specified")).on(field));
    };
    match ctx.upsert(object, field, &key, record)? {
        Upserted::Created(id) => Ok(Done { id, created: Some(true) }),
        Upserted::Updated(id) => Ok(Done { id, created: Some(false) }),
        Upserted::Multiple(ids) => {
            let message = format!("More than one record found for external id field: [{}]", ids.join(", "));
            Err(ApiError::new(400, "DUPLICATE_EXTERNAL_ID", message))
        }
    }
}

fn delete(ctx: &mut Ctx<'_>, call: &Call) -> Outcome {
    let list = call.param("ids").unwrap_or_default();
    let mut ids: Vec<String> =
        list.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect();
    if ids.is_empty() {
        return Err(ApiError::new(400, "MISSING_ARGUMENT", "ids is required"));
    }
    if ids.len() > MAX_RECORDS {
        let message = "record limit reached. cannot submit more than 200 records into this call";
        return Err(ApiError::new(400, "EXCEEDED_ID_LIMIT", message));
    }
    let all_or_none = call.flag("allOrNone") || ctx.all_or_none;
    Ok(each(ctx, all_or_none, &mut ids, |ctx, id| {
        let Some(object) = ctx.org.object_of(id) else {
            return Err(ApiError::new(400, "MALFORMED_ID", format!("malformed id {id}")));
        };
        ctx.delete(object, id)?;
        Ok(Done { id: id.clone(), created: None })
    }))
}

fn retrieve_posted(ctx: &Ctx<'_>, call: &Call, object: &str) -> Outcome {
    #[derive(Deserialize)]
    struct Wanted {
        ids: Vec<String>,
        fields: Vec<String>,
    }
    let wanted: Wanted = call::json(call)?;
    retrieve(ctx, object, &wanted.ids, &wanted.fields)
}

fn retrieve_listed(ctx: &Ctx<'_>, call: &Call, object: &str) -> Outcome {
    let list = |name: &str| -> Vec<String> {
        let text = call.param(name).unwrap_or_default();
        text.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
    };
    retrieve(ctx, object, &list("ids"), &list("fields"))
}

/// One row or `null` per id, in order.
fn retrieve(ctx: &Ctx<'_>, object: &str, ids: &[String], fields: &[String]) -> Outcome {
    let object = ctx.object(object)?;
    if ids.is_empty() || fields.is_empty() {
        return Err(ApiError::new(400, "MISSING_ARGUMENT", "ids and fields are required"));
    }
    if ids.len() > MAX_RETRIEVED {
        return Err(super::over_limit(format!("at most {MAX_RETRIEVED} ids can be retrieved")));
    }
    let mut rows = String::from("[");
    for (index, id) in ids.iter().enumerate() {
        if index > 0 {
            rows.push(',');
        }
        match ctx.org.get_json(ctx.version, object, id, Some(fields)) {
            Ok(row) => rows.push_str(&row),
            Err(error) if error.code == "INVALID_FIELD" => return Err(error),
            Err(_) => rows.push_str("null"),
        }
    }
    rows.push(']');
    Ok(Reply::new(http::StatusCode::OK, Reply::JSON, rows))
}
