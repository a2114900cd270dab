//! Query jobs: a query's rows as CSV, page by page.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::csv_text::{Delimiter, LineEnding, writer, written};
use super::job::{Change, Head, State, listed};
use super::{Asked, invalid_job, no_content, wait, wrong_state};
use crate::sandbox::call;
use crate::sandbox::reply::{self, Reply};
use crate::sandbox::rest::{Outcome, version_number};
use crate::sandbox::soql::Cursor;
use crate::sandbox::state::World;
use crate::sandbox::store::ApiError;

/// Pages that one `resultPages` reply lists (Salesforce docs, Bulk API 2.0).
const PAGES: usize = 5;

/// From this version results can be fetched in parallel (Salesforce docs).
const PARALLEL_SINCE: u32 = 58;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    operation: String,
    query: String,
    #[serde(default)]
    line_ending: LineEnding,
    #[serde(default)]
    column_delimiter: Delimiter,
}

/// A query job.
#[derive(Debug)]
pub(crate) struct Select {
    pub(super) head: Head,
    soql: String,
    cursor: Option<Arc<Cursor>>,
}

/// Routes below `jobs/query`.
pub(super) fn serve(asked: Asked<'_>, tail: &[&str]) -> Outcome {
    match (&asked.call.method, tail) {
        (&Method::POST, []) => create(asked),
        (&Method::GET, []) => Ok(list(asked)),
        (&Method::GET, [id]) => look(asked, id),
        (&Method::PATCH, [id]) => abort(asked, id),
        (&Method::DELETE, [id]) => delete(asked, id),
        (&Method::GET, [id, "results"]) => results(asked, id),
        (&Method::GET, [id, "resultPages"]) => result_pages(asked, id),
        (_, []) => Ok(reply::method_not_allowed(&asked.call.method, "GET,HEAD,POST")),
        (_, [_]) => Ok(reply::method_not_allowed(&asked.call.method, "GET,HEAD,PATCH,DELETE")),
        _ => Ok(reply::not_found()),
    }
}

fn create(asked: Asked<'_>) -> Outcome {
    let wanted: Wanted = call::json(asked.call)?;
    let operation = match wanted.operation.as_str() {
        "query" => "query",
        "queryAll" => "queryAll",
        other => return Err(invalid_job(format!("InvalidJob : Invalid operation: {other}"))),
    };
    let object = {
        let cursor = asked.world.org().query(&wanted.query, operation == "queryAll")?;
        if let Some(refusal) = cursor.bulk_refusal() {
            return Err(refusal);
        }
        cursor.object().to_owned()
    };
    let now = asked.world.now();
    let mut jobs = asked.world.jobs();
    let head = Head {
        id: jobs.new_id(),
        operation,
        object,
        state: State::UploadComplete,
        delimiter: wanted.column_delimiter,
        line_ending: wanted.line_ending,
        version: asked.version.to_owned(),
        created: now,
        changed: now,
        started: None,
        error: None,
    };
    let shown = head.shown(asked.world);
    let id = head.id.clone();
    jobs.query.insert(id.clone(), Select { head, soql: wanted.query, cursor: None });
    asked.world.common.spawn(run(Arc::clone(asked.world), id));
    Ok(Reply::ok(&shown))
}

async fn run(world: Arc<World>, id: String) {
    wait(&world, world.settings.bulk_delay).await;
    let Some((soql, all)) = begun(&world, &id) else { return };
    let cursor = world.org().query(&soql, all);
    wait(&world, world.settings.bulk_delay).await;
    let now = world.now();
    let mut jobs = world.jobs();
    let Some(job) = jobs.query.get_mut(&id).filter(|job| job.head.state == State::InProgress) else { return };
    match cursor {
        Ok(cursor) => {
            job.cursor = Some(Arc::new(cursor));
            job.head.enter(State::JobComplete, now);
        }
        Err(_) => job.head.enter(State::Failed, now),
    }
}

fn begun(world: &Arc<World>, id: &str) -> Option<(String, bool)> {
    let now = world.now();
    let mut jobs = world.jobs();
    let job = jobs.query.get_mut(id).filter(|job| job.head.state == State::UploadComplete)?;
    job.head.enter(State::InProgress, now);
    Some((job.soql.clone(), job.head.operation == "queryAll"))
}

fn shown(world: &World, job: &Select) -> Value {
    let mut body = job.head.shown(world);
    body["jobType"] = json!("V2Query");
    body["numberRecordsProcessed"] = json!(job.cursor.as_ref().map_or(0, |cursor| cursor.rows()));
    body["retries"] = json!(0);
    body["totalProcessingTime"] = json!(job.head.took(world.now()));
    body["isPkChunkingSupported"] = json!(true);
    body
}

fn list(asked: Asked<'_>) -> Reply {
    let jobs = asked.world.jobs();
    let records: Vec<Value> = jobs.query.values().map(|job| shown(asked.world, job)).collect();
    Reply::ok(&listed(&records))
}

fn look(asked: Asked<'_>, id: &str) -> Outcome {
    let mut jobs = asked.world.jobs();
    let job = jobs.query_mut(id, asked.world.now())?;
    Ok(Reply::ok(&shown(asked.world, job)))
}

fn abort(asked: Asked<'_>, id: &str) -> Outcome {
    let change: Change = call::json(asked.call)?;
    let now = asked.world.now();
    let mut jobs = asked.world.jobs();
    let job = jobs.query_mut(id, now)?;
    if change.state != State::Aborted || job.head.state.is_over() {
        let (is, wanted) = (job.head.state.name(), change.state.name());
        return Err(wrong_state(&format!("A job in state {is} cannot become {wanted}")));
    }
    job.head.enter(State::Aborted, now);
    Ok(Reply::ok(&shown(asked.world, job)))
}

fn delete(asked: Asked<'_>, id: &str) -> Outcome {
    let mut jobs = asked.world.jobs();
    let head = &jobs.query_mut(id, asked.world.now())?.head;
    if !head.state.is_over() {
        return Err(wrong_state(&format!("A job in state {} cannot be deleted", head.state.name())));
    }
    let own = head.id.clone();
    jobs.query.remove(&own);
    Ok(no_content())
}

/// The finished job's rows and dialect.
fn finished(asked: Asked<'_>, id: &str) -> Result<(Arc<Cursor>, Head), ApiError> {
    let mut jobs = asked.world.jobs();
    let job = jobs.query_mut(id, asked.world.now())?;
    if job.head.version != asked.version {
        let message = format!("The job was created with API version {}", job.head.version);
        return Err(ApiError::new(409, "API_VERSION_MISMATCH", message));
    }
    match &job.cursor {
        Some(cursor) => Ok((Arc::clone(cursor), job.head.clone())),
        None => Err(wrong_state(&format!("A job in state {} has no results", job.head.state.name()))),
    }
}

fn locator(offset: usize) -> String {
    STANDARD_NO_PAD.encode(offset.to_string())
}

/// The row that the request's locator stands for.
fn offset(asked: Asked<'_>) -> Result<usize, ApiError> {
    let Some(text) = asked.call.param("locator").filter(|text| !text.is_empty()) else { return Ok(0) };
    STANDARD_NO_PAD
        .decode(text.trim_end_matches('='))
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| ApiError::new(400, "INVALID_LOCATOR", format!("invalid locator {text}")))
}

/// `GET results?maxRecords&locator`: one page with its own header row.
fn results(asked: Asked<'_>, id: &str) -> Outcome {
    let (cursor, head) = finished(asked, id)?;
    let offset = offset(asked)?;
    let page = asked.world.settings.bulk_page_size;
    let wanted = asked.call.param("maxRecords").and_then(|text| text.parse().ok()).filter(|rows| *rows > 0);
    let size = wanted.unwrap_or(page).min(page);
    let rows = cursor.csv_rows(&asked.world.org(), offset, size);
    let mut out = writer(head.delimiter, head.line_ending);
    // Writing CSV to memory does not fail.
    let _infallible = out.write_record(cursor.columns());
    for row in &rows {
        let _infallible = out.write_record(row);
    }
    let end = offset + rows.len();
    let next = if end < cursor.rows() { locator(end) } else { "null".to_owned() };
    Ok(Reply::new(StatusCode::OK, "text/csv", written(out))
        .with("sforce-locator", &next)
        .with("sforce-numberofrecords", &rows.len().to_string()))
}

/// `GET resultPages`: the URLs of pages that can be fetched side by side.
fn result_pages(asked: Asked<'_>, id: &str) -> Outcome {
    if version_number(asked.version).is_none_or(|number| number < PARALLEL_SINCE) {
        return Ok(reply::not_found());
    }
    let (cursor, head) = finished(asked, id)?;
    let (first, page) = (offset(asked)?, asked.world.settings.bulk_page_size);
    let base = format!("/services/data/{}/jobs/query/{}", head.version, head.id);
    let starts: Vec<usize> = (first..cursor.rows().max(1)).step_by(page).take(PAGES).collect();
    let pages: Vec<Value> = starts
        .iter()
        .map(|start| json!({ "resultUrl": format!("{base}/results?locator={}", locator(*start)) }))
        .collect();
    let end = starts.last().map_or(first, |start| start + page);
    let done = end >= cursor.rows();
    let mut body = json!({ "resultPages": pages, "done": done });
    if !done {
        body["nextRecordsUrl"] = json!(format!("{base}/resultPages?locator={}", locator(end)));
    }
    Ok(Reply::ok(&body))
}
