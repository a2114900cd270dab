//! `pins.*`.

use serde_json::{Value, json};

use super::super::limits::Tier;
use super::super::store::channel::{Channel, Pin};
use super::super::store::refusal::{Outcome, Refusal};
use super::super::store::ts::Ts;
use super::{Ask, Method};

const MOST_PINS: usize = 100;

pub(super) const METHODS: [Method; 3] = [
    Method::new("pins.add", Tier::Two, &["pins:write"], add),
    Method::new("pins.remove", Tier::Two, &["pins:write"], remove),
    Method::new("pins.list", Tier::Two, &["pins:read"], list).form(),
];

fn channel<'a>(ask: &'a Ask<'_>) -> Result<&'a Channel, Refusal> {
    let id = ask.args.text("channel").ok_or("channel_not_found")?;
    let channel = ask.store.channel(&id, &ask.me())?;
    if channel.has(&ask.me()) { Ok(channel) } else { Err("not_in_channel".into()) }
}

fn item(ask: &Ask<'_>) -> Result<(String, Ts, bool), Refusal> {
    let ts = ask.args.ts("timestamp").map_err(|_| "bad_timestamp")?.ok_or("no_item_specified")?;
    let channel = channel(ask)?;
    if !channel.messages.contains_key(&ts) {
        return Err("message_not_found".into());
    }
    Ok((channel.id.clone(), ts, channel.pins.iter().any(|pin| pin.ts == ts)))
}

fn add(ask: &mut Ask<'_>) -> Outcome {
    let (id, ts, pinned) = item(ask)?;
    if pinned {
        return Err("already_pinned".into());
    }
    let pin = Pin { ts, by: ask.me(), at: ask.store.seconds() };
    let found = ask.store.channels.get_mut(&id).ok_or("channel_not_found")?;
    if found.pins.len() >= MOST_PINS {
        return Err("too_many_pins".into());
    }
    found.pins.push(pin);
    changed(ask, &id, ts, true)
}

fn remove(ask: &mut Ask<'_>) -> Outcome {
    let (id, ts, pinned) = item(ask)?;
    if !pinned {
        return Err("no_pin".into());
    }
    if let Some(found) = ask.store.channels.get_mut(&id) {
        found.pins.retain(|pin| pin.ts != ts);
    }
    changed(ask, &id, ts, false)
}

/// Marks the message, and tells of it.
fn changed(ask: &mut Ask<'_>, id: &str, ts: Ts, pinned: bool) -> Outcome {
    let (me, at) = (ask.me(), ask.store.seconds());
    if let Some(message) = ask.store.channels.get_mut(id).and_then(|found| found.messages.get_mut(&ts)) {
        if pinned {
            message.more.insert("pinned_to".to_owned(), json!([id]));
            message
                .more
                .insert("pinned_info".to_owned(), json!({ "channel": id, "pinned_by": me, "pinned_ts": at }));
        } else {
            message.more.remove("pinned_to");
            message.more.remove("pinned_info");
        }
    }
    let kind = if pinned { "pin_added" } else { "pin_removed" };
    let item = json!({ "type": "message", "channel": id, "created": at, "created_by": me,
                       "message": ask.store.channels.get(id).and_then(|found| found.shown(ts, &ask.store.team.id)) });
    ask.store.tell_in(id, kind, json!({ "user": me, "channel_id": id, "item": item }));
    Ok(json!({}))
}

fn list(ask: &mut Ask<'_>) -> Outcome {
    let team = ask.team();
    let channel = channel(ask)?;
    let items: Vec<Value> = channel
        .pins
        .iter()
        .rev()
        .map(|pin| {
            json!({
                "type": "message", "channel": channel.id, "created": pin.at, "created_by": pin.by,
                "message": channel.shown(pin.ts, &team),
            })
        })
        .collect();
    Ok(json!({ "items": items }))
}
