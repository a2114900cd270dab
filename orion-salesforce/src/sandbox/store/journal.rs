//! Savepoints: what to put back when a request that must be all or nothing fails half way.

use super::Org;
use super::id::RowId;
use super::schema::FieldIndex;
use super::table::{Cell, State};

#[derive(Debug, Default)]
pub(crate) struct Journal {
    entries: Vec<Entry>,
    marks: Vec<usize>,
}

#[derive(Debug)]
enum Entry {
    Cell(RowId, FieldIndex, Cell),
    State(RowId, State),
}

impl Journal {
    pub(super) fn cell(&mut self, id: RowId, field: FieldIndex, old: Cell) {
        self.note(Entry::Cell(id, field, old));
    }

    pub(super) fn state(&mut self, id: RowId, old: State) {
        self.note(Entry::State(id, old));
    }

    fn note(&mut self, entry: Entry) {
        if !self.marks.is_empty() {
            self.entries.push(entry);
        }
    }
}

impl Org {
    /// Opens a savepoint. Savepoints nest.
    pub(crate) fn begin(&mut self) {
        self.journal.marks.push(self.journal.entries.len());
    }

    /// Undoes everything since the innermost open savepoint, and closes it. Ids given out meanwhile stay used.
    pub(crate) fn rollback(&mut self) {
        let mark = self.journal.marks.pop().unwrap_or(0);
        for entry in self.journal.entries.split_off(mark).into_iter().rev() {
            let (Entry::Cell(id, ..) | Entry::State(id, _)) = entry;
            let Some(table) = self.tables.get_mut(id.object) else { continue };
            match entry {
                Entry::Cell(_, field, old) => {
                    table.set(id.row, field, old);
                }
                Entry::State(_, old) => {
                    table.set_state(id.row, old);
                }
            }
        }
    }

    /// Keeps everything since the innermost open savepoint, and closes it.
    pub(crate) fn commit(&mut self) {
        self.journal.marks.pop();
        if self.journal.marks.is_empty() {
            self.journal.entries.clear();
        }
    }
}
