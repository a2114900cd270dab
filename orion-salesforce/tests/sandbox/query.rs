//! Queries and their pages.

use std::collections::HashSet;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Org, send, with_query};

/// Reads all pages; answers the ids and the number of pages.
async fn all_pages(org: &Org, first: Answer) -> (Vec<String>, usize) {
    let (mut ids, mut pages, mut page) = (Vec::new(), 1, first.json());
    loop {
        let records = page["records"].as_array().unwrap();
        ids.extend(records.iter().map(|record| record["Id"].as_str().unwrap().to_owned()));
        let Some(next) = page["nextRecordsUrl"].as_str().map(str::to_owned) else {
            assert_eq!(page["done"], true);
            return (ids, pages);
        };
        assert_eq!(page["done"], false);
        page = org.get(&next).await.json();
        pages += 1;
    }
}

#[tokio::test]
async fn a_query_is_paged_to_its_end_without_gaps() {
    let org = Org::with(|builder| builder.records(1_005)).await;
    let request = org.request(Method::GET, &with_query("query/", &[("q", "SELECT Id FROM Account")]));
    let first = send(request.header("sforce-query-options", "batchSize=200")).await;
    let body = first.json();
    assert_eq!((&body["totalSize"], body["records"].as_array().unwrap().len()), (&json!(1_005), 200));
    let url = body["nextRecordsUrl"].as_str().unwrap();
    let (locator, offset) = url.strip_prefix("/services/data/v60.0/query/").unwrap().split_once('-').unwrap();
    assert_eq!((locator.len(), locator.get(..3), offset), (18, Some("0r8"), "200"));
    let (ids, pages) = all_pages(&org, first).await;
    assert_eq!((ids.len(), pages), (1_005, 6));
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 1_005);
    let whole = org.query("SELECT Id FROM Account").await.json();
    assert_eq!((&whole["done"], whole["records"].as_array().unwrap().len()), (&json!(true), 1_005));
}

#[tokio::test]
async fn a_page_can_be_read_again_but_not_past_the_end_or_after_two_days() {
    let org = Org::with(|builder| builder.records(25).page_size(10)).await;
    let next =
        org.query("SELECT Id FROM Account").await.json()["nextRecordsUrl"].as_str().unwrap().to_owned();
    let (once, twice) = (org.get(&next).await, org.get(&next).await);
    assert_eq!(once.text, twice.text);
    let (locator, _) = next.rsplit_once('-').unwrap();
    let invalid = (400, "INVALID_QUERY_LOCATOR".to_owned());
    assert_eq!(org.get(&format!("{locator}-25")).await.refusal(), invalid);
    assert_eq!(org.get(&format!("{locator}-x")).await.refusal(), invalid);
    assert_eq!(org.get("query/0r8000000000000000-10").await.refusal(), invalid);
    org.sandbox.advance(Duration::from_secs(2 * 86_400));
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", org.sandbox.client_id()),
        ("client_secret", org.sandbox.client_secret()),
    ];
    let token =
        org.form("/services/oauth2/token", &form).await.json()["access_token"].as_str().unwrap().to_owned();
    let late = org.http.get(format!("{}{next}", org.sandbox.base_url())).bearer_auth(token);
    assert_eq!(send(late).await.refusal(), invalid);
}

#[tokio::test]
async fn the_eleventh_cursor_closes_the_oldest_but_finished_ones_first() {
    let org = Org::with(|builder| builder.records(15).page_size(10)).await;
    let open = async || {
        org.query("SELECT Id FROM Account").await.json()["nextRecordsUrl"].as_str().unwrap().to_owned()
    };
    let first = open().await;
    let finished = open().await;
    assert_eq!(org.get(&finished).await.json()["done"], true);
    for _ in 0..9 {
        open().await;
    }
    assert_eq!(org.get(&first).await.status, 200);
    for _ in 0..2 {
        open().await;
    }
    let second = org.query("SELECT Id FROM Account").await;
    assert_eq!(second.status, 200);
    for _ in 0..10 {
        open().await;
    }
    assert_eq!(org.get(&first).await.refusal(), (400, "INVALID_QUERY_LOCATOR".into()));
}

#[tokio::test]
async fn child_rows_come_nested_and_a_long_child_result_is_paged() {
    let org = Org::with(|builder| builder.records(1)).await;
    let account = org.account("Parent of many").await;
    let mut made = HashSet::new();
    for chunk in 0..3 {
        let records: Vec<Value> = (0..200)
            .map(|n| {
                let name = format!("Child {}", chunk * 200 + n);
                json!({ "attributes": { "type": "Contact" }, "LastName": name, "AccountId": account })
            })
            .collect();
        let answer = org.post("composite/sobjects", &json!({ "records": records })).await.json();
        made.extend(answer.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
    }
    let soql = format!("SELECT Id, (SELECT Id, LastName FROM Contacts) FROM Account WHERE Id = '{account}'");
    let body = org.query(&soql).await.json();
    assert_eq!(body["done"], true);
    let mut children = body["records"][0]["Contacts"].clone();
    assert_eq!((&children["totalSize"], &children["done"]), (&json!(600), &json!(false)));
    let mut found = HashSet::new();
    loop {
        let records = children["records"].as_array().unwrap();
        found.extend(records.iter().map(|record| record["Id"].as_str().unwrap().to_owned()));
        let Some(next) = children["nextRecordsUrl"].as_str().map(str::to_owned) else { break };
        children = org.get(&next).await.json();
    }
    assert_eq!(found, made);
}

#[tokio::test]
async fn query_all_sees_the_recycle_bin() {
    let org = Org::start().await;
    let id = org.account("Thrown away").await;
    org.delete(&format!("sobjects/Account/{id}")).await;
    let soql = format!("SELECT Id, IsDeleted FROM Account WHERE Id = '{id}'");
    assert_eq!(org.query(&soql).await.json()["totalSize"], 0);
    let all = org.get(&with_query("queryAll/", &[("q", &soql)])).await.json();
    assert_eq!(all["records"][0]["IsDeleted"], true);
}

#[tokio::test]
async fn a_bad_query_says_what_is_wrong_with_it() {
    let org = Org::start().await;
    for (soql, code) in [
        ("SELECT Id FROM", "MALFORMED_QUERY"),
        ("SELECT Nmae FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Acount", "INVALID_TYPE"),
        ("", "MALFORMED_QUERY"),
    ] {
        assert_eq!(org.query(soql).await.refusal(), (400, code.into()), "{soql}");
    }
    assert_eq!(org.get("query").await.refusal(), (400, "MALFORMED_QUERY".into()));
    let plan = org.get(&with_query("query", &[("explain", "SELECT Id FROM Account")])).await.json();
    assert_eq!(plan["plans"][0]["sobjectType"], "Account");
}

#[tokio::test]
async fn counts_and_groups_have_their_own_shapes() {
    let org = Org::start().await;
    let count = org.query("SELECT COUNT() FROM Account").await.json();
    assert_eq!(count, json!({ "totalSize": 20, "done": true, "records": [] }));
    let sum = org.query("SELECT COUNT(Id) FROM Account").await.json();
    assert_eq!(sum["records"][0]["attributes"]["type"], "AggregateResult");
    assert_eq!(sum["records"][0]["expr0"], 20);
}
