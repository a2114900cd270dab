//! Workspaces, groups of people, pins and bookmarks.

use super::{File, Message, object};

object! {
    /// A workspace.
    Team {
        /// Id, `T…`.
        id: String,
        /// Name.
        name: String,
        /// What stands before `.slack.com`.
        domain: String,
        /// Domains whose addresses may join.
        email_domain: String,
        /// Id of the organisation, if there is one.
        enterprise_id: String,
        /// Name of the organisation.
        enterprise_name: String,
    }
}

object! {
    /// A group of people that can be mentioned as one.
    Usergroup {
        /// Id, `S…`.
        id: String,
        /// Name.
        name: String,
        /// What it is mentioned by, without `@`.
        handle: String,
        /// What it is for.
        description: String,
        /// Who is in it, where asked for.
        users: Vec<String>,
        /// How many are in it.
        user_count: u64,
        /// When it was switched off, in seconds since 1970; 0 if it is on.
        date_delete: i64,
    }
}

object! {
    /// Something pinned to a channel.
    Pin {
        /// `message` or `file`.
        #[serde(rename = "type")]
        kind: String,
        /// The channel.
        channel: String,
        /// The message.
        message: Message,
        /// The file.
        file: File,
        /// When it was pinned, in seconds since 1970.
        created: i64,
        /// Who pinned it.
        created_by: String,
    }
}

object! {
    /// A link at the head of a channel.
    Bookmark {
        /// Id, `Bk…`.
        id: String,
        /// The channel.
        channel_id: String,
        /// Title.
        title: String,
        /// Address.
        link: String,
        /// Emoji before the title.
        emoji: String,
        /// `link`.
        #[serde(rename = "type")]
        kind: String,
    }
}
