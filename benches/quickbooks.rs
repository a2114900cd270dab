//! Query stream of QuickBooks customers into unified records, against the clients in use.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run has nothing to report")]

mod server;
mod support;

use std::io::{self, Write};

use futures::StreamExt;
use orion::{
    AdapterExt, Query, UnifiedCustomer,
    quickbooks::{Auth, Config, QuickBooks, Throttle},
};
use serde_json::Value;
use server::process::Process;
use support::{compare, measure, node_quickbooks, python_quickbooks, wanted_client};

fn main() -> io::Result<()> {
    let records = server::records_wanted();
    if Process::is_this() {
        return server::serve(records);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if let Some((_, port)) = wanted_client() {
        let figures = runtime.block_on(orion_query(port, records));
        return writeln!(io::stdout(), "{figures}");
    }
    let server = Process::start(records)?;
    compare(server.port, records, &["orion"], &[python_quickbooks(), node_quickbooks()])
}

async fn orion_query(port: u16, records: usize) -> Value {
    let base: url::Url = format!("http://127.0.0.1:{port}").parse().unwrap();
    let config = Config::new("1", Auth::AccessToken { access_token: "bench".into() }).base_url(base);
    let transport = orion::http::Http::new().unwrap();
    let quickbooks = QuickBooks::builder(config, transport).throttle(Throttle::none()).build().unwrap();
    measure("orion", "query", records, async {
        let mut found = 0;
        let mut pages = quickbooks.pages::<UnifiedCustomer>(Query::new());
        while let Some(page) = pages.next().await {
            let page = page.unwrap();
            assert!(page.rejected.is_empty());
            found += page.changes.len();
        }
        found
    })
    .await
}
