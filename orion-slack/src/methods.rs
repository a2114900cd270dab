//! The methods of the Web API, as far as a client has to know them: how often each may be called, and whether it may be repeated.

use std::time::Duration;

/// How often a method may be called, by one app in one workspace (Slack docs, "Rate limits"; each method's page names its tier).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tier {
    /// Once a minute or more.
    One,
    /// 20 times a minute or more.
    Two,
    /// 50 times a minute or more.
    Three,
    /// 100 times a minute or more.
    Four,
    /// Limits of its own, as far as they are known: so many calls a minute.
    Special(u32),
}

impl Tier {
    /// Calls in any minute.
    #[must_use]
    pub const fn per_minute(self) -> u32 {
        match self {
            Self::One => 1,
            Self::Two => 20,
            Self::Three => 50,
            Self::Four => 100,
            Self::Special(calls) => calls,
        }
    }
}

/// What is known of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Method {
    /// Its name: `chat.postMessage`.
    pub name: &'static str,
    /// How often it may be called.
    pub tier: Tier,
    /// Whether calling it twice does no more than calling it once.
    pub repeatable: bool,
}

/// How often one channel takes a message (docs: about one a second, short bursts above it allowed).
pub(crate) const PER_CHANNEL: (usize, Duration) = (1, Duration::from_secs(1));

/// The method whose limit is one of each channel.
pub(crate) const POST: &str = "chat.postMessage";

/// Methods without a line here are taken to be of tier 3, and are not repeated.
pub(crate) const UNKNOWN: Tier = Tier::Three;

/// What is known of the method of this name.
#[must_use]
pub fn method(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name == name)
}

const fn read(name: &'static str, tier: Tier) -> Method {
    Method { name, tier, repeatable: true }
}

/// A write that leaves the same behind when it is repeated; a refusal of the second one (`already_reacted`) says that the first was done.
const fn set(name: &'static str, tier: Tier) -> Method {
    Method { name, tier, repeatable: true }
}

const fn once(name: &'static str, tier: Tier) -> Method {
    Method { name, tier, repeatable: false }
}

/// The tiers are those of the methods' pages (as of August 2026). Those of special tier carry the numbers Slack's Java SDK uses, which the
/// docs do not give.
pub const METHODS: &[Method] = &[
    read("api.test", Tier::Four),
    once("apps.connections.open", Tier::Three),
    set("auth.revoke", Tier::Three),
    read("auth.test", Tier::Special(600)),
    once("bookmarks.add", Tier::Two),
    set("bookmarks.edit", Tier::Two),
    read("bookmarks.list", Tier::Three),
    set("bookmarks.remove", Tier::Two),
    read("bots.info", Tier::Three),
    set("chat.delete", Tier::Three),
    set("chat.deleteScheduledMessage", Tier::Three),
    read("chat.getPermalink", Tier::Special(600)),
    once("chat.postEphemeral", Tier::Four),
    once(POST, Tier::Special(300)),
    read("chat.scheduledMessages.list", Tier::Three),
    once("chat.scheduleMessage", Tier::Three),
    set("chat.unfurl", Tier::Three),
    set("chat.update", Tier::Three),
    set("conversations.archive", Tier::Two),
    once("conversations.create", Tier::Two),
    read("conversations.history", Tier::Three),
    read("conversations.info", Tier::Three),
    set("conversations.invite", Tier::Three),
    set("conversations.join", Tier::Three),
    set("conversations.kick", Tier::Three),
    set("conversations.leave", Tier::Three),
    read("conversations.list", Tier::Two),
    read("conversations.members", Tier::Four),
    set("conversations.open", Tier::Three),
    set("conversations.rename", Tier::Two),
    read("conversations.replies", Tier::Three),
    set("conversations.setPurpose", Tier::Two),
    set("conversations.setTopic", Tier::Two),
    set("conversations.unarchive", Tier::Two),
    read("emoji.list", Tier::Two),
    once("files.completeUploadExternal", Tier::Four),
    set("files.delete", Tier::Three),
    once("files.getUploadURLExternal", Tier::Four),
    read("files.info", Tier::Four),
    read("files.list", Tier::Three),
    once("oauth.v2.access", Tier::Special(600)),
    set("pins.add", Tier::Two),
    read("pins.list", Tier::Two),
    set("pins.remove", Tier::Two),
    set("reactions.add", Tier::Three),
    read("reactions.get", Tier::Three),
    read("reactions.list", Tier::Two),
    set("reactions.remove", Tier::Two),
    read("team.info", Tier::Three),
    read("usergroups.list", Tier::Two),
    set("usergroups.update", Tier::Two),
    read("usergroups.users.list", Tier::Two),
    set("usergroups.users.update", Tier::Two),
    read("users.conversations", Tier::Three),
    read("users.getPresence", Tier::Three),
    read("users.info", Tier::Four),
    read("users.list", Tier::Two),
    read("users.lookupByEmail", Tier::Three),
    read("users.profile.get", Tier::Four),
    set("users.setPresence", Tier::Two),
    once("views.open", Tier::Four),
    set("views.publish", Tier::Four),
    once("views.push", Tier::Four),
    set("views.update", Tier::Four),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_names_each_method_once() {
        assert!(METHODS.windows(2).all(|pair| pair[0].name.to_lowercase() < pair[1].name.to_lowercase()));
    }

    #[test]
    fn what_posts_is_not_repeated() {
        for name in [POST, "chat.postEphemeral", "chat.scheduleMessage", "conversations.create"] {
            assert!(!method(name).unwrap().repeatable, "{name}");
        }
        assert!(method("users.list").unwrap().repeatable);
        assert_eq!(method("nope"), None);
    }
}
