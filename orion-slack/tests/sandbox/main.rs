//! The sandbox over plain HTTP and WebSockets, as a client in any language sees it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test's helper fails like the test itself")]

mod conversations;
mod messages;
mod support;
mod wire;
