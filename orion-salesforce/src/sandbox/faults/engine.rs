//! Decides, request by request, which rule fires.

use std::collections::BTreeMap;

use fastrand::Rng;
use http::Method;
use serde_json::{Value, json};

use super::{Fault, FaultKind, Faults};
use crate::sandbox::call::Call;

/// What a rule can be matched against.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    method: Method,
    path: String,
    classes: Vec<&'static str>,
    more: bool,
}

impl Scope {
    pub(crate) fn new(call: &Call) -> Self {
        let parts = call.parts();
        let mut classes = vec!["any"];
        let (area, rest) = match parts.as_slice() {
            ["services", area, rest @ ..] => (*area, rest),
            _ => ("", &[][..]),
        };
        match area {
            "oauth2" => classes.extend(["token", "login"]),
            "Soap" => classes.extend(["soap", "login"]),
            "data" => classes.extend(api_classes(rest.get(1..).unwrap_or_default())),
            _ => {}
        }
        let more = matches!(rest, [_, "query" | "queryAll", _]);
        Self { method: call.method.clone(), path: call.path.clone(), classes, more }
    }

    fn is_write(&self) -> bool {
        !matches!(self.method, Method::GET | Method::HEAD)
    }

    fn matches(&self, pattern: Option<&str>) -> bool {
        let pattern = pattern.unwrap_or("api").trim();
        let (method, what) = match pattern.split_once(' ') {
            Some((method, what)) => (Some(method), what.trim()),
            None => (None, pattern),
        };
        method.is_none_or(|method| method.eq_ignore_ascii_case(self.method.as_str()))
            && (self.classes.contains(&what) || self.path.contains(what))
    }

    /// Whether a fault of this kind can be seen on this request.
    fn can(&self, kind: FaultKind) -> bool {
        match kind {
            FaultKind::LockRow => false,
            FaultKind::ExpireLocator => self.more,
            FaultKind::ExpireToken => self.classes.contains(&"api"),
            FaultKind::DropAfterCommit => self.is_write(),
            _ => true,
        }
    }
}

fn api_classes(rest: &[&str]) -> Vec<&'static str> {
    match rest {
        ["jobs", "ingest", ..] => vec!["api", "bulk", "ingest"],
        ["jobs", "query", ..] => vec!["api", "bulk", "bulk_query"],
        ["query" | "queryAll", ..] => vec!["api", "rest", "query"],
        ["composite", ..] => vec!["api", "rest", "composite"],
        ["sobjects", ..] => vec!["api", "rest", "sobjects"],
        _ => vec!["api", "rest"],
    }
}

#[derive(Debug, Default, Clone)]
struct Tally {
    matched: u64,
    fired: u64,
}

/// The plan in force and what it has done so far.
#[derive(Debug)]
pub(crate) struct Engine {
    plan: Faults,
    tallies: Vec<Tally>,
    injected: BTreeMap<FaultKind, u64>,
    rng: Rng,
}

impl Engine {
    pub(crate) fn new(plan: Faults) -> Self {
        let rng = Rng::with_seed(plan.seed);
        Self { tallies: vec![Tally::default(); plan.rules.len()], plan, injected: BTreeMap::new(), rng }
    }

    /// Adds the rules of `plan` to those in force; a rate replaces the rate.
    pub(crate) fn add(&mut self, plan: Faults) {
        self.tallies.extend(vec![Tally::default(); plan.rules.len()]);
        self.plan.rules.extend(plan.rules);
        if plan.rate > 0.0 {
            (self.plan.rate, self.plan.kinds, self.plan.matches) = (plan.rate, plan.kinds, plan.matches);
        }
        if plan.seed != 0 {
            self.plan.seed = plan.seed;
            self.rng = Rng::with_seed(plan.seed);
        }
    }

    /// The fault for this request, if one fires.
    pub(crate) fn pick(&mut self, scope: &Scope) -> Option<Fault> {
        for index in 0..self.plan.rules.len() {
            let rule = &self.plan.rules[index];
            if scope.can(rule.kind) && scope.matches(rule.matches.as_deref()) && self.fires(index) {
                let rule = self.plan.rules[index].clone();
                return Some(self.noted(rule));
            }
        }
        let share = self.plan.rate > 0.0 && scope.matches(self.plan.matches.as_deref());
        if !share || self.rng.f64() >= self.plan.rate {
            return None;
        }
        let kinds: Vec<FaultKind> = self.plan.kinds.iter().copied().filter(|kind| scope.can(*kind)).collect();
        let kind = *self.rng.choice(&kinds)?;
        Some(self.noted(Fault::new(kind)))
    }

    /// Whether the next row written by this request is locked.
    pub(crate) fn locks_row(&mut self, scope: &Scope) -> bool {
        for index in 0..self.plan.rules.len() {
            let rule = &self.plan.rules[index];
            let applies = rule.kind == FaultKind::LockRow && scope.matches(rule.matches.as_deref());
            if applies && self.fires(index) {
                *self.injected.entry(FaultKind::LockRow).or_default() += 1;
                return true;
            }
        }
        let share =
            self.plan.kinds.contains(&FaultKind::LockRow) && scope.matches(self.plan.matches.as_deref());
        let locked = share && self.rng.f64() < self.plan.rate;
        if locked {
            *self.injected.entry(FaultKind::LockRow).or_default() += 1;
        }
        locked
    }

    /// The plan and its counts, as `GET /_sandbox/faults` shows them.
    pub(crate) fn shown(&self) -> Value {
        let rules: Vec<Value> = self
            .plan
            .rules
            .iter()
            .zip(&self.tallies)
            .map(|(rule, tally)| json!({ "rule": rule, "matched": tally.matched, "fired": tally.fired }))
            .collect();
        let injected: BTreeMap<String, u64> =
            self.injected.iter().map(|(kind, count)| (kind.to_string(), *count)).collect();
        json!({
            "rules": rules,
            "rate": self.plan.rate,
            "kinds": self.plan.kinds,
            "match": self.plan.matches,
            "seed": self.plan.seed,
            "injected": injected,
        })
    }

    /// How often each kind was injected.
    pub(crate) fn injected(&self) -> &BTreeMap<FaultKind, u64> {
        &self.injected
    }

    fn noted(&mut self, fault: Fault) -> Fault {
        *self.injected.entry(fault.kind).or_default() += 1;
        fault
    }

    fn fires(&mut self, index: usize) -> bool {
        let (rule, tally) = (&self.plan.rules[index], &mut self.tallies[index]);
        tally.matched += 1;
        let after_skip = tally.matched.checked_sub(rule.skip.unwrap_or(0)).filter(|nth| *nth > 0);
        let Some(nth) = after_skip else { return false };
        let fires = rule.every.is_none_or(|every| every > 0 && nth % every == 0)
            && rule.count.is_none_or(|count| tally.fired < count)
            && rule.probability.is_none_or(|chance| self.rng.f64() < chance);
        if fires {
            tally.fired += 1;
        }
        fires
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::HeaderMap;

    fn scope(method: Method, path: &str) -> Scope {
        Scope::new(&Call::new(method, path, HeaderMap::new(), Bytes::new(), "http://x"))
    }

    #[test]
    fn a_rule_fires_by_class_method_count_and_skip() {
        let rule = Fault::new(FaultKind::ServerError).on("GET query").skip(1).count(2);
        let mut engine = Engine::new(rule.into());
        let query = scope(Method::GET, "/services/data/v60.0/query?q=x");
        let write = scope(Method::POST, "/services/data/v60.0/sobjects/Account");
        let fired: Vec<bool> = (0..5).map(|_| engine.pick(&query).is_some()).collect();
        assert_eq!(fired, [false, true, true, false, false]);
        assert!(engine.pick(&write).is_none());
    }

    #[test]
    fn a_rate_is_kept_and_repeats_with_its_seed() {
        let run = |seed| {
            let plan = Faults::rate(0.2, [FaultKind::ServerError, FaultKind::ExpireLocator], seed);
            let mut engine = Engine::new(plan);
            let call = scope(Method::GET, "/services/data/v60.0/limits");
            (0..1000).map(|_| engine.pick(&call).map(|fault| fault.kind)).collect::<Vec<_>>()
        };
        let first = run(7);
        let faults = first.iter().flatten().count();
        assert!((150..250).contains(&faults), "{faults}");
        assert_eq!(first, run(7));
        assert!(first.iter().flatten().all(|kind| *kind == FaultKind::ServerError));
    }

    #[test]
    fn lock_row_is_rolled_per_row_and_never_per_request() {
        let mut engine = Engine::new(Fault::new(FaultKind::LockRow).every(2).into());
        let call = scope(Method::POST, "/services/data/v60.0/composite/sobjects");
        assert!(engine.pick(&call).is_none());
        let locked: Vec<bool> = (0..4).map(|_| engine.locks_row(&call)).collect();
        assert_eq!(locked, [false, true, false, true]);
    }
}
