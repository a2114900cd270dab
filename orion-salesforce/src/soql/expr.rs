//! What a query selects, compares, groups and sorts by.

use super::{Condition, Select, Value, literal, text::Text};

/// A field, perhaps of a parent (`Owner.Name`), or a function of one.
#[derive(Clone, Debug)]
pub struct Expr(pub(super) Text);

/// Names a field: `Name`, `Owner.Name`, `Region__c`, `Parent__r.Code__c`.
#[must_use]
pub fn field(path: &str) -> Expr {
    Expr(Text::path(path))
}

fn call(function: &'static str, path: &str) -> Expr {
    Expr(Text::path(path).within(function))
}

/// Counts the rows in which the field has a value.
#[must_use]
pub fn count(path: &str) -> Expr {
    call("COUNT", path)
}

/// Counts the field's distinct values.
#[must_use]
pub fn count_distinct(path: &str) -> Expr {
    call("COUNT_DISTINCT", path)
}

/// Adds the field up.
#[must_use]
pub fn sum(path: &str) -> Expr {
    call("SUM", path)
}

/// The field's average.
#[must_use]
pub fn avg(path: &str) -> Expr {
    call("AVG", path)
}

/// The field's least value.
#[must_use]
pub fn min(path: &str) -> Expr {
    call("MIN", path)
}

/// The field's greatest value.
#[must_use]
pub fn max(path: &str) -> Expr {
    call("MAX", path)
}

/// A picklist's label in the user's language.
#[must_use]
pub fn to_label(path: &str) -> Expr {
    call("toLabel", path)
}

/// The field as the user's locale writes it.
#[must_use]
pub fn format(path: &str) -> Expr {
    call("FORMAT", path)
}

impl From<&str> for Expr {
    fn from(path: &str) -> Self {
        field(path)
    }
}

impl From<&String> for Expr {
    fn from(path: &String) -> Self {
        field(path)
    }
}

impl From<String> for Expr {
    fn from(path: String) -> Self {
        field(&path)
    }
}

impl Expr {
    /// Names the column of the result.
    #[must_use]
    pub fn alias(self, name: &str) -> Self {
        Self(self.0.push(' ').then(Text::identifier(name)))
    }

    fn compare(self, operator: &'static str, value: Value) -> Condition {
        Condition::atom(self.0.push(operator).then(value.0))
    }

    /// Equal; text is compared without regard to case, unless the field is case-sensitive.
    #[must_use]
    pub fn eq(self, value: impl Into<Value>) -> Condition {
        self.compare(" = ", value.into())
    }

    /// Not equal.
    #[must_use]
    pub fn ne(self, value: impl Into<Value>) -> Condition {
        self.compare(" != ", value.into())
    }

    /// Less.
    #[must_use]
    pub fn lt(self, value: impl Into<Value>) -> Condition {
        self.compare(" < ", value.into())
    }

    /// Less or equal.
    #[must_use]
    pub fn le(self, value: impl Into<Value>) -> Condition {
        self.compare(" <= ", value.into())
    }

    /// Greater.
    #[must_use]
    pub fn gt(self, value: impl Into<Value>) -> Condition {
        self.compare(" > ", value.into())
    }

    /// Greater or equal.
    #[must_use]
    pub fn ge(self, value: impl Into<Value>) -> Condition {
        self.compare(" >= ", value.into())
    }

    /// Without a value.
    #[must_use]
    pub fn is_null(self) -> Condition {
        self.eq(Value::null())
    }

    /// With a value.
    #[must_use]
    pub fn is_not_null(self) -> Condition {
        self.ne(Value::null())
    }

    /// Matches a pattern, in which `%` stands for any text and `_` for any one character.
    ///
    /// A backslash before `%`, `_` or `\` takes that meaning away; [`like_escape`](super::like_escape) puts them there.
    #[must_use]
    pub fn like(self, pattern: &str) -> Condition {
        self.compare(" LIKE ", literal::pattern(pattern))
    }

    /// Begins with this text, wildcards in it standing for themselves.
    #[must_use]
    pub fn starts_with(self, text: &str) -> Condition {
        self.like(&format!("{}%", super::like_escape(text)))
    }

    /// Contains this text, wildcards in it standing for themselves.
    #[must_use]
    pub fn contains(self, text: &str) -> Condition {
        self.like(&format!("%{}%", super::like_escape(text)))
    }

    /// One of these values. An empty list is a mistake, reported by [`Select::build`].
    #[must_use]
    pub fn is_in<V: Into<Value>>(self, values: impl IntoIterator<Item = V>) -> Condition {
        self.listed(" IN ", values)
    }

    /// None of these values. An empty list is a mistake, reported by [`Select::build`].
    #[must_use]
    pub fn not_in<V: Into<Value>>(self, values: impl IntoIterator<Item = V>) -> Condition {
        self.listed(" NOT IN ", values)
    }

    /// One of the values another query selects (a semi-join).
    #[must_use]
    pub fn is_in_query(self, query: Select) -> Condition {
        Condition::atom(self.0.push(" IN ").then(query.render().within("")))
    }

    /// None of the values another query selects (an anti-join).
    #[must_use]
    pub fn not_in_query(self, query: Select) -> Condition {
        Condition::atom(self.0.push(" NOT IN ").then(query.render().within("")))
    }

    /// Of a multi-select picklist: any of these is chosen; `A;B` asks for both.
    #[must_use]
    pub fn includes<'v>(self, choices: impl IntoIterator<Item = &'v str>) -> Condition {
        self.listed(" INCLUDES ", choices)
    }

    /// Of a multi-select picklist: none of these is chosen; `A;B` asks for both.
    #[must_use]
    pub fn excludes<'v>(self, choices: impl IntoIterator<Item = &'v str>) -> Condition {
        self.listed(" EXCLUDES ", choices)
    }

    fn listed<V: Into<Value>>(
        self,
        operator: &'static str,
        values: impl IntoIterator<Item = V>,
    ) -> Condition {
        let list = Text::list(values.into_iter().map(|value| value.into().0), ", ");
        if list.soql.is_empty() && list.mistake.is_none() {
            let mistake = format!("`{}` is compared with an empty list", self.0.soql);
            return Condition::atom(self.0.then(Text::wrong(mistake)));
        }
        Condition::atom(self.0.push(operator).then(list.within("")))
    }

    /// Sorted upwards.
    #[must_use]
    pub fn asc(self) -> Order {
        Order(self.0)
    }

    /// Sorted downwards.
    #[must_use]
    pub fn desc(self) -> Order {
        Order(self.0.push(" DESC"))
    }
}

/// What to sort by.
#[derive(Clone, Debug)]
pub struct Order(pub(super) Text);

impl Order {
    /// Rows without a value come first: Salesforce's default.
    #[must_use]
    pub fn nulls_first(self) -> Self {
        Self(self.0.push(" NULLS FIRST"))
    }

    /// Rows without a value come last.
    #[must_use]
    pub fn nulls_last(self) -> Self {
        Self(self.0.push(" NULLS LAST"))
    }
}

impl From<Expr> for Order {
    fn from(expr: Expr) -> Self {
        expr.asc()
    }
}

impl From<&str> for Order {
    fn from(path: &str) -> Self {
        field(path).asc()
    }
}
