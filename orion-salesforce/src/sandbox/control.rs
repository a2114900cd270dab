//! The controls that only this vendor has, beside those of every sandbox.

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::call::Call;
use super::oauth::jwt::is_certificate;
use super::reply::Reply;
use super::state::World;

/// Routes `/_sandbox/…`.
pub(crate) fn serve(world: &Arc<World>, call: &Call) -> Option<Reply> {
    let parts = call.parts();
    match (&call.method, parts.get(1..).unwrap_or_default()) {
        (&Method::POST, ["deliver"]) => Some(refused(
            "this sandbox has no delivery to a URL; poll for changes, or subscribe to a channel",
        )),
        (&Method::POST, ["certificate"]) => Some(certificate(world, call)),
        (&Method::GET, ["truth"]) => Some(truth(world, call)),
        _ => None,
    }
}

fn refused(message: &str) -> Reply {
    Reply::json(StatusCode::BAD_REQUEST, &json!({ "error": message }))
}

/// Takes the PEM as the body, or as `{"pem": "…"}`.
fn certificate(world: &World, call: &Call) -> Reply {
    let text = match serde_json::from_slice::<Value>(&call.body) {
        Ok(value) => value["pem"].as_str().unwrap_or_default().to_owned(),
        Err(_) => String::from_utf8_lossy(&call.body).into_owned(),
    };
    if !is_certificate(&text) {
        return refused("not the PEM of an RSA certificate or public key");
    }
    world.auth().certificate = Some(text);
    Reply::empty(StatusCode::NO_CONTENT)
}

/// Rows as they are, for assertions: `?object=Account`, or any query with `?q=`.
fn truth(world: &World, call: &Call) -> Reply {
    let rows = match (call.param("q"), call.param("object")) {
        (Some(soql), _) => select(world, soql),
        (None, Some(object)) => dump(world, object),
        (None, None) => return refused("say which ?object= or ?q="),
    };
    match rows {
        Ok((count, rows)) => Reply::ok(&json!({ "count": count, "rows": rows })),
        Err(why) => refused(&why),
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
