//! The everyday jobs against an org far away: 50 ms are added to every call.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run has nothing to report")]

mod support;

use std::{
    fs,
    io::{self, Write as _},
    sync::Arc,
    time::Duration,
};

use futures::{StreamExt, stream};
use orion::{
    AdapterExt, Outcome, Record, UnifiedCustomer, WriteOptions,
    salesforce::{Config, Salesforce, sandbox::Sandbox},
    sync::{Engine, Plan, SqlDestination},
};
use serde_json::{Map, Value, json};
use support::measure;

const LATENCY: Duration = Duration::from_millis(50);
const RECORDS: usize = 1_000;

fn main() -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let runs = runtime.block_on(async {
        let sandbox = Sandbox::builder().records(3_400).latency(LATENCY).start().await.unwrap();
        let salesforce = Salesforce::new(Config::sandbox(&sandbox)).unwrap();
        // Logging in and describing are not a part of the jobs.
        salesforce.describe("Account").await.unwrap();
        let mut runs = vec![sync(salesforce.clone()).await];
        let (ids, inserted) =
            written("write_insert", &salesforce, &WriteOptions::create(), customers("Write")).await;
        let (_, updated) = written("write_update", &salesforce, &WriteOptions::update(), changed(ids)).await;
        runs.extend([inserted, updated]);
        let (ids, inserted) =
            loaded("bulk_insert", &salesforce, &WriteOptions::create(), customers("Bulk")).await;
        let (_, updated) = loaded("bulk_update", &salesforce, &WriteOptions::update(), changed(ids)).await;
        runs.extend([inserted, updated]);
        runs
    });
    for run in &runs {
        writeln!(io::stdout(), "{run}")?;
        if let Some(error) = run.get("error") {
            return Err(io::Error::other(error.to_string()));
        }
    }
    let seconds = |run: &Value| {
        let case = run["case"].as_str().unwrap_or_default();
        (format!("{case}_seconds"), run["seconds"].clone())
    };
    let mut figures: Map<String, Value> = runs.iter().map(seconds).collect();
    figures.insert("latency_ms".to_owned(), json!(LATENCY.as_millis()));
    writeln!(io::stdout(), "{}", Value::Object(figures))
}

fn customers(name: &str) -> Vec<Record<UnifiedCustomer>> {
    let customer = |number: usize| {
        let mut customer = UnifiedCustomer::default();
        customer.display_name = Some(format!("{name} {number}"));
        customer.website = Some(format!("https://customer-{number}.example.com"));
        customer.industry = Some("Energy".to_owned());
        Record::new("", customer)
    };
    (0..RECORDS).map(customer).collect()
}

fn changed(ids: Vec<String>) -> Vec<Record<UnifiedCustomer>> {
    let change = |id: String| {
        let mut customer = UnifiedCustomer::default();
        customer.notes = Some("changed".to_owned());
        Record::new(id, customer)
    };
    ids.into_iter().map(change).collect()
}

fn id(outcome: Outcome) -> String {
    outcome.unwrap().id.to_string()
}

/// Through sObject Collections, 200 records a call.
async fn written(
    case: &str,
    salesforce: &Salesforce,
    options: &WriteOptions,
    records: Vec<Record<UnifiedCustomer>>,
) -> (Vec<String>, Value) {
    let mut ids = Vec::new();
    let figures = measure("orion", case, RECORDS, async {
        let outcomes = orion::Write::write(salesforce, options, &records).await.unwrap();
        ids.extend(outcomes.into_iter().map(id));
        ids.len()
    })
    .await;
    (ids, figures)
}

/// Through Bulk API 2.0, until every row's outcome is known.
async fn loaded(
    case: &str,
    salesforce: &Salesforce,
    options: &WriteOptions,
    records: Vec<Record<UnifiedCustomer>>,
) -> (Vec<String>, Value) {
    let mut ids = Vec::new();
    let figures = measure("orion", case, RECORDS, async {
        let job = salesforce.bulk_submit(options, stream::iter(records)).await.unwrap();
        let mut outcomes = salesforce.bulk_outcomes::<UnifiedCustomer>(&job);
        while let Some(row) = outcomes.next().await {
            ids.push(id(row.unwrap().outcome));
        }
        ids.len()
    })
    .await;
    (ids, figures)
}

/// Accounts, contacts and leads, 10,200 in all, into SQLite.
async fn sync(salesforce: Salesforce) -> Value {
    let path = std::env::temp_dir().join(format!("orion-latency-{}.db", std::process::id()));
    let database = SqlDestination::open(path.to_str().unwrap()).await.unwrap();
    let salesforce = Arc::new(salesforce);
    let plan = |object: &str| {
        Plan::<UnifiedCustomer, _>::new(Arc::clone(&salesforce), database.clone()).object(object)
    };
    let engine = Engine::new().stream(plan("Account")).stream(plan("Contact")).stream(plan("Lead"));
    let figures = measure("orion", "sync", 3 * 3_400, async {
        let report = engine.run().await;
        assert!(report.is_complete(), "{report:?}");
        usize::try_from(report.counts().upserts).unwrap()
    })
    .await;
    for end in ["", "-wal", "-shm"] {
        fs::remove_file(format!("{}{end}", path.display())).ok();
    }
    figures
}
