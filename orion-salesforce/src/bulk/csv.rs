//! CSV as Bulk API 2.0 reads and writes it: UTF-8, comma, LF, RFC 4180 quoting, `#N/A` for null.

mod read;
mod row;
mod write;

pub(crate) use read::{Cells, Reader, Step};
pub(crate) use row::{Columns, Row};
pub(crate) use write::Lines;

/// What empties a field. An empty cell leaves it as it is (Bulk API 2.0 guide, "Prepare CSV Files").
pub(crate) const NULL: &str = "#N/A";
