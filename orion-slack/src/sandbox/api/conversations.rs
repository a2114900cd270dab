//! `conversations.*` that read.

pub(super) mod change;

use serde_json::{Value, json};

use super::super::limits::Tier;
use super::super::store::channel::{Channel, Kind};
use super::super::store::refusal::{Outcome, Refusal};
use super::super::store::ts::Ts;
use super::method::Verb;
use super::page::next_cursor;
use super::{Ask, Method};

const READ: [&str; 4] = ["channels:read", "groups:read", "im:read", "mpim:read"];
const HISTORY: [&str; 4] = ["channels:history", "groups:history", "im:history", "mpim:history"];

pub(super) const METHODS: [Method; 5] = [
    Method::new("conversations.list", Tier::Two, &READ, list).form(),
    Method::new("conversations.info", Tier::Three, &READ, info).form(),
    Method::new("conversations.members", Tier::Four, &READ, members).form(),
    Method::new("conversations.history", Tier::Three, &HISTORY, history),
    Method::new("conversations.replies", Tier::Three, &HISTORY, replies).form(),
];

/// The kinds that `types` names, public channels unless it does; the token has to have the scope of each.
pub(super) fn kinds(ask: &Ask<'_>) -> Result<Vec<Kind>, Refusal> {
    let named = ask.args.list("types");
    let kinds: Option<Vec<Kind>> = named.iter().map(|name| Kind::parse(name)).collect();
    let kinds = match kinds {
        None => return Err("invalid_types".into()),
        Some(kinds) if kinds.is_empty() => vec![Kind::Public],
        Some(kinds) => kinds,
    };
    kinds.iter().try_for_each(|kind| ask.may_list(*kind))?;
    Ok(kinds)
}

fn list(ask: &mut Ask<'_>) -> Outcome {
    let (me, team, kinds) = (ask.me(), ask.team(), kinds(ask)?);
    let archived = ask.args.flag("exclude_archived") != Some(true);
    let channels = ask.store.ordered_channels();
    let channels =
        channels.filter(|channel| kinds.contains(&channel.kind) && channel.visible_to(&me)).collect();
    let page =
        ask.page("channel", channels, ask.limit(100, 1_000)?, |channel: &&Channel| channel.id.clone())?;
    // Archived ones are left out of a page that was cut before, so that it can be short, or empty (Slack docs,
    // conversations.list).
    let kept = page.items.iter().filter(|channel| archived || !channel.archived);
    let shown: Vec<Value> = kept.map(|channel| with_members(channel, channel.rendered(&team, &me))).collect();
    Ok(json!({ "channels": shown, "response_metadata": page.metadata() }))
}

fn with_members(channel: &Channel, mut shown: Value) -> Value {
    if channel.kind != Kind::Im {
        shown["num_members"] = channel.members.len().into();
    }
    shown
}

fn info(ask: &mut Ask<'_>) -> Outcome {
    let (me, team) = (ask.me(), ask.team());
    let channel = ask.channel("channel", Verb::Read)?;
    let mut shown = channel.rendered(&team, &me);
    if channel.has(&me) {
        shown["last_read"] = "0000000000.000000".into();
    }
    if ask.args.flag("include_num_members") == Some(true) {
        shown = with_members(channel, shown);
    }
    Ok(json!({ "channel": shown }))
}

fn members(ask: &mut Ask<'_>) -> Outcome {
    let channel = ask.channel("channel", Verb::Read)?;
    let members = channel.members.iter().cloned().collect();
    let page = ask.page("member", members, ask.limit(100, 1_000)?, Clone::clone)?;
    Ok(json!({ "members": page.items, "response_metadata": page.metadata() }))
}

/// Part of a conversation's time.
struct Span {
    oldest: Ts,
    latest: Ts,
    inclusive: bool,
}

impl Span {
    fn of(ask: &Ask<'_>) -> Result<Self, Refusal> {
        let bound = |name| {
            ask.args
                .ts(name)
                .map_err(|_| if name == "oldest" { "invalid_ts_oldest" } else { "invalid_ts_latest" })
        };
        Ok(Self {
            oldest: bound("oldest")?.unwrap_or_default(),
            latest: bound("latest")?.unwrap_or(Ts::MAX),
            inclusive: ask.args.flag("inclusive") == Some(true),
        })
    }

    fn holds(&self, ts: Ts) -> bool {
        let inside = ts > self.oldest && ts < self.latest;
        inside || (self.inclusive && (ts == self.oldest || ts == self.latest))
    }
}

fn history(ask: &mut Ask<'_>) -> Outcome {
    let (me, team, span) = (ask.me(), ask.team(), Span::of(ask)?);
    let limit = ask.limit(100, 999)?;
    let from = cursor_ts(ask)?;
    let channel = ask.channel("channel", Verb::History)?;
    if !channel.has(&me) {
        return Err("not_in_channel".into());
    }
    let stamps =
        channel.messages.values().rev().filter(|message| message.in_channel()).map(|message| message.ts);
    let mut stamps = stamps.filter(|ts| span.holds(*ts) && from.is_none_or(|from| *ts <= from));
    let page: Vec<Ts> = stamps.by_ref().take(limit).collect();
    let next = stamps.next();
    let messages = shown(ask, channel, &page, &team);
    let mut answer = json!({ "messages": messages, "has_more": next.is_some(), "pin_count": channel.pins.len(),
                             "channel_actions_ts": null, "channel_actions_count": 0 });
    if let Some(next) = next {
        answer["response_metadata"] = json!({ "next_cursor": next_cursor("next_ts", &next.0.to_string()) });
    }
    if let Some(latest) = ask.args.text("latest") {
        answer["latest"] = latest.into();
    }
    Ok(answer)
}

fn replies(ask: &mut Ask<'_>) -> Outcome {
    let (me, team, span) = (ask.me(), ask.team(), Span::of(ask)?);
    let limit = ask.limit(100, 1_000)?;
    let from = cursor_ts(ask)?;
    let ts = ask.args.ts("ts")?.ok_or_else(|| Refusal::missing("ts"))?;
    let channel = ask.channel("channel", Verb::History)?;
    if !channel.has(&me) {
        return Err("not_in_channel".into());
    }
    let root = channel.messages.get(&ts).ok_or("thread_not_found")?.thread.unwrap_or(ts);
    // The root comes first on every page of the list's start, whatever the bounds (Slack docs, conversations.replies).
    let all = [root].into_iter().chain(channel.threads.get(&root).into_iter().flatten().copied());
    let mut all =
        all.filter(|ts| *ts == root || span.holds(*ts)).filter(|ts| from.is_none_or(|from| *ts >= from));
    let page: Vec<Ts> = all.by_ref().take(limit).collect();
    let next = all.next();
    let mut answer = json!({ "messages": shown(ask, channel, &page, &team), "has_more": next.is_some() });
    if let Some(next) = next {
        answer["response_metadata"] = json!({ "next_cursor": next_cursor("next_ts", &next.0.to_string()) });
    }
    Ok(answer)
}

fn cursor_ts(ask: &Ask<'_>) -> Result<Option<Ts>, Refusal> {
    let Some(key) = ask.cursor("next_ts")? else { return Ok(None) };
    key.parse().map(|micros| Some(Ts(micros))).map_err(|_| "invalid_cursor".into())
}

/// Messages as history gives them: metadata only where it is asked for.
fn shown(ask: &Ask<'_>, channel: &Channel, page: &[Ts], team: &str) -> Vec<Value> {
    let metadata = ask.args.flag("include_all_metadata") == Some(true);
    let mut messages: Vec<Value> = page.iter().filter_map(|ts| channel.shown(*ts, team)).collect();
    for message in &mut messages {
        if let (false, Some(map)) = (metadata, message.as_object_mut()) {
            map.remove("metadata");
        }
    }
    messages
}
