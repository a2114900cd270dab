//! Invoices by plain arguments: changed since, until, of a status.

use chrono::{DateTime, NaiveDate, Utc};
use futures::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use orion_core::{AdapterExt, Change, Error, InvoiceStatus, Query, Record, Result, UnifiedInvoice};

use crate::{
    QuickBooks,
    object::{self, Entity},
    ql::{PAGE, Select, field},
    query::id,
    read::REMEMBERED,
    rows::Layout,
};

/// Which invoices to read. The default is all of them.
///
/// ```
/// use chrono::NaiveDate;
/// use orion_core::InvoiceStatus;
/// use orion_quickbooks::InvoiceFilter;
///
/// let january = NaiveDate::from_ymd_opt(2026, 1, 1).zip(NaiveDate::from_ymd_opt(2026, 1, 31));
/// let unpaid = january.map(|(first, last)| InvoiceFilter::new().dated(first, last).status(InvoiceStatus::Open));
/// # assert!(unpaid.is_some());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct InvoiceFilter {
    /// Only what changed at or after this instant.
    pub since: Option<DateTime<Utc>>,
    /// Only what changed before this instant.
    pub until: Option<DateTime<Utc>>,
    /// Only what was issued on or after this day.
    pub from: Option<NaiveDate>,
    /// Only what was issued on or before this day.
    pub to: Option<NaiveDate>,
    /// Only what is due before this day.
    pub due_before: Option<NaiveDate>,
    /// Only what stands like this.
    pub status: Option<InvoiceStatus>,
    /// Only what this customer owes.
    pub customer: Option<String>,
}

impl InvoiceFilter {
    /// All invoices.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only what changed at or after this instant.
    #[must_use]
    pub fn since(mut self, since: DateTime<Utc>) -> Self {
        self.since = Some(since);
        self
    }

    /// Only what changed before this instant.
    #[must_use]
    pub fn until(mut self, until: DateTime<Utc>) -> Self {
        self.until = Some(until);
        self
    }

    /// Only what was issued on these days and those between.
    #[must_use]
    pub fn dated(mut self, first: NaiveDate, last: NaiveDate) -> Self {
        (self.from, self.to) = (Some(first), Some(last));
        self
    }

    /// Only what is due before this day and not paid: overdue, if the day is today.
    #[must_use]
    pub fn overdue(mut self, today: NaiveDate) -> Self {
        self.due_before = Some(today);
        self
    }

    /// Only what stands like this.
    #[must_use]
    pub fn status(mut self, status: InvoiceStatus) -> Self {
        self.status = Some(status);
        self
    }

    /// Only the invoices of this customer.
    #[must_use]
    pub fn customer(mut self, id: impl Into<String>) -> Self {
        self.customer = Some(id.into());
        self
    }

    /// As much of it as the query language can say: there is no field of the status there, only the balance it follows from.
    fn select(&self) -> Select {
        let mut select = Select::from("Invoice");
        select = self.since.into_iter().fold(select, Select::since);
        select = self.until.into_iter().fold(select, Select::until);
        let conditions = [
            self.from.map(|day| field("TxnDate").ge(day)),
            self.to.map(|day| field("TxnDate").le(day)),
            self.due_before.map(|day| field("DueDate").lt(day)),
            self.due_before.map(|_| field("Balance").gt(0)),
            self.customer.as_deref().map(|id| field("CustomerRef").eq(id)),
            match self.status {
                Some(InvoiceStatus::PartiallyPaid) => Some(field("Balance").gt(0)),
                Some(InvoiceStatus::Paid | InvoiceStatus::Void) => Some(field("Balance").eq(0)),
                _ => None,
            },
        ];
        conditions.into_iter().flatten().fold(select, Select::filter)
    }

    fn wants(&self, record: &Record<UnifiedInvoice>) -> bool {
        let at = record.meta.modified_at;
        (self.status.is_none() || self.status == record.model.status)
            && self.since.zip(at).is_none_or(|(since, at)| at >= since)
            && self.until.zip(at).is_none_or(|(until, at)| at < until)
    }
}

impl QuickBooks {
    /// The invoices a filter wants, page after page as they are asked for.
    ///
    /// An invoice that cannot be read is an `Err` item, and the stream goes on after it.
    #[must_use]
    pub fn find_invoices(&self, filter: InvoiceFilter) -> BoxStream<'_, Result<Record<UnifiedInvoice>>> {
        let select = filter.select();
        let pages = stream::try_unfold(Some(None::<String>), move |after| {
            let select = select.clone();
            async move {
                let Some(after) = after else { return Ok::<_, Error>(None) };
                let entity: Entity<UnifiedInvoice> = object::find(Some("Invoice"))?;
                let answer = self.rows(&select.after(after.as_deref(), PAGE)?).await?;
                let rows = answer.rows()?.rows;
                let last = rows.last().filter(|_| rows.len() >= PAGE as usize);
                let next = last.map(|row| id(row)).transpose()?;
                let read = Layout::new(entity, self.inner().config.currency).read(&rows);
                Ok::<_, Error>(Some((read, next.map(Some))))
            }
        });
        pages
            .map_ok(move |read| {
                let filter = filter.clone();
                let records = read.changes.into_iter().filter_map(Change::into_record);
                let wanted = records.filter(move |record| filter.wants(record)).map(Ok);
                stream::iter(wanted.chain(read.rejected.into_iter().map(|rejected| Err(rejected.reason))))
            })
            .try_flatten()
            .boxed()
    }

    /// Every invoice that changed since an instant, and every one that was deleted since, as far as QuickBooks tells: it does for thirty
    /// days. What a sync keeps a copy of goes through a [`Plan`](orion_core::sync::Plan), which notices older deletes by a whole read.
    #[must_use]
    pub fn sync_invoices(&self, since: DateTime<Utc>) -> BoxStream<'_, Result<Change<UnifiedInvoice>>> {
        let query = Query::new().object("Invoice").since(since);
        let told = since >= self.inner().clock.now() - REMEMBERED;
        self.records(if told { query.with_deletes() } else { query })
    }
}
