//! Faults on demand: which replies go wrong, how, and how often.
//!
//! A [`Faults`] plan is built in code or parsed from the JSON that `POST /_sandbox/faults` and the
//! `--faults` option take:
//!
//! ```json
//! [{"kind": "429_after", "match": "query", "count": 2, "retry_after": 1},
//!  {"kind": "lock_row", "match": "composite", "probability": 0.1}]
//! ```
//!
//! or, for a share of all API replies, `{"rate": 0.2, "kinds": ["500", "503", "reset"], "seed": 7}`.

mod engine;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use engine::Scope;
pub(crate) use engine::{Engine, Kinds};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultKind {
    /// 429; with `Retry-After` only if the rule sets `retry_after`.
    #[serde(rename = "429")]
    TooManyRequests,
    /// 429 with `Retry-After` in seconds (`retry_after`, 1 unless set).
    #[serde(rename = "429_after")]
    TooManyRequestsAfter,
    /// 429 with `Retry-After` as an HTTP date.
    #[serde(rename = "429_date")]
    TooManyRequestsDate,
    /// 500 in the vendor's envelope; nothing was written.
    #[serde(rename = "500")]
    ServerError,
    /// 502 with an HTML page, as a proxy sends it; nothing was written.
    #[serde(rename = "502")]
    BadGateway,
    /// 503; with `Retry-After` only if the rule sets `retry_after`.
    #[serde(rename = "503")]
    Unavailable,
    /// The connection is cut before the request is processed.
    Reset,
    /// The request is processed and the connection cut in the middle of the reply's body.
    Truncate,
    /// The reply is late by `delay_ms` (2,000 unless set).
    Slow,
    /// No reply: the connection is cut after `delay_ms` (an hour unless set).
    Timeout,
    /// Every access token is revoked, so this request gets 401.
    ExpireToken,
    /// The write is applied and the connection cut before the reply.
    DropAfterCommit,
    /// The request is processed and the reply's JSON ends in the middle.
    MalformedJson,
    /// 200 with an HTML page instead of JSON; nothing was written.
    WrongContentType,
    /// A kind that only this vendor has, by its name; see [`Settings::kinds`](super::Settings::kinds).
    #[serde(untagged)]
    Vendor(Cow<'static, str>),
}

impl FaultKind {
    /// A vendor's own kind.
    #[must_use]
    pub const fn vendor(name: &'static str) -> Self {
        Self::Vendor(Cow::Borrowed(name))
    }

    /// The name of a vendor's own kind.
    #[must_use]
    pub fn as_vendor(&self) -> Option<&str> {
        match self {
            Self::Vendor(name) => Some(name),
            _ => None,
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// One rule: a kind, the requests it applies to, and when it fires.
///
/// Without `probability`, `every` or `count` it fires on each match; together, all must hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// A class of the vendor's ([`Scope`]; each has `any` and `api`) or a part of the path, either after a method:
    /// `POST query`. Unset, it is `api`.
    #[serde(rename = "match", default, skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
    /// Fires with this chance, from the plan's seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// Fires on every n-th match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    /// Fires at most this often.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Lets the first matches pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip: Option<u64>,
    /// Seconds for `Retry-After`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// Milliseconds for `slow` and `timeout`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
}

impl Fault {
    /// A rule that fires on every API request.
    #[must_use]
    pub fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            matches: None,
            probability: None,
            every: None,
            count: None,
            skip: None,
            retry_after: None,
            delay_ms: None,
        }
    }

    /// Applies to requests of a class, or whose path contains `what`; see [`Fault::matches`].
    #[must_use]
    pub fn on(mut self, what: impl Into<String>) -> Self {
        self.matches = Some(what.into());
        self
    }

    /// Fires at most `times`.
    #[must_use]
    pub fn count(mut self, times: u64) -> Self {
        self.count = Some(times);
        self
    }

    /// Fires with this chance.
    #[must_use]
    pub fn probability(mut self, chance: f64) -> Self {
        self.probability = Some(chance);
        self
    }

    /// Fires on every `n`-th match.
    #[must_use]
    pub fn every(mut self, n: u64) -> Self {
        self.every = Some(n);
        self
    }

    /// Lets the first `n` matches pass.
    #[must_use]
    pub fn skip(mut self, n: u64) -> Self {
        self.skip = Some(n);
        self
    }

    /// Sets the seconds of `Retry-After`.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Sets the delay of `slow` and `timeout`.
    #[must_use]
    pub fn delay_ms(mut self, ms: u64) -> Self {
        self.delay_ms = Some(ms);
        self
    }
}

/// A plan: rules tried in order, then a share of what is left.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Faults {
    /// Tried in order; the first that fires decides.
    pub rules: Vec<Fault>,
    /// The share of matching requests, 0 to 1, that get one of `kinds`.
    pub rate: f64,
    /// What the share draws from; a kind that cannot apply to a request is not drawn for it. Empty, it is every kind that a
    /// client can recover from without losing a write.
    pub kinds: Vec<FaultKind>,
    /// What the share applies to; `api` unless set.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
    /// Seed of every chance.
    pub seed: u64,
}

impl Faults {
    /// Faults a share of all API requests with one of `kinds`.
    #[must_use]
    pub fn rate(rate: f64, kinds: impl Into<Vec<FaultKind>>, seed: u64) -> Self {
        Self { rate, kinds: kinds.into(), seed, ..Self::default() }
    }

    /// Adds a rule.
    #[must_use]
    pub fn rule(mut self, fault: Fault) -> Self {
        self.rules.push(fault);
        self
    }

    /// Reads a plan from JSON: a list of rules, one rule, or a whole plan.
    ///
    /// # Errors
    ///
    /// A sentence saying what is wrong, for JSON of another shape.
    pub fn from_json(value: Value) -> Result<Self, String> {
        let plan = match &value {
            Value::Array(_) => serde_json::from_value(value).map(|rules| Self { rules, ..Self::default() }),
            Value::Object(map) if map.contains_key("kind") => {
                serde_json::from_value(value).map(|rule| Self::default().rule(rule))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                serde_json::from_value(value)
            }
        };
        let plan: Self = plan.map_err(|error| format!("not a fault plan: {error}"))?;
        plan.checked()
    }

    fn checked(self) -> Result<Self, String> {
        let chances = self.rules.iter().filter_map(|rule| rule.probability).chain([self.rate]);
        if let Some(bad) = chances.into_iter().find(|chance| !(0.0..=1.0).contains(chance)) {
            return Err(format!("a chance is between 0 and 1, not {bad}"));
        }
        Ok(self)
    }
}

impl FromStr for Faults {
    type Err = String;

    /// Reads the `--faults` option: JSON as above, or a bare rate such as `0.2`.
    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(rate) = text.trim().parse::<f64>() {
            return Self { rate, ..Self::default() }.checked();
        }
        let value =
            serde_json::from_str(text).map_err(|error| format!("not JSON and not a rate: {error}"))?;
        Self::from_json(value)
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self::default().rule(fault)
    }
}

impl From<Vec<Fault>> for Faults {
    fn from(rules: Vec<Fault>) -> Self {
        Self { rules, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_read_from_each_of_its_forms() {
        let rule: Faults = r#"{"kind":"429_after","match":"query","count":2}"#.parse().unwrap();
        assert_eq!(rule, Fault::new(FaultKind::TooManyRequestsAfter).on("query").count(2).into());
        let list: Faults = r#"[{"kind":"reset"},{"kind":"lock_row","every":3}]"#.parse().unwrap();
        assert_eq!(list.rules.len(), 2);
        let rate: Faults = r#"{"rate":0.2,"kinds":["500","503"],"seed":7}"#.parse().unwrap();
        assert_eq!(rate, Faults::rate(0.2, [FaultKind::ServerError, FaultKind::Unavailable], 7));
        assert_eq!("0.2".parse::<Faults>().unwrap(), Faults::rate(0.2, [], 0));
        let own: Faults = r#"{"kind":"lock_row"}"#.parse().unwrap();
        assert_eq!(own, Fault::new(FaultKind::vendor("lock_row")).into());
    }

    #[test]
    fn a_plan_with_an_unknown_key_or_chance_is_refused() {
        for text in [r#"[{"kind":"500","often":1}]"#, r#"{"rate":2}"#, "oops"] {
            assert!(text.parse::<Faults>().is_err(), "{text}");
        }
    }
}
