//! Decides, request by request, which rule fires.

use std::collections::BTreeMap;

use fastrand::Rng;
use http::Method;
use serde_json::{Value, json};

use super::{Fault, FaultKind, Faults};
use crate::sandbox::Call;

/// What a rule can be matched against: the method, the path, and the classes that the vendor puts a request in.
#[derive(Debug, Clone)]
pub struct Scope {
    method: Method,
    path: String,
    classes: Vec<&'static str>,
    kinds: Vec<&'static str>,
}

impl Scope {
    /// The scope of a call that is of these classes, and of `any`. A call to the API proper, which an access token
    /// guards, should be of the class `api`.
    #[must_use]
    pub fn new(call: &Call, classes: impl IntoIterator<Item = &'static str>) -> Self {
        let classes = ["any"].into_iter().chain(classes).collect();
        Self { method: call.method.clone(), path: call.path.clone(), classes, kinds: Vec::new() }
    }

    /// Says that a vendor's own kind of fault can be seen on this call.
    #[must_use]
    pub fn with_kind(mut self, name: &'static str) -> Self {
        self.kinds.push(name);
        self
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
    fn can(&self, kind: &FaultKind) -> bool {
        match kind {
            FaultKind::Vendor(name) => self.kinds.contains(&name.as_ref()),
            FaultKind::ExpireToken => self.classes.contains(&"api"),
            FaultKind::DropAfterCommit => !matches!(self.method, Method::GET | Method::HEAD),
            _ => true,
        }
    }
}

/// The kinds that only this vendor has.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Kinds {
    pub(crate) own: &'static [&'static str],
    /// Those of them that a rate without kinds draws from too.
    pub(crate) drawn: &'static [&'static str],
}

impl Kinds {
    /// The plan, its kinds known and its rate's kinds filled in.
    pub(crate) fn settle(self, mut plan: Faults) -> Result<Faults, String> {
        let kinds = plan.rules.iter().map(|rule| &rule.kind).chain(&plan.kinds);
        let mut own = kinds.filter_map(FaultKind::as_vendor);
        if let Some(unknown) = own.find(|name| !self.own.contains(name)) {
            return Err(format!("not a fault plan: there is no kind `{unknown}` here"));
        }
        if plan.rate > 0.0 && plan.kinds.is_empty() {
            plan.kinds = RECOVERABLE.to_vec();
            plan.kinds.extend(self.drawn.iter().copied().map(FaultKind::vendor));
        }
        Ok(plan)
    }
}

/// What a bare rate draws from: every kind a client can recover from without losing a write.
const RECOVERABLE: [FaultKind; 7] = [
    FaultKind::TooManyRequests,
    FaultKind::TooManyRequestsAfter,
    FaultKind::ServerError,
    FaultKind::Unavailable,
    FaultKind::Reset,
    FaultKind::Truncate,
    FaultKind::ExpireToken,
];

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
            if scope.can(&rule.kind) && scope.matches(rule.matches.as_deref()) && self.fires(index) {
                let rule = self.plan.rules[index].clone();
                return Some(self.noted(rule));
            }
        }
        let share = self.plan.rate > 0.0 && scope.matches(self.plan.matches.as_deref());
        if !share || self.rng.f64() >= self.plan.rate {
            return None;
        }
        let kinds: Vec<&FaultKind> = self.plan.kinds.iter().filter(|kind| scope.can(kind)).collect();
        let kind = (*self.rng.choice(&kinds)?).clone();
        Some(self.noted(Fault::new(kind)))
    }

    /// Whether a fault of a kind that is not rolled per request fires now.
    pub(crate) fn rolls(&mut self, kind: &FaultKind, scope: &Scope) -> bool {
        for index in 0..self.plan.rules.len() {
            let rule = &self.plan.rules[index];
            let applies = rule.kind == *kind && scope.matches(rule.matches.as_deref());
            if applies && self.fires(index) {
                *self.injected.entry(kind.clone()).or_default() += 1;
                return true;
            }
        }
        let share = self.plan.kinds.contains(kind) && scope.matches(self.plan.matches.as_deref());
        let rolled = share && self.rng.f64() < self.plan.rate;
        if rolled {
            *self.injected.entry(kind.clone()).or_default() += 1;
        }
        rolled
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
        *self.injected.entry(fault.kind.clone()).or_default() += 1;
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

    const KINDS: Kinds = Kinds { own: &["lock_row", "expire_locator"], drawn: &["expire_locator"] };
    const LOCK_ROW: FaultKind = FaultKind::vendor("lock_row");

    fn scope(method: Method, path: &str) -> Scope {
        let call = Call::new(method, path, HeaderMap::new(), Bytes::new(), "http://x");
        let class = if path.contains("query") { "query" } else { "write" };
        Scope::new(&call, ["api", class])
    }

    #[test]
    fn a_rule_fires_by_class_method_count_and_skip() {
        let rule = Fault::new(FaultKind::ServerError).on("GET query").skip(1).count(2);
        let mut engine = Engine::new(rule.into());
        let query = scope(Method::GET, "/v60.0/query?q=x");
        let write = scope(Method::POST, "/v60.0/sobjects/Account");
        let fired: Vec<bool> = (0..5).map(|_| engine.pick(&query).is_some()).collect();
        assert_eq!(fired, [false, true, true, false, false]);
        assert!(engine.pick(&write).is_none());
    }

    #[test]
    fn a_rate_is_kept_and_repeats_with_its_seed() {
        let own = FaultKind::vendor("expire_locator");
        let run = |seed| {
            let mut engine = Engine::new(Faults::rate(0.2, [FaultKind::ServerError, own.clone()], seed));
            let call = scope(Method::GET, "/v60.0/limits");
            (0..1000).map(|_| engine.pick(&call).map(|fault| fault.kind)).collect::<Vec<_>>()
        };
        let first = run(7);
        let faults = first.iter().flatten().count();
        assert!((150..250).contains(&faults), "{faults}");
        assert_eq!(first, run(7));
        assert!(first.iter().flatten().all(|kind| *kind == FaultKind::ServerError));
    }

    #[test]
    fn a_vendors_kind_fires_only_where_the_vendor_says_it_can() {
        let mut engine = Engine::new(Fault::new(FaultKind::vendor("expire_locator")).into());
        let query = scope(Method::GET, "/query");
        assert!(engine.pick(&query).is_none());
        assert!(engine.pick(&query.with_kind("expire_locator")).is_some());
    }

    #[test]
    fn a_kind_rolled_per_row_is_never_rolled_per_request() {
        let mut engine = Engine::new(Fault::new(LOCK_ROW).every(2).into());
        let call = scope(Method::POST, "/v60.0/composite/sobjects");
        assert!(engine.pick(&call).is_none());
        let locked: Vec<bool> = (0..4).map(|_| engine.rolls(&LOCK_ROW, &call)).collect();
        assert_eq!(locked, [false, true, false, true]);
    }

    #[test]
    fn a_bare_rate_draws_from_what_a_client_can_recover_from() {
        let plan = KINDS.settle("0.2".parse().unwrap()).unwrap();
        assert_eq!(plan.kinds.len(), RECOVERABLE.len() + 1);
        assert!(!plan.kinds.contains(&LOCK_ROW));
        let given = KINDS.settle(Faults::rate(0.2, [LOCK_ROW], 1)).unwrap();
        assert_eq!(given.kinds, [LOCK_ROW]);
    }

    #[test]
    fn a_kind_the_vendor_does_not_have_is_refused() {
        assert!(KINDS.settle(Fault::new(LOCK_ROW).into()).is_ok());
        let why = KINDS.settle(Fault::new(FaultKind::vendor("teapot")).into()).unwrap_err();
        assert!(why.contains("teapot"));
    }
}
