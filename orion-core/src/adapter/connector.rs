//! The erased adapter.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use serde_json::Value;

use super::{
    Adapter, Bulk, BulkJob, Delivery, Identity, Outcome, Read, Receive, Resources, RowOutcome, Watch, Write,
    WriteOptions,
    erased::{Boxed, ErasedBulk, downcast},
};
use crate::{AdapterId, Change, Cursor, Error, ErrorKind, Kind, Model, Page, Query, Record, Result};

/// An adapter whose type is known at run time only: from a registry, a configuration file, a tool.
///
/// It implements [`Read`], [`Write`], [`Bulk`], [`Receive`] and [`Watch`] for every model, so that it goes wherever an adapter goes; asking for what the
/// adapter behind it lacks is `ErrorKind::Unsupported`. Cloning shares the connection.
///
/// ```
/// use orion_core::{AdapterExt, ErrorKind, Kind, Query, Record, UnifiedCustomer, testing::{self, Memory}};
///
/// testing::run(async {
///     let vendor = Memory::new(testing::clock());
///     vendor.customers().put(Record::new("c1", UnifiedCustomer::default()));
///     let connector = vendor.connect();
///
///     let typed = connector.page::<UnifiedCustomer>(&Query::new()).await?;
///     let json = connector.page_json(Kind::new("customer"), &Query::new()).await?;
///     assert_eq!((typed.changes.len(), json.changes.len()), (1, 1));
///
///     let error = connector.page_json(Kind::new("invoice"), &Query::new()).await.unwrap_err();
///     assert_eq!(error.kind(), ErrorKind::Unsupported);
///     # Ok::<(), orion_core::Error>(())
/// }).unwrap();
/// ```
#[derive(Clone)]
pub struct Connector {
    adapter: Arc<dyn Adapter>,
    resources: Arc<Resources>,
}

impl Connector {
    /// Erases an adapter.
    #[must_use]
    pub fn new<A: Adapter>(adapter: Arc<A>) -> Self {
        Self { resources: Arc::new(Arc::clone(&adapter).resources()), adapter }
    }

    /// What the adapter offers.
    #[must_use]
    pub fn offers(&self) -> &Resources {
        &self.resources
    }

    /// Reads one page of a kind as JSON, for tools that have no model type.
    ///
    /// # Errors
    /// `Unsupported` if the kind cannot be read here, else what the adapter reports.
    pub async fn page_json(&self, kind: Kind, query: &Query) -> Result<Page<Value>> {
        let resource = self.resources.by_kind(kind)?;
        resource.read.as_ref().ok_or_else(|| self.lacks("read", kind))?.json(query).await
    }

    /// Writes records of a kind given as JSON, for tools that have no model type.
    ///
    /// # Errors
    /// `Unsupported` if the kind cannot be written here, `Config` if a value does not fit the model, else what the adapter
    /// reports.
    pub async fn write_json(
        &self,
        kind: Kind,
        options: &WriteOptions,
        records: Vec<Record<Value>>,
    ) -> Result<Vec<Outcome>> {
        let resource = self.resources.by_kind(kind)?;
        resource.write.as_ref().ok_or_else(|| self.lacks("write", kind))?.json(options, records).await
    }

    /// Starts a bulk job with records of a kind given as JSON, for tools that have no model type.
    ///
    /// # Errors
    /// `Unsupported` if the kind cannot be bulk-loaded here, `Config` if a value does not fit the model, else what the adapter
    /// reports.
    pub async fn submit_json(
        &self,
        kind: Kind,
        options: &WriteOptions,
        records: Vec<Record<Value>>,
    ) -> Result<BulkJob> {
        self.bulk(kind)?.submit_json(options, records).await
    }

    /// Waits for a bulk job of a kind and yields one outcome per row; see [`Bulk::outcomes`].
    #[must_use]
    pub fn outcomes_json<'a>(&'a self, kind: Kind, job: &'a BulkJob) -> BoxStream<'a, Result<RowOutcome>> {
        match self.bulk(kind) {
            Ok(bulk) => bulk.outcomes(job),
            Err(error) => stream::iter([Err(error)]).boxed(),
        }
    }

    /// Stops a bulk job of a kind; see [`Bulk::abort`].
    ///
    /// # Errors
    /// `Unsupported` if the kind cannot be bulk-loaded here, else what the adapter reports.
    pub async fn abort_json(&self, kind: Kind, job: &BulkJob) -> Result<()> {
        self.bulk(kind)?.abort(job).await
    }

    /// Reads a kind in bulk as JSON, for tools that have no model type.
    #[must_use]
    pub fn export_json<'a>(&'a self, kind: Kind, query: &'a Query) -> BoxStream<'a, Result<Change<Value>>> {
        match self.bulk(kind) {
            Ok(bulk) => bulk.export_json(query),
            Err(error) => stream::iter([Err(error)]).boxed(),
        }
    }

    /// Verifies a webhook delivery and turns it into changes of a kind as JSON, for tools that have no model type.
    ///
    /// # Errors
    /// `Unsupported` if webhooks do not bring the kind here, else what the adapter reports; see [`Receive::receive`].
    pub async fn receive_json(&self, kind: Kind, delivery: &Delivery) -> Result<Vec<Change<Value>>> {
        let resource = self.resources.by_kind(kind)?;
        resource.receive.as_ref().ok_or_else(|| self.lacks("receive", kind))?.json(delivery).await
    }

    /// Follows a kind live as JSON, for tools that have no model type; see [`Watch::watch`].
    #[must_use]
    pub fn watch_json(
        &self,
        kind: Kind,
        from: Option<Cursor>,
    ) -> BoxStream<'_, Result<(Change<Value>, Cursor)>> {
        let resource = self.resources.by_kind(kind);
        let watch = resource.and_then(|found| found.watch.as_ref().ok_or_else(|| self.lacks("watch", kind)));
        match watch {
            Ok(watch) => watch.json(from),
            Err(error) => stream::iter([Err(error)]).boxed(),
        }
    }

    fn bulk(&self, kind: Kind) -> Result<&Arc<dyn ErasedBulk>> {
        self.resources.by_kind(kind)?.bulk.as_ref().ok_or_else(|| self.lacks("bulk-load", kind))
    }

    fn lacks(&self, what: &str, kind: Kind) -> Error {
        let name = self.adapter.id().name;
        Error::new(ErrorKind::Unsupported, format!("{name} cannot {what} kind `{kind}`"))
    }

    fn bulk_of<M: Model>(&self) -> Result<&Arc<dyn ErasedBulk>> {
        self.resources.typed::<M>()?.bulk.as_ref().ok_or_else(|| self.lacks("bulk-load", M::KIND))
    }
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connector").field("adapter", &self.adapter.id()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Adapter for Connector {
    fn id(&self) -> AdapterId {
        self.adapter.id()
    }

    fn resources(self: Arc<Self>) -> Resources {
        Arc::clone(&self.adapter).resources()
    }

    async fn check(&self) -> Result<Identity> {
        self.adapter.check().await
    }
}

impl<M: Model> Read<M> for Connector {
    async fn read(&self, query: &Query) -> Result<Page<M>> {
        let resource = self.resources.typed::<M>()?;
        let read = resource.read.as_ref().ok_or_else(|| self.lacks("read", M::KIND))?;
        downcast(read.page(query).await?)
    }
}

impl<M: Model> Write<M> for Connector {
    async fn write(&self, options: &WriteOptions, records: &[Record<M>]) -> Result<Vec<Outcome>> {
        let resource = self.resources.typed::<M>()?;
        let write = resource.write.as_ref().ok_or_else(|| self.lacks("write", M::KIND))?;
        write.write(options, &records.to_vec()).await
    }
}

impl<M: Model> Bulk<M> for Connector {
    async fn submit<'a>(
        &'a self,
        options: &'a WriteOptions,
        records: BoxStream<'a, Record<M>>,
    ) -> Result<BulkJob> {
        let records = records.map(|record| Box::new(record) as Boxed).boxed();
        self.bulk_of::<M>()?.submit(options, records).await
    }

    fn outcomes<'a>(&'a self, job: &'a BulkJob) -> BoxStream<'a, Result<RowOutcome>> {
        match self.bulk_of::<M>() {
            Ok(bulk) => bulk.outcomes(job),
            Err(error) => stream::iter([Err(error)]).boxed(),
        }
    }

    async fn abort(&self, job: &BulkJob) -> Result<()> {
        self.bulk_of::<M>()?.abort(job).await
    }

    fn export<'a>(&'a self, query: &'a Query) -> BoxStream<'a, Result<Change<M>>> {
        match self.bulk_of::<M>() {
            Ok(bulk) => bulk.export(query).map(|change| change.and_then(downcast)).boxed(),
            Err(error) => stream::iter([Err(error)]).boxed(),
        }
    }
}

impl<M: Model> Receive<M> for Connector {
    async fn receive(&self, delivery: &Delivery) -> Result<Vec<Change<M>>> {
        let resource = self.resources.typed::<M>()?;
        let receive = resource.receive.as_ref().ok_or_else(|| self.lacks("receive", M::KIND))?;
        downcast(receive.receive(delivery).await?)
    }
}

impl<M: Model> Watch<M> for Connector {
    fn watch(&self, from: Option<Cursor>) -> BoxStream<'_, Result<(Change<M>, Cursor)>> {
        let resource = self.resources.typed::<M>();
        let watch =
            resource.and_then(|found| found.watch.as_ref().ok_or_else(|| self.lacks("watch", M::KIND)));
        let typed = |(change, at)| Ok((downcast(change)?, at));
        match watch {
            Ok(watch) => watch.watch(from).map(move |change| change.and_then(typed)).boxed(),
            Err(error) => stream::iter([Err(error)]).boxed(),
        }
    }
}
