//! `conversations`.

use futures::stream::BoxStream;
use orion_core::Result;
use serde_json::{Value, json};

use crate::{Channel, Message, Slack, Ts};

/// Which messages of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Range {
    /// Not before this; exclusive unless [`inclusive`](Range::inclusive).
    pub oldest: Option<Ts>,
    /// Not after this; exclusive unless [`inclusive`](Range::inclusive).
    pub latest: Option<Ts>,
    /// Whether the bounds belong to it.
    pub inclusive: bool,
    /// Whether to ask for what apps put into messages for themselves.
    pub metadata: bool,
}

impl Range {
    /// Every message.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Messages from this one on, itself among them.
    #[must_use]
    pub fn since(oldest: impl Into<Ts>) -> Self {
        Self { oldest: Some(oldest.into()), inclusive: true, ..Self::default() }
    }

    /// Ends it with this one.
    #[must_use]
    pub fn until(mut self, latest: impl Into<Ts>) -> Self {
        self.latest = Some(latest.into());
        self
    }

    /// Asks for what apps put into messages for themselves.
    #[must_use]
    pub fn with_metadata(mut self) -> Self {
        self.metadata = true;
        self
    }

    fn args(&self, channel: &str) -> Value {
        json!({
            "channel": channel, "oldest": self.oldest, "latest": self.latest, "inclusive": self.inclusive,
            "include_all_metadata": self.metadata,
        })
    }
}

impl Slack {
    /// The conversations the app can see (`conversations.list`). `types` are some of `public_channel`, `private_channel`, `mpim` and `im`, parted
    /// by commas.
    #[must_use]
    pub fn conversations_list(&self, types: &str) -> BoxStream<'_, Result<Channel>> {
        self.list("conversations.list", json!({"types": types}), "channels")
    }

    /// One conversation (`conversations.info`).
    ///
    /// # Errors
    /// `NotFound` if there is none, or the app may not see it.
    pub async fn conversations_info(&self, channel: &str) -> Result<Channel> {
        self.one("conversations.info", &json!({"channel": channel, "include_num_members": true}), "channel")
            .await
    }

    /// The ids of who is in it (`conversations.members`).
    #[must_use]
    pub fn conversations_members(&self, channel: &str) -> BoxStream<'_, Result<String>> {
        self.list("conversations.members", json!({"channel": channel}), "members")
    }

    /// Its messages, the newest first (`conversations.history`). Answers within threads are not among them. An app that is not in Slack's
    /// Marketplace and was made after May 2025 gets 15 a minute (docs, "Rate limits").
    #[must_use]
    pub fn conversations_history(&self, channel: &str, range: &Range) -> BoxStream<'_, Result<Message>> {
        self.list("conversations.history", range.args(channel), "messages")
    }

    /// A thread: its first message and the answers, the oldest first (`conversations.replies`).
    #[must_use]
    pub fn conversations_replies(
        &self,
        channel: &str,
        ts: &Ts,
        range: &Range,
    ) -> BoxStream<'_, Result<Message>> {
        let mut args = range.args(channel);
        args["ts"] = ts.as_str().into();
        self.list("conversations.replies", args, "messages")
    }

    /// Opens the direct message with one person, or with several (`conversations.open`). It is the same one every time.
    ///
    /// # Errors
    /// `NotFound` if there is no such person.
    pub async fn conversations_open(&self, users: &[&str]) -> Result<Channel> {
        self.one("conversations.open", &json!({"users": users.join(",")}), "channel").await
    }

    /// Makes a channel (`conversations.create`).
    ///
    /// # Errors
    /// `Conflict` if the name is taken; one that [`is_ambiguous`](orion_core::Error::is_ambiguous) may have been made.
    pub async fn conversations_create(&self, name: &str, private: bool) -> Result<Channel> {
        self.one("conversations.create", &json!({"name": name, "is_private": private}), "channel").await
    }

    /// Joins a public channel (`conversations.join`).
    ///
    /// # Errors
    /// What Slack refuses.
    pub async fn conversations_join(&self, channel: &str) -> Result<Channel> {
        self.one("conversations.join", &json!({"channel": channel}), "channel").await
    }

    /// Leaves a conversation (`conversations.leave`).
    ///
    /// # Errors
    /// What Slack refuses.
    pub async fn conversations_leave(&self, channel: &str) -> Result<()> {
        self.set("conversations.leave", &json!({"channel": channel}), &["not_in_channel"]).await
    }

    /// Lets people in (`conversations.invite`). That one is in already is no error.
    ///
    /// # Errors
    /// What Slack refuses.
    pub async fn conversations_invite(&self, channel: &str, users: &[&str]) -> Result<()> {
        let args = json!({"channel": channel, "users": users.join(",")});
        self.set("conversations.invite", &args, &["already_in_channel"]).await
    }

    /// Puts a person out (`conversations.kick`).
    ///
    /// # Errors
    /// What Slack refuses.
    pub async fn conversations_kick(&self, channel: &str, user: &str) -> Result<()> {
        let args = json!({"channel": channel, "user": user});
        self.set("conversations.kick", &args, &["not_in_channel"]).await
    }

    /// Closes a channel to new messages (`conversations.archive`).
    ///
    /// # Errors
    /// What Slack refuses.
    pub async fn conversations_archive(&self, channel: &str) -> Result<()> {
        self.set("conversations.archive", &json!({"channel": channel}), &["already_archived"]).await
    }

    /// Gives a channel another name (`conversations.rename`).
    ///
    /// # Errors
    /// `Conflict` if the name is taken.
    pub async fn conversations_rename(&self, channel: &str, name: &str) -> Result<Channel> {
        self.one("conversations.rename", &json!({"channel": channel, "name": name}), "channel").await
    }

    /// Says what it is about now (`conversations.setTopic`).
    ///
    /// # Errors
    /// What Slack refuses.
    pub async fn conversations_set_topic(&self, channel: &str, topic: &str) -> Result<()> {
        self.done("conversations.setTopic", &json!({"channel": channel, "topic": topic})).await
    }

    /// Says what it is for (`conversations.setPurpose`).
    ///
    /// # Errors
    /// What Slack refuses.
    pub async fn conversations_set_purpose(&self, channel: &str, purpose: &str) -> Result<()> {
        self.done("conversations.setPurpose", &json!({"channel": channel, "purpose": purpose})).await
    }
}
