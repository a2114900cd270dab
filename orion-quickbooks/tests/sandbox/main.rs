//! The sandbox as a client of any language meets it: over HTTP, with nothing of the connector.
#![allow(
    clippy::future_not_send,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here fails the test, and a test's future stays on its thread"
)]

mod company;
mod files;
mod gateway;
mod oauth;
mod reports;
mod support;
mod webhooks;
