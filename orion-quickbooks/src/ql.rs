//! The query language, from parts that cannot say more than they mean.
//!
//! Every value is a literal: `\` and then `'` are escaped, whatever the text holds, and names are checked. There is no OR, no join and no
//! projection in the language (Intuit docs, "Query operations and syntax").

use std::fmt::Write;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use orion_core::{Decimal, Error, ErrorKind, Result};

/// When an entity last changed.
pub(crate) const CHANGED: &str = "MetaData.LastUpdatedTime";

/// The most rows of a page.
pub(crate) const PAGE: u32 = 1000;

/// A value of a condition.
///
/// Made from text, dates, times, numbers and booleans. Numbers go between quotes too, because bare ones were refused at times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal(String);

impl Literal {
    fn quoted(text: &str) -> Self {
        let escaped = text.replace('\\', "\\\\").replace('\'', "\\'");
        Self(format!("'{escaped}'"))
    }
}

impl From<&str> for Literal {
    fn from(text: &str) -> Self {
        Self::quoted(text)
    }
}

impl From<String> for Literal {
    fn from(text: String) -> Self {
        Self::quoted(&text)
    }
}

impl From<bool> for Literal {
    fn from(value: bool) -> Self {
        Self(value.to_string())
    }
}

impl From<i64> for Literal {
    fn from(value: i64) -> Self {
        Self::quoted(&value.to_string())
    }
}

impl From<i32> for Literal {
    fn from(value: i32) -> Self {
        Self::quoted(&value.to_string())
    }
}

impl From<Decimal> for Literal {
    fn from(value: Decimal) -> Self {
        Self::quoted(&value.to_string())
    }
}

impl From<NaiveDate> for Literal {
    fn from(value: NaiveDate) -> Self {
        Self::quoted(&value.to_string())
    }
}

impl From<DateTime<Utc>> for Literal {
    fn from(value: DateTime<Utc>) -> Self {
        Self::quoted(&value.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

/// A field of an entity, also a nested one: `MetaData.LastUpdatedTime`. A reference is compared by its id.
pub fn field(name: impl Into<String>) -> Field {
    Field(name.into())
}

/// A field, waiting for what is asked of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Field(String);

/// One condition of a query. Several hold together.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Condition {
    name: String,
    rest: String,
}

impl Field {
    fn is(self, operator: &str, value: impl Into<Literal>) -> Condition {
        Condition { rest: format!("{operator} {}", value.into().0), name: self.0 }
    }

    /// Equals.
    pub fn eq(self, value: impl Into<Literal>) -> Condition {
        self.is("=", value)
    }

    /// Is less.
    pub fn lt(self, value: impl Into<Literal>) -> Condition {
        self.is("<", value)
    }

    /// Is more.
    pub fn gt(self, value: impl Into<Literal>) -> Condition {
        self.is(">", value)
    }

    /// Is not more.
    pub fn le(self, value: impl Into<Literal>) -> Condition {
        self.is("<=", value)
    }

    /// Is not less.
    pub fn ge(self, value: impl Into<Literal>) -> Condition {
        self.is(">=", value)
    }

    /// Is like a pattern in which `%` stands for any text. There is no way to mean a percent sign itself.
    pub fn like(self, pattern: impl Into<String>) -> Condition {
        self.is("LIKE", pattern.into())
    }

    /// Is one of these.
    pub fn is_in(self, values: impl IntoIterator<Item = impl Into<Literal>>) -> Condition {
        let values: Vec<String> = values.into_iter().map(|value| value.into().0).collect();
        Condition { name: self.0, rest: format!("IN ({})", values.join(", ")) }
    }
}

/// A query being put together. The first mistake made on the way is what [`Select::build`] reports.
///
/// ```
/// use orion_quickbooks::ql::{Select, field};
///
/// let unpaid = Select::from("Invoice").filter(field("Balance").gt(0)).filter(field("DocNumber").eq("O'Hara\\1"));
/// assert_eq!(
///     unpaid.order_by("DueDate").limit(5).build()?.as_str(),
///     r"SELECT * FROM Invoice WHERE Balance > '0' AND DocNumber = 'O\'Hara\\1' ORDERBY DueDate ASC STARTPOSITION 1 MAXRESULTS 5"
/// );
/// # Ok::<(), orion_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Select {
    entity: String,
    conditions: Vec<Condition>,
    orders: Vec<(String, &'static str)>,
    limit: Option<u64>,
}

/// A query that can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement(String);

impl Statement {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Select {
    /// Starts a query of an entity, `Invoice` say.
    pub fn from(entity: impl Into<String>) -> Self {
        Self { entity: entity.into(), conditions: Vec::new(), orders: Vec::new(), limit: None }
    }

    /// Adds a condition.
    pub fn filter(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Only what changed at or after this instant, to the second.
    pub fn since(self, since: DateTime<Utc>) -> Self {
        self.filter(field(CHANGED).ge(since))
    }

    /// Only what changed before this instant, to the second.
    pub fn until(self, until: DateTime<Utc>) -> Self {
        self.filter(field(CHANGED).lt(until))
    }

    /// Inactive customers, vendors, items and the like too, which a query hides otherwise.
    pub fn with_inactive(self) -> Self {
        self.filter(field("Active").is_in([true, false]))
    }

    /// Sorts by a field, least first, after those named before.
    pub fn order_by(mut self, name: impl Into<String>) -> Self {
        self.orders.push((name.into(), "ASC"));
        self
    }

    /// Sorts by a field, greatest first, after those named before.
    pub fn order_by_desc(mut self, name: impl Into<String>) -> Self {
        self.orders.push((name.into(), "DESC"));
        self
    }

    /// Ends after so many rows.
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// The query of the first page.
    ///
    /// # Errors
    /// `Config` for a name that is none.
    pub fn build(&self) -> Result<Statement> {
        let page = self.limit.map_or(PAGE, |limit| u32::try_from(limit).unwrap_or(PAGE).clamp(1, PAGE));
        self.page(1, page)
    }

    pub(crate) fn is_ordered(&self) -> bool {
        !self.orders.is_empty()
    }

    pub(crate) fn wanted(&self) -> Option<u64> {
        self.limit
    }

    /// The query of `rows` rows from the row `start`, counted from 1.
    pub(crate) fn page(&self, start: u64, rows: u32) -> Result<Statement> {
        let mut text = self.body("*")?;
        for (at, (name, direction)) in self.orders.iter().enumerate() {
            check(name)?;
            text.push_str(if at == 0 { " ORDERBY " } else { ", " });
            text.push_str(name);
            text.push(' ');
            text.push_str(direction);
        }
        let _infallible = write!(text, " STARTPOSITION {start} MAXRESULTS {rows}");
        Ok(Statement(text))
    }

    /// The query of the `rows` rows after the row `after`, in the order of ids: a row that is made, changed or deleted meanwhile moves no other.
    pub(crate) fn after(&self, after: Option<&str>, rows: u32) -> Result<Statement> {
        let keyed = Self { orders: Vec::new(), ..self.clone() }.order_by("Id");
        after.into_iter().fold(keyed, |keyed, id| keyed.filter(field("Id").gt(id))).page(1, rows)
    }

    /// The query that counts.
    pub(crate) fn count(&self) -> Result<Statement> {
        self.body("COUNT(*)").map(Statement)
    }

    fn body(&self, what: &str) -> Result<String> {
        check(&self.entity)?;
        let mut text = format!("SELECT {what} FROM {}", self.entity);
        for (at, condition) in self.conditions.iter().enumerate() {
            check(&condition.name)?;
            text.push_str(if at == 0 { " WHERE " } else { " AND " });
            text.push_str(&condition.name);
            text.push(' ');
            text.push_str(&condition.rest);
        }
        Ok(text)
    }
}

/// Refuses what is no name of an entity or field.
pub(crate) fn check(name: &str) -> Result<()> {
    let letters = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if name.split('.').all(letters) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Config, "a name in a query may hold letters, digits and dots only"))
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use proptest::prelude::*;

    use super::*;

    fn text(select: &Select) -> String {
        select.build().unwrap().as_str().to_owned()
    }

    #[test]
    fn every_kind_of_condition_is_written() {
        let day = NaiveDate::from_ymd_opt(2026, 1, 31).unwrap();
        let at = Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap();
        let select = Select::from("Invoice")
            .filter(field("TxnDate").ge(day))
            .filter(field("TotalAmt").le("12.50".parse::<Decimal>().unwrap()))
            .filter(field("CustomerRef").is_in(["1", "2"]))
            .filter(field("DocNumber").like("10%"))
            .since(at)
            .until(at)
            .with_inactive();
        assert_eq!(
            text(&select),
            "SELECT * FROM Invoice WHERE TxnDate >= '2026-01-31' AND TotalAmt <= '12.50' AND CustomerRef IN ('1', '2') \
             AND DocNumber LIKE '10%' AND MetaData.LastUpdatedTime >= '2026-01-02T03:04:05Z' AND MetaData.LastUpdatedTime < \
             '2026-01-02T03:04:05Z' AND Active IN (true, false) STARTPOSITION 1 MAXRESULTS 1000"
        );
        let ordered = Select::from("Item").order_by("Name").order_by_desc("Id").limit(7);
        assert_eq!(
            text(&ordered),
            "SELECT * FROM Item ORDERBY Name ASC, Id DESC STARTPOSITION 1 MAXRESULTS 7"
        );
        assert_eq!(ordered.count().unwrap().as_str(), "SELECT COUNT(*) FROM Item");
        let next = Select::from("Item").after(Some("17"), 50).unwrap();
        assert_eq!(
            next.as_str(),
            "SELECT * FROM Item WHERE Id > '17' ORDERBY Id ASC STARTPOSITION 1 MAXRESULTS 50"
        );
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for name in ["", "a b", "Id = '1' OR Id", "Line[0]", "'", "1a", "a.", "a..b"] {
            assert!(Select::from(name).build().is_err(), "{name}");
            assert!(Select::from("Item").filter(field(name).eq("x")).build().is_err(), "{name}");
            assert!(Select::from("Item").order_by(name).build().is_err(), "{name}");
        }
    }

    /// What the vendor's lexer makes of the text of one literal: its value, and what is left over.
    fn lex(text: &str) -> Option<(String, String)> {
        let mut chars = text.strip_prefix('\'')?.chars();
        let mut value = String::new();
        loop {
            match chars.next()? {
                '\\' => value.push(chars.next()?),
                '\'' => return Some((value, chars.collect())),
                other => value.push(other),
            }
        }
    }

    proptest! {
        #[test]
        fn no_text_gets_out_of_its_quotes(value in r"[\\'%\PC]{0,20}") {
            prop_assert_eq!(lex(&Literal::from(&*value).0), Some((value, String::new())));
        }
    }
}
