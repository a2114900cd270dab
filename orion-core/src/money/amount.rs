//! Amounts of money.

use std::{cmp::Ordering, fmt};

use rust_decimal::{Decimal, RoundingStrategy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Currency, MoneyError, decimal, exact};

/// An exact amount in one currency.
///
/// The amount is a decimal of up to 28 digits, read from the source's text and written as text: `0.1 + 0.2` is
/// `0.3`, and `1234.50` keeps its zero. An operation gives the exact result or an error; only
/// [`round_to_minor`](Self::round_to_minor) rounds.
///
/// ```
/// use orion_core::{Currency, Money, Rounding};
///
/// let price = Money::parse("0.125", Currency::USD)?;
/// let total = price.checked_mul(3.into())?;
/// assert_eq!(total.to_string(), "0.375 USD");
/// assert_eq!(total.round_to_minor(Rounding::HalfEven).to_string(), "0.38 USD");
/// assert_eq!(serde_json::to_string(&total)?, r#"{"amount":"0.375","currency":"USD"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
// Closed: an amount has these two parts and no more.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Money {
    /// How much, in major units (dollars, not cents).
    #[serde(with = "decimal")]
    #[schemars(with = "Decimal")]
    pub amount: Decimal,
    /// Of what.
    pub currency: Currency,
}

/// What to do with a half when rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rounding {
    /// To the even neighbour, as banks do: 0.125 is 0.12, 0.135 is 0.14.
    HalfEven,
    /// Away from zero, as people do: 0.125 is 0.13, -0.125 is -0.13.
    HalfUp,
}

impl Money {
    /// An amount in major units.
    #[must_use]
    pub const fn new(amount: Decimal, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// Nothing, in a currency.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(Decimal::ZERO, currency)
    }

    /// Reads an amount from text: digits with an optional sign, point and exponent (`1234.50`, `1.5E+7`).
    ///
    /// # Errors
    /// [`MoneyError::Malformed`] for anything else, group separators and spaces too;
    /// [`MoneyError::Inexact`] for more digits than it can keep.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        decimal::parse(text).map(|amount| Self::new(amount, currency))
    }

    /// An amount in minor units (cents), as payment systems send it.
    #[must_use]
    pub fn from_minor(units: i64, currency: Currency) -> Self {
        Self::new(Decimal::new(units, currency.minor_units()), currency)
    }

    /// The amount in minor units.
    ///
    /// # Errors
    /// [`MoneyError::Inexact`] if it has a fraction of one, or does not fit: round first.
    pub fn to_minor(self) -> Result<i64, MoneyError> {
        let scaled = exact::mul(self.amount, Decimal::from(10_u64.pow(self.currency.minor_units())));
        let units = scaled.filter(Decimal::is_integer).ok_or(MoneyError::Inexact)?;
        i64::try_from(units).map_err(|_| MoneyError::Inexact)
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError::Mismatch`] for different currencies, [`MoneyError::Inexact`] if it does not fit.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Mismatch { left: self.currency, right: other.currency });
        }
        self.holding(exact::add(self.amount, other.amount))
    }

    /// The difference.
    ///
    /// # Errors
    /// As [`checked_add`](Self::checked_add).
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.checked_add(Self::new(-other.amount, other.currency))
    }

    /// The amount times a quantity or rate. Not rounded: `0.125 USD` times 3 is `0.375 USD`.
    ///
    /// # Errors
    /// [`MoneyError::Inexact`] if the exact product does not fit.
    pub fn checked_mul(self, quantity: Decimal) -> Result<Self, MoneyError> {
        self.holding(exact::mul(self.amount, quantity))
    }

    /// The amount rounded to the currency's minor unit.
    #[must_use]
    pub fn round_to_minor(self, rounding: Rounding) -> Self {
        let strategy = match rounding {
            Rounding::HalfEven => RoundingStrategy::MidpointNearestEven,
            Rounding::HalfUp => RoundingStrategy::MidpointAwayFromZero,
        };
        let mut amount = self.amount.round_dp_with_strategy(self.currency.minor_units(), strategy);
        if amount.is_zero() {
            amount.set_sign_positive(true);
        }
        Self::new(amount, self.currency)
    }

    fn holding(self, amount: Option<Decimal>) -> Result<Self, MoneyError> {
        amount.map(|amount| Self::new(amount, self.currency)).ok_or(MoneyError::Inexact)
    }
}

/// Amounts of different currencies have no order.
impl PartialOrd for Money {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (self.currency == other.currency).then(|| self.amount.cmp(&other.amount))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
