//! Conditions and how they combine.

use super::text::Text;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Atom,
    And,
    Or,
}

/// A condition of WHERE or HAVING. Parentheses are put where they are needed.
#[derive(Clone, Debug)]
pub struct Condition {
    pub(super) text: Text,
    shape: Shape,
}

impl Condition {
    pub(super) fn atom(text: Text) -> Self {
        Self { text, shape: Shape::Atom }
    }

    /// SOQL refuses AND and OR side by side without parentheses.
    fn operand(self, of: Shape) -> Text {
        if self.shape == Shape::Atom || self.shape == of { self.text } else { self.text.within("") }
    }

    fn join(self, shape: Shape, word: &'static str, other: Self) -> Self {
        Self { text: self.operand(shape).push(word).then(other.operand(shape)), shape }
    }

    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.join(Shape::And, " AND ", other)
    }

    /// At least one holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.join(Shape::Or, " OR ", other)
    }

    /// All of these hold; `None` if there are none.
    pub fn all(conditions: impl IntoIterator<Item = Self>) -> Option<Self> {
        conditions.into_iter().reduce(Self::and)
    }

    /// At least one of these holds; `None` if there are none.
    pub fn any(conditions: impl IntoIterator<Item = Self>) -> Option<Self> {
        conditions.into_iter().reduce(Self::or)
    }
}

/// It does not hold.
impl std::ops::Not for Condition {
    type Output = Self;

    fn not(self) -> Self {
        let inner = self.operand(Shape::Atom);
        Self::atom(Text::default().push("NOT ").then(inner).within(""))
    }
}
