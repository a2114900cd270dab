//! The query under construction.

use orion_core::{Error, ErrorKind, Result};

use super::{Condition, Expr, MAX_CHARS, Order, Soql, text::Text};

/// A query, or a subquery, under construction. [`build`](Select::build) reports the first mistake made on the way.
#[derive(Clone, Debug, Default)]
#[must_use = "a query does nothing until it is built"]
pub struct Select {
    columns: Vec<Text>,
    counting: bool,
    from: Option<Text>,
    filter: Option<Condition>,
    group: Vec<Text>,
    having: Option<Condition>,
    order: Vec<Text>,
    limit: Option<u32>,
    offset: Option<u32>,
}

impl Select {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn counting() -> Self {
        Self { counting: true, ..Self::default() }
    }

    /// Selects more fields or aggregates.
    pub fn columns<C: Into<Expr>>(mut self, columns: impl IntoIterator<Item = C>) -> Self {
        self.columns.extend(columns.into_iter().map(|column| column.into().0));
        self
    }

    /// Selects one more field or aggregate.
    pub fn column(self, column: impl Into<Expr>) -> Self {
        self.columns([column])
    }

    /// Names the object, or in a child subquery the relationship (`Contacts`, `Lines__r`).
    pub fn from(mut self, object: &str) -> Self {
        self.from = Some(Text::identifier(object));
        self
    }

    /// Selects child records: `(SELECT … FROM Contacts)`.
    pub fn child(mut self, child: Self) -> Self {
        self.columns.push(child.render().within(""));
        self
    }

    /// Keeps only rows for which the condition holds. A second filter narrows the first.
    pub fn filter(mut self, condition: Condition) -> Self {
        self.filter = Condition::all(self.filter.into_iter().chain([condition]));
        self
    }

    /// Makes one row of all rows alike in these.
    pub fn group_by<C: Into<Expr>>(mut self, columns: impl IntoIterator<Item = C>) -> Self {
        self.group.extend(columns.into_iter().map(|column| column.into().0));
        self
    }

    /// Keeps only groups for which the condition holds. A second one narrows the first.
    pub fn having(mut self, condition: Condition) -> Self {
        self.having = Condition::all(self.having.into_iter().chain([condition]));
        self
    }

    /// Sorts; a second call sorts rows that the first leaves equal.
    pub fn order_by(mut self, order: impl Into<Order>) -> Self {
        self.order.push(order.into().0);
        self
    }

    /// Returns at most this many rows.
    pub fn limit(mut self, rows: u32) -> Self {
        self.limit = Some(rows);
        self
    }

    /// Leaves out this many rows; Salesforce allows at most 2,000.
    pub fn offset(mut self, rows: u32) -> Self {
        self.offset = Some(rows);
        self
    }

    /// Completes the query.
    ///
    /// # Errors
    /// `Config` for a name that is none (the message shows it), an empty list, a date out of range, or a query without
    /// fields or object; `TooLarge` for one over [`MAX_CHARS`].
    pub fn build(self) -> Result<Soql> {
        let text = self.render();
        if let Some(mistake) = text.mistake {
            return Err(Error::new(ErrorKind::Config, mistake));
        }
        let chars = text.soql.chars().count();
        if chars > MAX_CHARS {
            let message = format!(
                "the query has {chars} characters, {MAX_CHARS} are allowed: shorten its lists or split it"
            );
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        Ok(Soql(text.soql.into_boxed_str()))
    }

    pub(super) fn render(self) -> Text {
        let columns = match (self.counting, self.columns.is_empty()) {
            (true, true) => Text::default().push("COUNT()"),
            (false, false) => Text::list(self.columns, ", "),
            (true, false) => Text::wrong("a query that only counts has no fields".into()),
            (false, true) => Text::wrong("the query selects no fields".into()),
        };
        let from = self.from.unwrap_or_else(|| Text::wrong("the query names no object".into()));
        let mut text = Text::default().push("SELECT ").then(columns).push(" FROM ").then(from);
        if let Some(filter) = self.filter {
            text = text.push(" WHERE ").then(filter.text);
        }
        if !self.group.is_empty() {
            text = text.push(" GROUP BY ").then(Text::list(self.group, ", "));
        }
        if let Some(having) = self.having {
            text = text.push(" HAVING ").then(having.text);
        }
        if !self.order.is_empty() {
            text = text.push(" ORDER BY ").then(Text::list(self.order, ", "));
        }
        if let Some(limit) = self.limit {
            text = text.push(format_args!(" LIMIT {limit}"));
        }
        if let Some(offset) = self.offset {
            text = text.push(format_args!(" OFFSET {offset}"));
        }
        text
    }
}
