//! Currencies the company knows by code.

/// The vendor's name of a currency.
pub(crate) fn name(code: &str) -> Option<&'static str> {
    NAMES.iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
}

const NAMES: [(&str, &str); 20] = [
    ("USD", "United States Dollar"),
    ("CAD", "Canadian Dollar"),
    ("EUR", "Euro"),
    ("GBP", "British Pound Sterling"),
    ("JPY", "Japanese Yen"),
    ("KWD", "Kuwaiti Dinar"),
    ("AUD", "Australian Dollar"),
    ("NZD", "New Zealand Dollar"),
    ("CHF", "Swiss Franc"),
    ("SEK", "Swedish Krona"),
    ("NOK", "Norwegian Krone"),
    ("DKK", "Danish Krone"),
    ("MXN", "Mexican Peso"),
    ("BRL", "Brazilian Real"),
    ("INR", "Indian Rupee"),
    ("CNY", "Chinese Yuan"),
    ("SGD", "Singapore Dollar"),
    ("HKD", "Hong Kong Dollar"),
    ("ZAR", "South African Rand"),
    ("BHD", "Bahraini Dinar"),
];
