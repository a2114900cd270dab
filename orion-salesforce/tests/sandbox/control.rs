//! The control API that tests in any language use.

use serde_json::{Value, json};

use crate::support::Org;

#[tokio::test]
async fn the_log_lists_what_was_asked_and_can_be_cleared() {
    let org = Org::start().await;
    org.query("SELECT Id FROM Account LIMIT 1").await;
    org.post("/_sandbox/faults", &json!({ "kind": "503", "match": "GET limits", "count": 1 })).await;
    org.get("limits").await;
    let log = org.get("/_sandbox/log").await.json();
    let requests = log["requests"].as_array().unwrap();
    assert_eq!(requests.len(), 2);
    let (query, limits) = (&requests[0], &requests[1]);
    assert_eq!(
        (&query["method"], &query["path"], &query["status"]),
        (&json!("GET"), &json!("/services/data/v60.0/query"), &json!(200))
    );
    assert_eq!(query["query"], "q=SELECT+Id+FROM+Account+LIMIT+1");
    assert_eq!((&limits["status"], &limits["fault"]), (&json!(503), &json!("503")));
    assert_eq!(log["counts"], json!({ "GET query": 1, "GET limits": 1 }));
    assert_eq!(org.sandbox.counts()["GET query"], 1);
    assert_eq!(org.delete("/_sandbox/log").await.status, 204);
    assert_eq!(org.get("/_sandbox/log").await.json()["requests"], json!([]));
}

#[tokio::test]
async fn faults_are_shown_added_and_cleared() {
    let org = Org::start().await;
    let shown = org
        .post("/_sandbox/faults", &json!([{ "kind": "500", "count": 1 }, { "kind": "reset", "every": 99 }]))
        .await;
    assert_eq!(shown.json()["rules"].as_array().unwrap().len(), 2);
    assert_eq!(org.get("limits").await.status, 500);
    let now = org.get("/_sandbox/faults").await.json();
    assert_eq!((&now["rules"][0]["fired"], &now["injected"]), (&json!(1), &json!({ "500": 1 })));
    let refused = org.post("/_sandbox/faults", &json!({ "kind": "teapot" })).await;
    assert_eq!(refused.status, 400);
    assert!(refused.json()["error"].as_str().unwrap().contains("teapot"));
    assert_eq!(org.delete("/_sandbox/faults").await.status, 204);
    assert_eq!(org.get("/_sandbox/faults").await.json()["rules"], json!([]));
    let rate =
        org.post("/_sandbox/faults", &json!({ "rate": 1.0, "kinds": ["503"], "seed": 3 })).await.json();
    assert_eq!(rate["rate"], 1.0);
    assert_eq!(org.get("limits").await.status, 503);
}

#[tokio::test]
async fn the_clock_moves_forward_and_sessions_with_it() {
    let org = Org::start().await;
    let before = org.sandbox.now();
    let moved = org.post("/_sandbox/clock", &json!({ "advance_seconds": 7200 })).await;
    assert_eq!(moved.status, 200);
    assert!((org.sandbox.now() - before).num_seconds() >= 7200);
    assert_eq!(org.get("limits").await.status, 401);
    assert_eq!(org.post("/_sandbox/clock", &json!({ "advance_seconds": -1 })).await.status, 400);
}

#[tokio::test]
async fn the_truth_can_be_read_past_the_api() {
    let org = Org::start().await;
    let truth = org.get("/_sandbox/truth?object=Account").await.json();
    assert_eq!((&truth["count"], truth["rows"].as_array().unwrap().len()), (&json!(20), 20));
    assert_eq!(truth["rows"], Value::Array(org.sandbox.dump("Account").unwrap()));
    let some = org.get("/_sandbox/truth?q=SELECT+Id+FROM+Account+LIMIT+3").await.json();
    assert_eq!(some["rows"].as_array().unwrap().len(), 3);
    assert_eq!(org.get("/_sandbox/truth?object=Nothing").await.status, 400);
    assert_eq!(org.get("/_sandbox/truth").await.status, 400);
    assert_eq!(org.post("/_sandbox/deliver", &json!({ "kind": "event" })).await.status, 400);
    assert_eq!(org.get("/_sandbox/unknown").await.status, 404);
}

#[tokio::test]
async fn rows_can_be_changed_past_the_api() {
    let org = Org::start().await;
    let fields = |value: Value| value.as_object().unwrap().clone();
    let id = org.sandbox.insert("Account", &fields(json!({ "Name": "Direct" }))).unwrap();
    org.sandbox.update("Account", &id, &fields(json!({ "Name": "Changed" }))).unwrap();
    assert_eq!(org.get(&format!("sobjects/Account/{id}?fields=Name")).await.json()["Name"], "Changed");
    org.sandbox.delete("Account", &id).unwrap();
    assert_eq!(org.get(&format!("sobjects/Account/{id}")).await.status, 404);
    let refused = org.sandbox.insert("Account", &fields(json!({}))).unwrap_err();
    assert!(refused.to_string().starts_with("REQUIRED_FIELD_MISSING: "), "{refused}");
}

#[tokio::test]
async fn no_secret_is_in_the_debug_form() {
    let org = Org::start().await;
    let shown = format!("{:?} {:?}", org.sandbox, orion_salesforce::sandbox::Sandbox::builder());
    for secret in [
        org.sandbox.access_token(),
        org.sandbox.refresh_token(),
        org.sandbox.client_secret(),
        org.sandbox.password(),
        org.sandbox.security_token(),
    ] {
        assert!(secret.len() > 8 && !shown.contains(secret));
    }
}
