//! The sandbox over plain HTTP, as a client in any language sees it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test's helper fails like the test itself")]

mod bulk;
mod composite;
mod control;
mod faults;
mod oauth;
mod query;
mod rest;
mod soap;
mod support;
mod wire;
