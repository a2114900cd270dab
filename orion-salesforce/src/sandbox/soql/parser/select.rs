//! The select list and the functions in it.

use super::super::ast::{Aggregate, DatePart, Expression, FieldSet, Item, Path};
use super::super::error::{Fault, Result};
use super::Parser;

const AGGREGATES: [(&str, Aggregate); 6] = [
    ("COUNT", Aggregate::Count),
    ("COUNT_DISTINCT", Aggregate::CountDistinct),
    ("SUM", Aggregate::Sum),
    ("AVG", Aggregate::Avg),
    ("MIN", Aggregate::Min),
    ("MAX", Aggregate::Max),
];

const DATE_PARTS: [(&str, DatePart); 13] = [
    ("CALENDAR_YEAR", DatePart::Year),
    ("CALENDAR_QUARTER", DatePart::Quarter),
    ("CALENDAR_MONTH", DatePart::Month),
    ("FISCAL_YEAR", DatePart::Year),
    ("FISCAL_QUARTER", DatePart::Quarter),
    ("FISCAL_MONTH", DatePart::Month),
    ("DAY_IN_MONTH", DatePart::DayInMonth),
    ("DAY_IN_WEEK", DatePart::DayInWeek),
    ("DAY_IN_YEAR", DatePart::DayInYear),
    ("DAY_ONLY", DatePart::DayOnly),
    ("HOUR_IN_DAY", DatePart::HourInDay),
    ("WEEK_IN_MONTH", DatePart::WeekInMonth),
    ("WEEK_IN_YEAR", DatePart::WeekInYear),
];

/// Functions that change how a value reads in the user's locale, and nothing in this org's.
const TRANSPARENT: [&str; 4] = ["toLabel", "format", "convertCurrency", "convertTimezone"];

fn find<T: Copy>(table: &[(&str, T)], name: &str) -> Option<T> {
    table.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|&(_, value)| value)
}

impl Parser {
    pub(super) fn items(&mut self) -> Result<Vec<Item>> {
        self.list(Self::item)
    }

    fn item(&mut self) -> Result<Item> {
        if self.symbol("(") {
            self.keyword("SELECT")?;
            let query = self.deeper(Self::query)?;
            self.expect(")")?;
            return Ok(Item::Children(Box::new(query)));
        }
        if self.is_word("FROM") {
            return Err(self.unexpected());
        }
        let path = self.path()?;
        let function = match path.parts.as_slice() {
            [name] => name.to_ascii_uppercase(),
            _ => String::new(),
        };
        match function.as_str() {
            "TYPEOF" if !self.is_symbol("(") && !self.is_symbol(",") && !self.is_word("FROM") => {
                self.type_of()
            }
            "FIELDS" if self.is_symbol("(") => self.fields(&path),
            "COUNT" if self.is_symbol("(") => self.count_item(path),
            _ => {
                let expression = self.expression_from(path)?;
                Ok(Item::Value { expression, alias: self.alias() })
            }
        }
    }

    fn count_item(&mut self, path: Path) -> Result<Item> {
        let before = self.at;
        self.expect("(")?;
        if self.symbol(")") {
            return Ok(Item::CountRows);
        }
        self.at = before;
        let expression = self.expression_from(path)?;
        Ok(Item::Value { expression, alias: self.alias() })
    }

    fn fields(&mut self, path: &Path) -> Result<Item> {
        self.expect("(")?;
        let name = self.name()?;
        let set = match name.text.to_ascii_uppercase().as_str() {
            "ALL" => FieldSet::All,
            "STANDARD" => FieldSet::Standard,
            "CUSTOM" => FieldSet::Custom,
            _ => return Err(Fault::malformed(name.at, format!("unexpected token: '{}'", name.text))),
        };
        self.expect(")")?;
        Ok(Item::Fields { at: path.at, set })
    }

    fn type_of(&mut self) -> Result<Item> {
        let parent = self.name()?;
        let mut cases = Vec::new();
        while self.word("WHEN") {
            let object = self.name()?;
            self.keyword("THEN")?;
            cases.push((object, self.list(Self::path)?));
        }
        let otherwise = if self.word("ELSE") { self.list(Self::path)? } else { Vec::new() };
        self.keyword("END")?;
        Ok(Item::TypeOf { parent, cases, otherwise })
    }

    /// The expression that starts with a path already read: the path itself, or a function's name before its argument.
    pub(super) fn expression_from(&mut self, path: Path) -> Result<Expression> {
        let [function] = path.parts.as_slice() else { return Ok(Expression::Field(path)) };
        if !self.is_symbol("(") {
            return Ok(Expression::Field(path));
        }
        if let Some(aggregate) = find(&AGGREGATES, function) {
            return Ok(Expression::Aggregate(aggregate, self.argument()?));
        }
        if let Some(part) = find(&DATE_PARTS, function) {
            return Ok(Expression::Date(part, self.argument()?));
        }
        if TRANSPARENT.iter().any(|name| name.eq_ignore_ascii_case(function)) {
            self.expect("(")?;
            let inner = self.deeper(Self::expression)?;
            self.expect(")")?;
            return Ok(inner);
        }
        Err(Fault::malformed(path.at, format!("unknown function: {function}")))
    }

    /// `(path)`, with any transparent functions around the path.
    fn argument(&mut self) -> Result<Path> {
        self.expect("(")?;
        let place = self.place();
        let Expression::Field(path) = self.deeper(Self::expression)? else {
            return Err(Fault::malformed(place, "unexpected token: '('"));
        };
        self.expect(")")?;
        Ok(path)
    }
}
