//! What the notifier and the approvals ask of Slack, and no more, so that their tests can script it.

mod slack;
mod text;
#[cfg(test)]
pub(crate) mod world;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use orion_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use text::{clip, date, escape, shortened};

/// Where a message is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// Id of the channel, as the answer gave it.
    pub(crate) channel: String,
    /// Its `ts`, which names it there.
    pub(crate) ts: String,
}

/// What a message shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    /// What a notification and a screen reader say.
    pub(crate) text: String,
    pub(crate) blocks: Vec<Value>,
}

/// A message to post.
#[derive(Clone, Debug)]
pub(crate) struct Post<'a> {
    /// Names the message in its metadata: the same message never gets two.
    pub(crate) id: &'a str,
    /// `C…`, `D…`, `G…`, a member (`U…`, `W…`), or a name with `#`.
    pub(crate) channel: &'a str,
    /// The message it answers.
    pub(crate) thread: Option<&'a str>,
    /// Whether an answer is shown in the channel too.
    pub(crate) broadcast: bool,
    pub(crate) content: Content,
}

/// Posts messages. Dyn, so that tests script it.
#[async_trait]
pub(crate) trait Poster: Send + Sync + 'static {
    /// Posts. An error that `is_ambiguous` may have posted it: [`find`](Self::find) tells.
    async fn post(&self, post: &Post<'_>) -> Result<Place>;

    /// Replaces what a message shows. Doing it twice is doing it once.
    async fn update(&self, place: &Place, id: &str, content: &Content) -> Result<()>;

    /// Looks for a message by its id among those posted since a time.
    async fn find(
        &self,
        channel: &str,
        thread: Option<&str>,
        id: &str,
        since: DateTime<Utc>,
    ) -> Result<Option<Place>>;

    /// Tells one member something that the others do not see.
    async fn whisper(&self, channel: &str, user: &str, text: &str) -> Result<()>;

    /// Opens a modal.
    async fn open_modal(&self, trigger: &str, view: &Value) -> Result<()>;

    /// The members of a user group.
    async fn members(&self, group: &str) -> Result<Vec<String>>;
}

/// Whether the message itself can no longer be changed, and another has to take its place (docs, errors of `chat.update`).
pub(crate) fn is_gone(error: &Error) -> bool {
    let code = error.fault().map(|fault| &*fault.code);
    matches!(
        code,
        Some("message_not_found" | "cant_update_message" | "edit_window_closed" | "thread_not_found")
    )
}

/// Whether the same call may succeed later.
pub(crate) fn is_passing(error: &Error) -> bool {
    let kind = matches!(
        error.kind(),
        ErrorKind::Transport | ErrorKind::Timeout | ErrorKind::RateLimited | ErrorKind::Rotated
    );
    kind || error.is_ambiguous() || error.is_retryable()
}
