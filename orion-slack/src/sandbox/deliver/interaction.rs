//! Clicks, submissions, shortcuts and questions for options.

use std::sync::Arc;

use serde_json::{Value, json};

use super::super::outgoing::Outgoing;
use super::super::state::World;
use super::super::store::Store;
use super::super::store::ts::Ts;
use super::super::store::view::View;
use super::state::{chosen, values};
use super::{actor, outgoing, over_sockets, place, target, text};

/// What is sent as an interaction.
pub(super) const KINDS: [&str; 6] =
    ["action", "view_submission", "view_closed", "shortcut", "message_action", "block_suggestion"];

pub(super) async fn carry_out(world: &Arc<World>, kind: &str, order: &Value) -> Result<Value, String> {
    let payload = match kind {
        "action" => action(world, order)?,
        "view_submission" => submission(world, order)?,
        "view_closed" => closed(world, order)?,
        "block_suggestion" => suggestion(world, order)?,
        "message_action" => message_action(world, order)?,
        _ => shortcut(world, order),
    };
    let mut answer = match target(world, order) {
        Some(url) => {
            let form = Outgoing::form(&[("payload", &payload.to_string())]);
            outgoing(form, order).post(world, &url).await.described()
        }
        None => over_sockets(world, "interactive", &payload).await,
    };
    if kind == "view_submission" && answer["ok"] == true {
        answer["view"] = submitted(world, &payload, &answer["body"])?;
    }
    for field in ["trigger_id", "response_url"] {
        if let Some(value) = payload.get(field) {
            answer[field] = value.clone();
        }
    }
    Ok(answer)
}

/// What every interaction says: who, where, which app.
fn common(world: &World, store: &Store, kind: &str, user: &str) -> Value {
    let name = store.user(user).map(|user| user.name.clone()).unwrap_or_default();
    json!({
        "type": kind, "user": { "id": user, "username": name, "name": name, "team_id": store.team.id },
        "api_app_id": store.app.id, "token": world.identity.verification_token,
        "team": { "id": store.team.id, "domain": store.team.domain }, "enterprise": null,
        "is_enterprise_install": false,
    })
}

/// The message that an order is about.
fn message(world: &World, order: &Value) -> Result<(String, Ts, Value), String> {
    let channel = place(world, order);
    let ts = text(order, &["message_ts", "ts"]).map(str::parse::<Ts>);
    let ts = match ts {
        Some(ts) => ts.map_err(|()| "that is no timestamp".to_owned())?,
        None => world.read(|store| last_of_app(store, &channel)).ok_or("the app has no message there")?,
    };
    let shown =
        world.read(|store| store.channels.get(&channel).and_then(|found| found.shown(ts, &store.team.id)));
    Ok((channel, ts, shown.ok_or("there is no such message")?))
}

/// The app's newest message with something to act on.
fn last_of_app(store: &Store, channel: &str) -> Option<Ts> {
    let messages = store.channels.get(channel)?.messages.values().rev();
    let mut own = messages.filter(|message| message.bot.is_some());
    own.find(|message| message.blocks.as_ref().is_some_and(|blocks| element(blocks, None, None).is_some()))
        .map(|message| message.ts)
}

/// The view that an order is about: by id, by callback, or the newest open one.
fn view(world: &World, order: &Value) -> Result<View, String> {
    let named = |view: &&View| match (order["view_id"].as_str(), order["callback_id"].as_str()) {
        (Some(id), _) => view.id == id,
        (None, Some(callback)) => view.shown["callback_id"] == callback,
        (None, None) => true,
    };
    world
        .read(|store| {
            let open = store.views.by_id.values().filter(|view| view.open);
            let on_top = |view: &&View| {
                store
                    .views
                    .by_id
                    .values()
                    .all(|other| !other.open || other.shown["previous_view_id"] != view.id.as_str())
            };
            open.filter(named).filter(on_top).max_by_key(|view| view.number).cloned()
        })
        .ok_or_else(|| "there is no such open view".to_owned())
}

/// The element with that action, and the block it is in.
fn element<'a>(
    blocks: &'a Value,
    block: Option<&str>,
    action: Option<&str>,
) -> Option<(&'a Value, &'a Value)> {
    let fits = |element: &&Value| {
        element["action_id"].is_string() && action.is_none_or(|action| element["action_id"] == action)
    };
    blocks.as_array()?.iter().filter(|one| block.is_none_or(|block| one["block_id"] == block)).find_map(
        |one| {
            let elements = one["elements"].as_array().into_iter().flatten();
            let found = elements.chain(one.get("accessory")).chain(one.get("element")).find(fits)?;
            Some((one, found))
        },
    )
}

fn action(world: &Arc<World>, order: &Value) -> Result<Value, String> {
    let user = actor(world, order);
    let in_view = order["view_id"].is_string() || order["in_view"] == true;
    let (mut payload, blocks) =
        if in_view { acted_in_view(world, order, &user)? } else { acted_on_message(world, order, &user)? };
    let (block, action) = (order["block_id"].as_str(), order["action_id"].as_str());
    let (block, element) = element(&blocks, block, action).ok_or("there is no such element to act on")?;
    let mut acted = json!({ "type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"],
                            "action_ts": world.quietly(|store| store.next_ts().to_string()) });
    let value = chosen(element, &order["value"])?;
    for (field, value) in value.as_object().into_iter().flatten() {
        acted[field] = value.clone();
    }
    if element["type"] == "button" {
        acted["text"] = element["text"].clone();
    }
    payload["actions"] = json!([acted]);
    Ok(payload)
}

fn acted_on_message(world: &Arc<World>, order: &Value, user: &str) -> Result<(Value, Value), String> {
    let (channel, ts, message) = message(world, order)?;
    let response_url = world.response_url("actions", &channel, user, Some(ts));
    let trigger = world.quietly(|store| store.trigger(user, None));
    let blocks = message["blocks"].clone();
    let payload = world.read(|store| {
        let mut payload = common(world, store, "block_actions", user);
        let name = store.channels.get(&channel).map(|found| found.name.clone()).unwrap_or_default();
        payload["container"] = json!({ "type": "message", "message_ts": ts.to_string(), "channel_id": channel,
                                       "is_ephemeral": false });
        payload["trigger_id"] = trigger.into();
        payload["channel"] = json!({ "id": channel, "name": name });
        payload["message"] = message;
        payload["state"] = json!({ "values": {} });
        payload["response_url"] = response_url.into();
        payload
    });
    Ok((payload, blocks))
}

fn acted_in_view(world: &Arc<World>, order: &Value, user: &str) -> Result<(Value, Value), String> {
    let view = view(world, order)?;
    let trigger = world.quietly(|store| store.trigger(user, Some(&view.id)));
    let blocks = view.shown["blocks"].clone();
    let payload = world.read(|store| {
        let mut payload = common(world, store, "block_actions", user);
        payload["container"] = json!({ "type": "view", "view_id": view.id });
        payload["trigger_id"] = trigger.into();
        payload["view"] = view.shown;
        payload
    });
    Ok((payload, blocks))
}

fn submission(world: &Arc<World>, order: &Value) -> Result<Value, String> {
    let mut view = view(world, order)?;
    let user = text(order, &["user_id", "user"]).map_or(view.user.clone(), str::to_owned);
    view.shown["state"] = json!({ "values": values(&view.shown["blocks"], &order["values"])? });
    let trigger = world.quietly(|store| store.trigger(&user, Some(&view.id)));
    Ok(world.read(|store| {
        let mut payload = common(world, store, "view_submission", &user);
        payload["trigger_id"] = trigger.into();
        payload["view"] = view.shown;
        payload["response_urls"] = json!([]);
        payload
    }))
}

/// Carries out what the app answered: the view closes, shows errors, changes, or gets one above it. Answers the view that is
/// open then.
fn submitted(world: &Arc<World>, payload: &Value, answer: &Value) -> Result<Value, String> {
    let id = payload["view"]["id"].as_str().unwrap_or_default().to_owned();
    let user = payload["user"]["id"].as_str().unwrap_or_default().to_owned();
    let next = &answer["view"];
    world
        .change(|store| match answer["response_action"].as_str() {
            Some("errors") => Ok(payload["view"].clone()),
            Some("update") => store.update_view(&id, next, None),
            Some("push") => store.stack_view(&user, &id, next),
            Some("clear") => {
                store.close_view(&id, true);
                Ok(Value::Null)
            }
            _ => {
                store.close_view(&id, false);
                Ok(Value::Null)
            }
        })
        .map_err(|why| format!("the answer: {}", why.code))
}

fn closed(world: &Arc<World>, order: &Value) -> Result<Value, String> {
    let view = view(world, order)?;
    let all = order["is_cleared"] == true;
    world.change(|store| store.close_view(&view.id, all));
    Ok(world.read(|store| {
        let mut payload = common(world, store, "view_closed", &view.user);
        payload["view"] = view.shown;
        payload["is_cleared"] = all.into();
        payload
    }))
}

fn shortcut(world: &Arc<World>, order: &Value) -> Value {
    let user = actor(world, order);
    let (trigger, at) = world.quietly(|store| (store.trigger(&user, None), store.next_ts().to_string()));
    world.read(|store| {
        let mut payload = common(world, store, "shortcut", &user);
        payload["callback_id"] = order["callback_id"].as_str().unwrap_or("shortcut").into();
        payload["trigger_id"] = trigger.into();
        payload["action_ts"] = at.into();
        payload
    })
}

fn message_action(world: &Arc<World>, order: &Value) -> Result<Value, String> {
    let user = actor(world, order);
    let (mut payload, _) = acted_on_message(world, order, &user)?;
    payload["type"] = "message_action".into();
    payload["callback_id"] = order["callback_id"].as_str().unwrap_or("shortcut").into();
    payload["action_ts"] = world.quietly(|store| store.next_ts().to_string()).into();
    payload["message_ts"] = payload["container"]["message_ts"].clone();
    if let Some(map) = payload.as_object_mut() {
        map.remove("container");
        map.remove("state");
    }
    Ok(payload)
}

fn suggestion(world: &Arc<World>, order: &Value) -> Result<Value, String> {
    let user = actor(world, order);
    let in_view = order["view_id"].is_string() || order["in_view"] == true;
    let (mut payload, blocks) =
        if in_view { acted_in_view(world, order, &user)? } else { acted_on_message(world, order, &user)? };
    let (block, action) = (order["block_id"].as_str(), order["action_id"].as_str());
    let (block, element) = element(&blocks, block, action).ok_or("there is no such element to ask for")?;
    payload["type"] = "block_suggestion".into();
    payload["block_id"] = block["block_id"].clone();
    payload["action_id"] = element["action_id"].clone();
    payload["value"] = order["value"].as_str().unwrap_or_default().into();
    if let Some(map) = payload.as_object_mut() {
        map.remove("trigger_id");
        map.remove("response_url");
    }
    Ok(payload)
}
