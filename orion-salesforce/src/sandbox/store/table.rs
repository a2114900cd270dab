//! Rows, by column: a column that no row fills costs nothing, and everything but text is one machine word.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::schema::{Field, FieldIndex, Object};

/// The word of a null.
const NULL: i64 = i64::MIN;

/// One field of one row. A word is a boolean, a number scaled by the field's decimals, days since the common era,
/// seconds since 1970, or a packed row id: the field's kind says which.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Cell {
    #[default]
    Null,
    Word(i64),
    Text(Arc<str>),
}

/// Whether a row is live, in the recycle bin, or gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Live,
    Deleted,
    Purged,
}

#[derive(Debug)]
enum Column {
    Words(Vec<i64>),
    Texts(Vec<Option<Arc<str>>>),
}

/// All rows of one object. Rows are never removed, so a row number is for ever.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    states: Vec<State>,
    indexes: Vec<Option<Index>>,
}

/// Rows by the key of one field: a packed id, or the hash of the lower-cased text.
type Index = BTreeSet<(i64, u32)>;

impl Table {
    pub(crate) fn new(object: &Object) -> Self {
        let column = |field: &Field| match field.kind.is_text() {
            true => Column::Texts(Vec::new()),
            false => Column::Words(Vec::new()),
        };
        Self {
            columns: object.fields.iter().map(column).collect(),
            states: Vec::new(),
            indexes: object.fields.iter().map(|field| field.indexed().then(Index::new)).collect(),
        }
    }

    /// How many row numbers have been given out.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.states.len()).unwrap_or(u32::MAX)
    }

    pub(crate) fn state(&self, row: u32) -> State {
        self.states.get(row as usize).copied().unwrap_or(State::Purged)
    }

    /// Answers the state before.
    pub(crate) fn set_state(&mut self, row: u32, state: State) -> State {
        match self.states.get_mut(row as usize) {
            Some(slot) => std::mem::replace(slot, state),
            None => State::Purged,
        }
    }

    pub(crate) fn push(&mut self) -> u32 {
        let row = self.len();
        self.states.push(State::Live);
        row
    }

    pub(crate) fn word(&self, row: u32, field: FieldIndex) -> Option<i64> {
        match self.columns.get(field) {
            Some(Column::Words(words)) => words.get(row as usize).copied().filter(|&word| word != NULL),
            _ => None,
        }
    }

    pub(crate) fn text(&self, row: u32, field: FieldIndex) -> Option<&str> {
        match self.columns.get(field) {
            Some(Column::Texts(texts)) => texts.get(row as usize)?.as_deref(),
            _ => None,
        }
    }

    pub(crate) fn cell(&self, row: u32, field: FieldIndex) -> Cell {
        match self.columns.get(field) {
            Some(Column::Texts(texts)) => texts
                .get(row as usize)
                .and_then(Option::as_ref)
                .map_or(Cell::Null, |t| Cell::Text(Arc::clone(t))),
            _ => self.word(row, field).map_or(Cell::Null, Cell::Word),
        }
    }

    /// Answers the cell before.
    pub(crate) fn set(&mut self, row: u32, field: FieldIndex, cell: Cell) -> Cell {
        let old = self.cell(row, field);
        if old == cell {
            return old;
        }
        if let Some(Some(index)) = self.indexes.get_mut(field) {
            key(&old).map(|key| index.remove(&(key, row)));
            key(&cell).map(|key| index.insert((key, row)));
        }
        match self.columns.get_mut(field) {
            Some(Column::Words(words)) => place(
                words,
                row,
                NULL,
                match cell {
                    Cell::Word(word) => word,
                    Cell::Null | Cell::Text(_) => NULL,
                },
            ),
            Some(Column::Texts(texts)) => place(
                texts,
                row,
                None,
                match cell {
                    Cell::Text(text) => Some(text),
                    Cell::Null | Cell::Word(_) => None,
                },
            ),
            None => {}
        }
        old
    }

    /// Rows whose indexed reference field points at `id`.
    pub(crate) fn pointing_at(&self, field: FieldIndex, id: i64) -> impl Iterator<Item = u32> + '_ {
        let index = self.indexes.get(field).and_then(Option::as_ref);
        index.into_iter().flat_map(move |index| index.range(around(id)).map(|&(_, row)| row))
    }

    /// Rows that are not purged and whose indexed text field equals `text`, case aside.
    pub(crate) fn holding<'a>(&'a self, field: FieldIndex, text: &'a str) -> impl Iterator<Item = u32> + 'a {
        let equal = move |&row: &u32| {
            self.state(row) != State::Purged
                && self.text(row, field).is_some_and(|held| same_text(held, text))
        };
        self.pointing_at(field, text_key(text)).filter(equal)
    }
}

fn place<T: Clone>(cells: &mut Vec<T>, row: u32, filler: T, value: T) {
    let row = row as usize;
    if row >= cells.len() {
        cells.resize(row, filler);
        cells.push(value);
    } else if let Some(cell) = cells.get_mut(row) {
        *cell = value;
    }
}

fn around(key: i64) -> RangeInclusive<(i64, u32)> {
    (key, 0)..=(key, u32::MAX)
}

fn key(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Null => None,
        Cell::Word(word) => Some(*word),
        Cell::Text(text) => Some(text_key(text)),
    }
}

fn text_key(text: &str) -> i64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(text.to_lowercase()).cast_signed()
}

/// Salesforce compares text without regard to case.
pub(crate) fn same_text(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    a.chars().flat_map(char::to_lowercase).eq(b.chars().flat_map(char::to_lowercase))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::schema::schema;
    use super::{Cell, State, Table, same_text};

    #[test]
    fn cells_come_back_and_empty_columns_stay_empty() {
        let object = schema().object("Account").unwrap();
        let mut table = Table::new(object);
        let (name, revenue) = (object.position("Name").unwrap(), object.position("AnnualRevenue").unwrap());
        for _ in 0..3 {
            table.push();
        }
        assert_eq!(table.set(2, name, Cell::Text("Zoë".into())), Cell::Null);
        table.set(1, revenue, Cell::Word(5));
        assert_eq!((table.text(2, name), table.text(0, name)), (Some("Zoë"), None));
        assert_eq!((table.word(1, revenue), table.word(2, revenue)), (Some(5), None));
        assert_eq!(table.set(2, name, Cell::Null), Cell::Text(Arc::from("Zoë")));
    }

    #[test]
    fn the_index_follows_its_column() {
        let object = schema().object("Account").unwrap();
        let field = object.position("External_Id__c").unwrap();
        let mut table = Table::new(object);
        table.push();
        table.push();
        table.set(0, field, Cell::Text("Key-É".into()));
        assert_eq!(table.holding(field, "KEY-é").collect::<Vec<_>>(), [0]);
        table.set(0, field, Cell::Text("other".into()));
        assert_eq!(table.holding(field, "key-é").count(), 0);
        table.set_state(0, State::Purged);
        assert_eq!(table.holding(field, "other").count(), 0);
    }

    #[test]
    fn text_is_compared_without_case() {
        assert!(same_text("ÄRGER", "ärger") && same_text("abc", "ABC") && !same_text("a", "ab"));
    }
}
