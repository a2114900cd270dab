//! Money, exact from the source's text to the destination's.

mod amount;
mod currency;
pub mod decimal;
mod exact;
#[cfg(test)]
mod tests;

pub use amount::{Money, Rounding};
pub use currency::Currency;

use crate::{Error, ErrorKind};

/// Why an amount could not be read or computed.
///
/// Its messages never show the amount: it is the tenant's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MoneyError {
    /// The text is not a decimal number.
    #[error("not a decimal number; expected digits with an optional sign, point and exponent")]
    Malformed,
    /// The exact value needs more digits than a decimal holds: 28 after the point, 96 bits in all.
    #[error("more digits than an exact decimal holds (28 after the point, 96 bits in all)")]
    Inexact,
    /// A fraction went through a binary float before it got here.
    #[error("a fraction was buffered as a binary float (serde flatten or untagged); send it as a string")]
    Float,
    /// The text is not a currency code.
    #[error("not a currency code; expected three letters as in ISO 4217")]
    Currency,
    /// Amounts of different currencies cannot be added or subtracted.
    #[error("{left} and {right} are different currencies; convert one first")]
    Mismatch {
        /// The currency on the left.
        left: Currency,
        /// The currency on the right.
        right: Currency,
    },
}

/// A source that sends such an amount broke its own rules: [`ErrorKind::Malformed`].
impl From<MoneyError> for Error {
    fn from(reason: MoneyError) -> Self {
        Self::new(ErrorKind::Malformed, "could not use an amount of money exactly").with_source(reason)
    }
}
