//! Emptying fields, and writing a record back as it was read.

use orion_core::{
    CustomObject, ErrorKind, Model, Phone, Query, Read, Record, UnifiedCustomer, UnifiedEvent,
    UnifiedInvoice, Write, WriteOptions,
};
use orion_salesforce::Salesforce;
use serde_json::{Value, json};

use crate::support::{Org, code, customer};

#[tokio::test]
async fn null_in_extra_empties_a_field_and_absence_does_not() {
    let org = Org::start().await;
    let mut record = customer("Emptied");
    record.model.website = Some("https://gone.test".to_owned());
    record.model.phones.push(Phone::new("555-0100").with_kind(orion_core::PhoneKind::Work));
    record.model.industry = Some("Banking".to_owned());
    record.extra.insert("AccountNumber", "a-1");
    let id = org.written(&WriteOptions::create(), &[record]).await[0].id.clone();

    let mut change = Record::new(id.as_str(), UnifiedCustomer::default());
    change.extra.insert("Website", json!(null));
    change.extra.insert("AccountNumber", json!(null));
    // `extra` outweighs the model, whatever the case.
    change.model.phones.push(Phone::new("555-0199").with_kind(orion_core::PhoneKind::Work));
    change.extra.insert("phone", json!(null));
    org.written(&WriteOptions::update(), &[change]).await;
    let row = org
        .row(&format!("SELECT Name, Website, Phone, Industry, AccountNumber FROM Account WHERE Id = '{id}'"));
    assert_eq!(row["Name"], "Emptied");
    assert_eq!(row["Industry"], "Banking");
    for field in ["Website", "Phone", "AccountNumber"] {
        assert_eq!(row[field], Value::Null, "{field}");
    }
}

/// Fields that a write moves by itself.
const MOVED: [&str; 5] =
    ["LastModifiedDate", "LastModifiedById", "SystemModstamp", "LastViewedDate", "LastReferencedDate"];

pub(super) fn content(org: &Org, object: &str) -> Vec<Value> {
    let mut rows = org.sandbox.dump(object).unwrap();
    for row in rows.iter_mut().filter_map(Value::as_object_mut) {
        MOVED.iter().for_each(|field| {
            row.remove(*field);
        });
    }
    rows
}

async fn written_back<M: Model>(org: &Org, object: &str, options: &WriteOptions)
where
    Salesforce: Read<M> + Write<M>,
{
    let before = content(org, object);
    let records: Vec<Record<M>> = org
        .read::<M>(Query::new().object(object))
        .await
        .into_iter()
        .filter_map(orion_core::Change::into_record)
        .collect();
    assert_eq!(records.len(), before.len());
    let written = org.written(options, &records).await;
    for (record, written) in records.iter().zip(&written) {
        assert_eq!((&record.id, written.created), (&written.id, false), "{object}");
    }
    assert_eq!(content(org, object), before, "{object}");
}

#[tokio::test]
async fn what_was_read_can_be_written_back_and_changes_nothing() {
    let org = Org::with(|builder| builder.records(60)).await;
    for options in [WriteOptions::update(), WriteOptions::upsert("Id")] {
        for object in ["Account", "Contact", "Lead"] {
            written_back::<UnifiedCustomer>(&org, object, &options).await;
        }
        for object in ["Product2", "Widget__c"] {
            written_back::<CustomObject>(&org, object, &options).await;
        }
        written_back::<UnifiedEvent>(&org, "Task", &options).await;
        let lines = content(&org, "OpportunityLineItem");
        written_back::<UnifiedInvoice>(&org, "Opportunity", &options).await;
        assert_eq!(content(&org, "OpportunityLineItem"), lines);
    }
}

#[tokio::test]
async fn a_host_s_own_record_is_sent_whole_so_that_mistakes_show() {
    let org = Org::start().await;
    let mut misspelt = customer("Misspelt");
    misspelt.extra.insert("Acount_Number", "x");
    let mut read_only = customer("Read-only");
    read_only.extra.insert("LastModifiedDate", "2024-01-01T00:00:00Z");
    let outcomes = org.write(&WriteOptions::create(), &[misspelt, read_only]).await;
    for (outcome, (kind, name)) in outcomes
        .into_iter()
        .zip([("INVALID_FIELD", "Acount_Number"), ("INVALID_FIELD_FOR_INSERT_UPDATE", "LastModifiedDate")])
    {
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), code(&error)), (ErrorKind::Config, kind));
        assert!(error.to_string().ends_with(name), "{error}");
    }
}

#[tokio::test]
async fn a_record_read_as_one_object_can_be_made_as_another() {
    let org = Org::start().await;
    let leads = org.read::<UnifiedCustomer>(Query::new().object("Lead")).await;
    let mut lead = leads.into_iter().find_map(orion_core::Change::into_record).unwrap();
    lead.extra.insert("LeadSource", "Web");
    lead.extra.insert("External_Id__c", "moved");
    assert!(lead.extra.get("IsConverted").is_some(), "a field that no contact has");
    let name = lead.model.last_name.clone();
    let options = WriteOptions::create().object("Contact");
    let id = org.written(&options, &[lead]).await[0].id.clone();
    let row = org.row(&format!("SELECT LastName, LeadSource, External_Id__c FROM Contact WHERE Id = '{id}'"));
    assert_eq!(row["LastName"].as_str(), name.as_deref());
    assert_eq!((&row["LeadSource"], &row["External_Id__c"]), (&json!("Web"), &json!("moved")));
}
