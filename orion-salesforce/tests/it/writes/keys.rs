//! Upserts: by what field, and with what value.

use orion_core::{AdapterExt, CustomObject, ErrorKind, Record, Source, UnifiedCustomer, WriteOptions};
use serde_json::json;

use crate::support::{Org, code, customer};

const KEY: &str = "External_Id__c";

#[tokio::test]
async fn an_upsert_makes_or_changes_by_external_id() {
    let org = Org::start().await;
    let mut records: Vec<_> = (0..250).map(|at| customer(&format!("Upserted {at}"))).collect();
    for (at, record) in records.iter_mut().enumerate() {
        record.extra.insert(KEY, format!("u-{at}"));
    }
    let first = org.written(&WriteOptions::upsert(KEY), &records[..150]).await;
    assert!(first.iter().all(|written| written.created));
    records[0].model.notes = Some("second".to_owned());
    let second = org.written(&WriteOptions::upsert(KEY), &records).await;
    let created: Vec<bool> = second.iter().map(|written| written.created).collect();
    assert_eq!(created, (0..250).map(|at| at >= 150).collect::<Vec<_>>());
    assert_eq!(second[0].id, first[0].id);
    assert_eq!(
        org.row(&format!("SELECT Description FROM Account WHERE {KEY} = 'u-0'"))["Description"],
        "second"
    );
}

#[tokio::test]
async fn the_id_at_another_vendor_is_the_external_id_unless_one_is_given() {
    let org = Org::start().await;
    let mut quickbooks = customer("From elsewhere");
    quickbooks.id = "42".into();
    quickbooks.meta.source = Source::new("quickbooks", "Customer");
    // What this org has no field for is left out; what it has is sent.
    quickbooks.extra.insert("domain", "QBO");
    quickbooks.extra.insert("AccountNumber", "a-42");
    let mut host = customer("From the host");
    host.id = "host-7".into();
    let written = org.written(&WriteOptions::upsert(KEY), &[quickbooks, host]).await;
    assert!(written.iter().all(|written| written.created));
    assert_eq!(
        org.row("SELECT AccountNumber FROM Account WHERE External_Id__c = '42'")["AccountNumber"],
        "a-42"
    );
    assert_eq!(org.rows("SELECT Id FROM Account WHERE External_Id__c = 'host-7'").len(), 1);
}

#[tokio::test]
async fn a_record_of_this_org_without_the_key_is_not_made_a_second_time() {
    let org = Org::start().await;
    let id = org.sandbox.insert("Account", json!({"Name": "No key"}).as_object().unwrap()).unwrap();
    let mut read = org.find::<UnifiedCustomer>("Account", &id).await;
    read.model.notes = Some("changed".to_owned());
    let before = org.sandbox.row_count("Account");
    let mut empty = customer("Null key");
    empty.extra.insert(KEY, json!(null));
    let outcomes =
        org.write(&WriteOptions::upsert(KEY), &[read.clone(), empty, customer("No key, no id")]).await;
    for outcome in outcomes {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("no value for `External_Id__c`"), "{error}");
    }
    assert_eq!(org.sandbox.row_count("Account"), before);
    assert!(org.requests("composite").is_empty());
    // By id it is found.
    let written = org.written(&WriteOptions::upsert("Id"), &[read]).await;
    assert!(!written[0].created);
    assert_eq!(written[0].id.as_str(), id);
    assert_eq!(
        org.row(&format!("SELECT Description FROM Account WHERE Id = '{id}'"))["Description"],
        "changed"
    );
}

#[tokio::test]
async fn the_key_is_written_once_whatever_its_case_and_place() {
    let org = Org::start().await;
    let mut widget = CustomObject::new("Widget__c");
    widget.name = Some("Anvil".to_owned());
    widget.fields.insert("external_id__c", "w-1");
    let widget = Record::new("ignored", widget);
    assert!(org.written(&WriteOptions::upsert(KEY), std::slice::from_ref(&widget)).await[0].created);
    assert!(!org.written(&WriteOptions::upsert("EXTERNAL_ID__C"), &[widget]).await[0].created);
    assert_eq!(org.rows("SELECT Id FROM Widget__c WHERE External_Id__c = 'w-1'").len(), 1);
}

#[tokio::test]
async fn a_key_on_several_records_is_a_conflict_of_that_record_alone() {
    let org = Org::start().await;
    for name in ["One", "Two"] {
        let fields = json!({"Name": name, "Batch_Code__c": "b-1"});
        org.sandbox.insert("Widget__c", fields.as_object().unwrap()).unwrap();
    }
    let widget = |code: &str| {
        let mut widget = CustomObject::new("Widget__c");
        widget.fields.insert("Batch_Code__c", code);
        Record::new("", widget)
    };
    let outcomes = org.write(&WriteOptions::upsert("Batch_Code__c"), &[widget("b-1"), widget("b-2")]).await;
    let error = outcomes[0].as_ref().unwrap_err();
    assert_eq!((error.kind(), code(error)), (ErrorKind::Conflict, "DUPLICATE_EXTERNAL_ID"));
    assert!(outcomes[1].as_ref().unwrap().created);
}

#[tokio::test]
async fn a_key_that_is_no_name_or_no_key_is_refused() {
    let org = Org::start().await;
    let records = [customer("x")];
    let error = org.salesforce.upsert("../limits", &records).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let mut record = customer("x");
    record.extra.insert("Nope__c", "1");
    let outcomes = org.salesforce.upsert("Nope__c", &[record]).await.unwrap();
    let error = outcomes[0].as_ref().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Config), "{error:?}");
}
