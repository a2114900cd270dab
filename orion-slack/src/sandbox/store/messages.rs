//! Posting, changing and deleting messages.

use serde_json::json;

use super::Store;
use super::message::Message;
use super::refusal::Refusal;
use super::ts::Ts;

/// New content of a message; what is `None` stays.
#[derive(Debug, Default)]
pub(crate) struct Edit {
    pub(crate) text: Option<String>,
    pub(crate) blocks: Option<serde_json::Value>,
    pub(crate) attachments: Option<serde_json::Value>,
    pub(crate) metadata: Option<serde_json::Value>,
    pub(crate) files: Option<Vec<serde_json::Value>>,
    pub(crate) broadcast: bool,
}

impl Store {
    /// Puts a message into a conversation and tells of it; answers its timestamp.
    pub(crate) fn post(&mut self, channel: &str, mut message: Message) -> Result<Ts, Refusal> {
        let ts = self.next_ts();
        let found = self.channels.get_mut(channel).ok_or("channel_not_found")?;
        if found.archived {
            return Err("is_archived".into());
        }
        if let Some(root) = message.thread {
            let parent = found.messages.get(&root).ok_or("thread_not_found")?;
            // A reply to a reply belongs to the thread of the first message.
            let root = parent.thread.unwrap_or(root);
            message.thread = Some(root);
            if let Some(parent) = found.messages.get_mut(&root) {
                parent.thread = Some(root);
            }
            found.threads.entry(root).or_default().push(ts);
            if message.broadcast {
                message.subtype = Some("thread_broadcast");
            }
        }
        message.ts = ts;
        found.messages.insert(ts, message);
        self.tell_message(channel, ts);
        Ok(ts)
    }

    /// Changes a message in place; it is shown as edited if what people read of it changed.
    pub(crate) fn edit(&mut self, channel: &str, ts: Ts, by: &str, edit: Edit) -> Result<(), Refusal> {
        let at = self.next_ts();
        let team = self.team.id.clone();
        let found = self.channels.get_mut(channel).ok_or("channel_not_found")?;
        let previous = found.shown(ts, &team).ok_or("message_not_found")?;
        let message = found.messages.get_mut(&ts).ok_or("message_not_found")?;
        let changed = edit.text.as_ref().is_some_and(|text| *text != message.text)
            || edit.blocks.is_some()
            || edit.attachments.is_some();
        if let Some(text) = edit.text {
            message.text = text;
        }
        for (new, old) in [
            (edit.blocks, &mut message.blocks),
            (edit.attachments, &mut message.attachments),
            (edit.metadata, &mut message.metadata),
        ] {
            if let Some(new) = new {
                *old = (!new.is_null() && new != json!([]) && new != json!({})).then_some(new);
            }
        }
        if let Some(files) = edit.files {
            message.files = files;
        }
        message.broadcast |= edit.broadcast && message.thread.is_some();
        if changed {
            message.edited = Some((by.to_owned(), at));
        }
        if let Some(shown) = found.shown(ts, &team) {
            self.tell_change(
                channel,
                "message_changed",
                json!({ "message": shown, "previous_message": previous }),
            );
        }
        Ok(())
    }

    /// Removes a message. A root with replies leaves a tombstone (Slack docs, message events).
    pub(crate) fn remove(&mut self, channel: &str, ts: Ts) -> Result<(), Refusal> {
        let team = self.team.id.clone();
        let found = self.channels.get_mut(channel).ok_or("channel_not_found")?;
        let previous = found.shown(ts, &team).ok_or("message_not_found")?;
        let replied = found.threads.get(&ts).is_some_and(|replies| !replies.is_empty());
        if replied {
            let tombstone = Message {
                ts,
                user: super::user::User::SLACKBOT.to_owned(),
                subtype: Some("tombstone"),
                text: "This message was deleted.".to_owned(),
                thread: Some(ts),
                more: json!({ "hidden": true }).as_object().cloned().unwrap_or_default(),
                ..Message::default()
            };
            found.messages.insert(ts, tombstone);
        } else if let Some(root) = found.messages.remove(&ts).and_then(|message| message.thread) {
            found.detach(root, ts);
        }
        found.pins.retain(|pin| pin.ts != ts);
        let body = json!({ "deleted_ts": ts.to_string(), "previous_message": previous });
        self.tell_change(channel, "message_deleted", body);
        Ok(())
    }
}

impl super::channel::Channel {
    /// Takes a reply out of its thread; a thread without replies is none.
    fn detach(&mut self, root: Ts, reply: Ts) {
        let Some(replies) = self.threads.get_mut(&root) else { return };
        replies.retain(|ts| *ts != reply);
        if replies.is_empty() {
            self.threads.remove(&root);
            if let Some(parent) = self.messages.get_mut(&root) {
                parent.thread = None;
            }
        }
    }
}
