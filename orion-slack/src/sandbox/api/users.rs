//! `users.*`.

use serde_json::{Value, json};

use super::super::limits::Tier;
use super::super::store::channel::Kind;
use super::super::store::refusal::{Outcome, Refusal};
use super::conversations::kinds;
use super::method::Verb;
use super::{Ask, Method};

/// Members that a list without `limit` still gives at once (unverified).
const MOST_UNPAGED: usize = 10_000;

pub(super) const METHODS: [Method; 8] = [
    Method::new("users.list", Tier::Two, &["users:read"], list).form(),
    Method::new("users.info", Tier::Four, &["users:read"], info).form(),
    Method::new("users.lookupByEmail", Tier::Three, &["users:read.email"], lookup).form(),
    Method::new("users.conversations", Tier::Three, &[], conversations).form(),
    Method::new("users.getPresence", Tier::Three, &["users:read"], presence).form(),
    Method::new("users.setPresence", Tier::Two, &["users:write"], set_presence),
    Method::new("users.profile.get", Tier::Four, &["users.profile:read"], profile).form(),
    Method::new("users.profile.set", Tier::Three, &["users.profile:write"], set_profile).user_only(),
];

fn with_email(ask: &Ask<'_>) -> bool {
    ask.has_scope("users:read.email")
}

fn list(ask: &mut Ask<'_>) -> Outcome {
    let all = ask.store.users();
    let paged = ask.args.has("limit") || ask.args.has("cursor");
    if !paged && all.len() > MOST_UNPAGED {
        return Err("limit_required".into());
    }
    let limit = if paged { ask.limit(100, 1_000)? } else { MOST_UNPAGED };
    let page = ask.page("user", all.iter().collect(), limit, |user| user.id.clone())?;
    let team = ask.team();
    let members: Vec<Value> = page.items.iter().map(|user| user.rendered(&team, with_email(ask))).collect();
    Ok(json!({
        "members": members, "cache_ts": ask.store.seconds(), "response_metadata": page.metadata(),
    }))
}

fn info(ask: &mut Ask<'_>) -> Outcome {
    Ok(json!({ "user": ask.user("user")?.rendered(&ask.team(), with_email(ask)) }))
}

fn lookup(ask: &mut Ask<'_>) -> Outcome {
    let email = ask.args.required("email")?;
    let user = ask.store.user_by_email(&email).filter(|user| !user.deleted).ok_or("users_not_found")?;
    Ok(json!({ "user": user.rendered(&ask.team(), true) }))
}

fn conversations(ask: &mut Ask<'_>) -> Outcome {
    let user = ask.args.text("user").unwrap_or_else(|| ask.me());
    if ask.store.user(&user).is_none() {
        return Err("user_not_found".into());
    }
    let (me, team, kinds) = (ask.me(), ask.team(), kinds(ask)?);
    let archived = ask.args.flag("exclude_archived") != Some(true);
    let channels = ask
        .store
        .ordered_channels()
        .filter(|channel| channel.has(&user) && channel.visible_to(&me) && kinds.contains(&channel.kind));
    let channels = channels.filter(|channel| archived || !channel.archived).collect();
    let page = ask.page("channel", channels, ask.limit(100, 999)?, |channel| channel.id.clone())?;
    let shown: Vec<Value> = page.items.iter().map(|channel| channel.rendered(&team, &me)).collect();
    Ok(json!({ "channels": shown, "response_metadata": page.metadata() }))
}

fn presence(ask: &mut Ask<'_>) -> Outcome {
    let id = ask.args.text("user").unwrap_or_else(|| ask.me());
    let user = ask.store.user(&id).ok_or("user_not_found")?;
    let presence = if user.away || user.deleted { "away" } else { "active" };
    if id != ask.me() {
        return Ok(json!({ "presence": presence }));
    }
    Ok(json!({ "presence": presence, "online": !user.away, "auto_away": false, "manual_away": user.away,
               "connection_count": 1, "last_activity": ask.store.seconds() }))
}

fn set_presence(ask: &mut Ask<'_>) -> Outcome {
    let away = match ask.args.required("presence")?.as_str() {
        "auto" => false,
        "away" => true,
        _ => return Err("invalid_presence".into()),
    };
    let me = ask.me();
    if let Some(user) = ask.store.user_mut(&me) {
        user.away = away;
    }
    Ok(json!({}))
}

fn profile(ask: &mut Ask<'_>) -> Outcome {
    let id = ask.args.text("user").unwrap_or_else(|| ask.me());
    let user = ask.store.user(&id).ok_or("user_not_found")?;
    let mut profile = user.profile(&ask.team(), with_email(ask));
    profile["fields"] = json!({});
    Ok(json!({ "profile": profile }))
}

fn set_profile(ask: &mut Ask<'_>) -> Outcome {
    let me = ask.me();
    let mut changes =
        ask.args.structure("profile").map_err(|_| Refusal::from("invalid_profile"))?.unwrap_or_default();
    if let (Some(name), Some(value)) = (ask.args.text("name"), ask.args.text("value")) {
        changes[name] = value.into();
    }
    let at = ask.store.seconds();
    let user = ask.store.user_mut(&me).ok_or("user_not_found")?;
    for (name, field) in [
        ("status_text", &mut user.status_text),
        ("status_emoji", &mut user.status_emoji),
        ("title", &mut user.title),
        ("phone", &mut user.phone),
        ("real_name", &mut user.real_name),
        ("display_name", &mut user.name),
    ] {
        if let Some(value) = changes[name].as_str() {
            value.clone_into(field);
        }
    }
    user.updated = at;
    let team = ask.team();
    let user = ask.store.user(&me).ok_or("user_not_found")?;
    let (shown, profile) = (user.rendered(&team, true), user.profile(&team, true));
    ask.store.tell("user_change", json!({ "user": shown, "cache_ts": at }));
    Ok(json!({ "profile": profile, "username": "" }))
}

impl Ask<'_> {
    /// Whether the token may list conversations of that kind.
    pub(super) fn may_list(&self, kind: Kind) -> Result<(), Refusal> {
        self.may(kind, Verb::Read)
    }
}
