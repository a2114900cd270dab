//! Sending messages, each at most once.
//!
//! A post whose answer is lost may have been posted: it is not sent again, and the error says [`is_ambiguous`](Error::is_ambiguous). A message
//! with an [`id`](Outgoing::id) carries it in its metadata, and is looked for before the error is handed on.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt;
use orion_core::{Error, ErrorKind, Result};
use serde::Deserialize;
use serde_json::json;

use crate::{Answer, Message, NAME, Notes, Outgoing, Range, Slack, Ts, message::ID};

/// How far the clocks of Slack and ours may be apart when a message is looked for.
const SKEW: TimeDelta = TimeDelta::minutes(2);

/// When to look for a message whose answer was lost: it may become visible after the connection broke.
const LOOKS: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(8)];

/// A message that was sent.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sent {
    /// Id of the channel it is in.
    pub channel: String,
    /// Its name there.
    pub ts: Ts,
    /// The message as Slack keeps it.
    pub message: Message,
    /// Whether the answer was lost, and the message found by its id.
    pub found: bool,
    /// What Slack says beside it.
    pub notes: Notes,
}

#[derive(Deserialize)]
struct Posted {
    channel: String,
    ts: Ts,
    #[serde(default)]
    message: Message,
}

impl Slack {
    /// Posts a message (`chat.postMessage`).
    ///
    /// # Errors
    /// What [`Outgoing::check`] finds; what Slack refuses. One that [`is_ambiguous`](Error::is_ambiguous) may have been posted: a message with an
    /// id was looked for and not found, or could not be looked for.
    pub async fn post(&self, message: &Outgoing) -> Result<Sent> {
        message.check()?;
        let since = self.clock().now() - SKEW;
        match self.call::<Posted>("chat.postMessage", &message.args()).await {
            Ok(Answer { value: Posted { channel, ts, message }, notes }) => {
                Ok(Sent { channel, ts, message, found: false, notes })
            }
            Err(error) if error.is_ambiguous() && message.id.is_some() => {
                self.look(message, since, error).await
            }
            Err(error) => Err(error),
        }
    }

    /// Posts a message whose text may be long: what does not fit into [`MAX_TEXT`](crate::text::MAX_TEXT) characters follows in its thread.
    ///
    /// # Errors
    /// As [`post`](Self::post); the parts before the one that failed were posted.
    pub async fn post_long(&self, message: Outgoing) -> Result<Vec<Sent>> {
        let mut sent: Vec<Sent> = Vec::new();
        for mut part in message.split(crate::text::MAX_TEXT) {
            if let Some(first) = sent.first() {
                part.channel.clone_from(&first.channel);
                part.thread = part.thread.or_else(|| Some(first.ts.clone()));
            }
            sent.push(self.post(&part).await?);
        }
        Ok(sent)
    }

    /// Looks for a message by its [`id`](Outgoing::id) among those of its channel, or its thread, since a time. It takes a scope to read the
    /// channel, and the channel's id.
    ///
    /// # Errors
    /// What Slack refuses; `Config` for a message without an id.
    pub async fn find_posted(&self, message: &Outgoing, since: DateTime<Utc>) -> Result<Option<Sent>> {
        let Some(id) = message.id.as_deref() else {
            let error = Error::new(ErrorKind::Config, "a message without an id cannot be found again");
            return Err(error.during(NAME, "chat.postMessage"));
        };
        let range = Range::since(Ts::of(since)).with_metadata();
        let mut messages = match &message.thread {
            Some(thread) => self.conversations_replies(&message.channel, thread, &range),
            None => self.conversations_history(&message.channel, &range),
        };
        let is_it = |found: &Message| {
            let payload = found.metadata.as_ref().and_then(|metadata| metadata.event_payload.as_ref());
            payload.and_then(|payload| payload.text(ID)) == Some(id)
        };
        while let Some(found) = messages.try_next().await? {
            if let (true, Some(ts)) = (is_it(&found), found.ts.clone()) {
                let (channel, notes) = (message.channel.clone(), Notes::default());
                return Ok(Some(Sent { channel, ts, message: found, found: true, notes }));
            }
        }
        Ok(None)
    }

    async fn look(&self, message: &Outgoing, since: DateTime<Utc>, lost: Error) -> Result<Sent> {
        for wait in LOOKS {
            tokio::time::sleep(wait).await;
            match self.find_posted(message, since).await {
                Ok(Some(sent)) => return Ok(sent),
                Ok(None) => {}
                // It may not look: nothing more is known of the message.
                Err(error) if !error.is_retryable() => break,
                Err(_) => {}
            }
        }
        Err(lost)
    }

    /// Changes a message (`chat.update`): its text, and its blocks to exactly these.
    ///
    /// # Errors
    /// What [`Outgoing::check`] finds; `NotFound` if it is gone; `Forbidden` if it is not the app's, or too old.
    pub async fn update(&self, ts: &Ts, message: &Outgoing) -> Result<Sent> {
        message.check()?;
        let mut args = message.args();
        args["ts"] = ts.as_str().into();
        // Blocks that are left out stay as they were (unverified), so none is said.
        args["blocks"] =
            if message.markdown.is_some() { serde_json::Value::Null } else { json!(message.blocks) };
        let Answer { value, notes } = self.call::<Posted>("chat.update", &args).await?;
        Ok(Sent { channel: value.channel, ts: value.ts, message: value.message, found: false, notes })
    }

    /// Posts a message that one person of the channel sees, until they leave it (`chat.postEphemeral`). It cannot be changed.
    ///
    /// # Errors
    /// As [`post`](Self::post), but that it is not looked for.
    pub async fn post_ephemeral(&self, user: &str, message: &Outgoing) -> Result<Ts> {
        #[derive(Deserialize)]
        struct Shown {
            message_ts: Ts,
        }
        message.check()?;
        let mut args = message.args();
        args["user"] = user.into();
        Ok(self.call::<Shown>("chat.postEphemeral", &args).await?.value.message_ts)
    }

    /// Hands in a message to be posted at a time, within 120 days (`chat.scheduleMessage`). Returns its id, to take it back by.
    ///
    /// # Errors
    /// What [`Outgoing::check`] finds; `Config` for one with metadata or an id, which Slack would not post (docs); what Slack refuses. One that
    /// [`is_ambiguous`](Error::is_ambiguous) may wait there: see [`chat_scheduled`](Self::chat_scheduled).
    pub async fn schedule(&self, at: DateTime<Utc>, message: &Outgoing) -> Result<String> {
        #[derive(Deserialize)]
        struct Waiting {
            scheduled_message_id: String,
        }
        message.check()?;
        if message.metadata.is_some() || message.id.is_some() {
            let error =
                Error::new(ErrorKind::Config, "Slack posts no scheduled message that has metadata or an id");
            return Err(error.during(NAME, "chat.scheduleMessage"));
        }
        let mut args = message.args();
        args["post_at"] = at.timestamp().into();
        Ok(self.call::<Waiting>("chat.scheduleMessage", &args).await?.value.scheduled_message_id)
    }
}
