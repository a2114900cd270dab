//! Queries with rows of the caller's own type.

use std::collections::{HashSet, VecDeque};

use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use http::Method;
use orion_core::{Error, ErrorKind, Result};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::{
    NAME, QuickBooks,
    ql::{PAGE, Select, Statement},
    wire::{Answer, Members, answer},
};

const OPERATION: &str = "query";

/// A longer statement is sent as a body: hosts in between cut addresses at 8 KiB, and escapes triple a character.
const LONG: usize = 2000;

/// How many rows two pages in an order of the caller's own have in common.
const OVERLAP: u64 = 50;

impl QuickBooks {
    /// Queries, page after page as rows are asked for. There is no cap on their number.
    ///
    /// Rows come in the order of their ids unless the query has an order of its own. In the order of ids a row that is made, changed or
    /// deleted between two pages moves no other, so none is missed and none comes twice. In another order pages overlap: rows that moved
    /// to a later page come once, and as many may be deleted between two pages as the overlap holds.
    ///
    /// ```
    /// # use orion_quickbooks::{Config, QuickBooks, ql::{Select, field}, sandbox::Sandbox};
    /// # use futures::TryStreamExt;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = Sandbox::builder().records(20).start().await?;
    /// # let quickbooks = QuickBooks::new(Config::sandbox(&sandbox))?;
    /// #[derive(serde::Deserialize)]
    /// #[serde(rename_all = "PascalCase")]
    /// struct Customer {
    ///     display_name: String,
    /// }
    /// let owing = Select::from("Customer").filter(field("Balance").gt(0));
    /// let customers: Vec<Customer> = quickbooks.query(&owing).try_collect().await?;
    /// assert!(customers.iter().all(|customer| !customer.display_name.is_empty()));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn query<T: DeserializeOwned + Send + 'static>(&self, select: &Select) -> BoxStream<'_, Result<T>> {
        let paging = Paging::new(select.clone());
        stream::try_unfold((paging, VecDeque::new()), move |(mut paging, mut ready)| async move {
            while ready.is_empty() && !paging.done {
                ready = paging.next::<T>(self).await?;
            }
            Ok(ready.pop_front().map(|row| (row, (paging, ready))))
        })
        .boxed()
    }

    /// Counts the rows a query finds.
    ///
    /// # Errors
    /// What the request reports.
    pub async fn count(&self, select: &Select) -> Result<u64> {
        let answer = self.rows(&select.count()?).await?;
        let total = answer.rows()?.total;
        total.ok_or_else(|| {
            Error::new(ErrorKind::Malformed, "the answer holds no count").during(NAME, OPERATION)
        })
    }

    /// Sends one query.
    pub(crate) async fn rows(&self, statement: &Statement) -> Result<Answer> {
        let text = statement.as_str();
        let call = if text.len() < LONG {
            self.call(Method::GET, "query", OPERATION).await?.query("query", text)
        } else {
            let call = self.call(Method::POST, "query", OPERATION).await?;
            call.body("application/text", text.to_owned().into()).idempotent()
        };
        answer(call, OPERATION).await
    }
}

/// Where a query stands.
struct Paging {
    select: Select,
    /// The last row's id, in the order of ids.
    after: Option<String>,
    /// The row after the last one, and the rows there were, in another order.
    start: u64,
    seen: HashSet<Box<str>>,
    given: u64,
    done: bool,
}

impl Paging {
    fn new(select: Select) -> Self {
        Self { select, after: None, start: 1, seen: HashSet::new(), given: 0, done: false }
    }

    async fn next<T: DeserializeOwned>(&mut self, quickbooks: &QuickBooks) -> Result<VecDeque<T>> {
        let wanted = self.select.wanted().map_or(u64::MAX, |wanted| wanted - self.given);
        let size = u32::try_from(wanted).map_or(PAGE, |wanted| wanted.min(PAGE));
        if size == 0 {
            self.done = true;
            return Ok(VecDeque::new());
        }
        let rows = if self.select.is_ordered() {
            self.by_position::<T>(quickbooks).await?
        } else {
            let answer = quickbooks.rows(&self.select.after(self.after.as_deref(), size)?).await?;
            let rows = answer.rows()?.rows;
            self.done = rows.len() < size as usize;
            if let Some(last) = rows.last() {
                self.after = Some(forward(self.after.as_deref(), &id(last)?)?);
            }
            rows.into_iter().map(typed).collect::<Result<VecDeque<T>>>()?
        };
        let rows: VecDeque<T> =
            rows.into_iter().take(usize::try_from(wanted).unwrap_or(usize::MAX)).collect();
        self.given += rows.len() as u64;
        Ok(rows)
    }

    async fn by_position<T: DeserializeOwned>(&mut self, quickbooks: &QuickBooks) -> Result<VecDeque<T>> {
        let mut back = OVERLAP;
        loop {
            let start = self.start.saturating_sub(back).max(1);
            let answer = quickbooks.rows(&self.select.page(start, PAGE)?).await?;
            let rows = answer.rows()?.rows;
            let ids = rows.iter().map(|row| id(row)).collect::<Result<Vec<String>>>()?;
            // Nothing in common with what came before: more was deleted than the overlap holds.
            let known = start == 1 || ids.iter().any(|id| self.seen.contains(&**id));
            if !known {
                back *= 8;
                continue;
            }
            self.done = rows.len() < PAGE as usize;
            self.start = start + rows.len() as u64;
            let new = rows.into_iter().zip(ids).filter(|(_, id)| self.seen.insert(id.as_str().into()));
            return new.map(|(row, _)| typed(row)).collect();
        }
    }
}

/// Refuses a page that is the one just read: following it would never end.
fn forward(from: Option<&str>, to: &str) -> Result<String> {
    if from != Some(to) {
        return Ok(to.to_owned());
    }
    let message = "the page ends where the one before it did; the query would never end";
    Err(Error::new(ErrorKind::Malformed, message).during(NAME, OPERATION))
}

/// The id of a row.
pub(crate) fn id(row: &RawValue) -> Result<String> {
    let id = Members::parse(row).and_then(|members| members.text("Id").map(|id| id.into_owned()));
    id.ok_or_else(|| Error::new(ErrorKind::Malformed, "a row has no `Id`").during(NAME, OPERATION))
}

fn typed<T: DeserializeOwned>(row: &RawValue) -> Result<T> {
    // serde's message may quote a value.
    serde_json::from_str(row.get()).map_err(|source| {
        let message = format!("a row does not fit the type asked for (column {})", source.column());
        Error::new(ErrorKind::Malformed, message).during(NAME, OPERATION)
    })
}
