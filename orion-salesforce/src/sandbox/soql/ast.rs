//! A parsed query, names not yet resolved.

use super::dates::DateRange;
use super::lexer::Literal;

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Query {
    pub(super) items: Vec<Item>,
    pub(super) from: Name,
    pub(super) alias: Option<String>,
    pub(super) filter: Option<Condition>,
    pub(super) group: Vec<Expression>,
    pub(super) having: Option<Condition>,
    pub(super) order: Vec<Order>,
    pub(super) limit: Option<usize>,
    pub(super) offset: Option<usize>,
    /// `ALL ROWS`: the recycle bin too.
    pub(super) all_rows: bool,
}

/// An identifier and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) at: usize,
    pub(super) text: String,
}

/// `Account.Owner.Name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) at: usize,
    pub(super) parts: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    Value {
        expression: Expression,
        alias: Option<String>,
    },
    /// `COUNT()`
    CountRows,
    /// `FIELDS(ALL)`, `FIELDS(STANDARD)`, `FIELDS(CUSTOM)`
    Fields {
        at: usize,
        set: FieldSet,
    },
    /// `(SELECT … FROM Contacts)`
    Children(Box<Query>),
    /// `TYPEOF What WHEN Account THEN Phone ELSE Name END`
    TypeOf {
        parent: Name,
        cases: Vec<(Name, Vec<Path>)>,
        otherwise: Vec<Path>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldSet {
    All,
    Standard,
    Custom,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression {
    Field(Path),
    Date(DatePart, Path),
    Aggregate(Aggregate, Path),
}

impl Expression {
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Field(path) | Self::Date(_, path) | Self::Aggregate(_, path) => path,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aggregate {
    Count,
    CountDistinct,
    Sum,
    Avg,
    Min,
    Max,
}

/// The date functions of the SOQL guide. Fiscal ones equal calendar ones: this org's fiscal year starts in January.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DatePart {
    Year,
    Quarter,
    Month,
    DayInMonth,
    DayInWeek,
    DayInYear,
    DayOnly,
    HourInDay,
    WeekInMonth,
    WeekInYear,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Condition {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    Compare {
        left: Expression,
        operator: Operator,
        value: Value,
    },
    In {
        left: Expression,
        negated: bool,
        list: Vec<Value>,
    },
    InQuery {
        left: Expression,
        negated: bool,
        query: Box<Query>,
    },
    /// INCLUDES and EXCLUDES.
    Includes {
        left: Expression,
        negated: bool,
        list: Vec<Value>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Like,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Value {
    pub(super) at: usize,
    pub(super) kind: ValueKind,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum ValueKind {
    Null,
    Boolean(bool),
    Number(String),
    Text(Literal),
    Date(i64),
    DateTime(i64),
    /// A date literal such as `LAST_N_DAYS:30`, already a range of days.
    Days(DateRange),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Order {
    pub(super) by: Expression,
    pub(super) descending: bool,
    /// `None`: the default, which is first when ascending.
    pub(super) nulls_first: Option<bool>,
}
