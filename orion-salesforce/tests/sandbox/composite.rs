//! Collections, composite, batch, tree and graph.

use serde_json::{Value, json};

use crate::support::{Org, send};

fn account(name: &str) -> Value {
    json!({ "attributes": { "type": "Account" }, "Name": name })
}

/// An account that cannot be created.
fn bad() -> Value {
    json!({ "attributes": { "type": "Account" } })
}

#[tokio::test]
async fn a_collection_answers_one_outcome_per_record_in_order() {
    let org = Org::start().await;
    let records = json!([account("A"), bad(), account("C")]);
    let answer = org.post("composite/sobjects", &json!({ "allOrNone": false, "records": records })).await;
    assert_eq!(answer.status, 200);
    let items = answer.json();
    assert_eq!(
        (&items[0]["success"], &items[1]["success"], &items[2]["success"]),
        (&json!(true), &json!(false), &json!(true))
    );
    assert_eq!(items[1]["errors"][0]["statusCode"], "REQUIRED_FIELD_MISSING");
    assert_eq!(items[1]["errors"][0]["fields"], json!(["Name"]));
    assert_eq!(org.sandbox.row_count("Account"), 22);

    let (first, third) = (items[0]["id"].as_str().unwrap(), items[2]["id"].as_str().unwrap());
    let changes = json!({ "records": [
        { "attributes": { "type": "Account" }, "id": first, "Name": "A2" },
        { "attributes": { "type": "Account" }, "id": "001000000000000AAA", "Name": "x" },
    ]});
    let changed = org.patch("composite/sobjects", &changes).await.json();
    assert_eq!(changed[0], json!({ "id": first, "success": true, "errors": [] }));
    assert_eq!(changed[1]["errors"][0]["statusCode"], "INVALID_CROSS_REFERENCE_KEY");

    let wanted = json!({ "ids": [first, "001000000000000AAA", third], "fields": ["Name"] });
    let rows = org.post("composite/sobjects/Account", &wanted).await.json();
    assert_eq!((&rows[0]["Name"], &rows[1], &rows[2]["Name"]), (&json!("A2"), &Value::Null, &json!("C")));
    let listed = org.get(&format!("composite/sobjects/Account?ids={first}&fields=Id,Name")).await.json();
    assert_eq!(listed[0]["Id"], first);

    let gone =
        org.delete(&format!("composite/sobjects?ids={first},{third},bad&allOrNone=false")).await.json();
    assert_eq!(
        (&gone[0]["success"], &gone[1]["success"], &gone[2]["success"]),
        (&json!(true), &json!(true), &json!(false))
    );
    assert_eq!(gone[2]["errors"][0]["statusCode"], "MALFORMED_ID");
    assert_eq!(org.sandbox.row_count("Account"), 20);
}

#[tokio::test]
async fn all_or_none_undoes_the_whole_collection() {
    let org = Org::start().await;
    let body = json!({ "allOrNone": true, "records": [account("A"), bad(), account("C")] });
    let items = org.post("composite/sobjects", &body).await.json();
    for index in [0, 2] {
        assert_eq!(items[index]["errors"][0]["statusCode"], "ALL_OR_NONE_OPERATION_ROLLED_BACK");
        assert!(items[index].get("id").is_none());
    }
    assert_eq!(items[1]["errors"][0]["statusCode"], "REQUIRED_FIELD_MISSING");
    assert_eq!(org.sandbox.row_count("Account"), 20);
}

#[tokio::test]
async fn a_collection_upserts_by_external_id() {
    let org = Org::start().await;
    let records = |name: &str| {
        let record = |key: &str| json!({ "attributes": { "type": "Account" }, "External_Id__c": key, "Name": format!("{name} {key}") });
        json!({ "records": [record("k1"), record("k2"), { "attributes": { "type": "Account" }, "Name": "no key" }] })
    };
    let path = "composite/sobjects/Account/External_Id__c";
    let first = org.patch(path, &records("one")).await.json();
    assert_eq!((&first[0]["created"], &first[1]["created"]), (&json!(true), &json!(true)));
    assert_eq!(first[2]["errors"][0]["statusCode"], "MISSING_ARGUMENT");
    let second = org.patch(path, &records("two")).await.json();
    assert_eq!((&second[0]["created"], &second[0]["id"]), (&json!(false), &first[0]["id"]));
    assert_eq!(org.sandbox.row_count("Account"), 22);
}

#[tokio::test]
async fn a_collection_keeps_its_limits() {
    let org = Org::start().await;
    let many: Vec<Value> = (0..201).map(|n| account(&n.to_string())).collect();
    assert_eq!(org.post("composite/sobjects", &json!({ "records": many })).await.refusal().0, 400);
    let contact = json!({ "attributes": { "type": "Contact" }, "LastName": "x" });
    let mixed = |runs: usize| -> Vec<Value> {
        (0..runs).map(|n| if n % 2 == 0 { account("x") } else { contact.clone() }).collect()
    };
    assert_eq!(org.post("composite/sobjects", &json!({ "records": mixed(11) })).await.status, 400);
    assert_eq!(org.post("composite/sobjects", &json!({ "records": mixed(10) })).await.status, 200);
}

fn sub(method: &str, url: &str, id: &str, body: &Value) -> Value {
    let url = format!("/services/data/v60.0/{url}");
    json!({ "method": method, "url": url, "referenceId": id, "body": body })
}

#[tokio::test]
async fn a_composite_refers_to_earlier_results() {
    let org = Org::start().await;
    let body = json!({ "compositeRequest": [
        sub("POST", "sobjects/Account", "acc", &json!({ "Name": "Parent" })),
        sub("POST", "sobjects/Contact", "con", &json!({ "LastName": "Child of @{acc.id}", "AccountId": "@{acc.id}" })),
        sub("GET", "query?q=SELECT+Id,AccountId+FROM+Contact+WHERE+Id='@{con.id}'", "found", &Value::Null),
        sub("PATCH", "sobjects/Account/@{found.records[0].AccountId}", "renamed", &json!({ "Name": "Renamed" })),
        sub("POST", "composite/sobjects", "many", &json!({ "records": [account("M1")] })),
        sub("GET", "sobjects/Account/@{many[0].id}?fields=Name", "read", &Value::Null),
    ]});
    let answer = org.post("composite", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let all = answer.json()["compositeResponse"].clone();
    let statuses: Vec<u64> =
        all.as_array().unwrap().iter().map(|one| one["httpStatusCode"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [201, 201, 200, 204, 200, 200], "{all}");
    let id = all[0]["body"]["id"].as_str().unwrap();
    assert_eq!(all[0]["httpHeaders"]["Location"], format!("/services/data/v60.0/sobjects/Account/{id}"));
    assert_eq!((&all[3]["body"], &all[3]["referenceId"]), (&Value::Null, &json!("renamed")));
    assert_eq!(all[5]["body"]["Name"], "M1");
    assert_eq!(org.get(&format!("sobjects/Account/{id}?fields=Name")).await.json()["Name"], "Renamed");
}

#[tokio::test]
async fn a_failed_subrequest_halts_its_dependents_or_everything() {
    let org = Org::start().await;
    let subs = [
        sub("POST", "sobjects/Account", "good", &json!({ "Name": "Good" })),
        sub("POST", "sobjects/Account", "bad", &json!({})),
        sub("POST", "sobjects/Contact", "dependent", &json!({ "LastName": "x", "AccountId": "@{bad.id}" })),
        sub("POST", "sobjects/Account", "last", &json!({ "Name": "Last" })),
    ];
    let loose = org.post("composite", &json!({ "allOrNone": false, "compositeRequest": subs })).await.json();
    let loose = &loose["compositeResponse"];
    assert_eq!((&loose[0]["httpStatusCode"], &loose[3]["httpStatusCode"]), (&json!(201), &json!(201)));
    assert_eq!(loose[1]["body"][0]["errorCode"], "REQUIRED_FIELD_MISSING");
    assert_eq!(loose[2]["body"][0]["errorCode"], "PROCESSING_HALTED");
    assert_eq!(org.sandbox.row_count("Account"), 22);

    let strict = org.post("composite", &json!({ "allOrNone": true, "compositeRequest": subs })).await.json();
    let strict = &strict["compositeResponse"];
    assert_eq!(strict[1]["body"][0]["errorCode"], "REQUIRED_FIELD_MISSING");
    for index in [0, 2, 3] {
        assert_eq!(strict[index]["httpStatusCode"], 400);
        assert_eq!(strict[index]["body"][0]["errorCode"], "PROCESSING_HALTED");
    }
    assert_eq!(org.sandbox.row_count("Account"), 22);

    let inner = json!({ "allOrNone": false, "records": [account("I1"), bad()] });
    let outer = [sub("POST", "composite/sobjects", "inner", &inner)];
    org.post("composite", &json!({ "allOrNone": true, "compositeRequest": outer })).await;
    assert_eq!(org.sandbox.row_count("Account"), 22);
}

#[tokio::test]
async fn a_composite_that_breaks_the_rules_is_refused_whole() {
    let org = Org::start().await;
    let get = |id: &str| sub("GET", "limits", id, &Value::Null);
    let query = |n: usize| sub("GET", "query?q=SELECT+Id+FROM+Account", &format!("q{n}"), &Value::Null);
    let mut with_header = get("a");
    with_header["httpHeaders"] = json!({ "Accept": "application/json" });
    let too_many: Vec<Value> = (0..26).map(|n| get(&format!("r{n}"))).collect();
    let queries: Vec<Value> = (0..6).map(query).collect();
    for subs in [vec![get("a"), get("a")], vec![get("a-b")], vec![with_header], too_many, queries] {
        let answer = org.post("composite", &json!({ "compositeRequest": subs })).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
    }
}

#[tokio::test]
async fn a_batch_goes_on_or_halts_after_an_error() {
    let org = Org::start().await;
    let requests = json!([
        { "method": "GET", "url": "v60.0/limits" },
        { "method": "GET", "url": "v60.0/sobjects/Nothing" },
        { "method": "POST", "url": "/services/data/v60.0/sobjects/Account", "richInput": { "Name": "B" } },
    ]);
    let on = org.post("composite/batch", &json!({ "batchRequests": requests })).await.json();
    assert_eq!(on["hasErrors"], true);
    let codes = |body: &Value| -> Vec<u64> {
        body["results"].as_array().unwrap().iter().map(|one| one["statusCode"].as_u64().unwrap()).collect()
    };
    assert_eq!(codes(&on), [200, 404, 201]);
    let halted =
        org.post("composite/batch/", &json!({ "haltOnError": true, "batchRequests": requests })).await.json();
    assert_eq!(codes(&halted), [200, 404, 412]);
    assert_eq!(halted["results"][2]["result"][0]["errorCode"], "BATCH_PROCESSING_HALTED");
    assert_eq!(org.sandbox.row_count("Account"), 21);
}

#[tokio::test]
async fn a_tree_creates_parents_and_children_or_nothing() {
    let org = Org::start().await;
    let tree = |last_name: Value| {
        json!({ "records": [{
            "attributes": { "type": "Account", "referenceId": "a1" }, "Name": "Root",
            "Contacts": { "records": [
                { "attributes": { "type": "Contact", "referenceId": "c1" }, "LastName": "One" },
                { "attributes": { "type": "Contact", "referenceId": "c2" }, "LastName": last_name },
            ]},
        }]})
    };
    let failed = org.post("composite/tree/Account", &tree(Value::Null)).await;
    assert_eq!(failed.status, 400);
    assert_eq!(
        (&failed.json()["hasErrors"], &failed.json()["results"][0]["referenceId"]),
        (&json!(true), &json!("c2"))
    );
    assert_eq!(failed.json()["results"][0]["errors"][0]["statusCode"], "REQUIRED_FIELD_MISSING");
    assert_eq!(org.sandbox.row_count("Account"), 20);
    let done = org.post("composite/tree/Account/", &tree(json!("Two"))).await;
    assert_eq!(done.status, 201);
    let results = done.json()["results"].clone();
    assert_eq!(results.as_array().unwrap().len(), 3);
    let child = results.as_array().unwrap().iter().find(|one| one["referenceId"] == "c2").unwrap();
    let row =
        org.get(&format!("sobjects/Contact/{}?fields=AccountId", child["id"].as_str().unwrap())).await.json();
    assert_eq!(row["AccountId"], results[0]["id"]);
}

#[tokio::test]
async fn a_graph_succeeds_or_fails_as_a_whole() {
    let org = Org::start().await;
    let graph = |id: &str, name: &Value| {
        json!({ "graphId": id, "compositeRequest": [
            sub("POST", "sobjects/Account", "a", &json!({ "Name": "G" })),
            sub("POST", "sobjects/Contact", "c", &json!({ "LastName": name, "AccountId": "@{a.id}" })),
        ]})
    };
    let body = json!({ "graphs": [graph("1", &json!("ok")), graph("2", &Value::Null)] });
    let graphs = org.post("composite/graph", &body).await.json()["graphs"].clone();
    assert_eq!((&graphs[0]["isSuccessful"], &graphs[1]["isSuccessful"]), (&json!(true), &json!(false)));
    assert_eq!(graphs[0]["graphResponse"]["compositeResponse"][1]["httpStatusCode"], 201);
    assert_eq!(
        graphs[1]["graphResponse"]["compositeResponse"][0]["body"][0]["errorCode"],
        "PROCESSING_HALTED"
    );
    assert_eq!(org.sandbox.row_count("Account"), 21);
    assert_eq!(send(org.request(reqwest::Method::GET, "composite/graph")).await.status, 405);
}
