//! How bulk jobs are sent and waited for.

use std::time::Duration;

/// How bulk jobs are sent and waited for. The defaults are right unless a job has to be smaller or waited for longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BulkOptions {
    /// The most bytes of CSV sent with one job; more records become more jobs. Default 100 MB, what the 150 MB that Salesforce
    /// allows after base64 leave (Bulk API 2.0 guide, "Bulk API 2.0 Limits").
    pub part_bytes: usize,
    /// A part of up to this many bytes is held in memory and can be sent again if the connection fails; a longer one is streamed, and
    /// a failure ends the whole submission. Default 1 MiB.
    pub resend_bytes: usize,
    /// The longest an upload may stay open for a slow source of records; then the part is closed. Default 5 minutes, half of what
    /// Salesforce allows a request.
    pub part_time: Duration,
    /// The wait before a job's state is asked for the second time; it grows by half each time. Default 20 ms.
    pub poll_first: Duration,
    /// The longest wait between two looks at a job. Default 5 s.
    pub poll_cap: Duration,
    /// The longest to wait for a job. After that the job goes on, and so may the waiting. Default 24 hours.
    pub wait: Duration,
    /// How often rows that others held locked are sent once more, in a job of their own. Default 3.
    pub lock_rounds: u32,
    /// How many pages of an export are downloaded at a time. Default 4.
    pub pages: usize,
}

impl Default for BulkOptions {
    fn default() -> Self {
        Self {
            part_bytes: 100_000_000,
            resend_bytes: 1 << 20,
            part_time: Duration::from_secs(300),
            poll_first: Duration::from_millis(20),
            poll_cap: Duration::from_secs(5),
            wait: Duration::from_secs(24 * 3600),
            lock_rounds: 3,
            pages: 4,
        }
    }
}

impl BulkOptions {
    /// Sets the most bytes of CSV sent with one job.
    #[must_use]
    pub fn part_bytes(mut self, bytes: usize) -> Self {
        self.part_bytes = bytes;
        self
    }

    /// Sets up to which size a part is held in memory, so that it can be sent again.
    #[must_use]
    pub fn resend_bytes(mut self, bytes: usize) -> Self {
        self.resend_bytes = bytes;
        self
    }

    /// Sets the first and the longest wait between two looks at a job.
    #[must_use]
    pub fn poll(mut self, first: Duration, cap: Duration) -> Self {
        self.poll_first = first;
        self.poll_cap = cap;
        self
    }

    /// Sets the longest to wait for a job.
    #[must_use]
    pub fn wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// Sets how often rows that others held locked are sent once more.
    #[must_use]
    pub fn lock_rounds(mut self, rounds: u32) -> Self {
        self.lock_rounds = rounds;
        self
    }

    /// Sets how many pages of an export are downloaded at a time.
    #[must_use]
    pub fn pages(mut self, pages: usize) -> Self {
        self.pages = pages;
        self
    }
}
