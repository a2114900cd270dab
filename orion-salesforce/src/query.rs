//! Queries with rows of the caller's own type.

use std::{collections::VecDeque, fmt};

use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use http::HeaderName;
use orion_core::{Error, ErrorKind, Result, http::Response};
use serde::{Deserialize, de::DeserializeOwned};

use crate::Salesforce;

/// A page of an answer, and the answer of a child subquery, which has the same form.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct QueryResult<T> {
    /// Records of the whole answer.
    pub total_size: u64,
    /// Whether this page is the last. Its length says nothing.
    pub done: bool,
    /// Where the next page is.
    pub next_records_url: Option<String>,
    /// The records.
    pub records: Vec<T>,
}

/// Shows how many records there are, and not what they hold.
impl<T> fmt::Debug for QueryResult<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryResult")
            .field("total_size", &self.total_size)
            .field("done", &self.done)
            .field("records", &self.records.len())
            .finish_non_exhaustive()
    }
}

impl Salesforce {
    /// Queries live records, page after page as they are asked for. There is no cap on their number.
    ///
    /// Salesforce keeps a query's position for two days, and the ten latest of a user. A query whose position is lost ends with `Expired`,
    /// and the error says after how many rows: one that is ordered by `Id` can go on with `Id > '…'`, the last id received.
    /// [`Read`](orion_core::Read) and [`Salesforce::bulk_query`] go on by themselves.
    ///
    /// `soql` is a [`Soql`](crate::soql::Soql) or a text of the host's own. A child subquery is a [`QueryResult`] in `T`; its
    /// later pages come with [`Salesforce::rest`].
    ///
    /// ```
    /// # use orion_salesforce::{Config, Salesforce, sandbox::Sandbox, soql::Soql};
    /// # use futures::TryStreamExt;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = Sandbox::builder().records(50).start().await?;
    /// # let salesforce = Salesforce::new(Config::sandbox(&sandbox))?;
    /// #[derive(serde::Deserialize)]
    /// #[serde(rename_all = "PascalCase")]
    /// struct Account {
    ///     name: String,
    /// }
    ///
    /// let soql = Soql::select(["Name"]).from("Account").order_by("Name").limit(10).build()?;
    /// let accounts: Vec<Account> = salesforce.query(soql.as_str()).try_collect().await?;
    /// assert_eq!(accounts.len(), 10);
    /// assert!(accounts.iter().all(|account| !account.name.is_empty()));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn query<T: DeserializeOwned + Send + 'static>(&self, soql: &str) -> BoxStream<'_, Result<T>> {
        self.stream(soql, false)
    }

    /// Queries live and deleted records alike.
    #[must_use]
    pub fn query_all<T: DeserializeOwned + Send + 'static>(&self, soql: &str) -> BoxStream<'_, Result<T>> {
        self.stream(soql, true)
    }

    /// Counts the records a `SELECT COUNT() FROM …` finds.
    ///
    /// # Errors
    /// What the request reports.
    pub async fn count(&self, soql: &str) -> Result<u64> {
        let answer = self.first_rows(soql, false, None).await?;
        Ok(page::<serde::de::IgnoredAny>(answer).await?.total_size)
    }

    /// Reads the rest of a child subquery whose answer did not fit into its parent's page.
    ///
    /// # Errors
    /// What a request reports.
    pub async fn rest<T: DeserializeOwned>(&self, mut result: QueryResult<T>) -> Result<Vec<T>> {
        while let Some(url) = result.next_records_url.take() {
            let answer = self.next_rows(&url, None).await;
            let answer = answer.map_err(|error| lost(error, result.records.len()))?;
            let next: QueryResult<T> = page(answer).await?;
            result.records.extend(next.records);
            result.next_records_url = next.next_records_url;
            forward(Some(&url), result.next_records_url.as_deref())?;
        }
        Ok(result.records)
    }

    fn stream<T: DeserializeOwned + Send + 'static>(
        &self,
        soql: &str,
        deleted: bool,
    ) -> BoxStream<'_, Result<T>> {
        let start = Some((VecDeque::new(), Next::First(soql.to_owned()), 0));
        let steps = stream::unfold(start, move |state| async move {
            let (mut ready, mut next, seen) = state?;
            loop {
                if let Some(row) = ready.pop_front() {
                    return Some((Ok(row), Some((ready, next, seen + 1))));
                }
                match self.step::<T>(next, deleted).await? {
                    Ok(page) => {
                        next = page.next_records_url.map_or(Next::Done, Next::At);
                        ready = page.records.into();
                    }
                    Err(error) => return Some((Err(lost(error, seen)), None)),
                }
            }
        });
        steps.boxed()
    }

    async fn step<T: DeserializeOwned>(&self, next: Next, deleted: bool) -> Option<Result<QueryResult<T>>> {
        let (answer, url) = match next {
            Next::First(soql) => (self.first_rows(&soql, deleted, None).await, None),
            Next::At(url) => (self.next_rows(&url, None).await, Some(url)),
            Next::Done => return None,
        };
        let page = async {
            let page = page::<T>(answer?).await?;
            forward(url.as_deref(), page.next_records_url.as_deref())?;
            Ok(page)
        };
        Some(page.await)
    }

    /// The first page of a query.
    pub(crate) async fn first_rows(
        &self,
        soql: &str,
        deleted: bool,
        page_size: Option<u32>,
    ) -> Result<Response> {
        let (path, operation) = if deleted { ("queryAll", "query_all") } else { ("query", "query") };
        let call = self.get(path, operation).query("q", soql);
        with_page_size(call, page_size).send().await
    }

    /// A later page, by the address the one before gave.
    pub(crate) async fn next_rows(&self, url: &str, page_size: Option<u32>) -> Result<Response> {
        with_page_size(self.client().get(url, "query_more"), page_size).send().await
    }
}

enum Next {
    First(String),
    At(String),
    Done,
}

fn with_page_size<'a>(
    call: orion_core::http::Call<'a>,
    page_size: Option<u32>,
) -> orion_core::http::Call<'a> {
    match page_size {
        // Other sizes are refused or ignored (REST API Developer Guide, "Query Options Header").
        Some(size) => call.header(
            HeaderName::from_static("sforce-query-options"),
            &format!("batchSize={}", size.clamp(200, 2000)),
        ),
        None => call,
    }
}

/// Says of a query whose position is lost how far it came and how to go on.
fn lost(error: Error, seen: usize) -> Error {
    if error.kind() != ErrorKind::Expired {
        return error;
    }
    let message = format!(
        "Salesforce no longer has the query's position, after {seen} rows: order the query by `Id` and ask for those after the last id \
         received, or use `read` or `bulk_query`, which go on by themselves"
    );
    let told = Error::new(ErrorKind::Expired, message).during(crate::NAME, "query_more");
    let told = error.fault().cloned().into_iter().fold(told, Error::with_fault);
    told.with_source(error)
}

/// Refuses a next page that is the one just read: following it would never end.
fn forward(from: Option<&str>, to: Option<&str>) -> Result<()> {
    if from.is_none() || from != to {
        return Ok(());
    }
    let message = "the page names itself as the next one; the query would never end";
    Err(Error::new(ErrorKind::Malformed, message).during(crate::NAME, "query_more"))
}

async fn page<T: DeserializeOwned>(answer: Response) -> Result<QueryResult<T>> {
    let body = answer.bytes().await?;
    serde_json::from_slice(&body).map_err(|source| {
        // serde's message may quote a value.
        let (line, column) = (source.line(), source.column());
        let message = if source.is_data() {
            format!("a row does not fit the type asked for (line {line}, column {column} of the page)")
        } else {
            format!("the page is not JSON (line {line}, column {column})")
        };
        Error::new(ErrorKind::Malformed, message).during(crate::NAME, "query")
    })
}
