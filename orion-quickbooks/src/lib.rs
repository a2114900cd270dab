//! QuickBooks Online for Orion: the accounting API behind the unified models.
//!
//! [`QuickBooks`] is the connector.
//!
//! Facts about the vendor are from Intuit's developer documentation, minor version 75, where nothing else is said; "recorded" marks what was
//! seen in answers of Intuit's sandbox that others published, "unverified" what was not checked against a company.

mod adapter;
mod auth;
mod batch;
mod config;
mod draft;
mod entity;
mod fault;
mod limits;
mod object;
pub mod ql;
mod query;
mod read;
mod rows;
#[cfg(feature = "sandbox")]
pub mod sandbox;
mod stale;
mod value;
mod wire;
mod write;

pub use adapter::{Builder, QuickBooks};
pub use auth::{Login, TokenProblem, User};
pub use config::{Auth, Config, Endpoints, Environment};
pub use entity::EntityApi;
pub use limits::Throttle;
pub use stale::Stale;

/// Name of the adapter.
pub const NAME: &str = "quickbooks";

/// The minor version of every call. Lower ones are ignored since 1 August 2025 (Intuit docs, "Minor versions").
pub const MINOR_VERSION: &str = "75";
