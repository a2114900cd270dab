//! A web application that QuickBooks tells of changes:
//!
//! ```text
//! cargo run --example quickbooks_webhooks
//! ```
//!
//! It verifies a delivery, keeps what it tells, answers at once, and fetches the changed invoices after that: Intuit waits for an answer for
//! three seconds. The company is the simulator, which the program makes change, so that it ends by itself.
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::{error::Error, sync::Arc};

use axum::{Router, body::Bytes, extract::State, routing::post};
use http::{HeaderMap, StatusCode};
use orion::{
    Change, Delivery, ErrorKind, Record, UnifiedCustomer, UnifiedInvoice,
    quickbooks::{Config, Notification, QuickBooks, Webhooks, sandbox::Sandbox},
};
use tokio::sync::mpsc;

#[derive(Clone)]
struct App {
    /// One for all companies of the app.
    webhooks: Arc<Webhooks>,
    /// A real application keeps notifications where a restart does not lose them.
    told: mpsc::Sender<Vec<Notification>>,
}

async fn deliver(State(app): State<App>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let notifications = match app.webhooks.open(&Delivery::new(headers, body)) {
        Ok(notifications) => notifications,
        Err(error) if error.kind() == ErrorKind::Auth => return StatusCode::UNAUTHORIZED,
        Err(_) => return StatusCode::BAD_REQUEST,
    };
    if app.told.send(notifications.clone()).await.is_err() {
        // It is delivered again, and has to count as new then.
        app.webhooks.forget(&notifications);
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    StatusCode::OK
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::builder().records(20).start().await?;
    let quickbooks = QuickBooks::new(Config::sandbox(&sandbox))?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}/webhooks", listener.local_addr()?);

    let webhooks = Arc::new(Webhooks::new(&sandbox.webhook_verifier().into()));
    let (told, notifications) = mpsc::channel(100);
    let app = Router::new().route("/webhooks", post(deliver)).with_state(App { webhooks, told });

    sandbox.deliver_cloud_events(&address);
    tokio::select! {
        served = axum::serve(listener, app) => served?,
        worked = work(&quickbooks, notifications) => worked?,
        changed = change(&quickbooks) => changed?,
    }
    Ok(())
}

/// Fetches what changed, until the invoice that was deleted is told of.
async fn work(quickbooks: &QuickBooks, mut told: mpsc::Receiver<Vec<Notification>>) -> orion::Result<()> {
    while let Some(notifications) = told.recv().await {
        for change in quickbooks.fetch::<UnifiedCustomer>(&notifications).await? {
            println!("customer {} changed", change.id());
        }
        for change in quickbooks.fetch::<UnifiedInvoice>(&notifications).await? {
            match change {
                Change::Upsert(invoice) => println!("invoice {} is of {:?}", invoice.id, invoice.model.total),
                Change::Delete { id, .. } => {
                    println!("invoice {id} is gone");
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

/// What people do in the company meanwhile.
async fn change(quickbooks: &QuickBooks) -> orion::Result<()> {
    quickbooks.customers().create(&Record::new("", UnifiedCustomer::named("Zoë's Bakery"))).await?;
    let mut all = quickbooks.find_invoices(orion::quickbooks::InvoiceFilter::new());
    while let Some(Ok(invoice)) = futures::StreamExt::next(&mut all).await {
        if invoice.model.allocations.is_empty() {
            quickbooks.invoices().delete(&invoice).await?;
            break;
        }
    }
    std::future::pending().await
}
