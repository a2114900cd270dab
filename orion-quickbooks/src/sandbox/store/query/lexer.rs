//! Splits a statement into tokens.

use super::super::Fault;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A keyword, property, number or boolean.
    Word(String),
    Text(String),
    Mark(&'static str),
    End,
}

/// A token and the column it starts in, from 1.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    pub(super) token: Token,
    pub(super) column: usize,
}

const MARKS: [&str; 12] = ["<=", ">=", "!=", "<>", "=", "<", ">", "(", ")", ",", "*", ";"];

pub(super) fn tokens(statement: &str) -> Result<Vec<Placed>, Fault> {
    let (mut tokens, mut rest) = (Vec::new(), statement);
    loop {
        rest = rest.trim_start();
        let column = statement.get(..statement.len() - rest.len()).map_or(0, |read| read.chars().count()) + 1;
        let Some(first) = rest.chars().next() else {
            tokens.push(Placed { token: Token::End, column });
            return Ok(tokens);
        };
        let (token, length) = if first == '\'' {
            text(rest).ok_or_else(|| lexical(column, "<EOF>", rest))?
        } else if let Some(mark) = MARKS.iter().find(|mark| rest.starts_with(**mark)) {
            (Token::Mark(mark), mark.len())
        } else {
            let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            if length == 0 {
                return Err(lexical(column, &format!("\"{first}\" ({})", u32::from(first)), ""));
            }
            (Token::Word(rest.get(..length).unwrap_or_default().to_owned()), length)
        };
        tokens.push(Placed { token, column });
        rest = rest.get(length..).unwrap_or_default();
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '+' | ':')
}

/// A quoted value. A backslash takes the next character as it is.
fn text(rest: &str) -> Option<(Token, usize)> {
    let (mut out, mut escaped) = (String::new(), false);
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => {
                out.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '\'' => return Some((Token::Text(out), at + 1)),
            _ => out.push(c),
        }
    }
    None
}

/// The frame is recorded in issues of client libraries (node-quickbooks, quickbooks-node-promise).
fn lexical(column: usize, encountered: &str, after: &str) -> Fault {
    let detail = format!(
        "QueryParserError: Invalid content. Lexical error at line 1, column {column}.  Encountered: {encountered} after : \
         \"{after}\""
    );
    Fault::new("4000", "Error parsing query", detail)
}
