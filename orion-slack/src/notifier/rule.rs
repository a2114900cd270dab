//! What happens to notices of a topic.

use std::time::Duration;

/// How notices of one key are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Strategy {
    /// Each is a message of its own.
    New,
    /// One message, changed in place.
    Update,
    /// One message, the later ones in its thread.
    Thread,
    /// One message that is always the newest, and its history in its thread.
    UpdateAndThread,
}

impl Strategy {
    pub(crate) fn updates(self) -> bool {
        matches!(self, Self::Update | Self::UpdateAndThread)
    }

    pub(crate) fn threads(self) -> bool {
        matches!(self, Self::Thread | Self::UpdateAndThread)
    }
}

/// Whom to call when nobody acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Mention(String),
    Channel(String),
}

/// What happens to notices of a topic.
///
/// ```
/// use std::time::Duration;
/// use orion_slack::notifier::Rule;
///
/// let rule = Rule::new("C0OPS")
///     .after(3)
///     .mention(Duration::from_secs(900), "S0ONCALL")
///     .escalate(Duration::from_secs(3600), "U0ADA");
/// # let _ = rule;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a rule does nothing until the notifier has it"]
pub struct Rule {
    pub(crate) channel: String,
    pub(crate) strategy: Strategy,
    pub(crate) after: u64,
    pub(crate) gather: Duration,
    pub(crate) interval: Duration,
    pub(crate) hold: Duration,
    pub(crate) reopen: Duration,
    pub(crate) steps: Vec<(Duration, Target)>,
}

impl Rule {
    /// Notices go to a channel: `C…`, or a member's `U…` for a direct message. They are gathered for 5 s before the first message, which is then
    /// changed at most every 30 s; an end is held back for 30 s, and what comes back within an hour is the same incident.
    pub fn new(channel: impl Into<String>) -> Self {
        Self {
            channel: channel.into(),
            strategy: Strategy::UpdateAndThread,
            after: 1,
            gather: Duration::from_secs(5),
            interval: Duration::from_secs(30),
            hold: Duration::from_secs(30),
            reopen: Duration::from_secs(3600),
            steps: Vec::new(),
        }
    }

    /// For a status: shown at once, changed in place as fast as Slack lets a message be changed.
    pub(crate) fn status(channel: impl Into<String>) -> Self {
        let rule = Self::new(channel).strategy(Strategy::Update);
        rule.gather(Duration::ZERO).interval(Duration::ZERO)
    }

    /// Sets how notices of one key are shown.
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// Keeps quiet until it happened so often without an end in between.
    pub fn after(mut self, times: u64) -> Self {
        self.after = times.max(1);
        self
    }

    /// Sets how long the first notices of a key are gathered.
    pub fn gather(mut self, time: Duration) -> Self {
        self.gather = time;
        self
    }

    /// Sets how often a message is changed at most. What is worse than before and what is over do not wait for it.
    pub fn interval(mut self, time: Duration) -> Self {
        self.interval = time;
        self
    }

    /// Sets how long an end has to last before it is told: what comes and goes is one incident.
    pub fn hold(mut self, time: Duration) -> Self {
        self.hold = time;
        self
    }

    /// Sets for how long after its end an incident that comes back is the same one.
    pub fn reopen(mut self, time: Duration) -> Self {
        self.reopen = time;
        self
    }

    /// Mentions a member (`U…`) or a user group (`S…`) in the thread if nobody acknowledged it by then.
    pub fn mention(mut self, after: Duration, who: impl Into<String>) -> Self {
        self.steps.push((after, Target::Mention(who.into())));
        self
    }

    /// Tells another channel, or a member directly (`U…`), if nobody acknowledged it by then.
    pub fn escalate(mut self, after: Duration, channel: impl Into<String>) -> Self {
        self.steps.push((after, Target::Channel(channel.into())));
        self
    }
}
