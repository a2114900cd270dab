//! Amounts, to the digit.

use rust_decimal::{Decimal, RoundingStrategy};

use super::json::{Json, Object};

/// Decimal places of a currency (ISO 4217).
pub(crate) fn places(currency: &str) -> u32 {
    match currency {
        "JPY" | "KRW" | "VND" | "CLP" | "ISK" | "UGX" | "XAF" | "XOF" | "XPF" | "PYG" | "RWF" => 0,
        "KWD" | "BHD" | "JOD" | "OMR" | "TND" | "IQD" | "LYD" => 3,
        _ => 2,
    }
}

/// Rounds a computed amount to a currency's places, halves away from zero.
pub(crate) fn round(amount: Decimal, places: u32) -> Decimal {
    amount.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

/// An amount as rows write it: `0`, or at least the currency's places (recorded: `100.00` beside `0`).
pub(crate) fn amount(amount: Decimal, places: u32) -> Json {
    let mut amount = amount.normalize();
    if !amount.is_zero() && amount.scale() < places {
        amount.rescale(places);
    }
    Json::Number(amount)
}

/// Places of a row's currency.
pub(crate) fn places_of(object: &Object) -> u32 {
    places(object.reference("CurrencyRef").unwrap_or("USD"))
}
