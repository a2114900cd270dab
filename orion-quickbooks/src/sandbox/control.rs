//! The controls that only this vendor has, beside those of every sandbox.

use std::sync::Arc;

use http::{Method, StatusCode};
use orion_core::sandbox::{Call, Reply};
use serde_json::{Value, json};

use super::state::World;
use super::store::{Company, Fault, Json, Object};
use super::throttle::Limits;
use super::webhooks::{self, Form};

/// Rows that a query may ask for at once.
const PAGE: usize = 1_000;

/// Routes `/_sandbox/…`.
pub(crate) fn serve(world: &Arc<World>, call: &Call) -> Option<Reply> {
    let parts = call.parts();
    let outcome = match (&call.method, parts.get(1..).unwrap_or_default()) {
        (&Method::POST, ["deliver"]) => deliver(world, call),
        (&Method::GET, ["limits"]) => Ok(limits(world)),
        (&Method::POST, ["limits"]) => set_limits(world, call),
        (&Method::GET, ["truth"]) => truth(world, call),
        _ => return None,
    };
    Some(outcome.unwrap_or_else(|why| Reply::json(StatusCode::BAD_REQUEST, &json!({ "error": why }))))
}

/// Registers an address for webhooks of later changes.
fn deliver(world: &Arc<World>, call: &Call) -> Result<Reply, String> {
    let wanted: Value = serde_json::from_slice(&call.body).map_err(|error| error.to_string())?;
    let form = wanted["kind"].as_str().and_then(Form::named);
    let form = form.ok_or("`kind` is `classic` or `cloudevents`")?;
    let url = wanted["url"].as_str().filter(|url| url.starts_with("http://"));
    let url = url.ok_or("`url` is where webhooks go, http://…")?;
    webhooks::register(world, form, url);
    Ok(Reply::ok(&json!({ "kind": wanted["kind"], "url": url, "realm_id": world.identity.realm })))
}

fn limits(world: &World) -> Reply {
    let throttle = world.throttle();
    let Limits { per_minute, in_flight, per_second, batches_per_minute } = throttle.limits;
    Reply::ok(&json!({
        "per_minute": per_minute, "in_flight": in_flight, "per_second": per_second,
        "batches_per_minute": batches_per_minute, "most_in_flight": throttle.most(),
    }))
}

/// Sets those of the limits that are named; null lifts one.
fn set_limits(world: &World, call: &Call) -> Result<Reply, String> {
    let wanted: Value = serde_json::from_slice(&call.body).map_err(|error| error.to_string())?;
    for (name, value) in wanted.as_object().ok_or("an object of limits")? {
        let value = match value {
            Value::Null => None,
            other => Some(other.as_u64().and_then(|n| usize::try_from(n).ok()).ok_or("a limit is a number")?),
        };
        let limits = &mut world.throttle().limits;
        match name.as_str() {
            "per_minute" => limits.per_minute = value,
            "in_flight" => limits.in_flight = value,
            "per_second" => limits.per_second = value,
            "batches_per_minute" => limits.batches_per_minute = value,
            other => return Err(format!("there is no limit `{other}`")),
        }
    }
    Ok(limits(world))
}

/// Rows as they are, for assertions: `?object=Invoice`, or any query with `?q=`.
fn truth(world: &World, call: &Call) -> Result<Reply, String> {
    let mut company = world.company();
    let rows = match (call.param("q"), call.param("object")) {
        (Some(statement), _) => select(&mut company, statement),
        (None, Some(entity)) => dump(&mut company, entity),
        (None, None) => return Err("say which ?object= or ?q=".to_owned()),
    };
    let rows = rows.map_err(|fault| worded(&fault))?;
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let body = Object::new().with("count", count).with("rows", rows);
    Ok(Reply::new(StatusCode::OK, Reply::JSON, body.to_string()))
}

/// A fault in one line.
pub(crate) fn worded(fault: &Fault) -> String {
    let flaw = fault.errors.first();
    flaw.map_or_else(String::new, |flaw| format!("{} {}: {}", flaw.code, flaw.message, flaw.detail))
}

/// The rows of a query.
pub(crate) fn select(company: &mut Company, statement: &str) -> Result<Vec<Json>, Fault> {
    let Json::Object(found) = company.query(statement)? else { return Ok(Vec::new()) };
    Ok(found.iter().find_map(|(_, value)| value.as_list().map(<[Json]>::to_vec)).unwrap_or_default())
}

/// All rows of an entity, inactive ones too, by id.
pub(crate) fn dump(company: &mut Company, entity: &str) -> Result<Vec<Json>, Fault> {
    let total = company.count(entity);
    let mut rows: Vec<Json> = Vec::with_capacity(total);
    // An entity without `Active` refuses to be filtered by it.
    let filters = [" WHERE Active IN (true, false)", ""];
    loop {
        let start = rows.len() + 1;
        let page = filters.iter().map(|filter| {
            format!("SELECT * FROM {entity}{filter} ORDERBY Id STARTPOSITION {start} MAXRESULTS {PAGE}")
        });
        let mut page = page.map(|statement| select(company, &statement));
        let found = match (page.next(), page.next()) {
            (Some(Err(_)), Some(second)) => second?,
            (Some(first), _) => first?,
            _ => return Ok(rows),
        };
        let done = found.len() < PAGE;
        rows.extend(found);
        if done {
            return Ok(rows);
        }
    }
}
