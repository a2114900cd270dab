//! Bulk jobs of the vendor.

use std::time::Duration;

use futures::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use serde::Deserialize;
use serde_json::json;

use super::{Desk, Flaw, Ticket};
use crate::{
    AdapterExt, Bulk, BulkJob, BulkPart, Change, Error, ErrorKind, Fields, Query, Record, Result, RowOutcome,
    WriteOptions, Written,
};

#[derive(Deserialize)]
struct Started {
    job: String,
}

#[derive(Deserialize)]
struct State {
    state: String,
    #[serde(default)]
    results: Vec<Fields>,
}

impl Desk {
    async fn results(&self, job: &BulkJob) -> Result<Vec<Fields>> {
        let mut results = Vec::new();
        for part in &job.parts {
            let path = format!("/jobs/{}", part.id);
            let state = loop {
                let state: State = self.client.get(&path, "bulk.state").json().await?;
                if state.state == "done" {
                    break state;
                }
                tokio::time::sleep(Duration::from_secs(5)).await;
            };
            results.extend(state.results);
        }
        Ok(results)
    }
}

fn outcome((at, row): (usize, Fields)) -> RowOutcome {
    let outcome = match row.text("id") {
        Some(id) => Ok(Written::created(id)),
        None => Err(Error::new(ErrorKind::Rejected, "the vendor refuses the row")),
    };
    RowOutcome::new(Some(at as u64), row, outcome)
}

impl Bulk<Ticket> for Desk {
    async fn submit<'a>(
        &'a self,
        _: &'a WriteOptions,
        records: BoxStream<'a, Record<Ticket>>,
    ) -> Result<BulkJob> {
        let row =
            |record: Record<Ticket>| json!({ "subject": record.model.subject, "price": record.model.price });
        let rows: Vec<_> = records.map(row).collect().await;
        let mut job = BulkJob::new("tickets", None);
        job.records = rows.len() as u64;
        if rows.is_empty() {
            return Ok(job);
        }
        let mut call = self.client.post("/tickets/bulk", "bulk.submit").json_body(&rows);
        if self.has(Flaw::BulkPostsAgain) {
            call = call.idempotent();
        }
        let started: Started = call.json().await?;
        job.parts.push(BulkPart::new(started.job, job.records));
        Ok(job)
    }

    fn outcomes<'a>(&'a self, job: &'a BulkJob) -> BoxStream<'a, Result<RowOutcome>> {
        let results = stream::once(self.results(job));
        results
            .map_ok(|rows| stream::iter(rows.into_iter().enumerate().map(outcome).map(Ok)))
            .try_flatten()
            .boxed()
    }

    async fn abort(&self, _: &BulkJob) -> Result<()> {
        Err(Error::new(ErrorKind::Conflict, "the vendor's jobs end at once"))
    }

    fn export<'a>(&'a self, query: &'a Query) -> BoxStream<'a, Result<Change<Ticket>>> {
        self.records(query.clone())
    }
}
