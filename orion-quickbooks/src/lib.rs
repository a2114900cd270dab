//! QuickBooks Online for Orion.
//!
//! This crate will read and write customers, invoices, payments and items through the unified models,
//! follow changes by change data capture and webhooks, and ship a sandbox of the vendor. It exports
//! nothing yet.

#[cfg(feature = "sandbox")]
pub mod sandbox;
