//! Decimals from text.

use rust_decimal::Decimal;

use crate::money::{MoneyError, exact};

/// So many digits always fit a `u64`, which is several times as fast to fill as an `i128`.
const SHORT: usize = 18;

/// Reads a decimal: digits with an optional sign, point and exponent.
///
/// # Errors
/// [`MoneyError::Malformed`] for anything else; [`MoneyError::Inexact`] for more digits than it can keep.
///
/// ```
/// use orion_core::{MoneyError, decimal};
///
/// assert_eq!(decimal::parse("1234.50")?.to_string(), "1234.50");
/// assert_eq!(decimal::parse("1.5E+7")?.to_string(), "15000000");
/// assert_eq!(decimal::parse("1,234.50"), Err(MoneyError::Malformed));
/// # Ok::<(), MoneyError>(())
/// ```
pub fn parse(text: &str) -> Result<Decimal, MoneyError> {
    let (negative, unsigned) = split_sign(text.as_bytes());
    let (number, exponent) = match split_at_byte(unsigned, |byte| matches!(byte, b'e' | b'E')) {
        (number, Some(exponent)) => (number, read_exponent(exponent)?),
        (number, None) => (number, 0),
    };
    let (whole, fraction) = split_at_byte(number, |byte| byte == b'.');
    let fraction = fraction.unwrap_or_default();
    if whole.is_empty() && fraction.is_empty() {
        return Err(MoneyError::Malformed);
    }
    let mantissa = read_digits(whole, fraction)?.ok_or(MoneyError::Inexact)?;
    let scale = i64::try_from(fraction.len()).map_err(|_| MoneyError::Inexact)? - exponent;
    exact::fit(if negative { -mantissa } else { mantissa }, scale).ok_or(MoneyError::Inexact)
}

fn split_sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    }
}

fn split_at_byte(text: &[u8], found: impl Fn(u8) -> bool) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|byte| found(*byte)) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    }
}

/// The digits of both parts as one integer; none if that is too large.
fn read_digits(whole: &[u8], fraction: &[u8]) -> Result<Option<i128>, MoneyError> {
    let digits = whole.iter().chain(fraction);
    if !digits.clone().all(u8::is_ascii_digit) {
        return Err(MoneyError::Malformed);
    }
    let mut digits = digits.map(|byte| byte - b'0');
    if whole.len() + fraction.len() <= SHORT {
        return Ok(Some(digits.fold(0_u64, |value, digit| value * 10 + u64::from(digit)).into()));
    }
    Ok(digits.try_fold(0_i128, |value, digit| value.checked_mul(10)?.checked_add(digit.into())))
}

fn read_exponent(text: &[u8]) -> Result<i64, MoneyError> {
    let (negative, digits) = split_sign(text);
    if digits.is_empty() {
        return Err(MoneyError::Malformed);
    }
    // Far beyond the reach of a decimal, and far from overflow in the sums made with it.
    const LIMIT: i128 = 1 << 40;
    let size = read_digits(digits, &[])?.unwrap_or(LIMIT).min(LIMIT);
    let size = i64::try_from(size).map_err(|_| MoneyError::Inexact)?;
    Ok(if negative { -size } else { size })
}
