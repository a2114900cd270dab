//! Message timestamps: the vendor's ids of messages in a channel.

use std::fmt;
use std::str::FromStr;

/// Microseconds since the epoch, written `1503435956.000247`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Ts(pub(crate) u64);

impl Ts {
    pub(crate) const MAX: Self = Self(u64::MAX);

    /// The part of a permalink: `p1503435956000247`.
    pub(crate) fn permalink(self) -> String {
        format!("p{:010}{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

impl fmt::Display for Ts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:010}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

impl FromStr for Ts {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(seconds) || !digits(fraction) || fraction.len() > 6 {
            return Err(());
        }
        let micros: u64 = format!("{fraction:0<6}").parse().map_err(|_| ())?;
        let seconds: u64 = seconds.parse().map_err(|_| ())?;
        seconds.checked_mul(1_000_000).and_then(|whole| whole.checked_add(micros)).map(Self).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_is_read_as_it_is_written() {
        let ts: Ts = "1503435956.000247".parse().unwrap();
        assert_eq!(ts.to_string(), "1503435956.000247");
        assert_eq!(ts.permalink(), "p1503435956000247");
        assert_eq!("12".parse(), Ok(Ts(12_000_000)));
        assert_eq!("12.5".parse(), Ok(Ts(12_500_000)));
        for bad in ["", "now", "1.", ".1", "1.0000001", "-1", "99999999999999999999"] {
            assert!(bad.parse::<Ts>().is_err(), "{bad}");
        }
    }
}
