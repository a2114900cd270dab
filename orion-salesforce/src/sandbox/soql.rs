//! SOQL (SOQL and SOSL Reference, v60): lexer, parser, planner and evaluator over the org's tables.

mod aggregate;
mod ast;
mod cursor;
mod dates;
mod error;
mod filter;
mod lexer;
mod operand;
mod parser;
mod plan;
mod run;
mod select;
mod verdict;

use std::sync::Arc;

pub(crate) use cursor::Cursor;

use super::store::{ApiError, Org};
use error::{Fault, Result};
use plan::Shape;

/// Called while a page is rendered for a parent with more children than one answer carries: it is given the cursor
/// over all that parent's children and the offset of the first one not shown, and answers the `nextRecordsUrl`.
pub(crate) type More<'a> = &'a mut dyn FnMut(Cursor, usize) -> String;

/// The SOQL guide's limit; the wording of its error is unverified.
const MAX_LENGTH: usize = 100_000;

/// Aggregate results cannot be paged, so they end with one batch.
const MAX_GROUPS: usize = 2000;

impl Org {
    /// `all` is queryAll: rows in the recycle bin are seen too.
    pub(crate) fn query(&self, soql: &str, all: bool) -> std::result::Result<Cursor, ApiError> {
        self.run_query(soql, all).map_err(|fault| fault.into_api(soql))
    }

    fn run_query(&self, soql: &str, all: bool) -> Result<Cursor> {
        if soql.len() > MAX_LENGTH && soql.chars().count() > MAX_LENGTH {
            return Err(Fault::plain(
                "MALFORMED_QUERY",
                "SOQL statements cannot be longer than 100000 characters.",
            ));
        }
        let query = parser::parse(soql, self.now().date_naive())?;
        let plan = Arc::new(plan::plan(self, &query, all)?);
        match &plan.shape {
            Shape::Rows(_) => {
                let rows = run::rows(self, &plan);
                Ok(Cursor::of_rows(plan, rows))
            }
            Shape::Count => {
                let mut rows = run::matching(self, &plan);
                run::cut(&mut rows, &plan);
                Ok(Cursor::of_count(plan, rows.len()))
            }
            Shape::Groups(grouping) => {
                let groups = grouping.run(self, &plan);
                if groups.len() > MAX_GROUPS {
                    let message = "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch";
                    return Err(Fault::plain("EXCEEDED_ID_LIMIT", message));
                }
                Ok(Cursor::of_groups(plan, groups))
            }
        }
    }
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
