//! Bytes into rows, as they come.

use bytes::Bytes;
use csv_core::ReadRecordResult;
use orion_core::{Error, ErrorKind, Result};

/// What the reader came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A complete row: see [`Reader::cells`].
    Row,
    /// More bytes are wanted.
    Hungry,
    /// The text is over.
    End,
}

/// Reads rows from chunks of text. Holds one chunk and one row.
pub(crate) struct Reader {
    csv: csv_core::Reader,
    input: Bytes,
    ended: bool,
    text: Vec<u8>,
    text_len: usize,
    ends: Vec<usize>,
    ends_len: usize,
}

impl Reader {
    pub(crate) fn new() -> Self {
        Self {
            csv: csv_core::Reader::new(),
            input: Bytes::new(),
            ended: false,
            text: vec![0; 1024],
            text_len: 0,
            ends: vec![0; 32],
            ends_len: 0,
        }
    }

    /// Gives the next chunk, `None` at the end.
    pub(crate) fn feed(&mut self, chunk: Option<Bytes>) {
        self.ended = chunk.is_none();
        self.input = chunk.unwrap_or_default();
    }

    /// Reads on until a row is complete or more bytes are wanted.
    pub(crate) fn step(&mut self) -> Step {
        loop {
            if self.input.is_empty() && !self.ended {
                return Step::Hungry;
            }
            let (text, ends) = (&mut self.text[self.text_len..], &mut self.ends[self.ends_len..]);
            let (result, read, wrote, ended) = self.csv.read_record(&self.input, text, ends);
            bytes::Buf::advance(&mut self.input, read);
            self.text_len += wrote;
            self.ends_len += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.text.resize(2 * self.text.len(), 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
                ReadRecordResult::Record => return Step::Row,
                ReadRecordResult::End => return Step::End,
            }
        }
    }

    /// Takes the row that [`step`](Self::step) completed.
    ///
    /// # Errors
    /// `Malformed` if it is not UTF-8.
    pub(crate) fn take(&mut self) -> Result<Cells<'_>> {
        let (text_len, ends_len) = (self.text_len, self.ends_len);
        (self.text_len, self.ends_len) = (0, 0);
        let text = std::str::from_utf8(&self.text[..text_len])
            .map_err(|_| Error::new(ErrorKind::Malformed, "a row of the results is not UTF-8"))?;
        Ok(Cells { text, ends: &self.ends[..ends_len] })
    }
}

/// The cells of one row.
#[derive(Clone, Copy)]
pub(crate) struct Cells<'r> {
    text: &'r str,
    ends: &'r [usize],
}

impl<'r> Cells<'r> {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The cell of a column, empty if there is none.
    pub(crate) fn get(&self, column: usize) -> &'r str {
        let start = column.checked_sub(1).map_or(Some(&0), |before| self.ends.get(before));
        let range = start.zip(self.ends.get(column)).map(|(start, end)| *start..*end);
        range.and_then(|range| self.text.get(range)).unwrap_or_default()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &'r str> {
        let cells = *self;
        (0..self.len()).map(move |column| cells.get(column))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::Lines, *};

    fn rows(text: &[u8], chunk: usize) -> Vec<Vec<String>> {
        let mut chunks = text.chunks(chunk).map(Bytes::copy_from_slice);
        let (mut reader, mut rows) = (Reader::new(), Vec::new());
        loop {
            match reader.step() {
                Step::Hungry => reader.feed(chunks.next()),
                Step::Row => rows.push(reader.take().unwrap().iter().map(ToOwned::to_owned).collect()),
                Step::End => return rows,
            }
        }
    }

    #[test]
    fn rows_end_with_lf_or_crlf_or_the_text() {
        let expected = [["a", "b"], ["1", "x\ny"], ["", "z"]];
        for text in ["a,b\n1,\"x\ny\"\n,z\n", "a,b\r\n1,\"x\ny\"\r\n,z"] {
            assert_eq!(rows(text.as_bytes(), 3), expected);
        }
        assert!(rows(b"", 1).is_empty());
    }

    #[test]
    fn a_row_that_is_not_text_is_refused() {
        let mut reader = Reader::new();
        reader.feed(Some(Bytes::from_static(b"a,\xff\n")));
        assert_eq!(reader.step(), Step::Row);
        assert_eq!(reader.take().err().map(|error| error.kind()), Some(ErrorKind::Malformed));
    }

    proptest! {
        #[test]
        fn any_cells_come_back_whatever_the_chunks(
            table in prop::collection::vec(prop::collection::vec(any::<String>(), 3), 1..9),
            long in "[a\",\n😀]{900,1500}",
            chunk in 1_usize..70,
        ) {
            let mut table = table;
            table[0][1] = long;
            let mut lines = Lines::new();
            table.iter().for_each(|row| lines.push(row.iter().map(String::as_bytes)));
            prop_assert_eq!(rows(lines.as_bytes(), chunk), table);
        }
    }
}
