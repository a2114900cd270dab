//! The data an org starts with.

use chrono::{DateTime, Utc};

use super::Org;

impl Org {
    pub(crate) fn seeded(_seed: u64, _records: usize, now: DateTime<Utc>) -> Self {
        Self::empty(now)
    }
}
