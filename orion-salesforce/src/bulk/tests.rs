//! Bulk jobs against the sandbox.

mod export;
mod faults;
mod ingest;
mod results;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt, stream};
use http::{HeaderValue, header::AUTHORIZATION};
use orion_core::{
    BulkJob, Result, RowOutcome, WriteOptions,
    auth::{Authorize, Lease, Recovery},
    http::{Client, Http, Request, Transport},
};
use serde_json::Value;

use super::{BulkOptions, Jobs};
use crate::{
    sandbox::{Builder, Sandbox},
    wire::FieldSink,
};

/// A session somebody else logged in.
struct Token(String);

#[async_trait]
impl Authorize for Token {
    async fn authorize(&self, request: &mut Request) -> Result<Lease> {
        request.headers.insert(AUTHORIZATION, HeaderValue::from_str(&self.0).unwrap());
        Ok(Lease(0))
    }

    async fn rejected(&self, _: Lease) -> Result<Recovery> {
        Ok(Recovery::GiveUp)
    }
}

fn jobs_over(sandbox: &Sandbox, transport: impl Transport, options: BulkOptions) -> Jobs {
    let base = sandbox.base_url().parse().unwrap();
    let token = Arc::new(Token(format!("Bearer {}", sandbox.access_token())));
    let client = Client::builder("salesforce", base, transport).authorize(token).build();
    Jobs::new(&client, &format!("/services/data/v{}/", sandbox.api_version()), options)
}

fn jobs(sandbox: &Sandbox, options: BulkOptions) -> Jobs {
    jobs_over(sandbox, Http::new().unwrap(), options)
}

/// A small org whose jobs take no longer than they have to.
fn org() -> Builder {
    Sandbox::builder().records(20).bulk_delay(Duration::from_millis(1))
}

/// A record: names and values, null where there is none.
type Record = Vec<(&'static str, Value)>;

fn record(fields: &[(&'static str, &str)]) -> Record {
    fields.iter().map(|(name, value)| (*name, Value::from(*value))).collect()
}

fn write(record: &Record, sink: &mut dyn FieldSink) -> Result<()> {
    record.iter().for_each(|(name, value)| sink.value(name, value));
    Ok(())
}

async fn submit(jobs: &Jobs, options: &WriteOptions, records: Vec<Record>) -> Result<BulkJob> {
    jobs.submit(options, "Account", stream::iter(records).boxed(), write).await
}

async fn outcomes(jobs: &Jobs, job: &BulkJob) -> Vec<RowOutcome> {
    jobs.outcomes(job).try_collect().await.unwrap()
}

/// What became of each input, by position: the id, or the vendor's code.
fn by_index(outcomes: &[RowOutcome]) -> Vec<Result<String, String>> {
    let mut found: Vec<_> = outcomes.iter().map(|row| (row.index, &row.outcome)).collect();
    found.sort_by_key(|(index, _)| *index);
    let positions: Vec<_> = found.iter().map(|(index, _)| *index).collect();
    assert_eq!(positions, (0..outcomes.len() as u64).map(Some).collect::<Vec<_>>(), "one outcome per input");
    found
        .into_iter()
        .map(|(_, outcome)| match outcome {
            Ok(written) => Ok(written.id.to_string()),
            Err(error) => {
                Err(error.fault().map_or_else(|| error.to_string(), |fault| fault.code.to_string()))
            }
        })
        .collect()
}

fn field(sandbox: &Sandbox, id: &str, name: &str) -> Value {
    let rows = sandbox.query(&format!("SELECT {name} FROM Account WHERE Id = '{id}'")).unwrap();
    rows[0][name].clone()
}
