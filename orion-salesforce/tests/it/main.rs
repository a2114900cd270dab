//! The connector against the sandbox.
#![cfg(feature = "sandbox")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "what a test's helper expects, the test expects")]

mod support;
mod writes;
