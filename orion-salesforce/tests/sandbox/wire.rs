//! What holds for every reply: versions, headers, compression, printing, TLS, errors of routing.

use std::io::Read as _;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use crate::support::{Form as _, Org, http, send};

#[tokio::test]
async fn the_version_list_is_open_and_uncounted() {
    let org = Org::start().await;
    let answer = send(org.http.get(format!("{}/services/data/", org.sandbox.base_url()))).await;
    assert_eq!(answer.status, 200);
    let all = answer.json();
    let wanted = json!({ "label": "Spring '24", "url": "/services/data/v60.0", "version": "60.0" });
    assert!(all.as_array().unwrap().contains(&wanted), "{all}");
    assert_eq!(answer.header("sforce-limit-info"), "");
    for (version, status) in [("v40.0", 200), ("v68.0", 200), ("v39.0", 404), ("v69.0", 404), ("60.0", 404)] {
        assert_eq!(org.get(&format!("/services/data/{version}/limits/")).await.status, status, "{version}");
    }
}

#[tokio::test]
async fn each_request_counts_against_the_daily_limit() {
    let org = Org::with(|builder| builder.records(1).daily_limit(2)).await;
    assert_eq!(org.get("limits").await.header("sforce-limit-info"), "api-usage=1/2");
    let second = org.get("limits").await;
    assert_eq!(second.header("sforce-limit-info"), "api-usage=2/2");
    assert_eq!(second.json()["DailyApiRequests"], json!({ "Max": 2, "Remaining": 0 }));
    assert_eq!(org.get("limits").await.refusal(), (403, "REQUEST_LIMIT_EXCEEDED".into()));
    let org =
        Org::with(|builder| builder.records(1).daily_limit(1).session_timeout(Duration::from_secs(100_000)))
            .await;
    assert_eq!(org.get("limits").await.status, 200);
    assert_eq!(org.get("limits").await.status, 403);
    org.sandbox.advance(Duration::from_secs(86_400));
    assert_eq!(org.get("limits").await.header("sforce-limit-info"), "api-usage=1/1");
}

#[tokio::test]
async fn a_url_that_is_too_long_is_refused() {
    let org = Org::start().await;
    let soql = |length: usize| format!("SELECT Id FROM Account WHERE Name = '{}'", "x".repeat(length));
    assert_eq!(org.query(&soql(200)).await.status, 200);
    assert_eq!(org.query(&soql(16_400)).await.status, 414);
}

#[tokio::test]
async fn members_come_in_the_order_that_salesforce_sends_them() {
    let org = Org::start().await;
    let created = org.post("sobjects/Account", &json!({ "Name": "A" })).await;
    assert!(created.text.starts_with("{\"id\":"), "{}", created.text);
    let refused = org.get("nothing").await;
    assert!(refused.text.starts_with("[{\"message\":"), "{}", refused.text);
    let queried = org.query("SELECT Name, Id FROM Account LIMIT 1").await;
    assert!(
        queried.text.starts_with("{\"totalSize\":1,\"done\":true,\"records\":[{\"attributes\":"),
        "{}",
        queried.text
    );
    assert!(queried.text.find("\"Name\":") < queried.text.find("\"Id\":"));
}

#[tokio::test]
async fn a_bad_session_is_told_from_a_bad_header() {
    let org = Org::start().await;
    let url = format!("{}/services/data/v60.0/limits", org.sandbox.base_url());
    assert_eq!(send(org.http.get(&url)).await.refusal(), (401, "INVALID_SESSION_ID".into()));
    let basic = org.http.get(&url).basic_auth("a", Some("b"));
    assert_eq!(send(basic).await.refusal(), (401, "INVALID_AUTH_HEADER".into()));
    let oauth = org.http.get(&url).header("authorization", format!("OAuth {}", org.token));
    assert_eq!(send(oauth).await.status, 200);
}

#[tokio::test]
async fn long_replies_are_compressed_and_printed_when_asked() {
    let org = Org::start().await;
    let plain = org.get("sobjects/Account/describe").await;
    assert_eq!(plain.header("content-type"), "application/json;charset=UTF-8");
    let asked =
        org.request(Method::GET, "sobjects/Account/describe").header("accept-encoding", "gzip, deflate");
    let response = asked.header("x-prettyprint", "1").send().await.unwrap();
    assert_eq!(response.headers()["content-encoding"], "gzip");
    let bytes = response.bytes().await.unwrap();
    assert!(bytes.len() < plain.text.len());
    let mut text = String::new();
    flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
    assert!(text.starts_with("{\n  \""), "{}", text.chars().take(40).collect::<String>());
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), plain.json());
    let short = org.request(Method::GET, "/services/oauth2/userinfo").header("accept-encoding", "gzip");
    assert_eq!(send(short.header("x", "y")).await.status, 200);
}

#[tokio::test]
async fn the_tls_listener_is_trusted_through_its_ca_and_names_itself() {
    let org = Org::start().await;
    let client = http(Some(org.sandbox.ca_pem()));
    let base = org.sandbox.tls_base_url();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", org.sandbox.client_id()),
        ("client_secret", org.sandbox.client_secret()),
    ];
    let answer = send(client.post(format!("{base}/services/oauth2/token")).form(&form)).await;
    assert_eq!(answer.json()["instance_url"], base);
    let by_name = base.replace("127.0.0.1", "localhost");
    let limits = client.get(format!("{by_name}/services/data/v60.0/limits")).bearer_auth(&org.token);
    assert_eq!(send(limits).await.status, 200);
    assert!(http(None).get(base).send().await.is_err());
}

#[tokio::test]
async fn routes_that_do_not_exist_or_take_other_methods_say_so() {
    let org = Org::start().await;
    assert_eq!(org.get("nothing/here").await.refusal(), (404, "NOT_FOUND".into()));
    assert_eq!(org.get("sobjects/Nothing__c").await.refusal(), (404, "NOT_FOUND".into()));
    let put = send(org.request(Method::PUT, "sobjects/Account")).await;
    assert_eq!(put.refusal(), (405, "METHOD_NOT_ALLOWED".into()));
    assert_eq!(put.json()[0]["message"], "HTTP Method 'PUT' not allowed. Allowed are GET,HEAD,POST");
    let text = org.request(Method::POST, "sobjects/Account").header("content-type", "text/plain").body("{}");
    assert_eq!(send(text).await.refusal(), (415, "UNSUPPORTED_MEDIA_TYPE".into()));
    let broken =
        org.request(Method::POST, "sobjects/Account").header("content-type", "application/json").body("{");
    assert_eq!(send(broken).await.refusal(), (400, "JSON_PARSER_ERROR".into()));
    assert_eq!(org.get("/elsewhere").await.status, 404);
    let head = send(org.request(Method::HEAD, "limits")).await;
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
}
