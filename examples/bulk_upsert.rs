//! Five thousand customers into Salesforce through Bulk API 2.0, from an iterator, and each outcome back at its input:
//!
//! ```text
//! cargo run --example bulk_upsert
//! ```
//!
//! Records leave as they are made, so memory does not grow with their number. They are found by an external id, so that the second time
//! the same ones are changed and none is doubled. One in a thousand has no name, which Salesforce refuses.
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::error::Error;

use futures::{TryStreamExt, stream};
use indicatif::ProgressBar;
use orion::{
    AdapterExt, Record, UnifiedCustomer, WriteOptions,
    salesforce::{Config, EXTERNAL_ID, Salesforce, sandbox::Sandbox},
};

const RECORDS: u64 = 5_000;

/// A customer of the host's own system, under the id it has there.
fn customer(number: u64) -> Record<UnifiedCustomer> {
    let mut customer = UnifiedCustomer::default();
    customer.display_name = (number % 1_000 != 999).then(|| format!("Customer {number}"));
    customer.website = Some(format!("https://customer-{number}.example.com"));
    Record::new(format!("crm-{number}"), customer)
}

async fn load(salesforce: &Salesforce) -> Result<(), Box<dyn Error>> {
    let bar = ProgressBar::new(RECORDS);
    let options = WriteOptions::upsert(EXTERNAL_ID).object("Account");
    let records = stream::iter((0..RECORDS).map(customer).inspect(|_| bar.inc(1)));
    // The job serialises: a process that is restarted here reads the same outcomes with what it wrote down.
    let job = salesforce.bulk_submit(&options, records).await?;
    bar.finish_and_clear();
    println!("{} records sent as {} job(s)", job.records, job.parts.len());

    let (mut created, mut updated) = (0_u64, 0_u64);
    let mut outcomes = salesforce.bulk_outcomes::<UnifiedCustomer>(&job);
    while let Some(row) = outcomes.try_next().await? {
        match (row.outcome, row.index) {
            (Ok(written), _) if written.created => created += 1,
            (Ok(_), _) => updated += 1,
            (Err(error), Some(index)) => println!("  {}: {error}", customer(index).id),
            (Err(error), None) => println!("  {:?}: {error}", row.row),
        }
    }
    println!("{created} created, {updated} updated");
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::builder().records(100).start().await?;
    let salesforce = Salesforce::new(Config::sandbox(&sandbox))?;
    for time in ["the first time", "the second time"] {
        println!("{time}, with {} accounts in the org:", sandbox.row_count("Account"));
        load(&salesforce).await?;
    }
    println!("at the end it has {}", sandbox.row_count("Account"));
    Ok(())
}
