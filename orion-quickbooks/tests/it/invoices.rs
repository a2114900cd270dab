//! The life of an invoice, and reads by plain arguments.

use futures::TryStreamExt;
use orion_core::{
    AdapterExt, Allocation, AllocationKind, Change, ErrorKind, InvoiceStatus, Payment, Query, Record, Ref,
    UnifiedEvent, UnifiedInvoice,
};
use orion_quickbooks::{
    InvoiceFilter, Stale, Upload,
    ql::{Select, field},
};
use serde::Deserialize;

use crate::company::{Company, usd};

fn stale(error: &orion_core::Error) -> (&str, Option<&str>) {
    let stale = std::error::Error::source(error).unwrap().downcast_ref::<Stale>().unwrap();
    (&stale.sent, stale.current.as_deref())
}

#[tokio::test]
async fn an_invoice_is_made_changed_sent_paid_voided_and_deleted() {
    let company = Company::start().await;
    let invoices = company.quickbooks.invoices();
    let made = invoices.create(&company.invoice("100.10")).await.unwrap();
    assert_eq!(
        (made.model.status.clone(), made.model.total),
        (Some(InvoiceStatus::Open), Some(usd("100.10")))
    );
    assert_eq!(made.model.subtotal, Some(usd("100.10")));

    // Sparse: what is not named stays.
    let mut note = Record::new(made.id.clone(), UnifiedInvoice::default());
    note.model.memo = Some("net 60 \"agreed\" \\ ok".to_owned());
    let noted = invoices.update(&note).await.unwrap();
    assert_eq!((noted.model.memo.clone(), noted.model.total), (note.model.memo, made.model.total));
    assert_eq!(noted.model.lines, made.model.lines);

    // The first version is old now.
    let mut old = made.clone();
    old.model.memo = Some("lost?".to_owned());
    let error = invoices.update(&old).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(stale(&error), (made.meta.version.as_deref().unwrap(), noted.meta.version.as_deref()));
    assert!(error.fault().unwrap().request_id.is_some());

    let sent = invoices.send_email(made.id.as_str(), Some("ada@example.com")).await.unwrap();
    assert_eq!(sent.extra.text("EmailStatus"), Some("EmailSent"));
    let pdf = invoices.pdf(made.id.as_str()).await.unwrap();
    assert!(pdf.starts_with(b"%PDF"));

    let paid = pay(&company, &made, "40.10").await;
    let part = invoices.read(made.id.as_str()).await.unwrap();
    assert_eq!(
        (part.model.status, part.model.balance),
        (Some(InvoiceStatus::PartiallyPaid), Some(usd("60.00")))
    );
    assert_eq!(part.model.allocations[0].document.id, paid.id);
    let void = company.quickbooks.payments().void(&paid).await.unwrap();
    assert_eq!(void.model.payment.unwrap().status, Some(orion_core::PaymentStatus::Void));

    let current = invoices.read(made.id.as_str()).await.unwrap();
    let void = invoices.void(&current).await.unwrap();
    assert_eq!((void.model.status.clone(), void.model.total), (Some(InvoiceStatus::Void), Some(usd("0"))));
    invoices.delete(&void).await.unwrap();
    assert_eq!(invoices.read(made.id.as_str()).await.unwrap_err().kind(), ErrorKind::NotFound);
}

async fn pay(company: &Company, invoice: &Record<UnifiedInvoice>, amount: &str) -> Record<UnifiedEvent> {
    let mut allocation = Allocation::default();
    allocation.document = Ref::new(invoice.id.clone());
    (allocation.kind, allocation.amount) = (Some(AllocationKind::Invoice), Some(usd(amount)));
    let mut payment = Payment::default();
    (payment.amount, payment.party) = (Some(usd(amount)), invoice.model.customer.clone());
    payment.allocations.push(allocation);
    let mut event = UnifiedEvent::default();
    event.payment = Some(Box::new(payment));
    let made = company.quickbooks.payments().create(&Record::new("", event)).await.unwrap();
    let payment = made.model.payment.as_ref().unwrap();
    assert_eq!((payment.unapplied, payment.allocations[0].amount), (Some(usd("0")), Some(usd(amount))));
    made
}

#[tokio::test]
async fn a_change_is_made_again_to_an_object_that_others_change_meanwhile() {
    let company = Company::start().await;
    let invoices = company.quickbooks.invoices();
    let made = invoices.create(&company.invoice("10.00")).await.unwrap();
    let append =
        |letter: char| move |invoice: &mut UnifiedInvoice| invoice.memo.get_or_insert_default().push(letter);
    let changes = "abcd".chars().map(|letter| {
        let id = made.id.as_str();
        let invoices = &invoices;
        async move { invoices.update_with(id, append(letter)).await }
    });
    for result in futures::future::join_all(changes).await {
        result.unwrap();
    }
    let mut memo: Vec<char> =
        invoices.read(made.id.as_str()).await.unwrap().model.memo.unwrap().chars().collect();
    memo.sort_unstable();
    assert_eq!(memo, ['a', 'b', 'c', 'd']);
}

#[tokio::test]
async fn a_full_update_empties_what_the_record_does_not_name() {
    let company = Company::start().await;
    let invoices = company.quickbooks.invoices();
    let mut invoice = company.invoice("10.00");
    invoice.model.memo = Some("keep out".to_owned());
    let made = invoices.create(&invoice).await.unwrap();
    let mut whole = made.clone();
    whole.model.memo = None;
    let replaced = invoices.replace(&whole).await.unwrap();
    assert_eq!(replaced.model.memo, None);
    assert_eq!(replaced.model.total, made.model.total);
}

#[tokio::test]
async fn invoices_are_found_by_status_date_and_customer() {
    let company = Company::with(|builder| builder.records(120)).await;
    let all: Vec<Record<UnifiedInvoice>> =
        company.quickbooks.find_invoices(InvoiceFilter::new()).try_collect().await.unwrap();
    assert_eq!(all.len(), company.sandbox.row_count("Invoice"));
    let mut found = 0;
    for status in
        [InvoiceStatus::Open, InvoiceStatus::PartiallyPaid, InvoiceStatus::Paid, InvoiceStatus::Void]
    {
        let filter = InvoiceFilter::new().status(status.clone());
        let some: Vec<_> = company.quickbooks.find_invoices(filter).try_collect().await.unwrap();
        assert!(some.iter().all(|invoice| invoice.model.status.as_ref() == Some(&status)));
        found += some.len();
    }
    assert_eq!(found, all.len());
    let mut days: Vec<_> = all.iter().filter_map(|invoice| invoice.model.issue_date).collect();
    days.sort_unstable();
    let (first, last) = (days[days.len() / 4], days[days.len() / 2]);
    let customer = all[0].model.customer.as_ref().unwrap().id.clone();
    let filter = InvoiceFilter::new().dated(first, last).customer(customer.to_string());
    let some: Vec<_> = company.quickbooks.find_invoices(filter).try_collect().await.unwrap();
    let wanted = |invoice: &&Record<UnifiedInvoice>| {
        let day = invoice.model.issue_date.unwrap();
        day >= first && day <= last && invoice.model.customer.as_ref().unwrap().id == customer
    };
    let wanted: Vec<_> = all.iter().filter(wanted).map(|invoice| invoice.id.clone()).collect();
    assert_eq!(some.into_iter().map(|invoice| invoice.id).collect::<Vec<_>>(), wanted);
}

#[tokio::test]
async fn a_sync_of_invoices_tells_of_changes_and_deletes() {
    let company = Company::start().await;
    let since = company.sandbox.now();
    company.sandbox.advance(std::time::Duration::from_secs(5));
    let quickbooks = &company.quickbooks;
    let kept = quickbooks.invoices().create(&company.invoice("1.00")).await.unwrap();
    let gone = quickbooks.invoices().create(&company.invoice("2.00")).await.unwrap();
    quickbooks.invoices().delete(&gone).await.unwrap();
    let changes: Vec<Change<UnifiedInvoice>> = quickbooks.sync_invoices(since).try_collect().await.unwrap();
    let ids = |deleted: bool| -> Vec<_> {
        changes
            .iter()
            .filter(|c| matches!(c, Change::Delete { .. }) == deleted)
            .map(|c| c.id().clone())
            .collect()
    };
    assert!(ids(false).contains(&kept.id) && !ids(false).contains(&gone.id));
    assert_eq!(ids(true), [gone.id]);
    // Longer ago than change data capture remembers, a copy has to be read anew.
    let old = since - chrono::TimeDelta::days(40);
    let error = quickbooks.page::<UnifiedInvoice>(&Query::new().since(old).with_deletes()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Expired);
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    id: String,
    display_name: String,
}

#[tokio::test]
async fn queries_count_sort_and_find_what_needs_escaping() {
    let company = Company::start().await;
    let quickbooks = &company.quickbooks;
    for name in ["O'Hara \\ Sons", "100% & more+", "Zoë “quoted”"] {
        let made = quickbooks
            .customers()
            .create(&Record::new("", orion_core::UnifiedCustomer::named(name)))
            .await
            .unwrap();
        let select = Select::from("Customer").filter(field("DisplayName").eq(name));
        let found: Vec<Named> = quickbooks.query(&select).try_collect().await.unwrap();
        assert_eq!(found.len(), 1, "{name}");
        assert_eq!((&*found[0].id, &*found[0].display_name), (made.id.as_str(), name));
    }
    let like = Select::from("Customer").filter(field("DisplayName").like("O'Hara%"));
    assert_eq!(quickbooks.count(&like).await.unwrap(), 1);
    let sorted: Vec<Named> = quickbooks
        .query(&Select::from("Customer").order_by("DisplayName").limit(5))
        .try_collect()
        .await
        .unwrap();
    assert_eq!(sorted.len(), 5);
    assert!(sorted.is_sorted_by_key(|customer| customer.display_name.to_lowercase()));
    let ids: Vec<String> = (1..1500).map(|id: u32| id.to_string()).collect();
    let long = Select::from("Customer").filter(field("Id").is_in(ids.iter().map(|id| &**id)));
    assert!(!quickbooks.query::<Named>(&long).try_collect::<Vec<_>>().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_file_comes_back_as_it_was_kept() {
    let company = Company::start().await;
    let invoice = company.first("Invoice");
    let upload =
        Upload::new("receipt ß.pdf", "application/pdf").attach_to("Invoice", &*invoice).note("signed");
    let content = bytes::Bytes::from_static(b"%PDF-1.4\r\n--x\r\n\0\xff");
    let kept = company.quickbooks.upload(&upload, content.clone()).await.unwrap();
    assert_eq!(company.quickbooks.download(&kept.id).await.unwrap(), content);
}

#[tokio::test]
async fn a_report_is_a_table() {
    let company = Company::start().await;
    let parameters = [("start_date", "2000-01-01"), ("end_date", "2100-12-31")];
    let report = company.quickbooks.report("ProfitAndLoss", &parameters).await.unwrap();
    assert_eq!(report.name, "ProfitAndLoss");
    assert!(report.columns.iter().any(|column| column.kind == "Money"), "{:?}", report.columns);
    assert!(report.rows.iter().all(|row| row.cells.len() == report.columns.len()));
    let income = report.summary("Income").unwrap().cells.last().unwrap().amount().unwrap();
    let accounts = report.data().filter(|row| row.depth > 0).filter_map(|row| row.cells.last()?.amount());
    assert!(accounts.count() > 0 && !income.is_zero());
    let error = company.quickbooks.report("../invoice", &[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}
