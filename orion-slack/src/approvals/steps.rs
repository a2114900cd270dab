//! Claiming a step, and settling it. Pure, like the rest of the state.

use chrono::{DateTime, TimeDelta, Utc};
use orion_core::{Error, Retry};

use super::state::{Claim, Run, State, Step};
use crate::poster::{Place, is_gone, is_passing};

/// How long a claim holds: longer than one message may take.
const LEASE: TimeDelta = TimeDelta::seconds(90);

/// How soon after it was claimed a step has to begin, so that it ends before the claim does.
pub(crate) const PROMPT: TimeDelta = TimeDelta::seconds(25);

/// How long what may still be under way is waited for, before it is looked for.
pub(crate) const SETTLE: TimeDelta = TimeDelta::seconds(10);

const LONGEST_BACKOFF: i64 = 300;

/// What came of a step.
#[derive(Debug)]
pub(crate) enum Done {
    At(Place),
    Shown,
    Reminded,
    Executed(Result<(), String>),
    /// An earlier try of it was looked for, and is not there.
    Absent,
    /// The process was held up for so long that another may have taken the step.
    Stale,
    Failed(Error),
}

impl State {
    /// Takes the step for one owner, if it is still the one to do.
    pub(crate) fn take(
        &mut self,
        step: Step,
        owner: &str,
        effect: TimeDelta,
        now: DateTime<Utc>,
    ) -> Option<Claim> {
        if self.next(now) != super::state::Next::Now(step) {
            return None;
        }
        let lease = if step == Step::Execute { effect } else { LEASE };
        let before = self.claim.take();
        let claim = Claim {
            step,
            owner: owner.to_owned(),
            since: before.as_ref().map_or(now, |claim| claim.since),
            until: now + lease,
            // What an earlier try posted shows what was there to be shown then.
            view: before
                .as_ref()
                .filter(|_| matches!(step, Step::Post(_)))
                .map_or(self.view, |claim| claim.view),
            doubt: before.is_some(),
        };
        self.claim = Some(claim.clone());
        Some(claim)
    }

    /// Writes down what came of a step. A claim that another took over meanwhile is no longer ours to settle.
    pub(crate) fn settle(&mut self, owner: &str, done: &Done, now: DateTime<Utc>) {
        let Some(claim) = self.claim.take_if(|claim| claim.owner == owner) else { return };
        match (claim.step, done) {
            (_, Done::Stale) => self.claim = Some(Claim { until: now, ..claim }),
            (Step::Post(at), Done::At(place)) => self.posted(at, place, claim.view, now),
            (Step::Post(_), Done::Failed(error)) if error.is_ambiguous() => {
                self.claim = Some(Claim { until: now + SETTLE, doubt: true, ..claim });
            }
            (Step::Post(_), Done::Failed(error)) if claim.doubt && is_passing(error) => {
                let until = now + backoff(error, 3);
                self.claim = Some(Claim { until, ..claim });
            }
            (Step::Update(at), Done::Shown) => self.shown(at, claim.view),
            (Step::Post(at) | Step::Update(at), Done::Failed(error)) => self.refused(at, error, now),
            (Step::Remind(due), Done::Failed(error)) if is_passing(error) && !error.is_ambiguous() => {
                // It is tried again with the next one.
                self.reminders = due;
            }
            (Step::Remind(due), _) => {
                self.reminders = due;
                self.note(now, None, "reminded", None, None);
            }
            (Step::Execute, Done::Executed(result)) => self.executed(result, now),
            (Step::Post(_) | Step::Update(_) | Step::Execute, _) => {}
        }
    }

    fn posted(&mut self, at: usize, place: &Place, view: u64, now: DateTime<Utc>) {
        if let Some(copy) = self.copies.get_mut(at) {
            copy.place = Some(place.clone());
            (copy.failures, copy.retry_at) = (0, None);
            let channel = copy.channel.clone();
            self.note(now, None, "posted", Some(channel), None);
        }
        self.shown(at, view);
    }

    fn shown(&mut self, at: usize, view: u64) {
        if let Some(copy) = self.copies.get_mut(at) {
            copy.shown = copy.shown.max(view);
            (copy.failures, copy.retry_at) = (0, None);
        }
    }

    fn refused(&mut self, at: usize, error: &Error, now: DateTime<Utc>) {
        let decided = self.decision.is_some();
        let Some(copy) = self.copies.get_mut(at) else { return };
        if is_passing(error) {
            copy.failures += 1;
            copy.retry_at = Some(now + backoff(error, copy.failures));
        } else if is_gone(error) && !decided {
            // Somebody deleted it: another takes its place, under an id of its own.
            copy.place = None;
            copy.id.push('+');
        } else {
            let code = error.fault().map_or(error.kind().as_str(), |fault| &fault.code).to_owned();
            copy.lost = Some(code.clone());
            self.note(now, None, "undeliverable", Some(code), None);
        }
    }

    fn executed(&mut self, result: &Result<(), String>, now: DateTime<Utc>) {
        let (what, run) = match result {
            Ok(()) => ("executed", Run::Done),
            Err(why) => ("failed", Run::Failed(why.clone())),
        };
        if let Some(effect) = &mut self.effect {
            effect.state = run;
            self.view += 1;
            self.note(now, None, what, result.as_ref().err().cloned(), None);
        }
    }
}

/// Twice as long after each failure, and at least what the vendor says.
pub(crate) fn backoff(error: &Error, failures: u32) -> TimeDelta {
    let said = match error.retry() {
        Retry::After(wait) => TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX),
        _ => TimeDelta::zero(),
    };
    let seconds = 1_i64.checked_shl(failures.min(20)).map_or(LONGEST_BACKOFF, |s| s.min(LONGEST_BACKOFF));
    said.max(TimeDelta::seconds(seconds))
}
