//! Whether to try again, as a pure function.

use std::{sync::Mutex, time::Duration};

/// How often and how patiently to try again.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Policy {
    /// The most attempts of one call, the first included. Default 6.
    pub attempts: u32,
    /// The longest wait before the second attempt; it doubles from there. Default 200 ms.
    pub base: Duration,
    /// The longest wait of our own choosing. Default 20 s. A server's `Retry-After` may be longer.
    pub cap: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self { attempts: 6, base: Duration::from_millis(200), cap: Duration::from_secs(20) }
    }
}

impl Policy {
    /// Never tries again.
    #[must_use]
    pub fn never() -> Self {
        Self { attempts: 1, ..Self::default() }
    }

    /// Sets the most attempts of one call, the first included.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets the first and the longest wait of our own choosing.
    #[must_use]
    pub fn backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.base = base;
        self.cap = cap;
        self
    }
}

/// What a failed attempt says about another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: the policy's back-off decides.
    NoOpinion,
    /// Not before this wait has passed.
    After(Duration),
    /// Another attempt would fail too, or could do harm.
    Forbid,
}

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Wait, then try again.
    Wait(Duration),
    /// Give up: it is not worth it.
    GiveUp,
    /// Give up: it might have worked, but attempts, budget or time ran out.
    Exhausted,
}

/// What retries may cost all calls of a client together, so that a failing vendor is not hit harder.
///
/// A retry takes one token, a success gives back a part of one. At the default (100 tokens, 0.4) a vendor that fails one answer in four is
/// retried for ever, one that fails every other answer for about 160 calls, and then only as often as calls succeed.
#[derive(Debug)]
pub struct Budget {
    capacity: f64,
    refund: f64,
    tokens: Mutex<f64>,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(100, 0.4)
    }
}

impl Budget {
    /// A budget of `capacity` retries, to which each success gives back `refund`.
    #[must_use]
    pub fn new(capacity: u32, refund: f64) -> Self {
        Self { capacity: f64::from(capacity), refund, tokens: Mutex::new(f64::from(capacity)) }
    }

    /// Takes the price of one retry, if it is there.
    pub fn take(&self) -> bool {
        let mut tokens = self.lock();
        let enough = *tokens >= 1.0;
        if enough {
            *tokens -= 1.0;
        }
        enough
    }

    /// Gives back a part for a success.
    pub fn refund(&self) {
        let mut tokens = self.lock();
        *tokens = (*tokens + self.refund).min(self.capacity);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, f64> {
        self.tokens.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Decides what follows the failure of attempt number `attempt` (from 1), with `left` until the deadline.
///
/// `jitter` is a number in `0.0..1.0`: the wait is that part of the back-off (full jitter), so that callers that failed together do not
/// come back together.
#[must_use]
pub fn decide(
    policy: &Policy,
    budget: &Budget,
    attempt: u32,
    verdict: Verdict,
    left: Duration,
    jitter: f64,
) -> Decision {
    let backoff = || policy.base.saturating_mul(1 << (attempt - 1).min(16)).min(policy.cap).mul_f64(jitter);
    let wait = match verdict {
        Verdict::Forbid => return Decision::GiveUp,
        Verdict::NoOpinion => backoff(),
        // Nothing leaves before the server's time; a little jitter after it spreads the herd.
        Verdict::After(after) => after + backoff().min(after / 10),
    };
    if attempt >= policy.attempts || wait >= left || !budget.take() {
        return Decision::Exhausted;
    }
    Decision::Wait(wait)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn decisions_follow_the_table() {
        let (policy, second) = (Policy::default(), Duration::from_secs(1));
        let decide =
            |attempt, verdict, left| decide(&policy, &Budget::default(), attempt, verdict, left, 0.5);
        assert_eq!(decide(1, Verdict::Forbid, HOUR), Decision::GiveUp);
        assert_eq!(decide(1, Verdict::NoOpinion, HOUR), Decision::Wait(policy.base / 2));
        assert_eq!(decide(3, Verdict::NoOpinion, HOUR), Decision::Wait(policy.base * 2));
        assert_eq!(decide(6, Verdict::NoOpinion, HOUR), Decision::Exhausted);
        assert_eq!(decide(1, Verdict::After(10 * second), 5 * second), Decision::Exhausted);
        assert_eq!(decide(1, Verdict::After(second), HOUR), Decision::Wait(Duration::from_millis(1_100)));
    }

    #[test]
    fn a_spent_budget_ends_retries_until_calls_succeed() {
        let (policy, budget) = (Policy::default(), Budget::new(2, 0.5));
        let next = || decide(&policy, &budget, 1, Verdict::NoOpinion, HOUR, 0.0);
        assert_eq!(
            [next(), next(), next()],
            [Decision::Wait(Duration::ZERO), Decision::Wait(Duration::ZERO), Decision::Exhausted]
        );
        budget.refund();
        assert_eq!(next(), Decision::Exhausted);
        budget.refund();
        assert_eq!(next(), Decision::Wait(Duration::ZERO));
    }

    proptest! {
        #[test]
        fn a_wait_never_undercuts_the_server_nor_passes_the_deadline(
            attempt in 1_u32..9, after in 0_u64..100_000, left in 0_u64..100_000, jitter in 0.0..1.0
        ) {
            let (after, left) = (Duration::from_millis(after), Duration::from_millis(left));
            if let Decision::Wait(wait) =
                decide(&Policy::default(), &Budget::default(), attempt, Verdict::After(after), left, jitter)
            {
                prop_assert!(wait >= after && wait < left);
            }
        }

        #[test]
        fn our_own_waits_stay_under_the_cap(attempt in 1_u32..6, jitter in 0.0..1.0) {
            let policy = Policy::default();
            match decide(&policy, &Budget::default(), attempt, Verdict::NoOpinion, HOUR, jitter) {
                Decision::Wait(wait) => prop_assert!(wait <= policy.cap),
                other => prop_assert!(false, "{other:?}"),
            }
        }
    }
}
