//! Change data capture by the vendor's own names, for several kinds of object at once.

use chrono::{DateTime, Utc};
use http::Method;
use orion_core::{Error, ErrorKind, RecordId, Result};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::{
    NAME, QuickBooks, ql,
    wire::{Members, answer, datetime},
};

/// The most objects of one answer; what is beyond is left out without a word (Intuit docs, "Change data capture").
pub(crate) const CAPTURED: usize = 1000;

/// What changed of one kind of object.
#[derive(Debug)]
#[non_exhaustive]
pub struct Captured {
    /// The kind, as it was asked for.
    pub entity: String,
    /// The objects, the deleted among them, as JSON.
    pub objects: Vec<Box<RawValue>>,
}

/// What changed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Changes {
    /// One for each kind asked for.
    pub entities: Vec<Captured>,
    /// Whether the answer is as long as answers get, so that more may have changed than it tells. Ask from later on, or read whole.
    pub truncated: bool,
    /// The server's clock when it answered.
    pub as_of: Option<DateTime<Utc>>,
}

impl Captured {
    /// The objects that are there, as a type.
    ///
    /// # Errors
    /// `Malformed` if one does not fit.
    pub fn live<T: DeserializeOwned>(&self) -> Result<Vec<T>> {
        let live = self.objects.iter().filter(|object| !is_deleted(object));
        live.map(|object| {
            // serde's message may quote a value.
            serde_json::from_str(object.get()).map_err(|_| {
                Error::new(ErrorKind::Malformed, "an object does not fit the type asked for")
                    .during(NAME, "cdc")
            })
        })
        .collect()
    }

    /// The ids of the deleted, and when each was.
    #[must_use]
    pub fn deleted(&self) -> Vec<(RecordId, Option<DateTime<Utc>>)> {
        let deleted = self.objects.iter().filter(|object| is_deleted(object)).filter_map(|object| {
            let members = Members::parse(object)?;
            let at = members.get("MetaData").and_then(Members::parse);
            let at = at.and_then(|meta| datetime(&meta.text("LastUpdatedTime")?));
            Some((RecordId::from(&*members.text("Id")?), at))
        });
        deleted.collect()
    }
}

fn is_deleted(object: &RawValue) -> bool {
    Members::parse(object).is_some_and(|members| members.text("status").as_deref() == Some("Deleted"))
}

impl QuickBooks {
    /// What changed of these kinds since an instant at most 30 days ago, the deleted among it, in one call.
    ///
    /// # Errors
    /// What the request reports; `Config` for a name that is none.
    pub async fn changes_since(&self, entities: &[&str], since: DateTime<Utc>) -> Result<Changes> {
        entities.iter().try_for_each(|entity| ql::check(entity))?;
        let call = self.call(Method::GET, "cdc", "cdc").await?;
        let call = call.query("entities", &entities.join(",")).query("changedSince", &since.to_rfc3339());
        let answer = answer(call, "cdc").await?;
        let responses: Vec<Response> = answer.read("CDCResponse")?;
        let mut found = responses.into_iter().flat_map(|response| response.query).map(|query| {
            let rows = Members::parse(&query).and_then(|members| crate::wire::rows(&members));
            rows.map_or_else(Vec::new, |rows| rows.rows.into_iter().map(ToOwned::to_owned).collect())
        });
        let entities: Vec<Captured> = entities
            .iter()
            .map(|entity| Captured {
                entity: (*entity).to_owned(),
                objects: found.next().unwrap_or_default(),
            })
            .collect();
        let total: usize = entities.iter().map(|captured| captured.objects.len()).sum();
        Ok(Changes { entities, truncated: total >= CAPTURED, as_of: answer.as_of() })
    }
}

#[derive(serde::Deserialize)]
struct Response {
    /// One for each kind asked for, in that order; empty where nothing changed.
    #[serde(rename = "QueryResponse", default)]
    query: Vec<Box<RawValue>>,
}
