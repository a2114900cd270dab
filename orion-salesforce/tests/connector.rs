//! The connector against the sandbox: reading, writing, errors.
#![cfg(feature = "sandbox")]

use std::collections::BTreeSet;

use futures::TryStreamExt;
use orion_core::{AdapterExt, Change, CustomObject, Query, UnifiedCustomer, UnifiedInvoice};
use orion_salesforce::{Auth, Config, Salesforce, sandbox::Sandbox};
use url::Url;

fn connect(sandbox: &Sandbox) -> Salesforce {
    let base = Url::parse(sandbox.base_url()).unwrap();
    let auth = Auth::AccessToken { access_token: sandbox.access_token().into(), instance_url: base.clone() };
    Salesforce::new(Config::new(base, auth)).unwrap()
}

#[tokio::test]
async fn every_object_is_read_whole() {
    let sandbox = Sandbox::builder().records(2_500).start().await.unwrap();
    let salesforce = connect(&sandbox);
    for object in ["Account", "Contact", "Lead"] {
        let changes: Vec<Change<UnifiedCustomer>> =
            salesforce.records(Query::new().object(object)).try_collect().await.unwrap();
        let ids: BTreeSet<&str> = changes.iter().map(|change| change.id().as_str()).collect();
        assert_eq!(ids.len(), sandbox.row_count(object), "{object}");
        assert_eq!(changes.len(), ids.len(), "{object}");
    }
    let deals: Vec<Change<UnifiedInvoice>> = salesforce.records(Query::new()).try_collect().await.unwrap();
    assert_eq!(deals.len(), sandbox.row_count("Opportunity"));
    let lines: usize = deals
        .iter()
        .map(|d| match d {
            Change::Upsert(r) => r.model.lines.len(),
            Change::Delete { .. } => 0,
        })
        .sum();
    assert_eq!(lines, sandbox.row_count("OpportunityLineItem"));
    let products: Vec<Change<CustomObject>> = salesforce.records(Query::new()).try_collect().await.unwrap();
    assert_eq!(products.len(), sandbox.row_count("Product2"));
    if let Some(Change::Upsert(record)) = products.into_iter().next() {
        println!("{:?} {:?}", record.model, record.meta);
    }
    if let Some(Change::Upsert(record)) = deals.into_iter().next() {
        println!("{:?} {:?} {:?}", record.model, record.meta, record.extra);
    }
}
