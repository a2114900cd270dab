//! Ingest jobs: create, upload, close, abort, delete, look.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::csv_text::{Delimiter, LineEnding};
use super::ingest_run::{self, Ingest};
use super::job::{Change, Head, State, listed};
use super::{Asked, ingest_results, invalid_job, no_content, wrong_state};
use crate::sandbox::call;
use crate::sandbox::reply::{self, Reply};
use crate::sandbox::rest::Outcome;
use crate::sandbox::state::World;
use crate::sandbox::store::ApiError;

/// The operations a job can have, as their canonical names.
const OPERATIONS: [&str; 5] = ["insert", "update", "upsert", "delete", "hardDelete"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    object: String,
    operation: String,
    #[serde(default)]
    content_type: Option<String>,
    #[serde(default)]
    line_ending: LineEnding,
    #[serde(default)]
    column_delimiter: Delimiter,
    #[serde(default)]
    external_id_field_name: Option<String>,
    #[serde(default)]
    assignment_rule_id: Option<String>,
}

/// Routes below `jobs/ingest`.
pub(super) fn serve(asked: Asked<'_>, tail: &[&str]) -> Outcome {
    match (&asked.call.method, tail) {
        (&Method::POST, []) => create(asked),
        (&Method::GET, []) => Ok(list(asked)),
        (&Method::GET, [id]) => look(asked, id),
        (&Method::PATCH, [id]) => change(asked, id),
        (&Method::DELETE, [id]) => delete(asked, id),
        (&Method::PUT, [id, "batches"]) => upload(asked, id),
        (&Method::GET, [id, results]) => ingest_results::serve(asked, id, results),
        (_, []) => Ok(reply::method_not_allowed(&asked.call.method, "GET,HEAD,POST")),
        (_, [_]) => Ok(reply::method_not_allowed(&asked.call.method, "GET,HEAD,PATCH,DELETE")),
        (_, [_, "batches"]) => Ok(reply::method_not_allowed(&asked.call.method, "PUT")),
        _ => Ok(reply::not_found()),
    }
}

fn create(asked: Asked<'_>) -> Outcome {
    let (wanted, content) = if asked.call.media_type() == "multipart/form-data" {
        let (job, content) = multipart(asked)?;
        let wanted =
            serde_json::from_slice(&job).map_err(|error| invalid_job(format!("InvalidJob : {error}")))?;
        (wanted, Some(content))
    } else {
        (call::json::<Wanted>(asked.call)?, None)
    };
    let mut job = checked(asked, &wanted)?;
    if let Some(content) = content {
        job.upload = Some(content);
        job.head.enter(State::UploadComplete, asked.world.now());
    }
    let (id, state) = (job.head.id.clone(), job.head.state);
    let shown = shown(asked.world, &job);
    asked.world.jobs().ingest.insert(id.clone(), job);
    if state == State::UploadComplete {
        ingest_run::start(asked.world, &id, asked.scope.clone());
    }
    Ok(Reply::ok(&shown))
}

fn checked(asked: Asked<'_>, wanted: &Wanted) -> Result<Ingest, ApiError> {
    let operation = OPERATIONS.iter().find(|name| name.eq_ignore_ascii_case(&wanted.operation));
    let Some(operation) = operation else {
        return Err(invalid_job(format!("InvalidJob : Invalid operation: {}", wanted.operation)));
    };
    if wanted.content_type.as_deref().is_some_and(|kind| !kind.eq_ignore_ascii_case("CSV")) {
        return Err(invalid_job("InvalidJob : contentType must be CSV"));
    }
    let key = wanted.external_id_field_name.as_deref().filter(|name| !name.is_empty());
    let (object, key) = {
        let org = asked.world.org();
        let Some(object) = org.object_name(&wanted.object) else {
            return Err(ApiError::new(
                400,
                "INVALIDENTITY",
                format!("Unable to find object: {}", wanted.object),
            ));
        };
        let known = key.map(|key| org.field_name(object, key).ok_or(key)).transpose();
        (object, known.map_err(|key| invalid_job(format!("InvalidJob : Field name not found : {key}")))?)
    };
    if *operation == "upsert" && key.is_none() {
        return Err(invalid_job("InvalidJob : External ID was not specified for an upsert job"));
    }
    let now = asked.world.now();
    let head = Head {
        id: asked.world.jobs().new_id(),
        operation,
        object: object.to_owned(),
        state: State::Open,
        delimiter: wanted.column_delimiter,
        line_ending: wanted.line_ending,
        version: asked.version.to_owned(),
        created: now,
        changed: now,
        started: None,
        error: None,
    };
    Ok(Ingest::new(head, key, wanted.assignment_rule_id.clone()))
}

/// The `job` and `content` parts of a create-and-upload request.
fn multipart(asked: Asked<'_>) -> Result<(Bytes, Bytes), ApiError> {
    let header = asked.call.header("content-type").unwrap_or_default();
    let boundary = header.split(';').find_map(|item| item.trim().strip_prefix("boundary="));
    let boundary = boundary.unwrap_or_default().trim_matches('"');
    let (mut job, mut content) = (None, None);
    for part in parts(&asked.call.body, boundary) {
        let Some(split) = find(&part, b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(part.get(..split).unwrap_or_default()).to_lowercase();
        let body = part.slice(split + 4..);
        if head.contains("name=\"job\"") {
            job = Some(body);
        } else if head.contains("name=\"content\"") {
            content = Some(body);
        }
    }
    job.zip(content)
        .ok_or_else(|| invalid_job("InvalidJob : multipart request needs a job and a content part"))
}

/// What stands between the boundaries, without the line ends that belong to them.
fn parts(body: &Bytes, boundary: &str) -> Vec<Bytes> {
    let mark = format!("--{boundary}");
    let (mut parts, mut from) = (Vec::new(), None);
    let mut at = 0;
    while let Some(offset) = find(body.get(at..).unwrap_or_default(), mark.as_bytes()) {
        let start = at + offset;
        if let Some(from) = from {
            let end = start.saturating_sub(2).max(from);
            parts.push(body.slice(from..end));
        }
        at = start + mark.len();
        from = Some((at + 2).min(body.len()));
    }
    parts
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len().max(1)).position(|window| window == wanted)
}

/// A job as its create, close and abort replies show it.
pub(super) fn shown(world: &World, job: &Ingest) -> Value {
    let mut body = job.head.shown(world);
    if job.head.state == State::Open {
        let url = format!("services/data/{}/jobs/ingest/{}/batches", job.head.version, job.head.id);
        body["contentUrl"] = json!(url);
    }
    if let Some(key) = job.key {
        body["externalIdFieldName"] = json!(key);
    }
    if let Some(rule) = &job.assignment_rule {
        body["assignmentRuleId"] = json!(rule);
    }
    body
}

fn list(asked: Asked<'_>) -> Reply {
    let jobs = asked.world.jobs();
    let records: Vec<Value> = jobs
        .ingest
        .values()
        .map(|job| {
            let mut body = shown(asked.world, job);
            body["jobType"] = json!("V2Ingest");
            body
        })
        .collect();
    Reply::ok(&listed(&records))
}

fn look(asked: Asked<'_>, id: &str) -> Outcome {
    let now = asked.world.now();
    let mut jobs = asked.world.jobs();
    let job = jobs.ingest_mut(id, now)?;
    let mut body = shown(asked.world, job);
    let took = job.head.took(now);
    body["jobType"] = json!("V2Ingest");
    body["numberRecordsProcessed"] = json!(job.succeeded.len() + job.failed.len());
    body["numberRecordsFailed"] = json!(job.failed.len());
    body["retries"] = json!(0);
    body["totalProcessingTime"] = json!(took);
    body["apiActiveProcessingTime"] = json!(took);
    body["apexProcessingTime"] = json!(0);
    if let Some(error) = &job.head.error {
        body["errorMessage"] = json!(error);
    }
    Ok(Reply::ok(&body))
}

fn upload(asked: Asked<'_>, id: &str) -> Outcome {
    let now = asked.world.now();
    let mut jobs = asked.world.jobs();
    let job = jobs.ingest_mut(id, now)?;
    if job.head.state != State::Open || job.upload.is_some() {
        return Err(wrong_state("Data was already uploaded to this job, or the job is not open"));
    }
    job.upload = Some(asked.call.body.clone());
    job.head.changed = now;
    Ok(Reply::empty(StatusCode::CREATED))
}

fn change(asked: Asked<'_>, id: &str) -> Outcome {
    let change: Change = call::json(asked.call)?;
    let now = asked.world.now();
    let mut jobs = asked.world.jobs();
    let job = jobs.ingest_mut(id, now)?;
    match change.state {
        State::UploadComplete if job.head.state == State::Open => {
            job.head.enter(State::UploadComplete, now);
            ingest_run::start(asked.world, &job.head.id, asked.scope.clone());
        }
        State::Aborted if !job.head.state.is_over() => job.head.enter(State::Aborted, now),
        wanted => {
            let message = format!("A job in state {} cannot become {}", job.head.state.name(), wanted.name());
            return Err(wrong_state(&message));
        }
    }
    Ok(Reply::ok(&shown(asked.world, job)))
}

/// Only a job that is queued or over can be deleted (Salesforce docs, Bulk API 2.0).
fn delete(asked: Asked<'_>, id: &str) -> Outcome {
    let now = asked.world.now();
    let mut jobs = asked.world.jobs();
    let head = &jobs.ingest_mut(id, now)?.head;
    if !head.state.is_over() && head.state != State::UploadComplete {
        return Err(wrong_state(&format!("A job in state {} cannot be deleted", head.state.name())));
    }
    let own = head.id.clone();
    jobs.ingest.remove(&own);
    Ok(no_content())
}

/// Whether the job still is where its task left it; a deleted or aborted one is not.
pub(super) fn still(world: &Arc<World>, id: &str, state: State) -> bool {
    world.jobs().ingest.get(id).is_some_and(|job| job.head.state == state)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multipart_parts_are_cut_at_their_boundaries() {
        let body = Bytes::from_static(b"--B\r\nx: 1\r\n\r\none\r\n--B\r\n\r\ntwo\r\n\r\n--B--\r\n");
        let parts = parts(&body, "B");
        assert_eq!(parts, ["x: 1\r\n\r\none".as_bytes(), b"\r\ntwo\r\n"]);
    }
}
