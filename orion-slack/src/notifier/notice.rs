//! What is told.

use orion_core::{Error, StreamKey};
use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Severity {
    /// For information.
    Info,
    /// It should be looked at.
    Warning,
    /// Something does not work.
    #[default]
    Error,
    /// Somebody has to act now. It does not wait to be gathered with others.
    Critical,
}

/// Which rule it goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Topic {
    /// A sync failed, again and again perhaps, until it works once more.
    SyncFailure,
    /// An error that people should know of.
    ErrorAlert,
    /// How something stands: one message that is always the newest.
    Status,
    /// Many incidents at once, told together.
    Digest,
}

/// One thing to tell. Those of one topic and key belong together: they are one message, which changes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a notice is nothing until it is given to the notifier"]
pub struct Notice {
    pub(crate) topic: Topic,
    pub(crate) key: String,
    pub(crate) severity: Severity,
    pub(crate) title: String,
    pub(crate) text: String,
    pub(crate) resolved: bool,
    pub(crate) channel: Option<String>,
}

impl Notice {
    fn new(topic: Topic, key: impl Into<String>, severity: Severity, title: String, text: String) -> Self {
        Self { topic, key: key.into(), severity, title, text, resolved: false, channel: None }
    }

    /// A pass over a stream failed.
    pub fn sync_failure(stream: &StreamKey, error: &Error) -> Self {
        let title = format!("Sync of {} {} fails", stream.adapter, stream.object);
        let text = format!("{} ({})", error, error.kind().as_str());
        Self::new(Topic::SyncFailure, stream.to_string(), Severity::Error, title, text)
    }

    /// A pass over a stream succeeded, whatever was before.
    pub fn sync_recovered(stream: &StreamKey) -> Self {
        let title = format!("Sync of {} {} works", stream.adapter, stream.object);
        let mut notice =
            Self::new(Topic::SyncFailure, stream.to_string(), Severity::Info, title, String::new());
        notice.resolved = true;
        notice
    }

    /// Something went wrong. The key says which: errors with the same one are one incident.
    pub fn error_alert(
        key: impl Into<String>,
        severity: Severity,
        title: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        Self::new(Topic::ErrorAlert, key, severity, title.into(), text.into())
    }

    /// What was alerted of under this key is over.
    pub fn resolved(key: impl Into<String>) -> Self {
        let mut notice =
            Self::new(Topic::ErrorAlert, key, Severity::Info, "Resolved".to_owned(), String::new());
        notice.resolved = true;
        notice
    }

    /// How something stands now. The message under this key is changed in place.
    pub fn status(key: impl Into<String>, title: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(Topic::Status, key, Severity::Info, title.into(), text.into())
    }

    /// Sends it to another channel than its topic's. Where the message of its key already is, it stays.
    pub fn to(mut self, channel: impl Into<String>) -> Self {
        self.channel = Some(channel.into());
        self
    }
}
