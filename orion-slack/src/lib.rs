//! Slack for Orion.
//!
//! This crate will send and receive messages, sync users and channels, and offer notifications and
//! approvals, with a sandbox of the vendor. It exports nothing yet.

#[cfg(feature = "sandbox")]
mod sandbox;
