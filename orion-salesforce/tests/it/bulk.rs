//! `Bulk<M>`: unified records through Bulk API 2.0, and back.

use std::{collections::BTreeSet, time::Duration};

use futures::{StreamExt, TryStreamExt, stream};
use orion_core::{
    AdapterExt, Bulk, BulkJob, Change, ErrorKind, Query, Record, RowOutcome, UnifiedCustomer, WriteOptions,
    http::Http,
};
use orion_salesforce::{BulkOptions, Salesforce, sandbox::Sandbox, soql::Soql};
use serde_json::json;

use crate::support::{Org, client_credentials, connect, customer, quick};

async fn submit(
    salesforce: &Salesforce,
    options: &WriteOptions,
    records: Vec<Record<UnifiedCustomer>>,
) -> BulkJob {
    salesforce.bulk_submit(options, stream::iter(records)).await.unwrap()
}

/// The outcomes in the order of the inputs.
async fn outcomes(salesforce: &Salesforce, job: &BulkJob) -> Vec<RowOutcome> {
    let mut rows: Vec<_> = salesforce.bulk_outcomes::<UnifiedCustomer>(job).try_collect().await.unwrap();
    rows.sort_by_key(|row| row.index);
    rows
}

async fn load(
    salesforce: &Salesforce,
    options: &WriteOptions,
    records: Vec<Record<UnifiedCustomer>>,
) -> Vec<RowOutcome> {
    let count = records.len() as u64;
    let job = submit(salesforce, options, records).await;
    let rows = outcomes(salesforce, &job).await;
    assert_eq!(
        rows.iter().map(|row| row.index).collect::<Vec<_>>(),
        (0..count).map(Some).collect::<Vec<_>>()
    );
    rows
}

fn id(row: &RowOutcome) -> String {
    row.outcome.as_ref().unwrap().id.to_string()
}

fn customers(count: usize) -> Vec<Record<UnifiedCustomer>> {
    (0..count).map(|n| customer(&format!("Bulk {n}"))).collect()
}

#[tokio::test]
async fn customers_are_made_changed_and_deleted() {
    let org = Org::start().await;
    let made = load(&org.salesforce, &WriteOptions::create(), customers(3)).await;
    assert!(made.iter().all(|row| row.outcome.as_ref().is_ok_and(|written| written.created)));

    let mut changed: Vec<_> =
        made.iter().map(|row| Record::new(id(row), UnifiedCustomer::default())).collect();
    changed[0].model.website = Some("https://one.example".into());
    changed[1].model.website = Some("https://two.example".into());
    changed[2].extra.insert("Site", json!("three"));
    let rows = load(&org.salesforce, &WriteOptions::update(), changed).await;
    assert!(rows.iter().all(|row| row.outcome.as_ref().is_ok_and(|written| !written.created)));
    let row = |at: usize| {
        org.row(&format!("SELECT Name, Website, Site FROM Account WHERE Id = '{}'", id(&made[at])))
    };
    assert_eq!((&row(0)["Name"], &row(0)["Website"]), (&json!("Bulk 0"), &json!("https://one.example")));
    assert_eq!((&row(1)["Website"], &row(1)["Site"]), (&json!("https://two.example"), &json!(null)));
    assert_eq!((&row(2)["Website"], &row(2)["Site"]), (&json!(null), &json!("three")));

    let gone = |row: &RowOutcome| Record::new(id(row), UnifiedCustomer::default());
    load(&org.salesforce, &WriteOptions::delete(), vec![gone(&made[0])]).await;
    load(&org.salesforce, &WriteOptions::hard_delete(), vec![gone(&made[1])]).await;
    let left: Vec<_> = org.rows("SELECT Id FROM Account WHERE Name LIKE 'Bulk %'");
    assert_eq!(left.len(), 1);
}

#[tokio::test]
async fn an_upsert_by_external_id_makes_then_changes() {
    let org = Org::start().await;
    let keyed = |name: &str, key: &str| {
        let mut record = customer(name);
        record.extra.insert("External_Id__c", json!(key));
        record
    };
    let upsert = WriteOptions::upsert("External_Id__c");
    let first = load(&org.salesforce, &upsert, vec![keyed("a", "k-1"), keyed("b", "k-2")]).await;
    let second =
        load(&org.salesforce, &upsert, vec![keyed("c", "k-2"), keyed("d", "k-3"), customer("no key")]).await;
    assert_eq!(id(&second[0]), id(&first[1]));
    let created: Vec<bool> = second[..2].iter().map(|row| row.outcome.as_ref().unwrap().created).collect();
    assert_eq!(created, [false, true]);
    assert_eq!(second[2].outcome.as_ref().unwrap_err().kind(), ErrorKind::Config);
}

#[tokio::test]
async fn another_process_reads_the_outcomes_by_the_job_alone() {
    let org = Org::start().await;
    let mut records = customers(4);
    records[2].extra.insert("AnnualRevenue", json!("not a number"));
    let job = submit(&org.salesforce, &WriteOptions::create(), records).await;
    let text = serde_json::to_string(&job).unwrap();

    let resumed: BulkJob = serde_json::from_str(&text).unwrap();
    let rows = outcomes(&connect(&org.sandbox), &resumed).await;
    assert_eq!(rows.len(), 4);
    let failed: Vec<_> = rows.iter().filter(|row| row.outcome.is_err()).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].row.text("Name"), Some("Bulk 2"));
}

#[tokio::test]
async fn a_job_is_stopped_and_removed() {
    let org = Org::with(|builder| builder.records(5).bulk_delay(Duration::from_secs(3600))).await;
    let job = submit(&org.salesforce, &WriteOptions::create(), customers(2)).await;
    Bulk::<UnifiedCustomer>::abort(&org.salesforce, &job).await.unwrap();
    let rows = outcomes(&org.salesforce, &job).await;
    assert!(
        rows.iter().all(|row| row.outcome.as_ref().is_err_and(|error| error.kind() == ErrorKind::Cancelled))
    );
    let again = Bulk::<UnifiedCustomer>::abort(&org.salesforce, &job).await;
    assert_eq!(again.unwrap_err().kind(), ErrorKind::Conflict);
    org.salesforce.bulk_remove(&job).await.unwrap();
    let error = org.salesforce.bulk_outcomes::<UnifiedCustomer>(&job).try_next().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

fn paged(sandbox: &Sandbox, pages: usize) -> Salesforce {
    Salesforce::builder(client_credentials(sandbox), Http::new().unwrap())
        .retry(quick())
        .bulk(BulkOptions::default().pages(pages))
        .build()
        .unwrap()
}

#[tokio::test]
async fn an_export_finds_what_a_read_finds() {
    let org = Org::with(|builder| builder.records(120).bulk_page_size(13)).await;
    for object in ["Account", "Contact", "Lead"] {
        let query = Query::new().object(object);
        let read: Vec<Change<UnifiedCustomer>> = org.read(query.clone()).await;
        let salesforce = paged(&org.sandbox, 3);
        let mut found: Vec<Change<UnifiedCustomer>> =
            Bulk::export(&salesforce, &query).try_collect().await.unwrap();
        found.sort_by(|a, b| a.id().cmp(b.id()));
        let mut read = read;
        read.sort_by(|a, b| a.id().cmp(b.id()));
        assert_eq!(found.len(), read.len());
        for (found, read) in found.into_iter().zip(read) {
            let (found, read) = (found.into_record().unwrap(), read.into_record().unwrap());
            assert_eq!((found.id, found.model), (read.id, read.model));
        }
    }
}

#[tokio::test]
async fn deleted_records_are_exported_as_deletes() {
    let org = Org::start().await;
    let rows = org.rows("SELECT Id FROM Account LIMIT 1");
    let id = rows[0]["Id"].as_str().unwrap();
    org.sandbox.delete("Account", id).unwrap();
    let query = Query::new().with_deletes();
    let changes: Vec<Change<UnifiedCustomer>> =
        Bulk::export(&org.salesforce, &query).try_collect().await.unwrap();
    let deletes: Vec<_> =
        changes.iter().filter(|change| matches!(change, Change::Delete { .. })).map(Change::id).collect();
    assert_eq!(deletes.iter().map(|id| id.as_str()).collect::<Vec<_>>(), [id]);
}

#[tokio::test]
async fn any_query_is_read_in_bulk_and_goes_on_from_a_page() {
    let org = Org::start().await;
    let soql = Soql::select(["Id", "Name", "Owner.Name"]).from("Account").build().unwrap();
    let query = org.salesforce.bulk_query(&soql).await.unwrap();
    let all: Vec<_> = org.salesforce.bulk_rows(&query).try_collect().await.unwrap();
    let ids: BTreeSet<_> = all.iter().map(|row| row.text("Id").unwrap().to_owned()).collect();
    assert_eq!(ids.len(), org.sandbox.row_count("Account"));
    assert!(all.iter().all(|row| row.text("Owner.Name").is_some()));

    let query = serde_json::from_str(&serde_json::to_string(&query).unwrap()).unwrap();
    let (mut paged, mut next) = (BTreeSet::new(), None);
    loop {
        let page = connect(&org.sandbox).bulk_page(&query, next.as_deref(), 6).await.unwrap();
        paged.extend(page.rows.iter().map(|row| row.text("Id").unwrap().to_owned()));
        next = page.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(paged, ids);
    org.salesforce.bulk_remove_query(&query).await.unwrap();
    let mut rows = org.salesforce.bulk_rows(&query);
    assert_eq!(rows.next().await.unwrap().unwrap_err().kind(), ErrorKind::NotFound);
}
