//! Lines that do not fit into their record's page.

use orion_core::{Change, Query, UnifiedInvoice};
use orion_salesforce::{
    QueryResult,
    sandbox::{Fault, FaultKind},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::Org;

/// An org with a deal of many lines.
async fn with_lines(lines: usize) -> (Org, String) {
    let org = Org::with(|builder| builder.records(20).page_size(30)).await;
    let entry =
        org.rows("SELECT Id, Pricebook2Id FROM PricebookEntry WHERE IsActive = true LIMIT 1").remove(0);
    let deal = json!({"Name": "Long", "StageName": "Prospecting", "CloseDate": "2027-01-01", "Pricebook2Id": entry["Pricebook2Id"]});
    let id = org.sandbox.insert("Opportunity", deal.as_object().unwrap()).unwrap();
    for quantity in 1..=lines {
        let line = json!({"OpportunityId": id, "PricebookEntryId": entry["Id"], "Quantity": quantity, "UnitPrice": 1});
        org.sandbox.insert("OpportunityLineItem", line.as_object().unwrap()).unwrap();
    }
    (org, id)
}

async fn quantities(org: &Org, id: &str) -> Vec<u32> {
    let changes = org.read::<UnifiedInvoice>(Query::new()).await;
    let record =
        changes.into_iter().filter_map(Change::into_record).find(|record| record.id.as_str() == id).unwrap();
    record.model.lines.iter().map(|line| line.quantity.unwrap().try_into().unwrap()).collect()
}

#[tokio::test]
async fn a_deal_of_many_lines_has_them_all_once_and_in_order() {
    // A record carries 200 of them at most, and each further page here 30.
    for lines in [200, 201, 290] {
        let (org, id) = with_lines(lines).await;
        let found = quantities(&org, &id).await;
        assert_eq!(found, (1..=lines as u32).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn lines_survive_positions_that_are_lost() {
    let (org, id) = with_lines(290).await;
    org.sandbox.inject(Fault::new(FaultKind::ExpireLocator).on("query"));
    assert_eq!(quantities(&org, &id).await, (1..=290).collect::<Vec<_>>());
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Deal {
    opportunity_line_items: Option<QueryResult<Line>>,
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "Quantity")]
    quantity: f64,
}

#[tokio::test]
async fn the_rest_of_a_child_subquery_is_read_by_its_own_pages() {
    use futures::TryStreamExt;
    let (org, id) = with_lines(290).await;
    let soql = format!(
        "SELECT Id, (SELECT Quantity FROM OpportunityLineItems ORDER BY Id) FROM Opportunity WHERE Id = '{id}'"
    );
    let mut deals: Vec<Deal> = org.salesforce.query(&soql).try_collect().await.unwrap();
    let lines = deals.remove(0).opportunity_line_items.unwrap();
    assert!(!lines.done && lines.records.len() == 200 && lines.total_size == 290);
    let all = org.salesforce.rest(lines).await.unwrap();
    let found: Vec<u32> = all.iter().map(|line| line.quantity as u32).collect();
    assert_eq!(found, (1..=290).collect::<Vec<_>>());
    let none: Vec<Value> = org
        .salesforce
        .rest(serde_json::from_value(json!({"totalSize": 0, "done": true, "records": []})).unwrap())
        .await
        .unwrap();
    assert!(none.is_empty());
}
