//! The sync engine and its destinations, from the outside.
#![cfg(feature = "sqlite")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests may panic")]

mod passes;
mod vendor;
