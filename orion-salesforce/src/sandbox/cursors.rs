//! Open query cursors and their locators.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;

use super::soql::Cursor;

/// Cursors a user may have open (Salesforce issue threads; the oldest is closed for the eleventh).
const OPEN: usize = 10;

/// How long a locator is valid (Salesforce docs: two days).
const LIFE: TimeDelta = TimeDelta::days(2);

/// A query's result and how it is paged.
#[derive(Debug)]
pub(crate) struct Selected {
    pub(crate) cursor: Cursor,
    /// The page size asked for with the query.
    pub(crate) size: usize,
    /// Whether these are one parent's child rows, which do not count as a cursor of their own.
    pub(crate) child: bool,
}

#[derive(Debug)]
struct Open {
    locator: String,
    selected: Arc<Selected>,
    opened: DateTime<Utc>,
    finished: bool,
}

/// The open cursors, oldest first.
#[derive(Debug)]
pub(crate) struct Cursors {
    open: VecDeque<Open>,
    rng: Rng,
}

impl Cursors {
    pub(crate) fn new(seed: u64) -> Self {
        Self { open: VecDeque::new(), rng: Rng::with_seed(seed ^ 0x0c) }
    }

    /// Opens a cursor and answers its locator. At the limit one that was read to its end makes place, or else the
    /// oldest one.
    pub(crate) fn open(&mut self, selected: Arc<Selected>, now: DateTime<Utc>) -> String {
        let top_level = self.open.iter().filter(|open| !open.selected.child).count();
        if top_level >= OPEN && !selected.child {
            let mut queries = (0..self.open.len()).filter(|index| !self.open[*index].selected.child);
            let oldest = queries.clone().next();
            if let Some(index) = queries.find(|index| self.open[*index].finished).or(oldest) {
                self.open.remove(index);
            }
        }
        let locator = format!("0r8{}", (0..15).map(|_| self.rng.alphanumeric()).collect::<String>());
        self.open.push_back(Open { locator: locator.clone(), selected, opened: now, finished: false });
        locator
    }

    pub(crate) fn get(&self, locator: &str, now: DateTime<Utc>) -> Option<Arc<Selected>> {
        let open = self.open.iter().find(|open| open.locator == locator)?;
        (now.signed_duration_since(open.opened) < LIFE).then(|| Arc::clone(&open.selected))
    }

    pub(crate) fn finish(&mut self, locator: &str) {
        if let Some(open) = self.open.iter_mut().find(|open| open.locator == locator) {
            open.finished = true;
        }
    }

    pub(crate) fn clear(&mut self) {
        self.open.clear();
    }
}
