//! What a query gives.

use std::collections::BTreeSet;

use orion_core::ErrorKind;

use super::*;
use crate::bulk::csv::Cells;

const ALL: &str = "SELECT Id, Name, Site FROM Account";

/// Reads a row as the text of its cells.
fn texts(header: &[Arc<str>]) -> impl FnMut(Cells<'_>) -> Result<Vec<String>> + use<> {
    let width = header.len();
    move |cells| {
        assert_eq!(cells.len(), width);
        Ok(cells.iter().map(ToOwned::to_owned).collect())
    }
}

#[tokio::test]
async fn every_row_comes_once_from_pages_side_by_side() {
    let sandbox = org().records(200).bulk_page_size(17).start().await.unwrap();
    let expected: BTreeSet<String> = sandbox
        .query("SELECT Id FROM Account")
        .unwrap()
        .iter()
        .map(|row| row["Id"].as_str().unwrap().to_owned())
        .collect();
    for pages in [1, 3, 8] {
        let jobs = jobs(&sandbox, BulkOptions::default().pages(pages));
        let id = jobs.start_query(ALL, false).await.unwrap();
        let rows: Vec<Vec<String>> = jobs.rows(Arc::clone(&id), texts).try_collect().await.unwrap();
        assert_eq!(rows.len(), expected.len());
        assert_eq!(rows.into_iter().map(|row| row[0].clone()).collect::<BTreeSet<_>>(), expected);
    }
}

#[tokio::test]
async fn an_old_version_is_read_page_after_page() {
    let sandbox = org().bulk_page_size(7).start().await.unwrap();
    let mut jobs = jobs(&sandbox, BulkOptions::default());
    jobs.base = "/services/data/v57.0/".into();
    let id = jobs.start_query(ALL, false).await.unwrap();
    let rows: Vec<Vec<String>> = jobs.rows(Arc::clone(&id), texts).try_collect().await.unwrap();
    assert_eq!(rows.len(), sandbox.row_count("Account"));
}

#[tokio::test]
async fn an_export_goes_on_from_a_locator_in_another_process() {
    let sandbox = org().start().await.unwrap();
    let first = jobs(&sandbox, BulkOptions::default());
    let id = first.start_query(ALL, false).await.unwrap();
    let page = first.page(&id, None, 8, texts).await.unwrap();
    assert_eq!(page.rows.len(), 8);
    let mut ids: BTreeSet<String> = page.rows.into_iter().map(|row| row.unwrap()[0].clone()).collect();

    let second = jobs(&sandbox, BulkOptions::default());
    let mut next = page.next;
    while let Some(locator) = next {
        let page = second.page(&id, Some(&locator), 8, texts).await.unwrap();
        ids.extend(page.rows.into_iter().map(|row| row.unwrap()[0].clone()));
        next = page.next;
    }
    assert_eq!(ids.len(), sandbox.row_count("Account"));
}

#[tokio::test]
async fn a_row_that_cannot_be_read_does_not_stop_the_others() {
    let sandbox = org().bulk_page_size(6).start().await.unwrap();
    let jobs = jobs(&sandbox, BulkOptions::default());
    let id = jobs.start_query(ALL, false).await.unwrap();
    let odd = |_: &[Arc<str>]| {
        let mut rows = 0;
        move |_: Cells<'_>| {
            rows += 1;
            if rows == 2 { Err(orion_core::Error::new(ErrorKind::Malformed, "odd")) } else { Ok(()) }
        }
    };
    let rows: Vec<Result<()>> = jobs.rows(Arc::clone(&id), odd).collect().await;
    assert_eq!(rows.len(), sandbox.row_count("Account"));
    assert_eq!(rows.iter().filter(|row| row.is_err()).count(), rows.len().div_ceil(6));
}

#[tokio::test]
async fn no_rows_are_no_rows() {
    let sandbox = org().start().await.unwrap();
    let jobs = jobs(&sandbox, BulkOptions::default());
    let id = jobs.start_query("SELECT Id FROM Account WHERE Name = 'nobody'", false).await.unwrap();
    let rows: Vec<Vec<String>> = jobs.rows(Arc::clone(&id), texts).try_collect().await.unwrap();
    assert!(rows.is_empty());
}

#[tokio::test]
async fn a_query_salesforce_refuses_is_an_error() {
    let sandbox = org().start().await.unwrap();
    let jobs = jobs(&sandbox, BulkOptions::default());
    assert!(jobs.start_query("SELECT Nmae FROM Account", false).await.is_err());
}
