//! A page in the form Salesforce writes, read in one pass.
//!
//! This is no JSON parser: it knows one form of page (no white space, known keys in the order of the SELECT) and gives up on anything
//! else, which is then read by serde_json. It exists because reading pages decides what a sync costs: serde_json looks at each byte of
//! a value twice here, once to find its end and once to convert it, and eight bytes at a time; `memchr` finds the end 32 at a time. Values
//! that have a form of their own (escapes, numbers, nested answers) are converted by the same code as in the general way.

use memchr::{memchr, memchr2};
use orion_core::Model;
use serde_json::value::RawValue;

use super::{Layout, Rows, row::Reading};
use crate::value::Value;

/// Reads a page, or gives up.
pub(super) fn page<M: Model + Default>(body: &str, layout: &Layout<M>) -> Option<Rows<M>> {
    let mut rows = Rows::default();
    let mut scan = Scan { text: body, at: 0 };
    scan.expect("{")?;
    loop {
        match scan.key()? {
            "totalSize" => rows.expect(scan.value()?.raw().parse().ok()?),
            "nextRecordsUrl" => rows.next = Some(scan.value()?.text().ok()?.into_owned().into_boxed_str()),
            "records" => scan.rows(layout, &mut rows)?,
            _ => {
                scan.value()?;
            }
        }
        if !scan.more(b'}')? {
            break;
        }
    }
    (scan.at == body.len()).then_some(rows)
}

struct Scan<'de> {
    text: &'de str,
    at: usize,
}

impl<'de> Scan<'de> {
    fn rest(&self) -> &'de str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn expect(&mut self, literal: &str) -> Option<()> {
        self.take(literal).then_some(())
    }

    /// Steps over `literal` if it is next.
    fn take(&mut self, literal: &str) -> bool {
        let bytes = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let next = bytes.starts_with(literal.as_bytes());
        if next {
            self.at += literal.len();
        }
        next
    }

    /// Whether another element follows, or this was the last one before `end`.
    fn more(&mut self, end: u8) -> Option<bool> {
        let byte = self.byte()?;
        self.at += 1;
        match byte {
            b',' => Some(true),
            _ if byte == end => Some(false),
            _ => None,
        }
    }

    /// A key without escapes, and the colon after it.
    fn key(&mut self) -> Option<&'de str> {
        self.expect("\"")?;
        let rest = self.rest();
        let end = memchr(b'"', rest.as_bytes())?;
        let key = rest.get(..end)?;
        self.at += end + 1;
        self.expect(":")?;
        memchr(b'\\', key.as_bytes()).is_none().then_some(key)
    }

    fn rows<M: Model + Default>(&mut self, layout: &Layout<M>, rows: &mut Rows<M>) -> Option<()> {
        self.expect("[")?;
        if self.take("]") {
            return Some(());
        }
        loop {
            self.row(layout, rows)?;
            if !self.more(b']')? {
                return Some(());
            }
        }
    }

    fn row<M: Model + Default>(&mut self, layout: &Layout<M>, rows: &mut Rows<M>) -> Option<()> {
        self.expect("{")?;
        let mut reading = Reading::begin(layout, rows);
        if self.take("\"attributes\":") {
            self.attributes()?;
            if !self.more(b'}')? {
                reading.end(rows);
                return Some(());
            }
        }
        loop {
            let index = reading.at;
            if layout.columns.get(index).is_some_and(|column| self.take(&column.key)) {
                let value = self.value()?;
                reading.column(rows, index, value);
            } else {
                let (name, value) = (self.key()?, self.value()?);
                reading.named(rows, name, value);
            }
            if !self.more(b'}')? {
                reading.end(rows);
                return Some(());
            }
        }
    }

    /// Steps over a record's type and address: an object of plain strings.
    fn attributes(&mut self) -> Option<()> {
        let bytes = self.rest().as_bytes();
        let end = memchr(b'}', bytes)?;
        let inside = bytes.get(1..end)?;
        // An even number of quotes and no escape: the brace is not within a string.
        let quotes = memchr::memchr_iter(b'"', inside).count();
        let plain = bytes.first() == Some(&b'{')
            && quotes.is_multiple_of(2)
            && memchr2(b'\\', b'{', inside).is_none();
        self.at += end + 1;
        plain.then_some(())
    }

    fn value(&mut self) -> Option<Value<'de>> {
        match self.byte()? {
            b'"' => self.string(),
            b'n' => self.literal("null"),
            b't' => self.literal("true"),
            b'f' => self.literal("false"),
            b'-' | b'0'..=b'9' => {
                let number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
                let rest = self.rest();
                let end = rest.as_bytes().iter().position(|byte| !number(byte))?;
                self.at += end;
                rest.get(..end).map(|raw| Value::new(raw, false))
            }
            b'{' | b'[' => self.nested(),
            _ => None,
        }
    }

    fn literal(&mut self, literal: &'static str) -> Option<Value<'de>> {
        self.expect(literal)?;
        Some(Value::new(literal, false))
    }

    fn string(&mut self) -> Option<Value<'de>> {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let (mut at, mut plain) = (1, true);
        loop {
            at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
            if bytes.get(at) == Some(&b'"') {
                break;
            }
            plain = false;
            at += 2;
        }
        self.at += at + 1;
        rest.get(..=at).map(|raw| Value::new(raw, plain))
    }

    fn nested(&mut self) -> Option<Value<'de>> {
        let mut stream = serde_json::Deserializer::from_str(self.rest()).into_iter::<&RawValue>();
        let raw = stream.next()?.ok()?;
        self.at += stream.byte_offset();
        Some(Value::new(raw.get(), false))
    }
}
