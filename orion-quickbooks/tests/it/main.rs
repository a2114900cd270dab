//! The connector, scripted and against the sandbox.
#![cfg(feature = "sandbox")]
#![expect(clippy::unwrap_used, reason = "what a test's helper expects, the test expects")]

mod company;
mod conformance;
mod invoices;
mod logins;
mod rotation;
mod support;
mod syncs;
mod throttle;
mod webhooks;
mod writes;
