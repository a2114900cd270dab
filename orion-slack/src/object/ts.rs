//! Slack's time stamps, which name messages.

use std::{cmp::Ordering, fmt};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A time to the microsecond, as text: the name of a message within its channel. It is compared as a pair of numbers and never as one, which would
/// lose the last digits.
///
/// ```
/// use orion_slack::Ts;
///
/// let (a, b) = (Ts::from("1503435956.000247"), Ts::from("1503435956.000248"));
/// assert!(a < b && Ts::from("999999999.999999") < a);
/// assert_eq!(a.at().unwrap().timestamp_micros(), 1_503_435_956_000_247);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ts(Box<str>);

impl Ts {
    /// As Slack writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The time, if it is one.
    #[must_use]
    pub fn at(&self) -> Option<DateTime<Utc>> {
        let (seconds, micros) = self.parts()?;
        DateTime::from_timestamp(seconds, micros * 1_000)
    }

    /// The stamp of a time: the first that a message of that moment could have.
    #[must_use]
    pub fn of(at: DateTime<Utc>) -> Self {
        Self(format!("{}.{:06}", at.timestamp(), at.timestamp_subsec_micros()).into())
    }

    fn parts(&self) -> Option<(i64, u32)> {
        let (seconds, fraction) = self.0.split_once('.').unwrap_or((&self.0, ""));
        let padded = format!("{fraction:0<6}");
        Some((seconds.parse().ok()?, padded.get(..6)?.parse().ok()?))
    }
}

impl Ord for Ts {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Ts {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<&str> for Ts {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Ts {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Ts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
