//! `usergroups.*`.

use serde_json::{Value, json};

use super::super::limits::Tier;
use super::super::store::group::Group;
use super::super::store::refusal::{Outcome, Refusal};
use super::{Ask, Method};

const READ: [&str; 1] = ["usergroups:read"];
const WRITE: [&str; 1] = ["usergroups:write"];

pub(super) const METHODS: [Method; 7] = [
    Method::new("usergroups.list", Tier::Two, &READ, list).form(),
    Method::new("usergroups.create", Tier::Two, &WRITE, create),
    Method::new("usergroups.update", Tier::Two, &WRITE, update),
    Method::new("usergroups.enable", Tier::Two, &WRITE, enable),
    Method::new("usergroups.disable", Tier::Two, &WRITE, disable),
    Method::new("usergroups.users.list", Tier::Two, &READ, users).form(),
    Method::new("usergroups.users.update", Tier::Two, &WRITE, set_users),
];

fn list(ask: &mut Ask<'_>) -> Outcome {
    let disabled = ask.args.flag("include_disabled") == Some(true);
    let with_users = ask.args.flag("include_users") == Some(true);
    let chosen = ask.store.groups.iter().filter(|group| disabled || group.deleted == 0);
    let groups: Vec<Value> = chosen.map(|group| group.rendered(&ask.store.team.id, with_users)).collect();
    Ok(json!({ "usergroups": groups }))
}

/// Changes the group that the call names.
fn with_group(ask: &mut Ask<'_>, change: impl FnOnce(&mut Group) -> Result<(), Refusal>) -> Outcome {
    let (id, at, team) = (ask.args.required("usergroup")?, ask.store.seconds(), ask.team());
    let group = ask.store.groups.iter_mut().find(|group| group.id == id).ok_or("no_such_subteam")?;
    change(group)?;
    group.updated = at;
    let shown = group.rendered(&team, true);
    ask.store.tell("subteam_updated", json!({ "subteam": shown }));
    Ok(json!({ "usergroup": shown }))
}

fn create(ask: &mut Ask<'_>) -> Outcome {
    let name = ask.args.required("name")?;
    let handle = ask.args.text("handle").unwrap_or_else(|| name.to_lowercase().replace(' ', "-"));
    if ask.store.groups.iter().any(|group| group.name == name) {
        return Err("name_already_exists".into());
    }
    if ask.store.groups.iter().any(|group| group.handle == handle) {
        return Err("handle_already_exists".into());
    }
    let (created, creator) = (ask.store.seconds(), ask.me());
    let group = Group {
        id: ask.store.ids.id("S"),
        name,
        handle,
        description: ask.args.text("description").unwrap_or_default(),
        creator,
        created,
        updated: created,
        channels: ask.args.list("channels"),
        ..Group::default()
    };
    let shown = group.rendered(&ask.team(), true);
    ask.store.groups.push(group);
    ask.store.tell("subteam_created", json!({ "subteam": shown }));
    Ok(json!({ "usergroup": shown }))
}

fn update(ask: &mut Ask<'_>) -> Outcome {
    let [name, handle, description] = ["name", "handle", "description"].map(|field| ask.args.text(field));
    with_group(ask, |group| {
        for (new, old) in
            [(name, &mut group.name), (handle, &mut group.handle), (description, &mut group.description)]
        {
            if let Some(new) = new {
                *old = new;
            }
        }
        Ok(())
    })
}

fn enable(ask: &mut Ask<'_>) -> Outcome {
    with_group(ask, |group| {
        group.deleted = 0;
        Ok(())
    })
}

fn disable(ask: &mut Ask<'_>) -> Outcome {
    let at = ask.store.seconds();
    with_group(ask, |group| {
        group.deleted = at;
        Ok(())
    })
}

fn users(ask: &mut Ask<'_>) -> Outcome {
    let id = ask.args.required("usergroup")?;
    let group = ask.store.groups.iter().find(|group| group.id == id).ok_or("no_such_subteam")?;
    Ok(json!({ "users": group.users }))
}

fn set_users(ask: &mut Ask<'_>) -> Outcome {
    let users = ask.args.list("users");
    if users.is_empty() {
        return Err("no_users_provided".into());
    }
    if users.iter().any(|id| ask.store.user(id).is_none()) {
        return Err("invalid_users".into());
    }
    with_group(ask, |group| {
        group.users = users;
        Ok(())
    })
}
