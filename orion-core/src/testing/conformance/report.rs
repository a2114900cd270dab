//! What the suite found.

use std::{fmt, panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt;

use super::bench::{Stop, Verdict};

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// The adapter does what it has to.
    Passed,
    /// It does not, or the check was due and could not be run: why.
    Failed(String),
    /// The adapter does not declare what the check is about, or the subject offers no way to bring it about: which.
    NotDeclared(String),
}

/// One check on one object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// Name of the check, for instance `read.ids_are_unique`.
    pub check: &'static str,
    /// What it was run on: `kind/object`, or nothing when it is about the adapter as a whole.
    pub on: String,
    /// How it ended.
    pub status: Status,
}

/// What the suite found, in the order in which it looked. `Display` shows it as a table.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// Name and version of the adapter.
    pub title: String,
    /// The checks.
    pub rows: Vec<Row>,
}

impl Report {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Runs a check. One that panics, or has not ended after ten days of the runtime's time, has failed.
    pub(super) async fn add(
        &mut self,
        check: &'static str,
        on: &str,
        verdict: impl Future<Output = Verdict> + Send,
    ) {
        let limited =
            tokio::time::timeout(Duration::from_secs(864_000), AssertUnwindSafe(verdict).catch_unwind());
        let verdict = match limited.await {
            Ok(Ok(verdict)) => verdict,
            Ok(Err(_)) => Err(Stop::Failed("the adapter panicked".to_owned())),
            Err(_) => Err(Stop::Failed("no end after ten days".to_owned())),
        };
        self.note(check, on, verdict);
    }

    pub(super) fn note(&mut self, check: &'static str, on: &str, verdict: Verdict) {
        let status = match verdict {
            Ok(()) => Status::Passed,
            Err(Stop::Failed(why)) => Status::Failed(why),
            Err(Stop::NotDeclared(what)) => Status::NotDeclared(what),
        };
        self.rows.push(Row { check, on: on.to_owned(), status });
    }

    /// How a check ended on an object (or on none): `passed`, `failed` or `not declared`; `None` if it was not run.
    #[must_use]
    pub fn status(&self, check: &str, on: &str) -> Option<&'static str> {
        self.rows.iter().find(|row| row.check == check && row.on == on).map(|row| row.status.word())
    }

    /// The checks that failed.
    pub fn failed(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| matches!(row.status, Status::Failed(_)))
    }

    /// How many checks passed, failed, and were not declared.
    #[must_use]
    pub fn counts(&self) -> [usize; 3] {
        let count = |word| self.rows.iter().filter(|row| row.status.word() == word).count();
        [count("passed"), count("failed"), count("not declared")]
    }

    /// Asserts that no check failed.
    ///
    /// # Panics
    /// If one did, with the whole table.
    #[track_caller]
    pub fn assert_passed(&self) {
        assert!(self.failed().next().is_none(), "{self}");
    }
}

impl Status {
    fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed(_) => "failed",
            Self::NotDeclared(_) => "not declared",
        }
    }

    fn why(&self) -> &str {
        match self {
            Self::Passed => "",
            Self::Failed(why) | Self::NotDeclared(why) => why,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |cell: fn(&Row) -> usize| self.rows.iter().map(cell).max().unwrap_or(0);
        let (check, on) = (width(|row| row.check.len()), width(|row| row.on.len()));
        writeln!(f, "conformance of {}", self.title)?;
        for row in &self.rows {
            let line = format!(
                "  {:check$}  {:on$}  {:12}  {}",
                row.check,
                row.on,
                row.status.word(),
                row.status.why()
            );
            writeln!(f, "{}", line.trim_end())?;
        }
        let [passed, failed, not_declared] = self.counts();
        write!(f, "{passed} passed, {failed} failed, {not_declared} not declared")
    }
}
