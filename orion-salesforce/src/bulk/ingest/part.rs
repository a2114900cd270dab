//! One part: one job of the vendor's.
//!
//! Its first rows are collected in memory, under as many columns as they turn out to have. If the records end there, the part can be sent
//! again should the connection fail; if not, the upload begins and the rest follows as it comes. From then on the header stands: a
//! record with a column it lacks closes the part and begins the next, so that no column is lost.

use futures::{SinkExt, StreamExt, channel::mpsc, future::join, stream};
use orion_core::{BulkPart, Error, ErrorKind, Result, http::Body};
use tokio::time::{Instant, timeout_at};

use super::{
    rows::{Head, Rows, Stop},
    source::{Map, Source},
};
use crate::bulk::{
    Jobs,
    job::{Ingest, Side},
};

impl Jobs {
    /// Sends the next part, if there are records left.
    pub(super) async fn next_part<T, F: Map<T>>(
        &self,
        ingest: &Ingest<'_>,
        source: &mut Source<'_, T, F>,
    ) -> Result<Option<BulkPart>> {
        let mut rows = Rows::new(self.options.part_bytes);
        let Some(head) = rows.head(source, self.options.resend_bytes).await else { return Ok(None) };
        let id = if head.open {
            self.send_stream(ingest, head, &mut rows, source).await?
        } else {
            self.prepare(ingest, &head).await?
        };
        if let Err(error) = self.close(&id).await {
            self.drop_job(&id).await;
            return Err(error.with_ambiguous());
        }
        Ok(Some(BulkPart::new(id, rows.records)))
    }

    /// Sends a part that is in memory; the job has still to be closed.
    ///
    /// Salesforce takes a job's data once. An upload that it took although the answer got lost is refused when it is repeated, so a
    /// refusal is answered with a new job; the first was never closed and does nothing.
    pub(crate) async fn prepare(&self, ingest: &Ingest<'_>, head: &Head) -> Result<Box<str>> {
        let first = self.create(ingest).await?;
        let Err(error) = self.upload(&first, head.body()).await else { return Ok(first) };
        self.drop_job(&first).await;
        if !matches!(error.kind(), ErrorKind::Rejected | ErrorKind::Conflict | ErrorKind::Config) {
            return Err(error);
        }
        let second = self.create(ingest).await?;
        match self.upload(&second, head.body()).await {
            Ok(()) => Ok(second),
            Err(error) => {
                self.drop_job(&second).await;
                Err(error)
            }
        }
    }

    /// Sends a part whose end is not known yet.
    async fn send_stream<T, F: Map<T>>(
        &self,
        ingest: &Ingest<'_>,
        head: Head,
        rows: &mut Rows,
        source: &mut Source<'_, T, F>,
    ) -> Result<Box<str>> {
        let id = self.create(ingest).await?;
        let (send, receive) = mpsc::channel(0);
        let columns = head.columns;
        let body = Body::once(stream::iter(head.into_chunks().map(Ok)).chain(receive).boxed());
        let until = Instant::now() + self.options.part_time;
        let (uploaded, complete) =
            join(self.upload(&id, body), feed(rows, source, columns, send, until)).await;
        let early = || Error::new(ErrorKind::Malformed, "the server answered before the upload was complete");
        match uploaded.and_then(|()| if complete { Ok(()) } else { Err(early()) }) {
            Ok(()) => Ok(id),
            Err(error) => {
                self.drop_job(&id).await;
                Err(error)
            }
        }
    }

    /// Stops a job that failed to begin. If that fails too it stays open, holds nothing that counts, and Salesforce removes it in a week.
    async fn drop_job(&self, id: &str) {
        let _stopped = self.stop(Side::Ingest, id).await;
    }
}

/// Hands rows to the upload until the part has to end; whether the upload took them all.
async fn feed<T, F: Map<T>>(
    rows: &mut Rows,
    source: &mut Source<'_, T, F>,
    columns: usize,
    mut send: mpsc::Sender<Result<bytes::Bytes>>,
    until: Instant,
) -> bool {
    loop {
        // A source that is slower than an upload may last ends the part; the row it is waiting for goes into the next.
        let stop = timeout_at(until, rows.fill(source, Some(columns))).await.unwrap_or(Stop::Part);
        let chunk = rows.chunk();
        if !chunk.is_empty() && send.send(Ok(chunk)).await.is_err() {
            return false;
        }
        if stop != Stop::Chunk {
            return true;
        }
    }
}
