//! Money, exact from the source's text to the destination's.

mod amount;
mod currency;
pub mod decimal;
mod exact;

use thiserror::Error;

pub use amount::{Money, Rounding};
pub use currency::Currency;

/// Why an amount could not be read or computed.
///
/// Its messages never show the amount: it is the tenant's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
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
