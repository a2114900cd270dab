//! JSON as its tokens: strings can be changed and the layout too, while a number stays as the vendor wrote it.
//!
//! Through `serde_json::Value` `10.00` becomes `10.0`, and the exactness of amounts could not be tested on a recording.

use std::fmt::Write;

/// A collection that fits into so many characters stands on one line.
const LINE: usize = 100;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A string, decoded.
    Text(String),
    /// A number, `true`, `false` or `null`, or a string that cannot be decoded.
    Bare(String),
    /// One of `{}[],:`.
    Mark(char),
}

/// Splits valid JSON.
pub(super) fn tokens(json: &str) -> Vec<Token> {
    let (mut tokens, mut rest) = (Vec::new(), json.trim_start());
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => string_length(rest),
            '{' | '}' | '[' | ']' | ',' | ':' => 1,
            _ => rest.find(|char: char| char.is_whitespace() || ",]}:".contains(char)).unwrap_or(rest.len()),
        };
        let (token, left) = rest.split_at(length);
        tokens.push(match first {
            '"' => serde_json::from_str(token).map_or_else(|_| Token::Bare(token.to_owned()), Token::Text),
            '{' | '}' | '[' | ']' | ',' | ':' => Token::Mark(first),
            _ => Token::Bare(token.to_owned()),
        });
        rest = left.trim_start();
    }
    tokens
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Calls `visit` with each scalar and the name of the field it belongs to; an array's scalars belong to the array's.
pub(super) fn each_scalar(tokens: &mut [Token], mut visit: impl FnMut(Option<&str>, &mut Token)) {
    let mut fields: Vec<Option<String>> = Vec::new();
    let mut field: Option<String> = None;
    for at in 0..tokens.len() {
        let names = matches!(tokens.get(at + 1), Some(Token::Mark(':')));
        let Some(token) = tokens.get_mut(at) else { return };
        match token {
            Token::Text(name) if names => {
                field = Some(name.clone());
                visit(None, token);
            }
            Token::Text(_) | Token::Bare(_) => visit(field.as_deref(), token),
            Token::Mark('[') => fields.push(field.clone()),
            Token::Mark('{') => fields.push(field.take()),
            Token::Mark(']' | '}') => field = fields.pop().flatten(),
            Token::Mark(',' | ':') => {}
            Token::Mark(_) => field = None,
        }
    }
}

/// JSON of these tokens on one line.
pub(super) fn joined(tokens: &[Token]) -> String {
    let mut out = String::new();
    for token in tokens {
        match token {
            Token::Text(text) => write_text(&mut out, text),
            Token::Bare(text) => out.push_str(text),
            Token::Mark(mark @ (',' | ':')) => {
                out.push(*mark);
                out.push(' ');
            }
            Token::Mark(mark) => out.push(*mark),
        }
    }
    out
}

fn write_text(out: &mut String, text: &str) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

/// The same JSON, with a line per member where a collection is too long for one.
pub(super) fn laid_out(json: &str) -> String {
    let tokens = tokens(json);
    let (mut out, mut depth, mut at) = (String::new(), 0, 0);
    while let Some(token) = tokens.get(at) {
        match token {
            Token::Mark('{' | '[') => {
                if let Some(short) = on_one_line(&tokens, at) {
                    out.push_str(&joined(tokens.get(at..=short).unwrap_or_default()));
                    at = short;
                } else {
                    depth += 1;
                    out.push_str(&joined(std::slice::from_ref(token)));
                    new_line(&mut out, depth);
                }
            }
            Token::Mark('}' | ']') => {
                depth -= 1;
                new_line(&mut out, depth);
                out.push_str(&joined(std::slice::from_ref(token)));
            }
            Token::Mark(',') => {
                out.push(',');
                new_line(&mut out, depth);
            }
            other => out.push_str(&joined(std::slice::from_ref(other))),
        }
        at += 1;
    }
    out
}

/// Where the collection that begins at `start` ends, if it is short.
fn on_one_line(tokens: &[Token], start: usize) -> Option<usize> {
    let (mut depth, mut length) = (0_usize, 0);
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match token {
            Token::Mark('{' | '[') => depth += 1,
            Token::Mark('}' | ']') => depth -= 1,
            _ => {}
        }
        length += match token {
            Token::Text(text) => text.len() + 2,
            Token::Bare(text) => text.len(),
            Token::Mark(_) => 2,
        };
        if length > LINE {
            return None;
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

fn new_line(out: &mut String, depth: usize) {
    // Writing to a string does not fail.
    let _written = write!(out, "\n{:width$}", "", width = depth * 2);
}
