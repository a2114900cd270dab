//! Numbers as Salesforce keeps them: a fixed count of decimals per field, here an integer scaled by it. No `f64`.

use rust_decimal::{Decimal, RoundingStrategy};

/// Why a text is no value of a numeric field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    NotANumber,
    OutOfRange,
}

/// Reads a number in plain or scientific notation and scales it, half away from zero.
pub(crate) fn parse(text: &str, precision: u32, scale: u32) -> Result<i64, Fault> {
    let decimal = decimal(text)?;
    let rounded = decimal.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero);
    let factor = 10_i128.checked_pow(scale.saturating_sub(rounded.scale())).ok_or(Fault::OutOfRange)?;
    let scaled = rounded.mantissa().checked_mul(factor).ok_or(Fault::OutOfRange)?;
    let limit = 10_i128.checked_pow(precision).ok_or(Fault::OutOfRange)?;
    match i64::try_from(scaled) {
        Ok(word) if scaled.abs() < limit => Ok(word),
        _ => Err(Fault::OutOfRange),
    }
}

/// The exact value of a text.
pub(crate) fn decimal(text: &str) -> Result<Decimal, Fault> {
    let text = text.trim();
    let text = text.strip_prefix('+').unwrap_or(text);
    let mut digits = text.bytes().filter(|byte| !matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'));
    if text.is_empty() || !digits.clone().all(|byte| byte.is_ascii_digit()) || digits.next().is_none() {
        return Err(Fault::NotANumber);
    }
    if text.contains(['e', 'E']) {
        return Decimal::from_scientific(text).map_err(|_| Fault::OutOfRange);
    }
    text.parse().map_err(|error| match error {
        rust_decimal::Error::ExceedsMaximumPossibleValue => Fault::OutOfRange,
        _ => Fault::NotANumber,
    })
}

/// Decimal numbers print as Java prints doubles, which is what Salesforce answers with: plain from a thousandth up to
/// ten million, in scientific notation outside (help article 000385889; forcedotcom/dataloader#1204 shows
/// `9.9213206E7` for an AnnualRevenue). Unlike there, no digit is lost here.
const PLAIN: std::ops::RangeInclusive<i32> = -3..=6;

/// Appends a scaled integer. `whole` is for the type that has no decimals at all.
pub(crate) fn write(word: i64, scale: u32, whole: bool, out: &mut String) {
    if word < 0 {
        out.push('-');
    }
    let value = word.unsigned_abs();
    if whole || value == 0 {
        push_integer(value, out);
        out.push_str(if whole { "" } else { ".0" });
        return;
    }
    let exponent = value.ilog10().cast_signed() - scale.cast_signed();
    let factor = if PLAIN.contains(&exponent) { 10_u64.pow(scale) } else { 10_u64.pow(value.ilog10()) };
    push_integer(value / factor, out);
    out.push('.');
    let (mut fraction, mut width) = (value % factor, factor.ilog10() as usize);
    while width > 1 && fraction.is_multiple_of(10) {
        fraction /= 10;
        width -= 1;
    }
    push_padded(fraction, width.max(1), out);
    if !PLAIN.contains(&exponent) {
        out.push('E');
        out.push_str(&exponent.to_string());
    }
}

pub(crate) fn push_integer(value: u64, out: &mut String) {
    push_padded(value, 1, out);
}

/// Appends at least `width` digits.
pub(crate) fn push_padded(mut value: u64, width: usize, out: &mut String) {
    let mut digits = [b'0'; 20];
    let mut start = digits.len();
    while value > 0 || digits.len() - start < width {
        start -= 1;
        digits[start] = b'0' + (value % 10) as u8;
        value /= 10;
    }
    out.extend(digits.iter().skip(start).map(|&digit| char::from(digit)));
}

#[cfg(test)]
mod tests {
    use super::{Fault, parse, write};

    fn text(word: i64, scale: u32) -> String {
        let mut out = String::new();
        write(word, scale, false, &mut out);
        out
    }

    #[test]
    fn numbers_scale_exactly_and_round_half_away_from_zero() {
        assert_eq!(parse("1234.56", 18, 2), Ok(123_456));
        assert_eq!(parse("0.005", 18, 2), Ok(1));
        assert_eq!(parse("-0.005", 18, 2), Ok(-1));
        assert_eq!(parse("1.5E3", 18, 0), Ok(1500));
        assert_eq!(parse("9999999999999999.99", 18, 2), Ok(999_999_999_999_999_999));
        assert_eq!(parse("12", 18, 15), Ok(12_000_000_000_000_000));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(parse("10000000000000000", 18, 2), Err(Fault::OutOfRange));
        assert_eq!(parse("1e40", 18, 2), Err(Fault::OutOfRange));
        assert_eq!(parse("123456789", 8, 0), Err(Fault::OutOfRange));
        for text in ["", "abc", "1,5", "1.2.3", "--1", "NaN", "."] {
            assert_eq!(parse(text, 18, 2), Err(Fault::NotANumber), "{text}");
        }
    }

    #[test]
    fn decimals_print_as_doubles_do() {
        assert_eq!(text(123_450, 2), "1234.5");
        assert_eq!(text(100_000, 2), "1000.0");
        assert_eq!(text(-5, 2), "-0.05");
        assert_eq!(text(9_999_999, 0), "9999999.0");
        assert_eq!(text(10_000_000, 0), "1.0E7");
        assert_eq!(text(350_000_000, 0), "3.5E8");
        assert_eq!(text(-99_213_206, 0), "-9.9213206E7");
        assert_eq!(text(12_345_678_905, 2), "1.2345678905E8");
        assert_eq!(text(1, 4), "1.0E-4");
        assert_eq!(text(12, 4), "0.0012");
        assert_eq!(text(0, 2), "0.0");
        assert_eq!(text(48_858_370_000_000_000, 15), "48.85837");
    }
}
