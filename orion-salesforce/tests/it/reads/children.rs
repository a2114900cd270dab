//! Lines that do not fit into their record's page.

use http::Method;
use orion_core::{
    AdapterExt, Change, Query, Record, UnifiedInvoice, Write, WriteOptions,
    testing::{Reply, Script},
};
use orion_salesforce::{
    Auth, Config, QueryResult, Salesforce,
    sandbox::{EXPIRE_LOCATOR, Fault},
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
    org.sandbox.inject(Fault::new(EXPIRE_LOCATOR).on("query"));
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

const BASE: &str = "/services/data/v62.0";

/// An org whose deals' lines have fields of its own, as the vendor's documentation has it.
fn scripted() -> (Script, Salesforce) {
    let field = |name: &str, custom: bool, writable: bool| json!({"name": name, "type": "string", "custom": custom, "createable": writable, "updateable": writable});
    let line = json!({"name": "OpportunityLineItem", "fields": [
        field("Id", false, false), field("Colour__c", true, true), field("Margin__c", true, false), field("SortOrder", false, true),
        {"name": "Where__c", "type": "location", "custom": true},
    ]});
    let deal =
        json!({"name": "Opportunity", "fields": [field("Id", false, false), field("Name", false, true)]});
    let rows = json!({"totalSize": 1, "done": true, "records": [{"Id": "006A", "Name": "Anvils", "OpportunityLineItems": {
    "totalSize": 1, "done": true, "records": [
        {"attributes": {"type": "OpportunityLineItem"}, "Id": "00kA", "Quantity": 2, "Colour__c": "red", "Margin__c": 0.1, "Description": null}
    ]}}]});
    let script = Script::new()
        .on(Method::GET, &format!("{BASE}/sobjects/Opportunity/describe"))
        .reply(200, deal)
        .on(Method::GET, &format!("{BASE}/sobjects/OpportunityLineItem/describe"))
        .reply(200, line)
        .on(Method::GET, &format!("{BASE}/query"))
        .reply(200, rows);
    let base = url::Url::parse("https://acme.my.salesforce.test").unwrap();
    let auth = Auth::AccessToken { access_token: "t".into(), instance_url: base.clone() };
    (script.clone(), Salesforce::builder(Config::new(base, auth), script).build().unwrap())
}

#[tokio::test]
async fn custom_fields_of_lines_are_read_and_written_back() {
    let (script, salesforce) = scripted();
    let page = salesforce.page::<UnifiedInvoice>(&Query::new()).await.unwrap();
    assert!(page.rejected.is_empty(), "{:?}", page.rejected);
    let mut deal: Record<UnifiedInvoice> = page.changes.into_iter().find_map(Change::into_record).unwrap();
    let soql = script.requests()[2].query("q").unwrap();
    assert!(soql.contains("ServiceDate, Colour__c, Margin__c FROM OpportunityLineItems"), "{soql}");
    let extra = &mut deal.model.lines[0].extra;
    assert_eq!((extra.text("Colour__c"), extra.get("Margin__c")), (Some("red"), Some(&json!(0.1))));
    assert_eq!(extra.len(), 2);

    extra.insert("Colour__c", "blue");
    let collections = format!("{BASE}/composite/sobjects");
    let saved = |id: &str| Reply::json(200, json!([{"id": id, "success": true, "errors": []}]));
    let script = script.on(Method::PATCH, &collections).then(saved("006A")).then(saved("00kA"));
    salesforce.write(&WriteOptions::update(), &[deal]).await.unwrap().remove(0).unwrap();
    script.assert_done();
    let sent: Value = script.requests().last().unwrap().json().unwrap();
    let line = &sent["records"][0];
    assert_eq!((&line["id"], &line["Colour__c"]), (&json!("00kA"), &json!("blue")));
    assert!(line.get("Margin__c").is_none(), "Salesforce computes it: {line}");
}
