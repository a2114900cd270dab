//! A copy of the invoices through a plan: whole, by changes, and whole again once changes are not told any more.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use orion_core::{
    Change, RecordId, UnifiedInvoice,
    sync::{Engine, MemoryCheckpoints, Plan, channel},
};
use orion_quickbooks::QuickBooks;

use crate::company::Company;

/// The copy.
type Copy = BTreeMap<RecordId, UnifiedInvoice>;

/// Runs a plan once over the copy, and returns how many changes it brought.
async fn run(quickbooks: &QuickBooks, checkpoints: &MemoryCheckpoints, copy: &mut Copy) -> usize {
    let (destination, mut batches) = channel::<UnifiedInvoice>();
    let plan = Plan::new(Arc::new(quickbooks.clone()), destination).object("Invoice").page_size(50);
    let engine = Engine::new().checkpoints(checkpoints.clone()).stream(plan);
    let run = async {
        let report = engine.run().await;
        drop(engine);
        report
    };
    let mut brought = 0;
    let receive = async {
        while let Some(delivered) = batches.next().await {
            let batch = delivered.batch();
            assert!(batch.rejected.is_empty(), "{:?}", batch.rejected);
            brought += batch.changes.len();
            for change in &batch.changes {
                match change {
                    Change::Upsert(record) => drop(copy.insert(record.id.clone(), record.model.clone())),
                    Change::Delete { id, .. } => drop(copy.remove(id)),
                }
            }
            delivered.ack();
        }
    };
    let (report, ()) = futures::join!(run, receive);
    assert!(report.is_complete(), "{:?}", report.errors().collect::<Vec<_>>());
    brought
}

#[tokio::test]
async fn a_copy_follows_changes_and_deletes() {
    let company = Company::with(|builder| builder.records(130)).await;
    let (quickbooks, checkpoints) = (&company.quickbooks, MemoryCheckpoints::new());
    let mut copy = Copy::new();
    let rows = company.sandbox.row_count("Invoice");
    assert_eq!(run(quickbooks, &checkpoints, &mut copy).await, rows);

    // By changes from here on: one request brings what was made, changed and deleted.
    company.sandbox.advance(Duration::from_secs(3600));
    let made = quickbooks.invoices().create(&company.invoice("77.00")).await.unwrap();
    let gone = quickbooks.invoices().create(&company.invoice("78.00")).await.unwrap();
    quickbooks.invoices().delete(&gone).await.unwrap();
    let open = copy.iter().find(|(_, invoice)| invoice.allocations.is_empty()).unwrap().0.clone();
    let open = quickbooks.invoices().read(open.as_str()).await.unwrap();
    quickbooks.invoices().delete(&open).await.unwrap();
    company.sandbox.clear_log();
    let brought = run(quickbooks, &checkpoints, &mut copy).await;
    assert!((3..rows).contains(&brought), "{brought}");
    assert!(copy.contains_key(&made.id) && !copy.contains_key(&gone.id) && !copy.contains_key(&open.id));
    assert_eq!(copy.len(), company.sandbox.row_count("Invoice"));
    let asked: Vec<String> = company.sandbox.log().into_iter().map(|entry| entry.path).collect();
    assert!(asked.iter().filter(|path| path.contains("/cdc")).count() == 1, "{asked:?}");
    assert!(!asked.iter().any(|path| path.contains("/query")), "{asked:?}");

    // More changes than change data capture tells of: everything is read again.
    company.sandbox.advance(Duration::from_secs(3600));
    let more = vec![company.invoice("1.00"); 1001];
    company.written(&orion_core::WriteOptions::create(), &more).await;
    run(quickbooks, &checkpoints, &mut copy).await;
    assert_eq!(copy.len(), company.sandbox.row_count("Invoice"));

    // Longer ago than it remembers: the same.
    company.sandbox.advance(Duration::from_secs(40 * 24 * 3600));
    let again = run(quickbooks, &checkpoints, &mut copy).await;
    assert_eq!(again, company.sandbox.row_count("Invoice"));
}
