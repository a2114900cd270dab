//! The erasure: one object-safe twin per capability, written once.

use std::{any::Any, marker::PhantomData, sync::Arc};

use async_trait::async_trait;
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use serde::Serialize;
use serde_json::Value;

use super::{Bulk, BulkJob, Delivery, Outcome, Read, Receive, RowOutcome, Watch, Write, WriteOptions};
use crate::{Change, Cursor, Error, ErrorKind, Model, Page, Query, Record, Result};

pub(super) type Boxed = Box<dyn Any + Send>;

/// Restores the type behind `Any`. The table is keyed by `TypeId`, so a mismatch is a defect of this module.
pub(super) fn downcast<T: 'static>(value: Boxed) -> Result<T> {
    value.downcast::<T>().map(|value| *value).map_err(|_| {
        Error::new(ErrorKind::Malformed, "a capability is registered under another model's type")
    })
}

/// Dyn twin of [`Read`], for the table in `Resources`.
#[async_trait]
pub(super) trait ErasedRead: Send + Sync {
    async fn page(&self, query: &Query) -> Result<Boxed>;
    async fn json(&self, query: &Query) -> Result<Page<Value>>;
}

/// Dyn twin of [`Write`].
#[async_trait]
pub(super) trait ErasedWrite: Send + Sync {
    async fn write(&self, options: &WriteOptions, records: &(dyn Any + Send + Sync)) -> Result<Vec<Outcome>>;
    async fn json(&self, options: &WriteOptions, records: Vec<Record<Value>>) -> Result<Vec<Outcome>>;
}

/// Dyn twin of [`Bulk`].
#[async_trait]
pub(super) trait ErasedBulk: Send + Sync {
    async fn submit(&self, options: &WriteOptions, records: BoxStream<'_, Boxed>) -> Result<BulkJob>;
    fn outcomes<'a>(&'a self, job: &'a BulkJob) -> BoxStream<'a, Result<RowOutcome>>;
    async fn abort(&self, job: &BulkJob) -> Result<()>;
    fn export<'a>(&'a self, query: &'a Query) -> BoxStream<'a, Result<Boxed>>;
    async fn submit_json(&self, options: &WriteOptions, records: Vec<Record<Value>>) -> Result<BulkJob>;
    fn export_json<'a>(&'a self, query: &'a Query) -> BoxStream<'a, Result<Change<Value>>>;
}

/// Dyn twin of [`Receive`].
#[async_trait]
pub(super) trait ErasedReceive: Send + Sync {
    async fn receive(&self, delivery: &Delivery) -> Result<Boxed>;
    async fn json(&self, delivery: &Delivery) -> Result<Vec<Change<Value>>>;
}

/// Dyn twin of [`Watch`].
pub(super) trait ErasedWatch: Send + Sync {
    fn watch(&self, from: Option<Cursor>) -> BoxStream<'_, Result<(Boxed, Cursor)>>;
    fn json(&self, from: Option<Cursor>) -> BoxStream<'_, Result<(Change<Value>, Cursor)>>;
}

pub(super) struct Of<A, M>(pub(super) Arc<A>, pub(super) PhantomData<fn() -> M>);

fn to_json<M: Serialize>(model: &M) -> Result<Value> {
    serde_json::to_value(model).map_err(|source| {
        Error::new(ErrorKind::Malformed, "the model does not serialise").with_source(source)
    })
}

fn json_change<M: Model>(change: Change<M>) -> Result<Change<Value>> {
    Ok(match change {
        Change::Upsert(record) => {
            let model = to_json(&record.model)?;
            Change::Upsert(record.map(|_| model))
        }
        Change::Delete { id, at } => Change::Delete { id, at },
    })
}

fn from_json<M: Model>(record: Record<Value>) -> Result<Record<M>> {
    let model = serde_json::from_value(record.model.clone()).map_err(|source| {
        Error::new(ErrorKind::Config, format!("the value is no {}", M::KIND)).with_source(source)
    })?;
    Ok(record.map(|_| model))
}

#[async_trait]
impl<A: Read<M>, M: Model> ErasedRead for Of<A, M> {
    async fn page(&self, query: &Query) -> Result<Boxed> {
        Ok(Box::new(self.0.read(query).await?))
    }

    async fn json(&self, query: &Query) -> Result<Page<Value>> {
        let page: Page<M> = self.0.read(query).await?;
        let changes = page.changes.into_iter().map(json_change).collect::<Result<_>>()?;
        let rest = Page::new(changes, page.next).with_rejected(page.rejected);
        Ok(rest.with_total(page.total).with_as_of(page.as_of))
    }
}

#[async_trait]
impl<A: Write<M>, M: Model> ErasedWrite for Of<A, M> {
    async fn write(&self, options: &WriteOptions, records: &(dyn Any + Send + Sync)) -> Result<Vec<Outcome>> {
        match records.downcast_ref::<Vec<Record<M>>>() {
            Some(records) => self.0.write(options, records).await,
            None => Err(Error::new(ErrorKind::Malformed, "records of another model's type")),
        }
    }

    async fn json(&self, options: &WriteOptions, records: Vec<Record<Value>>) -> Result<Vec<Outcome>> {
        let records = records.into_iter().map(from_json).collect::<Result<Vec<Record<M>>>>()?;
        self.0.write(options, &records).await
    }
}

#[async_trait]
impl<A: Bulk<M>, M: Model> ErasedBulk for Of<A, M> {
    async fn submit(&self, options: &WriteOptions, records: BoxStream<'_, Boxed>) -> Result<BulkJob> {
        let records = records.filter_map(|record| async { downcast::<Record<M>>(record).ok() });
        self.0.submit(options, records.boxed()).await
    }

    fn outcomes<'a>(&'a self, job: &'a BulkJob) -> BoxStream<'a, Result<RowOutcome>> {
        self.0.outcomes(job)
    }

    async fn abort(&self, job: &BulkJob) -> Result<()> {
        self.0.abort(job).await
    }

    fn export<'a>(&'a self, query: &'a Query) -> BoxStream<'a, Result<Boxed>> {
        self.0.export(query).map(|change| change.map(|change| Box::new(change) as Boxed)).boxed()
    }

    async fn submit_json(&self, options: &WriteOptions, records: Vec<Record<Value>>) -> Result<BulkJob> {
        let records = records.into_iter().map(from_json).collect::<Result<Vec<Record<M>>>>()?;
        self.0.submit(options, stream::iter(records).boxed()).await
    }

    fn export_json<'a>(&'a self, query: &'a Query) -> BoxStream<'a, Result<Change<Value>>> {
        self.0.export(query).map(|change| change.and_then(json_change)).boxed()
    }
}

#[async_trait]
impl<A: Receive<M>, M: Model> ErasedReceive for Of<A, M> {
    async fn receive(&self, delivery: &Delivery) -> Result<Boxed> {
        Ok(Box::new(self.0.receive(delivery).await?))
    }

    async fn json(&self, delivery: &Delivery) -> Result<Vec<Change<Value>>> {
        self.0.receive(delivery).await?.into_iter().map(json_change).collect()
    }
}

impl<A: Watch<M>, M: Model> ErasedWatch for Of<A, M> {
    fn watch(&self, from: Option<Cursor>) -> BoxStream<'_, Result<(Boxed, Cursor)>> {
        self.0.watch(from).map(|change| change.map(|(change, at)| (Box::new(change) as Boxed, at))).boxed()
    }

    fn json(&self, from: Option<Cursor>) -> BoxStream<'_, Result<(Change<Value>, Cursor)>> {
        let json = |(change, at)| Ok((json_change(change)?, at));
        self.0.watch(from).map(move |change| change.and_then(json)).boxed()
    }
}
