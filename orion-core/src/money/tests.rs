use proptest::prelude::*;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Currency, Money, MoneyError, Rounding, decimal};
use crate::{Error, ErrorKind};

fn money(text: &str, currency: Currency) -> Money {
    Money::parse(text, currency).unwrap()
}

fn usd(text: &str) -> Money {
    money(text, Currency::USD)
}

#[test]
fn a_tenth_and_two_tenths_are_three_tenths() {
    assert_eq!(usd("0.1").checked_add(usd("0.2")), Ok(usd("0.3")));
}

#[test]
fn text_keeps_its_zeros() {
    for text in
        ["1234.50", "0", "0.00", "-0.10", "9007199254740993.01", "79228162514264337593543950335", "0.0000001"]
    {
        assert_eq!(usd(text).to_string(), format!("{text} USD"));
    }
}

#[test]
fn exponents_move_the_point() {
    for (text, expected) in [
        ("1.5E+7", "15000000"),
        ("1e-7", "0.0000001"),
        ("12.50e1", "125.0"),
        ("1E28", "10000000000000000000000000000"),
        ("0e999999999999999999999", "0"),
        ("-2.5e0", "-2.5"),
        ("100e-30", "0.0000000000000000000000000001"),
    ] {
        assert_eq!(decimal::parse(text).unwrap().to_string(), expected, "{text}");
    }
}

#[test]
fn what_is_no_number_is_malformed() {
    for text in [
        "", "-", ".", "e5", "1e", "1e+", "1.2.3", "1,234.50", "1_000", " 1", "1 ", "$1", "0x1", "NaN",
        "1e5.5", "--1",
    ] {
        assert_eq!(decimal::parse(text), Err(MoneyError::Malformed), "{text:?}");
    }
}

#[test]
fn a_minus_sign_on_zero_is_dropped() {
    assert_eq!(usd("-0.00").to_string(), "0.00 USD");
    assert_eq!(usd("-0.001").round_to_minor(Rounding::HalfUp).to_string(), "0.00 USD");
}

#[test]
fn digits_beyond_a_decimal_are_an_error_and_zeros_are_not() {
    for text in [
        "79228162514264337593543950336",
        "0.00000000000000000000000000001",
        "1e29",
        "1e-29",
        "1e99999999999999999999",
    ] {
        assert_eq!(decimal::parse(text), Err(MoneyError::Inexact), "{text}");
    }
    let padded = format!("1.5{}", "0".repeat(30));
    assert_eq!(decimal::parse(&padded).unwrap().to_string(), format!("1.5{}", "0".repeat(27)));
}

#[test]
fn results_that_would_be_rounded_are_errors() {
    let fine = usd("0.0000000000000000000000000001");
    assert_eq!(usd("7").checked_add(fine).unwrap().to_string(), "7.0000000000000000000000000001 USD");
    assert_eq!(usd("70").checked_add(fine), Err(MoneyError::Inexact));
    assert_eq!(fine.checked_mul("0.1".parse().unwrap()), Err(MoneyError::Inexact));
    assert_eq!(usd("79228162514264337593543950335").checked_mul(2.into()), Err(MoneyError::Inexact));
}

#[test]
fn a_product_that_fits_only_without_its_zeros_is_found() {
    let product = usd("1e28").checked_mul("0.9999999999999999999999999999".parse().unwrap());
    assert_eq!(product.unwrap().to_string(), "9999999999999999999999999999 USD");
    let tiny = usd("0.0000000000000000000000000005").checked_mul("0.2".parse().unwrap());
    assert_eq!(tiny.unwrap().to_string(), "0.0000000000000000000000000001 USD");
}

#[test]
fn the_minor_unit_depends_on_the_currency() {
    assert_eq!(money("1234.5", Currency::JPY).round_to_minor(Rounding::HalfEven).to_string(), "1234 JPY");
    assert_eq!(money("1.2345", Currency::KWD).round_to_minor(Rounding::HalfUp).to_string(), "1.235 KWD");
    assert_eq!(Money::from_minor(-5, Currency::JPY).to_string(), "-5 JPY");
    assert_eq!(Money::from_minor(1234, Currency::KWD).to_string(), "1.234 KWD");
    assert_eq!(money("12.3", Currency::KWD).to_minor(), Ok(12300));
    assert_eq!(money("0.5", Currency::JPY).to_minor(), Err(MoneyError::Inexact));
    assert_eq!(usd("92233720368547758.08").to_minor(), Err(MoneyError::Inexact));
    let codes = [("CLF", 4), ("XAF", 0), ("BHD", 3), ("EUR", 2), ("ZZZ", 2), ("XXX", 2)];
    assert!(codes.iter().all(|(code, units)| Currency::new(code).unwrap().minor_units() == *units));
}

#[test]
fn halves_go_where_the_rounding_says() {
    for (text, even, up) in [
        ("0.125", "0.12", "0.13"),
        ("0.135", "0.14", "0.14"),
        ("-0.125", "-0.12", "-0.13"),
        ("0.1251", "0.13", "0.13"),
    ] {
        assert_eq!(usd(text).round_to_minor(Rounding::HalfEven), usd(even), "{text}");
        assert_eq!(usd(text).round_to_minor(Rounding::HalfUp), usd(up), "{text}");
    }
}

#[test]
fn currencies_do_not_mix() {
    let (dollars, euros) = (usd("1"), money("1", Currency::EUR));
    let mismatch = MoneyError::Mismatch { left: Currency::USD, right: Currency::EUR };
    assert_eq!(dollars.checked_add(euros), Err(mismatch));
    assert_eq!(dollars.checked_sub(euros), Err(mismatch));
    assert_eq!(dollars.partial_cmp(&euros), None);
    assert_ne!(dollars, euros);
    assert!(usd("1.10") > usd("1.1").checked_sub(usd("0.01")).unwrap());
    assert_eq!(mismatch.to_string(), "USD and EUR are different currencies; convert one first");
}

#[test]
fn any_three_letters_are_a_currency() {
    assert_eq!(Currency::new("usd"), Ok(Currency::USD));
    assert_eq!(serde_json::from_str::<Currency>(r#""Xyz""#).unwrap().as_str(), "XYZ");
    for code in ["", "US", "USDT", "U$D", "ÄÖ", "12A"] {
        assert_eq!(Currency::new(code), Err(MoneyError::Currency), "{code}");
    }
}

#[test]
fn an_error_keeps_the_amount_to_itself() {
    let error: serde_json::Error = serde_json::from_str::<Exact>(r#"{"a":"4242,42"}"#).unwrap_err();
    assert!(!error.to_string().contains("4242"), "{error}");
    let error = Error::from(MoneyError::Malformed);
    assert_eq!(error.kind(), ErrorKind::Malformed);
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Exact {
    #[serde(with = "decimal")]
    a: Decimal,
    #[serde(with = "decimal::option", default, skip_serializing_if = "Option::is_none")]
    b: Option<Decimal>,
    #[serde(with = "decimal::number::option", default)]
    c: Option<Decimal>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Number(#[serde(with = "decimal::number")] Decimal);

#[test]
fn numbers_and_strings_read_alike_from_every_kind_of_document() {
    let text = r#"{"a": 90071992547409930.01, "b": "\u0031.5E+1" , "c": null}"#;
    let expected = Exact { a: "90071992547409930.01".parse().unwrap(), b: Some(15.into()), c: None };
    assert_eq!(serde_json::from_str::<Exact>(text).unwrap(), expected);
    assert_eq!(serde_json::from_slice::<Exact>(text.as_bytes()).unwrap(), expected);
    assert_eq!(serde_json::from_reader::<_, Exact>(text.as_bytes()).unwrap(), expected);
    assert_eq!(
        serde_json::to_string(&expected).unwrap(),
        r#"{"a":"90071992547409930.01","b":"15","c":null}"#
    );
}

#[test]
fn what_is_no_number_is_refused_wherever_it_stands() {
    for json in ["null", "true", "\"\"", "[1]", "{\"a\":1}", "{}", "\"1,5\""] {
        assert!(serde_json::from_str::<Number>(json).is_err(), "{json}");
    }
    assert!(serde_json::from_str::<Exact>(r#"{"a":1,"c":false}"#).is_err());
}

#[test]
fn a_buffered_fraction_is_refused_and_the_rest_is_exact() {
    #[derive(Debug, Deserialize)]
    struct Outer {
        #[serde(flatten)]
        inner: Exact,
    }
    let read = |json: &str| serde_json::from_str::<Outer>(json);
    let exact = read(r#"{"a":"0.10","b":9007199254740993,"c":-3}"#).unwrap().inner;
    assert_eq!(
        (exact.a.to_string(), exact.b, exact.c),
        ("0.10".to_owned(), Some(9_007_199_254_740_993_i64.into()), Some((-3).into()))
    );
    let error = read(r#"{"a":0.1}"#).unwrap_err().to_string();
    assert!(error.starts_with(&MoneyError::Float.to_string()), "{error}");
    assert!(read(r#"{"a":{"x":"5"}}"#).is_err());
}

#[test]
fn a_value_gives_strings_and_integers_exactly() {
    let value = serde_json::json!({"a": "0.10000000000000000001", "b": u64::MAX, "c": 0.1});
    let read: Exact = serde_json::from_value(value).unwrap();
    assert_eq!(read.a.to_string(), "0.10000000000000000001");
    assert_eq!((read.b, read.c), (Some(u64::MAX.into()), Some(Decimal::new(1, 1))));
}

/// Text of a decimal as it prints itself: no plus sign, no spare leading zero, no minus on zero.
fn plain() -> impl Strategy<Value = String> {
    (any::<bool>(), "0|[1-9][0-9]{0,13}", proptest::option::of("[0-9]{1,14}")).prop_map(
        |(negative, whole, fraction)| {
            let text = fraction.map_or(whole.clone(), |fraction| format!("{whole}.{fraction}"));
            let zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
            if negative && !zero { format!("-{text}") } else { text }
        },
    )
}

proptest! {
    #[test]
    fn text_comes_back_as_it_was(text in plain()) {
        let read = usd(&text);
        prop_assert_eq!(read.amount.to_string(), &*text);
        let json = serde_json::to_string(&read).unwrap();
        prop_assert_eq!(&json, &format!(r#"{{"amount":"{text}","currency":"USD"}}"#));
        prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap().amount.to_string(), &*text);
    }

    #[test]
    fn a_json_number_comes_back_digit_for_digit(text in plain()) {
        let read: Number = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }

    #[test]
    fn an_exponent_equals_the_zeros_written_out(mantissa in -99_999_i64..99_999, exponent in 0_usize..20) {
        let up = decimal::parse(&format!("{mantissa}E+{exponent}")).unwrap();
        prop_assert_eq!(up, decimal::parse(&format!("{mantissa}{}", "0".repeat(exponent))).unwrap());
        let down = decimal::parse(&format!("{mantissa}e-{exponent}")).unwrap();
        prop_assert_eq!(down, Decimal::new(mantissa, u32::try_from(exponent).unwrap()));
    }

    #[test]
    fn a_json_number_is_never_called_malformed(text in r"-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,12})?") {
        match decimal::parse(&text) {
            Ok(value) => prop_assert_eq!(decimal::parse(&value.to_string()), Ok(value)),
            Err(error) => prop_assert_eq!(error, MoneyError::Inexact),
        }
    }

    #[test]
    fn any_text_is_refused_or_read_for_good(text in r"[-+.0-9eE _x]{0,50}|\PC{0,20}") {
        if let Ok(value) = decimal::parse(&text) {
            prop_assert_eq!(decimal::parse(&value.to_string()).map(|again| again.to_string()), Ok(value.to_string()));
        }
    }

    #[test]
    fn sums_are_those_of_the_minor_units(a in any::<i32>(), b in any::<i32>(), code in 0_usize..3) {
        let currency = [Currency::JPY, Currency::USD, Currency::KWD][code];
        let [left, right] = [a, b].map(|units| Money::from_minor(units.into(), currency));
        let (a, b) = (i64::from(a), i64::from(b));
        prop_assert_eq!(left.checked_add(right).unwrap().to_minor(), Ok(a + b));
        prop_assert_eq!(left.checked_sub(right).unwrap().to_minor(), Ok(a - b));
        prop_assert_eq!(left.partial_cmp(&right), Some(a.cmp(&b)));
    }

    #[test]
    fn products_are_exact(a in any::<i64>(), b in any::<i32>(), places in 0_u32..12) {
        let product = Money::new(Decimal::new(a, places), Currency::USD).checked_mul(Decimal::new(b.into(), places));
        let exact = i128::from(a) * i128::from(b);
        let expected = Decimal::try_from_i128_with_scale(exact, 2 * places).unwrap();
        prop_assert_eq!(product.unwrap().amount, expected);
    }

    #[test]
    fn adding_and_taking_away_changes_nothing(a in plain(), b in plain()) {
        let (a, b) = (usd(&a), usd(&b));
        if let Ok(sum) = a.checked_add(b) {
            prop_assert_eq!(sum.checked_sub(b), Ok(a));
        }
    }

    #[test]
    fn rounding_is_that_of_integers(units in any::<i32>()) {
        let (units, thousandths) = (i64::from(units), Decimal::new(units.into(), 3));
        let up = (units.abs() + 5) / 10 * units.signum();
        let even = if units.abs() % 20 == 5 { up - units.signum() } else { up };
        let rounded = |rounding| Money::new(thousandths, Currency::USD).round_to_minor(rounding).to_minor();
        prop_assert_eq!(rounded(Rounding::HalfUp), Ok(up));
        prop_assert_eq!(rounded(Rounding::HalfEven), Ok(even));
    }
}
