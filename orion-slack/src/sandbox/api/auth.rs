//! `auth.*`, `api.test`, `team.info`, `bots.info`, `emoji.list`.

use serde_json::{Value, json};

use super::super::limits::Tier;
use super::super::store::refusal::{Outcome, Refusal};
use super::super::tokens::Class;
use super::{Ask, Method};

pub(super) const METHODS: [Method; 8] = [
    Method::new("api.test", Tier::Four, &[], api_test).open(),
    Method::new("auth.test", Tier::Special(600), &[], test),
    Method::new("auth.revoke", Tier::Three, &[], revoke).form(),
    Method::new("auth.teams.list", Tier::Two, &[], teams).form(),
    Method::new("team.info", Tier::Three, &["team:read"], team_info),
    Method::new("bots.info", Tier::Three, &["users:read"], bot_info).form(),
    Method::new("emoji.list", Tier::Two, &["emoji:read"], emoji).form(),
    Method::new("apps.uninstall", Tier::One, &[], uninstall).form(),
];

fn api_test(ask: &mut Ask<'_>) -> Outcome {
    let args: Value = ["error", "foo"]
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), Value::from(ask.args.text(name)?))))
        .collect::<serde_json::Map<_, _>>()
        .into();
    match ask.args.text("error") {
        Some(error) => Err(Refusal { code: error.into(), extra: serde_json::Map::new() }.with("args", args)),
        None => Ok(json!({ "args": args })),
    }
}

fn test(ask: &mut Ask<'_>) -> Outcome {
    let me = ask.me();
    let name = ask.store.user(&me).map(|user| user.name.clone()).unwrap_or_default();
    let team = &ask.store.team;
    let mut answer = json!({
        "url": format!("https://{}.slack.com/", team.domain), "team": team.name, "user": name,
        "team_id": team.id, "user_id": me, "is_enterprise_install": false,
    });
    if ask.by_bot() {
        answer["bot_id"] = ask.store.app.bot_id.as_str().into();
    }
    if let Some(expires) = ask.access.and_then(|access| access.expires) {
        answer["expires_in"] = (expires - ask.store.now).num_seconds().into();
    }
    Ok(answer)
}

fn revoke(ask: &mut Ask<'_>) -> Outcome {
    if ask.args.flag("test") == Some(true) {
        return Ok(json!({ "revoked": false }));
    }
    let Some(access) = ask.access else { return Err("not_authed".into()) };
    ask.world.tokens().revoke(&access.token);
    let key = if access.grant.class == Class::Bot { "bot" } else { "oauth" };
    let mut tokens = json!({ "bot": [], "oauth": [] });
    tokens[key] = json!([access.grant.user]);
    ask.store.tell("tokens_revoked", json!({ "tokens": tokens }));
    Ok(json!({ "revoked": true }))
}

fn teams(ask: &mut Ask<'_>) -> Outcome {
    let team = &ask.store.team;
    Ok(json!({ "teams": [{ "id": team.id, "name": team.name }], "response_metadata": { "next_cursor": "" } }))
}

fn team_info(ask: &mut Ask<'_>) -> Outcome {
    let team = &ask.store.team;
    if ask.args.text("team").is_some_and(|asked| asked != team.id) {
        return Err("team_not_found".into());
    }
    Ok(json!({ "team": {
        "id": team.id, "name": team.name, "url": format!("https://{}.slack.com/", team.domain),
        "domain": team.domain, "email_domain": "meridian-works.example", "avatar_base_url": "https://ca.slack-edge.com/",
        "is_verified": false,
        "icon": { "image_default": true, "image_68": "https://a.slack-edge.com/team_68.png" },
    } }))
}

fn bot_info(ask: &mut Ask<'_>) -> Outcome {
    let id = ask.args.text("bot").unwrap_or_else(|| ask.store.app.bot_id.clone());
    let user = ask.store.users().iter().find(|user| user.bot_id.as_deref() == Some(id.as_str()));
    let user = user.ok_or("bot_not_found")?;
    let app = if id == ask.store.app.bot_id { ask.store.app.id.as_str() } else { "A00000000" };
    Ok(json!({ "bot": {
        "id": id, "deleted": user.deleted, "name": user.real_name, "updated": user.updated, "app_id": app,
        "user_id": user.id, "icons": { "image_36": "https://a.slack-edge.com/bot_36.png",
            "image_48": "https://a.slack-edge.com/bot_48.png", "image_72": "https://a.slack-edge.com/bot_72.png" },
    } }))
}

fn emoji(ask: &mut Ask<'_>) -> Outcome {
    Ok(json!({ "emoji": ask.store.emoji, "cache_ts": ask.store.seconds().to_string() }))
}

fn uninstall(ask: &mut Ask<'_>) -> Outcome {
    let fits = |name: &str, value: &str| ask.args.text(name).as_deref() == Some(value);
    let identity = &ask.world.identity;
    if !fits("client_id", &identity.client_id) {
        return Err("invalid_client_id".into());
    }
    if !fits("client_secret", &identity.client_secret) {
        return Err("bad_client_secret".into());
    }
    ask.world.tokens().revoke_all();
    ask.store.tell("app_uninstalled", json!({}));
    Ok(json!({}))
}
