//! The sync engine and its destinations, from the outside.
#![cfg(all(feature = "sqlite", feature = "postgres", feature = "testing"))]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests may panic")]

mod crash;
mod damaged;
mod databases;
mod others;
mod passes;
mod place;
mod recorder;
mod stops;
mod vendor;
mod views;
