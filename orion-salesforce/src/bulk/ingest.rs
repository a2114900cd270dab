//! Sending: a stream of records becomes jobs of bounded size, with bounded memory.

mod part;
mod rows;
mod source;

use futures::stream::BoxStream;
use orion_core::{BulkJob, Error, ErrorKind, Result, WriteOp, WriteOptions};

use super::{
    Jobs, Local,
    job::{Ingest, Side},
};
pub(crate) use rows::Head;
use source::{Map, Source};

/// The job's operation, and the column that identifies a row.
fn operation(op: &WriteOp) -> Result<(&'static str, Option<&str>)> {
    Ok(match op {
        WriteOp::Create => ("insert", None),
        WriteOp::Update => ("update", Some("Id")),
        WriteOp::Upsert { key } => ("upsert", Some(&**key)),
        WriteOp::Delete => ("delete", Some("Id")),
        WriteOp::HardDelete => ("hardDelete", Some("Id")),
        _ => return Err(Error::new(ErrorKind::Unsupported, "Bulk API 2.0 has no such operation")),
    })
}

impl Jobs {
    /// Sends every record of a stream and starts the jobs. `map` writes one record's fields, `Id` among them where the operation wants it.
    ///
    /// A record that `map` refuses, that is over a limit or lacks its key is noted in [`BulkJob::refused`], and the others go on.
    pub(crate) async fn submit<T, F>(
        &self,
        options: &WriteOptions,
        object: &str,
        records: BoxStream<'_, T>,
        map: F,
    ) -> Result<BulkJob>
    where
        F: Map<T>,
    {
        let (operation, key) = operation(&options.op)?;
        if options.atomic {
            let message = "a bulk job is not atomic; write up to 200 records with `Write` instead";
            return Err(
                Error::new(ErrorKind::Unsupported, message).during(self.client.adapter(), "bulk.submit")
            );
        }
        let external_id = key.filter(|_| operation == "upsert");
        let ingest = Ingest::new(object, operation, external_id);
        let mut job = BulkJob::new(object, key.map(Into::into));
        // An upsert by Id makes the records that have none.
        let keyed = external_id != Some("Id");
        let mut source = Source::new(records, map, key, keyed);
        while let Some(part) = self.next_part(&ingest, &mut source).await.transpose() {
            match part {
                Ok(part) => {
                    job.records += part.records;
                    job.parts.push(part);
                }
                Err(error) => return Err(self.give_up(&job, error).await),
            }
        }
        let (refused, positions) = source.finish();
        job.refused = refused;
        Ok(job.with_local(Local::new(positions)))
    }

    /// Stops the parts that were sent. What they have written stays written.
    async fn give_up(&self, job: &BulkJob, error: Error) -> Error {
        for part in &job.parts {
            // The error to report is the one that brought us here.
            let _stopped = self.stop(Side::Ingest, &part.id).await;
        }
        if job.parts.is_empty() { error } else { error.with_ambiguous() }
    }
}
