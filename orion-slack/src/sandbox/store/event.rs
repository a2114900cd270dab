//! What happened in the workspace, as the Events API tells it.

use serde_json::{Value, json};

use super::Store;
use super::channel::Kind;
use super::ts::Ts;

/// One thing that happened.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// The name of the subscription: `message.channels`, `reaction_added`.
    pub(crate) name: String,
    /// The conversation it happened in; the app hears of it only where its bot is a member.
    pub(crate) channel: Option<String>,
    /// The inner event, with its `event_ts`.
    pub(crate) body: Value,
}

impl Store {
    /// Notes an event that is not about one conversation.
    pub(crate) fn tell(&mut self, kind: &str, body: Value) {
        self.push(kind, kind, None, body);
    }

    /// Notes an event of a conversation.
    pub(crate) fn tell_in(&mut self, channel: &str, kind: &str, body: Value) {
        self.push(kind, kind, Some(channel), body);
    }

    fn push(&mut self, name: &str, kind: &str, channel: Option<&str>, body: Value) {
        let Value::Object(mut event) = body else { return };
        event.insert("type".to_owned(), kind.into());
        let at = self.next_ts().to_string();
        event.entry("event_ts").or_insert_with(|| at.into());
        self.events.push(Event {
            name: name.to_owned(),
            channel: channel.map(str::to_owned),
            body: Value::Object(event),
        });
    }

    /// Notes a new message, and that it names the app.
    pub(crate) fn tell_message(&mut self, channel: &str, ts: Ts) {
        let Some((kind, mut shown)) = self.message_body(channel, ts) else { return };
        let mention = format!("<@{}", self.app.bot_user);
        let named = shown["text"].as_str().is_some_and(|text| text.contains(&mention));
        let by_bot = shown["bot_id"] == self.app.bot_id.as_str();
        if named && !by_bot && shown["subtype"].is_null() && kind != Kind::Im {
            self.push("app_mention", "app_mention", Some(channel), shown.clone());
        }
        shown["channel_type"] = kind.event_name().into();
        self.push(subscription(kind), "message", Some(channel), shown);
    }

    /// Notes a change of a message: `message_changed`, `message_deleted`.
    pub(crate) fn tell_change(&mut self, channel: &str, subtype: &str, body: Value) {
        let Some(kind) = self.channels.get(channel).map(|channel| channel.kind) else { return };
        let mut event = json!({ "subtype": subtype, "channel": channel, "channel_type": kind.event_name(),
                                "ts": self.next_ts().to_string(), "hidden": true });
        if let (Some(map), Value::Object(more)) = (event.as_object_mut(), body) {
            map.extend(more);
        }
        self.push(subscription(kind), "message", Some(channel), event);
    }

    fn message_body(&self, channel: &str, ts: Ts) -> Option<(Kind, Value)> {
        let found = self.channels.get(channel)?;
        let mut shown = found.messages.get(&ts)?.rendered(&self.team.id);
        shown["channel"] = channel.into();
        shown["event_ts"] = ts.to_string().into();
        Some((found.kind, shown))
    }
}

/// `message` events are subscribed to by the kind of conversation.
fn subscription(kind: Kind) -> &'static str {
    match kind {
        Kind::Public => "message.channels",
        Kind::Private => "message.groups",
        Kind::Im => "message.im",
        Kind::Mpim => "message.mpim",
    }
}
