//! One record as cells.

use std::{fmt, io::Write, ops::Range, sync::Arc};

use chrono::NaiveDate;
use orion_core::{Decimal, Error, ErrorKind, Result};

use super::NULL;
use crate::{bulk::positions::hash, wire::FieldSink};

/// Most characters of one record (Bulk API 2.0 guide, "Bulk API 2.0 Limits").
const RECORD_CHARS: usize = 400_000;

/// Most characters of one field: 131,072 for the longest type there is; the guide's 32,000 is older (unverified).
const FIELD_CHARS: usize = 131_072;

/// The columns met so far, in the order they were met. They only grow.
#[derive(Default)]
pub(crate) struct Columns {
    names: Vec<Arc<str>>,
    /// The hash of each name, where the hashes of its cells begin.
    seeds: Vec<u64>,
    /// How long a header of them is at most.
    bytes: usize,
}

impl Columns {
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// How long a header of these columns is at most.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    fn push(&mut self, name: &str) -> usize {
        self.names.push(name.into());
        self.seeds.push(hash(0, name.as_bytes()));
        self.bytes += name.len() + 3;
        self.names.len() - 1
    }

    /// The column called `name`, most likely the one at `expected`.
    fn find(&self, expected: usize, name: &str) -> Option<usize> {
        if self.names.get(expected).is_some_and(|have| **have == *name) {
            return Some(expected);
        }
        self.names.iter().position(|have| **have == *name)
    }
}

/// One record as cells: what a mapping writes into and what a row of CSV is made of.
#[derive(Default)]
pub(crate) struct Row {
    pub(crate) columns: Columns,
    text: Vec<u8>,
    /// Where each column's cell stands in the text.
    cells: Vec<Range<usize>>,
    /// The column expected next: records of one object mostly come with their fields in one order.
    next: usize,
    mistake: Option<Error>,
}

impl Row {
    /// Starts the next record.
    pub(crate) fn begin(&mut self) {
        self.text.clear();
        self.cells.iter_mut().for_each(|cell| *cell = 0..0);
        self.next = 0;
        self.mistake = None;
    }

    /// Checks the record against the limits. `key` is the column that has to have a value.
    pub(crate) fn check(&mut self, key: Option<&str>) -> Result<()> {
        if let Some(mistake) = self.mistake.take() {
            return Err(mistake);
        }
        if let Some(key) = key
            && (self.cell_named(key).is_empty() || self.cell_named(key) == NULL.as_bytes())
        {
            return Err(Error::new(ErrorKind::Config, format!("the record has no value for `{key}`")));
        }
        if self.text.is_empty() {
            return Err(Error::new(ErrorKind::Config, "the record has no field to write"));
        }
        if self.text.len() > FIELD_CHARS { self.check_lengths() } else { Ok(()) }
    }

    fn check_lengths(&self) -> Result<()> {
        let mut all = 0;
        for (name, cell) in self.columns.names().zip(self.cells()) {
            let chars = cell.iter().filter(|byte| !is_continuation(**byte)).count();
            all += chars;
            if chars > FIELD_CHARS {
                return Err(too_long(&format!("field `{name}`"), chars, FIELD_CHARS));
            }
        }
        if all > RECORD_CHARS { Err(too_long("the record", all, RECORD_CHARS)) } else { Ok(()) }
    }

    /// One cell per column, empty where the record has no such field.
    pub(crate) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        self.cells.iter().map(|cell| &self.text[cell.clone()])
    }

    pub(crate) fn cell_named(&self, name: &str) -> &[u8] {
        let found = self.columns.find(0, name);
        found.and_then(|column| self.cells().nth(column)).unwrap_or_default()
    }

    /// A hash of names and values that does not depend on the order of the columns, nor on empty cells.
    pub(crate) fn hash(&self) -> u64 {
        let cells = self.columns.seeds.iter().zip(self.cells());
        cells
            .filter(|(_, cell)| !cell.is_empty())
            .fold(0, |all, (seed, cell)| u64::wrapping_add(all, hash(*seed, cell)))
    }

    fn cell(&mut self, name: &str, write: impl FnOnce(&mut Vec<u8>)) {
        let found = self.columns.find(self.next, name);
        let column = found.unwrap_or_else(|| self.columns.push(name));
        if self.cells.len() <= column {
            self.cells.resize(column + 1, 0..0);
        }
        let start = self.text.len();
        write(&mut self.text);
        self.cells[column] = start..self.text.len();
        self.next = column + 1;
    }
}

/// Whether it is a byte of a character of which it is not the first.
fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

fn too_long(what: &str, chars: usize, limit: usize) -> Error {
    Error::new(ErrorKind::TooLarge, format!("{what} has {chars} characters, {limit} are allowed"))
}

impl FieldSink for Row {
    fn null(&mut self, name: &str) {
        self.cell(name, |text| text.extend_from_slice(NULL.as_bytes()));
    }

    /// Empty text is null to Salesforce, and an empty cell would leave the field as it is.
    fn text(&mut self, name: &str, value: &str) {
        match value {
            "" => self.null(name),
            NULL => {
                let message = format!("field `{name}` holds the text #N/A, which Bulk API reads as null");
                self.mistake.get_or_insert_with(|| Error::new(ErrorKind::Config, message));
            }
            _ => self.cell(name, |text| text.extend_from_slice(value.as_bytes())),
        }
    }

    fn bare(&mut self, name: &str, value: fmt::Arguments<'_>) {
        self.cell(name, |text| {
            // Writing to memory cannot fail.
            let _infallible = text.write_fmt(value);
        });
    }

    /// Most numbers are whole, and small enough to be written without the detour a decimal takes.
    fn decimal(&mut self, name: &str, value: Decimal) {
        match i64::try_from(value.mantissa()) {
            Ok(whole) if value.scale() == 0 => self.bare(name, format_args!("{whole}")),
            _ => self.bare(name, format_args!("{value}")),
        }
    }

    fn date(&mut self, name: &str, value: NaiveDate) {
        self.bare(name, format_args!("{value}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(fields: &[(&str, &str)]) -> Row {
        let mut row = Row::default();
        write(&mut row, fields);
        row
    }

    fn write(row: &mut Row, fields: &[(&str, &str)]) {
        row.begin();
        fields.iter().for_each(|(name, value)| row.text(name, value));
    }

    #[test]
    fn cells_stand_under_their_columns_whatever_the_order() {
        let mut row = row(&[("A", "1"), ("B", "2"), ("C", "3")]);
        write(&mut row, &[("C", "6"), ("A", "4")]);
        assert_eq!(row.cells().collect::<Vec<_>>(), [b"4" as &[u8], b"", b"6"]);
        write(&mut row, &[("D", "7"), ("B", "8")]);
        assert_eq!(row.columns.names().collect::<Vec<_>>(), ["A", "B", "C", "D"]);
        assert_eq!(row.cells().collect::<Vec<_>>(), [b"" as &[u8], b"8", b"", b"7"]);
        write(&mut row, &[]);
        assert_eq!(row.cells().collect::<Vec<_>>(), [b"" as &[u8]; 4]);
    }

    #[test]
    fn null_and_empty_text_empty_a_field() {
        let mut row = Row::default();
        row.begin();
        row.null("A");
        row.text("B", "");
        row.bool("C", false);
        assert_eq!(row.cells().collect::<Vec<_>>(), [NULL.as_bytes(), NULL.as_bytes(), b"false"]);
    }

    #[test]
    fn numbers_keep_their_digits() {
        let mut row = Row::default();
        row.begin();
        let numbers = ["-7", "0", "12.50", "79228162514264337593543950335", "-0.001"];
        for (column, number) in ["A", "B", "C", "D", "E"].into_iter().zip(numbers) {
            row.decimal(column, number.parse().unwrap());
        }
        assert_eq!(row.cells().collect::<Vec<_>>(), numbers.map(str::as_bytes));
    }

    #[test]
    fn the_hash_ignores_order_and_empty_cells() {
        let one = row(&[("A", "1"), ("B", "22222222")]);
        let mut other = row(&[("X", "0"), ("B", "22222222"), ("A", "1")]);
        assert_ne!(one.hash(), other.hash());
        write(&mut other, &[("B", "22222222"), ("A", "1")]);
        assert_eq!(one.hash(), other.hash());
        assert_ne!(row(&[("A", "1"), ("B", "2")]).hash(), row(&[("A", "2"), ("B", "1")]).hash());
    }

    #[test]
    fn a_record_over_a_limit_is_refused_by_name_and_length() {
        let refused = |fields: &[(&str, &str)]| row(fields).check(None).unwrap_err();
        let long = "é".repeat(FIELD_CHARS);
        assert!(row(&[("A", &long)]).check(None).is_ok());
        let error = refused(&[("A", &format!("{long}x"))]);
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert_eq!(error.to_string(), "field `A` has 131073 characters, 131072 are allowed");
        let error = refused(&[("A", &long), ("B", &long), ("C", &long), ("D", &long)]);
        assert_eq!(error.to_string(), "the record has 524288 characters, 400000 are allowed");
        assert_eq!(refused(&[("A", "#N/A")]).kind(), ErrorKind::Config);
    }

    #[test]
    fn a_record_without_its_key_is_refused() {
        assert_eq!(row(&[("A", "1")]).check(Some("Id")).unwrap_err().kind(), ErrorKind::Config);
        assert_eq!(row(&[("Id", "")]).check(Some("Id")).unwrap_err().kind(), ErrorKind::Config);
        assert!(row(&[("Id", "001")]).check(Some("Id")).is_ok());
        assert_eq!(row(&[]).check(None).unwrap_err().kind(), ErrorKind::Config);
    }
}
