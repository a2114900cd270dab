//! Rows by id and by external id, describe, and what has changed.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Org, send, with_query};

#[tokio::test]
async fn a_row_is_created_read_changed_and_deleted() {
    let org = Org::start().await;
    let created =
        org.post("sobjects/Account/", &json!({ "Name": "Zoë's \"Café\" 𝄞", "NumberOfEmployees": 7 })).await;
    assert_eq!(created.status, 201);
    let id = created.json()["id"].as_str().unwrap().to_owned();
    assert_eq!((id.len(), id.get(..3)), (18, Some("001")));
    assert_eq!(created.json(), json!({ "id": id, "success": true, "errors": [] }));
    let path = format!("sobjects/Account/{id}");
    assert_eq!(created.header("location"), format!("/services/data/v60.0/{path}"));

    let row = org.get(&format!("{path}?fields=Name,NumberOfEmployees")).await.json();
    let attributes = json!({ "type": "Account", "url": format!("/services/data/v60.0/{path}") });
    assert_eq!(row["attributes"], attributes);
    assert_eq!((&row["Name"], &row["NumberOfEmployees"]), (&json!("Zoë's \"Café\" 𝄞"), &json!(7)));
    assert_eq!(row.get("Industry"), None);

    let patched = org.patch(&path, &json!({ "Name": "Next", "NumberOfEmployees": null })).await;
    assert_eq!((patched.status.as_u16(), patched.text.as_str()), (204, ""));
    let short = format!("sobjects/Account/{}", id.get(..15).unwrap());
    let row = org.get(&short).await.json();
    assert_eq!(
        (&row["Name"], &row["NumberOfEmployees"], &row["Id"]),
        (&json!("Next"), &Value::Null, &json!(id))
    );

    assert_eq!(org.delete(&path).await.status, 204);
    assert_eq!(org.get(&path).await.refusal().0, 404);
    assert_eq!(org.delete(&path).await.refusal(), (404, "ENTITY_IS_DELETED".into()));
}

#[tokio::test]
async fn a_client_without_patch_overrides_the_method() {
    let org = Org::start().await;
    let id = org.account("Old").await;
    let answer =
        org.post(&format!("sobjects/Account/{id}?_HttpMethod=PATCH"), &json!({ "Name": "New" })).await;
    assert_eq!(answer.status, 204);
    assert_eq!(org.get(&format!("sobjects/Account/{id}?fields=Name")).await.json()["Name"], "New");
}

#[tokio::test]
async fn a_bad_write_is_refused_with_its_code_and_fields() {
    let org = Org::start().await;
    let id = org.account("A").await;
    let path = format!("sobjects/Account/{id}");
    for (body, code) in [
        (json!({ "Nmae": "x" }), "INVALID_FIELD"),
        (json!({ "Name": null }), "REQUIRED_FIELD_MISSING"),
        (json!({ "Id": id }), "INVALID_FIELD"),
        (json!({ "NumberOfEmployees": "many" }), "JSON_PARSER_ERROR"),
        (json!({ "Name": "x".repeat(256) }), "STRING_TOO_LONG"),
    ] {
        let answer = org.patch(&path, &body).await;
        assert_eq!(answer.refusal(), (400, code.into()), "{body}: {}", answer.text);
    }
    let missing = org.post("sobjects/Contact", &json!({ "FirstName": "No last name" })).await;
    assert_eq!(missing.refusal(), (400, "REQUIRED_FIELD_MISSING".into()));
    assert_eq!(missing.json()[0]["fields"], json!(["LastName"]));
    assert_eq!(org.get("sobjects/Account/001000000000000AAA").await.refusal(), (404, "NOT_FOUND".into()));
    assert_eq!(org.get("sobjects/Account/nonsense").await.status, 400);
}

#[tokio::test]
async fn an_upsert_creates_then_updates_and_answers_by_version() {
    let org = Org::start().await;
    let path = "sobjects/Account/External_Id__c/A%2F1";
    let created = org.patch(path, &json!({ "Name": "One" })).await;
    assert_eq!(created.status, 201);
    assert_eq!((&created.json()["created"], &created.json()["success"]), (&json!(true), &json!(true)));
    let id = created.json()["id"].clone();
    let updated = org.patch(path, &json!({ "Name": "Two" })).await;
    assert_eq!(updated.status, 200);
    assert_eq!(updated.json(), json!({ "id": id, "success": true, "errors": [], "created": false }));
    let old = org.patch(&format!("/services/data/v45.0/{path}"), &json!({ "Name": "Three" })).await;
    assert_eq!((old.status.as_u16(), old.text.as_str()), (204, ""));
    let row = org.get(path).await.json();
    assert_eq!((&row["Name"], &row["External_Id__c"], &row["Id"]), (&json!("Three"), &json!("A/1"), &id));

    assert_eq!(
        org.patch(path, &json!({ "External_Id__c": "B" })).await.refusal(),
        (400, "INVALID_FIELD".into())
    );
    let only =
        org.patch("sobjects/Account/External_Id__c/none?updateOnly=true", &json!({ "Name": "x" })).await;
    assert_eq!(only.refusal(), (404, "NOT_FOUND".into()));
    assert_eq!(org.get("sobjects/Account/External_Id__c/none").await.refusal(), (404, "NOT_FOUND".into()));
    assert_eq!(org.get("sobjects/Account/Nothing__c/1").await.status, 404);
    assert_eq!(org.delete(path).await.status, 204);
    assert_eq!(org.get(path).await.status, 404);
}

#[tokio::test]
async fn describe_is_sent_once_and_then_not_modified() {
    let org = Org::start().await;
    let all = org.get("sobjects").await.json();
    let names: Vec<&str> =
        all["sobjects"].as_array().unwrap().iter().filter_map(|o| o["name"].as_str()).collect();
    for name in ["Account", "Contact", "Lead", "Opportunity", "OpportunityLineItem", "Product2", "User"] {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
    let first = org.get("sobjects/Account/describe").await;
    assert!(first.json()["fields"].as_array().unwrap().iter().any(|field| field["name"] == "External_Id__c"));
    let changed = first.header("last-modified");
    let again = org.request(Method::GET, "sobjects/Account/describe").header("if-modified-since", changed);
    assert_eq!(send(again).await.status, 304);
    let before = "Sat, 01 Jan 2000 00:00:00 GMT";
    let again = org.request(Method::GET, "sobjects/Account/describe").header("if-modified-since", before);
    assert_eq!(send(again).await.status, 200);
    let id = org.account("Seen").await;
    let basic = org.get("sobjects/Account").await.json();
    assert_eq!(basic["objectDescribe"]["name"], "Account");
    assert_eq!(basic["recentItems"][0]["Id"], id);
    assert_eq!(org.get("recent?limit=1").await.json()[0]["Name"], "Seen");
}

#[tokio::test]
async fn what_was_updated_and_deleted_is_listed_for_a_window() {
    let org = Org::start().await;
    let stamp = |org: &Org, after: i64| {
        let at = org.sandbox.now() + chrono::TimeDelta::seconds(after);
        at.format("%Y-%m-%dT%H:%M:%S%%2B00:00").to_string()
    };
    org.sandbox.advance(Duration::from_secs(3600));
    let start = stamp(&org, -1);
    let (kept, gone) = (org.account("Kept").await, org.account("Gone").await);
    org.delete(&format!("sobjects/Account/{gone}")).await;
    org.sandbox.advance(Duration::from_secs(60));
    let window = format!("start={start}&end={}", stamp(&org, 0));
    let updated = org.get(&format!("sobjects/Account/updated/?{window}")).await.json();
    assert_eq!(updated["ids"], json!([kept]));
    assert!(updated["latestDateCovered"].is_string());
    let deleted = org.get(&format!("sobjects/Account/deleted/?{window}")).await.json();
    assert_eq!(deleted["deletedRecords"][0]["id"], gone);
    assert_eq!(deleted["deletedRecords"].as_array().unwrap().len(), 1);
    let backwards = format!("sobjects/Account/updated/?start={}&end={start}", stamp(&org, 0));
    assert_eq!(org.get(&backwards).await.refusal(), (400, "INVALID_REPLICATION_DATE".into()));
}

#[tokio::test]
async fn a_parent_is_reached_through_its_relationship() {
    let org = Org::start().await;
    let account = org.account("Parent").await;
    let body = json!({ "LastName": "Child", "AccountId": account });
    let contact = org.post("sobjects/Contact", &body).await.json()["id"].as_str().unwrap().to_owned();
    let parent = org.get(&format!("sobjects/Contact/{contact}/Account?fields=Name")).await.json();
    assert_eq!((&parent["attributes"]["type"], &parent["Name"]), (&json!("Account"), &json!("Parent")));
    let children = org.get(&format!("sobjects/Account/{account}/Contacts?fields=LastName")).await.json();
    assert_eq!((&children["totalSize"], &children["records"][0]["LastName"]), (&json!(1), &json!("Child")));
    let whole = org.get(&format!("sobjects/Account/{account}/Contacts/")).await.json();
    assert_eq!(whole["records"][0]["AccountId"], account);
    assert_eq!(org.get(&format!("sobjects/Contact/{contact}/Nobody")).await.status, 404);
}

#[tokio::test]
async fn rows_are_found_by_words_in_their_name() {
    let org = Org::start().await;
    let id = org.account("Zyx 100% \"Wool\" O'Hara").await;
    let sosl = with_query("search/", &[("q", "FIND {zyx O\\'Hara} RETURNING Account(Id, Name), Contact")]);
    let found = org.get(&sosl).await.json();
    let records = found["searchRecords"].as_array().unwrap();
    assert_eq!(
        (records.len(), &records[0]["Id"], &records[0]["attributes"]["type"]),
        (1, &json!(id), &json!("Account"))
    );
    let listed =
        org.get("parameterizedSearch/?q=100%25&sobject=Account&Account.fields=Name&in=NAME").await.json();
    assert_eq!(listed["searchRecords"][0]["Name"], "Zyx 100% \"Wool\" O'Hara");
    let body = json!({ "q": "zy*wool", "sobjects": [{ "name": "Account", "fields": ["Id"], "limit": 1 }] });
    assert_eq!(org.post("parameterizedSearch", &body).await.json()["searchRecords"][0]["Id"], id);
    assert_eq!(org.get("search?q=FIND").await.refusal(), (400, "MALFORMED_SEARCH".into()));
    assert_eq!(org.get("parameterizedSearch?q=x").await.refusal(), (400, "MALFORMED_SEARCH".into()));
}
