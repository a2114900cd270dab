//! What a test orders: one event, command, click or submission now, or the end of a socket.

mod interaction;
mod state;

use std::sync::Arc;

use serde_json::{Value, json};

use super::events::{self, Delivery};
use super::outgoing::{Attempt, Outgoing};
use super::respond::{self, ResponseUrl};
use super::socket;
use super::state::World;

/// Carries an order out; `Err` says what is wrong with it.
pub(crate) async fn carry_out(world: &Arc<World>, order: &Value) -> Result<Value, String> {
    match order["kind"].as_str() {
        Some("url_verification") => challenge(world, order).await,
        Some("event") => event(world, order).await,
        Some("app_rate_limited") => app_rate_limited(world, order).await,
        Some("command") => command(world, order).await,
        Some("disconnect") => disconnect(world, order),
        Some("half_open") => {
            Ok(on_sockets(world, order, |number| world.hub.order(number, socket::Order::Freeze)))
        }
        Some("reset") => Ok(on_sockets(world, order, |number| world.hub.order(number, socket::Order::Reset))),
        Some(kind) if interaction::KINDS.contains(&kind) => interaction::carry_out(world, kind, order).await,
        Some(kind) => Err(format!("there is no kind `{kind}` here")),
        None => Err("say the kind of what to deliver".to_owned()),
    }
}

/// The receiver: `url`, or where the app's events go.
fn target(world: &World, order: &Value) -> Option<String> {
    let named = order["url"].as_str().map(str::to_owned);
    named.or_else(|| match &*world.delivery() {
        Delivery::Url(url) => Some(url.clone()),
        Delivery::Nowhere | Delivery::Sockets => None,
    })
}

const TAMPERING: [&str; 4] = ["bad_signature", "timestamp_offset", "retry_num", "retry_reason"];

/// The request with what the order wants wrong about it.
fn outgoing(mut request: Outgoing, order: &Value) -> Outgoing {
    request.skew = order["timestamp_offset"].as_i64().unwrap_or(0);
    request.forged = order["bad_signature"] == true;
    for (field, header) in [("retry_num", "x-slack-retry-num"), ("retry_reason", "x-slack-retry-reason")] {
        match &order[field] {
            Value::String(text) => request = request.with(header, text),
            Value::Number(number) => request = request.with(header, &number.to_string()),
            _ => {}
        }
    }
    request
}

fn text<'a>(order: &'a Value, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| order[*name].as_str())
}

/// Who acts: `user_id`, or the one who installed the app.
fn actor(world: &World, order: &Value) -> String {
    let named = text(order, &["user_id", "user"]).map(str::to_owned);
    named.unwrap_or_else(|| world.read(|store| store.app.installer.clone()))
}

/// Where it happens: `channel_id`, or the channel of operations. A name serves too.
fn place(world: &World, order: &Value) -> String {
    let named = text(order, &["channel_id", "channel"]).unwrap_or("ops").trim_start_matches('#').to_owned();
    world.read(|store| {
        let by_name = store.channels.values().find(|channel| channel.name == named);
        by_name.map_or(named.clone(), |channel| channel.id.clone())
    })
}

async fn challenge(world: &Arc<World>, order: &Value) -> Result<Value, String> {
    let url = order["url"].as_str().ok_or("say the url to verify")?;
    let challenge = world.quietly(|store| store.ids.secret(52));
    let body = json!({ "token": world.identity.verification_token, "challenge": challenge,
                       "type": "url_verification" });
    let attempt = outgoing(Outgoing::json(&body), order).post(world, url).await;
    let mut answer = attempt.described();
    let echoed = attempt.status == Some(200) && echoes(&attempt, &challenge);
    if echoed {
        // As in an app's settings, a verified address gets the events from now on.
        *world.delivery() = Delivery::Url(url.to_owned());
    }
    answer["ok"] = echoed.into();
    answer["challenge"] = challenge.into();
    Ok(answer)
}

fn echoes(attempt: &Attempt, challenge: &str) -> bool {
    let body = attempt.body.trim();
    let in_json = serde_json::from_str::<Value>(body).is_ok_and(|body| body["challenge"] == challenge);
    let in_form = body.strip_prefix("challenge=") == Some(challenge);
    in_json || in_form || body.trim_matches('"') == challenge
}

async fn event(world: &Arc<World>, order: &Value) -> Result<Value, String> {
    let mut event = order["event"].clone();
    if event.is_null() {
        event = json!({ "type": "app_mention", "text": order["text"] });
    }
    if !event.is_object() || !event["type"].is_string() {
        return Err("an event is an object with a type".to_owned());
    }
    let (user, channel) = (actor(world, order), place(world, order));
    world.quietly(|store| {
        let ts = store.next_ts().to_string();
        for (field, value) in [("user", &user), ("channel", &channel), ("ts", &ts), ("event_ts", &ts)] {
            if event[field].is_null() {
                event[field] = value.as_str().into();
            }
        }
        if event["text"].is_null() {
            event["text"] = format!("<@{}> hello", store.app.bot_user).into();
        }
    });
    let envelope = world.enveloped(&event, order["event_id"].as_str());
    let id = envelope["event_id"].clone();
    let mut answer = match target(world, order) {
        Some(url) => {
            let attempt = outgoing(Outgoing::json(&envelope), order).post(world, &url).await;
            // What was sent wrong on purpose is not repeated.
            let meant = TAMPERING.iter().all(|field| order[*field].is_null());
            if let Some(why) = attempt.failure().filter(|_| meant && !attempt.forbids_retry()) {
                let retrying = Arc::clone(world);
                let again =
                    async move { events::post_until_taken(&retrying, &url, &envelope, Some(why)).await };
                world.common.spawn(again);
            }
            attempt.described()
        }
        None => {
            let sent = Arc::clone(world);
            world.common.spawn(async move { events::send_until_taken(&sent, &envelope).await });
            json!({ "ok": true, "sockets": world.hub.count() })
        }
    };
    answer["event_id"] = id;
    Ok(answer)
}

async fn app_rate_limited(world: &Arc<World>, order: &Value) -> Result<Value, String> {
    let body = world.read(|store| {
        json!({ "token": world.identity.verification_token, "type": "app_rate_limited", "team_id": store.team.id,
                "minute_rate_limited": store.seconds() / 60 * 60, "api_app_id": store.app.id })
    });
    match target(world, order) {
        Some(url) => Ok(outgoing(Outgoing::json(&body), order).post(world, &url).await.described()),
        None => Ok(over_sockets(world, "events_api", &body).await),
    }
}

/// Sends one envelope over the sockets, once.
async fn over_sockets(world: &Arc<World>, kind: &str, payload: &Value) -> Value {
    match socket::exchange(world, kind, payload, None).await {
        Ok(answer) => json!({ "ok": true, "acknowledged": true, "body": answer }),
        Err(why) => json!({ "ok": false, "acknowledged": false, "error": why }),
    }
}

async fn command(world: &Arc<World>, order: &Value) -> Result<Value, String> {
    let (user, channel) = (actor(world, order), place(world, order));
    let trigger = world.quietly(|store| store.trigger(&user, None));
    let response_url = world.response_url("commands", &channel, &user, None);
    let fields = world.read(|store| {
        let name = |id: &str| store.channels.get(id).map(|found| found.name.clone()).unwrap_or_default();
        let user_name = store.user(&user).map(|user| user.name.clone()).unwrap_or_default();
        vec![
            ("token", world.identity.verification_token.clone()),
            ("team_id", store.team.id.clone()),
            ("team_domain", store.team.domain.clone()),
            ("channel_id", channel.clone()),
            ("channel_name", name(&channel)),
            ("user_id", user.clone()),
            ("user_name", user_name),
            ("command", order["command"].as_str().unwrap_or("/orion").to_owned()),
            ("text", order["text"].as_str().unwrap_or_default().to_owned()),
            ("api_app_id", store.app.id.clone()),
            ("is_enterprise_install", "false".to_owned()),
            ("response_url", response_url.clone()),
            ("trigger_id", trigger.clone()),
        ]
    });
    let (mut answer, said) = match target(world, order) {
        Some(url) => {
            let pairs: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let attempt = outgoing(Outgoing::form(&pairs), order).post(world, &url).await;
            (attempt.described(), said(&attempt))
        }
        None => {
            let payload: serde_json::Map<String, Value> =
                fields.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
            let answer = over_sockets(world, "slash_commands", &payload.into()).await;
            let said = answer["body"].clone();
            (answer, said)
        }
    };
    spoken(world, &channel, &user, &said)?;
    answer["response_url"] = response_url.into();
    answer["trigger_id"] = trigger.into();
    Ok(answer)
}

/// What an answer over HTTP says: a message, or text alone.
fn said(attempt: &Attempt) -> Value {
    if attempt.failure().is_some() || attempt.body.trim().is_empty() {
        return Value::Null;
    }
    serde_json::from_str(&attempt.body).unwrap_or_else(|_| json!({ "text": attempt.body }))
}

/// Shows the message that a command was answered with.
fn spoken(world: &Arc<World>, channel: &str, user: &str, said: &Value) -> Result<(), String> {
    let said = match said {
        Value::String(text) => json!({ "text": text }),
        Value::Object(message) if !message.is_empty() => said.clone(),
        _ => return Ok(()),
    };
    let to = ResponseUrl::once(channel, user);
    world
        .change(|store| respond::answer(store, &to, &said))
        .map_err(|why| format!("the answer: {}", why.code))
}

fn disconnect(world: &Arc<World>, order: &Value) -> Result<Value, String> {
    let reason = order["reason"].as_str().unwrap_or("refresh_requested").to_owned();
    if !["warning", "refresh_requested", "link_disabled", "too_many_websockets"].contains(&reason.as_str()) {
        return Err(format!("no socket is disconnected for `{reason}`"));
    }
    Ok(on_sockets(world, order, |number| socket::dismiss(world, number, &reason)))
}

/// Acts on the open sockets, or on as many as `count` says, oldest first.
fn on_sockets(world: &World, order: &Value, act: impl Fn(u64)) -> Value {
    let most = order["count"].as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or(usize::MAX);
    let chosen: Vec<u64> = world.hub.staying().into_iter().take(most).collect();
    chosen.iter().for_each(|number| act(*number));
    json!({ "ok": true, "sockets": chosen.len() })
}
