//! Messages of the past: plain ones, threads, reactions, and what the workspace writes by itself.

use chrono::{DateTime, TimeDelta, Utc};

use super::super::Store;
use super::super::channel::Kind;
use super::super::message::Message;
use super::super::random::Random;
use super::words;

/// Fills each channel with its past, ends the one that is archived, and pins a message.
pub(super) fn add(store: &mut Store, records: usize, now: DateTime<Utc>, random: &mut Random) {
    let channels: Vec<(String, String, Kind)> = store
        .ordered_channels()
        .map(|channel| (channel.id.clone(), channel.name.clone(), channel.kind))
        .collect();
    for (id, name, kind) in channels {
        let count = match (name.as_str(), kind) {
            ("general", _) => 40 + records / 10,
            (_, Kind::Public | Kind::Private) => 8 + random.below(8),
            (_, Kind::Im | Kind::Mpim) => 4,
        };
        let step = TimeDelta::days(30) / i32::try_from(count).unwrap_or(i32::MAX);
        store.now = now - TimeDelta::days(30);
        // Timestamps only rise, so each channel begins anew at its own past.
        store.last_ts = 0;
        for _ in 0..count {
            store.now += step - TimeDelta::milliseconds(i64::try_from(random.below(900)).unwrap_or_default());
            one(store, &id, random);
        }
        if name == "old-launch"
            && let Some(channel) = store.channels.get_mut(&id)
        {
            channel.archived = true;
        }
    }
}

fn one(store: &mut Store, channel: &str, random: &mut Random) {
    let Some(found) = store.channels.get(channel) else { return };
    let members: Vec<&String> = found.members.iter().filter(|user| **user != store.app.bot_user).collect();
    let Some(user) = members.get(random.below(members.len())).map(|user| (*user).clone()) else { return };
    let reactor = members.get(random.below(members.len())).map(|user| (*user).clone()).unwrap_or_default();
    let thread = found.messages.keys().next_back().copied().filter(|_| random.chance(20));
    let thread = thread.filter(|ts| found.messages.get(ts).is_some_and(|message| message.subtype.is_none()));
    let more = [("client_msg_id".to_owned(), store.ids.uuid().into())].into_iter().collect();
    let text = random.word(&words::LINES).to_owned();
    let posted = store.post(channel, Message { user, text, thread, more, ..Message::default() });
    if let Ok(ts) = posted
        && random.chance(25)
    {
        // A name that the workspace has not is no reaction; the seeded ones all are.
        let _seeded = store.react(channel, ts, random.word(&words::EMOJI), &reactor);
    }
}
