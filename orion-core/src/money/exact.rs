//! Arithmetic that gives the exact result or none. `rust_decimal`'s own operations round silently when a result
//! needs more digits than it has.

use rust_decimal::Decimal;

/// `mantissa` / 10^`scale`, with trailing zeros given up only where it does not fit otherwise.
pub(super) fn fit(mut mantissa: i128, scale: i64) -> Option<Decimal> {
    if mantissa == 0 {
        return Some(Decimal::new(0, u32::try_from(scale).unwrap_or(0).min(Decimal::MAX_SCALE)));
    }
    if let Ok(zeros) = u32::try_from(-scale) {
        return Decimal::try_from_i128_with_scale(raise(mantissa, zeros)?, 0).ok();
    }
    let mut scale = u32::try_from(scale).ok()?;
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
    // Without trailing zeros in the operands, the sum at the larger scale overflows only if it does not fit.
    aligned_sum(a, b).or_else(|| aligned_sum(a.normalize(), b.normalize()))
}

/// `a` * `b`.
pub(super) fn mul(a: Decimal, b: Decimal) -> Option<Decimal> {
    let scale = i64::from(a.scale()) + i64::from(b.scale());
    let product = |m: i128, n: i128, scale| fit(m.checked_mul(n)?, scale);
    product(a.mantissa(), b.mantissa(), scale).or_else(|| {
        // With every factor of ten moved to the scale, the product overflows only if it does not fit.
        let (mut m, mut n, mut tens) = (a.mantissa(), b.mantissa(), 0);
        for (of_m, of_n) in [(10, 1), (1, 10), (2, 5), (5, 2)] {
            while m % of_m == 0 && n % of_n == 0 {
                (m, n, tens) = (m / of_m, n / of_n, tens + 1);
            }
        }
        product(m, n, scale - tens)
    })
}

fn aligned_sum(a: Decimal, b: Decimal) -> Option<Decimal> {
    let scale = a.scale().max(b.scale());
    let aligned = |value: Decimal| raise(value.mantissa(), scale - value.scale());
    fit(aligned(a)?.checked_add(aligned(b)?)?, scale.into())
}

fn raise(mantissa: i128, zeros: u32) -> Option<i128> {
    10_i128.checked_pow(zeros)?.checked_mul(mantissa)
}
