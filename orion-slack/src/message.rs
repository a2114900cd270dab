//! A message to be sent.

use orion_core::{Error, ErrorKind, Fields, Result};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    NAME, Ts,
    block::{self, Block, Surface},
    text,
};

/// The longest `markdown_text` (docs, `chat.postMessage`).
const MAX_MARKDOWN: usize = 12_000;

/// Slack cuts a text here (docs, `chat.postMessage`).
const CUT: usize = 40_000;

/// The member of a message's metadata that holds the idempotency id.
pub(crate) const ID: &str = "orion_id";

/// A message to be sent: to a channel, a person or a thread.
///
/// Links in it are not unfolded unless [`unfurl`](Outgoing::unfurl) says so. Text of others has to be escaped:
/// [`text::escape`](crate::text::escape).
///
/// ```
/// use orion_slack::{Outgoing, block::section, text};
///
/// let customer = "AT&T <!channel>";
/// let message = Outgoing::new("C024BE91L", format!("Sync of {} failed", text::escape(customer)))
///     .blocks([section(format!("*Sync failed*\n{}", text::escape(customer)))])
///     .id("sync-4711");
/// assert!(message.check().is_ok());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Outgoing {
    /// Where to: the id of a channel, or of a person, whose direct message it goes to.
    pub channel: String,
    /// The text in Slack's markup. Beside blocks it is what notifications and screen readers say.
    pub text: Option<String>,
    /// The text in standard Markdown, instead of `text` and blocks.
    pub markdown: Option<String>,
    /// What it is laid out with.
    pub blocks: Vec<Block>,
    /// The first message of the thread it goes into.
    pub thread: Option<Ts>,
    /// Whether an answer in a thread is shown in the channel too.
    pub broadcast: bool,
    /// Whether links are unfolded.
    pub unfurl: bool,
    /// What the app puts into it for itself: a type and the thing.
    pub metadata: Option<(String, Fields)>,
    /// The caller's name for this message, by which it is found again when the answer of Slack was lost.
    pub id: Option<String>,
    /// The name it is shown under, with the scope `chat:write.customize`.
    pub username: Option<String>,
    /// The emoji it is shown with, with the scope `chat:write.customize`.
    pub icon_emoji: Option<String>,
}

impl Outgoing {
    /// A text in Slack's markup.
    #[must_use]
    pub fn new(channel: impl Into<String>, text: impl Into<String>) -> Self {
        Self { channel: channel.into(), text: Some(text.into()), ..Self::default() }
    }

    /// A text in standard Markdown.
    #[must_use]
    pub fn markdown(channel: impl Into<String>, text: impl Into<String>) -> Self {
        Self { channel: channel.into(), markdown: Some(text.into()), ..Self::default() }
    }

    /// Lays it out with blocks. The text stays as what notifications say.
    #[must_use]
    pub fn blocks(mut self, blocks: impl IntoIterator<Item = impl Into<Block>>) -> Self {
        self.blocks = blocks.into_iter().map(Into::into).collect();
        self
    }

    /// Answers in the thread of a message.
    #[must_use]
    pub fn in_thread(mut self, ts: impl Into<Ts>) -> Self {
        self.thread = Some(ts.into());
        self
    }

    /// Shows an answer in a thread in the channel too.
    #[must_use]
    pub fn broadcast(mut self) -> Self {
        self.broadcast = true;
        self
    }

    /// Unfolds links.
    #[must_use]
    pub fn unfurl(mut self) -> Self {
        self.unfurl = true;
        self
    }

    /// Puts something into it for the app itself.
    #[must_use]
    pub fn metadata(mut self, event_type: impl Into<String>, payload: Fields) -> Self {
        self.metadata = Some((event_type.into(), payload));
        self
    }

    /// Names it, so that it is found again when the answer of Slack was lost. Two messages of one name are taken for one.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Shows it under another name and emoji.
    #[must_use]
    pub fn shown_as(mut self, username: impl Into<String>, icon_emoji: impl Into<String>) -> Self {
        (self.username, self.icon_emoji) = (Some(username.into()), Some(icon_emoji.into()));
        self
    }

    /// The same in messages whose text is at most `limit` characters each, the later ones to be posted into the thread of the first. The blocks stay
    /// with the first.
    #[must_use]
    pub fn split(self, limit: usize) -> Vec<Self> {
        let (long, is_markdown) = match (&self.text, &self.markdown) {
            (_, Some(markdown)) => (markdown.clone(), true),
            (Some(text), None) => (text.clone(), false),
            (None, None) => return vec![self],
        };
        let parts = text::split(&long, limit);
        if parts.len() < 2 {
            return vec![self];
        }
        let part = |(index, text): (usize, String)| {
            let mut part = self.clone();
            if is_markdown {
                part.markdown = Some(text)
            } else {
                part.text = Some(text)
            }
            if index > 0 {
                (part.blocks, part.broadcast) = (Vec::new(), false);
                part.id = self.id.as_ref().map(|id| format!("{id}/{index}"));
            }
            part
        };
        parts.into_iter().enumerate().map(part).collect()
    }

    /// Checks it against Slack's limits, as sending does before anything leaves.
    ///
    /// # Errors
    /// `Config` for a message without content or with two, `TooLarge` for a text over its limit; what [`block::check`] finds.
    pub fn check(&self) -> Result<()> {
        let refuse = |kind, message: String| Err(Error::new(kind, message).during(NAME, "message"));
        let chars = |text: &Option<String>| text.as_deref().map_or(0, |text| text.chars().count());
        if self.channel.is_empty() {
            return refuse(ErrorKind::Config, "the message names no channel".into());
        }
        if self.markdown.is_some() && (self.text.is_some() || !self.blocks.is_empty()) {
            return refuse(
                ErrorKind::Config,
                "a message has Markdown, or a text and blocks, and not both".into(),
            );
        }
        if chars(&self.text) + chars(&self.markdown) == 0 && self.blocks.is_empty() {
            return refuse(ErrorKind::Config, "the message is empty".into());
        }
        let limits = [(&self.text, CUT), (&self.markdown, MAX_MARKDOWN)];
        if let Some((text, most)) = limits.into_iter().find(|(text, most)| chars(text) > *most) {
            let chars = chars(text);
            return refuse(
                ErrorKind::TooLarge,
                format!("the text has {chars} characters, {most} are allowed: split it"),
            );
        }
        block::check(&self.blocks, Surface::Message)
    }

    /// The arguments of the call that sends it.
    pub(crate) fn args(&self) -> Value {
        let blocks = (!self.blocks.is_empty()).then_some(&self.blocks);
        let mut args = json!({
            "channel": self.channel, "text": self.text, "markdown_text": self.markdown, "blocks": blocks, "thread_ts": self.thread,
            "unfurl_links": self.unfurl, "unfurl_media": self.unfurl, "username": self.username, "icon_emoji": self.icon_emoji,
            "metadata": self.marks(),
        });
        if self.broadcast {
            args["reply_broadcast"] = true.into();
        }
        args
    }

    /// What the app puts into it for itself, the id among it.
    fn marks(&self) -> Option<impl Serialize + use<>> {
        let mut marks = self.metadata.clone();
        if let Some(id) = &self.id {
            let (_, payload) = marks.get_or_insert_with(|| ("orion_message".to_owned(), Fields::new()));
            payload.insert(ID, id.as_str());
        }
        marks.map(
            |(event_type, event_payload)| json!({"event_type": event_type, "event_payload": event_payload}),
        )
    }
}
