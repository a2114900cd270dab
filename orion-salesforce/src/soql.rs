//! SOQL, built from parts so that no value can become syntax.
//!
//! Names (fields, objects, aliases) are checked against Salesforce's identifier grammar; values are written as literals of their
//! type, text always escaped. There is no way to put a string of one's own into the query.
//!
//! ```
//! use orion_salesforce::soql::{DateLiteral, Soql, field};
//!
//! # fn main() -> Result<(), orion_core::Error> {
//! let query = Soql::select(["Id", "Name", "Owner.Name"])
//!     .from("Account")
//!     .child(Soql::select(["LastName"]).from("Contacts").limit(5))
//!     .filter(
//!         field("Name").eq("O'Brien \\ Söhne").and(field("LastModifiedDate").ge(DateLiteral::last_days(30))),
//!     )
//!     .order_by(field("Name").desc().nulls_last())
//!     .limit(100)
//!     .build()?;
//! assert_eq!(
//!     query.as_str(),
//!     "SELECT Id, Name, Owner.Name, (SELECT LastName FROM Contacts LIMIT 5) FROM Account \
//!      WHERE Name = 'O\\'Brien \\\\ Söhne' AND LastModifiedDate >= LAST_N_DAYS:30 \
//!      ORDER BY Name DESC NULLS LAST LIMIT 100"
//! );
//!
//! let injected = Soql::select(["Id FROM User --"]).from("Account").build();
//! assert_eq!(injected.unwrap_err().kind(), orion_core::ErrorKind::Config);
//! # Ok(())
//! # }
//! ```
//!
//! Deleted rows are not a part of the language: ask for them by running the query as `queryAll`.

mod condition;
mod date;
mod expr;
mod literal;
mod select;
#[cfg(test)]
mod tests;
mod text;

use std::fmt;

pub use condition::Condition;
pub use date::{DateLiteral, Unit};
pub use expr::{Expr, Order, avg, count, count_distinct, field, format, max, min, sum, to_label};
pub use literal::{Value, like_escape};
pub use select::Select;

/// The most characters a query may have (SOQL and SOSL reference, "SOQL SELECT syntax").
pub const MAX_CHARS: usize = 100_000;

/// A complete query.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Soql(Box<str>);

impl Soql {
    /// Starts a query for these fields and aggregates.
    pub fn select<C: Into<Expr>>(columns: impl IntoIterator<Item = C>) -> Select {
        Select::new().columns(columns)
    }

    /// Starts a query that only counts: `SELECT COUNT() FROM …`.
    pub fn count() -> Select {
        Select::counting()
    }

    /// The text of the query.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Soql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Shows the length only: literals carry the tenant's data.
impl fmt::Debug for Soql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Soql({} bytes)", self.0.len())
    }
}
