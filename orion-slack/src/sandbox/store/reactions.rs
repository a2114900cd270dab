//! Reactions below messages.

use serde_json::{Value, json};

use super::Store;
use super::message::{Message, Reaction};
use super::refusal::Refusal;
use super::ts::Ts;

/// Different emoji below one message, and those of one member (Slack docs, reactions.add: limits unverified).
const MOST_EMOJI: usize = 50;
const MOST_OF_ONE: usize = 23;

impl Store {
    /// Adds a member's reaction.
    pub(crate) fn react(&mut self, channel: &str, ts: Ts, name: &str, user: &str) -> Result<(), Refusal> {
        if !self.knows_emoji(name) {
            return Err("invalid_name".into());
        }
        let message = self.target(channel, ts)?;
        let of_one = message.reactions.iter().filter(|one| one.users.iter().any(|by| by == user)).count();
        let emoji = message.reactions.len();
        let known = message.reactions.iter().position(|one| one.name == name);
        match known.and_then(|at| message.reactions.get_mut(at)) {
            Some(one) if one.users.iter().any(|by| by == user) => return Err("already_reacted".into()),
            _ if of_one >= MOST_OF_ONE => return Err("too_many_reactions".into()),
            Some(one) => one.users.push(user.to_owned()),
            None if emoji >= MOST_EMOJI => return Err("too_many_emoji".into()),
            None => {
                message.reactions.push(Reaction { name: name.to_owned(), users: vec![user.to_owned()] });
            }
        }
        let body = reaction(channel, ts, name, user, &message.user.clone());
        self.tell_in(channel, "reaction_added", body);
        Ok(())
    }

    /// Takes a member's reaction back.
    pub(crate) fn unreact(&mut self, channel: &str, ts: Ts, name: &str, user: &str) -> Result<(), Refusal> {
        let message = self.target(channel, ts)?;
        let one = message.reactions.iter_mut().find(|one| one.name == name).ok_or("no_reaction")?;
        let at = one.users.iter().position(|by| by == user).ok_or("no_reaction")?;
        one.users.remove(at);
        message.reactions.retain(|one| !one.users.is_empty());
        let body = reaction(channel, ts, name, user, &message.user.clone());
        self.tell_in(channel, "reaction_removed", body);
        Ok(())
    }

    fn target(&mut self, channel: &str, ts: Ts) -> Result<&mut Message, Refusal> {
        let channel = self.channels.get_mut(channel).ok_or("channel_not_found")?;
        if channel.archived {
            return Err("is_archived".into());
        }
        channel.messages.get_mut(&ts).ok_or_else(|| "message_not_found".into())
    }

    /// The standard emoji are too many to list: any well-formed name counts as one, except where it says it is
    /// none. Skin tones follow the name after `::`.
    fn knows_emoji(&self, name: &str) -> bool {
        let base = name.split("::").next().unwrap_or_default();
        let formed = !base.is_empty()
            && base.len() <= 100
            && base.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-+'".contains(c));
        formed && (self.emoji.contains_key(base) || !base.starts_with("no_such"))
    }
}

fn reaction(channel: &str, ts: Ts, name: &str, user: &str, author: &str) -> Value {
    json!({
        "user": user, "reaction": name, "item_user": author,
        "item": { "type": "message", "channel": channel, "ts": ts.to_string() },
    })
}
