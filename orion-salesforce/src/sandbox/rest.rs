//! The REST API: routes below `/services/data/vNN.N`.

pub(crate) mod meta;
pub(crate) mod query;
mod search;
pub(crate) mod sobjects;

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::bulk;
use super::call::Call;
use super::composite;
use super::gateway::LOCK_ROW;
use super::reply::{self, Reply, SaveResult};
use super::state::World;
use super::store::{ApiError, Org, Upserted};
use orion_core::sandbox::Scope;

/// API versions served.
const VERSIONS: std::ops::RangeInclusive<u32> = 40..=68;

/// The version the sandbox names as its newest stable one.
pub(crate) const CURRENT: &str = "60.0";

/// What a route answers; an error becomes the envelope.
pub(crate) type Outcome = Result<Reply, ApiError>;

/// One request's hold on the org.
pub(crate) struct Ctx<'a> {
    pub(crate) world: &'a Arc<World>,
    pub(crate) org: &'a mut Org,
    pub(crate) scope: &'a Scope,
    /// The version as the path has it: `v60.0`.
    pub(crate) version: &'a str,
    /// Whether an enclosing composite demands all or none.
    pub(crate) all_or_none: bool,
}

impl std::fmt::Debug for Ctx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ctx").field("version", &self.version).finish_non_exhaustive()
    }
}

/// The number of a version segment that is served: `v60.0` is 60.
pub(crate) fn version_number(segment: &str) -> Option<u32> {
    let number = segment.strip_prefix('v')?.strip_suffix(".0")?.parse().ok()?;
    VERSIONS.contains(&number).then_some(number)
}

/// `GET /services/data`: open to all.
pub(crate) fn versions(call: &Call) -> Reply {
    if !reads(call) {
        return reply::method_not_allowed(&call.method, "GET,HEAD");
    }
    let all: Vec<Value> = VERSIONS
        .map(|number| {
            let version = format!("{number}.0");
            json!({ "label": label(number), "url": format!("/services/data/v{version}"), "version": version })
        })
        .collect();
    Reply::ok(&all)
}

/// Three releases a year: 40 is Summer '17.
fn label(number: u32) -> String {
    match (number - 40) % 3 {
        0 => format!("Summer '{}", 17 + (number - 40) / 3),
        1 => format!("Winter '{}", 18 + (number - 41) / 3),
        _ => format!("Spring '{}", 18 + (number - 42) / 3),
    }
}

/// Whether the call only reads.
pub(crate) fn reads(call: &Call) -> bool {
    matches!(call.method, Method::GET | Method::HEAD)
}

/// Serves one request whose session is checked.
pub(crate) fn serve(world: &Arc<World>, call: &Call, scope: &Scope, version: &str, tail: &[&str]) -> Reply {
    if version_number(version).is_none() {
        return reply::not_found();
    }
    if tail.first() == Some(&"jobs") {
        return bulk::serve(world, call, scope, version, tail.get(1..).unwrap_or_default());
    }
    let mut org = world.org();
    let mut ctx = Ctx { world, org: &mut org, scope, version, all_or_none: false };
    dispatch(&mut ctx, call, tail)
}

/// Routes one request, from the network or from a composite.
pub(crate) fn dispatch(ctx: &mut Ctx<'_>, call: &Call, tail: &[&str]) -> Reply {
    let outcome = match tail {
        [] => meta::resources(ctx, call),
        ["limits"] => meta::limits(ctx, call),
        ["recent"] => meta::recent(ctx, call),
        ["search"] => search::sosl(ctx, call),
        ["parameterizedSearch"] => search::parameterized(ctx, call),
        ["query"] => query::first(ctx, call, query::Bin::Live),
        ["queryAll"] => query::first(ctx, call, query::Bin::Included),
        ["query" | "queryAll", locator] => query::more(ctx, call, locator),
        ["composite", rest @ ..] => composite::serve(ctx, call, rest),
        ["sobjects", rest @ ..] => sobjects::serve(ctx, call, rest),
        _ => Ok(reply::not_found()),
    };
    outcome.unwrap_or_else(Reply::from)
}

impl Ctx<'_> {
    /// The canonical name of `object`, or 404.
    pub(crate) fn object(&self, object: &str) -> Result<&'static str, ApiError> {
        self.org.object_name(object).ok_or_else(ApiError::not_found)
    }

    pub(crate) fn row_url(&self, object: &str, id: &str) -> String {
        format!("/services/data/{}/sobjects/{object}/{id}", self.version)
    }

    /// The child object and its reference field behind a child relationship's name.
    pub(crate) fn child(&self, object: &str, relation: &str) -> Result<Option<(String, String)>, ApiError> {
        let describe = self.org.describe(self.version, object)?;
        let all = describe["childRelationships"].as_array().map(Vec::as_slice).unwrap_or_default();
        let named = |child: &&Value| {
            child["relationshipName"].as_str().is_some_and(|name| name.eq_ignore_ascii_case(relation))
        };
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let found = all.iter().find(named);
        Ok(found.and_then(|child| text(&child["childSObject"]).zip(text(&child["field"]))))
    }

    /// Writes go through these, so that a lock fault can hit any row.
    pub(crate) fn insert(&mut self, object: &str, fields: &Map<String, Value>) -> Result<String, ApiError> {
        self.lock(None)?;
        self.org.insert(object, fields)
    }

    pub(crate) fn update(
        &mut self,
        object: &str,
        id: &str,
        fields: &Map<String, Value>,
    ) -> Result<(), ApiError> {
        self.lock(Some(id))?;
        self.org.update(object, id, fields)
    }

    pub(crate) fn upsert(
        &mut self,
        object: &str,
        key_field: &str,
        key: &str,
        fields: &Map<String, Value>,
    ) -> Result<Upserted, ApiError> {
        self.lock(None)?;
        self.org.upsert(object, key_field, key, fields)
    }

    pub(crate) fn delete(&mut self, object: &str, id: &str) -> Result<(), ApiError> {
        self.lock(Some(id))?;
        self.org.delete(object, id)
    }

    pub(crate) fn hard_delete(&mut self, object: &str, id: &str) -> Result<(), ApiError> {
        self.lock(Some(id))?;
        self.org.hard_delete(object, id)
    }

    fn lock(&self, id: Option<&str>) -> Result<(), ApiError> {
        if !self.world.common.rolls(&LOCK_ROW, self.scope) {
            return Ok(());
        }
        let rows = id.unwrap_or_default();
        let message = format!("unable to obtain exclusive access to this record or 1 records: {rows}");
        Err(ApiError::new(400, "UNABLE_TO_LOCK_ROW", message))
    }
}

/// 201 with the row's URL.
pub(crate) fn created(url: &str, result: &SaveResult<'_>) -> Reply {
    Reply::json(StatusCode::CREATED, result).with("location", url)
}
