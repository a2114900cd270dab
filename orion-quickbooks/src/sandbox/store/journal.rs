//! What changed, in order, for webhooks.

use chrono::{DateTime, Utc};

/// What a webhook calls a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Create,
    Update,
    Delete,
    Void,
    Merge,
    Emailed,
}

impl Operation {
    /// As classic webhooks spell it (Intuit docs).
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create => "Create",
            Self::Update => "Update",
            Self::Delete => "Delete",
            Self::Void => "Void",
            Self::Merge => "Merge",
            Self::Emailed => "Emailed",
        }
    }
}

/// One change to one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) entity: &'static str,
    pub(crate) id: u64,
    pub(crate) operation: Operation,
    pub(crate) at: DateTime<Utc>,
    /// The row that a merge did away with.
    pub(crate) merged: Option<u64>,
}

/// Every change since the seed.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    changes: Vec<Change>,
}

impl Journal {
    pub(crate) fn note(&mut self, entity: &'static str, id: u64, operation: Operation, at: DateTime<Utc>) {
        self.changes.push(Change { entity, id, operation, at, merged: None });
    }

    pub(crate) fn note_merge(&mut self, entity: &'static str, id: u64, merged: u64, at: DateTime<Utc>) {
        self.changes.push(Change { entity, id, operation: Operation::Merge, at, merged: Some(merged) });
    }

    pub(crate) fn clear(&mut self) {
        self.changes.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.changes.len()
    }

    /// The changes from a position on.
    pub(crate) fn since(&self, position: usize) -> &[Change] {
        self.changes.get(position..).unwrap_or_default()
    }
}
