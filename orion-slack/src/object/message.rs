//! Messages.

use orion_core::Fields;

use super::{File, Ts, object};

object! {
    /// A message.
    Message {
        /// `message`.
        #[serde(rename = "type")]
        kind: String,
        /// What sort of message it is, if not a plain one: `bot_message`, `channel_join`, …
        subtype: String,
        /// Who wrote it.
        user: String,
        /// The bot that wrote it.
        bot_id: String,
        /// The app that wrote it.
        app_id: String,
        /// The workspace it was written from.
        team: String,
        /// The text, escaped: see [`text::unescape`](crate::text::unescape).
        text: String,
        /// Its time, and its name in the channel.
        ts: Ts,
        /// The first message of its thread.
        thread_ts: Ts,
        /// The channel, where an answer says it.
        channel: String,
        /// How many answers the thread has.
        reply_count: u64,
        /// That it was changed.
        edited: Edited,
        /// Its blocks.
        blocks: Vec<Fields>,
        /// Its attachments, the older form of blocks.
        attachments: Vec<Fields>,
        /// Its files.
        files: Vec<File>,
        /// Its reactions.
        reactions: Vec<Reaction>,
        /// What the app put into it for itself, where asked for.
        metadata: MessageMetadata,
    }
}

object! {
    /// That a message was changed.
    Edited {
        /// Who changed it last.
        user: String,
        /// When.
        ts: Ts,
    }
}

object! {
    /// A reaction and who gave it.
    Reaction {
        /// The emoji, without colons.
        name: String,
        /// How many gave it.
        count: u64,
        /// Who gave it; not always all of them.
        users: Vec<String>,
    }
}

object! {
    /// What an app puts into a message for itself.
    MessageMetadata {
        /// What sort of thing it is.
        event_type: String,
        /// The thing.
        event_payload: Fields,
    }
}
