//! A JSON reader that keeps numbers exact. `serde_json` reads them as doubles unless a feature is turned on that
//! would change every crate of a build.

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};

use rust_decimal::Decimal;

use super::{Json, Object};

const DEEPEST: usize = 64;

/// Why a text is not JSON, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) at: usize,
    pub(crate) expected: &'static str,
}

impl Display for Malformed {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "expected {} at byte {}", self.expected, self.at)
    }
}

pub(super) fn parse(text: &str) -> Result<Json, Malformed> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.skip();
    if reader.at == text.len() { Ok(value) } else { Err(reader.fail("the end")) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn fail(&self, expected: &'static str) -> Malformed {
        Malformed { at: self.at, expected }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        self.skip();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &'static str, value: Json) -> Result<Json, Malformed> {
        if self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            self.at += word.len();
            return Ok(value);
        }
        Err(self.fail(word))
    }

    fn value(&mut self, depth: usize) -> Result<Json, Malformed> {
        if depth > DEEPEST {
            return Err(self.fail("fewer levels"));
        }
        self.skip();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(|text| Json::Text(text.into_owned())),
            Some(b't') => self.word("true", Json::Bool(true)),
            Some(b'f') => self.word("false", Json::Bool(false)),
            Some(b'n') => self.word("null", Json::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.fail("a value")),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, Malformed> {
        self.at += 1;
        let mut object = Object::new();
        if self.take(b'}') {
            return Ok(Json::Object(object));
        }
        loop {
            self.skip();
            if self.peek() != Some(b'"') {
                return Err(self.fail("a property name"));
            }
            let name = self.string()?.into_owned();
            if !self.take(b':') {
                return Err(self.fail("`:`"));
            }
            let value = self.value(depth + 1)?;
            object.0.push((Cow::Owned(name), value));
            if self.take(b'}') {
                return Ok(Json::Object(object));
            }
            if !self.take(b',') {
                return Err(self.fail("`,` or `}`"));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Json, Malformed> {
        self.at += 1;
        let mut items = Vec::new();
        if self.take(b']') {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.take(b']') {
                return Ok(Json::List(items));
            }
            if !self.take(b',') {
                return Err(self.fail("`,` or `]`"));
            }
        }
    }

    fn number(&mut self) -> Result<Json, Malformed> {
        let start = self.at;
        while matches!(self.peek(), Some(b'+' | b'-' | b'.' | b'e' | b'E' | b'0'..=b'9')) {
            self.at += 1;
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        let number = if text.contains(['e', 'E']) {
            Decimal::from_scientific(text)
        } else {
            Decimal::from_str_exact(text)
        };
        number
            .map(Json::Number)
            .map_err(|_| Malformed { at: start, expected: "a number of at most 28 digits" })
    }

    fn string(&mut self) -> Result<Cow<'_, str>, Malformed> {
        self.at += 1;
        let start = self.at;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.at += 1;
                    return Ok(Cow::Borrowed(self.text.get(start..self.at - 1).unwrap_or_default()));
                }
                b'\\' => return self.escaped(start).map(Cow::Owned),
                0..0x20 => return Err(self.fail("no control character")),
                _ => self.at += 1,
            }
        }
        Err(self.fail("`\"`"))
    }

    fn escaped(&mut self, start: usize) -> Result<String, Malformed> {
        let mut out = self.text.get(start..self.at).unwrap_or_default().to_owned();
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let mut chars = rest.chars();
            match chars.next() {
                Some('"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some('\\') => {
                    self.at += 1;
                    out.push(self.escape()?);
                }
                Some(c) if c >= ' ' => {
                    self.at += c.len_utf8();
                    out.push(c);
                }
                _ => return Err(self.fail("`\"`")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Malformed> {
        let byte = self.peek().ok_or_else(|| self.fail("an escape"))?;
        self.at += 1;
        Ok(match byte {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(self.fail("an escape")),
        })
    }

    fn unicode(&mut self) -> Result<char, Malformed> {
        let first = self.hex()?;
        let code = if (0xd800..0xdc00).contains(&first) {
            if self.text.get(self.at..self.at + 2) != Some("\\u") {
                return Err(self.fail("a low surrogate"));
            }
            self.at += 2;
            let second = self.hex()?;
            let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400);
            let low = low.ok_or_else(|| self.fail("a low surrogate"))?;
            0x1_0000 + ((first - 0xd800) << 10) + low
        } else {
            first
        };
        char::from_u32(code).ok_or_else(|| self.fail("a character"))
    }

    fn hex(&mut self) -> Result<u32, Malformed> {
        let digits =
            self.text.get(self.at..self.at + 4).filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let code = code.ok_or_else(|| self.fail("four hexadecimal digits"))?;
        self.at += 4;
        Ok(code)
    }
}
