//! `bookmarks.*`.

use serde_json::{Value, json};

use super::super::limits::Tier;
use super::super::store::channel::Channel;
use super::super::store::refusal::{Outcome, Refusal};
use super::{Ask, Method};

const MOST: usize = 100;

pub(super) const METHODS: [Method; 4] = [
    Method::new("bookmarks.add", Tier::Two, &["bookmarks:write"], add),
    Method::new("bookmarks.edit", Tier::Two, &["bookmarks:write"], edit),
    Method::new("bookmarks.remove", Tier::Two, &["bookmarks:write"], remove),
    Method::new("bookmarks.list", Tier::Three, &["bookmarks:read"], list),
];

fn channel<'a>(ask: &'a mut Ask<'_>) -> Result<&'a mut Channel, Refusal> {
    let (id, me) = (ask.args.required("channel_id")?, ask.me());
    let channel = ask.store.channel_mut(&id, &me)?;
    if channel.has(&me) { Ok(channel) } else { Err("not_in_channel".into()) }
}

fn add(ask: &mut Ask<'_>) -> Outcome {
    let (title, kind) = (ask.args.required("title")?, ask.args.required("type")?);
    if kind != "link" {
        return Err("invalid_bookmark_type".into());
    }
    let link = ask.args.text("link").filter(|link| link.contains("://") || link.starts_with("mailto:"));
    let link = link.ok_or("invalid_link")?;
    let (id, at, app) = (ask.store.ids.id("Bk"), ask.store.seconds(), ask.store.app.id.clone());
    let (emoji, by) = (ask.args.text("emoji").unwrap_or_default(), ask.me());
    let channel = channel(ask)?;
    if channel.bookmarks.len() >= MOST {
        return Err("too_many_bookmarks".into());
    }
    let bookmark = json!({
        "id": id, "channel_id": channel.id, "title": title, "link": link, "emoji": emoji, "icon_url": null,
        "type": kind, "entity_id": null, "date_created": at, "date_updated": 0,
        "rank": format!("{:05}", channel.bookmarks.len()), "last_updated_by_user_id": by,
        "last_updated_by_team_id": null, "shortcut_id": null, "app_id": app, "app_action_id": null,
    });
    channel.bookmarks.push(bookmark.clone());
    Ok(json!({ "bookmark": bookmark }))
}

fn edit(ask: &mut Ask<'_>) -> Outcome {
    let (id, at) = (ask.args.required("bookmark_id")?, ask.store.seconds());
    let changes: Vec<(&str, String)> =
        ["title", "link", "emoji"].iter().filter_map(|name| Some((*name, ask.args.text(name)?))).collect();
    let bookmark =
        channel(ask)?.bookmarks.iter_mut().find(|one| one["id"] == id.as_str()).ok_or("not_found")?;
    for (name, value) in changes {
        bookmark[name] = value.into();
    }
    bookmark["date_updated"] = at.into();
    Ok(json!({ "bookmark": bookmark }))
}

fn remove(ask: &mut Ask<'_>) -> Outcome {
    let id = ask.args.required("bookmark_id")?;
    let bookmarks = &mut channel(ask)?.bookmarks;
    let at = bookmarks.iter().position(|one| one["id"] == id.as_str()).ok_or("not_found")?;
    bookmarks.remove(at);
    Ok(json!({}))
}

fn list(ask: &mut Ask<'_>) -> Outcome {
    let bookmarks: Vec<Value> = channel(ask)?.bookmarks.clone();
    Ok(json!({ "bookmarks": bookmarks }))
}
