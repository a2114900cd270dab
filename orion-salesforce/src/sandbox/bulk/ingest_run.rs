//! How an ingest job's rows become rows of the org.

use std::sync::Arc;

use bytes::Bytes;
use csv::StringRecord;
use serde_json::{Map, Value, json};

use super::csv_text::{LineEnding, reader};
use super::ingest::still;
use super::job::{Head, State};
use super::wait;
use crate::sandbox::rest::Ctx;
use crate::sandbox::state::World;
use crate::sandbox::store::{ApiError, Org, Upserted};
use orion_core::sandbox::Scope;

/// Rows handled before others get their turn.
const STEP: usize = 200;

/// What became of a row that went in.
#[derive(Debug)]
pub(super) struct Success {
    pub(super) id: String,
    pub(super) created: bool,
    pub(super) row: StringRecord,
}

/// What became of a row that did not.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) id: String,
    pub(super) error: String,
    pub(super) row: StringRecord,
}

/// An ingest job.
#[derive(Debug)]
pub(crate) struct Ingest {
    pub(super) head: Head,
    pub(super) key: Option<&'static str>,
    pub(super) assignment_rule: Option<String>,
    pub(super) upload: Option<Bytes>,
    pub(super) columns: Vec<String>,
    pub(super) succeeded: Vec<Success>,
    pub(super) failed: Vec<Failure>,
    pub(super) unprocessed: Vec<StringRecord>,
}

impl Ingest {
    pub(super) fn new(head: Head, key: Option<&'static str>, assignment_rule: Option<String>) -> Self {
        Self {
            head,
            key,
            assignment_rule,
            upload: None,
            columns: Vec::new(),
            succeeded: Vec::new(),
            failed: Vec::new(),
            unprocessed: Vec::new(),
        }
    }
}

/// How a column's cells go into a row.
#[derive(Debug)]
enum Column {
    /// The row's id.
    Id,
    /// The upsert's key.
    Key,
    Field(&'static str),
    /// A parent named by a key of its own: the relationship, the reference field, the parent's key.
    Parent {
        relation: String,
        field: &'static str,
        key: String,
    },
}

/// What a job does with each row.
#[derive(Debug)]
struct Work {
    operation: &'static str,
    object: String,
    key: Option<&'static str>,
    columns: Vec<Column>,
}

/// Starts the job's task; it ends with the sandbox.
pub(super) fn start(world: &Arc<World>, id: &str, scope: Scope) {
    world.common.spawn(run(Arc::clone(world), id.to_owned(), scope));
}

async fn run(world: Arc<World>, id: String, scope: Scope) {
    wait(&world, world.settings.bulk_delay).await;
    let Some((head, key, upload)) = begun(&world, &id) else { return };
    let rows = match parsed(&world, &head, key, &upload) {
        Ok((work, header, rows)) => {
            if let Some(job) = world.jobs().ingest.get_mut(&id) {
                job.columns = header;
            }
            work_through(&world, &id, &scope, &work, &head.version, rows).await
        }
        Err(error) => {
            if let Some(job) = world.jobs().ingest.get_mut(&id) {
                job.head.error = Some(error);
                job.upload = Some(upload);
                job.head.enter(State::Failed, world.now());
            }
            return;
        }
    };
    wait(&world, world.settings.bulk_delay).await;
    if let Some(job) = world.jobs().ingest.get_mut(&id) {
        job.unprocessed = rows;
        if job.head.state == State::InProgress {
            job.head.enter(State::JobComplete, world.now());
        }
    }
}

/// Moves a queued job to work and takes its data.
fn begun(world: &Arc<World>, id: &str) -> Option<(Head, Option<&'static str>, Bytes)> {
    let now = world.now();
    let mut jobs = world.jobs();
    let job = jobs.ingest.get_mut(id).filter(|job| job.head.state == State::UploadComplete)?;
    job.head.enter(State::InProgress, now);
    Some((job.head.clone(), job.key, job.upload.take().unwrap_or_default()))
}

type Parsed = (Work, Vec<String>, Vec<StringRecord>);

/// Reads the upload; an error fails the job.
fn parsed(world: &World, head: &Head, key: Option<&'static str>, upload: &[u8]) -> Result<Parsed, String> {
    if LineEnding::of(upload).is_some_and(|ending| ending != head.line_ending) {
        let name = head.line_ending.name();
        return Err(format!(
            "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is {name}"
        ));
    }
    let mut reader = reader(upload, head.delimiter);
    // The wording of what is wrong with the text is unverified.
    let bad = |error: csv::Error| format!("InvalidBatch : Failed to parse CSV. {error}");
    let header = reader.headers().map_err(bad)?.clone();
    let columns = columns(&world.org(), head, key, &header)?;
    let mut rows = Vec::new();
    for row in reader.into_records() {
        let row = row.map_err(bad)?;
        if row.len() != header.len() {
            let (line, found, wanted) = (rows.len() + 2, row.len(), header.len());
            return Err(format!("InvalidBatch : Row {line} has {found} columns, the header has {wanted}"));
        }
        rows.push(row);
    }
    let work = Work { operation: head.operation, object: head.object.clone(), key, columns };
    Ok((work, header.iter().map(str::to_owned).collect(), rows))
}

fn columns(
    org: &Org,
    head: &Head,
    key: Option<&'static str>,
    header: &StringRecord,
) -> Result<Vec<Column>, String> {
    let missing = |name: &str| format!("InvalidBatch : Field name not found : {name}");
    let columns: Vec<Column> = header
        .iter()
        .map(|name| column(org, head, key, name.trim()).ok_or_else(|| missing(name)))
        .collect::<Result<_, _>>()?;
    let has_id = columns.iter().any(|column| matches!(column, Column::Id));
    match head.operation {
        "delete" | "hardDelete" if !has_id || columns.len() != 1 => {
            Err(format!("InvalidBatch : '{}' batches must contain only ids", head.operation.to_lowercase()))
        }
        "update" if !has_id => Err(missing("Id")),
        "upsert" if !columns.iter().any(|column| matches!(column, Column::Key)) => {
            Err(missing(key.unwrap_or("Id")))
        }
        _ => Ok(columns),
    }
}

fn column(org: &Org, head: &Head, key: Option<&'static str>, name: &str) -> Option<Column> {
    if let Some((relation, key)) = name.split_once('.') {
        // `Owner:User.Key` names the parent's type where there are several.
        let relation = relation.split(':').next().unwrap_or(relation);
        let field = org.lookup_field(&head.object, relation)?;
        return Some(Column::Parent { relation: relation.to_owned(), field, key: key.to_owned() });
    }
    let field = org.field_name(&head.object, name)?;
    Some(if head.operation == "upsert" && Some(field) == key {
        Column::Key
    } else if field == "Id" {
        Column::Id
    } else {
        Column::Field(field)
    })
}

/// Works through the rows step by step; answers those left when the job was aborted or deleted.
async fn work_through(
    world: &Arc<World>,
    id: &str,
    scope: &Scope,
    work: &Work,
    version: &str,
    rows: Vec<StringRecord>,
) -> Vec<StringRecord> {
    let mut rows = rows.into_iter();
    while rows.len() > 0 {
        if !still(world, id, State::InProgress) {
            break;
        }
        let (mut succeeded, mut failed) = (Vec::new(), Vec::new());
        {
            let mut org = world.org();
            let mut ctx = Ctx { world, org: &mut org, scope, version, all_or_none: false };
            for row in rows.by_ref().take(STEP) {
                let given = given_id(work, &row);
                match apply(&mut ctx, work, &row) {
                    Ok((id, created)) => succeeded.push(Success { id, created, row }),
                    Err(error) => {
                        failed.push(Failure { id: given, error: shown(&error.in_collection()), row })
                    }
                }
            }
        }
        if let Some(job) = world.jobs().ingest.get_mut(id) {
            job.succeeded.append(&mut succeeded);
            job.failed.append(&mut failed);
        }
        tokio::task::yield_now().await;
    }
    rows.collect()
}

/// `CODE:message:fields --`.
fn shown(error: &ApiError) -> String {
    let fields = if error.fields.is_empty() { String::new() } else { format!("{} ", error.fields.join(",")) };
    format!("{}:{}:{fields}--", error.code, error.message)
}

fn given_id(work: &Work, row: &StringRecord) -> String {
    let index = work.columns.iter().position(|column| matches!(column, Column::Id));
    index.and_then(|index| row.get(index)).unwrap_or_default().to_owned()
}

fn apply(ctx: &mut Ctx<'_>, work: &Work, row: &StringRecord) -> Result<(String, bool), ApiError> {
    let object = work.object.as_str();
    let id = given_id(work, row);
    let fields = fields(work, row);
    ctx.org.check_texts(object, &fields)?;
    match work.operation {
        "insert" if !id.is_empty() => {
            Err(ApiError::new(400, "INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call")
                .on("Id"))
        }
        "insert" => ctx.insert(object, &fields).map(|id| (id, true)),
        "upsert" => upsert(ctx, work, row, &fields),
        _ if id.is_empty() => {
            let message = format!("Id not specified in {} call", article(work.operation));
            Err(ApiError::new(400, "MISSING_ARGUMENT", message))
        }
        "update" => ctx.update(object, &id, &fields).map(|()| (id, false)),
        "delete" => ctx.delete(object, &id).map(|()| (id, false)),
        _ => ctx.hard_delete(object, &id).map(|()| (id, false)),
    }
}

fn article(operation: &str) -> String {
    let article = if operation.starts_with('u') { "an" } else { "a" };
    format!("{article} {operation}")
}

fn upsert(
    ctx: &mut Ctx<'_>,
    work: &Work,
    row: &StringRecord,
    fields: &Map<String, Value>,
) -> Result<(String, bool), ApiError> {
    let object = work.object.as_str();
    let name = work.key.unwrap_or("Id");
    let index = work.columns.iter().position(|column| matches!(column, Column::Key));
    let key = index.and_then(|index| row.get(index)).unwrap_or_default();
    if key.is_empty() && name == "Id" {
        return ctx.insert(object, fields).map(|id| (id, true));
    }
    if key.is_empty() {
        return Err(ApiError::new(400, "MISSING_ARGUMENT", format!("{name} not specified")).on(name));
    }
    match ctx.upsert(object, name, key, fields)? {
        Upserted::Created(id) => Ok((id, true)),
        Upserted::Updated(id) => Ok((id, false)),
        Upserted::Multiple(ids) => {
            let message =
                format!("{name}: more than one record found for external id field: [{}]", ids.join(", "));
            Err(ApiError::new(400, "DUPLICATE_EXTERNAL_ID", message).on(name))
        }
    }
}

/// An empty cell says nothing about its field, `#N/A` makes it null.
fn fields(work: &Work, row: &StringRecord) -> Map<String, Value> {
    let mut fields = Map::new();
    for (column, cell) in work.columns.iter().zip(row.iter()).filter(|(_, cell)| !cell.is_empty()) {
        match column {
            Column::Id | Column::Key => {}
            Column::Field(name) | Column::Parent { field: name, .. } if cell == "#N/A" => {
                fields.insert((*name).to_owned(), Value::Null);
            }
            Column::Field(name) => {
                fields.insert((*name).to_owned(), json!(cell));
            }
            Column::Parent { relation, key, .. } => {
                fields.insert(relation.clone(), json!({ key.as_str(): cell }));
            }
        }
    }
    fields
}
