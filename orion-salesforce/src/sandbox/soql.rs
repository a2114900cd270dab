//! SOQL: lexer, parser, planner and evaluator over the org's tables.

use serde_json::Value;

use super::store::Org;

/// Called while a page is rendered for a parent with more children than one answer carries: it is given the cursor
/// over all that parent's children and the offset of the first one not shown, and answers the `nextRecordsUrl`.
pub(crate) type More<'a> = &'a mut dyn FnMut(Cursor, usize) -> String;

/// A query's result: the rows it chose and how to render them. Independent of the org's borrow and cheap to keep.
#[derive(Debug)]
pub(crate) struct Cursor {}

impl Cursor {
    /// What `totalSize` says. For `SELECT COUNT()` it is the count, and there are no rows.
    pub(crate) fn total_size(&self) -> usize {
        0
    }
    /// How many rows there are to page through: `total_size` except for `COUNT()`, where it is 0.
    pub(crate) fn rows(&self) -> usize {
        0
    }
    /// Rows `offset..offset + n` as the text of a JSON array, fields in the order selected.
    pub(crate) fn page_json(
        &self,
        _org: &Org,
        _version: &str,
        _offset: usize,
        _n: usize,
        _more: More<'_>,
    ) -> String {
        String::new()
    }
    /// As [`Cursor::page_json`], parsed (member order is lost).
    pub(crate) fn page(
        &self,
        _org: &Org,
        _version: &str,
        _offset: usize,
        _n: usize,
        _more: More<'_>,
    ) -> Vec<Value> {
        Vec::new()
    }
    /// The header of a Bulk query's CSV.
    pub(crate) fn columns(&self) -> Vec<String> {
        Vec::new()
    }
    /// Rows `offset..offset + n` as CSV cells, null as the empty string.
    pub(crate) fn csv_rows(&self, _org: &Org, _offset: usize, _n: usize) -> Vec<Vec<String>> {
        Vec::new()
    }
    /// Why a Bulk query must refuse this (aggregate, child subquery, compound field, OFFSET), if it must.
    pub(crate) fn bulk_refusal(&self) -> Option<crate::sandbox::store::ApiError> {
        None
    }
    /// The canonical name of the object queried.
    pub(crate) fn object(&self) -> &'static str {
        ""
    }
}

impl Org {
    /// `all` is queryAll: rows in the recycle bin are seen too.
    pub(crate) fn query(&self, soql: &str, _all: bool) -> Result<Cursor, super::store::ApiError> {
        Err(super::store::ApiError::new(400, "MALFORMED_QUERY", format!("unexpected token: {soql}")))
    }
}
