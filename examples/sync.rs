//! The main job: Salesforce into a database, exactly once, and back in bulk.
//!
//! `cargo run --release --example sync` needs no account: it starts a simulated org in process, logs in over OAuth, reads accounts, contacts,
//! leads and opportunities into `orion.db`, changes and deletes some at the source, reads just those changes, and upserts 1,000 customers
//! through Bulk API 2.0. A second run goes on where the first one ended.
//!
//! `--records N` (of each kind, default 10,000), `--db PATH|postgres://…`, `--json` (last line: one object), `--live` (a real org:
//! `SF_LOGIN_URL`, `SF_CLIENT_ID`, `SF_CLIENT_SECRET`; reads only, unless `SF_WRITE=1`).

#![expect(clippy::print_stdout, reason = "an example reports on the terminal")]

#[path = "support/sync.rs"]
mod support;

use std::{sync::Arc, time::Instant};

use futures::{StreamExt, stream};
use orion::{
    Adapter, AdapterExt, Record, Result, UnifiedCustomer, UnifiedInvoice, WriteOptions,
    observe::Observers,
    salesforce::{EXTERNAL_ID, Salesforce},
    sync::{Engine, Plan, Report, SqlDestination},
};
use support::{Args, Meter, Org, Progress};

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    support::exit(run().await)
}

async fn run() -> Result<()> {
    let args = Args::parse()?;
    let began = Instant::now();
    let meter = Arc::new(Meter::default());
    let progress = Arc::new(Progress::new(args.json));
    let observers = Observers::none().and(Arc::clone(&meter) as Arc<_>).and(Arc::clone(&progress) as Arc<_>);

    let org = Org::start(&args).await?;
    let salesforce = Arc::new(org.connect(observers.clone())?);
    let identity = salesforce.check().await?;
    progress.say(&format!("logged in to {} as {}", org.name(), identity.name.as_deref().unwrap_or("?")));

    let database = SqlDestination::open(args.db.as_str()).await?;
    let mut passes = vec![sync(&salesforce, &database, &observers).await];
    progress.clear();
    // A pass that was interrupted or failed ends the job here; the next run goes on where it stopped.
    if passes.iter().all(Report::is_complete) {
        org.change_some()?;
        passes.push(sync(&salesforce, &database, &observers).await);
        progress.clear();
    }
    let complete = passes.iter().all(Report::is_complete);
    let loaded = if complete && org.may_write() { write_back(&salesforce, 1_000).await? } else { 0 };

    support::report(&args, &meter, began.elapsed(), &passes, loaded);
    if let Some((_, error)) = passes.iter().flat_map(Report::errors).next() {
        return Err(error.clone());
    }
    Ok(())
}

/// One pass over every stream: everything the first time, the changes since then on.
async fn sync(salesforce: &Arc<Salesforce>, database: &SqlDestination, observers: &Observers) -> Report {
    let customers = |object: &str| {
        Plan::<UnifiedCustomer, _>::new(Arc::clone(salesforce), database.clone()).object(object)
    };
    let deals =
        Plan::<UnifiedInvoice, _>::new(Arc::clone(salesforce), database.clone()).object("Opportunity");
    let engine = Engine::new()
        .observers(observers.clone())
        .stream(customers("Account"))
        .stream(customers("Contact"))
        .stream(customers("Lead"))
        .stream(deals);
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
