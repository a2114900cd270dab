//! One socket from its hello to its end.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use futures::{SinkExt as _, StreamExt as _};
use orion_core::sandbox::Upgraded;
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::super::state::World;
use super::hub::{MOST_SOCKETS, Order};

/// The seconds that the hello announces, and those with `debug_reconnects` (unverified).
const LIVES: i64 = 18_060;
const LIVES_SHORT: i64 = 360;

/// How long before its end a socket is warned (unverified).
const WARNED: TimeDelta = TimeDelta::seconds(10);

/// Serves one socket.
pub(super) async fn serve(world: Arc<World>, stream: Upgraded, short: bool) {
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    let (number, orders, count) = world.hub.open();
    let lives = if short { LIVES_SHORT } else { LIVES };
    let hello = world.read(|store| hello(&store.app.id, count, lives));
    if socket.send(Message::text(hello.to_string())).await.is_ok() {
        if count > MOST_SOCKETS {
            dismiss(&world, number, "too_many_websockets");
        }
        let aging = Arc::clone(&world);
        world.common.spawn(async move { age(&aging, number, lives).await });
        carry(&world, &mut socket, orders).await;
    }
    world.hub.gone(number);
}

fn hello(app: &str, count: usize, lives: i64) -> Value {
    json!({
        "type": "hello", "num_connections": count, "connection_info": { "app_id": app },
        "debug_info": { "host": "applink-sandbox-1", "build_number": 1, "approximate_connection_time": lives },
    })
}

/// Passes orders and acknowledgements on until either side ends it.
async fn carry(world: &World, socket: &mut WebSocketStream<Upgraded>, mut orders: UnboundedReceiver<Order>) {
    let mut pings = interval(world.settings.ping_every);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let sent = tokio::select! {
            order = orders.recv() => match order {
                Some(Order::Text(text)) => socket.send(Message::text(text)).await,
                Some(Order::Close) => {
                    // The client may be gone already.
                    let _closed = socket.close(None).await;
                    return drained(socket).await;
                }
                Some(Order::Freeze) => return frozen(&mut orders).await,
                Some(Order::Reset) | None => return,
            },
            frame = socket.next() => match frame {
                Some(Ok(Message::Text(text))) => {
                    world.hub.acknowledge(&text);
                    Ok(())
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => Ok(()),
            },
            _ = pings.tick() => socket.send(Message::Ping("Ping from applink-sandbox-1".into())).await,
        };
        if sent.is_err() {
            return;
        }
    }
}

/// Waits for the client's close frame, but not for ever.
async fn drained(socket: &mut WebSocketStream<Upgraded>) {
    let until_closed = async { while let Some(Ok(_)) = socket.next().await {} };
    tokio::select! {
        () = until_closed => {}
        () = sleep(Duration::from_secs(2)) => {}
    }
}

/// Half-open: the connection stays, and nothing passes.
async fn frozen(orders: &mut UnboundedReceiver<Order>) {
    loop {
        match orders.recv().await {
            Some(Order::Reset | Order::Close) => return,
            Some(Order::Text(_) | Order::Freeze) => {}
            None => pending().await,
        }
    }
}

/// Ends a socket at its age: a warning first, then the request to come anew.
async fn age(world: &Arc<World>, number: u64, lives: i64) {
    let end = world.now() + TimeDelta::seconds(lives);
    world.common.reached(end - WARNED).await;
    if world.hub.has(number) {
        world.hub.dismiss(number, "warning");
        world.common.reached(end).await;
        dismiss(world, number, "refresh_requested");
    }
}

/// Tells a socket to go, and closes it after the time that the reason leaves it (unverified).
pub(crate) fn dismiss(world: &Arc<World>, number: u64, reason: &str) {
    world.hub.dismiss(number, reason);
    let grace = match reason {
        "warning" => Duration::from_secs(10),
        "refresh_requested" => Duration::from_secs(5),
        _ => Duration::ZERO,
    };
    let world_after = Arc::clone(world);
    world.common.spawn(async move {
        sleep(grace).await;
        world_after.hub.order(number, Order::Close);
    });
}
