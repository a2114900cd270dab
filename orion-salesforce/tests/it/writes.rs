//! `Write<M>`: collections, one outcome per input.

mod bulk;
mod keys;
mod lines;
mod locks;
mod nulls;

use orion_core::{AdapterExt, ErrorKind, Record, UnifiedCustomer, Write, WriteOptions};
use serde_json::json;

use crate::support::{Org, code, customer};

fn customers(count: usize) -> Vec<Record<UnifiedCustomer>> {
    (0..count).map(|at| customer(&format!("Made {at}"))).collect()
}

fn ids(written: &[orion_core::Written]) -> Vec<&str> {
    written.iter().map(|written| written.id.as_str()).collect()
}

#[tokio::test]
async fn more_records_than_a_call_takes_are_made_in_the_order_given() {
    let org = Org::start().await;
    let before = org.sandbox.row_count("Account");
    let written = org.written(&WriteOptions::create(), &customers(450)).await;
    assert!(written.iter().all(|written| written.created));
    assert_eq!(org.sandbox.row_count("Account"), before + 450);
    assert_eq!(org.requests("composite/sobjects").len(), 3);
    for at in [0, 199, 200, 449] {
        let name = org.row(&format!("SELECT Name FROM Account WHERE Id = '{}'", written[at].id));
        assert_eq!(name["Name"], format!("Made {at}"));
    }
}

#[tokio::test]
async fn updates_and_deletes_go_by_id_and_leave_the_rest_alone() {
    let org = Org::start().await;
    let mut records = customers(201);
    records[0].model.website = Some("https://kept.test".to_owned());
    let written = org.written(&WriteOptions::create(), &records).await;
    for (record, id) in records.iter_mut().zip(ids(&written)) {
        record.id = id.into();
        record.model.website = None;
        record.model.notes = Some("changed".to_owned());
    }
    let updated = org.written(&WriteOptions::update(), &records).await;
    assert_eq!(ids(&updated), ids(&written));
    assert!(updated.iter().all(|written| !written.created));
    let row = org.row(&format!("SELECT Website, Description FROM Account WHERE Id = '{}'", written[0].id));
    assert_eq!((&row["Website"], &row["Description"]), (&json!("https://kept.test"), &json!("changed")));

    let before = org.sandbox.row_count("Account");
    org.written(&WriteOptions::delete(), &records).await;
    assert_eq!(org.sandbox.row_count("Account"), before - 201);
    // Once more is no error: they are gone, as wanted.
    org.written(&WriteOptions::delete(), &records).await;
}

#[tokio::test]
async fn records_of_several_objects_go_in_one_write_and_come_back_in_order() {
    let org = Org::start().await;
    let mut records = Vec::new();
    for at in 0..90 {
        let object = ["Account", "Contact", "Lead"][at % 3];
        let mut record = customer(&format!("{object} {at}"));
        record.meta.source = orion_core::Source::new("salesforce", object);
        records.push(record);
    }
    let written = org.written(&WriteOptions::create(), &records).await;
    for (at, id) in ids(&written).into_iter().enumerate() {
        assert!(id.starts_with(["001", "003", "00Q"][at % 3]), "{at}: {id}");
    }
    assert_eq!(org.requests("composite/sobjects").len(), 1, "three runs fit into one call");
    let lead = org.row(&format!("SELECT LastName, Company FROM Lead WHERE Id = '{}'", written[2].id));
    assert_eq!((&lead["LastName"], &lead["Company"]), (&json!("Lead 2"), &json!("Lead 2")));
}

#[tokio::test]
async fn an_update_does_not_make_up_what_a_new_record_needs() {
    let org = Org::start().await;
    let lead = org.row("SELECT Id, LastName, Company FROM Lead LIMIT 1");
    let mut record = customer("Somebody Else");
    record.id = lead["Id"].as_str().unwrap().into();
    record.model.job_title = Some("Chief".to_owned());
    org.written(&WriteOptions::update().object("Lead"), &[record]).await;
    let after = org.row(&format!(
        "SELECT Id, LastName, Company, Title FROM Lead WHERE Id = '{}'",
        lead["Id"].as_str().unwrap()
    ));
    assert_eq!((&after["LastName"], &after["Company"]), (&lead["LastName"], &lead["Company"]));
    assert_eq!(after["Title"], "Chief");
}

#[tokio::test]
async fn a_refused_record_does_not_stop_the_others() {
    let org = Org::start().await;
    let mut records = customers(5);
    records[1].model.display_name = None;
    records[2].model.display_name = Some("x".repeat(300));
    records[3].extra.insert("AnnualRevenue", "a lot");
    let outcomes = org.write(&WriteOptions::create(), &records).await;
    let codes: Vec<&str> =
        outcomes.iter().map(|outcome| outcome.as_ref().map_or_else(code, |_| "")).collect();
    assert_eq!(codes, ["", "REQUIRED_FIELD_MISSING", "STRING_TOO_LONG", "JSON_PARSER_ERROR", ""]);
    let missing = outcomes[1].as_ref().unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::Rejected);
    assert!(
        missing.to_string().ends_with("a required field has no value (REQUIRED_FIELD_MISSING): Name"),
        "{missing}"
    );
    assert_eq!(outcomes[2].as_ref().unwrap_err().kind(), ErrorKind::TooLarge);
    assert!(outcomes.iter().flat_map(|outcome| outcome.as_ref().err()).all(|error| !error.is_retryable()));
}

#[tokio::test]
async fn an_atomic_write_is_all_or_nothing() {
    let org = Org::start().await;
    let before = org.sandbox.row_count("Account");
    let mut records = customers(3);
    records[1].model.display_name = None;
    let outcomes = org.write(&WriteOptions::create().atomic(), &records).await;
    let codes: Vec<&str> = outcomes.iter().map(|outcome| code(outcome.as_ref().unwrap_err())).collect();
    let undone = "ALL_OR_NONE_OPERATION_ROLLED_BACK";
    assert_eq!(codes, [undone, "REQUIRED_FIELD_MISSING", undone]);
    assert_eq!(org.sandbox.row_count("Account"), before);

    let written = org.written(&WriteOptions::create().atomic(), &customers(200)).await;
    assert_eq!(written.len(), 200);
    let error = org.salesforce.write(&WriteOptions::create().atomic(), &customers(201)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("at most 200"), "{error}");
    assert_eq!(org.sandbox.row_count("Account"), before + 200, "nothing of it was sent");
}

#[tokio::test]
async fn custom_fields_are_written_from_extra_and_read_back() {
    let org = Org::start().await;
    let mut record = customer("With extras");
    record.extra.insert("External_Id__c", "x-1");
    record.extra.insert("AccountNumber", "A \"quoted\" 東京 \u{1F600}");
    let id = org.written(&WriteOptions::create(), &[record]).await[0].id.clone();
    let back = org.find::<UnifiedCustomer>("Account", id.as_str()).await;
    assert_eq!(back.extra.text("External_Id__c"), Some("x-1"));
    assert_eq!(back.extra.text("AccountNumber"), Some("A \"quoted\" 東京 \u{1F600}"));
    assert_eq!(back.model.display_name.as_deref(), Some("With extras"));
}

#[tokio::test]
async fn a_create_that_got_no_answer_is_not_repeated() {
    use orion_salesforce::sandbox::{Fault, FaultKind};
    let org = Org::start().await;
    let before = org.sandbox.row_count("Account");
    org.sandbox.inject(Fault::new(FaultKind::DropAfterCommit).on("POST composite").count(1));
    let outcomes = org.write(&WriteOptions::create(), &customers(3)).await;
    for outcome in &outcomes {
        let error = outcome.as_ref().unwrap_err();
        assert!(error.is_ambiguous(), "{error:?}");
        assert_eq!(error.kind(), ErrorKind::Transport);
    }
    assert_eq!(org.sandbox.row_count("Account"), before + 3, "made once");
    assert_eq!(org.requests("composite").len(), 1);

    // An update, an upsert and a delete may be repeated, and are.
    org.sandbox.inject(Fault::new(FaultKind::DropAfterCommit).on("composite").count(3));
    let mut records = customers(3);
    for (at, record) in records.iter_mut().enumerate() {
        record.extra.insert("External_Id__c", format!("again-{at}"));
    }
    let written = org.salesforce.upsert("External_Id__c", &records).await.unwrap();
    let written: Vec<_> = written.into_iter().map(Result::unwrap).collect();
    assert!(written.iter().all(|written| !written.created), "the first attempt made them");
    for (record, id) in records.iter_mut().zip(ids(&written)) {
        record.id = id.into();
    }
    org.written(&WriteOptions::delete(), &records).await;
    assert_eq!(org.sandbox.row_count("Account"), before + 3);
}
