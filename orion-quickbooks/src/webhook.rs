//! Webhooks: what a delivery says, once it is known to be Intuit's.

use std::{
    collections::{HashSet, VecDeque},
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Mutex, PoisonError},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use orion_core::{Delivery, Error, ErrorKind, Result};
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::{NAME, wire::datetime};

/// The header with the signature: base64 of HMAC-SHA256 over the raw body, under the app's verifier token (Intuit docs, "Webhooks"). It is
/// the same for both forms of the body.
pub const SIGNATURE: &str = "intuit-signature";

/// How many deliveries are remembered, so that one that comes again is known.
const REMEMBERED: usize = 100_000;

/// One change that a delivery tells of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Notification {
    /// The company.
    pub realm_id: String,
    /// The object's kind as the delivery spells it: `Invoice`, or in the newer form `invoice`.
    pub entity: String,
    /// The object.
    pub id: String,
    /// What happened to it.
    pub operation: Operation,
    /// When.
    pub at: DateTime<Utc>,
    /// For a merge: the object that is gone.
    pub deleted_id: Option<String>,
    /// Tells this from every other, and is the same when it is delivered again.
    pub key: String,
}

/// What happened to an object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// It was made.
    Create,
    /// It was changed.
    Update,
    /// It was deleted.
    Delete,
    /// Another object was merged into it.
    Merge,
    /// It was voided.
    Void,
    /// It was sent by email.
    Emailed,
    /// Something without a name here.
    Other(String),
}

impl Operation {
    /// Reads `Create`, and `created` of the newer form.
    fn read(text: &str) -> Self {
        match &*text.to_ascii_lowercase() {
            "create" | "created" => Self::Create,
            "update" | "updated" => Self::Update,
            "delete" | "deleted" => Self::Delete,
            "merge" | "merged" => Self::Merge,
            "void" | "voided" => Self::Void,
            "emailed" => Self::Emailed,
            _ => Self::Other(text.to_owned()),
        }
    }
}

/// The older form: one object, all of its companies in it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Classic {
    event_notifications: Vec<Company>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Company {
    realm_id: String,
    data_change_event: Option<Entities>,
}

#[derive(Deserialize)]
struct Entities {
    entities: Vec<Entity>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entity {
    name: String,
    id: String,
    operation: String,
    last_updated: String,
    deleted_id: Option<String>,
}

/// One event of the newer form, CloudEvents 1.0 (Intuit's blog, 2025; required since July 2026).
#[derive(Deserialize)]
struct CloudEvent {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    time: String,
    intuitentityid: String,
    intuitaccountid: String,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "deletedId")]
    deleted_id: Option<String>,
}

/// Opens deliveries: verifies them, reads either form, and leaves out what was delivered before.
///
/// One serves all companies of an app. It remembers in memory, so a delivery that is repeated after a restart is opened again; a host that minds
/// keeps [`Notification::key`].
pub struct Webhooks {
    key: hmac::Key,
    seen: Mutex<Seen>,
}

impl Webhooks {
    /// Opens deliveries signed under this verifier token.
    #[must_use]
    pub fn new(verifier: &SecretString) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, verifier.expose_secret().as_bytes());
        Self { key, seen: Mutex::default() }
    }

    /// What a delivery tells that is new, in the order in which it happened.
    ///
    /// Answer with 200 within three seconds, before the work: keep what this returns and do the work elsewhere. If keeping it fails,
    /// [`forget`](Self::forget) it and answer with an error, and Intuit delivers it again.
    ///
    /// # Errors
    /// `Auth` for a missing or wrong signature: answer with 401. `Malformed` for a body that is none of Intuit's.
    pub fn open(&self, delivery: &Delivery) -> Result<Vec<Notification>> {
        self.verify(delivery)?;
        let mut all = read(&delivery.body)?;
        all.sort_by_key(|notification| notification.at);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|notification| seen.is_new(notification));
        Ok(all)
    }

    /// Forgets notifications that could not be dealt with, so that they count as new when they come again.
    pub fn forget(&self, notifications: &[Notification]) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        notifications.iter().for_each(|notification| seen.forget(notification));
    }

    fn verify(&self, delivery: &Delivery) -> Result<()> {
        let signature = delivery.headers.get(SIGNATURE).and_then(|text| STANDARD.decode(text).ok());
        // The comparison takes the same time wherever the first difference is.
        let genuine = signature.is_some_and(|tag| hmac::verify(&self.key, &delivery.body, &tag).is_ok());
        if genuine {
            return Ok(());
        }
        let message = "the delivery's signature is missing or wrong: it is not Intuit's, or the verifier token is another app's";
        Err(Error::new(ErrorKind::Auth, message).during(NAME, "receive"))
    }
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks").finish_non_exhaustive()
    }
}

/// What was delivered lately.
#[derive(Default)]
struct Seen {
    known: HashSet<u64>,
    order: VecDeque<u64>,
}

fn hash(notification: &Notification) -> u64 {
    let mut hasher = DefaultHasher::new();
    notification.key.hash(&mut hasher);
    hasher.finish()
}

impl Seen {
    fn is_new(&mut self, notification: &Notification) -> bool {
        let hash = hash(notification);
        if !self.known.insert(hash) {
            return false;
        }
        self.order.push_back(hash);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }

    fn forget(&mut self, notification: &Notification) {
        self.known.remove(&hash(notification));
    }
}

fn read(body: &[u8]) -> Result<Vec<Notification>> {
    let malformed = || {
        Error::new(ErrorKind::Malformed, "the delivery is signed, and none of the documented forms")
            .during(NAME, "receive")
    };
    // The newer form is a list.
    if body.trim_ascii_start().starts_with(b"[") {
        let events: Vec<CloudEvent> = serde_json::from_slice(body).map_err(|_| malformed())?;
        return events.into_iter().map(|event| event.read().ok_or_else(malformed)).collect();
    }
    let classic: Classic = serde_json::from_slice(body).map_err(|_| malformed())?;
    let entities = classic.event_notifications.into_iter().flat_map(|company| {
        let entities = company.data_change_event.map(|event| event.entities).unwrap_or_default();
        entities.into_iter().map(move |entity| entity.read(&company.realm_id).ok_or_else(malformed))
    });
    entities.collect()
}

impl Entity {
    fn read(self, realm: &str) -> Option<Notification> {
        let Self { name, id, operation, last_updated, deleted_id } = self;
        Some(Notification {
            key: format!("{realm}/{name}/{id}/{operation}/{last_updated}"),
            at: datetime(&last_updated)?,
            realm_id: realm.to_owned(),
            entity: name,
            id,
            operation: Operation::read(&operation),
            deleted_id,
        })
    }
}

impl CloudEvent {
    /// The type is `qbo.account.created.v1`.
    fn read(self) -> Option<Notification> {
        let mut parts = self.kind.split('.');
        let (Some("qbo"), Some(entity), Some(operation)) = (parts.next(), parts.next(), parts.next()) else {
            return None;
        };
        Some(Notification {
            entity: entity.to_owned(),
            operation: Operation::read(operation),
            realm_id: self.intuitaccountid,
            id: self.intuitentityid,
            at: datetime(&self.time)?,
            deleted_id: self.data.and_then(|data| data.deleted_id),
            key: self.id,
        })
    }
}
