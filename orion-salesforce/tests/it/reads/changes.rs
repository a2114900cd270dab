//! What changed since, deletes among it.

use std::time::Duration;

use orion_core::{Change, Query, UnifiedCustomer, UnifiedInvoice};
use serde_json::{Map, Value, json};

use crate::support::Org;

fn fields(json: &Value) -> Map<String, Value> {
    json.as_object().unwrap().clone()
}

#[tokio::test]
async fn an_incremental_read_finds_what_was_made_changed_and_deleted() {
    let org = Org::start().await;
    let leads: Vec<String> = org
        .rows("SELECT Id FROM Lead ORDER BY Id LIMIT 3")
        .iter()
        .map(|row| row["Id"].as_str().unwrap().to_owned())
        .collect();
    org.sandbox.advance(Duration::from_secs(120));
    let since = org.sandbox.now();
    org.sandbox.advance(Duration::from_secs(60));
    org.sandbox.update("Lead", &leads[0], &fields(&json!({"Title": "changed"}))).unwrap();
    org.sandbox.delete("Lead", &leads[1]).unwrap();
    let made = org.sandbox.insert("Lead", &fields(&json!({"LastName": "New", "Company": "New"}))).unwrap();

    let query = Query::new().object("Lead").since(since);
    let live = org.read::<UnifiedCustomer>(query.clone()).await;
    let mut ids: Vec<&str> = live.iter().map(|change| change.id().as_str()).collect();
    ids.sort_unstable();
    let mut expected = [leads[0].as_str(), &made];
    expected.sort_unstable();
    assert_eq!(ids, expected);

    let all = org.read::<UnifiedCustomer>(query.with_deletes()).await;
    assert_eq!(all.len(), 3);
    let deleted: Vec<_> = all.iter().filter(|change| matches!(change, Change::Delete { .. })).collect();
    assert_eq!(deleted.len(), 1);
    assert_eq!(deleted[0].id().as_str(), leads[1]);
    assert!(deleted[0].at().unwrap() >= since);
    assert!(org.requests("queryAll").len() == 1);

    // Until is exclusive, and ends the window before anything happened.
    let before = Query::new().object("Lead").until(since).with_deletes();
    let before = org.read::<UnifiedCustomer>(before).await;
    assert!(before.iter().all(|change| change.at().unwrap() < since));
    assert_eq!(before.len() + 3, org.sandbox.row_count("Lead") + 1);
}

#[tokio::test]
async fn a_deleted_line_does_not_come_back_with_its_deal() {
    let org = Org::start().await;
    let line = org.rows("SELECT Id, OpportunityId FROM OpportunityLineItem LIMIT 1").remove(0);
    let deal = line["OpportunityId"].as_str().unwrap();
    org.sandbox.delete("OpportunityLineItem", line["Id"].as_str().unwrap()).unwrap();
    for query in [Query::new(), Query::new().with_deletes()] {
        let changes = org.read::<UnifiedInvoice>(query).await;
        let record =
            changes.into_iter().filter_map(Change::into_record).find(|r| r.id.as_str() == deal).unwrap();
        assert!(record.model.lines.iter().all(|have| have.id.as_ref().unwrap().as_str() != line["Id"]));
    }
}
