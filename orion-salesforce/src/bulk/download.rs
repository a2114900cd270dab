//! A result file, row by row, whatever the connection does.
//!
//! A file that breaks off is asked for again and read past the rows that were had: the files of a job that is over do not change.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{StreamExt, stream::BoxStream};
use orion_core::{Error, ErrorKind, Result, Retry};
use tokio::time::{sleep, timeout};

use super::{
    Jobs,
    csv::{Cells, Reader, Step},
};

/// The longest a download may stand still.
const STALL: Duration = Duration::from_secs(60);

/// How often a file that breaks off is asked for again without a new row in between.
const TRIES: u32 = 6;

/// How many rows are handed out at a time: enough to share the cost of waking up, few enough to stay in the processor's cache.
const BATCH: u64 = 128;

/// One file being read.
pub(crate) struct Download<'j> {
    jobs: &'j Jobs,
    path: String,
    stream: Option<BoxStream<'static, Result<Bytes>>>,
    reader: Reader,
    header: Option<Arc<[Arc<str>]>>,
    /// Rows handed out, and rows to be passed over because they were.
    rows: u64,
    skip: u64,
    tries: u32,
    locator: Option<String>,
}

impl<'j> Download<'j> {
    pub(crate) fn new(jobs: &'j Jobs, path: String) -> Self {
        Self {
            jobs,
            path,
            stream: None,
            reader: Reader::new(),
            header: None,
            rows: 0,
            skip: 0,
            tries: 0,
            locator: None,
        }
    }

    /// Where the next page starts (the header `Sforce-Locator`), known once a chunk was read.
    pub(crate) fn locator(&self) -> Option<&str> {
        self.locator.as_deref()
    }

    /// Reads rows into `take`: those of the chunk at hand, at most [`BATCH`] of them. `false` at the end of the file.
    ///
    /// # Errors
    /// What the download reports after its retries, and what `take` does.
    pub(crate) async fn batch(
        &mut self,
        mut take: impl FnMut(&[Arc<str>], Cells<'_>) -> Result<()>,
    ) -> Result<bool> {
        let before = self.rows;
        while self.rows < before + BATCH {
            match self.reader.step() {
                Step::Row => self.row(&mut take)?,
                Step::Hungry if self.rows > before => break,
                Step::Hungry => self.feed().await?,
                Step::End => return Ok(false),
            }
        }
        self.tries = 0;
        Ok(true)
    }

    fn row(&mut self, take: &mut impl FnMut(&[Arc<str>], Cells<'_>) -> Result<()>) -> Result<()> {
        let cells = self.reader.take()?;
        let Some(header) = &self.header else {
            self.header = Some(cells.iter().map(Arc::from).collect());
            return Ok(());
        };
        if cells.len() != header.len() {
            let message =
                format!("a row of the results has {} cells, the header {}", cells.len(), header.len());
            return Err(
                Error::new(ErrorKind::Malformed, message).during(self.jobs.client.adapter(), "bulk.results")
            );
        }
        if self.skip > 0 {
            self.skip -= 1;
            return Ok(());
        }
        take(header, cells)?;
        self.rows += 1;
        Ok(())
    }

    /// Gives the reader the next bytes, through however many connections.
    async fn feed(&mut self) -> Result<()> {
        loop {
            let error = match self.bytes().await {
                Ok(chunk) => {
                    self.reader.feed(chunk);
                    return Ok(());
                }
                Err(error) => error,
            };
            self.stream = None;
            self.tries += 1;
            if !error.is_retryable() || self.tries >= TRIES {
                let retry = if error.is_retryable() { Retry::Exhausted } else { error.retry() };
                return Err(error.with_retry(retry).during(self.jobs.client.adapter(), "bulk.results"));
            }
            sleep(self.jobs.options.poll_first * 2_u32.pow(self.tries)).await;
        }
    }

    async fn bytes(&mut self) -> Result<Option<Bytes>> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            closed => {
                let (headers, stream) = self.jobs.csv(&self.path).stream().await?;
                (self.reader, self.header, self.skip) = (Reader::new(), None, self.rows);
                let locator = headers.get("sforce-locator").and_then(|value| value.to_str().ok());
                self.locator = locator.filter(|text| *text != "null").map(ToOwned::to_owned);
                closed.insert(stream)
            }
        };
        let Ok(chunk) = timeout(STALL, stream.next()).await else {
            let message = format!("the download stood still for {STALL:?}");
            return Err(Error::new(ErrorKind::Timeout, message).with_retry(Retry::Now));
        };
        chunk.transpose()
    }
}
