//! The control API beside the vendor's: what tests in any language steer the sandbox with. It asks for no
//! login, takes no fault and is not logged.

use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::Call;
use super::faults::{Engine, Faults};
use super::oauth::jwt::is_certificate;
use super::reply::Reply;
use super::state::World;

/// Routes `/_sandbox/…`.
pub(crate) fn serve(world: &Arc<World>, call: &Call) -> Reply {
    let parts = call.parts();
    match (&call.method, parts.get(1..).unwrap_or_default()) {
        (&Method::GET, ["log"]) => log(world),
        (&Method::DELETE, ["log"]) => {
            world.log().clear();
            Reply::empty(StatusCode::NO_CONTENT)
        }
        (&Method::GET, ["faults"]) => Reply::ok(&world.faults().shown()),
        (&Method::POST, ["faults"]) => faults(world, call),
        (&Method::DELETE, ["faults"]) => {
            *world.faults() = Engine::new(Faults::default());
            Reply::empty(StatusCode::NO_CONTENT)
        }
        (&Method::GET, ["clock"]) => Reply::ok(&json!({ "now": world.clock.now() })),
        (&Method::POST, ["clock"]) => clock(world, call),
        (&Method::POST, ["deliver"]) => refused(
            StatusCode::BAD_REQUEST,
            "this sandbox has no delivery to a URL; poll for changes, or subscribe to a channel",
        ),
        (&Method::POST, ["certificate"]) => certificate(world, call),
        (&Method::POST, ["expire"]) => {
            world.auth().end_sessions();
            Reply::empty(StatusCode::NO_CONTENT)
        }
        (&Method::POST, ["revoke"]) => {
            world.auth().revoke_refresh_tokens();
            Reply::empty(StatusCode::NO_CONTENT)
        }
        (&Method::GET, ["truth"]) => truth(world, call),
        _ => refused(StatusCode::NOT_FOUND, "no such control; see the sandbox's documentation"),
    }
}

fn refused(status: StatusCode, message: &str) -> Reply {
    Reply::json(status, &json!({ "error": message }))
}

fn log(world: &World) -> Reply {
    let log = world.log();
    Reply::ok(&json!({ "requests": log.entries(), "counts": log.counts() }))
}

fn parsed<'a, T: Deserialize<'a>>(call: &'a Call) -> Result<T, Reply> {
    serde_json::from_slice(&call.body).map_err(|error| refused(StatusCode::BAD_REQUEST, &error.to_string()))
}

/// Adds to the plan in force; `DELETE` first to replace it.
fn faults(world: &World, call: &Call) -> Reply {
    let plan = parsed::<Value>(call)
        .and_then(|value| Faults::from_json(value).map_err(|why| refused(StatusCode::BAD_REQUEST, &why)));
    match plan {
        Ok(plan) => {
            let mut engine = world.faults();
            engine.add(plan);
            Reply::ok(&engine.shown())
        }
        Err(reply) => reply,
    }
}

fn clock(world: &World, call: &Call) -> Reply {
    #[derive(Deserialize)]
    struct Advance {
        advance_seconds: f64,
    }
    let by = parsed::<Advance>(call).and_then(|advance| {
        Duration::try_from_secs_f64(advance.advance_seconds)
            .map_err(|error| refused(StatusCode::BAD_REQUEST, &error.to_string()))
    });
    match by {
        Ok(by) => {
            world.clock.advance(by);
            Reply::ok(&json!({ "now": world.clock.now() }))
        }
        Err(reply) => reply,
    }
}

/// Takes the PEM as the body, or as `{"pem": "…"}`.
fn certificate(world: &World, call: &Call) -> Reply {
    let text = match serde_json::from_slice::<Value>(&call.body) {
        Ok(value) => value["pem"].as_str().unwrap_or_default().to_owned(),
        Err(_) => String::from_utf8_lossy(&call.body).into_owned(),
    };
    if !is_certificate(&text) {
        return refused(StatusCode::BAD_REQUEST, "not the PEM of an RSA certificate or public key");
    }
    world.auth().certificate = Some(text);
    Reply::empty(StatusCode::NO_CONTENT)
}

/// Rows as they are, for assertions: `?object=Account`, or any query with `?q=`.
fn truth(world: &World, call: &Call) -> Reply {
    let rows = match (call.param("q"), call.param("object")) {
        (Some(soql), _) => select(world, soql),
        (None, Some(object)) => dump(world, object),
        (None, None) => return refused(StatusCode::BAD_REQUEST, "say which ?object= or ?q="),
    };
    match rows {
        Ok((count, rows)) => Reply::ok(&json!({ "count": count, "rows": rows })),
        Err(why) => refused(StatusCode::BAD_REQUEST, &why),
    }
}

/// Runs a query outside the API; answers `totalSize` and the rows.
pub(crate) fn select(world: &World, soql: &str) -> Result<(usize, Vec<Value>), String> {
    let org = world.org();
    let cursor = org.query(soql, false).map_err(|error| format!("{}: {}", error.code, error.message))?;
    let rows = cursor.page(&org, "v60.0", 0, cursor.rows(), &mut |_, _| String::new());
    Ok((cursor.total_size(), rows))
}

/// All live rows of an object with all their fields.
pub(crate) fn dump(world: &World, object: &str) -> Result<(usize, Vec<Value>), String> {
    let fields = {
        let org = world.org();
        let describe = org.describe("v60.0", object).map_err(|error| error.message)?;
        let fields = describe["fields"].as_array().cloned().unwrap_or_default();
        fields.iter().filter_map(|field| field["name"].as_str()).collect::<Vec<_>>().join(", ")
    };
    select(world, &format!("SELECT {fields} FROM {object} ORDER BY Id"))
}
