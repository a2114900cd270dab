//! Where things stand in the rows of a result file.

use std::sync::Arc;

use orion_core::Fields;
use serde_json::Value;

use crate::bulk::{
    csv::{Cells, NULL},
    positions::{Matcher, Positions, hash, mark},
};

/// A column of the input, echoed.
struct Column {
    at: usize,
    name: Arc<str>,
    seed: u64,
}

/// The columns of a result file. One it does not have stands past the last.
pub(super) struct Layout {
    pub(super) id: usize,
    pub(super) created: usize,
    pub(super) error: usize,
    key: Option<(Box<str>, usize)>,
    /// Sorted by name.
    echoed: Vec<Column>,
}

impl Layout {
    pub(super) fn new(header: &[Arc<str>], key: Option<&str>) -> Self {
        let find = |name: &str| header.iter().position(|have| **have == *name).unwrap_or(usize::MAX);
        let column = |(at, name): (usize, &Arc<str>)| Column {
            at,
            name: Arc::clone(name),
            seed: hash(0, name.as_bytes()),
        };
        let (id, created, error) = (find("sf__Id"), find("sf__Created"), find("sf__Error"));
        let own = [id, created, error];
        let mut echoed: Vec<Column> =
            header.iter().enumerate().filter(|(at, _)| !own.contains(at)).map(column).collect();
        echoed.sort_by(|a, b| a.name.cmp(&b.name));
        Self { id, created, error, key: key.map(|key| (key.into(), find(key))), echoed }
    }

    /// The names of the input's columns.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.echoed.iter().map(|column| &*column.name)
    }

    /// The input's cells, in the order of [`names`](Self::names).
    pub(super) fn cells<'r>(&self, cells: Cells<'r>) -> impl Iterator<Item = &'r str> {
        self.echoed.iter().map(move |column| cells.get(column.at))
    }

    /// The input's fields that had a cell; `#N/A` is null.
    pub(super) fn fields(&self, cells: Cells<'_>) -> Fields {
        let value = |cell: &str| if cell == NULL { Value::Null } else { Value::from(cell) };
        self.echoed
            .iter()
            .map(|column| (column, cells.get(column.at)))
            .filter(|(_, cell)| !cell.is_empty())
            .map(|(column, cell)| (Arc::clone(&column.name), value(cell)))
            .collect()
    }

    /// The position of the row's input.
    pub(super) fn find(&self, positions: &Positions, matcher: &mut Matcher, cells: Cells<'_>) -> Option<u64> {
        let row = self.echoed.iter().fold(0, |all, column| match cells.get(column.at) {
            "" => all,
            cell => u64::wrapping_add(all, hash(column.seed, cell.as_bytes())),
        });
        let key = self.key.as_ref().map(|(name, at)| (&**name, cells.get(*at).as_bytes()));
        matcher.take(positions, mark(row, key), key.is_some())
    }
}
