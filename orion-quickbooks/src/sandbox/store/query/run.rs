//! A [`Query`] over the rows.

use std::cmp::Ordering;
use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::super::json::{Json, Object};
use super::super::moment;
use super::super::schema::Kind;
use super::super::table::{Key, Row, Table, UPDATED};
use super::super::{Company, Fault, taxes};
use super::parser::invalid;
use super::{Condition, Operator, PAGE, Query};

impl Company {
    /// Answers a query: the content of `QueryResponse`.
    ///
    /// # Errors
    /// 4000 and 4001, as [`Query::parse`]; 4001 for a value that is not of the property's kind.
    pub(crate) fn query(&mut self, statement: &str) -> Result<Json, Fault> {
        let query = Query::parse(statement)?;
        self.settle(query.entity);
        let table = self.table(query.entity);
        let tests = tests(table, &query)?;
        let mut found: Vec<(u64, &Row)> =
            table.iter().filter(|(_, row)| tests.iter().all(|test| test.holds(row))).collect();
        if query.count {
            return Ok(Object::new().with("totalCount", whole(found.len())).into());
        }
        let most = query.max.unwrap_or(PAGE);
        let page_rows = window(&mut found, query.start - 1, most, &Order::new(table, &query));
        let mut rows: Vec<Json> = page_rows.iter().map(|(_, row)| Json::Raw(Arc::clone(&row.text))).collect();
        if table.entity.name == "TaxCode" && query.conditions.is_empty() && query.start == 1 {
            rows.splice(0..0, taxes::built_in());
        }
        Ok(page(table.entity.class, rows, query.start))
    }
}

/// Rows in their envelope; none leave it empty (recorded).
pub(crate) fn page(entity: &'static str, rows: Vec<Json>, start: usize) -> Json {
    if rows.is_empty() {
        return Object::new().into();
    }
    let count = whole(rows.len());
    Object::new().with(entity, rows).with("startPosition", whole(start)).with("maxResults", count).into()
}

fn whole(number: usize) -> Json {
    Json::Number(Decimal::from(number))
}

/// A condition, resolved to a column and its values to keys.
struct Test {
    column: usize,
    operator: Operator,
    keys: Vec<Key>,
    /// The pattern of `LIKE`, folded to lower case.
    pattern: String,
}

impl Test {
    fn holds(&self, row: &Row) -> bool {
        let Some(key) = row.keys.get(self.column) else { return false };
        let first = || self.keys.first().and_then(|wanted| compare(key, wanted));
        match self.operator {
            Operator::Equal | Operator::In => self.keys.iter().any(|wanted| same(key, wanted)),
            Operator::NotEqual => first() != Some(Ordering::Equal),
            Operator::Less => first() == Some(Ordering::Less),
            Operator::Greater => first() == Some(Ordering::Greater),
            Operator::AtMost => matches!(first(), Some(Ordering::Less | Ordering::Equal)),
            Operator::AtLeast => matches!(first(), Some(Ordering::Greater | Ordering::Equal)),
            Operator::Like => matches!(key, Key::Text(text) if like(&text.to_lowercase(), &self.pattern)),
        }
    }
}

/// Text compares without regard to case, as the vendor's database does (unverified). A missing value is equal only to
/// the empty text.
fn compare(key: &Key, wanted: &Key) -> Option<Ordering> {
    match (key, wanted) {
        (Key::Null, Key::Text(text)) if text.trim().is_empty() => Some(Ordering::Equal),
        (Key::Text(a), Key::Text(b)) => Some(fold(a, b)),
        _ if std::mem::discriminant(key) == std::mem::discriminant(wanted) => key.partial_cmp(wanted),
        _ => None,
    }
}

fn same(key: &Key, wanted: &Key) -> bool {
    match (key, wanted) {
        (Key::Text(a), Key::Text(b)) if a.is_ascii() => a.eq_ignore_ascii_case(b),
        _ => compare(key, wanted) == Some(Ordering::Equal),
    }
}

fn fold(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() {
        return lower(a).cmp(lower(b));
    }
    a.to_lowercase().cmp(&b.to_lowercase())
}

fn lower(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().map(|byte| byte.to_ascii_lowercase())
}

/// Whether a text fits a pattern whose only wildcard is `%`.
fn like(text: &str, pattern: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('%') else { return text == pattern };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('%').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, after)) = text.split_once(part) else { return false };
        if !part.is_empty() {
            text = after;
        }
    }
    text.ends_with(last)
}

fn tests(table: &Table, query: &Query) -> Result<Vec<Test>, Fault> {
    let mut tests =
        query.conditions.iter().map(|condition| test(table, condition)).collect::<Result<Vec<_>, _>>()?;
    if let Some(active) = table.column("Active").filter(|_| table.entity.has_active()) {
        // Inactive rows are hidden unless the statement speaks of them (recorded).
        if tests.iter().all(|test| test.column != active) {
            let keys = vec![Key::Flag(true)];
            tests.push(Test { column: active, operator: Operator::Equal, keys, pattern: String::new() });
        }
    }
    Ok(tests)
}

fn test(table: &Table, condition: &Condition) -> Result<Test, Fault> {
    let Condition { path, operator, values } = condition;
    let column = table.column(path);
    let found = column.and_then(|column| table.columns.get(column));
    let (Some(column), Some(found)) = (column, found) else {
        return Err(invalid(format!("Property {path} not found for Entity {}", table.entity.name)));
    };
    if !suits(found.kind, *operator) {
        return Err(invalid(format!("operator is not supported for property {path}")));
    }
    let key = |value: &String| {
        key(found.kind, value)
            .ok_or_else(|| invalid(format!("value {value} is not valid for property {path}")))
    };
    let pattern = values.first().filter(|_| *operator == Operator::Like).map(|value| value.to_lowercase());
    let keys =
        if pattern.is_some() { Vec::new() } else { values.iter().map(key).collect::<Result<_, _>>()? };
    Ok(Test { column, operator: *operator, keys, pattern: pattern.unwrap_or_default() })
}

/// Which operators a kind takes, as client libraries document them (unverified).
fn suits(kind: Kind, operator: Operator) -> bool {
    match kind {
        Kind::Flag => matches!(operator, Operator::Equal | Operator::NotEqual | Operator::In),
        Kind::Number | Kind::Whole | Kind::Date | Kind::Time => operator != Operator::Like,
        Kind::Text | Kind::Enum(_) | Kind::Type(_) | Kind::Any => true,
    }
}

fn key(kind: Kind, value: &str) -> Option<Key> {
    match kind {
        _ if value.trim().is_empty() => Some(Key::Text("".into())),
        Kind::Flag if value.eq_ignore_ascii_case("true") => Some(Key::Flag(true)),
        Kind::Flag if value.eq_ignore_ascii_case("false") => Some(Key::Flag(false)),
        Kind::Flag => None,
        Kind::Number | Kind::Whole => value.trim().parse().ok().map(Key::Number),
        Kind::Time => moment::parse(value).map(Key::Time),
        Kind::Date => moment::date(value).map(|date: NaiveDate| Key::Text(date.to_string().into())),
        Kind::Text | Kind::Enum(_) | Kind::Type(_) | Kind::Any => Some(Key::Text(value.into())),
    }
}

/// The order asked for; without one, lists come by name and transactions by their last change, the latest first
/// (both recorded; node-quickbooks' tests expect it of attachments too). What is equal comes by id.
struct Order {
    columns: Vec<(usize, bool)>,
    newest_first: bool,
}

impl Order {
    fn new(table: &Table, query: &Query) -> Self {
        let by = |path: &str, descending| table.column(path).map(|column| (column, descending));
        let mut columns: Vec<(usize, bool)> =
            query.order.iter().filter_map(|(path, descending)| by(path, *descending)).collect();
        let is_default = columns.is_empty();
        if is_default && table.entity.can_delete() {
            columns.push((UPDATED, true));
        } else if is_default {
            columns.extend(by("FullyQualifiedName", false));
            columns.extend(by(table.entity.label, false));
        }
        Self { columns, newest_first: is_default && table.entity.can_delete() }
    }

    fn compare(&self, (id_a, a): &(u64, &Row), (id_b, b): &(u64, &Row)) -> Ordering {
        for (column, descending) in &self.columns {
            let pair = a.keys.get(*column).zip(b.keys.get(*column));
            match pair.map_or(Ordering::Equal, |(a, b)| rank(a, b)) {
                Ordering::Equal => {}
                found if *descending => return found.reverse(),
                found => return found,
            }
        }
        if self.newest_first { id_b.cmp(id_a) } else { id_a.cmp(id_b) }
    }
}

/// The rows of one page, in order. The others are only moved out of the way, so that a page deep in a large table
/// costs no sort of the table.
fn window<'a, 'b>(
    rows: &'a mut [(u64, &'b Row)],
    skip: usize,
    take: usize,
    order: &Order,
) -> &'a [(u64, &'b Row)] {
    if skip >= rows.len() || take == 0 {
        return &[];
    }
    let compare = |a: &(u64, &Row), b: &(u64, &Row)| order.compare(a, b);
    if skip > 0 {
        rows.select_nth_unstable_by(skip, compare);
    }
    let rest = rows.get_mut(skip..).unwrap_or_default();
    let take = take.min(rest.len());
    if take < rest.len() {
        rest.select_nth_unstable_by(take, compare);
    }
    let page = rest.get_mut(..take).unwrap_or_default();
    page.sort_unstable_by(compare);
    page
}

/// Where two values of a column stand to each other; a missing one comes first.
fn rank(a: &Key, b: &Key) -> Ordering {
    match (a, b) {
        (Key::Text(a), Key::Text(b)) => fold(a, b),
        _ => a.partial_cmp(b).unwrap_or(Ordering::Equal),
    }
}
