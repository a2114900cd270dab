//! Credentials, through the public interface and the real request path.

#![cfg(feature = "oauth")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, where a panic is the report")]

mod interleavings;
mod places;
#[cfg(all(feature = "reqwest", any(feature = "sqlite", feature = "postgres")))]
mod processes;
mod renewing;
mod stores;
mod vendor;
