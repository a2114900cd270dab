//! `composite/tree`: rows with their child rows, all or none.

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{MAX_RECORDS, over_limit};
use crate::sandbox::call::{self, Call};
use crate::sandbox::reply::{ItemError, Reply};
use crate::sandbox::rest::{Ctx, Outcome};
use crate::sandbox::store::ApiError;

#[derive(Deserialize)]
struct Tree {
    records: Vec<Map<String, Value>>,
}

/// What has been done so far: the rows created, or the ones that failed.
#[derive(Default)]
struct Progress {
    count: usize,
    created: Vec<Value>,
    failed: Vec<Value>,
}

/// `POST composite/tree/T`: 201, or 400 with only the records that failed.
pub(super) fn serve(ctx: &mut Ctx<'_>, call: &Call, object: &str) -> Outcome {
    let object = ctx.object(object)?;
    let tree: Tree = call::json(call)?;
    let mut progress = Progress::default();
    ctx.org.begin();
    for record in tree.records {
        if let Err(error) = plant(ctx, object, record, None, &mut progress) {
            ctx.org.rollback();
            return Err(error);
        }
    }
    if progress.failed.is_empty() {
        ctx.org.commit();
        return Ok(Reply::json(
            StatusCode::CREATED,
            &json!({ "hasErrors": false, "results": progress.created }),
        ));
    }
    ctx.org.rollback();
    Ok(Reply::json(StatusCode::BAD_REQUEST, &json!({ "hasErrors": true, "results": progress.failed })))
}

/// Creates a record and then its children. An error is the whole request's.
fn plant(
    ctx: &mut Ctx<'_>,
    object: &str,
    record: Map<String, Value>,
    parent: Option<(&str, &str)>,
    progress: &mut Progress,
) -> Result<(), ApiError> {
    progress.count += 1;
    if progress.count > MAX_RECORDS {
        return Err(over_limit(format!("at most {MAX_RECORDS} records can be in a tree")));
    }
    let reference = record.get("attributes").and_then(|attributes| attributes["referenceId"].as_str());
    let Some(reference) = reference.map(str::to_owned) else {
        return Err(ApiError::new(400, "INVALID_INPUT", "each record needs attributes.referenceId"));
    };
    let (mut fields, children) = parted(record);
    if let Some((field, id)) = parent {
        fields.insert(field.to_owned(), json!(id));
    }
    let id = match ctx.insert(object, &fields) {
        Ok(id) => id,
        Err(error) => {
            let error = error.in_collection();
            progress.failed.push(json!({ "referenceId": reference, "errors": [ItemError::new(&error)] }));
            return Ok(());
        }
    };
    progress.created.push(json!({ "referenceId": reference, "id": id }));
    for (relation, records) in children {
        let (child, field) = ctx.child(object, &relation)?.ok_or_else(|| {
            let message = format!("Invalid relationship {relation} for sobject type {object}");
            ApiError::new(400, "INVALID_FIELD", message)
        })?;
        for record in records {
            plant(ctx, &child, record, Some((&field, &id)), progress)?;
        }
    }
    Ok(())
}

type Children = Vec<(String, Vec<Map<String, Value>>)>;

/// The record's own fields and its child records.
fn parted(record: Map<String, Value>) -> (Map<String, Value>, Children) {
    let (mut fields, mut children) = (Map::new(), Vec::new());
    for (name, value) in record {
        if name == "attributes" {
            continue;
        }
        match serde_json::from_value::<Tree>(value.clone()) {
            Ok(tree) => children.push((name, tree.records)),
            Err(_) => {
                fields.insert(name, value);
            }
        }
    }
    (fields, children)
}
