//! What is asked, and what came of it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::policy::{Choice, Policy};

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// It may be done.
    Approved,
    /// It may not.
    Rejected,
    /// Nobody decided in time.
    Expired,
}

/// When a decider is asked for the reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reasons {
    /// Never.
    Never,
    /// On a refusal, where one may be left out.
    #[default]
    Welcome,
    /// On a refusal, where one has to be given.
    Required,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Decision {
    /// How it ended.
    pub outcome: Outcome,
    /// When.
    pub at: DateTime<Utc>,
    /// Who decided: the votes of all stages.
    pub votes: Vec<Vote>,
}

impl Decision {
    /// Whether it may be done.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        self.outcome == Outcome::Approved
    }
}

/// What one decider said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Vote {
    /// The stage, from 0.
    pub stage: usize,
    /// The member.
    pub user: String,
    /// What they said.
    pub choice: Choice,
    /// Why.
    pub reason: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// One line of a request's audit trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Audit {
    /// When it was noted.
    pub at: DateTime<Utc>,
    /// Who did it; `None` for what happened by itself.
    pub user: Option<String>,
    /// What: `requested`, `approve`, `reject`, `unauthorised`, `late`, `passed`, `decided`, `reminded`, `posted`, `undeliverable`, `executed`, `failed`.
    pub what: String,
    /// What else is known of it: a reason, a code.
    pub detail: Option<String>,
    /// Slack's time of the click.
    pub action_ts: Option<String>,
    /// Seconds since the request.
    pub after: i64,
    /// Hash of what is decided on.
    pub payload: String,
}

/// A request for approval.
///
/// ```
/// use std::time::Duration;
/// use orion_slack::approvals::{Policy, Request};
///
/// let request = Request::new("C0OPS", "Write 1,000 customers back", Policy::any(["U0ADA"]))
///     .key("write-back 2026-11-24")
///     .detail("to", "Salesforce production")
///     .expires_after(Duration::from_secs(3600));
/// # let _ = request;
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request is nothing until it is made"]
pub struct Request {
    pub(crate) channels: Vec<String>,
    pub(crate) subject: String,
    pub(crate) details: Vec<(String, String)>,
    pub(crate) policy: Policy,
    pub(crate) key: Option<String>,
    pub(crate) requester: Option<String>,
    pub(crate) self_approval: bool,
    pub(crate) reasons: Reasons,
    pub(crate) expires: Duration,
    pub(crate) on_expiry: Outcome,
    pub(crate) reminders: Option<Duration>,
    pub(crate) effect: Option<(String, String)>,
}

impl Request {
    /// Asks in a channel (`C…`, or a member's `U…` for a direct message). It expires after a day unless it says otherwise.
    pub fn new(channel: impl Into<String>, subject: impl Into<String>, policy: Policy) -> Self {
        Self {
            channels: vec![channel.into()],
            subject: subject.into(),
            details: Vec::new(),
            policy,
            key: None,
            requester: None,
            self_approval: false,
            reasons: Reasons::default(),
            expires: Duration::from_secs(86_400),
            on_expiry: Outcome::Expired,
            reminders: None,
            effect: None,
        }
    }

    /// Names it. The same request made again, by the next process too, is then this one, and is not asked twice.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Asks in one more channel, or one more member directly. All copies show the same.
    pub fn also_in(mut self, channel: impl Into<String>) -> Self {
        self.channels.push(channel.into());
        self
    }

    /// Shows a fact under a label.
    pub fn detail(mut self, label: impl Into<String>, value: impl Into<String>) -> Self {
        self.details.push((label.into(), value.into()));
        self
    }

    /// Says for which member it is made. They do not count among the deciders.
    pub fn requested_by(mut self, user: impl Into<String>) -> Self {
        self.requester = Some(user.into());
        self
    }

    /// Lets the one who asks decide too.
    pub fn with_self_approval(mut self) -> Self {
        self.self_approval = true;
        self
    }

    /// Sets when a reason is asked for.
    pub fn reasons(mut self, reasons: Reasons) -> Self {
        self.reasons = reasons;
        self
    }

    /// Sets how long there is to decide.
    pub fn expires_after(mut self, time: Duration) -> Self {
        self.expires = time;
        self
    }

    /// Sets what it counts as when nobody decided in time.
    pub fn on_expiry(mut self, outcome: Outcome) -> Self {
        self.on_expiry = outcome;
        self
    }

    /// Reminds, in the thread, those who have not answered, this often.
    pub fn remind_every(mut self, time: Duration) -> Self {
        self.reminders = Some(time);
        self
    }

    /// Names what to run once it is approved: one of the effects the approvals were given, with something for it to work on.
    pub fn then_run(mut self, effect: impl Into<String>, payload: impl Into<String>) -> Self {
        self.effect = Some((effect.into(), payload.into()));
        self
    }
}
