//! The connector against the sandbox.
#![cfg(feature = "sandbox")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "what a test's helper expects, the test expects")]

mod bad_input;
mod bulk;
mod cassettes;
mod composites;
mod conformance;
mod defects;
mod faults;
mod logins;
mod org;
mod queries;
mod reads;
mod secrets;
mod single;
mod support;
mod writes;
