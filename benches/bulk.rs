//! Bulk API 2.0 insert of records from an iterator: what the peers do (upload, and wait for the job), and with every row's outcome read.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run has nothing to report")]

mod server;
mod support;

use std::io::{self, Write};

use futures::{Stream, StreamExt, TryStreamExt, stream};
use orion::{
    AdapterExt, AddressKind, Phone, PhoneKind, Record, UnifiedAddress, UnifiedCustomer, WriteOptions,
    salesforce::{Auth, Config, Salesforce},
};
use serde_json::Value;
use server::process::Process;
use support::{compare, jsforce, measure, simple_salesforce, wanted_client};

fn main() -> io::Result<()> {
    let records = server::records_wanted();
    if Process::is_this() {
        return server::serve(records);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if let Some((name, port)) = wanted_client() {
        let figures = runtime.block_on(load(port, records, name == "outcomes"));
        return writeln!(io::stdout(), "{figures}");
    }
    let server = Process::start(records)?;
    let peers = [simple_salesforce("bulk"), jsforce("bulk")];
    compare(server.port, records, &["orion", "outcomes"], &peers)
}

/// The rows of `peers/rows.py`, each made when it is its turn.
fn account(number: usize) -> Record<UnifiedCustomer> {
    let mut customer = UnifiedCustomer::default();
    customer.display_name = Some(format!("Łódź Logistics Sp. z o.o. {number}"));
    customer.phones = vec![Phone::new(format!("+49 89 {number:07}")).with_kind(PhoneKind::Work)];
    customer.website = Some(format!("https://www.example-{number}.com/über-uns"));
    customer.industry = Some("Transportation".into());
    let mut address = UnifiedAddress::default();
    address.kind = Some(AddressKind::Billing);
    address.street = Some(format!("{} Lindenstraße", number % 400));
    address.city = Some("München".into());
    address.country = Some("Germany".into());
    customer.addresses = vec![address];
    customer.employees = u32::try_from(number % 50_000).ok();
    customer.notes = Some(r#"Asked for "net 60" terms; renewal is due in Q3."#.into());
    let mut record = Record::new("", customer);
    record.extra.insert("External_Id__c", format!("erp-{number:07}"));
    record
}

async fn load(port: u16, records: usize, all: bool) -> Value {
    let base: url::Url = format!("http://127.0.0.1:{port}").parse().unwrap();
    let auth = Auth::AccessToken { access_token: "bench".into(), instance_url: base.clone() };
    let salesforce = Salesforce::new(Config::new(base, auth)).unwrap();
    if all {
        // Memory is that of records made when it is their turn, and so is the CPU time.
        let input = stream::iter((0..records).map(account));
        return measure("orion", "bulk, outcomes", records, insert(&salesforce, input, true)).await;
    }
    // As for the peers: the input is there before.
    let input: Vec<_> = (0..records).map(account).collect();
    measure("orion", "bulk", records, insert(&salesforce, stream::iter(input), false)).await
}

async fn insert(
    salesforce: &Salesforce,
    input: impl Stream<Item = Record<UnifiedCustomer>> + Send,
    all: bool,
) -> usize {
    let options = WriteOptions::create();
    let job = salesforce.bulk_submit(&options, input).await.unwrap();
    let mut outcomes = salesforce.bulk_outcomes::<UnifiedCustomer>(&job);
    // The first outcome comes when the job is over.
    let mut found = usize::from(outcomes.next().await.is_some_and(|row| row.is_ok()));
    if !all {
        return usize::try_from(job.records).unwrap();
    }
    while let Some(row) = outcomes.try_next().await.unwrap() {
        found += usize::from(row.index.is_some() && row.outcome.is_ok());
    }
    found
}
