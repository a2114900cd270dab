//! Reading: the rows of a query, as CSV, page by page.
//!
//! From version 58.0 on a job says where all its pages are, and several are downloaded side by side; each is read chunk by chunk, so that
//! memory holds a chunk and a row of each. Where it does not, one page leads to the next.

use std::{collections::VecDeque, sync::Arc};

use futures::{
    StreamExt, TryStreamExt,
    future::ready,
    stream::{self, BoxStream},
};
use http::Method;
use orion_core::{Error, ErrorKind, Result};
use serde::Deserialize;

use super::{
    Jobs,
    csv::Cells,
    download::Download,
    job::{JobInfo, Side, State},
    results::reason,
};

/// Reads the rows of one page: made for its header, called for each row.
pub(crate) trait ReadRow<T>: FnMut(Cells<'_>) -> Result<T> + Send {}

impl<T, R: FnMut(Cells<'_>) -> Result<T> + Send> ReadRow<T> for R {}

/// Where pages are: at most five of them, and where to ask for more.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResultPages {
    result_pages: Vec<ResultPage>,
    /// The guide's table and its text spell the field differently.
    #[serde(alias = "nextRecordUrl")]
    next_records_url: Option<String>,
    #[serde(default)]
    done: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResultPage {
    result_url: String,
}

/// One page of an export, and where the next one starts.
pub(crate) struct ExportPage<T> {
    pub(crate) rows: Vec<Result<T>>,
    pub(crate) next: Option<Box<str>>,
}

impl Jobs {
    /// Starts a query job; `all` sees deleted rows too. One made twice because an answer got lost costs a job of the day's 10,000.
    pub(crate) async fn start_query(&self, soql: &str, all: bool) -> Result<Arc<str>> {
        let operation = if all { "queryAll" } else { "query" };
        let body = serde_json::json!({ "operation": operation, "query": soql });
        let call = self.call(Side::Query, Method::POST, "", "bulk.query").json_body(&body).idempotent();
        call.json::<JobInfo>().await.map(|job| job.id.into())
    }

    /// Every row of a job, in no particular order. `reader` is asked for a row reader per page.
    pub(crate) fn rows<'a, T, F, R>(&'a self, id: Arc<str>, reader: F) -> BoxStream<'a, Result<T>>
    where
        T: Send + 'a,
        F: Fn(&[Arc<str>]) -> R + Clone + Send + Sync + 'a,
        R: ReadRow<T> + 'a,
    {
        self.pages(id)
            .map(move |page| match page {
                Ok(page) => self.batches(page, reader.clone()),
                Err(error) => stream::once(ready(Err(error))).boxed(),
            })
            .flatten_unordered(self.options.pages.max(1))
            .map_ok(stream::iter)
            .try_flatten()
            .boxed()
    }

    /// One page: the one `locator` points at, or the first. It holds at most `rows` rows, fewer if Salesforce likes.
    pub(crate) async fn page<T: Send, R: ReadRow<T>>(
        &self,
        id: &str,
        locator: Option<&str>,
        rows: u32,
        reader: impl Fn(&[Arc<str>]) -> R + Send + Sync,
    ) -> Result<ExportPage<T>> {
        self.finished(id).await?;
        let mut path = self.path(Side::Query, &format!("/{id}/results?maxRecords={rows}"));
        if let Some(locator) = locator {
            path.push_str("&locator=");
            path.extend(url::form_urlencoded::byte_serialize(locator.as_bytes()));
        }
        let mut download = Download::new(self, path);
        let (mut rows, mut read) = (Vec::new(), None);
        while download.batch(|header, cells| take(&mut rows, &mut read, &reader, header, cells)).await? {}
        Ok(ExportPage { rows, next: download.locator().map(Into::into) })
    }

    /// Waits for a query job.
    async fn finished(&self, id: &str) -> Result<()> {
        let job = self.over(Side::Query, id).await?;
        let error = match job.state {
            State::JobComplete => return Ok(()),
            State::Aborted => Error::new(ErrorKind::Cancelled, format!("job {id} was stopped")),
            _ => reason::of_job(&job),
        };
        Err(error.during(self.client.adapter(), "bulk.query"))
    }

    /// Where the pages are, as they are asked for.
    fn pages(&self, id: Arc<str>) -> impl futures::Stream<Item = Result<Page>> + Send {
        let list = self.path(Side::Query, &format!("/{id}/resultPages"));
        let start = (VecDeque::new(), Some(list), false);
        stream::try_unfold(start, move |(mut known, mut list, mut waited)| {
            let id = Arc::clone(&id);
            async move {
                if !waited {
                    self.finished(&id).await?;
                    waited = true;
                }
                while known.is_empty() {
                    let Some(path) = list.take() else { return Ok(None) };
                    match self.client.get(&path, "bulk.pages").json::<ResultPages>().await {
                        Ok(pages) => {
                            list = pages.next_records_url.filter(|_| !pages.done).map(rooted);
                            if list.as_ref() == Some(&path) {
                                return Err(self.goes_round());
                            }
                            known.extend(
                                pages.result_pages.into_iter().map(|page| Page::One(rooted(page.result_url))),
                            );
                        }
                        // Before version 58.0 there is no such list.
                        Err(error) if error.kind() == ErrorKind::NotFound => {
                            known.push_back(Page::All(self.path(Side::Query, &format!("/{id}/results"))));
                        }
                        Err(error) => return Err(error),
                    }
                }
                Ok(known.pop_front().map(|page| (page, (known, list, waited))))
            }
        })
    }

    /// The rows of a page, chunk by chunk.
    fn batches<'a, T, F, R>(&'a self, page: Page, reader: F) -> BoxStream<'a, Result<Vec<Result<T>>>>
    where
        T: Send + 'a,
        F: Fn(&[Arc<str>]) -> R + Send + Sync + 'a,
        R: ReadRow<T> + 'a,
    {
        let (path, follow) = match page {
            Page::One(path) => (path, None),
            Page::All(path) => (path.clone(), Some(path)),
        };
        let start = (Some(Download::new(self, path)), None, reader, follow);
        stream::try_unfold(start, move |(download, mut read, reader, follow)| async move {
            let Some(mut download) = download else { return Ok(None) };
            let mut rows = Vec::new();
            let more =
                download.batch(|header, cells| take(&mut rows, &mut read, &reader, header, cells)).await?;
            let mut download = Some(download);
            if !more {
                let locator = download.take().and_then(|done| done.locator().map(ToOwned::to_owned));
                if let (Some(path), Some(locator)) = (&follow, locator) {
                    let locator: String = url::form_urlencoded::byte_serialize(locator.as_bytes()).collect();
                    download = Some(Download::new(self, format!("{path}?locator={locator}")));
                    read = None;
                }
            }
            Ok(Some((rows, (download, read, reader, follow))))
        })
        .boxed()
    }

    fn goes_round(&self) -> Error {
        let message = "the list of result pages leads back to itself; the export would never end";
        Error::new(ErrorKind::Malformed, message).during(self.client.adapter(), "bulk.pages")
    }
}

/// What to download.
enum Page {
    /// One page.
    One(String),
    /// The first page and all that follow it.
    All(String),
}

/// Addresses come with and without their host, and with and without a slash before `services`.
fn rooted(url: String) -> String {
    if url.contains("://") || url.starts_with('/') { url } else { format!("/{url}") }
}

fn take<T, R: ReadRow<T>>(
    rows: &mut Vec<Result<T>>,
    read: &mut Option<R>,
    reader: &impl Fn(&[Arc<str>]) -> R,
    header: &[Arc<str>],
    cells: Cells<'_>,
) -> Result<()> {
    rows.push(read.get_or_insert_with(|| reader(header))(cells));
    Ok(())
}
