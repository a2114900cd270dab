//! Records that could not be used, kept with the reason.

use std::error::Error as _;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Error, Model, Record, RecordId, Rejected, StreamKey};

/// A record that could not be read or applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The stream it came by.
    pub stream: StreamKey,
    /// Its id, as far as it could be read.
    pub id: Option<RecordId>,
    /// What the source sent.
    pub raw: Box<str>,
    /// Why it was refused.
    pub reason: Box<str>,
    /// When.
    pub at: DateTime<Utc>,
}

impl DeadLetter {
    pub(crate) fn new(stream: &StreamKey, rejected: &Rejected, at: DateTime<Utc>) -> Self {
        Self {
            stream: stream.clone(),
            id: rejected.id.clone(),
            raw: rejected.raw.clone(),
            reason: reason(&rejected.reason).into(),
            at,
        }
    }
}

/// The whole chain of an error: here, unlike in a log, the cause stands beside the record it is about.
pub(crate) fn reason(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// A record that a destination refused, as it was to be written.
pub(crate) fn refused<M: Model>(record: &Record<M>, reason: Error) -> Rejected {
    Rejected::new(Some(record.id.clone()), serde_json::to_string(record).unwrap_or_default(), reason)
}
