//! Socket Mode: events, commands and interactions over WebSockets that the app opens.

mod connection;
mod hub;

use std::sync::Arc;

use http::StatusCode;
use orion_core::sandbox::{Call, Reply};
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::outgoing::WITHIN;
use super::state::World;

pub(crate) use connection::dismiss;
pub(crate) use hub::{Hub, Order};

/// `GET /link/?ticket=…`.
pub(crate) fn accept(world: &Arc<World>, call: &Call) -> Reply {
    let Some(key) = call.header("sec-websocket-key") else {
        return Reply::new(StatusCode::BAD_REQUEST, "text/plain", "not a WebSocket handshake");
    };
    if !world.hub.redeem(call.param("ticket").unwrap_or_default(), world.now()) {
        return Reply::new(StatusCode::FORBIDDEN, "text/plain", "invalid ticket");
    }
    let short = call.flag("debug_reconnects");
    let taken = Arc::clone(world);
    Reply::upgraded("websocket", move |stream| connection::serve(taken, stream, short))
        .with("sec-websocket-accept", &derive_accept_key(key.as_bytes()))
}

/// Sends one envelope over one of the sockets and waits for its acknowledgement; answers the payload that came with it,
/// or why there was none.
pub(crate) async fn exchange(
    world: &Arc<World>,
    kind: &str,
    payload: &Value,
    retry: Option<(usize, &str)>,
) -> Result<Value, &'static str> {
    let id = world.quietly(|store| store.ids.uuid());
    let accepts = kind != "events_api";
    let mut envelope =
        json!({ "envelope_id": id, "type": kind, "payload": payload, "accepts_response_payload": accepts });
    if let Some((number, reason)) = retry {
        envelope["retry_attempt"] = number.into();
        envelope["retry_reason"] = reason.into();
    }
    let answer = world.hub.send(&id, envelope.to_string()).ok_or("connection_failed")?;
    let answer = timeout(WITHIN, answer).await;
    world.hub.forget(&id);
    match answer {
        Err(_) => Err("timeout"),
        Ok(Err(_)) => Err("connection_failed"),
        Ok(Ok(payload)) => Ok(if accepts { payload } else { Value::Null }),
    }
}
