//! Rate limits: how often a method may be called.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

/// How often a method may be called in a minute, by an app in a workspace (Slack docs, rate limits; the tier of each
/// method as its reference page has it in 2026-08).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tier {
    One,
    Two,
    Three,
    Four,
    /// A limit of the method's own.
    Special(u32),
}

impl Tier {
    fn per_minute(self) -> u32 {
        match self {
            Self::One => 1,
            Self::Two => 20,
            Self::Three => 50,
            Self::Four => 100,
            Self::Special(calls) => calls,
        }
    }
}

/// Posts in a row that a channel takes before the pace of one a second holds: "short bursts" without a number in the
/// vendor's docs.
const POST_BURST: f64 = 5.0;

#[derive(Debug)]
struct Bucket {
    left: f64,
    at: DateTime<Utc>,
}

/// Token buckets by method and workspace, and by channel for posts.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    buckets: HashMap<(String, String), Bucket>,
}

impl Limits {
    /// Counts a call; answers the whole seconds to wait if it is one too many.
    pub(crate) fn take(
        &mut self,
        method: &str,
        team: &str,
        tier: Tier,
        now: DateTime<Utc>,
    ) -> Result<(), u64> {
        let calls = f64::from(tier.per_minute());
        self.draw(method, team, calls, calls / 60.0, now)
    }

    /// Counts a post in a channel.
    pub(crate) fn take_post(&mut self, channel: &str, now: DateTime<Utc>) -> Result<(), u64> {
        self.draw("chat.postMessage", channel, POST_BURST, 1.0, now)
    }

    fn draw(&mut self, one: &str, two: &str, most: f64, rate: f64, now: DateTime<Utc>) -> Result<(), u64> {
        let bucket = self
            .buckets
            .entry((one.to_owned(), two.to_owned()))
            .or_insert_with(|| Bucket { left: most, at: now });
        let passed = (now - bucket.at).num_milliseconds().max(0) as f64 / 1000.0;
        bucket.left = (bucket.left + passed * rate).min(most);
        bucket.at = now;
        if bucket.left >= 1.0 {
            bucket.left -= 1.0;
            return Ok(());
        }
        Err((((1.0 - bucket.left) / rate).ceil() as u64).max(1))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_wait_that_was_asked_for_is_enough() {
        let mut now: DateTime<Utc> = "2026-05-04T10:00:00Z".parse().unwrap();
        for tier in [Tier::One, Tier::Two, Tier::Three, Tier::Four, Tier::Special(600)] {
            let mut limits = Limits::default();
            let mut refused = 0;
            for _ in 0..tier.per_minute() + 5 {
                if let Err(wait) = limits.take("m", "T", tier, now) {
                    refused += 1;
                    now += TimeDelta::seconds(i64::try_from(wait).unwrap());
                    assert_eq!(limits.take("m", "T", tier, now), Ok(()), "{tier:?}");
                }
            }
            assert!(refused > 0, "{tier:?}");
        }
    }

    #[test]
    fn channels_are_limited_each_for_itself() {
        let now: DateTime<Utc> = "2026-05-04T10:00:00Z".parse().unwrap();
        let mut limits = Limits::default();
        let passed = (0..20).filter(|_| limits.take_post("C1", now).is_ok()).count();
        assert_eq!(passed, 5);
        assert_eq!(limits.take_post("C1", now), Err(1));
        assert_eq!(limits.take_post("C2", now), Ok(()));
    }
}
