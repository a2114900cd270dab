//! SOQL text into tokens.

use super::error::{Fault, Result};
use crate::sandbox::store::moment;

/// A token and the byte it starts at.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) at: usize,
    pub(super) kind: Lexeme,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Lexeme {
    Name(String),
    Text(Literal),
    /// As written: its type decides how it is read.
    Number(String),
    Date(i64),
    DateTime(i64),
    /// One of `( ) , . : = != <> < <= > >=`.
    Symbol(&'static str),
    End,
}

/// A quoted string, unescaped. Characters that were escaped wildcards are told apart for LIKE.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Literal {
    pub(super) text: String,
    /// Positions, in characters, of `%` and `_` that were written `\%` and `\_`.
    pub(super) escaped: Vec<usize>,
}

const SYMBOLS: [&str; 13] = ["!=", "<>", "<=", ">=", "(", ")", ",", ".", ":", "=", "<", ">", "+"];

pub(super) fn tokens(query: &str) -> Result<Vec<Token>> {
    let mut lexer = Lexer { query, at: 0 };
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next()?;
        let end = token.kind == Lexeme::End;
        tokens.push(token);
        if end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    query: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.query.get(self.at..).unwrap_or_default()
    }

    /// Takes the longest prefix whose characters all satisfy `test`.
    fn run(&mut self, test: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !test(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn next(&mut self) -> Result<Token> {
        self.run(char::is_whitespace);
        let at = self.at;
        let kind = match self.rest().chars().next() {
            None => Lexeme::End,
            Some('\'') => Lexeme::Text(self.string()?),
            Some(c) if c.is_alphabetic() || c == '_' => {
                Lexeme::Name(self.run(|c| c.is_alphanumeric() || c == '_').to_owned())
            }
            Some(c) if c.is_ascii_digit() || (matches!(c, '-' | '+' | '.') && self.digit_follows()) => {
                self.number()?
            }
            Some(c) => self.symbol(c)?,
        };
        Ok(Token { at, kind })
    }

    fn digit_follows(&self) -> bool {
        self.rest()
            .trim_start_matches(['-', '+'])
            .trim_start_matches('.')
            .starts_with(|c: char| c.is_ascii_digit())
    }

    fn symbol(&mut self, c: char) -> Result<Lexeme> {
        let symbol = SYMBOLS.iter().find(|symbol| self.rest().starts_with(**symbol));
        let symbol = symbol.ok_or_else(|| Fault::malformed(self.at, format!("unexpected token: '{c}'")))?;
        self.at += symbol.len();
        Ok(Lexeme::Symbol(symbol))
    }

    fn number(&mut self) -> Result<Lexeme> {
        let at = self.at;
        if is_date(self.rest()) {
            let text = self.run(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '.' | '+'));
            let value = match text.len() {
                10 => moment::parse_date(text).map(Lexeme::Date),
                _ => moment::parse_datetime(text).map(Lexeme::DateTime),
            };
            return value.ok_or_else(|| Fault::malformed(at, format!("unexpected token: '{text}'")));
        }
        self.run(|c| matches!(c, '-' | '+'));
        self.run(|c| c.is_ascii_digit() || c == '.');
        let exponent = self.rest().starts_with(['e', 'E']) && {
            let tail = self.rest().get(1..).unwrap_or_default().trim_start_matches(['-', '+']);
            tail.starts_with(|c: char| c.is_ascii_digit())
        };
        if exponent {
            self.at += 1;
            self.run(|c| c.is_ascii_digit() || matches!(c, '-' | '+'));
        }
        Ok(Lexeme::Number(self.query.get(at..self.at).unwrap_or_default().to_owned()))
    }

    fn string(&mut self) -> Result<Literal> {
        let start = self.at;
        let mut literal = Literal::default();
        let mut count = 0;
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((offset, c)) = chars.next() {
            match c {
                '\'' => {
                    self.at = start + offset + 1;
                    return Ok(literal);
                }
                '\\' => {
                    let Some((_, escape)) = chars.next() else { break };
                    if matches!(escape, '%' | '_') {
                        literal.escaped.push(count);
                    }
                    let code: String = match escape {
                        'u' | 'U' => chars.by_ref().take(4).map(|(_, c)| c).collect(),
                        _ => String::new(),
                    };
                    let c = unescape(escape, &code).ok_or_else(|| {
                        let message =
                            format!("Invalid string literal. Illegal character sequence '\\{escape}{code}'.");
                        Fault::malformed(start + offset, message)
                    })?;
                    literal.text.push(c);
                }
                c => literal.text.push(c),
            }
            count += 1;
        }
        let message =
            format!("line 1:{} mismatched character '<EOF>' expecting '''", self.query.chars().count());
        Err(Fault::plain("MALFORMED_QUERY", message))
    }
}

fn is_date(text: &str) -> bool {
    let mut bytes = text.bytes();
    let digits =
        |bytes: &mut std::str::Bytes<'_>, n: usize| bytes.take(n).filter(u8::is_ascii_digit).count() == n;
    digits(&mut bytes, 4)
        && bytes.next() == Some(b'-')
        && digits(&mut bytes, 2)
        && bytes.next() == Some(b'-')
        && digits(&mut bytes, 2)
}

/// SOQL guide, "Quoted String Escape Sequences".
fn unescape(c: char, code: &str) -> Option<char> {
    match c {
        'n' | 'N' => Some('\n'),
        'r' | 'R' => Some('\r'),
        't' | 'T' => Some('\t'),
        'b' | 'B' => Some('\u{8}'),
        'f' | 'F' => Some('\u{c}'),
        '"' | '\'' | '\\' | '%' | '_' => Some(c),
        'u' | 'U' => u32::from_str_radix(code, 16).ok().and_then(char::from_u32),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Lexeme, tokens};

    fn text(query: &str) -> String {
        match &tokens(query).unwrap()[0].kind {
            Lexeme::Text(literal) => literal.text.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn escapes_are_those_of_the_guide() {
        assert_eq!(text(r#"'a\'b\\c\nd\te\r\b\f\"'"#), "a'b\\c\nd\te\r\u{8}\u{c}\"");
        assert_eq!(text(r"'\u6771\u4eac é 🚀'"), "東京 é 🚀");
        assert!(tokens(r"'\q'").is_err() && tokens(r"'\uD83D'").is_err());
    }

    #[test]
    fn escaped_wildcards_are_remembered() {
        let Lexeme::Text(literal) = &tokens(r"'é\%_\_'").unwrap()[0].kind else { panic!() };
        assert_eq!((literal.text.as_str(), literal.escaped.as_slice()), ("é%__", &[1, 3][..]));
    }

    #[test]
    fn an_open_string_is_an_error() {
        for query in ["'abc", r"'abc\'", r"'abc\"] {
            assert_eq!(tokens(query).unwrap_err().code, "MALFORMED_QUERY", "{query}");
        }
    }

    #[test]
    fn dates_and_numbers_are_told_apart() {
        let kinds: Vec<Lexeme> = tokens("2024-06-11 2024-06-11T00:00:00Z -1.5e3 2024 +7")
            .unwrap()
            .into_iter()
            .map(|t| t.kind)
            .collect();
        assert!(matches!(kinds[0], Lexeme::Date(_)) && matches!(kinds[1], Lexeme::DateTime(_)));
        assert_eq!(kinds[2], Lexeme::Number("-1.5e3".to_owned()));
        assert_eq!(kinds[3], Lexeme::Number("2024".to_owned()));
        assert!(tokens("2024-13-45").is_err());
    }
}
