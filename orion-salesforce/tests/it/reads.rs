//! `Read<M>`: whole objects, page by page, and nothing lost on the way.

mod changes;
mod children;
mod locators;
mod rejects;

use std::collections::BTreeSet;

use futures::TryStreamExt;
use orion_core::{
    AdapterExt, Change, CustomObject, Model, Query, Read, Record, UnifiedCustomer, UnifiedEvent,
    UnifiedInvoice, WriteOptions,
};
use orion_salesforce::Salesforce;
use serde_json::{Value, json};

use crate::support::{Org, client_credentials, connected, read};

pub(crate) fn distinct<M>(changes: &[Change<M>]) -> BTreeSet<&str> {
    changes.iter().map(|change| change.id().as_str()).collect()
}

#[tokio::test]
async fn every_object_is_read_whole() {
    let org = Org::with(|builder| builder.records(2_500)).await;
    for object in ["Account", "Contact", "Lead"] {
        let changes = org.read::<UnifiedCustomer>(Query::new().object(object)).await;
        assert_eq!(changes.len(), org.sandbox.row_count(object), "{object}");
        assert_eq!(distinct(&changes).len(), changes.len(), "{object}");
    }
    let deals = org.read::<UnifiedInvoice>(Query::new()).await;
    assert_eq!(deals.len(), org.sandbox.row_count("Opportunity"));
    let records = deals.into_iter().filter_map(Change::into_record);
    let lines: usize = records.map(|record| record.model.lines.len()).sum();
    assert_eq!(lines, org.sandbox.row_count("OpportunityLineItem"));
    let products = org.read::<CustomObject>(Query::new()).await;
    assert_eq!(products.len(), org.sandbox.row_count("Product2"));
}

#[tokio::test]
async fn pages_are_as_long_as_asked_for_and_say_how_much_there_is() {
    let org = Org::with(|builder| builder.records(1_001)).await;
    let accounts = org.sandbox.row_count("Account");
    let pages: Vec<_> =
        org.salesforce.pages::<UnifiedCustomer>(Query::new().page_size(300)).try_collect().await.unwrap();
    let sizes: Vec<usize> = pages.iter().map(|page| page.changes.len()).collect();
    assert!(sizes[..sizes.len() - 1].iter().all(|size| *size == 300), "{sizes:?}");
    assert_eq!(sizes.iter().sum::<usize>(), accounts);
    assert!(pages.iter().all(|page| page.total == Some(accounts as u64)));
    // The org's clock, to the second, for a sync to remember.
    let as_of = pages[0].as_of.unwrap();
    assert!((org.sandbox.now() - as_of).num_seconds().abs() < 60, "{as_of}");
    // Salesforce takes 200 to 2,000; other sizes become the nearest of these.
    let page = org.salesforce.page::<UnifiedCustomer>(&Query::new().page_size(1)).await.unwrap();
    assert_eq!(page.changes.len(), 200);
}

/// The values of a document that are no objects or lists, as text; numbers by value.
fn leaves(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.values().for_each(|member| leaves(member, found)),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, found)),
        Value::Null => {}
        other => {
            found.insert(text(other));
        }
    }
}

fn text(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    orion_core::decimal::parse(&text).map_or(text, |number| number.normalize().to_string())
}

/// Fields that decide something else: whether it is a delete, the status.
const TELLING: [&str; 3] = ["IsDeleted", "IsClosed", "IsWon"];

/// Every value of the row is in the record: in the model, in `extra`, or what every record has.
fn assert_whole<M: Model>(object: &str, row: &Value, record: &Record<M>) {
    let mut found = BTreeSet::new();
    leaves(&serde_json::to_value(&record.model).unwrap(), &mut found);
    for (name, value) in row.as_object().unwrap() {
        let held = match value {
            Value::Null => true,
            Value::Object(_) => true,
            _ if name == "attributes" || TELLING.contains(&name.as_str()) => true,
            _ if name == "Id" => record.id.as_str() == value,
            _ if name == "CreatedDate" => same_time(record.meta.created_at, value),
            _ if name == "SystemModstamp" => same_time(record.meta.modified_at, value),
            _ => record
                .extra
                .get(name)
                .map_or_else(|| found.contains(&text(value)), |have| text(have) == text(value)),
        };
        assert!(held, "{object}.{name} = {value} is lost");
    }
}

fn same_time(at: Option<chrono::DateTime<chrono::Utc>>, value: &Value) -> bool {
    let value = chrono::DateTime::parse_from_str(value.as_str().unwrap(), "%Y-%m-%dT%H:%M:%S%.f%z").unwrap();
    at == Some(value.to_utc())
}

async fn whole<M: Model>(org: &Org, object: &str)
where
    Salesforce: Read<M>,
{
    let rows = org.sandbox.dump(object).unwrap();
    let changes = org.read::<M>(Query::new().object(object)).await;
    assert_eq!(changes.len(), rows.len(), "{object}");
    for record in changes.into_iter().filter_map(Change::into_record) {
        let row = rows.iter().find(|row| row["Id"] == record.id.as_str()).unwrap();
        assert_whole(object, row, &record);
        assert_eq!(&*record.meta.source.object, object);
        assert_eq!(record.meta.url.as_deref().unwrap(), format!("{}/{}", org.sandbox.base_url(), record.id));
    }
}

#[tokio::test]
async fn no_value_of_a_row_is_lost() {
    let org = Org::with(|builder| builder.records(150)).await;
    for object in ["Account", "Contact", "Lead"] {
        whole::<UnifiedCustomer>(&org, object).await;
    }
    whole::<UnifiedInvoice>(&org, "Opportunity").await;
    whole::<UnifiedEvent>(&org, "Task").await;
    for object in ["Product2", "Widget__c", "PricebookEntry", "User"] {
        whole::<CustomObject>(&org, object).await;
    }
}

#[tokio::test]
async fn the_host_may_choose_the_fields_whatever_their_case_and_however_often() {
    let org = Org::start().await;
    let config = client_credentials(&org.sandbox)
        .fields("account", ["name", "Industry", "Name", "external_id__c", "ID"]);
    let changes = read::<UnifiedCustomer>(&connected(config), Query::new()).await;
    assert_eq!(changes.len(), org.sandbox.row_count("Account"));
    let record = changes.into_iter().find_map(Change::into_record).unwrap();
    assert!(record.model.display_name.is_some() && !record.id.is_empty());
    assert!(record.model.addresses.is_empty() && record.model.website.is_none());
    assert!(org.requests("describe").is_empty(), "there is nothing to ask for");
}

#[tokio::test]
async fn fields_may_be_chosen_of_an_object_that_is_never_deleted() {
    let org = Org::start().await;
    let config = client_credentials(&org.sandbox).fields("User", ["Username"]);
    let changes = read::<CustomObject>(&connected(config), Query::new().object("User")).await;
    assert_eq!(changes.len(), org.sandbox.row_count("User"));
    let record = changes.into_iter().find_map(Change::into_record).unwrap();
    assert!(record.model.fields.text("Username").is_some() && record.meta.modified_at.is_some());
}

#[tokio::test]
async fn a_number_the_model_has_no_room_for_is_kept_and_written_back() {
    let org = Org::start().await;
    let row = json!({"Name": "Odd", "NumberOfEmployees": -5});
    let id = org.sandbox.insert("Account", row.as_object().unwrap()).unwrap();
    let mut record = org.find::<UnifiedCustomer>("Account", &id).await;
    assert_eq!(record.model.employees, None);
    assert_eq!(record.extra.get("NumberOfEmployees"), Some(&json!(-5)));
    record.model.notes = Some("seen".to_owned());
    org.written(&WriteOptions::update(), &[record]).await;
    let row = org.row(&format!("SELECT NumberOfEmployees, Description FROM Account WHERE Id = '{id}'"));
    assert_eq!((&row["NumberOfEmployees"], &row["Description"]), (&json!(-5), &json!("seen")));
}

#[tokio::test]
async fn a_sandbox_page_of_every_size_ends() {
    for (records, size) in [(0, 5), (1, 1), (4, 5), (5, 5), (6, 5), (10, 5)] {
        let org = Org::with(|builder| builder.records(records).page_size(size)).await;
        let changes = org.read::<UnifiedCustomer>(Query::new().object("Lead")).await;
        assert_eq!(changes.len(), org.sandbox.row_count("Lead"), "{records} by {size}");
    }
}
