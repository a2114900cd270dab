//! `conversations.*` that change something.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::super::limits::Tier;
use super::super::super::store::channel::{Channel, Kind};
use super::super::super::store::conversations::check_name;
use super::super::super::store::refusal::{Outcome, Refusal};
use super::super::method::Verb;
use super::super::{Ask, Method};

const WRITE: [&str; 5] = ["channels:manage", "channels:write", "groups:write", "im:write", "mpim:write"];
const INVITE: [&str; 6] =
    ["channels:manage", "channels:write", "groups:write", "im:write", "mpim:write", "channels:write.invites"];

pub(in super::super) const METHODS: [Method; 13] = [
    Method::new("conversations.create", Tier::Two, &WRITE, create),
    Method::new("conversations.archive", Tier::Two, &WRITE, archive),
    Method::new("conversations.unarchive", Tier::Two, &WRITE, unarchive),
    Method::new("conversations.rename", Tier::Two, &WRITE, rename),
    Method::new("conversations.join", Tier::Three, &["channels:join"], join).by_user(&["channels:write"]),
    Method::new("conversations.leave", Tier::Three, &WRITE, leave),
    Method::new("conversations.invite", Tier::Three, &INVITE, invite),
    Method::new("conversations.kick", Tier::Three, &WRITE, kick),
    Method::new("conversations.open", Tier::Three, &WRITE, open),
    Method::new("conversations.close", Tier::Two, &WRITE, close),
    Method::new("conversations.mark", Tier::Three, &WRITE, mark),
    Method::new("conversations.setTopic", Tier::Two, &WRITE, set_topic),
    Method::new("conversations.setPurpose", Tier::Two, &WRITE, set_purpose),
];

fn shown(ask: &Ask<'_>, id: &str) -> Value {
    ask.store.channels.get(id).map(|channel| channel.rendered(&ask.team(), &ask.me())).unwrap_or_default()
}

fn create(ask: &mut Ask<'_>) -> Outcome {
    let kind = if ask.args.flag("is_private") == Some(true) { Kind::Private } else { Kind::Public };
    ask.may(kind, Verb::Manage)?;
    let name = ask.args.text("name").unwrap_or_default();
    let id = ask.store.create(
        &name,
        kind,
        &ask.access.map(|access| access.grant.user.clone()).unwrap_or_default(),
    )?;
    Ok(json!({ "channel": shown(ask, &id) }))
}

/// A channel that the caller is in and may change.
fn mine(ask: &Ask<'_>, verb: Verb) -> Result<Mine, Refusal> {
    let me = ask.me();
    let channel = ask.channel("channel", verb)?;
    if !channel.has(&me) {
        return Err("not_in_channel".into());
    }
    let Channel { id, kind, archived, general, created, .. } = channel;
    Ok(Mine { id: id.clone(), kind: *kind, archived: *archived, general: *general, created: *created })
}

/// What is decided by of a channel, apart from the channel itself, which then changes.
struct Mine {
    id: String,
    kind: Kind,
    archived: bool,
    general: bool,
    created: i64,
}

fn archive(ask: &mut Ask<'_>) -> Outcome {
    let channel = mine(ask, Verb::Manage)?;
    if channel.archived {
        return Err("already_archived".into());
    }
    if channel.general {
        return Err("cant_archive_general".into());
    }
    if channel.kind.is_direct() {
        return Err("method_not_supported_for_channel_type".into());
    }
    let me = ask.me();
    let text = format!("<@{me}> archived the channel");
    ask.store.announce(&channel.id, &me, "channel_archive", &text)?;
    set_archived(ask, &channel.id, true);
    Ok(json!({}))
}

fn unarchive(ask: &mut Ask<'_>) -> Outcome {
    let channel = ask.channel("channel", Verb::Manage)?;
    if !channel.archived {
        return Err("not_archived".into());
    }
    let id = channel.id.clone();
    set_archived(ask, &id, false);
    let me = ask.me();
    ask.store.announce(&id, &me, "channel_unarchive", &format!("<@{me}> un-archived the channel"))?;
    Ok(json!({}))
}

fn set_archived(ask: &mut Ask<'_>, id: &str, archived: bool) {
    let at = ask.store.now.timestamp_millis();
    if let Some(channel) = ask.store.channels.get_mut(id) {
        (channel.archived, channel.updated_ms) = (archived, at);
    }
    let (kind, me) = (if archived { "channel_archive" } else { "channel_unarchive" }, ask.me());
    ask.store.tell_in(id, kind, json!({ "channel": id, "user": me }));
}

fn rename(ask: &mut Ask<'_>) -> Outcome {
    let channel = mine(ask, Verb::Manage)?;
    let name = ask.args.text("name").unwrap_or_default();
    check_name(&name)?;
    if ask.store.channels.values().any(|other| other.id != channel.id && other.name == name) {
        return Err("name_taken".into());
    }
    if let Some(found) = ask.store.channels.get_mut(&channel.id) {
        found.previous_names.insert(0, std::mem::replace(&mut found.name, name.clone()));
    }
    let body = json!({ "channel": { "id": channel.id, "name": name, "created": channel.created } });
    ask.store.tell_in(&channel.id, "channel_rename", body);
    Ok(json!({ "channel": shown(ask, &channel.id) }))
}

fn join(ask: &mut Ask<'_>) -> Outcome {
    let me = ask.me();
    let channel = ask.channel("channel", Verb::Join)?;
    let (id, kind) = (channel.id.clone(), channel.kind);
    if kind != Kind::Public {
        return Err("method_not_supported_for_channel_type".into());
    }
    if ask.store.enter(&id, &me, None)? {
        return Ok(json!({ "channel": shown(ask, &id) }));
    }
    Ok(json!({ "channel": shown(ask, &id), "warning": "already_in_channel",
               "response_metadata": { "warnings": ["already_in_channel"] } }))
}

fn leave(ask: &mut Ask<'_>) -> Outcome {
    let me = ask.me();
    let channel = ask.channel("channel", Verb::Manage)?;
    let (id, general, kind) = (channel.id.clone(), channel.general, channel.kind);
    if general {
        return Err("cant_leave_general".into());
    }
    if kind.is_direct() {
        return Err("method_not_supported_for_channel_type".into());
    }
    if ask.store.exit(&id, &me)? { Ok(json!({})) } else { Ok(json!({ "not_in_channel": true })) }
}

fn invite(ask: &mut Ask<'_>) -> Outcome {
    let channel = mine(ask, Verb::Invite)?;
    let (me, users) = (ask.me(), ask.args.list("users"));
    if users.is_empty() {
        return Err("no_user".into());
    }
    if users.len() > 100 {
        return Err("too_many_users".into());
    }
    let force = ask.args.flag("force") == Some(true);
    let mut errors = Vec::new();
    for user in &users {
        if let Err(code) = invitable(ask, &channel, user, &me) {
            errors.push(json!({ "user": user, "ok": false, "error": code }));
        }
    }
    if let Some(first) = errors.first().filter(|_| !force || errors.len() == users.len()) {
        let code = first["error"].as_str().unwrap_or_default().to_owned();
        let refusal = Refusal { code: code.into(), extra: serde_json::Map::new() };
        return Err(if users.len() > 1 { refusal.with("errors", errors) } else { refusal });
    }
    for user in users.iter().filter(|user| !errors.iter().any(|error| error["user"] == user.as_str())) {
        ask.store.enter(&channel.id, user, Some(&me))?;
    }
    let mut answer = json!({ "channel": shown(ask, &channel.id) });
    if !errors.is_empty() {
        answer["errors"] = errors.into();
    }
    Ok(answer)
}

fn invitable(ask: &Ask<'_>, channel: &Mine, user: &str, me: &str) -> Result<(), &'static str> {
    let found = ask.store.user(user).ok_or("user_not_found")?;
    if channel.kind.is_direct() {
        return Err("method_not_supported_for_channel_type");
    }
    if channel.archived {
        return Err("is_archived");
    }
    if user == me {
        return Err("cant_invite_self");
    }
    if found.deleted {
        return Err("user_disabled");
    }
    let inside = ask.store.channels.get(&channel.id).is_some_and(|found| found.has(user));
    if inside { Err("already_in_channel") } else { Ok(()) }
}

fn kick(ask: &mut Ask<'_>) -> Outcome {
    let channel = mine(ask, Verb::Manage)?;
    let user = ask.user("user")?.id.clone();
    if user == ask.me() {
        return Err("cant_kick_self".into());
    }
    if channel.general {
        return Err("cant_kick_from_general".into());
    }
    if ask.store.exit(&channel.id, &user)? {
        Ok(json!({ "errors": {} }))
    } else {
        Err("not_in_channel".into())
    }
}

fn open(ask: &mut Ask<'_>) -> Outcome {
    let (me, return_im) = (ask.me(), ask.args.flag("return_im") == Some(true));
    let (id, known) = if ask.args.has("channel") {
        (ask.channel("channel", Verb::Read)?.id.clone(), true)
    } else {
        let users = ask.args.list("users");
        match users.len() {
            0 => return Err("users_list_not_supplied".into()),
            1 => ask.may(Kind::Im, Verb::Manage)?,
            2..=8 => ask.may(Kind::Mpim, Verb::Manage)?,
            _ => return Err("too_many_users".into()),
        }
        for user in &users {
            let found = ask.store.user(user).ok_or("user_not_found")?;
            if found.deleted {
                return Err("user_disabled".into());
            }
            if ask.by_bot() && found.is_bot() && user != &me {
                return Err("cannot_dm_bot".into());
            }
        }
        let members: BTreeSet<String> = users.into_iter().chain([me.clone()]).collect();
        ask.store.open(&members, &me)
    };
    let channel = if return_im { shown(ask, &id) } else { json!({ "id": id }) };
    let mut answer = json!({ "channel": channel });
    if known {
        answer["no_op"] = true.into();
        answer["already_open"] = true.into();
    }
    Ok(answer)
}

fn close(ask: &mut Ask<'_>) -> Outcome {
    let channel = mine(ask, Verb::Manage)?;
    if channel.kind.is_direct() { Ok(json!({})) } else { Err("method_not_supported_for_channel_type".into()) }
}

fn mark(ask: &mut Ask<'_>) -> Outcome {
    mine(ask, Verb::Manage)?;
    ask.args.ts("ts")?.map(|_| json!({})).ok_or_else(|| Refusal::missing("ts"))
}

fn set_topic(ask: &mut Ask<'_>) -> Outcome {
    note(ask, "topic")
}

fn set_purpose(ask: &mut Ask<'_>) -> Outcome {
    note(ask, "purpose")
}

fn note(ask: &mut Ask<'_>, what: &'static str) -> Outcome {
    let channel = mine(ask, Verb::Topic)?;
    let (me, value) = (ask.me(), ask.args.text(what).unwrap_or_default());
    if value.chars().count() > 250 {
        return Err("too_long".into());
    }
    if channel.archived {
        return Err("is_archived".into());
    }
    ask.store.note(&channel.id, &me, what, &value)?;
    let mut answer = json!({ "channel": shown(ask, &channel.id) });
    answer[what] = value.into();
    Ok(answer)
}
