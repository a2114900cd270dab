//! One record at a time, under the vendor's names.

use std::time::Duration;

use orion_core::ErrorKind;
use orion_salesforce::sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::support::{Org, code};

#[tokio::test]
async fn a_record_is_made_read_changed_and_deleted() {
    let org = Org::start().await;
    let accounts = org.salesforce.sobject("Account");
    let id = accounts.create(&json!({"Name": "One", "Website": "https://one.test"})).await.unwrap();
    let read: Value = accounts.retrieve(id.as_str(), &["Name", "Website"]).await.unwrap();
    assert_eq!((&read["Name"], &read["Website"]), (&json!("One"), &json!("https://one.test")));
    let whole: Value = accounts.retrieve(id.as_str(), &[]).await.unwrap();
    assert!(whole.as_object().unwrap().len() > 20);
    accounts.update(id.as_str(), &json!({"Website": null})).await.unwrap();
    let row = org.row(&format!("SELECT Name, Website FROM Account WHERE Id = '{id}'"));
    assert_eq!((&row["Name"], &row["Website"]), (&json!("One"), &Value::Null));
    accounts.delete(id.as_str()).await.unwrap();
    accounts.delete(id.as_str()).await.unwrap();
    let error = accounts.retrieve::<Value>(id.as_str(), &["Name"]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let error = accounts.update(id.as_str(), &json!({"Name": "x"})).await.unwrap_err();
    assert_eq!((error.kind(), code(&error)), (ErrorKind::NotFound, "ENTITY_IS_DELETED"));
}

#[tokio::test]
async fn an_upsert_says_whether_it_made_the_record_and_takes_any_key() {
    let org = Org::start().await;
    let accounts = org.salesforce.sobject("Account");
    for key in ["plain", "with space", "a/b?c#d&e=f", "50% +more", "Zoë 東京 \u{1F600}", "it's", "%2e%2e"]
    {
        let made = accounts.upsert("External_Id__c", key, &json!({"Name": key})).await.unwrap();
        assert!(made.created, "{key}");
        let changed = accounts.upsert("External_Id__c", key, &json!({"Phone": "1"})).await.unwrap();
        assert_eq!((changed.created, &changed.id), (false, &made.id), "{key}");
        let row: Value = accounts.retrieve_by("External_Id__c", key).await.unwrap();
        assert_eq!((&row["Name"], &row["External_Id__c"]), (&json!(key), &json!(key)));
    }
}

#[tokio::test]
async fn a_key_that_would_change_the_address_is_refused() {
    let org = Org::start().await;
    let accounts = org.salesforce.sobject("Account");
    org.sandbox.clear_log();
    for key in ["", ".", ".."] {
        let fields = json!({"Name": "x"});
        let errors = [
            accounts.upsert("External_Id__c", key, &fields).await.unwrap_err(),
            accounts.update(key, &fields).await.unwrap_err(),
            accounts.delete(key).await.unwrap_err(),
            accounts.retrieve::<Value>(key, &[]).await.unwrap_err(),
            accounts.retrieve_by::<Value>("External_Id__c", key).await.unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::Config, "{key}");
        }
    }
    for name in ["Account/describe", "..", "", "Account?x=1"] {
        let error = org.salesforce.sobject(name).delete("001").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(&format!("{name:?}")), "{error}");
    }
    assert!(org.sandbox.log().is_empty());
}

#[tokio::test]
async fn an_external_id_on_several_records_is_a_conflict() {
    let org = Org::start().await;
    for name in ["One", "Two"] {
        let fields = json!({"Name": name, "Batch_Code__c": "b-1"});
        org.sandbox.insert("Widget__c", fields.as_object().unwrap()).unwrap();
    }
    let widgets = org.salesforce.sobject("Widget__c");
    let read = widgets.retrieve_by::<Value>("Batch_Code__c", "b-1").await.unwrap_err();
    let written = widgets.upsert("Batch_Code__c", "b-1", &json!({"Name": "x"})).await.unwrap_err();
    for error in [read, written] {
        assert_eq!((error.kind(), error.fault().unwrap().status), (ErrorKind::Conflict, 300));
        assert!(!error.is_retryable());
    }
}

#[tokio::test]
async fn a_create_is_not_repeated_and_a_change_is() {
    let org = Org::start().await;
    let before = org.sandbox.row_count("Account");
    org.sandbox.inject(Fault::new(FaultKind::DropAfterCommit).on("sobjects").count(1));
    let error = org.salesforce.sobject("Account").create(&json!({"Name": "Lost answer"})).await.unwrap_err();
    assert!(error.is_ambiguous());
    assert_eq!(org.sandbox.row_count("Account"), before + 1);
    for fault in [FaultKind::Reset, FaultKind::DropAfterCommit, FaultKind::ServerError, FaultKind::Truncate] {
        org.sandbox.clear_faults();
        org.sandbox.inject(Fault::new(fault.clone()).on("sobjects").count(2));
        let key = format!("{fault}");
        let written =
            org.salesforce.sobject("Account").upsert("External_Id__c", &key, &json!({"Name": key})).await;
        written.unwrap();
        assert_eq!(org.rows(&format!("SELECT Id FROM Account WHERE External_Id__c = '{key}'")).len(), 1);
    }
}

#[tokio::test]
async fn a_delete_whose_answer_was_lost_is_done() {
    let org = Org::start().await;
    let id = org.salesforce.sobject("Account").create(&json!({"Name": "x"})).await.unwrap();
    org.sandbox.inject(Fault::new(FaultKind::DropAfterCommit).on("DELETE sobjects").count(1));
    org.salesforce.sobject("Account").delete(id.as_str()).await.unwrap();
    let never = org.salesforce.sobject("Account").delete("001000000000000AAA").await.unwrap_err();
    assert_eq!(never.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn what_was_changed_and_deleted_in_a_time_is_listed() {
    let org = Org::start().await;
    let id = org.salesforce.sobject("Lead").create(&json!({"LastName": "x", "Company": "y"})).await.unwrap();
    org.sandbox.advance(Duration::from_secs(3600));
    let start = org.sandbox.now();
    org.sandbox.advance(Duration::from_secs(120));
    org.salesforce.sobject("Lead").update(id.as_str(), &json!({"Title": "z"})).await.unwrap();
    let gone = org.row("SELECT Id FROM Lead ORDER BY Id LIMIT 1")["Id"].as_str().unwrap().to_owned();
    org.salesforce.sobject("Lead").delete(&gone).await.unwrap();
    org.sandbox.advance(Duration::from_secs(120));
    let end = org.sandbox.now();
    let updated = org.salesforce.sobject("Lead").updated_between(start, end).await.unwrap();
    let deleted = org.salesforce.sobject("Lead").deleted_between(start, end).await.unwrap();
    assert_eq!(updated, [id]);
    assert_eq!(deleted.iter().map(|id| id.as_str()).collect::<Vec<_>>(), [gone]);
    let error = org.salesforce.sobject("Lead").updated_between(end, start).await.unwrap_err();
    assert_eq!(code(&error), "INVALID_REPLICATION_DATE");
}
