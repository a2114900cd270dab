//! The open sockets of the app and what waits for an answer on them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use super::super::state::locked;

/// How long a ticket can be used (unverified).
const TICKET_LIVES: TimeDelta = TimeDelta::seconds(30);

/// Slack docs, Socket Mode.
pub(crate) const MOST_SOCKETS: usize = 10;

/// What a socket is told to do.
#[derive(Debug)]
pub(crate) enum Order {
    Text(String),
    /// Ends with a close frame.
    Close,
    /// Ends without one.
    Reset,
    /// Stays connected, but neither reads nor writes any more.
    Freeze,
}

#[derive(Debug)]
struct Socket {
    number: u64,
    orders: UnboundedSender<Order>,
    /// It was told to go; others are preferred.
    leaving: bool,
}

#[derive(Debug)]
struct Waiting {
    socket: u64,
    answer: oneshot::Sender<Value>,
}

#[derive(Debug, Default)]
struct Inner {
    tickets: HashMap<String, DateTime<Utc>>,
    sockets: Vec<Socket>,
    waiting: HashMap<String, Waiting>,
    opened: u64,
    turn: usize,
    freeze_next: bool,
}

/// All sockets; envelopes are spread over them.
#[derive(Debug, Default)]
pub(crate) struct Hub(Mutex<Inner>);

impl Hub {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        locked(&self.0)
    }

    /// Lets the bearer of the ticket in, once.
    pub(crate) fn admit(&self, ticket: &str, now: DateTime<Utc>) {
        self.inner().tickets.insert(ticket.to_owned(), now + TICKET_LIVES);
    }

    pub(crate) fn redeem(&self, ticket: &str, now: DateTime<Utc>) -> bool {
        self.inner().tickets.remove(ticket).is_some_and(|end| now < end)
    }

    /// A new socket: its number, its orders, and how many there are with it.
    pub(super) fn open(&self) -> (u64, UnboundedReceiver<Order>, usize) {
        let (orders, received) = unbounded_channel();
        let mut inner = self.inner();
        inner.opened += 1;
        let number = inner.opened;
        if std::mem::take(&mut inner.freeze_next) {
            // The receiver is still here, so this arrives.
            let _sent = orders.send(Order::Freeze);
        }
        inner.sockets.push(Socket { number, orders, leaving: false });
        let count = inner.sockets.iter().filter(|socket| !socket.leaving).count();
        (number, received, count)
    }

    /// Makes the next socket half-open after its hello.
    pub(crate) fn freeze_next(&self) {
        self.inner().freeze_next = true;
    }

    /// A socket has ended: what waited on it has failed.
    pub(super) fn gone(&self, number: u64) {
        let mut inner = self.inner();
        inner.sockets.retain(|socket| socket.number != number);
        inner.waiting.retain(|_, waiting| waiting.socket != number);
    }

    /// Sends an envelope over the next socket in turn; `None` if there is none.
    pub(super) fn send(&self, id: &str, text: String) -> Option<oneshot::Receiver<Value>> {
        let mut inner = self.inner();
        inner.turn += 1;
        let staying: Vec<usize> = (0..inner.sockets.len())
            .filter(|at| inner.sockets.get(*at).is_some_and(|one| !one.leaving))
            .collect();
        let choice = match staying.len() {
            0 => inner.sockets.len().checked_sub(1)?,
            count => staying.get(inner.turn % count).copied()?,
        };
        let socket = inner.sockets.get(choice)?;
        let number = socket.number;
        socket.orders.send(Order::Text(text)).ok()?;
        let (answer, received) = oneshot::channel();
        inner.waiting.insert(id.to_owned(), Waiting { socket: number, answer });
        Some(received)
    }

    /// Takes an acknowledgement, on whichever socket it came.
    pub(super) fn acknowledge(&self, text: &str) {
        let Ok(frame) = serde_json::from_str::<Value>(text) else { return };
        let id = frame["envelope_id"].as_str().unwrap_or_default();
        if let Some(waiting) = self.inner().waiting.remove(id) {
            // Nobody waits any more if it came too late.
            let _late = waiting.answer.send(frame["payload"].clone());
        }
    }

    pub(super) fn forget(&self, id: &str) {
        self.inner().waiting.remove(id);
    }

    /// Gives an order to one socket.
    pub(crate) fn order(&self, number: u64, order: Order) {
        if let Some(socket) = self.inner().sockets.iter().find(|socket| socket.number == number) {
            let _gone = socket.orders.send(order);
        }
    }

    /// Tells one socket to go, with a frame that says why.
    pub(super) fn dismiss(&self, number: u64, reason: &str) {
        if let Some(socket) = self.inner().sockets.iter_mut().find(|socket| socket.number == number) {
            socket.leaving = true;
            let _gone = socket.orders.send(Order::Text(disconnect(reason)));
        }
    }

    /// The sockets that were not told to go, oldest first.
    pub(crate) fn staying(&self) -> Vec<u64> {
        self.inner().sockets.iter().filter(|socket| !socket.leaving).map(|socket| socket.number).collect()
    }

    /// How many sockets are open.
    pub(crate) fn count(&self) -> usize {
        self.inner().sockets.len()
    }

    /// Whether that socket is open.
    pub(super) fn has(&self, number: u64) -> bool {
        self.inner().sockets.iter().any(|socket| socket.number == number)
    }
}

/// The frame that says why a socket has to go.
fn disconnect(reason: &str) -> String {
    json!({ "type": "disconnect", "reason": reason, "debug_info": { "host": "applink-sandbox-1" } })
        .to_string()
}
