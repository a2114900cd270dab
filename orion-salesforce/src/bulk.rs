//! Bulk API 2.0: streams in, streams out, with bounded memory.
//!
//! `ingest` turns a stream of records into jobs, `results` reads what became of each row, `export` reads the rows of a query. They meet the
//! rest of the connector in two places: a record writes its fields into a [`FieldSink`](crate::wire::FieldSink), and a row of an export
//! comes as [`Cells`](csv::Cells) under a header.

mod csv;
mod download;
mod export;
mod ingest;
mod job;
mod options;
mod positions;
mod query;
mod results;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use orion_core::{BulkJob, BulkPart, Error, ErrorKind, Result, http::Client};

pub(crate) use csv::Cells;
pub use options::BulkOptions;
pub use query::{BulkPage, BulkQuery};

use job::Side;
use positions::Positions;

/// The bulk jobs of one org.
#[derive(Clone, Debug)]
pub(crate) struct Jobs {
    client: Client,
    /// `/services/data/v62.0/`.
    base: Box<str>,
    options: BulkOptions,
}

impl Jobs {
    pub(crate) fn new(client: &Client, base: &str, options: BulkOptions) -> Self {
        Self { client: client.clone(), base: base.into(), options }
    }

    /// Stops every part of a job that has not ended.
    ///
    /// # Errors
    /// `Conflict` if all have ended already, else what Salesforce refuses.
    pub(crate) async fn abort(&self, job: &BulkJob) -> Result<()> {
        let mut stopped = false;
        for part in self.all_parts(job) {
            if self.info(Side::Ingest, &part.id).await?.state.is_over() {
                continue;
            }
            match self.stop(Side::Ingest, &part.id).await {
                Ok(()) => stopped = true,
                // It ended between the two requests, or an earlier attempt stopped it.
                Err(_) if self.info(Side::Ingest, &part.id).await?.state.is_over() => {}
                Err(error) => return Err(error),
            }
        }
        if stopped {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Conflict, "the job has ended already")
            .during(self.client.adapter(), "bulk.abort"))
    }

    /// Removes a job that has ended, with its results. Salesforce removes it by itself after seven days.
    ///
    /// # Errors
    /// What Salesforce refuses: a job that has not ended, first of all.
    pub(crate) async fn delete(&self, job: &BulkJob) -> Result<()> {
        for part in self.all_parts(job) {
            self.remove(Side::Ingest, &part.id).await?;
        }
        Ok(())
    }

    fn all_parts(&self, job: &BulkJob) -> Vec<BulkPart> {
        let more = job.local::<Local>().map(Local::all_follow_ups).unwrap_or_default();
        job.parts.iter().cloned().chain(more).collect()
    }
}

/// What the submitting process knows of a job.
#[derive(Debug, Default)]
struct Local {
    positions: Positions,
    /// Jobs made for rows that were locked, by the part they come from. Whoever reads the outcomes a second time finds them here instead
    /// of sending the rows once more.
    follow_ups: Mutex<HashMap<Box<str>, Vec<BulkPart>>>,
}

impl Local {
    fn new(positions: Positions) -> Self {
        Self { positions, follow_ups: Mutex::default() }
    }

    fn follow_ups(&self, part: &str) -> Option<Vec<BulkPart>> {
        self.follow_ups.lock().unwrap_or_else(PoisonError::into_inner).get(part).cloned()
    }

    fn followed(&self, part: &str, jobs: Vec<BulkPart>) {
        self.follow_ups.lock().unwrap_or_else(PoisonError::into_inner).insert(part.into(), jobs);
    }

    fn all_follow_ups(&self) -> Vec<BulkPart> {
        self.follow_ups.lock().unwrap_or_else(PoisonError::into_inner).values().flatten().cloned().collect()
    }
}
