//! The Events API: what happened, sent to the app over HTTP or over its sockets, and sent again until it is taken.

use std::sync::Arc;

use bytes::Bytes;
use chrono::TimeDelta;
use http::{HeaderMap, Method};
use orion_core::sandbox::{Call, FaultKind, Scope};
use serde_json::{Value, json};

use super::outgoing::{Attempt, Outgoing};
use super::socket;
use super::state::World;
use super::store::Store;
use super::store::event::Event;

/// Waits before the second, third and fourth attempt (Slack docs, Events API: "nearly immediately", a minute, five minutes).
const RETRIES: [TimeDelta; 3] = [TimeDelta::seconds(1), TimeDelta::minutes(1), TimeDelta::minutes(5)];

/// Where events go: as in an app's settings, to one of the two.
#[derive(Debug, Default)]
pub(crate) enum Delivery {
    /// Nothing listens yet.
    #[default]
    Nowhere,
    /// The request URL that answered its challenge.
    Url(String),
    /// Socket Mode.
    Sockets,
}

impl World {
    /// Sends off what the app subscribed to and may see.
    pub(crate) fn send_off(self: &Arc<Self>, events: Vec<Event>) {
        for event in events {
            if !self.subscribed(&event) {
                continue;
            }
            let envelope = self.enveloped(&event.body, None);
            let times = if self.duplicates() { 2 } else { 1 };
            for _ in 0..times {
                let (world, envelope) = (Arc::clone(self), envelope.clone());
                match &*self.delivery() {
                    Delivery::Nowhere => {}
                    Delivery::Url(url) => {
                        let url = url.clone();
                        self.common
                            .spawn(async move { post_until_taken(&world, &url, &envelope, None).await });
                    }
                    Delivery::Sockets => {
                        self.common.spawn(async move { send_until_taken(&world, &envelope).await });
                    }
                }
            }
        }
    }

    fn subscribed(&self, event: &Event) -> bool {
        let named = |wanted: &String| {
            event
                .name
                .strip_prefix(wanted.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let inside = |store: &Store| match &event.channel {
            Some(id) => store.channels.get(id).is_some_and(|channel| channel.has(&store.app.bot_user)),
            None => true,
        };
        self.settings.events.iter().any(named) && self.read(inside)
    }

    /// Whether the fault plan wants this event twice.
    fn duplicates(&self) -> bool {
        let call = Call::new(Method::POST, "/events", HeaderMap::new(), Bytes::new(), "");
        let scope = Scope::new(&call, ["events"]).with_kind("duplicate_event");
        self.common.rolls(&FaultKind::vendor("duplicate_event"), &scope)
    }

    /// The outer envelope of an event.
    pub(crate) fn enveloped(self: &Arc<Self>, event: &Value, event_id: Option<&str>) -> Value {
        self.quietly(|store| {
            let id = event_id.map_or_else(|| store.ids.id("Ev"), str::to_owned);
            let team = store.team.id.as_str();
            json!({
                "token": self.identity.verification_token, "team_id": team, "context_team_id": team,
                "context_enterprise_id": null, "api_app_id": store.app.id, "event": event,
                "type": "event_callback", "event_id": id, "event_time": store.now.timestamp(),
                "authorizations": [{ "enterprise_id": null, "team_id": team, "user_id": store.app.bot_user,
                                     "is_bot": true, "is_enterprise_install": false }],
                "is_ext_shared_channel": false, "event_context": format!("4-{}", store.ids.secret(40)),
            })
        })
    }
}

/// Posts an event, and again after each wait. `failed` is why a first attempt did not do it.
pub(crate) async fn post_until_taken(
    world: &Arc<World>,
    url: &str,
    envelope: &Value,
    failed: Option<&'static str>,
) {
    let mut reason = failed;
    for number in usize::from(failed.is_some())..=RETRIES.len() {
        let attempt = post_once(world, url, envelope, number, reason).await;
        match attempt.failure() {
            Some(why) if !attempt.forbids_retry() => reason = Some(why),
            _ => return,
        }
    }
}

/// One attempt, after its wait.
async fn post_once(
    world: &Arc<World>,
    url: &str,
    envelope: &Value,
    number: usize,
    reason: Option<&'static str>,
) -> Attempt {
    waited(world, number).await;
    let mut outgoing = Outgoing::json(envelope);
    if let Some(reason) = reason.filter(|_| number > 0) {
        outgoing =
            outgoing.with("x-slack-retry-num", &number.to_string()).with("x-slack-retry-reason", reason);
    }
    outgoing.post(world, url).await
}

async fn waited(world: &World, number: usize) {
    if let Some(wait) = number.checked_sub(1).and_then(|at| RETRIES.get(at)) {
        world.common.reached(world.now() + *wait).await;
    }
}

/// Sends an event over the sockets until it is acknowledged.
pub(crate) async fn send_until_taken(world: &Arc<World>, envelope: &Value) {
    let mut reason = "";
    for number in 0..=RETRIES.len() {
        waited(world, number).await;
        match socket::exchange(world, "events_api", envelope, Some((number, reason))).await {
            Ok(_) => return,
            Err(why) => reason = why,
        }
    }
}
