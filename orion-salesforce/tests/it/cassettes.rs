//! What was exchanged once, replayed: the connector still sends the same requests and makes the same of the answers.
//!
//! The cassette is recorded from the sandbox, so it does not show that the sandbox is like Salesforce. `ORION_RECORD=1 cargo test -p
//! orion-salesforce cassettes` records it again; read the differences then.

use std::{path::PathBuf, sync::Arc};

use futures::TryStreamExt;
use orion_core::{
    AdapterExt, Change, ErrorKind, Query, UnifiedCustomer, Written,
    http::{Http, Transport},
    testing::cassette::{Cassette, Provenance, Recorder, Redact},
};
use orion_salesforce::{Auth, Config, EXTERNAL_ID, Salesforce, sandbox::Sandbox};

use crate::support::{client_credentials, customer};

fn file() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "cassettes", "read_and_collections.json"].iter().collect()
}

/// Reads every account, and writes three, of which Salesforce refuses one.
async fn read_and_write(config: Config, transport: impl Transport) -> (Vec<String>, Vec<String>) {
    let salesforce = Salesforce::builder(config, transport).build().unwrap();
    let accounts: Vec<Change<UnifiedCustomer>> =
        salesforce.records(Query::new().object("Account")).try_collect().await.unwrap();
    let read = accounts.into_iter().filter_map(Change::into_record).map(|record| {
        let revenue = record.model.annual_revenue.map(|money| money.to_string()).unwrap_or_default();
        format!("{} {} {revenue}", record.id, record.model.display_name.unwrap_or_default())
    });
    let mut records = ["Analytical Engines", "", "Differences & Sons"].map(customer);
    for (number, record) in records.iter_mut().enumerate() {
        record.extra.insert(EXTERNAL_ID, format!("cassette-{number}"));
    }
    let outcomes = salesforce.create(&records).await.unwrap();
    let written = outcomes.into_iter().map(|outcome| match outcome {
        Ok(Written { id, created, .. }) => format!("{id} {created}"),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Rejected);
            let fault = error.fault().unwrap();
            format!("{} {:?}", fault.code, fault.fields)
        }
    });
    (read.collect(), written.collect())
}

async fn record() {
    let sandbox = Sandbox::builder().records(6).page_size(4).start().await.unwrap();
    let config = client_credentials(&sandbox);
    let today = sandbox.now().date_naive().to_string();
    let provenance = Provenance::sandbox("orion-salesforce", today, &config.api_version);
    let recorder = Recorder::new(Http::new().unwrap(), provenance);
    let recorder = Arc::new(recorder.redact(Redact::new().field("client_id")));
    read_and_write(config, Arc::clone(&recorder)).await;
    recorder.save(file()).unwrap();
}

#[tokio::test]
async fn a_recorded_read_and_write_replay_without_a_network() {
    if std::env::var_os("ORION_RECORD").is_some() {
        record().await;
    }
    let replay = Cassette::load(file()).unwrap().replay();
    let auth = Auth::ClientCredentials { client_id: "any".into(), client_secret: "another secret".into() };
    let config = Config::new("https://login.test/".parse().unwrap(), auth);
    let (read, written) = read_and_write(config, replay.clone()).await;
    replay.assert_done();
    let expected = [
        "001Ho0000050H00IAE Nimbus Foods Corp. 686957000 USD",
        "001Ho0000050H01IAE Northgate Foods Inc. ",
        "001Ho0000050H04IAE d'Aubigné Logistics SA 555527728 USD",
        "001Ho0000050H03IAE Lighthouse Optics Holdings 772123000 USD",
        "001Ho0000050H02IAE von Bülow Water KG 656643172 USD",
        "001Ho0000050H05IAE Krüger Paper KG 402513000 USD",
    ];
    assert_eq!(read, expected);
    let expected =
        ["001Ho0000050H06IAE true", "REQUIRED_FIELD_MISSING [\"Name\"]", "001Ho0000050H07IAE true"];
    assert_eq!(written, expected);
}
