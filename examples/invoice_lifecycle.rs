//! The life of a QuickBooks invoice: made, changed, sent, paid, voided.
//!
//! ```text
//! cargo run --example invoice_lifecycle
//! ```
//!
//! It runs against the simulator. For a company of yours, make the configuration with `Config::new(realm_id, Auth::RefreshToken { … })`.
#![expect(clippy::print_stdout, reason = "an example talks to whoever runs it")]

use std::error::Error;

use futures::TryStreamExt;
use orion::{
    Allocation, AllocationKind, Currency, InvoiceStatus, Money, Payment, Record, Ref, UnifiedCustomer,
    UnifiedEvent, UnifiedInvoice, UnifiedLineItem,
    quickbooks::{Config, InvoiceFilter, QuickBooks, Stale, ql::Select, sandbox::Sandbox},
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Item {
    #[serde(rename = "Id")]
    id: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::builder().records(20).start().await?;
    let quickbooks = QuickBooks::new(Config::sandbox(&sandbox))?;
    let (customers, invoices) = (quickbooks.customers(), quickbooks.invoices());

    let customer = customers.create(&Record::new("", UnifiedCustomer::named("Zoë's Bakery"))).await?;
    let items: Vec<Item> = quickbooks.query(&Select::from("Item").limit(1)).try_collect().await?;
    let mut line = UnifiedLineItem::default();
    line.item = items.first().map(|item| Ref::new(item.id.as_str()));
    (line.quantity, line.unit_price) = (Some(3.into()), Some(Money::parse("0.10", Currency::USD)?));
    line.amount = Some(Money::parse("0.30", Currency::USD)?);
    let mut invoice = UnifiedInvoice::default();
    invoice.customer = Some(Ref::new(customer.id.clone()));
    invoice.lines.push(line);
    // Under this name the invoice is made once, however often the program is run.
    let made = invoices.clone().request_id("order-4711").create(&Record::new("", invoice)).await?;
    println!("made invoice {}, {}", made.model.number.clone().unwrap_or_default(), shown(&made));

    // A record that names only what is to change.
    let mut note = Record::new(made.id.clone(), UnifiedInvoice::default());
    note.model.memo = Some("thank you".to_owned());
    let noted = invoices.update(&note).await?;
    println!("noted: {:?}", noted.model.memo);

    // What was read before that is old now.
    let error = invoices.update(&made).await.err().ok_or("an old version was taken")?;
    let stale = error.source().and_then(|source| source.downcast_ref::<Stale>()).ok_or("no versions")?;
    println!("refused: {stale}");

    let sent = invoices.send_email(made.id.as_str(), Some("zoe@example.com")).await?;
    println!("sent: {:?}", sent.extra.text("EmailStatus"));
    println!("a PDF of {} bytes", invoices.pdf(made.id.as_str()).await?.len());

    pay(&quickbooks, &made, Money::parse("0.20", Currency::USD)?).await?;
    println!("paid in part: {}", shown(&invoices.read(made.id.as_str()).await?));
    let filter = InvoiceFilter::new().status(InvoiceStatus::PartiallyPaid).customer(customer.id.to_string());
    let open: Vec<_> = quickbooks.find_invoices(filter).try_collect().await?;
    println!(
        "{} of {}'s invoices is paid in part",
        open.len(),
        customer.model.display_name.unwrap_or_default()
    );

    let current = invoices.read(made.id.as_str()).await?;
    println!("voided: {}", shown(&invoices.void(&current).await?));
    Ok(())
}

async fn pay(quickbooks: &QuickBooks, invoice: &Record<UnifiedInvoice>, amount: Money) -> orion::Result<()> {
    let mut allocation = Allocation::default();
    allocation.document = Ref::new(invoice.id.clone());
    (allocation.kind, allocation.amount) = (Some(AllocationKind::Invoice), Some(amount));
    let mut payment = Payment::default();
    (payment.amount, payment.party) = (Some(amount), invoice.model.customer.clone());
    payment.allocations.push(allocation);
    let mut event = UnifiedEvent::default();
    event.payment = Some(Box::new(payment));
    quickbooks.payments().create(&Record::new("", event)).await.map(drop)
}

fn shown(invoice: &Record<UnifiedInvoice>) -> String {
    let money = |money: Option<Money>| money.map(|money| money.to_string()).unwrap_or_default();
    let status = invoice.model.status.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("{status}, {} of {} to pay", money(invoice.model.balance), money(invoice.model.total))
}
