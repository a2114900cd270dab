//! The sandbox over plain HTTP and WebSockets, as a client in any language sees it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test's helper fails like the test itself")]

mod conversations;
mod deliveries;
mod faults;
mod files;
mod interactions;
mod limits;
mod messages;
mod oauth;
mod receiver;
mod sockets;
mod support;
mod wire;
