//! Messages of later.

use std::sync::Arc;

use chrono::DateTime;
use serde_json::{Value, json};

use super::super::super::limits::Tier;
use super::super::super::state::World;
use super::super::super::store::Scheduled;
use super::super::super::store::refusal::{Outcome, Refusal};
use super::super::{Ask, Method};
use super::{Content, destination};

/// 120 days (Slack docs, chat.scheduleMessage).
const FARTHEST: i64 = 120 * 24 * 3600;
const WINDOW: i64 = 5 * 60;
const MOST_IN_WINDOW: usize = 30;

pub(in super::super) const METHODS: [Method; 3] = [
    Method::new("chat.scheduleMessage", Tier::Three, &["chat:write"], schedule),
    Method::new("chat.deleteScheduledMessage", Tier::Three, &["chat:write"], delete),
    Method::new("chat.scheduledMessages.list", Tier::Three, &[], list),
];

fn schedule(ask: &mut Ask<'_>) -> Outcome {
    let channel = destination(ask)?;
    let post_at = ask.args.number("post_at").map_err(|_| "invalid_time")?.ok_or("invalid_time")?;
    let now = ask.store.seconds();
    if post_at <= now {
        return Err("time_in_past".into());
    }
    if post_at > now + FARTHEST {
        return Err("time_too_far".into());
    }
    let near = ask
        .store
        .scheduled
        .iter()
        .filter(|one| one.channel == channel && one.post_at / WINDOW == post_at / WINDOW);
    if near.count() >= MOST_IN_WINDOW {
        return Err("restricted_too_many".into());
    }
    let content = Content::of(ask)?;
    content.complete()?;
    let mut message = ask.message(content);
    message.thread = ask.args.ts("thread_ts")?;
    let id = ask.store.ids.id("Q");
    let mut shown = message.rendered(&ask.team());
    shown["type"] = "delayed_message".into();
    if let Some(map) = shown.as_object_mut() {
        map.remove("ts");
    }
    ask.store.scheduled.push(Scheduled {
        id: id.clone(),
        channel: channel.clone(),
        post_at,
        created: now,
        message,
    });
    let (world, due) = (Arc::clone(ask.world), id.clone());
    ask.world.common.spawn(async move { when_due(world, &due, post_at).await });
    Ok(json!({ "channel": channel, "scheduled_message_id": id, "post_at": post_at, "message": shown }))
}

async fn when_due(world: Arc<World>, id: &str, post_at: i64) {
    let Some(due) = DateTime::from_timestamp(post_at, 0) else { return };
    world.common.reached(due).await;
    world.change(|store| {
        let Some(at) = store.scheduled.iter().position(|one| one.id == id) else { return };
        let one = store.scheduled.remove(at);
        // Messages with metadata are not posted (Slack docs, chat.scheduleMessage); others may have become impossible,
        // as in a channel that was archived meanwhile.
        if one.message.metadata.is_none() {
            let _posted = store.post(&one.channel, one.message);
        }
    });
}

fn delete(ask: &mut Ask<'_>) -> Outcome {
    let (channel, id) = (ask.args.required("channel")?, ask.args.required("scheduled_message_id")?);
    let found = ask.store.scheduled.iter().position(|one| one.id == id && one.channel == channel);
    ask.store.scheduled.remove(found.ok_or("invalid_scheduled_message_id")?);
    Ok(json!({}))
}

fn list(ask: &mut Ask<'_>) -> Outcome {
    let channel = ask.args.text("channel");
    let bound = |name| ask.args.number(name).map_err(|_| Refusal::argument(name, "must be a timestamp"));
    let (oldest, latest) = (bound("oldest")?.unwrap_or(0), bound("latest")?.unwrap_or(i64::MAX));
    let mut chosen: Vec<&Scheduled> = ask
        .store
        .scheduled
        .iter()
        .filter(|one| channel.as_ref().is_none_or(|channel| one.channel == *channel))
        .filter(|one| (oldest..=latest).contains(&one.post_at))
        .collect();
    chosen.sort_by_key(|one| one.post_at);
    let page = ask.page("scheduled", chosen, ask.limit(100, 1_000)?, |one| one.id.clone())?;
    let shown: Vec<Value> = page
        .items
        .iter()
        .map(|one| {
            json!({
                "id": one.id, "channel_id": one.channel, "post_at": one.post_at, "date_created": one.created,
                "text": one.message.text,
            })
        })
        .collect();
    Ok(json!({ "scheduled_messages": shown, "response_metadata": page.metadata() }))
}
