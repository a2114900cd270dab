//! One job of the vendor's: what can be asked of it and told to it.

use std::time::Duration;

use http::{Method, header};
use orion_core::{
    Error, ErrorKind, Result, Retry,
    http::{Body, Call},
};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use super::Jobs;

/// Which of the two kinds of job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Ingest,
    Query,
}

impl Side {
    fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Query => "query",
        }
    }
}

/// Where a job stands. Any state but these is taken for one on the way.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum State {
    Open,
    UploadComplete,
    InProgress,
    JobComplete,
    Failed,
    Aborted,
    #[serde(untagged)]
    Other(String),
}

impl State {
    pub(crate) fn is_over(&self) -> bool {
        matches!(self, Self::JobComplete | Self::Failed | Self::Aborted)
    }
}

/// What Salesforce says of a job.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct JobInfo {
    pub(crate) id: Box<str>,
    pub(crate) state: State,
    #[serde(default)]
    pub(crate) operation: String,
    #[serde(default)]
    pub(crate) number_records_processed: u64,
    #[serde(default)]
    pub(crate) number_records_failed: u64,
    #[serde(default)]
    pub(crate) error_message: Option<String>,
}

/// What an ingest job is to do.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ingest<'a> {
    pub(crate) object: &'a str,
    pub(crate) operation: &'a str,
    #[serde(rename = "externalIdFieldName", skip_serializing_if = "Option::is_none")]
    pub(crate) external_id: Option<&'a str>,
    pub(crate) content_type: &'static str,
    pub(crate) line_ending: &'static str,
    pub(crate) column_delimiter: &'static str,
}

impl<'a> Ingest<'a> {
    pub(crate) fn new(object: &'a str, operation: &'a str, external_id: Option<&'a str>) -> Self {
        let (content_type, line_ending, column_delimiter) = ("CSV", "LF", "COMMA");
        Self { object, operation, external_id, content_type, line_ending, column_delimiter }
    }
}

/// How long an upload may take: what Salesforce allows a request.
const UPLOAD_TIME: Duration = Duration::from_secs(600);

impl Jobs {
    pub(crate) fn call(&self, side: Side, method: Method, rest: &str, operation: &'static str) -> Call<'_> {
        self.client.call(method, &self.path(side, rest), operation)
    }

    /// Makes a job. A second one made because the first answer got lost holds no data and does nothing, so the request may be repeated.
    pub(crate) async fn create(&self, ingest: &Ingest<'_>) -> Result<Box<str>> {
        let call = self.call(Side::Ingest, Method::POST, "", "bulk.create").json_body(ingest).idempotent();
        call.json::<JobInfo>().await.map(|job| job.id)
    }

    /// Sends a job's data. Salesforce takes it once.
    pub(crate) async fn upload(&self, id: &str, body: Body) -> Result<()> {
        let call = self.call(Side::Ingest, Method::PUT, &format!("/{id}/batches"), "bulk.upload");
        let call = call.body("text/csv; charset=UTF-8", body).timeout(UPLOAD_TIME).deadline(UPLOAD_TIME);
        call.send().await.map(drop)
    }

    /// Lets a job begin. A refusal counts only if the job has not begun: the answer to an earlier attempt may have got lost.
    pub(crate) async fn close(&self, id: &str) -> Result<()> {
        let Err(error) = self.change(id, "UploadComplete", "bulk.close").await else { return Ok(()) };
        match self.info(Side::Ingest, id).await {
            Ok(job) if !matches!(job.state, State::Open | State::Aborted) => Ok(()),
            _ => Err(error),
        }
    }

    /// Stops a job.
    pub(crate) async fn stop(&self, side: Side, id: &str) -> Result<()> {
        let body = serde_json::json!({ "state": "Aborted" });
        let call = self.call(side, Method::PATCH, &format!("/{id}"), "bulk.abort").json_body(&body);
        call.idempotent().send().await.map(drop)
    }

    async fn change(&self, id: &str, state: &str, operation: &'static str) -> Result<()> {
        let body = serde_json::json!({ "state": state });
        let call = self.call(Side::Ingest, Method::PATCH, &format!("/{id}"), operation).json_body(&body);
        call.idempotent().send().await.map(drop)
    }

    /// Removes a job that is over, with its results.
    pub(crate) async fn remove(&self, side: Side, id: &str) -> Result<()> {
        let call = self.call(side, Method::DELETE, &format!("/{id}"), "bulk.delete");
        match call.send().await {
            // The answer to an earlier attempt may have got lost.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            other => other.map(drop),
        }
    }

    pub(crate) async fn info(&self, side: Side, id: &str) -> Result<JobInfo> {
        self.call(side, Method::GET, &format!("/{id}"), "bulk.status").json().await
    }

    /// Waits until a job is over. One that takes too long is left alone: it goes on, and so may the waiting.
    pub(crate) async fn over(&self, side: Side, id: &str) -> Result<JobInfo> {
        let started = Instant::now();
        let mut pause = self.options.poll_first;
        loop {
            let job = self.info(side, id).await?;
            if job.state.is_over() {
                return Ok(job);
            }
            if started.elapsed() + pause > self.options.wait {
                let message = format!("job {id} has not ended yet; it goes on, wait for it again later");
                let error = Error::new(ErrorKind::Timeout, message).with_retry(Retry::Now);
                return Err(error.during(self.client.adapter(), "bulk.wait"));
            }
            sleep(pause).await;
            pause = (pause * 3 / 2).min(self.options.poll_cap);
        }
    }

    /// The path of what is below a job.
    pub(crate) fn path(&self, side: Side, rest: &str) -> String {
        format!("{}jobs/{}{rest}", self.base, side.name())
    }

    /// Starts the download of a result file.
    pub(crate) fn csv(&self, path: &str) -> Call<'_> {
        self.client.get(path, "bulk.results").header(header::ACCEPT, "text/csv")
    }
}
