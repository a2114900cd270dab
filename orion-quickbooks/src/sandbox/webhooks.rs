//! Webhooks: what changed is posted to an address, signed, until it is acknowledged.
//!
//! One delivery carries what has changed since the last, and the next waits until it is acknowledged, so that order holds. It is
//! tried again at the vendor's intervals on the sandbox's clock, so that moving the clock brings the next try.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::Request;
use orion_core::sandbox::send;
use ring::hmac;
use serde_json::{Value, json};

use super::state::{World, locked};
use super::store::{Change, Operation};

/// Seconds until each retry; the last one repeats (Intuit docs, webhooks).
const RETRIES: [i64; 8] = [10, 20, 30, 300, 1_200, 7_200, 14_400, 21_600];

/// How long a receiver may take (Intuit docs).
const PATIENCE: Duration = Duration::from_secs(3);

/// The most changes in one delivery; unverified.
const LARGEST: usize = 1_000;

/// The payload's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Classic,
    CloudEvents,
}

impl Form {
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "classic" => Some(Self::Classic),
            "cloudevents" => Some(Self::CloudEvents),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::CloudEvents => "cloudevents",
        }
    }
}

/// Delivers later changes to `url`, once however often it is asked.
pub(crate) fn register(world: &Arc<World>, form: Form, url: &str) {
    if !locked(&world.hooks).insert((form.name(), url.to_owned())) {
        return;
    }
    let position = world.company().position();
    let world_of_task = Arc::clone(world);
    let url = url.to_owned();
    world.common.spawn(async move { deliver(world_of_task, form, url, position).await });
}

async fn deliver(world: Arc<World>, form: Form, url: String, mut position: usize) {
    loop {
        let news = world.news.notified();
        let mut changes = world.company().changes(position).to_vec();
        if changes.is_empty() {
            news.await;
            continue;
        }
        changes.truncate(LARGEST);
        let body = payload(&world, form, &changes);
        let mut tries = 0;
        while !acknowledged(&world, &url, &body).await {
            let wait = RETRIES.get(tries).or(RETRIES.last()).copied().unwrap_or_default();
            world.common.reached(world.now() + TimeDelta::seconds(wait)).await;
            tries += 1;
        }
        position += changes.len();
    }
}

/// Posts once; any 2xx acknowledges.
async fn acknowledged(world: &World, url: &str, body: &Bytes) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, world.identity.verifier.as_bytes());
    let signature = STANDARD.encode(hmac::sign(&key, body));
    let request = Request::post(url)
        .header("content-type", "application/json")
        .header("intuit-signature", signature)
        .header("intuit-created-time", world.now().format("%Y-%m-%dT%H:%M:%S%.fZ").to_string())
        .header("intuit-t-id", world.hex(32))
        .header("intuit-notification-schema-version", "0.1")
        .header("user-agent", "intuit_notifications_sandbox")
        .body(body.clone());
    let Ok(request) = request else { return false };
    send(request, PATIENCE).await.is_ok_and(|reply| reply.status().is_success())
}

fn payload(world: &World, form: Form, changes: &[Change]) -> Bytes {
    let body = match form {
        Form::Classic => {
            let entities: Vec<Value> = changes.iter().map(classic).collect();
            let change =
                json!({ "realmId": world.identity.realm, "dataChangeEvent": { "entities": entities } });
            json!({ "eventNotifications": [change] })
        }
        Form::CloudEvents => changes.iter().map(|change| cloud_event(world, change)).collect(),
    };
    body.to_string().into()
}

/// Intuit docs; `deletedId` only for a merge.
fn classic(change: &Change) -> Value {
    let mut entity = json!({
        "name": change.entity,
        "id": change.id.to_string(),
        "operation": change.operation.name(),
        "lastUpdated": change.at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
    });
    if let Some(merged) = change.merged {
        entity["deletedId"] = json!(merged.to_string());
    }
    entity
}

/// Intuit docs, 2025; the verbs other than `created` and `voided` are unverified.
fn cloud_event(world: &World, change: &Change) -> Value {
    let verb = match change.operation {
        Operation::Create => "created",
        Operation::Update => "updated",
        Operation::Delete => "deleted",
        Operation::Void => "voided",
        Operation::Merge => "merged",
        Operation::Emailed => "emailed",
    };
    json!({
        "specversion": "1.0",
        "id": uuid(world),
        "source": "intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=",
        "type": format!("qbo.{}.{verb}.v1", change.entity.to_lowercase()),
        "datacontenttype": "application/json",
        "time": nanoseconds(change.at),
        "intuitentityid": change.id.to_string(),
        "intuitaccountid": world.identity.realm,
        "data": {},
    })
}

fn nanoseconds(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.9fZ").to_string()
}

fn uuid(world: &World) -> String {
    let hex = world.hex(32);
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    format!("{}-{}-4{}-a{}-{}", part(0..8), part(8..12), part(13..16), part(17..20), part(20..32))
}
