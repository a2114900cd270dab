//! The rows of one part, chunk by chunk.

use bytes::Bytes;
use futures::{StreamExt, stream};
use orion_core::{Error, ErrorKind, http::Body};

use super::source::{Map, Source};
use crate::bulk::csv::{Columns, Lines};

/// How much is handed to the connection at a time. Less than what makes an allocator tidy up at each release (64 KiB in glibc).
const CHUNK: usize = 48 << 10;

/// Why a chunk ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// It is long enough.
    Chunk,
    /// The next row has to go into another part.
    Part,
    /// There are no more records.
    End,
}

/// The rows of one part.
pub(super) struct Rows {
    limit: usize,
    lines: Lines,
    /// Bytes in earlier chunks.
    before: usize,
    pub(super) records: u64,
    /// Of the rows before the header is fixed: where each ends in its chunk, and how many columns it has.
    ends: Vec<(usize, usize)>,
}

impl Rows {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, lines: Lines::new(), before: 0, records: 0, ends: Vec::new() }
    }

    /// Adds rows to the chunk. With `columns` the header is fixed to that many.
    ///
    /// Dropped between two rows it loses nothing.
    pub(super) async fn fill<T, F: Map<T>>(
        &mut self,
        source: &mut Source<'_, T, F>,
        columns: Option<usize>,
    ) -> Stop {
        while source.ready().await {
            let width = source.row.columns.len();
            if columns.is_some_and(|fixed| width > fixed) {
                return Stop::Part;
            }
            let start = self.lines.len();
            self.lines.push(source.row.cells());
            if self.bytes(&source.row.columns) > self.limit {
                self.lines.truncate(start);
                if self.records > 0 {
                    return Stop::Part;
                }
                let message = format!("the record alone is over {} bytes", self.limit);
                source.refuse(&Error::new(ErrorKind::TooLarge, message));
                continue;
            }
            source.sent();
            self.records += 1;
            if columns.is_none() {
                self.ends.push((self.lines.len(), width));
            }
            if self.lines.len() >= CHUNK {
                return Stop::Chunk;
            }
        }
        Stop::End
    }

    /// How long the part is at most, header and padding included.
    fn bytes(&self, columns: &Columns) -> usize {
        let padding: usize = match self.ends.first() {
            Some((_, narrowest)) => (columns.len() - narrowest) * self.ends.len(),
            None => 0,
        };
        columns.bytes() + self.before + self.lines.len() + padding
    }

    /// Takes the chunk.
    pub(super) fn chunk(&mut self) -> Bytes {
        self.before += self.lines.len();
        self.lines.copy_out()
    }

    /// Collects the first rows, `enough` bytes of them or all there are.
    pub(super) async fn head<T, F: Map<T>>(
        &mut self,
        source: &mut Source<'_, T, F>,
        enough: usize,
    ) -> Option<Head> {
        let mut chunks = Vec::new();
        let open = loop {
            let from = self.ends.len();
            let stop = self.fill(source, None).await;
            chunks.push((self.chunk(), from));
            if stop != Stop::Chunk {
                break false;
            }
            if self.before >= enough {
                break true;
            }
        };
        let ends = std::mem::take(&mut self.ends);
        let columns = &source.row.columns;
        (self.records > 0).then(|| Head::new(columns, &chunks, &ends, open))
    }
}

/// The first rows of a part, under a header of all their columns.
pub(crate) struct Head {
    chunks: Vec<Bytes>,
    pub(super) columns: usize,
    /// Whether more rows are to follow in the same part.
    pub(super) open: bool,
}

impl Head {
    fn new(columns: &Columns, chunks: &[(Bytes, usize)], ends: &[(usize, usize)], open: bool) -> Self {
        let mut header = Lines::new();
        header.push(columns.names().map(str::as_bytes));
        let width = columns.len();
        let rows = chunks.iter().map(|(chunk, from)| padded(chunk, &ends[*from..], width));
        let chunks =
            std::iter::once(header.copy_out()).chain(rows).filter(|chunk| !chunk.is_empty()).collect();
        Self { chunks, columns: width, open }
    }

    /// A part that is complete already.
    pub(crate) fn complete(chunks: Vec<Bytes>) -> Self {
        Self { chunks, columns: 0, open: false }
    }

    /// A body that can be sent more than once.
    pub(super) fn body(&self) -> Body {
        let chunks = self.chunks.clone();
        Body::again(move || stream::iter(chunks.clone().into_iter().map(Ok)).boxed())
    }

    pub(super) fn into_chunks(self) -> impl Iterator<Item = Bytes> + Send {
        self.chunks.into_iter()
    }
}

/// Gives every row of a chunk a cell for each of `width` columns. `ends` tells where its rows end and how many cells they have.
fn padded(chunk: &Bytes, ends: &[(usize, usize)], width: usize) -> Bytes {
    let rows = ends.iter().take_while(|(end, _)| *end <= chunk.len());
    if ends.first().is_none_or(|(_, narrowest)| *narrowest == width) {
        return chunk.clone();
    }
    let mut out = Vec::with_capacity(chunk.len() + width);
    let mut start = 0;
    for (end, cells) in rows {
        let Some((row, line_feed)) = chunk[start..*end].split_last().map(|(last, row)| (row, *last)) else {
            break;
        };
        out.extend_from_slice(row);
        out.resize(out.len() + width - cells, b',');
        out.push(line_feed);
        start = *end;
        if start == chunk.len() {
            break;
        }
    }
    out.into()
}
