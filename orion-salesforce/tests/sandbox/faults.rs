//! Each fault as a client meets it.

use std::collections::BTreeSet;

use orion_salesforce::sandbox::{EXPIRE_LOCATOR, Fault, FaultKind, Faults, LOCK_ROW, REQUEST_LIMIT};
use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, Org, send, with_query};

async fn once(org: &Org, fault: Fault) {
    org.sandbox.clear_faults();
    org.sandbox.inject(fault.count(1));
}

#[tokio::test]
async fn faults_that_answer_instead_have_their_status_and_headers() {
    let org = Org::start().await;
    for (fault, status, code) in [
        (Fault::new(FaultKind::TooManyRequests), 429, "TOO_MANY_REQUESTS"),
        (Fault::new(FaultKind::ServerError), 500, "UNKNOWN_EXCEPTION"),
        (Fault::new(FaultKind::Unavailable), 503, "SERVER_UNAVAILABLE"),
        (Fault::new(REQUEST_LIMIT), 403, "REQUEST_LIMIT_EXCEEDED"),
    ] {
        once(&org, fault).await;
        let answer = org.get("limits").await;
        assert_eq!(answer.refusal(), (status, code.into()));
        assert_eq!(answer.header("retry-after"), "");
        assert_eq!(org.get("limits").await.status, 200);
    }
    once(&org, Fault::new(FaultKind::TooManyRequestsAfter).retry_after(7)).await;
    assert_eq!(org.get("limits").await.header("retry-after"), "7");
    once(&org, Fault::new(FaultKind::Unavailable).retry_after(3)).await;
    assert_eq!(org.get("limits").await.header("retry-after"), "3");
    once(&org, Fault::new(FaultKind::TooManyRequestsDate).retry_after(60)).await;
    let dated = org.get("limits").await;
    let at = |name| chrono::DateTime::parse_from_rfc2822(dated.header(name)).unwrap();
    assert_eq!((at("retry-after") - at("date")).num_seconds(), 60);
    once(&org, Fault::new(FaultKind::BadGateway)).await;
    let html = org.get("limits").await;
    assert_eq!((html.status.as_u16(), html.header("content-type")), (502, "text/html;charset=UTF-8"));
    once(&org, Fault::new(FaultKind::WrongContentType)).await;
    let html = org.get("limits").await;
    assert_eq!((html.status.as_u16(), html.text.starts_with("<html>")), (200, true));
}

#[tokio::test]
async fn cut_connections_lose_the_reply_but_not_always_the_write() {
    let org = Org::start().await;
    let post = || {
        let request =
            org.request(Method::POST, "sobjects/Account").header("content-type", "application/json");
        request.body(json!({ "Name": "Maybe" }).to_string()).send()
    };
    once(&org, Fault::new(FaultKind::Reset)).await;
    assert!(post().await.is_err());
    assert_eq!(org.sandbox.row_count("Account"), 20);
    once(&org, Fault::new(FaultKind::DropAfterCommit)).await;
    assert!(post().await.is_err());
    assert_eq!(org.sandbox.row_count("Account"), 21);
    once(&org, Fault::new(FaultKind::Truncate)).await;
    let response = post().await.unwrap();
    assert_eq!(response.status(), 201);
    assert!(response.bytes().await.is_err());
    assert_eq!(org.sandbox.row_count("Account"), 22);
    once(&org, Fault::new(FaultKind::Truncate)).await;
    let mut half = org.request(Method::GET, "sobjects").send().await.unwrap();
    assert!(half.chunk().await.unwrap().is_some_and(|bytes| !bytes.is_empty()));
    once(&org, Fault::new(FaultKind::Timeout).delay_ms(5)).await;
    assert!(org.request(Method::GET, "limits").send().await.is_err());
    once(&org, Fault::new(FaultKind::Slow).delay_ms(5)).await;
    assert_eq!(org.get("limits").await.status, 200);
    once(&org, Fault::new(FaultKind::MalformedJson)).await;
    let broken = org.get("limits").await;
    assert!(serde_json::from_str::<serde_json::Value>(&broken.text).is_err());
    let statuses: Vec<Option<u16>> = org.sandbox.log().iter().map(|entry| entry.status).collect();
    assert_eq!(statuses, [None, None, Some(201), Some(200), None, Some(200), Some(200)]);
}

#[tokio::test]
async fn tokens_and_locators_expire_under_the_client() {
    let org = Org::with(|builder| builder.records(15).page_size(10)).await;
    let next =
        org.query("SELECT Id FROM Account").await.json()["nextRecordsUrl"].as_str().unwrap().to_owned();
    once(&org, Fault::new(EXPIRE_LOCATOR)).await;
    assert_eq!(org.query("SELECT Id FROM Account").await.status, 200);
    assert_eq!(org.get(&next).await.refusal(), (400, "INVALID_QUERY_LOCATOR".into()));
    once(&org, Fault::new(FaultKind::ExpireToken)).await;
    assert_eq!(org.get("limits").await.refusal(), (401, "INVALID_SESSION_ID".into()));
    assert_eq!(org.get("limits").await.status, 401);
    assert_eq!(org.sandbox.injected().get(&FaultKind::ExpireToken), Some(&1));
}

#[tokio::test]
async fn a_locked_row_is_an_error_of_that_row_only() {
    let org = Org::start().await;
    once(&org, Fault::new(LOCK_ROW)).await;
    let single = org.post("sobjects/Account", &json!({ "Name": "A" })).await;
    assert_eq!(single.refusal(), (400, "UNABLE_TO_LOCK_ROW".into()));
    org.sandbox.clear_faults();
    org.sandbox.inject(Fault::new(LOCK_ROW).skip(1).count(1));
    let record = json!({ "attributes": { "type": "Account" }, "Name": "A" });
    let items = org.post("composite/sobjects", &json!({ "records": [record, record, record] })).await.json();
    assert_eq!(items[1]["errors"][0]["statusCode"], "UNABLE_TO_LOCK_ROW");
    assert_eq!((&items[0]["success"], &items[2]["success"]), (&json!(true), &json!(true)));
}

#[tokio::test]
async fn a_share_of_the_api_fails_and_logging_in_does_not() {
    let org =
        Org::with(|builder| builder.records(1).faults(Faults::rate(0.5, [FaultKind::ServerError], 7))).await;
    let mut failed = 0;
    for _ in 0..60 {
        failed += u32::from(org.get("limits").await.status == 500);
        let info = org.request(Method::GET, "/services/oauth2/userinfo");
        assert_eq!(send(info).await.status, 200);
    }
    assert!((15..45).contains(&failed), "{failed}");
    assert_eq!(org.sandbox.injected().get(&FaultKind::ServerError), Some(&u64::from(failed)));
}

/// Sends until a reply is whole and not a fault, logging in again when the session is gone.
async fn patient(org: &Org, token: &mut String, path: &str) -> Answer {
    loop {
        let url = format!("{}{path}", org.sandbox.base_url());
        let Ok(response) = org.http.get(url).bearer_auth(&*token).send().await else { continue };
        let (status, headers) = (response.status(), response.headers().clone());
        let Ok(text) = response.text().await else { continue };
        match status.as_u16() {
            429 | 500 | 503 => {}
            401 => {
                let form = [
                    ("grant_type", "refresh_token"),
                    ("refresh_token", org.sandbox.refresh_token()),
                    ("client_id", org.sandbox.client_id()),
                ];
                let body = org.form("/services/oauth2/token", &form).await.json();
                body["access_token"].as_str().unwrap().clone_into(token);
            }
            _ => return Answer { status, headers, text },
        }
    }
}

#[tokio::test]
async fn a_patient_client_reads_everything_through_any_rate_of_faults() {
    let rate: Faults = "0.4".parse().unwrap();
    let org = Org::with(|builder| builder.records(300).page_size(20).faults(rate)).await;
    let start = with_query("/services/data/v60.0/query", &[("q", "SELECT Id FROM Account")]);
    let (mut token, mut url, mut ids) = (org.token.clone(), start.clone(), BTreeSet::new());
    loop {
        let answer = patient(&org, &mut token, &url).await;
        if answer.status == 400 {
            assert_eq!(answer.refusal().1, "INVALID_QUERY_LOCATOR");
            url.clone_from(&start);
            continue;
        }
        let page = answer.json();
        ids.extend(page["records"].as_array().unwrap().iter().map(|row| row["Id"].to_string()));
        match page["nextRecordsUrl"].as_str() {
            Some(next) => next.clone_into(&mut url),
            None => break,
        }
    }
    assert_eq!(ids.len(), 300);
    assert!(org.sandbox.injected().len() > 4, "{:?}", org.sandbox.injected());
}
