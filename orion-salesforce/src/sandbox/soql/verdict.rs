//! Tests on one value. Nulls follow Salesforce, not SQL: there is no third truth value. A null fails `=` and every
//! ordering, passes `!=` and `NOT IN`, and NOT turns what a null fails into what it passes (the first two are documented by
//! practice; that NOT does the same is unverified).

use std::collections::HashSet;

use super::lexer::Literal;
use super::operand::Val;
use crate::sandbox::store::table::same_text;

/// What a value must be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Test {
    pub(super) set: Set,
    /// Whether a null belongs to the set.
    pub(super) null: bool,
    pub(super) negated: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Set {
    /// Inclusive ranges.
    Spans(Vec<(i64, i64)>),
    Words(HashSet<i64>),
    Text(String),
    /// Lower-cased.
    Texts(HashSet<String>),
    Before {
        text: String,
        or_equal: bool,
    },
    After {
        text: String,
        or_equal: bool,
    },
    Like(Pattern),
    /// Any of these combinations of picklist values.
    Includes(Vec<Vec<String>>),
}

impl Test {
    pub(super) fn of(set: Set) -> Self {
        Self { set, null: false, negated: false }
    }

    pub(super) fn negated(self) -> Self {
        Self { negated: !self.negated, ..self }
    }

    pub(super) fn holds(&self, value: Val<'_>) -> bool {
        let inside = match value {
            Val::Null => self.null,
            Val::Word(word) => self.set.has_word(word),
            Val::Text(text) => self.set.has_text(text),
        };
        inside != self.negated
    }
}

impl Set {
    fn has_word(&self, word: i64) -> bool {
        match self {
            Self::Spans(spans) => spans.iter().any(|&(low, high)| low <= word && word <= high),
            Self::Words(words) => words.contains(&word),
            _ => false,
        }
    }

    fn has_text(&self, text: &str) -> bool {
        match self {
            Self::Text(one) => same_text(one, text),
            Self::Texts(texts) => texts.contains(&text.to_lowercase()),
            Self::Before { text: limit, or_equal } => match order_text(text, limit) {
                std::cmp::Ordering::Less => true,
                std::cmp::Ordering::Equal => *or_equal,
                std::cmp::Ordering::Greater => false,
            },
            Self::After { text: limit, or_equal } => match order_text(text, limit) {
                std::cmp::Ordering::Greater => true,
                std::cmp::Ordering::Equal => *or_equal,
                std::cmp::Ordering::Less => false,
            },
            Self::Like(pattern) => pattern.matches(text),
            Self::Includes(any) => {
                let chosen: Vec<&str> = text.split(';').collect();
                any.iter().any(|all| all.iter().all(|value| chosen.iter().any(|c| same_text(c, value))))
            }
            Self::Spans(_) | Self::Words(_) => false,
        }
    }
}

/// The order of texts: case aside.
pub(super) fn order_text(a: &str, b: &str) -> std::cmp::Ordering {
    if a.is_ascii() && b.is_ascii() {
        return a.bytes().map(|b| b.to_ascii_lowercase()).cmp(b.bytes().map(|b| b.to_ascii_lowercase()));
    }
    a.chars().flat_map(char::to_lowercase).cmp(b.chars().flat_map(char::to_lowercase))
}

/// A LIKE pattern, lower-cased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Piece>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Char(char),
    One,
    Many,
}

impl Pattern {
    pub(super) fn new(literal: &Literal) -> Self {
        let piece = |(at, c): (usize, char)| match c {
            '%' if !literal.escaped.contains(&at) => vec![Piece::Many],
            '_' if !literal.escaped.contains(&at) => vec![Piece::One],
            c => c.to_lowercase().map(Piece::Char).collect(),
        };
        Self(literal.text.chars().enumerate().flat_map(piece).collect())
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
        let (mut at, mut piece) = (0, 0);
        // Where to go on from when a match fails: after the last `%`, one character further.
        let mut retry: Option<(usize, usize)> = None;
        loop {
            let fits = match (self.0.get(piece), text.get(at)) {
                (None, None) => return true,
                (Some(Piece::Many), _) => {
                    retry = Some((piece + 1, at));
                    piece += 1;
                    continue;
                }
                (Some(Piece::One), Some(_)) => true,
                (Some(Piece::Char(wanted)), Some(c)) => wanted == c,
                (None | Some(Piece::One | Piece::Char(_)), _) => false,
            };
            if fits {
                (at, piece) = (at + 1, piece + 1);
            } else {
                let Some((after, from)) = retry.filter(|&(_, from)| from < text.len()) else { return false };
                retry = Some((after, from + 1));
                (at, piece) = (from + 1, after);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Literal, Pattern, Set, Test, order_text};
    use crate::sandbox::soql::operand::Val;

    fn like(pattern: &str, text: &str) -> bool {
        Pattern::new(&Literal { text: pattern.to_owned(), escaped: Vec::new() }).matches(text)
    }

    #[test]
    fn wildcards_match_as_in_the_guide() {
        for text in ["Appleton", "Apple", "Bappl"] {
            assert!(like("%appl%", text), "{text}");
        }
        assert!(like("appl_%", "Apple") && !like("appl_%", "Appl") && !like("appl_%", "Bapple"));
        assert!(like("%", "") && like("", "") && !like("", "x") && like("%%", "x"));
        assert!(like("a%b%c", "aXbXbXc") && !like("a%b%c", "aXbX"));
        assert!(like("%東_", "大東京") && like("É%", "école"));
    }

    #[test]
    fn an_escaped_wildcard_is_itself() {
        let literal = Literal { text: "100%".to_owned(), escaped: vec![3] };
        let pattern = Pattern::new(&literal);
        assert!(pattern.matches("100%") && !pattern.matches("1000"));
    }

    #[test]
    fn nulls_fail_tests_and_pass_their_negation() {
        let five = Test::of(Set::Spans(vec![(5, 5)]));
        assert!(!five.holds(Val::Null) && five.holds(Val::Word(5)));
        let not_five = five.negated();
        assert!(not_five.holds(Val::Null) && !not_five.holds(Val::Word(5)) && not_five.holds(Val::Word(6)));
    }

    #[test]
    fn picklist_combinations_are_all_or_any() {
        let set = Set::Includes(vec![vec!["A".to_owned(), "B".to_owned()], vec!["C".to_owned()]]);
        let test = Test::of(set);
        assert!(
            test.holds(Val::Text("B;D;A")) && test.holds(Val::Text("C")) && !test.holds(Val::Text("A;D"))
        );
    }

    #[test]
    fn texts_order_without_case() {
        assert!(order_text("apple", "Banana").is_lt() && order_text("Zoë", "zoe").is_gt());
        assert!(order_text("ABC", "abc").is_eq());
    }
}
