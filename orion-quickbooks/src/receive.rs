//! `Receive<M>`: from a delivery to changes, whose objects are fetched.

use std::collections::BTreeMap;

use orion_core::{Change, Delivery, Error, ErrorKind, Receive, Result};
use serde_json::value::RawValue;

use crate::{
    NAME, QuickBooks,
    object::{Entity, Family, Mapped},
    ql::{PAGE, Select, field},
    rows::Layout,
    webhook::{Notification, Operation},
};

/// How many objects are fetched at once.
const FETCHED: usize = 100;

/// Changes of this connection's company; what a delivery tells of others is left to their connections. A host with many companies opens a
/// delivery once, with [`Webhooks`](crate::Webhooks), and has each connection [`fetch`](QuickBooks::fetch) its own.
impl<M: Mapped> Receive<M> for QuickBooks {
    async fn receive(&self, delivery: &Delivery) -> Result<Vec<Change<M>>> {
        let webhooks = self.inner().webhooks::<M>().ok_or_else(|| {
            Error::new(ErrorKind::Config, "`webhook_verifier` is not set: it is the app's verifier token")
                .during(NAME, "receive")
        })?;
        let notifications = webhooks.open(delivery)?;
        let fetched = self.fetch::<M>(&notifications).await;
        if fetched.is_err() {
            webhooks.forget(&notifications);
        }
        fetched
    }
}

/// What is known of an object after all notifications.
struct Told<'a> {
    id: &'a str,
    last: &'a Notification,
    gone: bool,
}

#[expect(private_bounds, reason = "the models are the connector's; nobody else adds one")]
impl QuickBooks {
    /// The changes that notifications of this company tell of, as far as they are of `M`: one for each object, with the object as it is now,
    /// in the order of their last notifications.
    ///
    /// # Errors
    /// What fetching reports. Nothing is lost then: the same notifications can be fetched again.
    pub async fn fetch<M: Mapped>(&self, notifications: &[Notification]) -> Result<Vec<Change<M>>> {
        let realm = self.realm().await?;
        let own: Vec<&Notification> = notifications.iter().filter(|told| told.realm_id == realm).collect();
        let mut changes: Vec<Change<M>> = Vec::new();
        for entity in M::OBJECTS {
            let of_kind = own.iter().copied().filter(|told| told.entity.eq_ignore_ascii_case(&entity.name));
            changes.extend(self.fetch_kind(entity, &told(of_kind)).await?);
        }
        let at = |change: &Change<M>| {
            let id = change.id().as_str();
            let about = |told: &&&Notification| told.id == id || told.deleted_id.as_deref() == Some(id);
            own.iter().filter(about).map(|told| told.at).max()
        };
        changes.sort_by_cached_key(at);
        Ok(changes)
    }

    async fn fetch_kind<M: Mapped>(&self, entity: &Entity<M>, told: &[Told<'_>]) -> Result<Vec<Change<M>>> {
        let gone = |told: &Told<'_>| Change::Delete { id: told.id.into(), at: Some(told.last.at) };
        let mut changes: Vec<Change<M>> = told.iter().filter(|told| told.gone).map(gone).collect();
        let there: Vec<&Told<'_>> = told.iter().filter(|told| !told.gone).collect();
        for chunk in there.chunks(FETCHED) {
            let ids = chunk.iter().map(|told| told.id);
            let select = Select::from(entity.name.as_ref()).filter(field("Id").is_in(ids));
            let select = if entity.family == Family::Name { select.with_inactive() } else { select };
            let answer = self.rows(&select.page(1, PAGE)?).await?;
            let rows: Vec<&RawValue> = answer.rows()?.rows;
            let read = Layout::new(entity.clone(), self.inner().config.currency).read(&rows);
            if let Some(rejected) = read.rejected.into_iter().next() {
                return Err(rejected.reason);
            }
            // One that is not there any more was deleted since.
            let missing =
                chunk.iter().filter(|told| !read.changes.iter().any(|have| have.id().as_str() == told.id));
            changes.extend(missing.map(|told| gone(told)));
            changes.extend(read.changes);
        }
        Ok(changes)
    }
}

/// What is known of each object. The last word counts: an object that was deleted and made again is there.
fn told<'a>(notifications: impl Iterator<Item = &'a Notification>) -> Vec<Told<'a>> {
    let mut all: BTreeMap<&str, Told<'_>> = BTreeMap::new();
    let mut note = |id: &'a str, last: &'a Notification, gone: bool| {
        let newer = all.get(id).is_none_or(|told| told.last.at <= last.at);
        if newer {
            all.insert(id, Told { id, last, gone });
        }
    };
    for told in notifications {
        note(&told.id, told, told.operation == Operation::Delete);
        if let Some(merged) = &told.deleted_id {
            note(merged, told, true);
        }
    }
    all.into_values().collect()
}
