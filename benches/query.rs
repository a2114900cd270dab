//! Query stream into unified records, against the bare floor.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run has nothing to report")]

mod accounts;
mod server;
mod support;

use std::{
    borrow::Cow,
    io::{self, Write},
};

use accounts::FIELDS;
use futures::StreamExt;
use orion::{
    AdapterExt, Query, UnifiedCustomer,
    salesforce::{Auth, Config, Salesforce},
};
use serde_json::Value;
use server::process::Process;
use support::{compare, jsforce, measure, simple_salesforce, wanted_client};

fn main() -> io::Result<()> {
    let records = server::records_wanted();
    if Process::is_this() {
        return server::serve(records);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if let Some((name, port)) = wanted_client() {
        let figures = runtime.block_on(async {
            match name.as_str() {
                "orion" => orion_query(port, records).await,
                _ => floor(port, records).await,
            }
        });
        return writeln!(io::stdout(), "{figures}");
    }
    let server = Process::start(records)?;
    compare(server.port, records, &["orion", "floor"], &[simple_salesforce("query"), jsforce("query")])
}

async fn orion_query(port: u16, records: usize) -> Value {
    let base: url::Url = format!("http://127.0.0.1:{port}").parse().unwrap();
    let auth = Auth::AccessToken { access_token: "bench".into(), instance_url: base.clone() };
    let salesforce = Salesforce::new(Config::new(base, auth).fields("Account", FIELDS)).unwrap();
    measure("orion", "query", records, async {
        let mut found = 0;
        let mut pages = salesforce.pages::<UnifiedCustomer>(Query::new());
        while let Some(page) = pages.next().await {
            let page = page.unwrap();
            assert!(page.rejected.is_empty());
            found += page.changes.len();
        }
        found
    })
    .await
}

/// The same 25 fields as serde_json reads them.
#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(dead_code, reason = "the floor reads every field and uses none")]
struct Account {
    id: String,
    is_deleted: bool,
    name: Option<String>,
    #[serde(rename = "Type")]
    kind: Option<String>,
    industry: Option<String>,
    phone: Option<String>,
    fax: Option<String>,
    website: Option<String>,
    account_number: Option<String>,
    billing_street: Option<String>,
    billing_city: Option<String>,
    billing_state: Option<String>,
    billing_postal_code: Option<String>,
    billing_country: Option<String>,
    shipping_city: Option<String>,
    shipping_country: Option<String>,
    annual_revenue: Option<f64>,
    number_of_employees: Option<u32>,
    description: Option<String>,
    rating: Option<String>,
    owner_id: Option<String>,
    #[serde(rename = "External_Id__c")]
    external_id: Option<String>,
    created_date: Option<String>,
    last_modified_date: Option<String>,
    system_modstamp: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageWire<'a> {
    next_records_url: Option<Cow<'a, str>>,
    records: Vec<Account>,
}

async fn floor(port: u16, records: usize) -> Value {
    let base = format!("http://127.0.0.1:{port}");
    // reqwest is built without a provider of its own. Plain HTTP does not use it, but the builder asks for one.
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    measure("floor", "query", records, async {
        let mut found = 0;
        let mut next = Some("/services/data/v62.0/query?q=SELECT".to_owned());
        while let Some(path) = next {
            let body = client.get(format!("{base}{path}")).send().await.unwrap().bytes().await.unwrap();
            let page: PageWire<'_> = serde_json::from_slice(&body).unwrap();
            found += page.records.len();
            next = page.next_records_url.map(Cow::into_owned);
        }
        found
    })
    .await
}
