//! Bulk API 2.0 jobs from creation to their results.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use orion_salesforce::sandbox::{Fault, LOCK_ROW};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Org, send, with_query};

async fn create(org: &Org, body: &Value) -> Value {
    let answer = org.post("jobs/ingest", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

async fn upload(org: &Org, job: &Value, csv: &str) -> Answer {
    let url = format!("/{}", job["contentUrl"].as_str().unwrap());
    send(org.request(Method::PUT, &url).header("content-type", "text/csv").body(csv.to_owned())).await
}

async fn finished(org: &Org, kind: &str, job: &Value) -> Value {
    let path = format!("jobs/{kind}/{}", job["id"].as_str().unwrap());
    loop {
        let now = org.get(&path).await.json();
        if !matches!(now["state"].as_str(), Some("UploadComplete" | "InProgress")) {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn close(org: &Org, job: &Value) -> Answer {
    let path = format!("jobs/ingest/{}", job["id"].as_str().unwrap());
    org.patch(&path, &json!({ "state": "UploadComplete" })).await
}

/// Runs a whole ingest job.
async fn ingest(org: &Org, body: &Value, csv: &str) -> Value {
    let job = create(org, body).await;
    let uploaded = upload(org, &job, csv).await;
    assert_eq!((uploaded.status.as_u16(), uploaded.text.as_str()), (201, ""));
    assert_eq!(close(org, &job).await.json()["state"], "UploadComplete");
    finished(org, "ingest", &job).await
}

/// A result file's rows, by column.
async fn results(org: &Org, kind: &str, job: &Value, file: &str) -> Vec<BTreeMap<String, String>> {
    let answer = org.get(&format!("jobs/{kind}/{}/{file}", job["id"].as_str().unwrap())).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.header("content-type").starts_with("text/csv"));
    rows(&answer.text)
}

fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(text.as_bytes()).into_deserialize().map(Result::unwrap).collect()
}

fn insert() -> Value {
    json!({ "object": "Account", "operation": "insert", "contentType": "CSV", "lineEnding": "LF" })
}

#[tokio::test]
async fn an_insert_job_goes_through_its_states_and_reports_each_row() {
    let org = Org::start().await;
    let job = create(&org, &insert()).await;
    let id = job["id"].as_str().unwrap();
    assert_eq!((id.len(), id.get(..3), &job["state"]), (18, Some("750"), &json!("Open")));
    assert_eq!(job["contentUrl"], format!("services/data/v60.0/jobs/ingest/{id}/batches"));
    assert_eq!((&job["apiVersion"], &job["columnDelimiter"]), (&json!(60.0), &json!("COMMA")));
    let csv = "Name,NumberOfEmployees\n\"Quoted, \"\"name\"\"\nover two lines\",5\nPlain,\n,7\nToo many,x\n";
    assert_eq!(upload(&org, &job, csv).await.status, 201);
    assert_eq!(upload(&org, &job, csv).await.refusal().0, 400);
    assert_eq!(close(&org, &job).await.status, 200);
    let done = finished(&org, "ingest", &job).await;
    assert_eq!(done["state"], "JobComplete", "{done}");
    assert_eq!((&done["numberRecordsProcessed"], &done["numberRecordsFailed"]), (&json!(4), &json!(2)));
    assert_eq!(done["jobType"], "V2Ingest");

    let good = results(&org, "ingest", &job, "successfulResults/").await;
    let names: BTreeSet<&str> = good.iter().map(|row| row["Name"].as_str()).collect();
    assert_eq!(names, ["Plain", "Quoted, \"name\"\nover two lines"].into());
    assert!(good.iter().all(|row| row["sf__Created"] == "true" && row["sf__Id"].len() == 18));
    let failed = results(&org, "ingest", &job, "failedResults").await;
    let unnamed = failed.iter().find(|row| row["Name"].is_empty()).unwrap();
    assert_eq!(unnamed["sf__Error"], "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --");
    assert_eq!(org.sandbox.row_count("Account"), 22);
    for spelling in ["unprocessedrecords", "unprocessedRecords"] {
        let answer = org.get(&format!("jobs/ingest/{id}/{spelling}")).await;
        assert_eq!((answer.status.as_u16(), answer.text.trim()), (200, "\"Name\",\"NumberOfEmployees\""));
    }
}

#[tokio::test]
async fn an_update_leaves_empty_cells_and_nulls_by_na() {
    let org = Org::start().await;
    let body = json!({ "Name": "Old", "Industry": "Banking", "NumberOfEmployees": 5 });
    let id = org.post("sobjects/Account", &body).await.json()["id"].as_str().unwrap().to_owned();
    let job = json!({ "object": "Account", "operation": "update", "columnDelimiter": "PIPE", "lineEnding": "CRLF" });
    let done = ingest(&org, &job, &format!("Id|Name|Industry|NumberOfEmployees\r\n{id}|New||#N/A\r\n")).await;
    assert_eq!((&done["state"], &done["numberRecordsFailed"]), (&json!("JobComplete"), &json!(0)), "{done}");
    let row = org.get(&format!("sobjects/Account/{id}")).await.json();
    assert_eq!(
        (&row["Name"], &row["Industry"], &row["NumberOfEmployees"]),
        (&json!("New"), &json!("Banking"), &Value::Null)
    );
    let answer = org.get(&format!("jobs/ingest/{}/successfulResults", done["id"].as_str().unwrap())).await;
    assert!(answer.text.starts_with("\"sf__Id\"|\"sf__Created\"|\"Id\"|"), "{}", answer.text);
    assert!(answer.text.ends_with("\r\n"));
}

#[tokio::test]
async fn an_upsert_resolves_parents_by_their_external_id() {
    let org = Org::start().await;
    let job = json!({ "object": "Account", "operation": "upsert", "externalIdFieldName": "External_Id__c" });
    let done = ingest(&org, &job, "External_Id__c,Name\nP1,Parent\n").await;
    assert_eq!(done["externalIdFieldName"], "External_Id__c");
    let again = ingest(&org, &job, "Name,External_Id__c\nRenamed,P1\nNo key,\n").await;
    assert_eq!(results(&org, "ingest", &again, "successfulResults").await[0]["sf__Created"], "false");
    assert!(
        results(&org, "ingest", &again, "failedResults").await[0]["sf__Error"]
            .starts_with("MISSING_ARGUMENT:")
    );
    let contacts = json!({ "object": "Contact", "operation": "insert" });
    let done = ingest(&org, &contacts, "LastName,Account.External_Id__c\nChild,P1\nOrphan,nobody\n").await;
    assert_eq!(done["numberRecordsFailed"], 1);
    let found = org.query("SELECT Account.Name FROM Contact WHERE LastName = 'Child'").await.json();
    assert_eq!(found["records"][0]["Account"]["Name"], "Renamed");
}

#[tokio::test]
async fn deletes_go_to_the_bin_and_hard_deletes_do_not() {
    let org = Org::start().await;
    let (soft, hard) = (org.account("Soft").await, org.account("Hard").await);
    for (operation, id) in [("delete", &soft), ("hardDelete", &hard)] {
        let job = json!({ "object": "Account", "operation": operation });
        let done = ingest(&org, &job, &format!("Id\n{id}\n001000000000000AAA\n")).await;
        assert_eq!(
            (&done["numberRecordsProcessed"], &done["numberRecordsFailed"]),
            (&json!(2), &json!(1)),
            "{done}"
        );
    }
    let soql = format!("SELECT Id FROM Account WHERE Id IN ('{soft}', '{hard}')");
    let all = org.get(&with_query("queryAll", &[("q", &soql)])).await.json();
    assert_eq!((&all["totalSize"], &all["records"][0]["Id"]), (&json!(1), &json!(soft)));
}

#[tokio::test]
async fn data_that_does_not_fit_the_job_fails_it() {
    let org = Org::start().await;
    let ids = json!({ "object": "Account", "operation": "delete" });
    for (job, csv, error) in [
        (insert(), "Name,Nmae\nA,B\n", "InvalidBatch : Field name not found : Nmae"),
        (insert(), "Name;Industry\nA;B\n", "InvalidBatch : Field name not found : Name;Industry"),
        (
            insert(),
            "Name\r\nA\r\n",
            "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF",
        ),
        (insert(), "Name,Industry\nA\n", "InvalidBatch : Row 2 has 1 columns, the header has 2"),
        (ids, "Id,Name\n1,2\n", "InvalidBatch : 'delete' batches must contain only ids"),
    ] {
        let done = ingest(&org, &job, csv).await;
        assert_eq!((&done["state"], &done["errorMessage"]), (&json!("Failed"), &json!(error)));
    }
    assert_eq!(org.sandbox.row_count("Account"), 20);
}

#[tokio::test]
async fn a_job_that_cannot_be_is_refused_at_once() {
    let org = Org::start().await;
    for body in [
        json!({ "object": "Nothing__c", "operation": "insert" }),
        json!({ "object": "Account", "operation": "merge" }),
        json!({ "object": "Account", "operation": "upsert" }),
        json!({ "object": "Account", "operation": "upsert", "externalIdFieldName": "Nope__c" }),
    ] {
        assert_eq!(org.post("jobs/ingest", &body).await.status, 400, "{body}");
    }
    assert_eq!(org.get("jobs/ingest/7500000000000000AA").await.refusal(), (404, "NOT_FOUND".into()));
}

#[tokio::test]
async fn a_job_is_aborted_or_deleted_only_where_it_may_be() {
    let org = Org::with(|builder| builder.records(1).bulk_delay(Duration::from_secs(3600))).await;
    let open = create(&org, &insert()).await;
    let path = format!("jobs/ingest/{}", open["id"].as_str().unwrap());
    assert_eq!(org.delete(&path).await.refusal().0, 400);
    assert_eq!(upload(&org, &open, "Name\nA\n").await.status, 201);
    assert_eq!(close(&org, &open).await.status, 200);
    assert_eq!(org.get(&format!("{path}/successfulResults")).await.refusal().0, 400);
    let aborted = org.patch(&path, &json!({ "state": "Aborted" })).await;
    assert_eq!(aborted.json()["state"], "Aborted");
    assert_eq!(org.patch(&path, &json!({ "state": "UploadComplete" })).await.refusal().0, 400);
    assert_eq!(results(&org, "ingest", &open, "unprocessedrecords").await[0]["Name"], "A");
    let listed = org.get("jobs/ingest").await.json();
    assert_eq!((&listed["done"], &listed["records"][0]["id"]), (&json!(true), &open["id"]));
    let gone = org.delete(&path).await;
    assert_eq!((gone.status.as_u16(), gone.text.as_str()), (204, ""));
    assert_eq!(org.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_slow_job_follows_the_sandbox_clock() {
    let org = Org::with(|builder| builder.records(1).bulk_delay(Duration::from_secs(3600))).await;
    let job = create(&org, &insert()).await;
    upload(&org, &job, "Name\nA\n").await;
    close(&org, &job).await;
    let path = format!("jobs/ingest/{}", job["id"].as_str().unwrap());
    assert_eq!(org.get(&path).await.json()["state"], "UploadComplete");
    org.sandbox.advance(Duration::from_secs(3600));
    while org.get(&path).await.json()["state"] != "InProgress" {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    org.sandbox.advance(Duration::from_secs(3600));
    assert_eq!(finished(&org, "ingest", &job).await["state"], "JobComplete");
}

#[tokio::test]
async fn job_and_data_can_come_in_one_multipart_request() {
    let org = Org::start().await;
    let body = format!(
        "--B7\r\nContent-Type: application/json\r\nContent-Disposition: form-data; name=\"job\"\r\n\r\n{}\r\n\
         --B7\r\nContent-Type: text/csv\r\nContent-Disposition: form-data; name=\"content\"; filename=\"content\"\r\n\r\n\
         Name\nA\nB\n\r\n--B7--\r\n",
        insert()
    );
    let request =
        org.request(Method::POST, "jobs/ingest/").header("content-type", "multipart/form-data; boundary=B7");
    let job = send(request.body(body)).await;
    assert_eq!(job.status, 200, "{}", job.text);
    let done = finished(&org, "ingest", &job.json()).await;
    assert_eq!(
        (&done["state"], &done["numberRecordsProcessed"]),
        (&json!("JobComplete"), &json!(2)),
        "{done}"
    );
}

#[tokio::test]
async fn rows_come_back_in_another_order_than_they_went_in() {
    let org = Org::start().await;
    let csv: String =
        std::iter::once("Name\n".to_owned()).chain((0..500).map(|n| format!("N{n:03}\n"))).collect();
    let job = ingest(&org, &insert(), &csv).await;
    let rows = results(&org, "ingest", &job, "successfulResults").await;
    let names: Vec<&str> = rows.iter().map(|row| row["Name"].as_str()).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(sorted.len(), 500);
    assert_ne!(names, sorted);
}

#[tokio::test]
async fn some_rows_can_be_locked() {
    let org = Org::start().await;
    org.sandbox.inject(Fault::new(LOCK_ROW).on("ingest").every(2));
    let job = ingest(&org, &insert(), "Name\nA\nB\nC\nD\n").await;
    assert_eq!((&job["numberRecordsProcessed"], &job["numberRecordsFailed"]), (&json!(4), &json!(2)));
    let failed = results(&org, "ingest", &job, "failedResults").await;
    assert!(failed.iter().all(|row| row["sf__Error"].starts_with("UNABLE_TO_LOCK_ROW:")), "{failed:?}");
}

#[tokio::test]
async fn a_query_job_is_read_page_by_page() {
    let org = Org::with(|builder| builder.records(25)).await;
    let body = json!({ "operation": "query", "query": "SELECT Id, Name, Owner.Name FROM Account" });
    let job = org.post("jobs/query", &body).await.json();
    assert_eq!((&job["state"], &job["object"]), (&json!("UploadComplete"), &json!("Account")), "{job}");
    let done = finished(&org, "query", &job).await;
    assert_eq!((&done["state"], &done["numberRecordsProcessed"]), (&json!("JobComplete"), &json!(25)));
    let path = format!("jobs/query/{}/results", job["id"].as_str().unwrap());
    let (mut ids, mut locator, mut pages) = (BTreeSet::new(), String::new(), 0);
    loop {
        let page = org.get(&format!("{path}?maxRecords=10&locator={locator}")).await;
        assert!(page.text.starts_with("\"Id\",\"Name\",\"Owner.Name\"\n"), "{}", page.text);
        let rows = rows(&page.text);
        assert_eq!(page.header("sforce-numberofrecords"), rows.len().to_string());
        ids.extend(rows.into_iter().map(|mut row| row.remove("Id").unwrap()));
        pages += 1;
        locator = page.header("sforce-locator").to_owned();
        if locator == "null" {
            break;
        }
    }
    assert_eq!((ids.len(), pages), (25, 3));
    assert_eq!(org.get(&format!("/services/data/v59.0/{path}")).await.status, 409);
    assert_eq!(org.get(&format!("{path}?locator=%21%21")).await.status, 400);
}

#[tokio::test]
async fn result_pages_can_be_fetched_side_by_side() {
    let org = Org::with(|builder| builder.records(64).bulk_page_size(10)).await;
    let body = json!({ "operation": "queryAll", "query": "SELECT Id FROM Account" });
    let job = org.post("jobs/query", &body).await.json();
    finished(&org, "query", &job).await;
    let mut url = format!("jobs/query/{}/resultPages", job["id"].as_str().unwrap());
    let (mut ids, mut pages) = (BTreeSet::new(), Vec::new());
    loop {
        let listed = org.get(&url).await.json();
        let urls = listed["resultPages"].as_array().unwrap();
        pages.push(urls.len());
        for page in urls {
            let text = org.get(page["resultUrl"].as_str().unwrap()).await.text;
            ids.extend(rows(&text).into_iter().map(|mut row| row.remove("Id").unwrap()));
        }
        let Some(next) = listed["nextRecordsUrl"].as_str().map(str::to_owned) else {
            assert_eq!(listed["done"], true);
            break;
        };
        url = next;
    }
    assert_eq!((ids.len(), pages), (64, vec![5, 2]));
}

#[tokio::test]
async fn a_query_that_bulk_cannot_run_is_refused() {
    let org = Org::start().await;
    for soql in [
        "SELECT COUNT(Id) FROM Account GROUP BY Industry",
        "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
        "SELECT Id FROM Account OFFSET 5",
        "SELECT Id FROM",
    ] {
        let answer = org.post("jobs/query", &json!({ "operation": "query", "query": soql })).await;
        assert_eq!(answer.status, 400, "{soql}");
    }
}
