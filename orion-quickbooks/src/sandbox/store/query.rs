//! The query language: `SELECT … FROM Entity WHERE … ORDERBY … STARTPOSITION … MAXRESULTS …`.
//! Grammar and limits are Intuit's page on data queries; what real clients send beyond it is accepted as the reference
//! clients' traffic shows, and a comment says where.

mod lexer;
mod parser;
mod run;

use super::entity::Entity;

/// Rows in an answer unless asked otherwise, and at most (Intuit docs).
pub(crate) const PAGE: usize = 100;
pub(crate) const LARGEST_PAGE: usize = 1_000;

/// A statement, taken apart.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) entity: &'static Entity,
    pub(crate) count: bool,
    pub(crate) conditions: Vec<Condition>,
    /// Paths, and whether the order is descending.
    pub(crate) order: Vec<(String, bool)>,
    /// From 1.
    pub(crate) start: usize,
    pub(crate) max: Option<usize>,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Condition {
    pub(crate) path: String,
    pub(crate) operator: Operator,
    /// One value, or those of `IN`.
    pub(crate) values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    /// Not in Intuit's grammar, but in the integration tests python-quickbooks runs against Intuit's sandbox.
    NotEqual,
    Less,
    Greater,
    AtMost,
    AtLeast,
    In,
    Like,
}

impl Query {
    /// Reads a statement.
    ///
    /// # Errors
    /// 4000 where the text does not parse, 4001 where it names what there is not.
    pub(crate) fn parse(statement: &str) -> Result<Self, super::Fault> {
        parser::parse(statement)
    }
}

#[cfg(test)]
mod tests;
