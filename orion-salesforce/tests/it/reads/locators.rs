//! Positions that Salesforce forgets: a read goes on from its last row.

use futures::TryStreamExt;
use orion_core::{AdapterExt, Change, Cursor, ErrorKind, Query, UnifiedCustomer, UnifiedInvoice};
use orion_salesforce::sandbox::{EXPIRE_LOCATOR, Fault};
use serde_json::{Value, json};

use super::distinct;
use crate::support::Org;

async fn read_with(fault: Fault, query: Query) -> (Org, Vec<Change<UnifiedCustomer>>) {
    let org = Org::with(|builder| builder.records(500).page_size(60)).await;
    // Many rows of one moment, so that time alone is no position.
    for at in 0..150 {
        org.sandbox.insert("Account", json!({"Name": format!("Same {at}")}).as_object().unwrap()).unwrap();
    }
    org.sandbox.inject(fault);
    let changes = org.read::<UnifiedCustomer>(query).await;
    (org, changes)
}

#[tokio::test]
async fn an_expired_locator_costs_neither_records_nor_duplicates() {
    let always = Fault::new(EXPIRE_LOCATOR).on("query");
    for fault in [always.clone().skip(3).count(1), always.clone().every(2), always] {
        let (org, changes) = read_with(fault, Query::new()).await;
        assert_eq!(changes.len(), org.sandbox.row_count("Account"), "none twice");
        assert_eq!(distinct(&changes).len(), changes.len(), "none lost");
        assert!(org.sandbox.injected()[&EXPIRE_LOCATOR] > 0);
    }
}

#[tokio::test]
async fn deletes_and_bounds_hold_over_an_expired_locator() {
    let fault = Fault::new(EXPIRE_LOCATOR).on("queryAll").every(2);
    let (org, mut changes) = read_with(fault, Query::new().with_deletes()).await;
    assert_eq!(changes.len(), org.sandbox.row_count("Account"));
    changes.sort_by_key(Change::at);
    let middle = changes[changes.len() / 2].at().unwrap();
    let after = changes.iter().filter(|change| change.at().unwrap() >= middle).count();
    let found = org.read::<UnifiedCustomer>(Query::new().with_deletes().since(middle)).await;
    assert_eq!(found.len(), after);
}

#[tokio::test]
async fn a_cursor_serves_a_later_process_with_and_without_its_locator() {
    let org = Org::with(|builder| builder.records(300).page_size(100)).await;
    let first = org.salesforce.page::<UnifiedCustomer>(&Query::new()).await.unwrap();
    let cursor = first.next.clone().unwrap();
    let kept: Cursor = serde_json::from_str(&serde_json::to_string(&cursor).unwrap()).unwrap();
    let later = crate::support::connect(&org.sandbox);
    for expired in [false, true] {
        if expired {
            org.sandbox.advance(std::time::Duration::from_secs(3 * 24 * 3600));
        }
        let rest: Vec<Change<UnifiedCustomer>> =
            later.records(Query::new().cursor(Some(kept.clone()))).try_collect().await.unwrap();
        let mut all: Vec<_> = first.changes.iter().map(|change| change.id().as_str()).collect();
        all.extend(rest.iter().map(|change| change.id().as_str()));
        assert_eq!(all.len(), org.sandbox.row_count("Account"));
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), org.sandbox.row_count("Account"));
    }
}

#[tokio::test]
async fn more_reads_at_once_than_salesforce_keeps_positions_for() {
    let org = Org::with(|builder| builder.records(300).page_size(20)).await;
    let reads = (0..14).map(|at| {
        let object = ["Account", "Contact", "Lead"][at % 3];
        let salesforce = org.salesforce.clone();
        async move {
            let query = Query::new().object(object);
            let changes: Vec<Change<UnifiedCustomer>> =
                salesforce.records(query).try_collect().await.unwrap();
            (object, distinct(&changes).len(), changes.len())
        }
    });
    for (object, distinct, all) in futures::future::join_all(reads).await {
        assert_eq!(
            (distinct, all),
            (org.sandbox.row_count(object), org.sandbox.row_count(object)),
            "{object}"
        );
    }
}

#[tokio::test]
async fn a_typed_query_whose_position_is_lost_says_so_and_ends() {
    use futures::StreamExt;
    let org = Org::with(|builder| builder.records(100).page_size(30)).await;
    org.sandbox.inject(Fault::new(EXPIRE_LOCATOR).on("query").skip(1));
    let mut rows = org.salesforce.query::<Value>("SELECT Id FROM Lead");
    let mut found = 0;
    let error = loop {
        match rows.next().await.unwrap() {
            Ok(_) => found += 1,
            Err(error) => break error,
        }
    };
    assert_eq!((found, error.kind()), (60, ErrorKind::Expired));
    assert_eq!(crate::support::code(&error), "INVALID_QUERY_LOCATOR");
    for part in ["after 60 rows", "order the query by `Id`", "`bulk_query`"] {
        assert!(error.to_string().contains(part), "{part:?} is not in: {error}");
    }
    assert!(rows.next().await.is_none());
}

#[tokio::test]
async fn a_cursor_of_another_connector_is_refused() {
    let org = Org::start().await;
    let query = Query::new().cursor(Some(Cursor::new("page-2")));
    let error = org.salesforce.page::<UnifiedInvoice>(&query).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("cursor"), "{error}");
}
