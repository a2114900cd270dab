//! How many requests a company takes (Intuit docs, "API call limits and throttles").

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

/// The limits of one company; `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Requests in any 60 seconds; 500 unless set.
    pub per_minute: Option<usize>,
    /// Requests being answered at once; 10 unless set.
    pub in_flight: Option<usize>,
    /// Requests in any second; no limit unless set. The vendor's is 10, which a client across the Internet that sends one
    /// request after the other does not reach, but on loopback every client would.
    pub per_second: Option<usize>,
    /// Batches in any 60 seconds; 40 unless set.
    pub batches_per_minute: Option<usize>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_minute: Some(500), in_flight: Some(10), per_second: None, batches_per_minute: Some(40) }
    }
}

impl Limits {
    /// No limit at all.
    pub const NONE: Self =
        Self { per_minute: None, in_flight: None, per_second: None, batches_per_minute: None };

    /// All of the vendor's limits, the 10 a second among them.
    pub const ALL: Self = Self {
        per_minute: Some(500),
        in_flight: Some(10),
        per_second: Some(10),
        batches_per_minute: Some(40),
    };
}

/// Who asked when.
#[derive(Debug)]
pub(crate) struct Throttle {
    pub(crate) limits: Limits,
    inside: usize,
    most: usize,
    recent: VecDeque<DateTime<Utc>>,
    batches: VecDeque<DateTime<Utc>>,
}

impl Throttle {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, inside: 0, most: 0, recent: VecDeque::new(), batches: VecDeque::new() }
    }

    /// Counts a request, unless it is one too many. Refused ones do not count.
    pub(crate) fn admit(&mut self, now: DateTime<Utc>, is_batch: bool) -> bool {
        let minute = now - TimeDelta::seconds(60);
        for times in [&mut self.recent, &mut self.batches] {
            while times.front().is_some_and(|at| *at <= minute) {
                times.pop_front();
            }
        }
        let second = now - TimeDelta::seconds(1);
        let last_second = self.recent.iter().rev().take_while(|at| **at > second).count();
        let below = |count: usize, limit: Option<usize>| limit.is_none_or(|limit| count < limit);
        let admitted = below(self.recent.len(), self.limits.per_minute)
            && below(last_second, self.limits.per_second)
            && below(self.inside, self.limits.in_flight)
            && (!is_batch || below(self.batches.len(), self.limits.batches_per_minute));
        if admitted {
            self.inside += 1;
            self.most = self.most.max(self.inside);
            self.recent.push_back(now);
            if is_batch {
                self.batches.push_back(now);
            }
        }
        admitted
    }

    pub(crate) fn release(&mut self) {
        self.inside = self.inside.saturating_sub(1);
    }

    /// The most requests that were ever inside at once.
    pub(crate) fn most(&self) -> usize {
        self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_refuses_the_request_above_it() {
        let start = DateTime::<Utc>::UNIX_EPOCH;
        let limits = Limits {
            per_minute: Some(5),
            in_flight: Some(2),
            per_second: Some(3),
            batches_per_minute: Some(1),
        };
        let mut throttle = Throttle::new(limits);
        assert!(throttle.admit(start, true) && throttle.admit(start, false));
        assert!(!throttle.admit(start, false), "a third inside");
        throttle.release();
        throttle.release();
        assert!(!throttle.admit(start, true), "a second batch");
        assert!(throttle.admit(start, false));
        throttle.release();
        assert!(!throttle.admit(start, false), "a fourth in the second");
        let later = start + TimeDelta::seconds(1);
        for _ in 0..2 {
            assert!(throttle.admit(later, false));
            throttle.release();
        }
        assert!(!throttle.admit(start + TimeDelta::seconds(59), false), "a sixth in the minute");
        assert!(throttle.admit(start + TimeDelta::seconds(60), true));
        assert_eq!(throttle.most(), 2);
    }
}
