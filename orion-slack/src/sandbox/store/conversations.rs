//! Making conversations and changing who is in them.

use std::collections::BTreeSet;

use serde_json::json;

use super::Store;
use super::channel::{Channel, Kind, Note};
use super::message::Message;
use super::refusal::Refusal;

impl Store {
    /// Makes a channel with its creator in it; answers its id.
    pub(crate) fn create(&mut self, name: &str, kind: Kind, creator: &str) -> Result<String, Refusal> {
        check_name(name)?;
        if self.channels.values().any(|channel| !channel.kind.is_direct() && channel.name == name) {
            return Err("name_taken".into());
        }
        let id = self.ids.id("C");
        let members = BTreeSet::from([creator.to_owned()]);
        let channel = Channel { name: name.to_owned(), members, ..self.blank(&id, kind, creator) };
        self.add_channel(channel);
        if kind == Kind::Public {
            let body = json!({ "channel": { "id": id, "name": name, "created": self.seconds(), "creator": creator,
                                            "is_channel": true, "context_team_id": self.team.id } });
            self.tell("channel_created", body);
        }
        Ok(id)
    }

    fn blank(&self, id: &str, kind: Kind, creator: &str) -> Channel {
        Channel {
            id: id.to_owned(),
            kind,
            creator: creator.to_owned(),
            created: self.seconds(),
            updated_ms: self.now.timestamp_millis(),
            ..Channel::default()
        }
    }

    /// The direct conversation of these members, made unless there is one.
    pub(crate) fn open(&mut self, members: &BTreeSet<String>, creator: &str) -> (String, bool) {
        let kind = if members.len() > 2 { Kind::Mpim } else { Kind::Im };
        let known =
            self.channels.values().find(|channel| channel.kind == kind && channel.members == *members);
        if let Some(known) = known {
            return (known.id.clone(), true);
        }
        let (prefix, name) = match kind {
            Kind::Mpim => ("C", self.group_name(members)),
            Kind::Im | Kind::Public | Kind::Private => ("D", String::new()),
        };
        let id = self.ids.id(prefix);
        let channel = Channel { name, members: members.clone(), ..self.blank(&id, kind, creator) };
        self.add_channel(channel);
        (id, false)
    }

    fn group_name(&self, members: &BTreeSet<String>) -> String {
        let names: Vec<&str> =
            members.iter().filter_map(|id| self.user(id)).map(|user| user.name.as_str()).collect();
        format!("mpdm-{}-1", names.join("--"))
    }

    /// Lets a member in and tells of it.
    pub(crate) fn enter(
        &mut self,
        channel: &str,
        user: &str,
        inviter: Option<&str>,
    ) -> Result<bool, Refusal> {
        let found = self.channels.get_mut(channel).ok_or("channel_not_found")?;
        if found.archived {
            return Err("is_archived".into());
        }
        if !found.members.insert(user.to_owned()) {
            return Ok(false);
        }
        let kind = found.kind;
        let mut body = json!({ "user": user, "channel": channel, "channel_type": kind_letter(kind),
                               "team": self.team.id });
        if let Some(inviter) = inviter {
            body["inviter"] = inviter.into();
        }
        self.tell_in(channel, "member_joined_channel", body);
        let (subtype, verb) = match kind {
            Kind::Public => ("channel_join", "has joined the channel"),
            Kind::Private | Kind::Im | Kind::Mpim => ("group_join", "has joined the group"),
        };
        self.announce(channel, user, subtype, &format!("<@{user}> {verb}"))?;
        Ok(true)
    }

    /// Takes a member out and tells of it.
    pub(crate) fn exit(&mut self, channel: &str, user: &str) -> Result<bool, Refusal> {
        let found = self.channels.get_mut(channel).ok_or("channel_not_found")?;
        let kind = found.kind;
        if !found.has(user) {
            return Ok(false);
        }
        let body = json!({ "user": user, "channel": channel, "channel_type": kind_letter(kind),
                           "team": self.team.id });
        self.tell_in(channel, "member_left_channel", body);
        self.announce(channel, user, "channel_leave", &format!("<@{user}> has left the channel"))?;
        if let Some(found) = self.channels.get_mut(channel) {
            found.members.remove(user);
        }
        Ok(true)
    }

    /// A message that the workspace writes about a member.
    pub(crate) fn announce(
        &mut self,
        channel: &str,
        user: &str,
        subtype: &'static str,
        text: &str,
    ) -> Result<(), Refusal> {
        let (user, text) = (user.to_owned(), text.to_owned());
        self.post(channel, Message { user, text, subtype: Some(subtype), ..Message::default() }).map(drop)
    }

    /// Sets the topic or the purpose.
    pub(crate) fn note(
        &mut self,
        channel: &str,
        user: &str,
        what: &'static str,
        value: &str,
    ) -> Result<(), Refusal> {
        let note = Note { value: value.to_owned(), creator: user.to_owned(), last_set: self.seconds() };
        let found = self.channels.get_mut(channel).ok_or("channel_not_found")?;
        match what {
            "topic" => found.topic = note,
            _ => found.purpose = note,
        }
        let subtype = if what == "topic" { "channel_topic" } else { "channel_purpose" };
        self.announce(channel, user, subtype, &format!("<@{user}> set the channel {what}: {value}"))
    }
}

fn kind_letter(kind: Kind) -> &'static str {
    if kind == Kind::Public { "C" } else { "G" }
}

/// The vendor's rules for names (Slack docs, conversations.create).
pub(crate) fn check_name(name: &str) -> Result<(), Refusal> {
    if name.is_empty() {
        return Err("invalid_name_required".into());
    }
    if name.chars().count() > 80 {
        return Err("invalid_name_maxlength".into());
    }
    let punctuation = |c: char| matches!(c, '-' | '_');
    if name.chars().all(punctuation) {
        return Err("invalid_name_punctuation".into());
    }
    let fits = |c: char| punctuation(c) || (c.is_alphanumeric() && !c.is_uppercase());
    if name.chars().all(fits) { Ok(()) } else { Err("invalid_name_specials".into()) }
}
