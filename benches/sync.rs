//! A backfill into SQLite, end to end: HTTP, JSON, unified records, rows and checkpoints.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run has nothing to report")]

mod accounts;
mod server;
mod support;

use std::{
    fs,
    io::{self, Write},
    sync::Arc,
};

use accounts::FIELDS;
use orion::{
    UnifiedCustomer,
    salesforce::{Auth, Config, Salesforce},
    sync::{Engine, Plan, SqlDestination},
};
use serde_json::Value;
use server::process::Process;
use support::{airbyte, compare, dlt, measure, wanted_client};

fn main() -> io::Result<()> {
    let records = server::records_wanted();
    if Process::is_this() {
        return server::serve(records);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if let Some((_, port)) = wanted_client() {
        let figures = runtime.block_on(orion_sync(port, records));
        return writeln!(io::stdout(), "{figures}");
    }
    let server = Process::start(records)?;
    compare(server.port, records, &["orion"], &[dlt(), airbyte()])
}

async fn orion_sync(port: u16, records: usize) -> Value {
    let base: url::Url = format!("http://127.0.0.1:{port}").parse().unwrap();
    let auth = Auth::AccessToken { access_token: "bench".into(), instance_url: base.clone() };
    let salesforce = Salesforce::new(Config::new(base, auth).fields("Account", FIELDS)).unwrap();
    let path = std::env::temp_dir().join(format!("orion-bench-{}.db", std::process::id()));
    let destination = SqlDestination::open(path.to_str().unwrap()).await.unwrap();
    let plan = Plan::<UnifiedCustomer, _>::new(Arc::new(salesforce), destination.clone());
    let engine = Engine::new().stream(plan.object("Account").account("bench"));
    let figures = measure("orion", "sync to SQLite", records, async {
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
