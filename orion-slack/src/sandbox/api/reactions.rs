//! `reactions.*`.

use serde_json::{Value, json};

use super::super::limits::Tier;
use super::super::store::refusal::{Outcome, Refusal};
use super::super::store::ts::Ts;
use super::{Ask, Method};

pub(super) const METHODS: [Method; 4] = [
    Method::new("reactions.add", Tier::Three, &["reactions:write"], add),
    Method::new("reactions.remove", Tier::Two, &["reactions:write"], remove),
    Method::new("reactions.get", Tier::Three, &["reactions:read"], get).form(),
    Method::new("reactions.list", Tier::Two, &["reactions:read"], list).form(),
];

/// The message that `channel` and `timestamp` name, in a conversation of the caller's.
fn item(ask: &Ask<'_>) -> Result<(String, Ts), Refusal> {
    if !ask.args.has("channel") && !ask.args.has("timestamp") {
        return Err("no_item_specified".into());
    }
    let id = ask.args.text("channel").ok_or("channel_not_found")?;
    let me = ask.me();
    let channel = ask.store.channel(&id, &me)?;
    let ts = ask.args.ts("timestamp").map_err(|_| "bad_timestamp")?.ok_or("bad_timestamp")?;
    if !channel.has(&me) {
        return Err("not_in_channel".into());
    }
    if !channel.messages.contains_key(&ts) {
        return Err("message_not_found".into());
    }
    Ok((id, ts))
}

/// The emoji's name; colons around it are taken off.
fn name(ask: &Ask<'_>) -> Result<String, Refusal> {
    let name = ask.args.text("name").ok_or("invalid_name")?;
    Ok(name.trim_matches(':').to_owned())
}

fn add(ask: &mut Ask<'_>) -> Outcome {
    let ((channel, ts), me) = (item(ask)?, ask.me());
    ask.store.react(&channel, ts, &name(ask)?, &me).map(|()| json!({}))
}

fn remove(ask: &mut Ask<'_>) -> Outcome {
    let ((channel, ts), me) = (item(ask)?, ask.me());
    ask.store.unreact(&channel, ts, &name(ask)?, &me).map(|()| json!({}))
}

fn get(ask: &mut Ask<'_>) -> Outcome {
    let (channel, ts) = item(ask)?;
    let team = ask.team();
    let found = ask.store.channels.get(&channel);
    let mut shown = found.and_then(|found| found.shown(ts, &team)).ok_or("message_not_found")?;
    let thread = found.and_then(|found| found.messages.get(&ts)).and_then(|message| message.thread);
    shown["permalink"] = ask.store.permalink(&channel, ts, thread).into();
    Ok(json!({ "type": "message", "channel": channel, "message": shown }))
}

fn list(ask: &mut Ask<'_>) -> Outcome {
    let (me, team) = (ask.me(), ask.team());
    let user = ask.args.text("user").unwrap_or_else(|| me.clone());
    if ask.store.user(&user).is_none() {
        return Err("user_not_found".into());
    }
    let mut items: Vec<(Ts, Value)> = Vec::new();
    for channel in ask.store.channels.values().filter(|channel| channel.has(&me)) {
        let by_user = |ts: &Ts| {
            let reactions = channel.messages.get(ts).map(|message| &message.reactions);
            reactions.is_some_and(|all| all.iter().any(|one| one.users.contains(&user)))
        };
        for ts in channel.messages.keys().filter(|ts| by_user(ts)) {
            let message = channel.shown(*ts, &team);
            items.push((*ts, json!({ "type": "message", "channel": channel.id, "message": message })));
        }
    }
    items.sort_by_key(|(ts, _)| std::cmp::Reverse(*ts));
    let page =
        ask.page("reaction", items, ask.limit(100, 1_000)?, |(ts, item)| format!("{ts}{}", item["channel"]))?;
    let shown: Vec<&Value> = page.items.iter().map(|(_, item)| item).collect();
    Ok(json!({ "items": shown, "response_metadata": page.metadata() }))
}
