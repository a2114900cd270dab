//! The limits, on a paused clock.

use std::time::Duration;

use futures::future::join_all;
use http::Method;
use orion_core::{
    Adapter, ErrorKind,
    testing::{FaultyTransport, Injection, Reply, Script},
};
use orion_quickbooks::Throttle;
use serde_json::json;
use tokio::time::Instant;

use crate::support::{builder, token};

fn company() -> Script {
    Script::new()
        .on(Method::GET, "/v3/company/*/companyinfo/*")
        .respond_with(|_| Reply::json(200, json!({ "CompanyInfo": { "CompanyName": "Acme" } })))
}

/// The most that fell into any stretch of this length.
fn most(times: &[Duration], stretch: Duration) -> usize {
    let within = |from: &Duration| times.iter().filter(|at| **at >= *from && **at < *from + stretch).count();
    times.iter().map(within).max().unwrap_or_default()
}

#[tokio::test(start_paused = true)]
async fn no_stretch_of_time_holds_more_calls_than_allowed_and_little_time_is_lost() {
    let script = company();
    let quickbooks = builder(token(), script.clone()).build().unwrap();
    let started = Instant::now();
    for result in join_all((0..1500).map(|_| quickbooks.check())).await {
        result.unwrap();
    }
    let times: Vec<Duration> = script.requests().iter().map(|seen| seen.at).collect();
    assert_eq!(times.len(), 1500);
    assert!(most(&times, Duration::from_secs(1)) <= 10, "{}", most(&times, Duration::from_secs(1)));
    assert!(most(&times, Duration::from_secs(60)) <= 500, "{}", most(&times, Duration::from_secs(60)));
    // 500 calls take 50 s at ten a second; the third 500 may begin after two minutes.
    let ideal = Duration::from_secs(120 + 49);
    assert!(started.elapsed() <= ideal.mul_f64(1.1), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn ten_calls_are_under_way_at_once_at_most() {
    let slow = FaultyTransport::new(company()).when(|_, _| Some(Injection::Slow(Duration::from_secs(3))));
    let quickbooks = builder(token(), slow).throttle(Throttle::default().per_second(1000)).build().unwrap();
    let started = Instant::now();
    for result in join_all((0..100).map(|_| quickbooks.check())).await {
        result.unwrap();
    }
    // Ten rounds of three seconds: eleven at a time would be faster.
    assert!(started.elapsed() >= Duration::from_secs(30), "{:?}", started.elapsed());
    assert!(started.elapsed() <= Duration::from_secs(33), "{:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_throttled_call_comes_back_after_a_minute_whatever_the_refusal_looks_like() {
    let xml = r#"<IntuitResponse xmlns="http://schema.intuit.com/finance/v3"><Fault type="SERVICE"><Error code="3001">
        <Message>message=ThrottleExceeded; errorCode=003001; statusCode=429</Message></Error></Fault></IntuitResponse>"#;
    let json = json!({ "fault": { "error": [{ "message": "ThrottleExceeded", "code": "3001" }], "type": "SERVICE" } }).to_string();
    for body in [xml, &json, ""] {
        let script = Script::new()
            .on(Method::GET, "/v3/company/*/companyinfo/*")
            .then(Reply::body(429, "application/xml", body.to_owned()))
            .reply(200, json!({ "CompanyInfo": { "CompanyName": "Acme" } }));
        let quickbooks = builder(token(), script.clone()).build().unwrap();
        quickbooks.check().await.unwrap();
        let times: Vec<Duration> = script.requests().iter().map(|seen| seen.at).collect();
        assert!(times[1] - times[0] >= Duration::from_secs(60), "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_reports_success_and_holds_a_fault_is_a_refusal() {
    let fault = json!({ "Fault": { "Error": [{ "Message": "Object Not Found", "code": "610" }], "type": "ValidationFault" } });
    let script = Script::new().on(Method::GET, "/v3/company/*/companyinfo/*").reply(200, fault);
    let error = builder(token(), script).build().unwrap().check().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}
