//! A JSON Lines file: one line per change, in order.

mod files;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;

use self::files::{Files, Step};
use super::{Applied, Batch, Checkpoint, DeadLetter, Destination, dead_letter::refused};
use crate::{Change, Error, ErrorKind, Fields, Model, Rejected, Result, StreamKey};

/// Appends every change to a file, each exactly once.
///
/// Beside `customers.jsonl` stand `customers.jsonl.rejected`, with the dead letters, and `customers.jsonl.checkpoint`, with the positions of the
/// streams and how much of the two files is committed. Opening cuts off what was not, such as the torn line of a process that was killed. The
/// file is a log: a record occurs as often as it changed, the last line being its present state. A dead letter stays in it too;
/// its record may have come well since. One process at a time has it open.
/// Cloning shares the file.
#[derive(Clone)]
pub struct JsonLinesDestination {
    path: PathBuf,
    files: Arc<Mutex<Files>>,
}

impl JsonLinesDestination {
    /// Opens a file or makes it.
    ///
    /// # Errors
    /// `Conflict` if another process has it open; `Config` if it holds lines that no checkpoint belongs to; `Storage` if it cannot be
    /// read or written, or is shorter than what was committed.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let at = path.clone();
        let files = blocking(move || Files::open(&at)).await?;
        Ok(Self { path, files: Arc::new(Mutex::new(files)) })
    }

    async fn with_files<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Files) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let files = Arc::clone(&self.files);
        blocking(move || work(&mut files.lock().unwrap_or_else(PoisonError::into_inner))).await
    }
}

/// Runs file work where blocking is allowed. Dropping the future does not stop work that has begun: it commits or leaves what the next
/// step cuts off.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|source| {
        Err(Error::new(ErrorKind::Storage, "the work on the file was interrupted").with_source(source))
    })
}

#[async_trait]
impl<M: Model> Destination<M> for JsonLinesDestination {
    async fn open(&self, stream: &StreamKey) -> Result<Option<Checkpoint>> {
        let stream = stream.clone();
        self.with_files(move |files| files.checkpoint(&stream)).await
    }

    async fn apply(&self, batch: Arc<Batch<M>>) -> Result<Applied> {
        let (mut lines, mut unfit) = (Vec::new(), Vec::new());
        let mut applied = Applied::default();
        for change in &batch.changes {
            match write(&mut lines, &Line::new(&batch.stream, change)) {
                Err(reason) => unfit.extend(change_refused(change, reason)),
                Ok(()) if matches!(change, Change::Upsert(_)) => applied.upserts += 1,
                Ok(()) => applied.deletes += 1,
            }
        }
        let mut rejected = Vec::new();
        for letter in batch.rejected.iter().chain(&unfit) {
            write(&mut rejected, &DeadLetter::new(&batch.stream, letter, batch.at))?;
        }
        let step = Step {
            stream: (*batch.stream).clone(),
            checkpoint: batch.checkpoint.clone(),
            expected: batch.expected,
            lines,
            rejected,
        };
        self.with_files(move |files| files.commit(step)).await?;
        applied.rejected = unfit;
        Ok(applied)
    }

    fn transactional(&self) -> bool {
        true
    }
}

impl fmt::Debug for JsonLinesDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("JsonLinesDestination").field(&self.path).finish()
    }
}

/// One line of the file.
#[derive(Serialize)]
#[serde(bound = "M: Model")]
struct Line<'a, M> {
    op: &'static str,
    #[serde(flatten)]
    stream: &'a StreamKey,
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a M>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extra: Option<&'a Fields>,
}

impl<'a, M> Line<'a, M> {
    fn new(stream: &'a StreamKey, change: &'a Change<M>) -> Self {
        let (id, at) = (change.id().as_str(), change.at());
        let bare = |op| Self {
            op,
            stream,
            id,
            at,
            created_at: None,
            version: None,
            url: None,
            model: None,
            extra: None,
        };
        match change {
            Change::Delete { .. } => bare("delete"),
            Change::Upsert(record) => Self {
                created_at: record.meta.created_at,
                version: record.meta.version.as_deref(),
                url: record.meta.url.as_deref(),
                model: Some(&record.model),
                extra: Some(&record.extra).filter(|extra| !extra.is_empty()),
                ..bare("upsert")
            },
        }
    }
}

fn write(lines: &mut Vec<u8>, line: &impl Serialize) -> Result<()> {
    let start = lines.len();
    serde_json::to_writer(&mut *lines, line).map_err(|source| {
        lines.truncate(start);
        Error::new(ErrorKind::Malformed, "the record has no JSON form").with_source(source)
    })?;
    lines.push(b'\n');
    Ok(())
}

fn change_refused<M: Model>(change: &Change<M>, reason: Error) -> Option<Rejected> {
    match change {
        Change::Upsert(record) => Some(refused(record, reason)),
        Change::Delete { .. } => None,
    }
}
