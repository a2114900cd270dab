//! `Bulk<M>`: Bulk API 2.0, both ways.

use std::{pin::Pin, sync::Arc};

use futures::{StreamExt, TryFutureExt, stream::BoxStream};
use orion_core::{
    Bulk, BulkJob, Change, CustomObject, Error, ErrorKind, Query, Record, Result, RowOutcome,
    UnifiedCustomer, WriteOptions,
};

use crate::{
    Salesforce,
    bulk::{Cells, Jobs},
    name::check_name,
    object::{self, Mapped},
    read::statement,
    wire::FieldSink,
    write::{Draft, target},
};

/// A model whose records are one row each. One with lines is not: Bulk API 2.0 knows no child rows.
pub(crate) trait Flat: Mapped {}

impl Flat for UnifiedCustomer {}
impl Flat for CustomObject {}

/// Loads the records of one object: the one asked for, or that of the first record. One of another object is refused.
impl<M: Flat> Bulk<M> for Salesforce {
    async fn submit<'a>(
        &'a self,
        options: &'a WriteOptions,
        records: BoxStream<'a, Record<M>>,
    ) -> Result<BulkJob> {
        let mut records = records.peekable();
        let object = match Pin::new(&mut records).peek().await {
            Some(first) => {
                target(options, first).or_else(|_| object::find::<M>(options.object.as_deref()))?
            }
            None => object::find::<M>(options.object.as_deref())?,
        };
        check_name(&object.name)?;
        let name = object.name.clone();
        let mut draft = Draft::new(object, options.op.clone(), &self.inner().config);
        // Needed for records that were read from somewhere. A user who may write need not be allowed to describe.
        draft.describe = self.describe(&name).await.ok();
        let map = move |record: &Record<M>, sink: &mut dyn FieldSink| {
            let own = target(options, record)?.name;
            if own != draft.object.name {
                return Err(other_object(&own, &draft.object.name));
            }
            draft.write(record, sink)
        };
        self.jobs().submit(options, &name, records.boxed(), map).await
    }

    fn outcomes<'a>(&'a self, job: &'a BulkJob) -> BoxStream<'a, Result<RowOutcome>> {
        self.jobs().outcomes(job)
    }

    async fn abort(&self, job: &BulkJob) -> Result<()> {
        self.jobs().abort(job).await
    }

    fn export<'a>(&'a self, query: &'a Query) -> BoxStream<'a, Result<Change<M>>> {
        self.start_export::<M>(query).try_flatten_stream().boxed()
    }
}

fn other_object(own: &str, job: &str) -> Error {
    let message = format!(
        "the record is of `{own}`, the bulk job of `{job}`: load each object by a job of its own, or name the object in the options"
    );
    Error::new(ErrorKind::Config, message)
}

impl Salesforce {
    fn jobs(&self) -> &Jobs {
        &self.inner().jobs
    }

    async fn start_export<M: Flat>(&self, query: &Query) -> Result<BoxStream<'_, Result<Change<M>>>> {
        let object = object::find::<M>(query.object.as_deref())?;
        let (columns, layout) = self.layout(object).await?;
        let soql = statement(&layout.object, &columns, query, None)?;
        let id = self.jobs().start_query(soql.as_str(), query.deletes).await?;
        let layout = Arc::new(layout);
        let rows = self.jobs().rows(id, move |header| {
            let positions: Vec<Option<usize>> = header.iter().map(|name| layout.column(name)).collect();
            let layout = Arc::clone(&layout);
            move |cells: Cells<'_>| layout.cells(positions.iter().copied().zip(cells.iter()))
        });
        Ok(rows)
    }
}
