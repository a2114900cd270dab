//! WHERE and HAVING.

use super::super::ast::{Condition, Operator, Value, ValueKind};
use super::super::dates;
use super::super::error::Result;
use super::super::lexer::Lexeme;
use super::Parser;

impl Parser {
    /// Conditions joined by AND or by OR. Salesforce has no precedence between the two: mixing them takes parentheses.
    pub(super) fn condition(&mut self) -> Result<Condition> {
        let first = self.term()?;
        for (word, other, join) in [
            ("AND", "OR", Condition::And as fn(Vec<Condition>) -> Condition),
            ("OR", "AND", Condition::Or as fn(Vec<Condition>) -> Condition),
        ] {
            if !self.is_word(word) {
                continue;
            }
            let mut terms = vec![first];
            while self.word(word) {
                terms.push(self.term()?);
            }
            return if self.is_word(other) { Err(self.unexpected()) } else { Ok(join(terms)) };
        }
        Ok(first)
    }

    fn term(&mut self) -> Result<Condition> {
        if self.word("NOT") {
            return Ok(Condition::Not(Box::new(self.deeper(Self::term)?)));
        }
        if self.symbol("(") {
            let inner = self.deeper(Self::condition)?;
            self.expect(")")?;
            return Ok(inner);
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Condition> {
        let left = self.expression()?;
        if self.word("NOT") {
            self.keyword("IN")?;
            return self.membership(left, true);
        }
        if self.word("IN") {
            return self.membership(left, false);
        }
        for (word, negated) in [("INCLUDES", false), ("EXCLUDES", true)] {
            if self.word(word) {
                return Ok(Condition::Includes { left, negated, list: self.values()? });
            }
        }
        let operator = self.operator()?;
        Ok(Condition::Compare { left, operator, value: self.value()? })
    }

    fn membership(&mut self, left: super::Expression, negated: bool) -> Result<Condition> {
        let before = self.at;
        self.expect("(")?;
        if self.word("SELECT") {
            let query = Box::new(self.deeper(Self::query)?);
            self.expect(")")?;
            return Ok(Condition::InQuery { left, negated, query });
        }
        self.at = before;
        Ok(Condition::In { left, negated, list: self.values()? })
    }

    fn operator(&mut self) -> Result<Operator> {
        let operator = match self.peek() {
            Lexeme::Symbol("=") => Operator::Equal,
            Lexeme::Symbol("!=" | "<>") => Operator::NotEqual,
            Lexeme::Symbol("<") => Operator::Less,
            Lexeme::Symbol("<=") => Operator::LessOrEqual,
            Lexeme::Symbol(">") => Operator::Greater,
            Lexeme::Symbol(">=") => Operator::GreaterOrEqual,
            Lexeme::Name(name) if name.eq_ignore_ascii_case("LIKE") => Operator::Like,
            _ => return Err(self.unexpected()),
        };
        self.advance();
        Ok(operator)
    }

    fn values(&mut self) -> Result<Vec<Value>> {
        self.expect("(")?;
        let values = self.list(Self::value)?;
        self.expect(")")?;
        Ok(values)
    }

    fn value(&mut self) -> Result<Value> {
        let at = self.place();
        let kind = match self.peek().clone() {
            Lexeme::Text(literal) => ValueKind::Text(literal),
            Lexeme::Number(number) => ValueKind::Number(number),
            Lexeme::Date(day) => ValueKind::Date(day),
            Lexeme::DateTime(seconds) => ValueKind::DateTime(seconds),
            Lexeme::Name(name) => return self.named_value(at, &name),
            Lexeme::Symbol(_) | Lexeme::End => return Err(self.unexpected()),
        };
        self.advance();
        Ok(Value { at, kind })
    }

    /// `null`, `true`, `false` or a date literal.
    fn named_value(&mut self, at: usize, name: &str) -> Result<Value> {
        let start = self.at;
        self.advance();
        let kind = match name.to_ascii_lowercase().as_str() {
            "null" => Some(ValueKind::Null),
            "true" => Some(ValueKind::Boolean(true)),
            "false" => Some(ValueKind::Boolean(false)),
            _ => {
                let count = if self.symbol(":") { Some(self.count()?) } else { None };
                let count = count.map(|n| i64::try_from(n).unwrap_or(i64::MAX));
                dates::literal(name, count, self.today).map(ValueKind::Days)
            }
        };
        match kind {
            Some(kind) => Ok(Value { at, kind }),
            None => {
                self.at = start;
                Err(self.unexpected())
            }
        }
    }
}
