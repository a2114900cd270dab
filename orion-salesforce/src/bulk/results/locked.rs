//! Rows that others held locked, to be sent once more.

use orion_core::{BulkJob, BulkPart, Result};

use super::Layout;
use crate::bulk::{
    Jobs, Local,
    csv::{Cells, Lines},
    ingest::Head,
    job::{Ingest, JobInfo},
};

/// How much to hold before a job is made of it.
const FULL: usize = 1 << 20;

/// The locked rows of one part.
pub(super) struct Locked {
    /// Whether they may be sent once more: only by the process that sent them first, which knows whether it did so already.
    allowed: bool,
    lines: Lines,
    records: u64,
    /// The jobs made of them, and how many rows these hold.
    pub(super) sent: Vec<BulkPart>,
    earlier: u64,
}

impl Locked {
    /// `sent` is `None` if they may not be sent once more, else the jobs made of them at an earlier reading of the same file.
    pub(super) fn new(sent: Option<Option<Vec<BulkPart>>>) -> Self {
        let allowed = sent.is_some();
        let sent = sent.flatten().unwrap_or_default();
        let earlier = sent.iter().map(|part| part.records).sum();
        Self { allowed, lines: Lines::new(), records: 0, sent, earlier }
    }

    /// Takes a row, unless it may not be sent once more.
    pub(super) fn take(&mut self, layout: &Layout, cells: Cells<'_>) -> bool {
        if !self.allowed {
            return false;
        }
        if self.earlier > 0 {
            // The file is read in the same order as then, so the first rows are those that were sent.
            self.earlier -= 1;
            return true;
        }
        if self.records == 0 {
            self.lines.push(layout.names().map(str::as_bytes));
        }
        self.lines.push(layout.cells(cells).map(str::as_bytes));
        self.records += 1;
        true
    }

    pub(super) fn is_full(&self) -> bool {
        self.lines.len() >= FULL
    }

    pub(super) fn is_empty(&self) -> bool {
        self.records == 0
    }
}

impl Jobs {
    /// Makes a job of the rows at hand.
    pub(super) async fn send_locked(
        &self,
        job: &BulkJob,
        info: &JobInfo,
        part: &str,
        locked: &mut Locked,
        local: &Local,
    ) -> Result<()> {
        let external_id = job.key.as_deref().filter(|_| info.operation == "upsert");
        let ingest = Ingest::new(&job.object, &info.operation, external_id);
        let head = Head::complete(vec![locked.lines.copy_out()]);
        let id = self.prepare(&ingest, &head).await?;
        locked.sent.push(BulkPart::new(id.clone(), std::mem::take(&mut locked.records)));
        // Before it begins: from here on another reading must not send the rows again.
        local.followed(part, locked.sent.clone());
        self.close(&id).await
    }
}
