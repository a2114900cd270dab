//! The workspace: who and what is in it, and the rules by which it changes. It knows no HTTP.

pub(crate) mod channel;
pub(crate) mod conversations;
pub(crate) mod event;
pub(crate) mod file;
pub(crate) mod group;
pub(crate) mod ids;
pub(crate) mod message;
pub(crate) mod messages;
pub(crate) mod random;
pub(crate) mod reactions;
pub(crate) mod refusal;
mod seed;
pub(crate) mod ts;
pub(crate) mod user;
pub(crate) mod view;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde_json::Value;

use channel::Channel;
use event::Event;
use file::File;
use group::Group;
use ids::Ids;
use message::Bot;
use refusal::Refusal;
use ts::Ts;
use user::User;
use view::Views;

/// One team and the app that is installed in it.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) team: Team,
    pub(crate) app: App,
    pub(crate) ids: Ids,
    pub(crate) now: DateTime<Utc>,
    last_ts: u64,
    users: Vec<User>,
    users_by_id: HashMap<String, usize>,
    users_by_email: HashMap<String, usize>,
    pub(crate) channels: BTreeMap<String, Channel>,
    /// Ids in the order in which the conversations were made, which is the order of lists.
    pub(crate) channel_order: Vec<String>,
    pub(crate) files: BTreeMap<String, File>,
    pub(crate) groups: Vec<Group>,
    pub(crate) views: Views,
    pub(crate) scheduled: Vec<Scheduled>,
    pub(crate) ephemerals: Vec<Value>,
    pub(crate) emoji: BTreeMap<String, String>,
    /// What happened and was not sent yet.
    pub(crate) events: Vec<Event>,
}

/// The workspace itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Team {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) domain: String,
}

/// The app under test and its bot.
#[derive(Debug, Clone, Default)]
pub(crate) struct App {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) bot_id: String,
    pub(crate) bot_user: String,
    /// Who installed it: the user of the user token.
    pub(crate) installer: String,
}

impl App {
    pub(crate) fn bot(&self) -> Bot {
        Bot { id: self.bot_id.clone(), app: self.id.clone(), name: self.name.clone() }
    }
}

/// A message that waits for its time.
#[derive(Debug, Clone)]
pub(crate) struct Scheduled {
    pub(crate) id: String,
    pub(crate) channel: String,
    pub(crate) post_at: i64,
    pub(crate) created: i64,
    pub(crate) message: message::Message,
}

impl Store {
    /// A workspace with so many members, from a seed.
    pub(crate) fn seeded(records: usize, seed: u64, now: DateTime<Utc>) -> Self {
        seed::workspace(records, seed, now)
    }

    fn empty(seed: u64, now: DateTime<Utc>) -> Self {
        Self {
            team: Team::default(),
            app: App::default(),
            ids: Ids::new(seed),
            now,
            last_ts: 0,
            users: Vec::new(),
            users_by_id: HashMap::new(),
            users_by_email: HashMap::new(),
            channels: BTreeMap::new(),
            channel_order: Vec::new(),
            files: BTreeMap::new(),
            groups: Vec::new(),
            views: Views::default(),
            scheduled: Vec::new(),
            ephemerals: Vec::new(),
            emoji: BTreeMap::new(),
            events: Vec::new(),
        }
    }

    /// Seconds since the epoch.
    pub(crate) fn seconds(&self) -> i64 {
        self.now.timestamp()
    }

    /// A timestamp that no other message has.
    pub(crate) fn next_ts(&mut self) -> Ts {
        let now = u64::try_from(self.now.timestamp_micros()).unwrap_or_default();
        self.last_ts = now.max(self.last_ts + 1);
        Ts(self.last_ts)
    }

    pub(crate) fn users(&self) -> &[User] {
        &self.users
    }

    pub(crate) fn user(&self, id: &str) -> Option<&User> {
        self.users_by_id.get(id).and_then(|at| self.users.get(*at))
    }

    pub(crate) fn user_mut(&mut self, id: &str) -> Option<&mut User> {
        self.users_by_id.get(id).and_then(|at| self.users.get_mut(*at))
    }

    /// A member by its address, in any case.
    pub(crate) fn user_by_email(&self, email: &str) -> Option<&User> {
        self.users_by_email.get(&email.to_lowercase()).and_then(|at| self.users.get(*at))
    }

    pub(crate) fn add_user(&mut self, user: User) {
        let at = self.users.len();
        self.users_by_id.insert(user.id.clone(), at);
        if !user.is_bot() && !user.email.is_empty() {
            self.users_by_email.insert(user.email.to_lowercase(), at);
        }
        self.users.push(user);
    }

    pub(crate) fn add_channel(&mut self, channel: Channel) {
        self.channel_order.push(channel.id.clone());
        self.channels.insert(channel.id.clone(), channel);
    }

    /// The conversations in the order of lists.
    pub(crate) fn ordered_channels(&self) -> impl Iterator<Item = &Channel> {
        self.channel_order.iter().filter_map(|id| self.channels.get(id))
    }

    /// A conversation by its id, as `viewer` may know it.
    pub(crate) fn channel(&self, id: &str, viewer: &str) -> Result<&Channel, Refusal> {
        let found = self.channels.get(id).filter(|channel| channel.visible_to(viewer));
        found.ok_or_else(|| "channel_not_found".into())
    }

    pub(crate) fn channel_mut(&mut self, id: &str, viewer: &str) -> Result<&mut Channel, Refusal> {
        let found = self.channels.get_mut(id).filter(|channel| channel.visible_to(viewer));
        found.ok_or_else(|| "channel_not_found".into())
    }

    /// The address of a message.
    pub(crate) fn permalink(&self, channel: &str, ts: Ts, thread: Option<Ts>) -> String {
        let link = format!("https://{}.slack.com/archives/{channel}/{}", self.team.domain, ts.permalink());
        match thread.filter(|root| *root != ts) {
            Some(root) => format!("{link}?thread_ts={root}&cid={channel}"),
            None => link,
        }
    }
}
