//! Entry points that name the model: `adapter.page::<UnifiedCustomer>(&query)`.

use std::sync::Arc;

use futures::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};

use super::{Adapter, Bulk, BulkJob, Connector, Outcome, Read, RowOutcome, Write, WriteOptions};
use crate::{Change, Cursor, Error, ErrorKind, Model, Page, Query, Record, Result};

/// Sugar over the capability traits, implemented for every adapter and not meant to be implemented by hand.
///
/// An adapter usually implements `Read<M>` for several models, so `adapter.read(&query)` does not say which; these methods do.
///
/// ```
/// use futures::TryStreamExt;
/// use orion_core::{AdapterExt, Change, Query, Record, UnifiedCustomer, testing::{self, Memory}};
///
/// testing::run(async {
///     let vendor = Memory::new(testing::clock());
///     let created = vendor.create(&[Record::new("", UnifiedCustomer::default())]).await?;
///     assert!(created[0].as_ref().is_ok_and(|written| written.created));
///
///     let mut changes = vendor.records::<UnifiedCustomer>(Query::new());
///     while let Some(change) = changes.try_next().await? {
///         match change {
///             Change::Upsert(record) => println!("{} is there", record.id),
///             Change::Delete { id, .. } => println!("{id} is gone"),
///         }
///     }
///     # Ok::<(), orion_core::Error>(())
/// }).unwrap();
/// ```
///
/// What an adapter does not do does not compile:
///
/// ```compile_fail,E0277
/// # use orion_core::{AdapterExt, Query, UnifiedInvoice, testing::{self, Memory}};
/// # async fn read(vendor: Memory) {
/// vendor.page::<UnifiedInvoice>(&Query::new()).await; // the `Memory` adapter cannot read `UnifiedInvoice` records
/// # }
/// ```
pub trait AdapterExt: Adapter + Sized {
    /// Reads one page of `M`.
    fn page<M: Model>(&self, query: &Query) -> impl Future<Output = Result<Page<M>>> + Send
    where
        Self: Read<M>,
    {
        Read::<M>::read(self, query)
    }

    /// Reads every page of `M`, one after the other, each when it is asked for.
    ///
    /// A cursor that repeats ends the stream with `ErrorKind::Malformed` rather than never.
    fn pages<M: Model>(&self, query: Query) -> BoxStream<'_, Result<Page<M>>>
    where
        Self: Read<M>,
    {
        let start = Paging { query, seen: Vec::new(), done: false };
        stream::try_unfold(start, |paging| next_page::<Self, M>(self, paging)).boxed()
    }

    /// Reads every change of `M`. A record that cannot be read as `M` is an `Err` item, and the stream goes on after it.
    fn records<M: Model>(&self, query: Query) -> BoxStream<'_, Result<Change<M>>>
    where
        Self: Read<M>,
    {
        self.pages::<M>(query)
            .map_ok(|page| {
                let rejected = page.rejected.into_iter().map(|rejected| Err(rejected.reason));
                stream::iter(page.changes.into_iter().map(Ok).chain(rejected))
            })
            .try_flatten()
            .boxed()
    }

    /// Makes new records; one outcome per input, in order.
    fn create<M: Model>(&self, records: &[Record<M>]) -> impl Future<Output = Result<Vec<Outcome>>> + Send
    where
        Self: Write<M>,
    {
        async move { self.write(&WriteOptions::create(), records).await }
    }

    /// Changes records by id; one outcome per input, in order.
    fn update<M: Model>(&self, records: &[Record<M>]) -> impl Future<Output = Result<Vec<Outcome>>> + Send
    where
        Self: Write<M>,
    {
        async move { self.write(&WriteOptions::update(), records).await }
    }

    /// Makes or changes records, found by the vendor's field `key`; one outcome per input, in order.
    fn upsert<M: Model>(
        &self,
        key: &str,
        records: &[Record<M>],
    ) -> impl Future<Output = Result<Vec<Outcome>>> + Send
    where
        Self: Write<M>,
    {
        async move { self.write(&WriteOptions::upsert(key), records).await }
    }

    /// Deletes records by id; one outcome per input, in order.
    fn delete<M: Model>(&self, records: &[Record<M>]) -> impl Future<Output = Result<Vec<Outcome>>> + Send
    where
        Self: Write<M>,
    {
        async move { self.write(&WriteOptions::delete(), records).await }
    }

    /// Sends records in bulk; see [`Bulk::submit`].
    fn bulk_submit<'a, M: Model>(
        &'a self,
        options: &'a WriteOptions,
        records: impl futures::Stream<Item = Record<M>> + Send + 'a,
    ) -> impl Future<Output = Result<BulkJob>> + Send + 'a
    where
        Self: Bulk<M>,
    {
        Bulk::<M>::submit(self, options, records.boxed())
    }

    /// Waits for a bulk job and yields its outcomes; see [`Bulk::outcomes`].
    fn bulk_outcomes<'a, M: Model>(&'a self, job: &'a BulkJob) -> BoxStream<'a, Result<RowOutcome>>
    where
        Self: Bulk<M>,
    {
        Bulk::<M>::outcomes(self, job)
    }

    /// Erases the adapter's type.
    fn connect(self) -> Connector {
        Connector::new(Arc::new(self))
    }
}

impl<A: Adapter> AdapterExt for A {}

struct Paging {
    query: Query,
    seen: Vec<u64>,
    done: bool,
}

async fn next_page<A: Read<M>, M: Model>(
    adapter: &A,
    mut paging: Paging,
) -> Result<Option<(Page<M>, Paging)>> {
    if paging.done {
        return Ok(None);
    }
    let page = adapter.read(&paging.query).await?;
    match &page.next {
        Some(next) => {
            guard(&mut paging.seen, next)?;
            paging.query.cursor = Some(next.clone());
        }
        None => paging.done = true,
    }
    Ok(Some((page, paging)))
}

/// Refuses a cursor that was handed out before: following it would never end.
///
/// `seen` holds 8 bytes per page.
pub(crate) fn guard(seen: &mut Vec<u64>, next: &Cursor) -> Result<()> {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    next.hash(&mut hasher);
    let hash = hasher.finish();
    match seen.binary_search(&hash) {
        Ok(_) => Err(Error::new(
            ErrorKind::Malformed,
            "the source returned a cursor it had returned before; the read would never end",
        )),
        Err(at) => {
            seen.insert(at, hash);
            Ok(())
        }
    }
}
