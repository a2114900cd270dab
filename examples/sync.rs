//! The main job: Salesforce and QuickBooks into a database, exactly once, and back in bulk.
//!
//! `cargo run --release --example sync` needs no account: it starts a simulated org and company in process, logs in over OAuth, reads
//! accounts, contacts, leads, opportunities, customers, invoices and payments into `orion.db`, changes and deletes some at the sources,
//! reads just those changes, and upserts 1,000 customers through Bulk API 2.0. A second run goes on where the first one ended.
//!
//! `--records N` (of each kind, default 10,000), `--db PATH|postgres://…`, `--json` (last line: one object), `--live` (a real org:
//! `SF_LOGIN_URL`, `SF_CLIENT_ID`, `SF_CLIENT_SECRET`; reads only, unless `SF_WRITE=1`; a real company: `QB_REALM_ID`, `QB_ACCESS_TOKEN`).

#![expect(clippy::print_stdout, reason = "an example reports on the terminal")]

#[path = "support/sync.rs"]
mod support;

use std::{sync::Arc, time::Instant};

use futures::{StreamExt, stream};
use orion::{
    Adapter, AdapterExt, Record, Result, UnifiedCustomer, UnifiedEvent, UnifiedInvoice, WriteOptions,
    observe::Observers,
    quickbooks::QuickBooks,
    salesforce::{EXTERNAL_ID, Salesforce},
    sync::{Engine, Report, SqlDestination},
};
use support::{Args, Meter, Progress, Sources, plan};

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    support::exit(run().await)
}

async fn run() -> Result<()> {
    let args = Args::parse()?;
    let began = Instant::now();
    let (meter, progress) = (Arc::new(Meter::default()), Arc::new(Progress::new(args.json)));
    let observers = Observers::none().and(Arc::clone(&meter) as Arc<_>).and(Arc::clone(&progress) as Arc<_>);

    let sources = Sources::start(&args).await?;
    let (salesforce, quickbooks) = sources.connect(&observers)?;
    let identity = salesforce.check().await?;
    progress.say(&format!("logged in to {} as {}", sources.org(), identity.name.as_deref().unwrap_or("?")));

    let database = SqlDestination::open(args.db.as_str()).await?;
    let sync = || sync(&salesforce, quickbooks.as_ref(), &database, &observers);
    let mut passes = vec![sync().await];
    progress.clear();
    // A pass that was interrupted or failed ends the job here; the next run goes on where it stopped.
    if passes.iter().all(Report::is_complete) {
        sources.change_some()?;
        passes.push(sync().await);
        progress.clear();
    }
    let complete = passes.iter().all(Report::is_complete);
    let loaded = if complete && sources.may_write() { write_back(&salesforce, 1_000).await? } else { 0 };
    support::report(&args, &meter, began.elapsed(), &passes, loaded)
}

/// One pass over every stream, side by side: everything the first time, the changes since then on.
async fn sync(
    salesforce: &Arc<Salesforce>,
    quickbooks: Option<&Arc<QuickBooks>>,
    database: &SqlDestination,
    observers: &Observers,
) -> Report {
    let mut engine = Engine::new().observers(observers.clone());
    for object in ["Account", "Contact", "Lead"] {
        engine = engine.stream(plan::<UnifiedCustomer, _>(salesforce, database, object));
    }
    engine = engine.stream(plan::<UnifiedInvoice, _>(salesforce, database, "Opportunity"));
    if let Some(quickbooks) = quickbooks {
        engine = engine
            .stream(plan::<UnifiedCustomer, _>(quickbooks, database, "Customer"))
            .stream(plan::<UnifiedInvoice, _>(quickbooks, database, "Invoice"))
            .stream(plan::<UnifiedEvent, _>(quickbooks, database, "Payment"));
    }
    engine.run_until(support::interrupt()).await
}

/// Makes or changes `count` accounts, found by their external id, and says how many Salesforce took.
async fn write_back(salesforce: &Salesforce, count: usize) -> Result<u64> {
    let customers = stream::iter((0..count).map(|number| {
        let mut customer = UnifiedCustomer::default();
        customer.display_name = Some(format!("Orion Customer {number}"));
        customer.website = Some(format!("https://customer-{number}.example.com"));
        Record::new(format!("orion-{number}"), customer)
    }));
    let options = WriteOptions::upsert(EXTERNAL_ID).object("Account");
    let job = salesforce.bulk_submit(&options, customers).await?;
    let mut taken = 0;
    let mut outcomes = salesforce.bulk_outcomes::<UnifiedCustomer>(&job);
    while let Some(row) = outcomes.next().await {
        match row?.outcome {
            Ok(_) => taken += 1,
            Err(error) => eprintln!("not taken: {error}"),
        }
    }
    Ok(taken)
}
