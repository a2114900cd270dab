//! The workspace itself.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use orion_core::{Error, ErrorKind, Result};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{Place, Post, Poster};
use crate::{Answer, NAME, Slack, poster::Content};

/// How our messages are told from others in their metadata.
const EVENT_TYPE: &str = "orion_message";

/// The longest that one message is waited for, so that one channel's limit does not hold up the others.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the vendor's clock and ours may differ by.
const SKEW: TimeDelta = TimeDelta::minutes(2);

#[derive(Deserialize)]
struct Posted {
    channel: String,
    ts: String,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    messages: Vec<Shown>,
}

#[derive(Deserialize)]
struct Shown {
    ts: String,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    event_type: String,
    #[serde(default)]
    event_payload: Value,
}

#[derive(Deserialize)]
struct Opened {
    channel: Named,
}

#[derive(Deserialize)]
struct Channels {
    #[serde(default)]
    channels: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    id: String,
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct Members {
    #[serde(default)]
    users: Vec<String>,
}

fn marked(id: &str) -> Value {
    json!({ "event_type": EVENT_TYPE, "event_payload": { "id": id } })
}

impl Shown {
    fn is(&self, id: &str) -> bool {
        let metadata = self.metadata.as_ref();
        metadata.is_some_and(|of| of.event_type == EVENT_TYPE && of.event_payload["id"] == id)
    }
}

impl Slack {
    async fn ask<T: DeserializeOwned>(&self, method: &'static str, args: &Value) -> Result<Answer<T>> {
        let late = || {
            let message = "no answer within a minute, the wait for a turn under the limits included";
            Error::new(ErrorKind::Timeout, message).with_ambiguous().during(NAME, method)
        };
        tokio::time::timeout(PATIENCE, self.call(method, args)).await.map_err(|_| late())?
    }

    /// The id of a channel, which reads want where posts take a name or a member too.
    async fn channel_id(&self, channel: &str) -> Result<String> {
        if channel.starts_with(['U', 'W']) {
            let args = json!({ "users": channel });
            return Ok(self.ask::<Opened>("conversations.open", &args).await?.value.channel.id);
        }
        let Some(name) = channel.strip_prefix('#') else { return Ok(channel.to_owned()) };
        let mut args =
            json!({ "types": "public_channel,private_channel", "limit": 200, "exclude_archived": true });
        loop {
            let page: Answer<Channels> = self.ask("conversations.list", &args).await?;
            if let Some(found) = page.value.channels.into_iter().find(|one| one.name == name) {
                return Ok(found.id);
            }
            match page.notes.next_cursor {
                Some(cursor) if args["cursor"] != *cursor => args["cursor"] = cursor.into(),
                _ => break,
            }
        }
        let message = "there is no channel of that name that the app can see";
        Err(Error::new(ErrorKind::NotFound, message).during(NAME, "conversations.list"))
    }
}

#[async_trait]
impl Poster for Slack {
    async fn post(&self, post: &Post<'_>) -> Result<Place> {
        let mut args = json!({
            "channel": post.channel, "text": post.content.text, "blocks": post.content.blocks,
            "thread_ts": post.thread, "unfurl_links": false, "unfurl_media": false, "metadata": marked(post.id),
        });
        if post.broadcast && post.thread.is_some() {
            args["reply_broadcast"] = true.into();
        }
        let posted: Answer<Posted> = self.ask("chat.postMessage", &args).await?;
        Ok(Place { channel: posted.value.channel, ts: posted.value.ts })
    }

    async fn update(&self, place: &Place, id: &str, content: &Content) -> Result<()> {
        let args = json!({
            "channel": place.channel, "ts": place.ts, "text": content.text, "blocks": content.blocks,
            "metadata": marked(id),
        });
        self.ask::<Value>("chat.update", &args).await.map(drop)
    }

    async fn find(
        &self,
        channel: &str,
        thread: Option<&str>,
        id: &str,
        since: DateTime<Utc>,
    ) -> Result<Option<Place>> {
        let channel = self.channel_id(channel).await?;
        let oldest = (since - SKEW).timestamp().to_string();
        let mut args = json!({
            "channel": channel, "ts": thread, "oldest": oldest, "inclusive": true, "include_all_metadata": true,
            "limit": 100,
        });
        let method = if thread.is_some() { "conversations.replies" } else { "conversations.history" };
        loop {
            let page: Answer<Page> = self.ask(method, &args).await?;
            if let Some(shown) = page.value.messages.into_iter().find(|shown| shown.is(id)) {
                return Ok(Some(Place { channel, ts: shown.ts }));
            }
            match page.notes.next_cursor {
                Some(cursor) if args["cursor"] != *cursor => args["cursor"] = cursor.into(),
                _ => return Ok(None),
            }
        }
    }

    async fn whisper(&self, channel: &str, user: &str, text: &str) -> Result<()> {
        let args = json!({ "channel": channel, "user": user, "text": text });
        self.ask::<Value>("chat.postEphemeral", &args).await.map(drop)
    }

    async fn open_modal(&self, trigger: &str, view: &Value) -> Result<()> {
        let args = json!({ "trigger_id": trigger, "view": view });
        self.ask::<Value>("views.open", &args).await.map(drop)
    }

    async fn members(&self, group: &str) -> Result<Vec<String>> {
        let args = json!({ "usergroup": group });
        Ok(self.ask::<Members>("usergroups.users.list", &args).await?.value.users)
    }
}
