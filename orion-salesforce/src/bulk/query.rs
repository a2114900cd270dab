//! Bulk jobs by the vendor's own names: any query, and the end of a job's life.

use std::sync::Arc;

use futures::stream::BoxStream;
use orion_core::{BulkJob, Fields, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{csv::Cells, job::Side};
use crate::{Salesforce, soql::Soql};

/// A query Salesforce runs in bulk. Serialise it, and another process reads the rows of the same job; Salesforce keeps them for a week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkQuery {
    /// The vendor's id of the job.
    pub id: Arc<str>,
}

/// One page of a bulk query's rows.
#[derive(Debug)]
#[non_exhaustive]
pub struct BulkPage {
    /// The rows: every column, as text or null. CSV has no other types.
    pub rows: Vec<Fields>,
    /// Where the next page starts; `None` after the last.
    pub next: Option<Box<str>>,
}

/// Reads rows as they stand.
fn fields(header: &[Arc<str>]) -> impl FnMut(Cells<'_>) -> Result<Fields> + use<> {
    let header: Vec<Arc<str>> = header.iter().map(Arc::clone).collect();
    move |cells| {
        let value = |cell: &str| if cell.is_empty() { Value::Null } else { Value::from(cell) };
        Ok(header.iter().zip(cells.iter()).map(|(name, cell)| (Arc::clone(name), value(cell))).collect())
    }
}

impl Salesforce {
    /// Has a query run in bulk. Aggregates, child subqueries and OFFSET are refused there.
    ///
    /// ```
    /// # use futures::TryStreamExt;
    /// # use orion_salesforce::{Salesforce, soql::{Soql, field}};
    /// # async fn names(salesforce: &Salesforce) -> orion_core::Result<()> {
    /// let soql = Soql::select(["Id", "Name"]).from("Account").filter(field("Industry").eq("Energy")).build()?;
    /// let query = salesforce.bulk_query(&soql).await?;
    /// let mut rows = salesforce.bulk_rows(&query);
    /// while let Some(row) = rows.try_next().await? {
    ///     println!("{:?}", row.text("Name"));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Config` for a query Salesforce does not understand or does not run in bulk.
    pub async fn bulk_query(&self, soql: &Soql) -> Result<BulkQuery> {
        let id = self.inner().jobs.start_query(soql.as_str(), false).await?;
        Ok(BulkQuery { id })
    }

    /// As [`bulk_query`](Self::bulk_query), deleted rows included.
    ///
    /// # Errors
    /// As [`bulk_query`](Self::bulk_query).
    pub async fn bulk_query_all(&self, soql: &Soql) -> Result<BulkQuery> {
        let id = self.inner().jobs.start_query(soql.as_str(), true).await?;
        Ok(BulkQuery { id })
    }

    /// Waits for a bulk query and yields every row, several pages at a time and so in no particular order.
    pub fn bulk_rows<'a>(&'a self, query: &BulkQuery) -> BoxStream<'a, Result<Fields>> {
        self.inner().jobs.rows(Arc::clone(&query.id), fields)
    }

    /// Waits for a bulk query and reads one page of at most `rows` rows: the first, or the one `locator` points at.
    ///
    /// The position is the job and the locator, so that another process can go on from it.
    ///
    /// # Errors
    /// `NotFound` if Salesforce no longer keeps the job, `Timeout` if it takes longer than [`BulkOptions::wait`](crate::BulkOptions::wait).
    pub async fn bulk_page(&self, query: &BulkQuery, locator: Option<&str>, rows: u32) -> Result<BulkPage> {
        let page = self.inner().jobs.page(&query.id, locator, rows, fields).await?;
        Ok(BulkPage { rows: page.rows.into_iter().collect::<Result<_>>()?, next: page.next })
    }

    /// Removes a bulk job that has ended, with its results. Salesforce does so by itself after a week.
    ///
    /// # Errors
    /// What Salesforce refuses: a job that is being worked on, first of all.
    pub async fn bulk_remove(&self, job: &BulkJob) -> Result<()> {
        self.inner().jobs.delete(job).await
    }

    /// Removes a bulk query that has ended, with its rows.
    ///
    /// # Errors
    /// As [`bulk_remove`](Self::bulk_remove).
    pub async fn bulk_remove_query(&self, query: &BulkQuery) -> Result<()> {
        self.inner().jobs.remove(Side::Query, &query.id).await
    }
}
