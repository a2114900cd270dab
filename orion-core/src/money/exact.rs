//! Arithmetic that gives the exact result or none. `rust_decimal`'s own operations round silently when a result
//! needs more digits than it has.

use rust_decimal::Decimal;

/// `mantissa` / 10^`scale`, with trailing zeros given up only where it does not fit otherwise.
pub(super) fn fit(mut mantissa: i128, mut scale: u32) -> Option<Decimal> {
    if mantissa == 0 {
        scale = scale.min(Decimal::MAX_SCALE);
    }
    loop {
        if let Ok(value) = Decimal::try_from_i128_with_scale(mantissa, scale) {
            return Some(value);
        }
        if scale == 0 || mantissa % 10 != 0 {
            return None;
        }
        mantissa /= 10;
        scale -= 1;
    }
}

/// `a` + `b`.
pub(super) fn add(a: Decimal, b: Decimal) -> Option<Decimal> {
    // The operands with as few digits as they can do with fit whenever the result does.
    aligned_sum(a, b).or_else(|| aligned_sum(a.normalize(), b.normalize()))
}

/// `a` * `b`.
pub(super) fn mul(a: Decimal, b: Decimal) -> Option<Decimal> {
    product(a, b).or_else(|| product(a.normalize(), b.normalize()))
}

fn aligned_sum(a: Decimal, b: Decimal) -> Option<Decimal> {
    let scale = a.scale().max(b.scale());
    let sum = raised(a, scale)?.checked_add(raised(b, scale)?)?;
    fit(sum, scale)
}

fn raised(value: Decimal, scale: u32) -> Option<i128> {
    10_i128.checked_pow(scale - value.scale())?.checked_mul(value.mantissa())
}

fn product(a: Decimal, b: Decimal) -> Option<Decimal> {
    fit(a.mantissa().checked_mul(b.mantissa())?, a.scale() + b.scale())
}
