//! Conversations of each kind and what is in them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::message::Message;
use super::ts::Ts;

/// The kind of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Kind {
    #[default]
    Public,
    Private,
    /// A direct message.
    Im,
    /// A group direct message.
    Mpim,
}

impl Kind {
    /// The name in `types`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Public => "public_channel",
            Self::Private => "private_channel",
            Self::Im => "im",
            Self::Mpim => "mpim",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Public, Self::Private, Self::Im, Self::Mpim].into_iter().find(|kind| kind.name() == name)
    }

    /// The family that its scopes are named by.
    pub(crate) fn family(self) -> &'static str {
        match self {
            Self::Public => "channels",
            Self::Private => "groups",
            Self::Im => "im",
            Self::Mpim => "mpim",
        }
    }

    /// `channel_type` of an event.
    pub(crate) fn event_name(self) -> &'static str {
        match self {
            Self::Public => "channel",
            Self::Private => "group",
            Self::Im => "im",
            Self::Mpim => "mpim",
        }
    }

    pub(crate) fn is_direct(self) -> bool {
        matches!(self, Self::Im | Self::Mpim)
    }
}

/// A topic or a purpose.
#[derive(Debug, Clone, Default)]
pub(crate) struct Note {
    pub(crate) value: String,
    pub(crate) creator: String,
    pub(crate) last_set: i64,
}

impl Note {
    pub(crate) fn rendered(&self) -> Value {
        json!({ "value": self.value, "creator": self.creator, "last_set": self.last_set })
    }
}

/// A pinned message.
#[derive(Debug, Clone)]
pub(crate) struct Pin {
    pub(crate) ts: Ts,
    pub(crate) by: String,
    pub(crate) at: i64,
}

/// A conversation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Channel {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) creator: String,
    pub(crate) created: i64,
    pub(crate) updated_ms: i64,
    pub(crate) archived: bool,
    pub(crate) general: bool,
    pub(crate) topic: Note,
    pub(crate) purpose: Note,
    pub(crate) previous_names: Vec<String>,
    pub(crate) members: BTreeSet<String>,
    pub(crate) messages: BTreeMap<Ts, Message>,
    /// Replies by the root they belong to, oldest first.
    pub(crate) threads: BTreeMap<Ts, Vec<Ts>>,
    pub(crate) pins: Vec<Pin>,
    pub(crate) bookmarks: Vec<Value>,
}

impl Channel {
    pub(crate) fn has(&self, user: &str) -> bool {
        self.members.contains(user)
    }

    /// Whether the member may know that it exists.
    pub(crate) fn visible_to(&self, user: &str) -> bool {
        self.kind == Kind::Public || self.has(user)
    }

    /// The other side of a direct message.
    pub(crate) fn other(&self, user: &str) -> &str {
        self.members.iter().find(|member| *member != user).or(self.members.first()).map_or("", String::as_str)
    }

    /// The conversation as `viewer` sees it.
    pub(crate) fn rendered(&self, team: &str, viewer: &str) -> Value {
        let mut shown = json!({
            "id": self.id, "created": self.created, "is_archived": self.archived,
            "is_channel": self.kind == Kind::Public, "is_group": self.kind == Kind::Private,
            "is_im": self.kind == Kind::Im, "is_mpim": self.kind == Kind::Mpim,
            "is_private": self.kind != Kind::Public, "is_org_shared": false,
            "is_shared": false, "is_ext_shared": false, "is_pending_ext_shared": false,
            "pending_shared": [], "context_team_id": team, "updated": self.updated_ms,
        });
        let more = if self.kind == Kind::Im { self.direct(viewer) } else { self.named(team, viewer) };
        if let (Some(map), Some(more)) = (shown.as_object_mut(), more.as_object()) {
            map.extend(more.clone());
        }
        shown
    }

    fn direct(&self, viewer: &str) -> Value {
        json!({ "user": self.other(viewer), "is_user_deleted": false, "priority": 0 })
    }

    fn named(&self, team: &str, viewer: &str) -> Value {
        json!({
            "name": self.name, "name_normalized": self.name, "is_general": self.general,
            "unlinked": 0, "parent_conversation": null, "creator": self.creator,
            "shared_team_ids": [team], "pending_connected_team_ids": [], "is_member": self.has(viewer),
            "topic": self.topic.rendered(), "purpose": self.purpose.rendered(),
            "previous_names": self.previous_names,
        })
    }

    /// A message as history shows it: a root carries what is known of its thread.
    pub(crate) fn shown(&self, ts: Ts, team: &str) -> Option<Value> {
        let message = self.messages.get(&ts)?;
        let mut shown = message.rendered(team);
        let replies: Vec<&Message> =
            self.threads.get(&ts).into_iter().flatten().filter_map(|ts| self.messages.get(ts)).collect();
        let (Some(last), Some(map)) = (replies.last(), shown.as_object_mut()) else { return Some(shown) };
        let mut users: Vec<&str> = Vec::new();
        for user in replies.iter().map(|reply| reply.author()) {
            if !users.contains(&user) {
                users.push(user);
            }
        }
        let thread = json!({
            "thread_ts": ts.to_string(), "reply_count": replies.len(), "reply_users_count": users.len(),
            "latest_reply": last.ts.to_string(), "is_locked": false, "subscribed": false,
            "reply_users": users.iter().take(5).collect::<Vec<_>>(),
        });
        map.extend(thread.as_object().cloned().unwrap_or_default());
        Some(shown)
    }
}
