//! The workspace as it is, past every scope and limit, for tests to compare with.

use serde_json::{Value, json};

use super::state::World;
use super::store::Store;
use super::store::channel::Channel;

/// The rows of one kind; `channel` is an id or a name, and all channels if it is not given.
pub(crate) fn rows(world: &World, object: &str, channel: Option<&str>, base: &str) -> Option<Vec<Value>> {
    world.read(|store| {
        let team = store.team.id.as_str();
        Some(match object {
            "messages" => messages(store, channel),
            "users" => store.users().iter().map(|user| user.rendered(team, true)).collect(),
            "channels" => store.ordered_channels().map(|channel| shown(channel, team)).collect(),
            "files" => store.files.values().map(|file| file.rendered(team, base)).collect(),
            "views" => {
                let views = store.views.by_id.values();
                views
                    .map(|view| json!({ "user": view.user, "open": view.open, "view": view.shown }))
                    .collect()
            }
            "ephemerals" => store.ephemerals.clone(),
            "scheduled" => {
                let waiting = store.scheduled.iter();
                waiting
                    .map(|one| json!({ "id": one.id, "channel": one.channel, "post_at": one.post_at }))
                    .collect()
            }
            "usergroups" => store.groups.iter().map(|group| group.rendered(team, true)).collect(),
            _ => return None,
        })
    })
}

fn shown(channel: &Channel, team: &str) -> Value {
    let mut shown = channel.rendered(team, "");
    shown["members"] = json!(channel.members);
    shown
}

fn messages(store: &Store, chosen: Option<&str>) -> Vec<Value> {
    let fits =
        |channel: &&Channel| chosen.is_none_or(|chosen| channel.id == chosen || channel.name == chosen);
    let mut rows = Vec::new();
    for channel in store.ordered_channels().filter(fits) {
        for ts in channel.messages.keys() {
            let Some(mut message) = channel.shown(*ts, &store.team.id) else { continue };
            message["channel"] = channel.id.as_str().into();
            rows.push(message);
        }
    }
    rows
}
