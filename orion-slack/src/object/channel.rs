//! Conversations: channels, direct messages, groups.

use super::object;

object! {
    /// A conversation of any kind.
    Channel {
        /// Id: `C…`, `D…` or `G…`.
        id: String,
        /// Name, for those that have one.
        name: String,
        /// The person at the other end of a direct message.
        user: String,
        /// Whether it is a public or private channel.
        is_channel: bool,
        /// Whether it is a direct message.
        is_im: bool,
        /// Whether it is a direct message of several.
        is_mpim: bool,
        /// Whether it is private.
        is_private: bool,
        /// Whether it was archived.
        is_archived: bool,
        /// Whether everyone is in it.
        is_general: bool,
        /// Whether the caller is in it.
        is_member: bool,
        /// Whether it is shared with another workspace.
        is_shared: bool,
        /// Whether it is shared with another organisation.
        is_ext_shared: bool,
        /// When it was made, in seconds since 1970.
        created: i64,
        /// Who made it.
        creator: String,
        /// What it is about now.
        topic: Topic,
        /// What it is for.
        purpose: Topic,
        /// How many are in it, where asked for.
        num_members: u64,
    }
}

object! {
    /// A topic or purpose.
    Topic {
        /// The text.
        value: String,
        /// Who set it.
        creator: String,
        /// When, in seconds since 1970.
        last_set: i64,
    }
}
