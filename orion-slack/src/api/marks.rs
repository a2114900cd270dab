//! `reactions`, `pins`, `bookmarks`, `files`.

use orion_core::Result;
use serde_json::json;

use crate::{Bookmark, File, Message, Pin, Slack, Ts};

impl Slack {
    /// Reacts to a message with an emoji, named without colons (`reactions.add`). That it is there already is no error.
    ///
    /// # Errors
    /// What Slack refuses.
    pub async fn reactions_add(&self, channel: &str, ts: &Ts, emoji: &str) -> Result<()> {
        let args = json!({"channel": channel, "timestamp": ts, "name": emoji});
        self.set("reactions.add", &args, &["already_reacted"]).await
    }

    /// Takes a reaction back (`reactions.remove`). That there is none is no error.
    ///
    /// # Errors
    /// What Slack refuses.
    pub async fn reactions_remove(&self, channel: &str, ts: &Ts, emoji: &str) -> Result<()> {
        let args = json!({"channel": channel, "timestamp": ts, "name": emoji});
        self.set("reactions.remove", &args, &["no_reaction"]).await
    }

    /// A message with all its reactions (`reactions.get`).
    ///
    /// # Errors
    /// `NotFound` if there is no such message.
    pub async fn reactions_get(&self, channel: &str, ts: &Ts) -> Result<Message> {
        self.one("reactions.get", &json!({"channel": channel, "timestamp": ts, "full": true}), "message")
            .await
    }

    /// Pins a message to its channel (`pins.add`). That it is pinned already is no error.
    ///
    /// # Errors
    /// What Slack refuses.
    pub async fn pins_add(&self, channel: &str, ts: &Ts) -> Result<()> {
        self.set("pins.add", &json!({"channel": channel, "timestamp": ts}), &["already_pinned"]).await
    }

    /// Takes a pin off (`pins.remove`). That there is none is no error.
    ///
    /// # Errors
    /// What Slack refuses.
    pub async fn pins_remove(&self, channel: &str, ts: &Ts) -> Result<()> {
        self.set("pins.remove", &json!({"channel": channel, "timestamp": ts}), &["no_pin", "not_pinned"])
            .await
    }

    /// What is pinned to a channel (`pins.list`).
    ///
    /// # Errors
    /// What Slack refuses.
    pub async fn pins_list(&self, channel: &str) -> Result<Vec<Pin>> {
        self.one("pins.list", &json!({"channel": channel}), "items").await
    }

    /// Puts a link at the head of a channel (`bookmarks.add`).
    ///
    /// # Errors
    /// What Slack refuses; one that [`is_ambiguous`](orion_core::Error::is_ambiguous) may be there.
    pub async fn bookmarks_add(&self, channel: &str, title: &str, link: &str) -> Result<Bookmark> {
        let args = json!({"channel_id": channel, "title": title, "type": "link", "link": link});
        self.one("bookmarks.add", &args, "bookmark").await
    }

    /// The links at the head of a channel (`bookmarks.list`).
    ///
    /// # Errors
    /// What Slack refuses.
    pub async fn bookmarks_list(&self, channel: &str) -> Result<Vec<Bookmark>> {
        self.one("bookmarks.list", &json!({"channel_id": channel}), "bookmarks").await
    }

    /// Takes a link off (`bookmarks.remove`).
    ///
    /// # Errors
    /// What Slack refuses.
    pub async fn bookmarks_remove(&self, channel: &str, bookmark: &str) -> Result<()> {
        let args = json!({"channel_id": channel, "bookmark_id": bookmark});
        self.set("bookmarks.remove", &args, &["not_found"]).await
    }

    /// One file (`files.info`).
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub async fn files_info(&self, file: &str) -> Result<File> {
        self.one("files.info", &json!({"file": file}), "file").await
    }

    /// Deletes a file (`files.delete`). That it is gone already is no error.
    ///
    /// # Errors
    /// What Slack refuses.
    pub async fn files_delete(&self, file: &str) -> Result<()> {
        self.set("files.delete", &json!({"file": file}), &["file_deleted"]).await
    }
}
