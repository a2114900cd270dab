//! A request as it is kept, and everything that may happen to it. Pure: no clock, no store, no network.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    policy::{Choice, Policy, Stage, Standing, standing},
    request::{Audit, Decision, Outcome, Reasons, Vote},
};
use crate::poster::Place;

/// Everything known of a request. One row, so that a vote, what it decides and what has to follow are one change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) id: String,
    pub(crate) subject: String,
    pub(crate) details: Vec<(String, String)>,
    /// Hash of what is decided on.
    pub(crate) payload: String,
    pub(crate) policy: Policy,
    pub(crate) requester: Option<String>,
    pub(crate) self_approval: bool,
    pub(crate) reasons: Reasons,
    pub(crate) created: DateTime<Utc>,
    pub(crate) expires: DateTime<Utc>,
    pub(crate) on_expiry: Outcome,
    /// Seconds between reminders.
    pub(crate) remind_every: Option<i64>,
    /// What the buttons carry.
    pub(crate) approve: String,
    pub(crate) reject: String,

    pub(crate) stage: usize,
    pub(crate) votes: Vec<Vote>,
    pub(crate) decision: Option<Decision>,
    pub(crate) effect: Option<Effect>,
    pub(crate) copies: Vec<Copied>,
    /// Counts what readers can see change.
    pub(crate) view: u64,
    pub(crate) reminders: i64,
    pub(crate) claim: Option<Claim>,
    pub(crate) audit: Vec<Audit>,
}

/// A message that shows the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Copied {
    pub(crate) channel: String,
    pub(crate) id: String,
    pub(crate) place: Option<Place>,
    /// The view it shows.
    pub(crate) shown: u64,
    pub(crate) failures: u32,
    pub(crate) retry_at: Option<DateTime<Utc>>,
    /// The code with which it was refused for good.
    pub(crate) lost: Option<String>,
}

/// What runs once it is approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Effect {
    pub(crate) name: String,
    pub(crate) payload: String,
    pub(crate) state: Run,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Run {
    Waiting,
    Done,
    Failed(String),
}

/// One thing to do outside. It is claimed in the store before it is done, and settled there afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    Post(usize),
    Update(usize),
    Remind(i64),
    Execute,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claim {
    pub(crate) step: Step,
    pub(crate) owner: String,
    /// When it was first tried.
    pub(crate) since: DateTime<Utc>,
    pub(crate) until: DateTime<Utc>,
    /// The view that is shown by it.
    pub(crate) view: u64,
    /// Whether an earlier try may have done it.
    pub(crate) doubt: bool,
}

/// What is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Now(Step),
    At(DateTime<Utc>),
    Nothing,
}

/// What a click is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Counted,
    /// The same again.
    Again,
    NotYours,
    Late(Option<Outcome>),
}

/// A click, or a submitted reason.
#[derive(Clone, Debug)]
pub(crate) struct Ballot {
    pub(crate) user: String,
    pub(crate) choice: Choice,
    pub(crate) reason: Option<String>,
    pub(crate) action_ts: Option<String>,
}

impl State {
    /// What happens by itself as time passes.
    pub(crate) fn tick(&mut self, now: DateTime<Utc>) {
        if self.decision.is_none() && now >= self.expires {
            self.decide(self.on_expiry, now);
        }
    }

    pub(crate) fn current(&self) -> Option<&Stage> {
        self.policy.stages().get(self.stage).filter(|_| self.decision.is_none())
    }

    /// Counts a vote. `members` are those of the current stage, its groups looked up.
    pub(crate) fn vote(&mut self, ballot: Ballot, members: &BTreeSet<String>, now: DateTime<Utc>) -> Reply {
        self.tick(now);
        let Some(need) = self.current().map(|stage| stage.need) else {
            self.note(now, Some(&ballot.user), "late", None, ballot.action_ts);
            return Reply::Late(self.decision.as_ref().map(|decision| decision.outcome));
        };
        let mut members = members.clone();
        if !self.self_approval
            && let Some(requester) = &self.requester
        {
            members.remove(requester);
        }
        if !members.contains(&ballot.user) {
            self.note(now, Some(&ballot.user), "unauthorised", None, ballot.action_ts);
            return Reply::NotYours;
        }
        let stage = self.stage;
        let mine = self.votes.iter().position(|vote| vote.stage == stage && vote.user == ballot.user);
        if mine.is_some_and(|at| self.votes[at].choice == ballot.choice) {
            return Reply::Again;
        }
        if let Some(at) = mine {
            self.votes.remove(at);
        }
        let what = match ballot.choice {
            Choice::Approve => "approve",
            Choice::Reject => "reject",
        };
        self.note(now, Some(&ballot.user), what, ballot.reason.clone(), ballot.action_ts);
        let Ballot { user, choice, reason, .. } = ballot;
        self.votes.push(Vote { stage, user, choice, reason, at: now });
        self.view += 1;
        let votes = self.votes.iter().filter(|vote| vote.stage == stage);
        match standing(need, &members, votes.map(|vote| (&*vote.user, vote.choice))) {
            Standing::Open => {}
            Standing::Refused => self.decide(Outcome::Rejected, now),
            Standing::Passed => self.pass(now),
        }
        Reply::Counted
    }

    fn pass(&mut self, now: DateTime<Utc>) {
        if self.stage + 1 < self.policy.stages().len() {
            self.stage += 1;
            self.note(now, None, "passed", Some(format!("stage {}", self.stage)), None);
        } else {
            self.decide(Outcome::Approved, now);
        }
    }

    fn decide(&mut self, outcome: Outcome, now: DateTime<Utc>) {
        self.decision = Some(Decision { outcome, at: now, votes: self.votes.clone() });
        self.view += 1;
        self.note(now, None, "decided", Some(format!("{outcome:?}").to_lowercase()), None);
    }

    pub(crate) fn note(
        &mut self,
        now: DateTime<Utc>,
        user: Option<&str>,
        what: &str,
        detail: Option<String>,
        action_ts: Option<String>,
    ) {
        let again = |entry: &Audit| {
            entry.what == what && entry.user.as_deref() == user && entry.action_ts == action_ts
        };
        // A click delivered twice is one click, and idle clicking does not fill the row.
        let idle = matches!(what, "late" | "unauthorised");
        if idle && (self.audit.iter().any(again) || self.audit.len() > 500) {
            return;
        }
        self.audit.push(Audit {
            at: now,
            user: user.map(str::to_owned),
            what: what.to_owned(),
            detail,
            action_ts,
            after: (now - self.created).num_seconds(),
            payload: self.payload.clone(),
        });
    }

    /// Whether no copy can be shown to anybody.
    pub(crate) fn undeliverable(&self) -> Option<&str> {
        let all = self.copies.iter().all(|copy| copy.lost.is_some());
        let first = self.copies.first().and_then(|copy| copy.lost.as_deref());
        first.filter(|_| all && self.decision.is_none())
    }

    fn wants_effect(&self) -> bool {
        let approved = self.decision.as_ref().is_some_and(Decision::is_approved);
        approved && self.effect.as_ref().is_some_and(|effect| effect.state == Run::Waiting)
    }

    /// Whether nothing is left to do.
    pub(crate) fn is_closed(&self) -> bool {
        let shown = |copy: &Copied| copy.lost.is_some() || (copy.place.is_some() && copy.shown >= self.view);
        let over = self.decision.is_some() && !self.wants_effect() && self.copies.iter().all(shown);
        self.claim.is_none() && (over || self.undeliverable().is_some())
    }

    /// The reminders that are due by now.
    fn reminders_due(&self, now: DateTime<Utc>) -> i64 {
        let posted = self.copies.iter().any(|copy| copy.place.is_some());
        let every = self.remind_every.filter(|every| *every > 0 && posted && self.decision.is_none());
        every.map_or(0, |every| (now - self.created).num_seconds() / every)
    }

    /// What is next, for somebody who may do it.
    pub(crate) fn next(&self, now: DateTime<Utc>) -> Next {
        if let Some(claim) = &self.claim {
            return if claim.until <= now { Next::Now(claim.step) } else { Next::At(claim.until) };
        }
        if self.undeliverable().is_some() {
            return Next::Nothing;
        }
        let mut wake: Vec<DateTime<Utc>> = Vec::new();
        for (at, copy) in self.copies.iter().enumerate() {
            if copy.lost.is_some() || (copy.place.is_some() && copy.shown >= self.view) {
                continue;
            }
            match copy.retry_at {
                Some(retry) if retry > now => wake.push(retry),
                _ if copy.place.is_none() => return Next::Now(Step::Post(at)),
                _ => return Next::Now(Step::Update(at)),
            }
        }
        if self.wants_effect() {
            return Next::Now(Step::Execute);
        }
        if self.decision.is_none() {
            let due = self.reminders_due(now);
            if due > self.reminders {
                return Next::Now(Step::Remind(due));
            }
            wake.push(self.expires);
            let every = self.remind_every.filter(|every| *every > 0);
            wake.extend(every.map(|every| self.created + TimeDelta::seconds(every * (due + 1))));
        }
        wake.into_iter().min().map_or(Next::Nothing, Next::At)
    }
}
