//! Rows into bytes.

use bytes::Bytes;

/// A buffer of complete rows, used again and again. It grows for a row longer than any before it.
pub(crate) struct Lines {
    csv: csv_core::Writer,
    buffer: Vec<u8>,
    len: usize,
}

impl Lines {
    pub(crate) fn new() -> Self {
        Self { csv: csv_core::Writer::new(), buffer: Vec::new(), len: 0 }
    }

    /// Appends one row.
    pub(crate) fn push<'c>(&mut self, cells: impl IntoIterator<Item = &'c [u8]>) {
        let mut first = true;
        for cell in cells {
            // The closing quote of the cell before, a comma, an opening quote, each byte at most doubled.
            let out = room(&mut self.buffer, self.len, 3 + 2 * cell.len());
            let mut at = if first { 0 } else { self.csv.delimiter(out).1 };
            at += self.csv.field(cell, &mut out[at..]).2;
            self.len += at;
            first = false;
        }
        // A closing quote or, for a row of one empty cell, two of them; the line feed.
        let out = room(&mut self.buffer, self.len, 3);
        self.len += self.csv.terminator(out).1;
    }

    /// The bytes of all rows.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.buffer[..self.len]
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Takes the last rows back, down to `len` bytes.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// A copy of the rows, leaving the buffer empty.
    pub(crate) fn copy_out(&mut self) -> Bytes {
        let bytes = Bytes::copy_from_slice(self.as_bytes());
        self.len = 0;
        bytes
    }
}

/// The buffer from `at` on, at least `more` bytes of it. Grown once, it is not cleared again.
fn room(buffer: &mut Vec<u8>, at: usize, more: usize) -> &mut [u8] {
    if buffer.len() < at + more {
        buffer.resize((at + more).max(2 * buffer.len()), 0);
    }
    &mut buffer[at..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_rfc_4180_asks_for_it() {
        let mut lines = Lines::new();
        let cells = ["Id", "Na\"me", "a,b", "x\ny", "x\ry", "", "#N/A", "😀 'quoted' ; | ^ ` \t"];
        lines.push(cells.map(str::as_bytes));
        lines.push([b"".as_slice()]);
        lines.push([b"a".as_slice(), b""]);
        let expected = "Id,\"Na\"\"me\",\"a,b\",\"x\ny\",\"x\ry\",,#N/A,😀 'quoted' ; | ^ ` \t\n\"\"\na,\n";
        assert_eq!(std::str::from_utf8(lines.as_bytes()).unwrap(), expected);
    }

    #[test]
    fn rows_can_be_taken_back() {
        let mut lines = Lines::new();
        lines.push([b"a", b"b"].map(|cell| cell.as_slice()));
        let kept = lines.len();
        lines.push([b"\"", b"\n"].map(|cell| cell.as_slice()));
        lines.truncate(kept);
        lines.push([b"c", b"d"].map(|cell| cell.as_slice()));
        assert_eq!(&lines.copy_out()[..], b"a,b\nc,d\n");
        assert_eq!(lines.len(), 0);
    }
}
