//! The same promises for records sent in bulk: their own object, and back as they were read.

use futures::{StreamExt, TryStreamExt, stream};
use orion_core::{
    AdapterExt, Bulk, Change, CustomObject, ErrorKind, Model, Query, Record, RowOutcome, Source,
    UnifiedCustomer, WriteOptions,
};
use orion_salesforce::Salesforce;
use serde_json::json;

use super::nulls::content;
use crate::support::{Org, customer};

async fn load<M: Model>(org: &Org, options: &WriteOptions, records: Vec<Record<M>>) -> Vec<RowOutcome>
where
    Salesforce: Bulk<M>,
{
    let job = org.salesforce.bulk_submit(options, stream::iter(records)).await.unwrap();
    let mut rows: Vec<_> = org.salesforce.bulk_outcomes::<M>(&job).try_collect().await.unwrap();
    rows.sort_by_key(|row| row.index);
    rows
}

#[tokio::test]
async fn records_go_to_the_object_they_are_of_and_no_other() {
    let org = Org::start().await;
    let widget = |name: &str| {
        let mut widget = CustomObject::new("Widget__c");
        widget.name = Some(name.to_owned());
        Record::new("", widget)
    };
    let products = org.sandbox.row_count("Product2");
    let mut stray = CustomObject::new("Product2");
    stray.name = Some("Stray".to_owned());
    let records = vec![widget("One"), Record::new("", stray), widget("Two")];
    let rows = load(&org, &WriteOptions::create(), records).await;
    assert!(rows[0].outcome.as_ref().unwrap().id.as_str().starts_with("a00"));
    let error = rows[1].outcome.as_ref().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("`Product2`") && error.to_string().contains("`Widget__c`"), "{error}");
    assert!(rows[2].outcome.is_ok());
    assert_eq!(org.sandbox.row_count("Product2"), products);

    let mut lead = customer("A lead");
    lead.meta.source = Source::new("salesforce", "Lead");
    let rows = load(&org, &WriteOptions::create(), vec![lead.clone()]).await;
    assert!(rows[0].outcome.as_ref().unwrap().id.as_str().starts_with("00Q"));
    // The options outweigh where a record comes from.
    let rows = load(&org, &WriteOptions::create().object("Contact"), vec![lead]).await;
    assert!(rows[0].outcome.as_ref().unwrap().id.as_str().starts_with("003"));
}

async fn written_back<M: Model>(org: &Org, object: &str)
where
    Salesforce: Bulk<M>,
{
    let before = content(org, object);
    let changes: Vec<Change<M>> =
        org.salesforce.export(&Query::new().object(object)).try_collect().await.unwrap();
    let records: Vec<Record<M>> = changes.into_iter().filter_map(Change::into_record).collect();
    assert_eq!(records.len(), before.len(), "{object}");
    for row in load(org, &WriteOptions::update(), records).await {
        row.outcome.unwrap();
    }
    assert_eq!(content(org, object), before, "{object}");
}

#[tokio::test]
async fn what_was_exported_can_be_loaded_back_and_changes_nothing() {
    let org = Org::with(|builder| builder.records(60)).await;
    for object in ["Account", "Contact", "Lead"] {
        written_back::<UnifiedCustomer>(&org, object).await;
    }
    for object in ["Product2", "Widget__c"] {
        written_back::<CustomObject>(&org, object).await;
    }
}

#[tokio::test]
async fn an_export_and_a_read_say_the_same_of_a_record() {
    let org = Org::with(|builder| builder.records(40)).await;
    for object in ["Account", "Contact", "Lead"] {
        let mut exported: Vec<Change<UnifiedCustomer>> =
            org.salesforce.export(&Query::new().object(object)).try_collect().await.unwrap();
        let mut read = org.read::<UnifiedCustomer>(Query::new().object(object)).await;
        exported.sort_by(|a, b| a.id().cmp(b.id()));
        read.sort_by(|a, b| a.id().cmp(b.id()));
        for (exported, read) in exported.into_iter().zip(read) {
            let (exported, read) = (exported.into_record().unwrap(), read.into_record().unwrap());
            assert_eq!(
                serde_json::to_value(&exported).unwrap(),
                serde_json::to_value(&read).unwrap(),
                "{object}"
            );
        }
    }
}

#[tokio::test]
async fn a_record_that_cannot_be_sent_is_told_apart_from_one_that_was_refused() {
    let org = Org::start().await;
    let mut unnamed = customer("x");
    unnamed.model.display_name = None;
    let mut huge = customer("Huge");
    huge.model.notes = Some("x".repeat(401_000));
    let mut read = customer("Of this org");
    read.id = "001000000000001AAA".into();
    read.meta.source = Source::new("salesforce", "Account");
    read.extra.insert("External_Id__c", json!(null));
    let mut fine = customer("Fine");
    fine.extra.insert("External_Id__c", "fine");
    let mut nameless = unnamed.clone();
    nameless.extra.insert("External_Id__c", "nameless");
    huge.extra.insert("External_Id__c", "huge");
    let rows =
        load(&org, &WriteOptions::upsert("External_Id__c"), vec![unnamed, huge, read, fine, nameless]).await;
    let kinds: Vec<_> =
        rows.iter().map(|row| row.outcome.as_ref().err().map(orion_core::Error::kind)).collect();
    assert_eq!(
        kinds,
        [
            Some(ErrorKind::Config),
            Some(ErrorKind::TooLarge),
            Some(ErrorKind::Config),
            None,
            Some(ErrorKind::Rejected)
        ]
    );
    let empty =
        org.salesforce.bulk_submit::<UnifiedCustomer>(&WriteOptions::create(), stream::empty().boxed()).await;
    assert_eq!(empty.unwrap().records, 0);
}
