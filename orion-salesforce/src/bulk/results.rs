//! What became of each row.
//!
//! Salesforce keeps three files per job: rows that failed, rows that succeeded, and rows it never came to. Each row is matched to its
//! input ([`positions`](super::positions)). Rows that failed because others held them locked are sent once more, alone, in a job of
//! their own; what becomes of them there is their outcome.

mod layout;
mod locked;
pub(super) mod reason;

use std::collections::VecDeque;

use futures::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};
use orion_core::{BulkJob, BulkPart, Error, ErrorKind, Fields, Outcome, Result, RowOutcome, Written};

use super::{
    Jobs, Local,
    csv::Cells,
    download::Download,
    job::{JobInfo, Side, State},
    positions::Matcher,
};
use layout::Layout;
use locked::Locked;

impl Jobs {
    /// Waits for a job and yields one outcome per row. See [`Bulk::outcomes`](orion_core::Bulk::outcomes).
    ///
    /// A row that succeeded and whose input is known by its position is not echoed. A part that failed as a whole, or whose files do not account for every row, is an `Err` item after its rows.
    pub(crate) fn outcomes<'a>(&'a self, job: &'a BulkJob) -> BoxStream<'a, Result<RowOutcome>> {
        let refused = stream::iter(job.refused.iter().map(|refused| Ok(refused.outcome())));
        let batches = stream::try_unfold(Outcomes::new(self, job), move |mut outcomes| async move {
            match outcomes.batch().await {
                Ok(batch) => Ok(batch.map(|batch| (stream::iter(batch), outcomes))),
                Err(error) => Err(error.during(self.client.adapter(), "bulk.results")),
            }
        });
        refused.chain(batches.try_flatten()).boxed()
    }
}

/// The files of a job. The failed rows come first, so that those to be sent again are on their way early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum File {
    Failed,
    Succeeded,
    Unprocessed,
}

impl File {
    fn name(self) -> &'static str {
        match self {
            Self::Failed => "failedResults",
            Self::Succeeded => "successfulResults",
            Self::Unprocessed => "unprocessedrecords",
        }
    }

    /// The files that hold rows: those the counts name, or all of them if the counts do not add up.
    fn of(job: &JobInfo, records: u64) -> VecDeque<Self> {
        let (processed, failed) = (job.number_records_processed, job.number_records_failed);
        let counted = job.state == State::JobComplete && processed >= records;
        let holds = [
            (Self::Failed, !counted || failed > 0),
            (Self::Succeeded, !counted || processed > failed),
            (Self::Unprocessed, !counted),
        ];
        holds.into_iter().filter_map(|(file, holds)| holds.then_some(file)).collect()
    }
}

/// One reading of a job's outcomes.
struct Outcomes<'a> {
    jobs: &'a Jobs,
    job: &'a BulkJob,
    local: Option<&'a Local>,
    matcher: Matcher,
    /// Parts to read, and how often their rows have been sent before.
    parts: VecDeque<(BulkPart, u32)>,
    reading: Option<Reading<'a>>,
}

/// The part being read.
struct Reading<'a> {
    part: BulkPart,
    round: u32,
    info: JobInfo,
    files: VecDeque<File>,
    file: Option<(File, Download<'a>, Option<Layout>)>,
    rows: u64,
    locked: Locked,
}

type Batch = Vec<Result<RowOutcome>>;

impl<'a> Outcomes<'a> {
    fn new(jobs: &'a Jobs, job: &'a BulkJob) -> Self {
        Self {
            jobs,
            job,
            local: job.local(),
            matcher: Matcher::default(),
            parts: job.parts.iter().map(|part| (part.clone(), 0)).collect(),
            reading: None,
        }
    }

    /// The next outcomes, as many as one chunk of a file holds; `None` after the last.
    async fn batch(&mut self) -> Result<Option<Batch>> {
        loop {
            let Some(mut reading) = self.reading.take() else {
                let Some((part, round)) = self.parts.pop_front() else { return Ok(None) };
                self.reading = Some(Reading::open(self.jobs, self.local, part, round).await?);
                continue;
            };
            if reading.file.is_none()
                && let Some(file) = reading.files.pop_front()
            {
                let path = self.jobs.path(Side::Ingest, &format!("/{}/{}", reading.part.id, file.name()));
                reading.file = Some((file, Download::new(self.jobs, path), None));
            }
            let batch = match reading.file {
                Some(_) => {
                    let batch = self.read(&mut reading).await?;
                    self.reading = Some(reading);
                    batch
                }
                None => reading.missing().map(Err).into_iter().collect(),
            };
            if !batch.is_empty() {
                return Ok(Some(batch));
            }
        }
    }

    /// Reads one chunk of the open file.
    async fn read(&mut self, reading: &mut Reading<'a>) -> Result<Batch> {
        let Some((file, download, layout)) = &mut reading.file else { return Ok(Batch::new()) };
        let (file, info, locked) = (*file, &reading.info, &mut reading.locked);
        let (job, local, matcher) = (self.job, self.local, &mut self.matcher);
        let mut batch = Batch::new();
        let more = download
            .batch(|header, cells| {
                let layout = layout.get_or_insert_with(|| Layout::new(header, job.key.as_deref()));
                reading.rows += 1;
                if file == File::Failed
                    && reason::is_lock(cells.get(layout.error))
                    && locked.take(layout, cells)
                {
                    return Ok(());
                }
                let index = local.and_then(|local| layout.find(&local.positions, matcher, cells));
                let outcome = outcome(file, info, layout, cells);
                // Who has the input does not need its echo.
                let known = index.is_some() && outcome.is_ok();
                let row = if known { Fields::new() } else { layout.fields(cells) };
                batch.push(Ok(RowOutcome::new(index, row, outcome)));
                Ok(())
            })
            .await?;
        if !more {
            reading.file = None;
        }
        self.send_locked(reading, file == File::Failed && !more).await?;
        Ok(batch)
    }

    /// Sends the locked rows once more: when there are many, and the rest when `all` of them are known.
    async fn send_locked(&mut self, reading: &mut Reading<'a>, all: bool) -> Result<()> {
        let Some(local) = self.local else { return Ok(()) };
        if reading.locked.is_full() || (all && !reading.locked.is_empty()) {
            if all {
                tokio::time::sleep(self.jobs.options.poll_first * 10 * 2_u32.pow(reading.round)).await;
            }
            self.jobs
                .send_locked(self.job, &reading.info, &reading.part.id, &mut reading.locked, local)
                .await?;
        }
        if all {
            let next = reading.locked.sent.drain(..).map(|part| (part, reading.round + 1));
            self.parts.extend(next);
        }
        Ok(())
    }
}

impl<'a> Reading<'a> {
    /// Waits until the part is over.
    async fn open(jobs: &'a Jobs, local: Option<&'a Local>, part: BulkPart, round: u32) -> Result<Self> {
        if round > 0 && jobs.info(Side::Ingest, &part.id).await?.state == State::Open {
            // Its data is there: whoever sent it was dropped before it could close it.
            jobs.close(&part.id).await?;
        }
        let info = jobs.over(Side::Ingest, &part.id).await?;
        let files = File::of(&info, part.records);
        let again = local.filter(|_| round < jobs.options.lock_rounds);
        let locked = Locked::new(again.map(|local| local.follow_ups(&part.id)));
        Ok(Self { part, round, info, files, file: None, rows: 0, locked })
    }

    /// What is wrong with a part whose files were read: it failed before it had rows, or rows are missing.
    fn missing(&self) -> Option<Error> {
        (self.rows < self.part.records).then(|| match self.info.state {
            State::Failed => reason::of_job(&self.info),
            _ => {
                let (id, rows, all) = (&self.part.id, self.rows, self.part.records);
                let message = format!("the results of job {id} account for {rows} of {all} rows");
                Error::new(ErrorKind::Malformed, message)
            }
        })
    }
}

fn outcome(file: File, info: &JobInfo, layout: &Layout, cells: Cells<'_>) -> Outcome {
    match file {
        File::Succeeded => {
            let id = cells.get(layout.id);
            Ok(if cells.get(layout.created) == "true" { Written::created(id) } else { Written::updated(id) })
        }
        File::Failed => Err(reason::of_row(cells.get(layout.error))),
        File::Unprocessed => Err(reason::unprocessed(info)),
    }
}
