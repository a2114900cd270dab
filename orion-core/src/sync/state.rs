//! The phases of a stream, as a pure machine.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{Cursor, Query};

/// Where a stream stands between two batches.
///
/// A stream is first read whole (`Backfill`), then by what changed since (`Incremental`). The high-water mark `since` is the moment
/// at which the last *completed* pass began, by the source's clock where it is known; it never moves inside a pass, so a pass that
/// stops half-way loses nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
#[non_exhaustive]
pub enum State {
    /// Everything is being read.
    Backfill {
        /// The next page; `None` at the start of the pass.
        cursor: Option<Cursor>,
        /// When the pass began; `None` until its first page is here.
        started_at: Option<DateTime<Utc>>,
        /// Whether records this pass does not meet are gone from the source.
        sweep: bool,
    },
    /// What changed is being read.
    Incremental {
        /// The high-water mark.
        since: DateTime<Utc>,
        /// The next page; `None` at the start of a pass.
        cursor: Option<Cursor>,
        /// When the pass began; `None` until its first page is here.
        started_at: Option<DateTime<Utc>>,
    },
}

/// What moves a [`State`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Input {
    /// A run begins that goes on as the state says.
    Resume,
    /// A run begins that reads everything again, unless a pass is under way already.
    Refresh {
        /// Whether records the pass does not meet are gone.
        sweep: bool,
    },
    /// The first page of a pass is here, and what it brings is about to be applied.
    Begun {
        /// As for [`Input::Page`].
        at: DateTime<Utc>,
    },
    /// A page was read and committed.
    Page {
        /// Where the next one starts; `None` completes the pass.
        next: Option<Cursor>,
        /// The source's clock when the page was read, or ours before it was asked for.
        at: DateTime<Utc>,
    },
    /// The source no longer knows the position that was asked for.
    Expired,
}

impl State {
    /// A stream that was never read. `sweep`: whether records the backfill does not meet are gone.
    #[must_use]
    pub const fn new(sweep: bool) -> Self {
        Self::Backfill { cursor: None, started_at: None, sweep }
    }

    /// `backfill` or `incremental`.
    #[must_use]
    pub const fn phase(&self) -> &'static str {
        match self {
            Self::Backfill { .. } => "backfill",
            Self::Incremental { .. } => "incremental",
        }
    }

    /// Where the next page starts; `None` at the start of a pass.
    #[must_use]
    pub const fn cursor(&self) -> Option<&Cursor> {
        match self {
            Self::Backfill { cursor, .. } | Self::Incremental { cursor, .. } => cursor.as_ref(),
        }
    }

    /// Whether a backfill has not begun yet. Its first batch must not be applied before its start is on record: if only a part of the batch
    /// is, a later start would hide what is deleted between the two.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        matches!(self, Self::Backfill { started_at: None, .. })
    }

    /// Whether the pass under way ends with a sweep.
    #[must_use]
    pub const fn sweeps(&self) -> bool {
        matches!(self, Self::Backfill { sweep: true, .. })
    }

    /// The state after `input`.
    #[must_use]
    pub fn step(self, input: Input) -> Self {
        match (self, input) {
            (state, Input::Resume) => state,
            (Self::Incremental { cursor: None, .. }, Input::Refresh { sweep }) => Self::new(sweep),
            (state, Input::Refresh { .. }) => state,
            (Self::Backfill { cursor, started_at, sweep }, Input::Begun { at }) => {
                Self::Backfill { cursor, started_at: started_at.or(Some(at)), sweep }
            }
            (state, Input::Begun { .. }) => state,
            (state, Input::Page { next, at }) => state.page(next, at),
            (state, Input::Expired) => state.expired(),
        }
    }

    fn page(self, next: Option<Cursor>, at: DateTime<Utc>) -> Self {
        match (self, next) {
            (Self::Backfill { started_at, sweep, .. }, Some(next)) => {
                Self::Backfill { cursor: Some(next), started_at: started_at.or(Some(at)), sweep }
            }
            (Self::Backfill { started_at, .. }, None) => {
                Self::Incremental { since: started_at.unwrap_or(at), cursor: None, started_at: None }
            }
            (Self::Incremental { since, started_at, .. }, Some(next)) => {
                Self::Incremental { since, cursor: Some(next), started_at: started_at.or(Some(at)) }
            }
            (Self::Incremental { since, started_at, .. }, None) => Self::Incremental {
                since: since.max(started_at.unwrap_or(at)),
                cursor: None,
                started_at: None,
            },
        }
    }

    /// Starts the pass again. Its first start stays on record: what happened between the two starts was seen by neither a page
    /// of the second try (a record deleted meanwhile is not listed) nor, were the mark later, by the next pass.
    ///
    /// If the mark itself is too old for the source, only a whole read helps, and what it does not meet is gone.
    fn expired(self) -> Self {
        match self {
            Self::Backfill { started_at, sweep, .. } => Self::Backfill { cursor: None, started_at, sweep },
            Self::Incremental { since, cursor: Some(_), started_at } => {
                Self::Incremental { since, cursor: None, started_at }
            }
            Self::Incremental { cursor: None, .. } => Self::new(true),
        }
    }

    /// What to ask the source for: from `overlap` before the mark, because its clock and ours differ and because a change can
    /// become visible later than the time it bears.
    #[must_use]
    pub fn query(&self, overlap: Duration) -> Query {
        let query = Query::new().cursor(self.cursor().cloned());
        match self {
            Self::Backfill { .. } => query,
            Self::Incremental { since, .. } => {
                let overlap = TimeDelta::from_std(overlap).unwrap_or(TimeDelta::MAX);
                let from = since.checked_sub_signed(overlap).unwrap_or(DateTime::<Utc>::MIN_UTC);
                query.since(from).with_deletes()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn cursor(position: &str) -> Option<Cursor> {
        (!position.is_empty()).then(|| Cursor::new(position))
    }

    fn backfill(position: &str, started: i64, sweep: bool) -> State {
        let started_at = (started > 0).then(|| at(started));
        State::Backfill { cursor: cursor(position), started_at, sweep }
    }

    fn incremental(since: i64, position: &str, started: i64) -> State {
        let started_at = (started > 0).then(|| at(started));
        State::Incremental { since: at(since), cursor: cursor(position), started_at }
    }

    fn page(next: &str, seconds: i64) -> Input {
        Input::Page { next: cursor(next), at: at(seconds) }
    }

    #[test]
    fn every_state_answers_every_input() {
        let refresh = |sweep| Input::Refresh { sweep };
        let table = [
            // A backfill remembers when its first page was read and carries that to its end.
            (State::new(false), page("b", 100), backfill("b", 100, false)),
            (backfill("b", 100, false), page("c", 200), backfill("c", 100, false)),
            (backfill("c", 100, false), page("", 300), incremental(100, "", 0)),
            (State::new(true), page("", 100), incremental(100, "", 0)),
            // The mark stands still inside a pass and moves at its end, to the pass's start.
            (incremental(100, "", 0), page("x", 500), incremental(100, "x", 500)),
            (incremental(100, "x", 500), page("y", 600), incremental(100, "y", 500)),
            (incremental(100, "y", 500), page("", 700), incremental(500, "", 0)),
            (incremental(100, "", 0), page("", 500), incremental(500, "", 0)),
            // The start can be put on record before the first page is applied.
            (State::new(true), Input::Begun { at: at(90) }, backfill("", 90, true)),
            (backfill("", 90, true), page("b", 100), backfill("b", 90, true)),
            (backfill("b", 90, true), Input::Begun { at: at(95) }, backfill("b", 90, true)),
            (incremental(100, "", 0), Input::Begun { at: at(95) }, incremental(100, "", 0)),
            // A clock that was set back does not pull the mark back.
            (incremental(900, "", 0), page("", 500), incremental(900, "", 0)),
            // An expired position restarts its pass and keeps the first start.
            (backfill("c", 100, true), Input::Expired, backfill("", 100, true)),
            (backfill("", 100, true), page("b", 400), backfill("b", 100, true)),
            (State::new(false), Input::Expired, State::new(false)),
            (incremental(100, "y", 500), Input::Expired, incremental(100, "", 500)),
            (incremental(100, "", 500), page("", 800), incremental(500, "", 0)),
            // A mark that is too old: everything again, and what is not met is gone.
            (incremental(100, "", 0), Input::Expired, State::new(true)),
            // A run goes on where the last one stopped; a refresh waits for the pass under way.
            (backfill("c", 100, false), Input::Resume, backfill("c", 100, false)),
            (incremental(100, "y", 500), Input::Resume, incremental(100, "y", 500)),
            (backfill("c", 100, false), refresh(true), backfill("c", 100, false)),
            (incremental(100, "y", 500), refresh(true), incremental(100, "y", 500)),
            (incremental(100, "", 0), refresh(true), State::new(true)),
            (incremental(100, "", 0), refresh(false), State::new(false)),
        ];
        for (row, (state, input, expected)) in table.into_iter().enumerate() {
            assert_eq!(state.step(input), expected, "row {row}");
        }
    }

    #[test]
    fn a_backfill_asks_for_all_and_an_incremental_pass_for_changes_from_before_the_mark() {
        let overlap = Duration::from_secs(60);
        let all = backfill("c", 100, false).query(overlap);
        assert_eq!((all.since, all.deletes, all.cursor), (None, false, cursor("c")));
        let changes = incremental(100, "x", 0).query(overlap);
        assert_eq!((changes.since, changes.deletes, changes.cursor), (Some(at(40)), true, cursor("x")));
        let far = incremental(100, "", 0).query(Duration::MAX);
        assert_eq!(far.since, Some(DateTime::<Utc>::MIN_UTC));
    }

    #[test]
    fn a_state_survives_json() {
        for state in
            [State::new(true), backfill("c", 7, false), incremental(100, "", 0), incremental(9, "x", 8)]
        {
            let text = serde_json::to_string(&state).unwrap();
            assert_eq!(serde_json::from_str::<State>(&text).unwrap(), state);
        }
    }
}
