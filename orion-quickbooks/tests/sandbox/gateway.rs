//! What stands before the service: tokens, limits and faults.

use orion_quickbooks::sandbox::{Fault, FaultKind, Limits, STALE_OBJECT, THROTTLED_EMPTY, THROTTLED_JSON};
use serde_json::json;

use crate::support::{Books, sent};

#[tokio::test]
async fn a_bad_token_is_refused_in_the_dialect_that_is_accepted() {
    let mut books = Books::start().await;
    books.token = "unknown".to_owned();
    let refused = books.get("customer/1").await;
    assert_eq!(refused.status, 401);
    let body = refused.json();
    assert_eq!(body["fault"]["type"], "AUTHENTICATION");
    assert_eq!(body["fault"]["error"][0]["code"], "3200");
    assert!(body["time"].is_i64());
    assert_eq!(refused.header("www-authenticate"), "Bearer realm=\"Intuit\", error=\"invalid_token\"");
    let url = format!("{}/v3/company/{}/customer/1", books.sandbox.base_url(), books.sandbox.realm_id());
    let xml = sent(http::Request::get(url).header("accept", "application/xml"), "").await.unwrap();
    assert_eq!((xml.status.as_u16(), xml.header("content-type")), (401, "application/xml"));
    assert!(xml.text().contains("<Error code=\"3200\">"), "{}", xml.text());
}

#[tokio::test]
async fn another_company_is_forbidden() {
    let books = Books::start().await;
    let refused = books.get("/v3/company/1/customer/1").await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["fault"]["error"][0]["code"]),
        (403, &json!("3100"))
    );
}

#[tokio::test]
async fn every_reply_has_an_id_of_its_own() {
    let books = Books::start().await;
    let ids = [books.get("customer/1").await, books.get("nothing").await, books.get("customer/1").await];
    let ids: std::collections::HashSet<&str> = ids.iter().map(|answer| answer.header("intuit_tid")).collect();
    assert_eq!(ids.len(), 3);
    assert!(ids.iter().all(|id| id.len() == 35 && id.starts_with("1-")), "{ids:?}");
}

#[tokio::test]
async fn the_minutes_limit_ends_with_the_minute() {
    let books = Books::with(|builder| builder.limits(Limits::ALL)).await;
    for _ in 0..10 {
        assert_eq!(books.get("customer/1").await.status, 200);
    }
    let refused = books.get("customer/1").await;
    assert_eq!((refused.status.as_u16(), refused.header("content-type")), (429, "application/xml"));
    assert!(refused.text().contains("errorCode=003001"));
    assert_eq!(refused.header("retry-after"), "");
    books.sandbox.advance(std::time::Duration::from_secs(1));
    assert_eq!(books.get("customer/1").await.status, 200);
    let lifted = books.post("/_sandbox/limits", &json!({ "per_second": null, "per_minute": 12 })).await;
    assert_eq!(lifted.json()["per_second"], json!(null));
    assert_eq!(books.get("customer/1").await.status, 200);
    assert_eq!(books.get("customer/1").await.status, 429);
    books.sandbox.advance(std::time::Duration::from_secs(60));
    assert_eq!(books.get("customer/1").await.status, 200);
    assert_eq!(books.post("/_sandbox/limits", &json!({ "per_year": 1 })).await.status, 400);
}

#[tokio::test]
async fn an_eleventh_request_at_once_is_refused() {
    let books = Books::with(|builder| builder).await;
    books.sandbox.inject(Fault::new(FaultKind::Slow).delay_ms(300));
    let answers = futures::future::join_all((0..11).map(|_| books.get("customer/1"))).await;
    let refused = answers.iter().filter(|answer| answer.status == 429).count();
    assert_eq!((refused, books.sandbox.most_in_flight()), (1, 10));
}

#[tokio::test]
async fn faults_come_in_each_dialect() {
    let books = Books::start().await;
    for (kind, status, content_type) in [
        (FaultKind::TooManyRequests, 429, "application/xml"),
        (THROTTLED_JSON, 429, "application/json;charset=UTF-8"),
        (THROTTLED_EMPTY, 429, ""),
        (FaultKind::ServerError, 500, "application/json;charset=UTF-8"),
        (FaultKind::Unavailable, 503, "text/html"),
    ] {
        books.sandbox.inject(Fault::new(kind.clone()).count(1));
        let answer = books.get("customer/1").await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (status, content_type), "{kind}");
        assert_eq!(books.get("customer/1").await.status, 200);
    }
    books.sandbox.inject(Fault::new(FaultKind::ExpireToken).count(1));
    assert!(books.get("customer/1").await.text().contains("Token expired"));
}

#[tokio::test]
async fn a_stale_object_is_made_for_writes_only() {
    let books = Books::start().await;
    books.sandbox.inject(Fault::new(STALE_OBJECT).count(1));
    assert_eq!(books.get("customer/1").await.status, 200);
    let new = json!({ "DisplayName": "New" });
    assert_eq!(books.post("customer", &new).await.refusal(), (400, "5010".to_owned()));
    assert_eq!(books.post("customer", &new).await.status, 200);
}

#[tokio::test]
async fn the_log_counts_by_what_a_path_is_about() {
    let books = Books::start().await;
    books.query("select * from Item").await;
    books.get("Invoice/1/pdf").await;
    books.post("invoice/1/send", &json!(null)).await;
    books.form("/oauth2/v1/tokens/bearer", &[]).await;
    let counts = books.sandbox.counts();
    let expected = ["GET invoice/pdf", "GET query", "POST invoice/send", "POST tokens/bearer"];
    assert_eq!(counts.keys().map(String::as_str).collect::<Vec<_>>(), expected);
}
