//! `apps.connections.open`, `oauth.v2.*`.

use http::Method as Verb;
use serde_json::json;

use super::super::limits::Tier;
use super::super::oauth;
use super::super::store::refusal::Outcome;
use super::{Ask, Method};

pub(super) const METHODS: [Method; 3] = [
    Method::new("apps.connections.open", Tier::Three, &[], connect).for_app(),
    Method::new("oauth.v2.access", Tier::Special(600), &[], oauth::access).form().open(),
    Method::new("oauth.v2.exchange", Tier::Three, &[], oauth::exchange).form().open(),
];

fn connect(ask: &mut Ask<'_>) -> Outcome {
    if ask.call.method == Verb::GET {
        return Err("insecure_request".into());
    }
    let ticket = ask.store.ids.uuid();
    ask.world.hub.admit(&ticket, ask.store.now);
    // As switching Socket Mode on does, this takes the events off the request URL.
    *ask.world.delivery() = super::super::events::Delivery::Sockets;
    let base = ask.call.base.replacen("http", "ws", 1);
    let app = &ask.store.app.id;
    Ok(json!({ "url": format!("{base}/link/?ticket={ticket}&app_id={app}") }))
}
