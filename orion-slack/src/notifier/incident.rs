//! One incident, or one status: what is known of it, what its message shows, what is still to be sent. Pure.

use chrono::{DateTime, TimeDelta, Utc};
use orion_core::Error;
use serde::{Deserialize, Serialize};

use super::{
    notice::{Notice, Severity, Topic},
    rule::{Rule, Target},
};
use crate::{
    approvals::backoff,
    poster::{Place, is_gone, is_passing},
};

/// How often one message may be changed: 50 a minute for all of them (docs, tier 3), so a little over a second each.
const SPACING: TimeDelta = TimeDelta::milliseconds(1_200);

/// How long what is being sent is taken to be under way.
const UNDER_WAY: TimeDelta = TimeDelta::seconds(75);

/// How long what may still arrive is waited for, before it is looked for.
pub(super) const SETTLE: TimeDelta = TimeDelta::seconds(10);

/// How long a channel is left alone that refuses messages.
pub(super) const SUSPENDED: TimeDelta = TimeDelta::minutes(10);

/// Answers waiting for their thread; more are counted only.
const REPLIES: usize = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    Open,
    /// Over, it seems; told when it lasts.
    Ending(DateTime<Utc>),
    Ended(DateTime<Utc>),
}

/// A message in the thread, or to others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reply {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) broadcast: bool,
    /// Another channel than the thread.
    pub(super) channel: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Action {
    Root,
    Update,
    Reply,
}

/// What is being sent. Kept before it is sent, so that after a crash it is looked for and not sent twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sending {
    pub(super) what: Action,
    pub(super) since: DateTime<Utc>,
    pub(super) until: DateTime<Utc>,
    pub(super) doubt: bool,
    pub(super) view: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Now(Action),
    At(DateTime<Utc>),
    Nothing,
}

#[derive(Debug)]
pub(super) enum Done {
    At(Place),
    Shown,
    /// Looked for, and not there.
    Absent,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Incident {
    pub(super) row: String,
    pub(super) topic: Topic,
    pub(super) key: String,
    pub(super) severity: Severity,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) count: u64,
    pub(super) flaps: u32,
    pub(super) first: DateTime<Utc>,
    pub(super) last: DateTime<Utc>,
    pub(super) phase: Phase,
    pub(super) acknowledged: Option<String>,
    pub(super) escalated: usize,

    pub(super) channel: String,
    pub(super) rerouted: Option<String>,
    pub(super) place: Option<Place>,
    /// Counts the messages it had.
    pub(super) serial: u32,
    pub(super) opened: DateTime<Utc>,
    pub(super) edited: DateTime<Utc>,
    pub(super) want: u64,
    pub(super) shown: u64,
    pub(super) due: DateTime<Utc>,
    pub(super) replies: Vec<Reply>,
    pub(super) replied: u64,
    pub(super) sending: Option<Sending>,
    pub(super) failures: u32,
    pub(super) retry_at: Option<DateTime<Utc>>,
    /// The row of the digest that shows it instead of a message of its own.
    pub(super) digest: Option<String>,
}

fn delta(time: std::time::Duration) -> TimeDelta {
    TimeDelta::from_std(time).unwrap_or(TimeDelta::days(36_500))
}

impl Incident {
    pub(super) fn new(row: String, notice: &Notice, rule: &Rule, now: DateTime<Utc>) -> Self {
        Self {
            row,
            topic: notice.topic,
            key: notice.key.clone(),
            severity: notice.severity,
            title: notice.title.clone(),
            text: notice.text.clone(),
            count: 0,
            flaps: 0,
            first: now,
            last: now,
            phase: Phase::Open,
            acknowledged: None,
            escalated: 0,
            channel: notice.channel.clone().unwrap_or_else(|| rule.channel.clone()),
            rerouted: None,
            place: None,
            serial: 0,
            opened: now,
            edited: now - TimeDelta::days(1),
            want: 0,
            shown: 0,
            due: now + delta(rule.gather),
            replies: Vec::new(),
            replied: 0,
            sending: None,
            failures: 0,
            retry_at: None,
            digest: None,
        }
    }

    /// Names its message: never the same for two.
    pub(super) fn id(&self) -> String {
        format!("{}.{}.{}", self.row, self.first.timestamp_micros(), self.serial)
    }

    pub(super) fn is_open(&self) -> bool {
        !matches!(self.phase, Phase::Ended(_))
    }

    /// Whether nothing of it is to be sent or kept.
    pub(super) fn is_over(&self, rule: &Rule, now: DateTime<Utc>) -> bool {
        let Phase::Ended(at) = self.phase else { return false };
        let unseen = self.place.is_none() && self.digest.is_none();
        let told = self.shown >= self.want && self.replies.is_empty();
        self.sending.is_none() && (unseen || (told && now >= at + delta(rule.reopen)))
    }

    /// Takes one more notice of its key.
    pub(super) fn take(&mut self, notice: &Notice, rule: &Rule, now: DateTime<Utc>) {
        if notice.resolved {
            if self.phase == Phase::Open {
                self.phase = Phase::Ending(now);
            }
            return;
        }
        match self.phase {
            Phase::Open => {}
            Phase::Ending(_) => self.flaps += 1,
            Phase::Ended(_) => {
                self.flaps += 1;
                (self.acknowledged, self.escalated, self.opened) = (None, 0, now);
                self.reply(rule, "It is back.".to_owned(), false);
            }
        }
        let back = !self.is_open();
        self.phase = Phase::Open;
        let worse = self.count > 0 && notice.severity > self.severity;
        let news = self.place.is_some() && self.text != notice.text && !notice.text.is_empty();
        (self.count, self.last) = (self.count + 1, now);
        (self.severity, self.title) = (self.severity.max(notice.severity), notice.title.clone());
        self.text.clone_from(&notice.text);
        if notice.topic == Topic::Status {
            self.severity = notice.severity;
        }
        if rule.strategy == super::Strategy::New && self.place.is_some() {
            self.afresh();
            self.due = now + delta(rule.gather);
        } else if news || worse {
            self.reply(rule, crate::poster::shortened(&notice.text, 2_000), worse);
        }
        self.want += 1;
        if notice.severity == Severity::Critical || worse || back {
            self.due = now.max(self.edited + SPACING);
        } else if self.place.is_some() {
            self.due = self.edited + delta(rule.interval).max(SPACING);
        }
    }

    /// Another message takes the place of the one it had.
    pub(super) fn afresh(&mut self) {
        (self.place, self.sending) = (None, None);
        self.serial += 1;
        self.want = self.want.max(self.shown + 1);
    }

    /// Shows the newest as soon as a message may be changed.
    pub(super) fn touch(&mut self, now: DateTime<Utc>) {
        self.want += 1;
        self.due = now.max(self.edited + SPACING);
    }

    fn reply(&mut self, rule: &Rule, text: String, broadcast: bool) {
        if rule.strategy.threads() && self.place.is_some() && self.replies.len() < REPLIES {
            self.push(text, broadcast, None);
        }
    }

    fn push(&mut self, text: String, broadcast: bool, channel: Option<String>) {
        self.replied += 1;
        let id = format!("{}.r{}", self.id(), self.replied);
        self.replies.push(Reply { id, text, broadcast, channel });
    }

    /// What happens by itself as time passes. Returns whether anything did.
    pub(super) fn tick(&mut self, rule: &Rule, now: DateTime<Utc>) -> bool {
        if let Phase::Ending(at) = self.phase
            && now >= at + delta(rule.hold)
        {
            self.phase = Phase::Ended(now);
            self.touch(now);
            self.reply(rule, "Resolved.".to_owned(), true);
            return true;
        }
        let step = rule.steps.get(self.escalated).filter(|_| self.may_escalate());
        let Some((_, target)) = step.filter(|(after, _)| now >= self.opened + delta(*after)) else {
            return false;
        };
        self.escalated += 1;
        let title = crate::poster::shortened(&self.title, 300);
        match target {
            Target::Mention(who) => {
                let sigil = if who.starts_with('S') { "!subteam^" } else { "@" };
                let who = crate::poster::escape(who);
                self.push(format!("<{sigil}{who}> nobody has acknowledged this: {title}"), true, None);
            }
            Target::Channel(channel) => {
                self.push(format!("Nobody has acknowledged: {title}"), false, Some(channel.clone()));
            }
        }
        true
    }

    fn may_escalate(&self) -> bool {
        self.phase == Phase::Open && self.acknowledged.is_none() && self.place.is_some()
    }

    /// What is next.
    pub(super) fn next(&self, rule: &Rule, now: DateTime<Utc>) -> Next {
        if let Some(sending) = &self.sending {
            return if sending.until <= now { Next::Now(sending.what) } else { Next::At(sending.until) };
        }
        let mut wake = Vec::new();
        if let Phase::Ending(at) = self.phase {
            wake.push(at + delta(rule.hold));
        }
        if let Phase::Ended(at) = self.phase {
            wake.push(at + delta(rule.reopen));
        }
        let step = rule.steps.get(self.escalated).filter(|_| self.may_escalate());
        wake.extend(step.map(|(after, _)| self.opened + delta(*after)));
        let quiet = self.count < rule.after || (self.place.is_none() && !self.is_open());
        let pending = self.digest.is_none() && !quiet;
        let stale = self.want > self.shown && (self.place.is_none() || rule.strategy.updates());
        if pending && (stale || !self.replies.is_empty()) {
            let ready = if stale { self.due } else { now };
            let ready = self.retry_at.map_or(ready, |retry| retry.max(ready));
            match (stale && ready <= now, self.place.is_some()) {
                (true, false) => return Next::Now(Action::Root),
                (true, true) => return Next::Now(Action::Update),
                (false, true) if !self.replies.is_empty() && self.retry_at.is_none_or(|at| at <= now) => {
                    return Next::Now(Action::Reply);
                }
                (false, _) => wake.push(ready),
            }
        }
        wake.into_iter().min().map_or(Next::Nothing, Next::At)
    }

    /// Writes down that something is about to be sent.
    pub(super) fn begin(&mut self, what: Action, now: DateTime<Utc>) -> Sending {
        let before = self.sending.take();
        let sending = Sending {
            what,
            since: before.as_ref().map_or(now, |before| before.since),
            until: now + UNDER_WAY,
            doubt: before.is_some() && what != Action::Update,
            view: before.as_ref().filter(|_| what == Action::Root).map_or(self.want, |before| before.view),
        };
        self.sending = Some(sending.clone());
        sending
    }

    /// What a process that ended was sending is in doubt.
    pub(super) fn revive(&mut self, now: DateTime<Utc>) {
        if let Some(sending) = &mut self.sending {
            sending.until = sending.until.min(now + SETTLE);
        }
    }

    /// Writes down what came of it. Returns whether the destination refused for good.
    pub(super) fn settle(&mut self, result: Result<Done, &Error>, now: DateTime<Utc>) -> bool {
        let Some(sending) = self.sending.take() else { return false };
        match (sending.what, result) {
            (_, Ok(Done::Absent)) => return false,
            (Action::Root, Ok(Done::At(place))) => {
                (self.place, self.opened) = (Some(place), now);
                self.shown = self.shown.max(sending.view);
                self.edited = now;
            }
            (Action::Root | Action::Update, Ok(_)) => {
                self.shown = self.shown.max(sending.view);
                self.edited = now;
            }
            (Action::Reply, Ok(_)) => self.drop_reply(),
            (Action::Root | Action::Reply, Err(error)) if error.is_ambiguous() => {
                self.sending = Some(Sending { until: now + SETTLE, ..sending });
                return false;
            }
            (Action::Root | Action::Reply, Err(error)) if sending.doubt && is_passing(error) => {
                self.failures += 1;
                self.sending = Some(Sending { until: now + backoff(error, self.failures), ..sending });
                return false;
            }
            (_, Err(error)) if is_passing(error) => {
                self.failures += 1;
                self.retry_at = Some(now + backoff(error, self.failures));
                return false;
            }
            (Action::Reply, Err(_)) => self.drop_reply(),
            (Action::Update, Err(error)) if is_gone(error) => self.afresh(),
            (Action::Root | Action::Update, Err(_)) => {
                self.retry_at = Some(now + SUSPENDED);
                return true;
            }
        }
        (self.failures, self.retry_at) = (0, None);
        self.due = self.due.max(self.edited + SPACING);
        false
    }

    fn drop_reply(&mut self) {
        if !self.replies.is_empty() {
            self.replies.remove(0);
        }
    }
}
