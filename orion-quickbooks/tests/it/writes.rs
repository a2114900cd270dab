//! Writes under faults, against old versions, and to objects found by a key.

use orion_core::{
    AdapterExt, Error, ErrorKind, Query, Record, UnifiedCustomer, UnifiedInvoice, Write, WriteOptions,
    http::{Http, retry::Policy},
    testing::{FaultyTransport, Injection},
};
use orion_quickbooks::{Config, QuickBooks, Stale, Throttle};

use crate::company::Company;

/// A connection of whose requests one in five goes wrong, half of those after the server has carried them out.
fn unreliable(company: &Company, seed: u64) -> QuickBooks {
    let faults = [
        Injection::ResetAfter,
        Injection::StatusAfter(502),
        Injection::Truncated,
        Injection::ResetBefore,
        Injection::Status(503),
        Injection::Refused,
    ];
    let transport = FaultyTransport::new(Http::new().unwrap()).rate(0.2, faults, seed);
    let policy = Policy::default()
        .attempts(12)
        .backoff(std::time::Duration::from_millis(1), std::time::Duration::from_millis(3));
    let builder = QuickBooks::builder(Config::sandbox(&company.sandbox), transport);
    builder.throttle(Throttle::none()).retry(policy).build().unwrap()
}

#[tokio::test]
async fn a_thousand_creations_under_faults_make_exactly_a_thousand_invoices() {
    let company = Company::start().await;
    let before = company.sandbox.row_count("Invoice");
    let quickbooks = unreliable(&company, 11);
    let invoices: Vec<Record<UnifiedInvoice>> = (0..1000)
        .map(|number| {
            let mut invoice = company.invoice("12.34");
            invoice.model.memo = Some(format!("numbered {number}"));
            invoice
        })
        .collect();
    // Half of them one by one, half in batches.
    let (single, batched) = invoices.split_at(500);
    for chunk in single.chunks(10) {
        let api = quickbooks.invoices();
        for result in futures::future::join_all(chunk.iter().map(|invoice| api.create(invoice))).await {
            result.unwrap();
        }
    }
    let outcomes = quickbooks.write(&WriteOptions::create(), batched).await.unwrap();
    assert!(outcomes.iter().all(Result::is_ok), "{:?}", outcomes.iter().find(|outcome| outcome.is_err()));
    assert_eq!(company.sandbox.row_count("Invoice") - before, 1000);
    let mut memos: Vec<String> = company
        .all("Invoice")
        .iter()
        .filter_map(|row| {
            row["PrivateNote"].as_str().filter(|memo| memo.starts_with("numbered")).map(Into::into)
        })
        .collect();
    let total = memos.len();
    memos.sort_unstable();
    memos.dedup();
    assert_eq!((total, memos.len()), (1000, 1000), "an invoice was made twice");
}

#[tokio::test]
async fn a_named_request_is_carried_out_once_by_whoever_sends_it() {
    let company = Company::start().await;
    let before = company.sandbox.row_count("Invoice");
    let invoice = company.invoice("5.00");
    let mut ids = Vec::new();
    for _ in 0..3 {
        // Another process each time.
        let quickbooks = crate::company::connect(&company.sandbox);
        let made = quickbooks.invoices().request_id("order-4711").create(&invoice).await.unwrap();
        ids.push(made.id);
    }
    ids.dedup();
    assert_eq!((ids.len(), company.sandbox.row_count("Invoice") - before), (1, 1));
    let error = company.quickbooks.invoices().request_id("not a name").create(&invoice).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[tokio::test]
async fn no_old_version_overwrites_a_newer_one() {
    let company = Company::start().await;
    let made = company.written(&WriteOptions::create(), &vec![company.invoice("9.00"); 40]).await;
    let read: Vec<Record<UnifiedInvoice>> =
        company.read(Query::new()).await.into_iter().filter_map(orion_core::Change::into_record).collect();
    let mine: Vec<Record<UnifiedInvoice>> =
        read.into_iter().filter(|record| made.iter().any(|one| one.id == record.id)).collect();
    let noted = |records: &[Record<UnifiedInvoice>], memo: &str| -> Vec<Record<UnifiedInvoice>> {
        let mut records = records.to_vec();
        records.iter_mut().for_each(|record| record.model.memo = Some(memo.to_owned()));
        records
    };
    // Every second one is changed by somebody else.
    let theirs: Vec<_> = mine.iter().step_by(2).cloned().collect();
    company.written(&WriteOptions::update(), &noted(&theirs, "theirs")).await;
    let outcomes = company.write(&WriteOptions::update(), &noted(&mine, "ours")).await;
    for (at, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Ok(written) => assert_eq!((at % 2, written.version.as_deref()), (1, Some("1"))),
            Err(error) => {
                assert_eq!((at % 2, error.kind()), (0, ErrorKind::Conflict));
                let stale = std::error::Error::source(error).unwrap().downcast_ref::<Stale>().unwrap();
                assert_eq!((&*stale.sent, stale.current.as_deref()), ("0", Some("1")));
            }
        }
    }
    let rows = company.all("Invoice");
    assert_eq!(rows.iter().filter(|row| row["PrivateNote"] == "theirs").count(), 20, "a change was lost");
}

#[tokio::test]
async fn records_without_a_version_are_written_whatever_the_current_one_is() {
    let company = Company::start().await;
    let id = company.first("Customer");
    let mut customer = Record::new(id.as_str(), UnifiedCustomer::default());
    customer.model.notes = Some("net 30".to_owned());
    for _ in 0..2 {
        company.written(&WriteOptions::update(), &[customer.clone()]).await;
        customer.model.notes = Some("net 45".to_owned());
    }
    let absent = Record::new("987654321", UnifiedCustomer::default());
    let odd = Record::new("no number", UnifiedCustomer::default());
    let outcomes = company.write(&WriteOptions::update(), &[absent, odd, customer]).await;
    let kinds: Vec<Option<ErrorKind>> =
        outcomes.iter().map(|outcome| outcome.as_ref().err().map(Error::kind)).collect();
    assert_eq!(kinds, [Some(ErrorKind::NotFound), Some(ErrorKind::Config), None]);
}

#[tokio::test]
async fn a_name_is_made_once_and_changed_from_then_on() {
    let company = Company::start().await;
    let mut customer = Record::new("", UnifiedCustomer::named("Acme O'Hara"));
    let first = company.written(&WriteOptions::upsert("DisplayName"), &[customer.clone()]).await.remove(0);
    customer.model.notes = Some("again".to_owned());
    let second = company.written(&WriteOptions::upsert("DisplayName"), &[customer.clone()]).await.remove(0);
    assert_eq!((first.created, second.created, &first.id), (true, false, &second.id));
    let error = company.write(&WriteOptions::upsert("Notes"), &[customer]).await.remove(0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[tokio::test]
async fn names_are_made_inactive_and_come_as_deletes() {
    let company = Company::start().await;
    let made = company
        .quickbooks
        .customers()
        .create(&Record::new("", UnifiedCustomer::named("Gone Soon")))
        .await
        .unwrap();
    company.written(&WriteOptions::delete(), std::slice::from_ref(&made)).await;
    let live = company.read::<UnifiedCustomer>(Query::new()).await;
    assert!(live.iter().all(|change| *change.id() != made.id));
    let all = company.read::<UnifiedCustomer>(Query::new().with_deletes()).await;
    let gone = all.iter().find(|change| *change.id() == made.id).unwrap();
    assert!(matches!(gone, orion_core::Change::Delete { .. }));
    let hard = company.write(&WriteOptions::hard_delete(), &[made]).await.remove(0).unwrap_err();
    assert_eq!(hard.kind(), ErrorKind::Unsupported);
}

#[tokio::test]
async fn rows_that_are_made_and_deleted_between_pages_move_no_other() {
    let company = Company::with(|builder| builder.records(60)).await;
    let quickbooks = &company.quickbooks;
    let whole: Vec<_> =
        company.read::<UnifiedInvoice>(Query::new()).await.iter().map(|c| c.id().clone()).collect();
    let (mut seen, mut query, mut deleted) = (Vec::new(), Query::new().page_size(7), Vec::new());
    loop {
        let page = quickbooks.page::<UnifiedInvoice>(&query).await.unwrap();
        seen.extend(page.changes.iter().map(|change| change.id().clone()));
        // A row of the page goes and another comes, so that by position everything would shift.
        let one = quickbooks.invoices().create(&company.invoice("1.00")).await.unwrap();
        for change in &page.changes {
            let orion_core::Change::Upsert(record) = change else { continue };
            if record.model.allocations.is_empty() && quickbooks.invoices().delete(record).await.is_ok() {
                deleted.push(record.id.clone());
                break;
            }
        }
        quickbooks.invoices().delete(&one).await.unwrap();
        let Some(next) = page.next else { break };
        query = query.cursor(Some(next));
    }
    let mut once = seen.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), seen.len(), "a row came twice");
    assert!(deleted.len() > 2, "{deleted:?}");
    assert!(whole.iter().all(|id| seen.contains(id)), "a row was missed");
}
