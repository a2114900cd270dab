//! `chat`, but for what posts: see [`Outgoing`](crate::Outgoing).

use futures::stream::BoxStream;
use orion_core::Result;
use serde_json::json;

use crate::{Slack, Ts, object::object};

object! {
    /// A message that waits for its time.
    Scheduled {
        /// Id, `Q…`.
        id: String,
        /// The channel.
        channel_id: String,
        /// When it is posted, in seconds since 1970.
        post_at: i64,
        /// When it was handed in, in seconds since 1970.
        date_created: i64,
        /// Its text.
        text: String,
    }
}

impl Slack {
    /// Deletes a message (`chat.delete`). That it is gone already is no error.
    ///
    /// # Errors
    /// What Slack refuses.
    pub async fn chat_delete(&self, channel: &str, ts: &Ts) -> Result<()> {
        self.set("chat.delete", &json!({"channel": channel, "ts": ts}), &["message_not_found"]).await
    }

    /// The address of a message for people (`chat.getPermalink`).
    ///
    /// # Errors
    /// `NotFound` if there is no such message.
    pub async fn chat_permalink(&self, channel: &str, ts: &Ts) -> Result<String> {
        self.one("chat.getPermalink", &json!({"channel": channel, "message_ts": ts}), "permalink").await
    }

    /// The messages that wait for their time, in one channel or in all (`chat.scheduledMessages.list`).
    #[must_use]
    pub fn chat_scheduled(&self, channel: Option<&str>) -> BoxStream<'_, Result<Scheduled>> {
        self.list("chat.scheduledMessages.list", json!({"channel": channel}), "scheduled_messages")
    }

    /// Takes back a message that waits for its time (`chat.deleteScheduledMessage`).
    ///
    /// # Errors
    /// What Slack refuses: one that is due within a minute, for instance.
    pub async fn chat_delete_scheduled(&self, channel: &str, id: &str) -> Result<()> {
        let args = json!({"channel": channel, "scheduled_message_id": id});
        self.set("chat.deleteScheduledMessage", &args, &["invalid_scheduled_message_id"]).await
    }
}
