//! Salesforce record ids: a 3-character key prefix, 12 base-62 characters, and a 3-character checksum that makes the
//! 15 case-sensitive characters safe in case-insensitive systems (Salesforce Object Reference, "ID Field Type").

use super::schema::{ObjectIndex, Schema};

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CHECK: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
/// The org's instance and the reserved character: every id of this org has them after its prefix.
const INSTANCE: &str = "Ho0";
/// Ids count up from here, so that they look like those of an org in use.
const FIRST: u64 = 62 * 62 * 62 * 62 * 5 + 62 * 62 * 17;
const ROW_BITS: u32 = 32;

/// A row of the org: which table, which row. It packs into the `i64` that reference columns hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RowId {
    pub(crate) object: ObjectIndex,
    pub(crate) row: u32,
}

/// What a string that should be an id turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParsedId {
    /// The id of a row this org may hold.
    Row(RowId),
    /// Well-formed, but of an object or an instance that is not here.
    Foreign,
    Malformed,
}

impl RowId {
    pub(crate) fn pack(self) -> i64 {
        ((self.object as i64) << ROW_BITS) | i64::from(self.row)
    }

    pub(crate) fn unpack(word: i64) -> Self {
        Self { object: usize::try_from(word >> ROW_BITS).unwrap_or(usize::MAX), row: word as u32 }
    }

    /// Appends the 18 characters.
    pub(crate) fn write(self, schema: &Schema, out: &mut String) {
        let start = out.len();
        out.push_str(schema.objects.get(self.object).map_or("000", |object| &object.prefix));
        out.push_str(INSTANCE);
        let mut digits = [b'0'; 9];
        let mut rest = FIRST + u64::from(self.row);
        for digit in digits.iter_mut().rev() {
            *digit = DIGITS[(rest % 62) as usize];
            rest /= 62;
        }
        out.extend(digits.iter().map(|&digit| char::from(digit)));
        let suffix = checksum(out.get(start..).unwrap_or_default());
        out.extend(suffix);
    }

    pub(crate) fn text(self, schema: &Schema) -> String {
        let mut out = String::with_capacity(18);
        self.write(schema, &mut out);
        out
    }

    /// The 15-character form, which error messages use.
    pub(crate) fn short(self, schema: &Schema) -> String {
        let mut out = self.text(schema);
        out.truncate(15);
        out
    }

    pub(crate) fn parse(schema: &Schema, text: &str) -> ParsedId {
        let Some(short) = normalised(text) else { return ParsedId::Malformed };
        let row = || {
            let (prefix, rest) = short.split_at_checked(3)?;
            let digits = rest.strip_prefix(INSTANCE)?;
            let object = schema.by_prefix(prefix)?.index;
            let row = u32::try_from(number(digits)?.checked_sub(FIRST)?).ok()?;
            Some(Self { object, row })
        };
        row().map_or(ParsedId::Foreign, ParsedId::Row)
    }
}

/// The 15-character form of an id in either form, if it is one. An 18-character id's case is repaired from its checksum.
fn normalised(text: &str) -> Option<String> {
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    match text.len() {
        15 => Some(text.to_owned()),
        18 => {
            let (short, suffix) = text.split_at_checked(15)?;
            repaired(short, &suffix.to_ascii_uppercase())
        }
        _ => None,
    }
}

fn repaired(short: &str, suffix: &str) -> Option<String> {
    let mut bits = Vec::with_capacity(15);
    for byte in suffix.bytes() {
        let value = CHECK.iter().position(|&c| c == byte)?;
        bits.extend((0..5).map(|bit| value >> bit & 1 == 1));
    }
    let restored = short.chars().zip(bits).map(|(c, upper)| match (c.is_ascii_alphabetic(), upper) {
        (true, true) => Some(c.to_ascii_uppercase()),
        (true, false) => Some(c.to_ascii_lowercase()),
        (false, false) => Some(c),
        (false, true) => None,
    });
    restored.collect()
}

pub(crate) fn checksum(short: &str) -> [char; 3] {
    let mut out = ['A'; 3];
    for (chunk, slot) in short.as_bytes().chunks(5).zip(&mut out) {
        let bits = chunk
            .iter()
            .enumerate()
            .fold(0, |bits, (i, byte)| if byte.is_ascii_uppercase() { bits | 1 << i } else { bits });
        *slot = char::from(CHECK[bits]);
    }
    out
}

fn number(digits: &str) -> Option<u64> {
    digits.bytes().try_fold(0_u64, |number, byte| {
        let value = DIGITS.iter().position(|&digit| digit == byte)? as u64;
        number.checked_mul(62)?.checked_add(value)
    })
}

#[cfg(test)]
mod tests {
    use super::super::schema::schema;
    use super::{ParsedId, RowId, checksum};

    #[test]
    fn the_checksum_is_salesforces() {
        // Known pair from the Salesforce documentation of the 18-character id.
        assert_eq!(checksum("001A0000006Vm9r").iter().collect::<String>(), "IAC");
    }

    #[test]
    fn ids_round_trip_in_both_forms_and_in_lost_case() {
        let id = RowId { object: 1, row: 123_456 };
        let text = id.text(schema());
        assert_eq!(text.len(), 18);
        assert!(text.starts_with("003"));
        for form in [text.clone(), id.short(schema()), text.to_ascii_uppercase(), text.to_ascii_lowercase()] {
            assert_eq!(RowId::parse(schema(), &form), ParsedId::Row(id), "{form}");
        }
        assert_eq!(RowId::unpack(id.pack()), id);
    }

    #[test]
    fn what_is_no_id_is_malformed_and_what_is_elsewhere_is_foreign() {
        for text in ["", "abc", "001Ho00000ABCD-", "001Ho00000abcdeZZ9", "001Ho00000ABCDE1"] {
            assert_eq!(RowId::parse(schema(), text), ParsedId::Malformed, "{text}");
        }
        assert_eq!(RowId::parse(schema(), "a9Z000000000001"), ParsedId::Foreign);
        assert_eq!(RowId::parse(schema(), "001000000000001"), ParsedId::Foreign);
    }
}
