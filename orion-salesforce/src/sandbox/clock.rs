//! How REST bodies write a time.

use chrono::{DateTime, Utc};

/// `2024-06-11T17:02:44.000+0000`.
pub(crate) fn stamp(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()
}
