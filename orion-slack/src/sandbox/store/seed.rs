//! The workspace that a sandbox starts with.

mod people;
mod talk;
mod words;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::channel::{Channel, Kind, Note};
use super::group::Group;
use super::random::Random;
use super::{App, Store, Team};

/// Channels that every workspace has: name, kind, whether the bot is in it, purpose.
const CHANNELS: [(&str, Kind, bool, &str); 12] = [
    ("general", Kind::Public, true, "This is the one channel that will always include everyone."),
    ("random", Kind::Public, true, "A place for what fits nowhere else."),
    ("ops", Kind::Public, true, "Running things: jobs, incidents, changes."),
    ("alerts", Kind::Public, true, "Alerts of every system."),
    ("approvals", Kind::Public, true, "Requests that wait for a decision."),
    ("engineering", Kind::Public, true, "Building things."),
    ("sales", Kind::Public, false, "Deals, forecasts, customers."),
    ("support", Kind::Public, false, "Customers' questions."),
    ("old-launch", Kind::Public, false, "The launch of last year."),
    ("deploys", Kind::Private, true, "What goes out, and when."),
    ("leadership", Kind::Private, false, "Plans that are not ready."),
    ("hiring", Kind::Private, false, "Candidates."),
];

/// Builds the workspace.
pub(super) fn workspace(records: usize, seed: u64, now: DateTime<Utc>) -> Store {
    let began = now - TimeDelta::days(400);
    let mut store = Store::empty(seed, began);
    let team = store.ids.id("T");
    store.team = Team { id: team, name: "Meridian Works".to_owned(), domain: "meridian-works".to_owned() };
    let mut random = Random::new(seed, "people");
    people::add(&mut store, records, &mut random);
    store.emoji = [("shipit", "https://emoji.slack-edge.com/shipit.png"), ("squirrel", "alias:shipit")]
        .map(|(name, url)| (name.to_owned(), url.to_owned()))
        .into();
    channels(&mut store, records, &mut Random::new(seed, "channels"));
    groups(&mut store);
    talk::add(&mut store, records, now, &mut Random::new(seed, "talk"));
    store.now = now;
    store.events.clear();
    store
}

/// The app, once its bot is a member.
fn app(store: &mut Store, bot_id: String, bot_user: String, installer: String) {
    let id = store.ids.id("A");
    store.app = App { id, name: "Orion".to_owned(), bot_id, bot_user, installer };
}

fn channels(store: &mut Store, records: usize, random: &mut Random) {
    let people: Vec<String> = active(store);
    let creator = store.app.installer.clone();
    for (name, kind, with_bot, purpose) in CHANNELS {
        let mut members: BTreeSet<String> = match name {
            "general" => people.iter().cloned().collect(),
            "leadership" | "hiring" | "deploys" => people.iter().take(6).cloned().collect(),
            _ => people.iter().filter(|_| random.chance(30)).cloned().collect(),
        };
        members.extend(people.iter().take(3).cloned());
        members.remove(&store.app.bot_user);
        if with_bot {
            members.insert(store.app.bot_user.clone());
        }
        let channel = channel(store, name, kind, &creator, members, purpose);
        store.add_channel(channel);
    }
    for number in 0..records / 25 {
        let name = format!("{}-{}", random.word(&words::PROJECTS), number + 1);
        let members = (0..8).filter_map(|_| people.get(random.below(people.len())).cloned()).collect();
        let channel = channel(store, &name, Kind::Public, &creator, members, "");
        store.add_channel(channel);
    }
    let [bot, ada] = [store.app.bot_user.clone(), creator];
    let third = people.get(1).cloned().unwrap_or_default();
    store.open(&BTreeSet::from([bot.clone(), ada.clone()]), &ada);
    store.open(&BTreeSet::from([ada.clone(), third.clone()]), &ada);
    store.open(&BTreeSet::from([bot, ada.clone(), third]), &ada);
}

fn channel(
    store: &mut Store,
    name: &str,
    kind: Kind,
    creator: &str,
    members: BTreeSet<String>,
    purpose: &str,
) -> Channel {
    let created = store.seconds();
    let purpose = Note { value: purpose.to_owned(), creator: creator.to_owned(), last_set: created };
    Channel {
        id: store.ids.id("C"),
        name: name.to_owned(),
        kind,
        creator: creator.to_owned(),
        created,
        updated_ms: store.now.timestamp_millis(),
        general: name == "general",
        purpose,
        members,
        ..Channel::default()
    }
}

/// The members that are neither deleted nor guests, people before bots.
fn active(store: &Store) -> Vec<String> {
    let users =
        store.users().iter().filter(|user| !user.deleted && !user.is_guest() && user.id.starts_with('U'));
    users
        .filter(|user| user.id != super::user::User::SLACKBOT && !user.is_bot())
        .map(|user| user.id.clone())
        .collect()
}

fn groups(store: &mut Store) {
    let people = active(store);
    let created = store.seconds();
    for (handle, name, skip, count) in
        [("oncall", "On call", 0, 2), ("approvers", "Approvers", 0, 3), ("finance-team", "Finance", 3, 4)]
    {
        let group = Group {
            id: store.ids.id("S"),
            name: name.to_owned(),
            handle: handle.to_owned(),
            description: format!("{name}: whom to ask"),
            creator: store.app.installer.clone(),
            created,
            updated: created,
            users: people.iter().skip(skip).take(count).cloned().collect(),
            ..Group::default()
        };
        store.groups.push(group);
    }
}
