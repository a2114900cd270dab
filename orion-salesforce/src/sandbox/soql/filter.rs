//! Conditions bound to fields, their literals turned into what the columns hold.

use rust_decimal::prelude::ToPrimitive;

use super::ast::Expression;
use super::ast::{Condition, Operator, Query, Value, ValueKind};
use super::dates::DateRange;
use super::error::{Fault, Result};
use super::operand::{Type, Val};
use super::verdict::{Pattern, Set, Test};
use crate::sandbox::store::id::{ParsedId, RowId};
use crate::sandbox::store::number;
use crate::sandbox::store::schema::{Kind, Schema};

/// A condition over values read by `S`.
#[derive(Debug, Clone)]
pub(super) enum Filter<S> {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    Test(S, Test),
}

impl<S> Filter<S> {
    pub(super) fn holds<'a>(&self, read: &impl Fn(&S) -> Val<'a>) -> bool {
        match self {
            Self::And(terms) => terms.iter().all(|term| term.holds(read)),
            Self::Or(terms) => terms.iter().any(|term| term.holds(read)),
            Self::Not(term) => !term.holds(read),
            Self::Test(source, test) => test.holds(read(source)),
        }
    }
}

/// What a left side was bound to.
pub(super) struct Bound<S> {
    pub(super) source: S,
    pub(super) ty: Type,
    pub(super) name: &'static str,
    pub(super) at: usize,
}

/// Binds left sides, and runs the inner query of a semi-join to the set of ids it selects.
pub(super) trait Binder<S> {
    fn bind(&self, left: &Expression) -> Result<Bound<S>>;
    fn ids(&self, query: &Query) -> Result<std::collections::HashSet<i64>>;
    fn schema(&self) -> &'static Schema;
}

pub(super) fn compile<S>(condition: &Condition, binder: &impl Binder<S>) -> Result<Filter<S>> {
    let all =
        |terms: &[Condition]| terms.iter().map(|term| compile(term, binder)).collect::<Result<Vec<_>>>();
    match condition {
        Condition::And(terms) => all(terms).map(Filter::And),
        Condition::Or(terms) => all(terms).map(Filter::Or),
        Condition::Not(term) => Ok(Filter::Not(Box::new(compile(term, binder)?))),
        Condition::Compare { left, operator, value } => {
            let bound = binder.bind(left)?;
            let test = bound.compare(*operator, value, binder.schema())?;
            Ok(Filter::Test(bound.source, test))
        }
        Condition::In { left, negated, list } => {
            let bound = binder.bind(left)?;
            let test = bound.one_of(list, binder.schema())?;
            Ok(Filter::Test(bound.source, if *negated { test.negated() } else { test }))
        }
        Condition::InQuery { left, negated, query } => {
            let bound = binder.bind(left)?;
            if !matches!(bound.ty.kind, Kind::Id | Kind::Reference) {
                let message = format!(
                    "The left operand of a semi join must be an id or reference field: '{}'",
                    bound.name
                );
                return Err(Fault::malformed(bound.at, message));
            }
            let test = Test::of(Set::Words(binder.ids(query)?));
            Ok(Filter::Test(bound.source, if *negated { test.negated() } else { test }))
        }
        Condition::Includes { left, negated, list } => {
            let bound = binder.bind(left)?;
            let test = bound.includes(list)?;
            Ok(Filter::Test(bound.source, if *negated { test.negated() } else { test }))
        }
    }
}

/// Salesforce keeps no empty strings: an empty literal is a null.
fn is_null(value: &Value) -> bool {
    match &value.kind {
        ValueKind::Null => true,
        ValueKind::Text(literal) => literal.text.is_empty(),
        _ => false,
    }
}

/// Words that are values; the lowest stands for null in a column.
const LOWEST: i64 = i64::MIN + 1;

impl<S> Bound<S> {
    fn compare(&self, operator: Operator, value: &Value, schema: &'static Schema) -> Result<Test> {
        let negated = operator == Operator::NotEqual;
        let equality = negated || operator == Operator::Equal;
        if value.kind == ValueKind::Null || (equality && is_null(value)) {
            if !equality {
                return Err(self.bad_operator(operator));
            }
            let test = self.one_of(std::slice::from_ref(value), schema)?;
            return Ok(if negated { test.negated() } else { test });
        }
        if self.ty.kind.is_text() {
            return self.compare_text(operator, value);
        }
        if operator == Operator::Like || (self.ty.kind == Kind::Boolean && !equality) {
            return Err(self.bad_operator(operator));
        }
        let (low, high) = self.span(value, schema)?;
        let span = match operator {
            Operator::Less => (LOWEST, low.saturating_sub(1)),
            Operator::LessOrEqual => (LOWEST, high),
            Operator::Greater => (high.saturating_add(1), i64::MAX),
            Operator::GreaterOrEqual => (low, i64::MAX),
            Operator::Equal | Operator::NotEqual | Operator::Like => (low, high),
        };
        let test = Test { null: self.unchecked(span), ..Test::of(Set::Spans(vec![span])) };
        Ok(if negated { test.negated() } else { test })
    }

    /// A checkbox that is not there is an unchecked one.
    fn unchecked(&self, span: (i64, i64)) -> bool {
        self.ty.kind == Kind::Boolean && span.0 <= 0
    }

    fn compare_text(&self, operator: Operator, value: &Value) -> Result<Test> {
        let ValueKind::Text(literal) = &value.kind else { return Err(self.wrong_type()) };
        let text = literal.text.clone();
        let set = match operator {
            Operator::Equal | Operator::NotEqual => Set::Text(text),
            Operator::Like => Set::Like(Pattern::new(literal)),
            Operator::Less | Operator::LessOrEqual => {
                Set::Before { text, or_equal: operator == Operator::LessOrEqual }
            }
            Operator::Greater | Operator::GreaterOrEqual => {
                Set::After { text, or_equal: operator == Operator::GreaterOrEqual }
            }
        };
        let test = Test::of(set);
        Ok(if operator == Operator::NotEqual { test.negated() } else { test })
    }

    fn one_of(&self, list: &[Value], schema: &'static Schema) -> Result<Test> {
        let null = list.iter().any(is_null);
        let values = list.iter().filter(|value| !is_null(value));
        if self.ty.kind.is_text() {
            let text = |value: &Value| match &value.kind {
                ValueKind::Text(literal) => Ok(literal.text.to_lowercase()),
                _ => Err(self.wrong_type()),
            };
            let set = Set::Texts(values.map(text).collect::<Result<_>>()?);
            return Ok(Test { null, ..Test::of(set) });
        }
        let spans: Vec<(i64, i64)> = values.map(|value| self.span(value, schema)).collect::<Result<_>>()?;
        let boolean = self.ty.kind == Kind::Boolean;
        let (spans, null) = match (boolean, null) {
            // SOQL guide, "Using null in WHERE": null matches false.
            (true, true) => (vec![(0, 0)], true),
            (true, false) => (spans.clone(), spans.iter().any(|&span| self.unchecked(span))),
            (false, null) => (spans, null),
        };
        let set = match spans.iter().all(|(low, high)| low == high) {
            true => Set::Words(spans.into_iter().map(|(low, _)| low).collect()),
            false => Set::Spans(spans),
        };
        Ok(Test { null, ..Test::of(set) })
    }

    fn includes(&self, list: &[Value]) -> Result<Test> {
        if self.ty.kind != Kind::MultiPicklist {
            let message = "includes/excludes operators are only valid on multipicklist fields";
            return Err(Fault {
                code: "INVALID_QUERY_FILTER_OPERATOR",
                ..Fault::malformed(self.at, message)
            });
        }
        let combination = |value: &Value| match &value.kind {
            ValueKind::Text(literal) => Ok(literal.text.split(';').map(|v| v.trim().to_owned()).collect()),
            _ => Err(self.wrong_type()),
        };
        Ok(Test::of(Set::Includes(list.iter().map(combination).collect::<Result<_>>()?)))
    }

    /// The words a literal stands for: the first and the last. Empty (first above last) when it lies between two.
    fn span(&self, value: &Value, schema: &'static Schema) -> Result<(i64, i64)> {
        let days = |range: DateRange| (range.first, range.end - 1);
        match (self.ty.kind, &value.kind) {
            (Kind::Boolean, ValueKind::Boolean(flag)) => Ok((i64::from(*flag), i64::from(*flag))),
            (Kind::Date, ValueKind::Date(day)) => Ok((*day, *day)),
            (Kind::Date, ValueKind::Days(range)) => Ok(days(*range)),
            (Kind::DateTime, ValueKind::DateTime(seconds)) => Ok((*seconds, *seconds)),
            (Kind::DateTime, ValueKind::Days(range)) => Ok(days(range.seconds())),
            (Kind::Id | Kind::Reference, ValueKind::Text(literal)) => self.id_span(&literal.text, schema),
            (kind, ValueKind::Number(text)) if kind.is_number() => self.number_span(text, value.at),
            _ => Err(self.wrong_type()),
        }
    }

    fn number_span(&self, text: &str, at: usize) -> Result<(i64, i64)> {
        let beyond = if text.starts_with('-') { LOWEST } else { i64::MAX };
        let decimal = match number::decimal(text) {
            Ok(decimal) => decimal,
            Err(number::Fault::OutOfRange) => return Ok((beyond, beyond)),
            Err(number::Fault::NotANumber) => {
                return Err(Fault::malformed(at, format!("unexpected token: '{text}'")));
            }
        };
        let factor = rust_decimal::Decimal::from(10_i64.checked_pow(self.ty.scale).unwrap_or(1));
        let Some(scaled) = decimal.checked_mul(factor) else { return Ok((beyond, beyond)) };
        let Some(floor) = scaled.floor().to_i64() else { return Ok((beyond, beyond)) };
        Ok(if scaled.is_integer() { (floor, floor) } else { (floor.saturating_add(1), floor) })
    }

    fn id_span(&self, text: &str, schema: &'static Schema) -> Result<(i64, i64)> {
        match RowId::parse(schema, text) {
            ParsedId::Row(id) => Ok((id.pack(), id.pack())),
            // No row here has it. Against an ordering it stands before or after all rows of its own object, which
            // is what `Id > '000000000000000'` asks.
            ParsedId::Foreign => {
                let own = text.get(..3).and_then(|prefix| schema.by_prefix(prefix));
                let first = own.map(|object| RowId { object: object.index, row: 0 }.text(schema));
                let beyond = if first.is_some_and(|first| *text > *first) { i64::MAX } else { LOWEST };
                Ok((beyond, beyond))
            }
            ParsedId::Malformed => {
                let message = format!("invalid ID field: {text}");
                Err(Fault { code: "INVALID_QUERY_FILTER_OPERATOR", ..Fault::malformed(self.at, message) })
            }
        }
    }

    fn wrong_type(&self) -> Fault {
        let (name, quoted) = match self.ty.kind {
            Kind::Boolean => ("boolean", false),
            Kind::Int => ("int", false),
            Kind::Currency | Kind::Double | Kind::Percent => ("double", false),
            Kind::Date => ("date", false),
            Kind::DateTime => ("dateTime", false),
            Kind::Id | Kind::Reference => ("ID", true),
            _ => ("string", true),
        };
        let quotes = if quoted { "should be enclosed in quotes" } else { "should not be enclosed in quotes" };
        let message = format!(
            "value of filter criterion for field '{}' must be of type {name} and {quotes}",
            self.name
        );
        Fault::field(self.at, message)
    }

    fn bad_operator(&self, operator: Operator) -> Fault {
        let like = if operator == Operator::Like { "LIKE " } else { "" };
        let message = format!("invalid operator {like}on {} field", self.ty.kind.name());
        Fault { code: "INVALID_QUERY_FILTER_OPERATOR", ..Fault::malformed(self.at, message) }
    }
}
