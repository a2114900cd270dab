//! `views.*`.

use serde_json::{Value, json};

use super::super::blocks;
use super::super::limits::Tier;
use super::super::store::refusal::{Outcome, Refusal};
use super::{Ask, Method};

/// 250 KB (Slack docs, views.open).
const LARGEST: usize = 250 * 1024;

pub(super) const METHODS: [Method; 4] = [
    Method::new("views.open", Tier::Four, &[], open),
    Method::new("views.push", Tier::Four, &[], push),
    Method::new("views.update", Tier::Four, &[], update),
    Method::new("views.publish", Tier::Four, &[], publish),
];

fn view(ask: &mut Ask<'_>) -> Result<Value, Refusal> {
    let view = ask.args.structure("view").map_err(|_| Refusal::argument("view", "must be valid JSON"))?;
    let mut view = view.ok_or_else(|| Refusal::missing("view"))?;
    if view.to_string().len() > LARGEST {
        return Err("view_too_large".into());
    }
    blocks::check_view(&view)?;
    view["blocks"] = blocks::identified(view["blocks"].take(), &mut ask.store.ids);
    Ok(view)
}

/// A trigger, under either of its names.
fn trigger(ask: &Ask<'_>) -> Result<String, Refusal> {
    let named = ask.args.text("trigger_id").or_else(|| ask.args.text("interactivity_pointer"));
    named.ok_or_else(|| Refusal::missing("trigger_id"))
}

fn open(ask: &mut Ask<'_>) -> Outcome {
    let (trigger, view) = (trigger(ask)?, view(ask)?);
    Ok(json!({ "view": ask.store.open_view(&trigger, &view)? }))
}

fn push(ask: &mut Ask<'_>) -> Outcome {
    let (trigger, view) = (trigger(ask)?, view(ask)?);
    Ok(json!({ "view": ask.store.push_view(&trigger, &view)? }))
}

fn update(ask: &mut Ask<'_>) -> Outcome {
    let view = view(ask)?;
    let (id, external) = (ask.args.text("view_id"), ask.args.text("external_id"));
    let id = ask.store.views.find(id.as_deref(), external.as_deref())?.id.clone();
    let hash = ask.args.text("hash");
    Ok(json!({ "view": ask.store.update_view(&id, &view, hash.as_deref())? }))
}

fn publish(ask: &mut Ask<'_>) -> Outcome {
    let (user, view) = (ask.user("user_id")?.id.clone(), view(ask)?);
    if view["type"] != "home" {
        return Err(Refusal::argument("view/type", "must be home"));
    }
    let hash = ask.args.text("hash");
    Ok(json!({ "view": ask.store.publish_view(&user, &view, hash.as_deref())? }))
}
