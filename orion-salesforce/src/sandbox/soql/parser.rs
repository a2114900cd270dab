//! Tokens into a query: recursive descent over the grammar of the SOQL guide.

mod condition;
mod select;

use chrono::NaiveDate;

use super::ast::{Expression, Name, Order, Path, Query};
use super::error::{Fault, Result};
use super::lexer::{Lexeme, Token, tokens};

/// Parses one whole query. `today` gives date literals their meaning.
pub(super) fn parse(query: &str, today: NaiveDate) -> Result<Query> {
    let mut parser = Parser { tokens: tokens(query)?, at: 0, today, depth: 0 };
    parser.keyword("SELECT")?;
    let query = parser.query()?;
    match parser.peek() {
        Lexeme::End => Ok(query),
        _ => Err(parser.unexpected()),
    }
}

/// Nesting beyond this is refused rather than recursed into.
const DEPTH: usize = 50;

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    today: NaiveDate,
    depth: usize,
}

/// Words that cannot be an alias, because they may follow the name it would stand after.
const RESERVED: [&str; 26] = [
    "ALL", "AND", "ASC", "DESC", "END", "EXCLUDES", "FOR", "FROM", "GROUP", "HAVING", "IN", "INCLUDES",
    "LIKE", "LIMIT", "NOT", "NULL", "NULLS", "OFFSET", "OR", "ORDER", "SELECT", "UPDATE", "USING", "WHEN",
    "WHERE", "WITH",
];

impl Parser {
    fn token(&self) -> Option<&Token> {
        self.tokens.get(self.at).or(self.tokens.last())
    }

    fn peek(&self) -> &Lexeme {
        self.token().map_or(&Lexeme::End, |token| &token.kind)
    }

    fn place(&self) -> usize {
        self.token().map_or(0, |token| token.at)
    }

    fn advance(&mut self) {
        self.at += 1;
    }

    fn unexpected(&self) -> Fault {
        let shown = match self.peek() {
            Lexeme::Name(name) => name.clone(),
            Lexeme::Text(literal) => literal.text.clone(),
            Lexeme::Number(number) => number.clone(),
            Lexeme::Symbol(symbol) => (*symbol).to_owned(),
            Lexeme::Date(_) | Lexeme::DateTime(_) => "date".to_owned(),
            Lexeme::End => "<EOF>".to_owned(),
        };
        Fault::malformed(self.place(), format!("unexpected token: '{shown}'"))
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Lexeme::Name(name) if name.eq_ignore_ascii_case(word))
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Lexeme::Symbol(s) if *s == symbol)
    }

    /// Takes the word if it is next.
    fn word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    /// Takes the symbol if it is next.
    fn symbol(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(symbol);
        self.at += usize::from(found);
        found
    }

    fn keyword(&mut self, word: &str) -> Result<()> {
        if self.word(word) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn expect(&mut self, symbol: &str) -> Result<()> {
        if self.symbol(symbol) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn name(&mut self) -> Result<Name> {
        let at = self.place();
        match self.peek() {
            Lexeme::Name(text) => {
                let text = text.clone();
                self.advance();
                Ok(Name { at, text })
            }
            _ => Err(self.unexpected()),
        }
    }

    fn path(&mut self) -> Result<Path> {
        let first = self.name()?;
        let mut parts = vec![first.text];
        while self.symbol(".") {
            parts.push(self.name()?.text);
        }
        Ok(Path { at: first.at, parts })
    }

    /// A name that is no clause word: an alias.
    fn alias(&mut self) -> Option<String> {
        let Lexeme::Name(name) = self.peek() else { return None };
        if RESERVED.iter().any(|word| word.eq_ignore_ascii_case(name)) {
            return None;
        }
        let name = name.clone();
        self.advance();
        Some(name)
    }

    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= DEPTH {
            return Err(self.unexpected());
        }
        self.depth += 1;
        let result = parse(self);
        self.depth -= 1;
        result
    }

    /// What follows SELECT.
    fn query(&mut self) -> Result<Query> {
        let items = self.items()?;
        self.keyword("FROM")?;
        let mut from = self.name()?;
        while self.symbol(".") {
            // `FROM Account.Contacts` in a child query, with the parent's name in front.
            from = self.name()?;
        }
        self.word("AS");
        let alias = self.alias();
        if self.word("USING") {
            self.keyword("SCOPE")?;
            self.name()?;
        }
        let filter = if self.word("WHERE") { Some(self.condition()?) } else { None };
        while self.word("WITH") {
            // SECURITY_ENFORCED, USER_MODE, SYSTEM_MODE: the one user here may see everything.
            self.name()?;
        }
        let mut query = Query {
            items,
            from,
            alias,
            filter,
            group: Vec::new(),
            having: None,
            order: Vec::new(),
            limit: None,
            offset: None,
            all_rows: false,
        };
        self.grouping(&mut query)?;
        self.ordering(&mut query)?;
        self.endings(&mut query)?;
        Ok(query)
    }

    fn grouping(&mut self, query: &mut Query) -> Result<()> {
        if self.word("GROUP") {
            self.keyword("BY")?;
            query.group = self.list(Self::expression)?;
        }
        if self.word("HAVING") {
            query.having = Some(self.condition()?);
        }
        Ok(())
    }

    fn ordering(&mut self, query: &mut Query) -> Result<()> {
        if self.word("ORDER") {
            self.keyword("BY")?;
            query.order = self.list(Self::order)?;
        }
        if self.word("LIMIT") {
            query.limit = Some(self.count()?);
        }
        if self.word("OFFSET") {
            query.offset = Some(self.count()?);
        }
        Ok(())
    }

    fn endings(&mut self, query: &mut Query) -> Result<()> {
        loop {
            if self.word("FOR") {
                // VIEW, REFERENCE or UPDATE: recently-viewed marks and row locks, neither of which shows in the answer.
                self.name()?;
            } else if self.word("UPDATE") {
                self.list(Self::name)?;
            } else if self.word("ALL") {
                self.keyword("ROWS")?;
                query.all_rows = true;
            } else {
                return Ok(());
            }
        }
    }

    fn order(&mut self) -> Result<Order> {
        let by = self.expression()?;
        let descending = self.word("DESC");
        if !descending {
            self.word("ASC");
        }
        let nulls_first = if self.word("NULLS") {
            let first = self.word("FIRST");
            if !first {
                self.keyword("LAST")?;
            }
            Some(first)
        } else {
            None
        };
        Ok(Order { by, descending, nulls_first })
    }

    fn count(&mut self) -> Result<usize> {
        let count = match self.peek() {
            Lexeme::Number(number) => number.parse().ok(),
            _ => None,
        };
        let count = count.ok_or_else(|| self.unexpected())?;
        self.advance();
        Ok(count)
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.symbol(",") {
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn expression(&mut self) -> Result<Expression> {
        let path = self.path()?;
        self.expression_from(path)
    }
}

#[cfg(test)]
mod tests;
