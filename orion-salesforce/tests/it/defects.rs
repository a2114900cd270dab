//! What the leading clients in other languages were seen to get wrong, by the numbers of that list. Those about bulk jobs stand with them.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use futures::TryStreamExt;
use http::Method;
use orion_core::{
    AdapterExt, ErrorKind, Query, Result, UnifiedCustomer, WriteOptions,
    http::{Http, Middleware, Next, Request, Response},
    testing::{self, FaultyTransport, Injection, Reply, Script},
};
use orion_salesforce::{
    Auth, Config, Salesforce,
    sandbox::{Fault, FaultKind, Sandbox},
    soql::{Soql, field},
};
use serde_json::{Value, json};

use crate::support::{Org, client_credentials, customer};

const LIMITS: &str = "/services/data/v62.0/limits";

fn scripted(script: &Script) -> Salesforce {
    let base = url::Url::parse("https://acme.my.salesforce.test").unwrap();
    let auth = Auth::AccessToken { access_token: "t".into(), instance_url: base.clone() };
    Salesforce::builder(Config::new(base, auth), script.clone()).clock(testing::clock()).build().unwrap()
}

#[tokio::test]
async fn defect_01_a_persistent_401_ends_in_an_error() {
    let org = Org::start().await;
    org.sandbox.inject(Fault::new(FaultKind::ExpireToken));
    for _ in 0..20 {
        let error = org.salesforce.limits().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth);
    }
    let tokens = org.sandbox.counts()["POST oauth2/token"];
    let calls = org.sandbox.counts()["GET limits"];
    assert!(tokens <= 3 && calls <= 2 + 20, "{tokens} logins, {calls} calls for 20");
}

#[tokio::test]
async fn defect_04_a_literal_that_ends_in_a_backslash_stays_one_literal() {
    let org = Org::start().await;
    for name in ["a\\", " OR Name != 'x"] {
        org.sandbox.insert("Account", json!({"Name": name}).as_object().unwrap()).unwrap();
    }
    let both = Soql::select(["Name"])
        .from("Account")
        .filter(field("Name").eq("a\\").and(field("Name").eq(" OR Name != 'x")))
        .build()
        .unwrap();
    assert_eq!(both.as_str(), r"SELECT Name FROM Account WHERE Name = 'a\\' AND Name = ' OR Name != \'x'");
    let rows: Vec<Value> = org.salesforce.query(both.as_str()).try_collect().await.unwrap();
    assert!(rows.is_empty(), "nothing outside a literal took effect");
    let one = Soql::select(["Name"]).from("Account").filter(field("Name").eq("a\\")).build().unwrap();
    let rows: Vec<Value> = org.salesforce.query(one.as_str()).try_collect().await.unwrap();
    assert_eq!(rows.len(), 1);
}

#[tokio::test]
async fn defect_05_a_query_does_not_stop_at_ten_thousand_rows() {
    let org = Org::with(|builder| builder.records(10_050)).await;
    let rows: Vec<Value> = org.salesforce.query("SELECT Id FROM Lead").try_collect().await.unwrap();
    assert_eq!(rows.len(), org.sandbox.row_count("Lead"));
    assert!(rows.len() > 10_000);
}

#[tokio::test(start_paused = true)]
async fn defect_05_a_wait_the_server_asks_for_is_waited() {
    let script = Script::new()
        .on(Method::GET, LIMITS)
        .then(
            Reply::json(429, json!([{"errorCode": "TOO_MANY_REQUESTS", "message": ""}]))
                .header("retry-after", "7"),
        )
        .then(
            Reply::json(503, json!([{"errorCode": "SERVER_UNAVAILABLE", "message": ""}]))
                .header("retry-after", "60"),
        )
        .reply(200, json!({}));
    scripted(&script).limits().await.unwrap();
    let at: Vec<Duration> = script.requests().iter().map(|seen| seen.at).collect();
    assert!(at[1] >= Duration::from_secs(7) && at[2] >= at[1] + Duration::from_secs(60), "{at:?}");
}

#[tokio::test]
async fn defect_05_a_delete_sent_again_does_not_fail_for_having_worked() {
    let org = Org::start().await;
    let mut record = customer("Short-lived");
    record.id = org.salesforce.create(&[record.clone()]).await.unwrap().remove(0).unwrap().id;
    org.sandbox.inject(Fault::new(FaultKind::DropAfterCommit).on("DELETE composite").count(1));
    org.salesforce.delete(&[record]).await.unwrap().remove(0).unwrap();
}

#[tokio::test(start_paused = true)]
async fn defect_06_a_busy_server_is_asked_again_and_a_spent_day_is_not() {
    let refusal = |code: &str, message: &str| json!([{"errorCode": code, "message": message}]);
    let busy = refusal("SERVER_UNAVAILABLE", "");
    let at_once =
        refusal("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.");
    let script = Script::new()
        .on(Method::GET, LIMITS)
        .reply(503, busy)
        .times(2)
        .reply(403, at_once)
        .reply(200, json!({}));
    scripted(&script).limits().await.unwrap();
    script.assert_done();

    let day = refusal("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
    let script = Script::new().on(Method::GET, LIMITS).always(Reply::json(403, day));
    let error = scripted(&script).limits().await.unwrap_err();
    assert_eq!((error.kind(), script.requests().len()), (ErrorKind::RateLimited, 1));
}

#[tokio::test(start_paused = true)]
async fn defect_06_a_server_that_hangs_is_given_up() {
    let script = Script::new()
        .on(Method::GET, LIMITS)
        .always(Reply::json(200, json!({})).delay(Duration::from_secs(86_400)));
    let began = tokio::time::Instant::now();
    let error = scripted(&script).limits().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(began.elapsed() <= Duration::from_secs(300), "{:?}", began.elapsed());
}

/// A connection, and what it sends.
fn watched(config: Config) -> (Salesforce, Arc<FaultyTransport<Http>>) {
    let transport = Arc::new(FaultyTransport::new(Http::new().unwrap()).rate(0.0, [Injection::Refused], 1));
    (Salesforce::builder(config, Arc::clone(&transport)).build().unwrap(), transport)
}

/// Keeps the CSV files that are sent.
#[derive(Clone, Default)]
struct Uploads(Arc<Mutex<Vec<String>>>);

#[async_trait]
impl Middleware for Uploads {
    async fn handle(&self, mut request: Request, next: Next<'_>) -> Result<Response> {
        if request.method == Method::PUT {
            let body = request.body.collect(usize::MAX, 0).await?;
            self.0.lock().unwrap().push(String::from_utf8(body.to_vec()).unwrap());
            request.body = body.into();
        }
        next.run(request).await
    }
}

#[tokio::test]
async fn defect_07_columns_stand_in_one_order_and_a_delete_sends_ids_alone() {
    let sandbox = Sandbox::builder().records(20).start().await.unwrap();
    let uploads = Uploads::default();
    let salesforce = Salesforce::builder(client_credentials(&sandbox), Http::new().unwrap());
    let salesforce = salesforce.middleware(uploads.clone()).build().unwrap();
    let page = salesforce.page::<UnifiedCustomer>(&Query::new()).await.unwrap();
    let read: Vec<_> = page.changes.into_iter().filter_map(orion_core::Change::into_record).collect();
    for options in [WriteOptions::update(), WriteOptions::update(), WriteOptions::delete()] {
        let job = salesforce.bulk_submit(&options, futures::stream::iter(read.clone())).await.unwrap();
        let rows: Vec<_> = salesforce.bulk_outcomes::<UnifiedCustomer>(&job).try_collect().await.unwrap();
        assert!(rows.len() == read.len() && rows.iter().all(|row| row.outcome.is_ok()), "{rows:?}");
    }
    let sent = uploads.0.lock().unwrap();
    assert!(sent[0].starts_with("Id,") && sent[0].lines().count() > read.len());
    assert_eq!(sent[0], sent[1], "the same records make the same file");
    assert_eq!(sent[2].lines().next(), Some("Id"), "what else a record holds is no hindrance");
    assert_eq!(sandbox.row_count("Account"), 0);
}

#[tokio::test]
async fn defect_09_nothing_asks_for_pretty_json() {
    let sandbox = Sandbox::builder().records(20).start().await.unwrap();
    let (salesforce, sent) = watched(client_credentials(&sandbox));
    let _: Vec<Value> = salesforce.query("SELECT Id FROM Lead").try_collect().await.unwrap();
    salesforce.page::<UnifiedCustomer>(&Query::new()).await.unwrap();
    salesforce.create(&[customer("x")]).await.unwrap();
    salesforce.objects().await.unwrap();
    let requests = sent.requests();
    assert!(requests.len() >= 5);
    for request in requests {
        assert!(!request.headers.contains_key("x-prettyprint"), "{request:?}");
    }
}

#[tokio::test]
async fn defect_10_the_api_version_is_the_host_s_choice() {
    let sandbox = Sandbox::builder().records(3).start().await.unwrap();
    for version in ["58.0", "62.0", "68.0"] {
        let mut config = client_credentials(&sandbox);
        config.api_version = version.to_owned();
        let (salesforce, sent) = watched(config);
        salesforce.page::<UnifiedCustomer>(&Query::new()).await.unwrap();
        let prefix = format!("/services/data/v{version}/");
        let calls: Vec<_> =
            sent.requests().into_iter().filter(|request| !request.path().contains("oauth2")).collect();
        assert!(
            calls.len() >= 2 && calls.iter().all(|request| request.path().starts_with(&prefix)),
            "{calls:?}"
        );
    }
}
