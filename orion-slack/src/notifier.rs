//! The notifier: tells people what they should know, once, and keeps what it told up to date.
//!
//! Notices of one key are one incident: one message, changed in place, with its history in the thread. What fails again is counted and not posted
//! again; what comes and goes is one incident; many at once are told together; what nobody acknowledges is escalated. What is to be sent is kept in
//! the store first, so a restart neither loses nor repeats it, and a message whose answer got lost is looked for by the id in its metadata before
//! it is posted again.
//!
//! [`Notifier::report`] never waits: a notice is put into a bounded queue. While Slack cannot be reached, notices of one incident become one;
//! where there is no room left, the least severe is dropped, and [`Event::Notice`] says so.
//!
//! As an [`Observer`] it reports failed and recovered syncs by itself.

mod book;
mod inbox;
mod incident;
mod notice;
mod render;
mod rule;
mod task;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use orion_core::{
    Adapter, AdapterId, Clock, Error, ErrorKind, Identity, Message, Notify, Posted, Resources, Result,
    observe::{Event, Observer, Observers},
    rows::Rows,
};
use serde_json::Value;
use tokio::{sync::oneshot, task::JoinHandle};

pub use notice::{Notice, Severity, Topic};
pub use rule::{Rule, Strategy};

use book::{Book, Rules};
use inbox::Inbox;
use task::{Shared, Task};

use crate::{NAME, Slack, poster::Poster};

/// Tells people in Slack. Cloning shares it; with the last clone its work in the background ends, to go on when another is made over the same
/// store. One process at a time may work on a store under one [name](Builder::name).
#[derive(Clone)]
pub struct Notifier(Arc<Inner>);

struct Inner {
    slack: Arc<dyn Adapter>,
    shared: Arc<Shared>,
    patience: Duration,
    task: JoinHandle<()>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The row of an incident.
fn row(topic: Topic, key: &str) -> String {
    crate::approvals::hash(&[&format!("{topic:?}"), key]).chars().take(32).collect()
}

impl Notifier {
    /// Tells the people of `channel` (`C…`), and keeps what it told in `rows`.
    ///
    /// The bot needs `chat:write`, and `channels:history` (or that of the channel's kind) to tell whether a message whose answer got lost was posted.
    pub fn builder(slack: Slack, channel: impl Into<String>, rows: Arc<dyn Rows>) -> Builder {
        let slack = Arc::new(slack);
        Builder::new(Arc::clone(&slack) as Arc<dyn Adapter>, slack, channel.into(), rows)
    }

    /// Takes a notice. It returns at once; what becomes of it is reported as [`Event::Notice`].
    pub fn report(&self, notice: Notice) {
        if let Some(dropped) = self.0.shared.inbox.put(notice) {
            self.0.shared.dropped(&row(dropped.topic, &dropped.key), &dropped.key);
        }
        self.0.shared.poke.notify_one();
    }

    /// Says that somebody (`U…`) takes care of what was alerted of under a key: it is not escalated.
    pub fn acknowledge(&self, topic: Topic, key: &str, by: &str) {
        self.acknowledged(row(topic, key), by.to_owned());
    }

    /// Hears when an incident is told.
    fn told(&self, row: String) -> oneshot::Receiver<Result<String>> {
        let (sender, receiver) = oneshot::channel();
        let mut waiting = self.0.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.entry(row).or_default().push(sender);
        receiver
    }

    fn acknowledged(&self, row: String, by: String) {
        let mut acknowledged = self.0.shared.acknowledged.lock().unwrap_or_else(PoisonError::into_inner);
        acknowledged.push((row, by));
        self.0.shared.poke.notify_one();
    }

    /// Takes an interaction: the JSON of a payload whose signature was verified, or that came over a socket. Returns whether it was a click on
    /// one of the notifier's buttons.
    #[must_use = "a payload that is not the notifier's is somebody else's"]
    pub fn interaction(&self, payload: &str) -> bool {
        let payload: Value = serde_json::from_str(payload).unwrap_or_default();
        let actions = payload["actions"].as_array();
        let ours = |action: &&Value| action["action_id"] == render::ACKNOWLEDGE;
        let Some(action) = actions.into_iter().flatten().find(ours) else { return false };
        if let (Some(row), Some(user)) = (action["value"].as_str(), payload["user"]["id"].as_str()) {
            self.acknowledged(row.to_owned(), user.to_owned());
        }
        true
    }
}

/// Reports failed and recovered passes.
impl Observer for Notifier {
    fn event(&self, event: &Event<'_>) {
        if let Event::StreamFinished { stream, error, .. } = *event {
            self.report(match error {
                Some(error) => Notice::sync_failure(stream, error),
                None => Notice::sync_recovered(stream),
            });
        }
    }
}

#[async_trait]
impl Adapter for Notifier {
    fn id(&self) -> AdapterId {
        AdapterId::new(NAME, env!("CARGO_PKG_VERSION"))
    }

    fn resources(self: Arc<Self>) -> Resources {
        Resources::of(self).notifies().build()
    }

    async fn check(&self) -> Result<Identity> {
        self.0.slack.check().await
    }
}

#[async_trait]
impl Notify for Notifier {
    /// Shows a message as a status: a later one under the same key replaces it. Waits until it is shown, but not longer than the notifier's
    /// patience; after that the error is ambiguous, and the message is still sent as soon as it can be.
    async fn notify(&self, message: &Message) -> Result<Posted> {
        let key = message.key.clone().unwrap_or_else(|| crate::approvals::random().unwrap_or_default());
        let mut lines = message.text.splitn(2, '\n');
        let (title, text) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
        let notice = Notice::status(key.clone(), title, text).to(message.to.clone());
        let receiver = self.told(row(Topic::Status, &key));
        self.report(notice);
        match tokio::time::timeout(self.0.patience, receiver).await {
            Ok(Ok(result)) => result.map(Posted::new),
            Ok(Err(_)) | Err(_) => {
                let message = "the message is not shown yet; it is sent as soon as Slack takes it";
                Err(Error::new(ErrorKind::Timeout, message).with_ambiguous().during(NAME, "notify"))
            }
        }
    }
}

impl fmt::Debug for Notifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notifier").finish_non_exhaustive()
    }
}

/// Assembles a [`Notifier`].
#[must_use = "a builder does nothing until it starts"]
pub struct Builder {
    slack: Arc<dyn Adapter>,
    poster: Arc<dyn Poster>,
    rows: Arc<dyn Rows>,
    rules: Rules,
    name: String,
    clock: Clock,
    observers: Observers,
    waiting: usize,
    patience: Duration,
}

impl Builder {
    fn new(slack: Arc<dyn Adapter>, poster: Arc<dyn Poster>, channel: String, rows: Arc<dyn Rows>) -> Self {
        let rules = Rules {
            failure: Rule::new(&*channel),
            alert: Rule::new(&*channel),
            status: Rule::status(&*channel),
            digest: Rule::status(channel).interval(Duration::from_secs(10)),
            fallback: None,
            storm: 10,
            most: 1_000,
        };
        let (clock, observers) = (Clock::system(), Observers::none());
        let name = "default".to_owned();
        Self {
            slack,
            poster,
            rows,
            rules,
            name,
            clock,
            observers,
            waiting: 1_000,
            patience: Duration::from_secs(30),
        }
    }

    /// Sets what happens to failed syncs.
    pub fn sync_failures(mut self, rule: Rule) -> Self {
        self.rules.failure = rule;
        self
    }

    /// Sets what happens to alerts.
    pub fn error_alerts(mut self, rule: Rule) -> Self {
        self.rules.alert = rule;
        self
    }

    /// Sets what happens to statuses.
    pub fn statuses(mut self, rule: Rule) -> Self {
        self.rules.status = rule;
        self
    }

    /// Sets where to tell what cannot be told where it should be.
    pub fn fallback(mut self, channel: impl Into<String>) -> Self {
        self.rules.fallback = Some(channel.into());
        self
    }

    /// Sets how many new incidents a channel takes in a minute before further ones are told together. Default: 10.
    pub fn storm(mut self, incidents: usize) -> Self {
        self.rules.storm = incidents;
        self
    }

    /// Sets how many notices wait to be taken and how many incidents are kept. Default: 1,000 of each.
    pub fn capacity(mut self, most: usize) -> Self {
        (self.waiting, self.rules.most) = (most.max(1), most.max(1));
        self
    }

    /// Sets how long [`Notify::notify`] waits. Default: 30 s.
    pub fn patience(mut self, time: Duration) -> Self {
        self.patience = time;
        self
    }

    /// Tells notifiers on one store apart. Default: `default`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets where the time comes from.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets who observes. An observer that is this notifier would hear of itself; that is ignored.
    pub fn observers(mut self, observers: Observers) -> Self {
        self.observers = observers;
        self
    }

    /// Starts, and goes on with what an earlier process left. It has to be called inside a tokio runtime.
    ///
    /// # Errors
    /// `Storage` if the store cannot be read.
    pub async fn start(self) -> Result<Notifier> {
        let shared = Arc::new(Shared {
            inbox: Inbox::new(self.waiting),
            poke: tokio::sync::Notify::new(),
            acknowledged: Mutex::default(),
            waiting: Mutex::default(),
            observers: self.observers,
        });
        let mut task = Task {
            shared: Arc::clone(&shared),
            poster: self.poster,
            rows: self.rows,
            space: format!("slack.notifier.{}", self.name),
            clock: self.clock,
            book: Book::new(self.rules),
            versions: BTreeMap::new(),
        };
        task.load().await?;
        let task = tokio::spawn(task.run());
        Ok(Notifier(Arc::new(Inner { slack: self.slack, shared, patience: self.patience, task })))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("rules", &self.rules).finish_non_exhaustive()
    }
}
