//! Tokens to a [`Query`].

use super::super::Fault;
use super::super::entity::{Entity, entity};
use super::lexer::{Placed, Token, tokens};
use super::{Condition, LARGEST_PAGE, Operator, Query};

pub(super) fn parse(statement: &str) -> Result<Query, Fault> {
    let mut parser = Parser { tokens: tokens(statement)?, at: 0 };
    let (count, paths) = parser.select()?;
    parser.expect("from")?;
    let entity = parser.entity()?;
    let mut query = Query { entity, count, conditions: Vec::new(), order: Vec::new(), start: 1, max: None };
    if parser.accept("where") {
        query.conditions = parser.conditions()?;
    }
    parser.tail(&mut query)?;
    let named = query.conditions.iter().map(|condition| &condition.path);
    let known = |path: &&String| !is_filter(entity, path);
    if let Some(path) = named.chain(query.order.iter().map(|(path, _)| path)).find(known) {
        return Err(no_property(entity, path));
    }
    if let Some(path) = paths.iter().find(|path| !is_property(entity, path)) {
        return Err(no_property(entity, path));
    }
    Ok(query)
}

/// 4001. The frame is recorded ("invalid context declaration: Custmoer"); other sentences are unverified.
pub(super) fn invalid(what: impl std::fmt::Display) -> Fault {
    Fault::new("4001", "Invalid query", format!("QueryValidationError: {what}"))
}

fn no_property(entity: &Entity, path: &str) -> Fault {
    invalid(format!("Property {path} not found for Entity {}", entity.name))
}

fn is_filter(entity: &Entity, path: &str) -> bool {
    let common = ["Id", "MetaData.CreateTime", "MetaData.LastUpdatedTime"];
    let own = entity.filter.iter().filter(|name| is_property(entity, name));
    common.iter().chain(own).any(|name| name.eq_ignore_ascii_case(path))
}

fn is_property(entity: &Entity, path: &str) -> bool {
    let first = path.split('.').next().unwrap_or_default();
    let class = super::super::schema::schema().get(entity.class);
    class.is_some_and(|class| class.names().iter().any(|name| name.eq_ignore_ascii_case(first)))
}

struct Parser {
    tokens: Vec<Placed>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).map_or(&Token::End, |placed| &placed.token)
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn is(&self, keyword: &str) -> bool {
        matches!(self.peek(), Token::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    fn accept(&mut self, keyword: &str) -> bool {
        let found = self.is(keyword);
        self.at += usize::from(found);
        found
    }

    fn mark(&mut self, mark: &str) -> bool {
        let found = matches!(self.peek(), Token::Mark(found) if *found == mark);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, keyword: &'static str) -> Result<(), Fault> {
        if self.accept(keyword) { Ok(()) } else { Err(self.encountered(&[keyword])) }
    }

    /// 4000 at the token under the cursor, in the words of the vendor's JavaCC parser.
    fn encountered(&self, expected: &[&str]) -> Fault {
        let found = match self.peek() {
            Token::End => "<EOF>".to_owned(),
            Token::Word(word) => format!(" <IDENTIFIER> \"{word} \""),
            Token::Text(text) => format!(" <STRING_LITERAL> \"'{text}' \""),
            Token::Mark(mark) => format!(" \"{mark}\" \"{mark} \""),
        };
        let column = self.tokens.get(self.at).or(self.tokens.last()).map_or(1, |placed| placed.column);
        let expected: String = expected.iter().map(|word| format!("\n    \"{word}\" ...")).collect();
        let detail = format!(
            "QueryParserError: Encountered \"{found}\" at line 1, column {column}.\nWas expecting:{expected}\n    "
        );
        Fault::new("4000", "Error parsing query", detail)
    }

    /// What is selected: whether it is a count, and the properties named.
    fn select(&mut self) -> Result<(bool, Vec<String>), Fault> {
        self.expect("select")?;
        if self.accept("count") {
            if self.mark("(") && self.mark("*") && self.mark(")") {
                return Ok((true, Vec::new()));
            }
            return Err(self.encountered(&["(*)"]));
        }
        let mut paths = Vec::new();
        loop {
            if !self.mark("*") {
                paths.push(self.path()?);
            }
            if !self.mark(",") {
                return Ok((false, paths));
            }
        }
    }

    fn path(&mut self) -> Result<String, Fault> {
        match self.peek() {
            Token::Word(word) if word.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                let word = word.clone();
                self.at += 1;
                Ok(word)
            }
            _ => Err(self.encountered(&["<IDENTIFIER>"])),
        }
    }

    fn entity(&mut self) -> Result<&'static Entity, Fault> {
        let name = self.path()?;
        entity(&name).ok_or_else(|| invalid(format!("invalid context declaration: {name}")))
    }

    fn conditions(&mut self) -> Result<Vec<Condition>, Fault> {
        let mut conditions = Vec::new();
        loop {
            conditions.push(self.condition()?);
            if self.is("or") {
                // The vendor's parser lists <OR> among what it expects, so that it is refused later than the syntax.
                return Err(invalid("OR is not supported in the WHERE clause"));
            }
            if !self.accept("and") {
                return Ok(conditions);
            }
        }
    }

    fn condition(&mut self) -> Result<Condition, Fault> {
        let path = self.path()?;
        let operator = match self.next() {
            Token::Mark("=") => Operator::Equal,
            Token::Mark("!=" | "<>") => Operator::NotEqual,
            Token::Mark("<") => Operator::Less,
            Token::Mark(">") => Operator::Greater,
            Token::Mark("<=") => Operator::AtMost,
            Token::Mark(">=") => Operator::AtLeast,
            Token::Word(word) if word.eq_ignore_ascii_case("in") => Operator::In,
            Token::Word(word) if word.eq_ignore_ascii_case("like") => Operator::Like,
            _ => {
                self.at -= 1;
                return Err(self.encountered(&["=", "<", ">", "<=", ">=", "in", "like"]));
            }
        };
        let values = if operator == Operator::In { self.list()? } else { vec![self.value()?] };
        Ok(Condition { path, operator, values })
    }

    fn list(&mut self) -> Result<Vec<String>, Fault> {
        if !self.mark("(") {
            return Err(self.encountered(&["("]));
        }
        let mut values = vec![self.value()?];
        while self.mark(",") {
            values.push(self.value()?);
        }
        if self.mark(")") { Ok(values) } else { Err(self.encountered(&[",", ")"])) }
    }

    /// A quoted value, or a bare boolean or number.
    fn value(&mut self) -> Result<String, Fault> {
        let value = match self.peek() {
            Token::Text(text) => Some(text.clone()),
            Token::Word(word) => {
                let bare = word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false");
                (bare || word.parse::<rust_decimal::Decimal>().is_ok()).then(|| word.clone())
            }
            Token::Mark(_) | Token::End => None,
        };
        let value =
            value.ok_or_else(|| self.encountered(&["<STRING_LITERAL>", "<NUMBER>", "true", "false"]))?;
        self.at += 1;
        Ok(value)
    }

    /// Order and page, in either sequence: `MAXRESULTS 2 STARTPOSITION 1` is recorded, as is `ORDER BY` in two words.
    fn tail(&mut self, query: &mut Query) -> Result<(), Fault> {
        loop {
            if self.accept("orderby") {
                query.order = self.order()?;
            } else if self.accept("order") {
                self.expect("by")?;
                query.order = self.order()?;
            } else if self.accept("startposition") {
                // 0 is what the .NET SDK sends for the first row.
                query.start = self.whole()?.max(1);
            } else if self.accept("maxresults") {
                let max = self.whole()?;
                if max > LARGEST_PAGE {
                    return Err(invalid(format!(
                        "value {max} is too large. Max allowed value is {LARGEST_PAGE}."
                    )));
                }
                query.max = Some(max);
            } else if *self.peek() == Token::End {
                return Ok(());
            } else {
                return Err(self.encountered(&[
                    "<EOF>",
                    "<AND>",
                    "maxresults",
                    "order",
                    "orderby",
                    "startposition",
                ]));
            }
        }
    }

    fn order(&mut self) -> Result<Vec<(String, bool)>, Fault> {
        let mut order = Vec::new();
        loop {
            let path = self.path()?;
            let descending = self.accept("desc") || self.accept("descending");
            if !descending && !self.accept("asc") {
                self.accept("ascending");
            }
            order.push((path, descending));
            if !self.mark(",") {
                return Ok(order);
            }
        }
    }

    fn whole(&mut self) -> Result<usize, Fault> {
        let number = match self.peek() {
            Token::Word(word) | Token::Text(word) => word.parse().ok(),
            Token::Mark(_) | Token::End => None,
        };
        let number = number.ok_or_else(|| self.encountered(&["<INTEGER>"]))?;
        self.at += 1;
        Ok(number)
    }
}
