//! Texts that Postgres does not store, made storable and back.
//!
//! Postgres knows no NUL character, neither in a text nor in a `jsonb`. It is written as U+E000 followed by `0`, and U+E000 itself, a
//! character of private use, as U+E000 followed by `e`; reading turns both back. No other text changes.

use std::borrow::Cow;

use super::statement::{Arg, Type};

const MARK: char = '\u{e000}';

/// The argument as Postgres stores it.
pub(crate) fn storable(kind: Type, value: Arg) -> Arg {
    match (kind, value) {
        (Type::Text, Arg::Text(Some(text))) => Arg::Text(Some(escape(text))),
        (Type::Json, Arg::Text(Some(text))) => Arg::Text(Some(escape_json(text))),
        (_, value) => value,
    }
}

fn escape(text: String) -> String {
    if !text.contains(['\0', MARK]) {
        return text;
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for char in text.chars() {
        push(&mut escaped, char);
    }
    escaped
}

fn push(escaped: &mut String, char: char) {
    match char {
        '\0' => escaped.extend([MARK, '0']),
        MARK => escaped.extend([MARK, 'e']),
        other => escaped.push(other),
    }
}

/// In JSON text a NUL is an escape sequence, and what looks like one can be an escaped backslash before `u0000`.
fn escape_json(text: String) -> String {
    if !text.contains("\\u0000") && !text.contains(MARK) {
        return text;
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    let mut rest = text.as_str();
    while let Some(at) = rest.find(['\\', MARK]) {
        let (before, found) = rest.split_at(at);
        escaped.push_str(before);
        rest = if let Some(after) = found.strip_prefix("\\u0000") {
            push(&mut escaped, '\0');
            after
        } else if let Some(after) = found.strip_prefix(MARK) {
            push(&mut escaped, MARK);
            after
        } else {
            // A backslash and the character it escapes, kept as they are.
            let end = found.char_indices().nth(2).map_or(found.len(), |(end, _)| end);
            let (pair, after) = found.split_at(end);
            escaped.push_str(pair);
            after
        };
    }
    escaped + rest
}

/// Turns what Postgres stored back into the text it was.
pub(crate) fn restored(text: String, json: bool) -> String {
    if !text.contains(MARK) {
        return text;
    }
    let mut restored = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char != MARK {
            restored.push(char);
            continue;
        }
        let meant: Cow<'_, str> = match chars.next() {
            Some('0') if json => "\\u0000".into(),
            Some('0') => "\0".into(),
            Some('e') => MARK.to_string().into(),
            // Not written by Orion.
            other => [MARK].into_iter().chain(other).collect::<String>().into(),
        };
        restored.push_str(&meant);
    }
    restored
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_nul_and_the_mark_change() {
        assert_eq!(escape("a\0b".to_owned()), "a\u{e000}0b");
        assert_eq!(escape_json(r#""a\u0000b""#.to_owned()), "\"a\u{e000}0b\"");
        let lookalike = r#""C:\\u0000 \"\\\\""#.to_owned();
        assert_eq!(escape_json(lookalike.clone()), lookalike);
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "[\\x00a0e\\\\u\u{e000}\"🦀]{0,12}") {
            let stored = escape(text.clone());
            prop_assert!(!stored.contains('\0'));
            prop_assert_eq!(restored(stored, false), text);
        }

        #[test]
        fn every_json_comes_back(text in "[\\x00a0e\\\\u\u{e000}\"🦀]{0,12}") {
            let json = serde_json::to_string(&text).unwrap();
            let stored = escape_json(json);
            prop_assert!(!serde_json::from_str::<String>(&stored).unwrap().contains('\0'));
            prop_assert_eq!(serde_json::from_str::<String>(&restored(stored, true)).unwrap(), text);
        }
    }
}
