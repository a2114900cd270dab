//! QuickBooks Online for Orion: the accounting API behind the unified models.
//!
//! [`QuickBooks`] is the connector.
//!
//! Facts about the vendor are from Intuit's developer documentation, minor version 75, where nothing else is said; "recorded" marks what was
//! seen in answers of Intuit's sandbox that others published, "unverified" what was not checked against a company.

mod adapter;
mod attachment;
mod auth;
mod batch;
mod capture;
mod config;
mod draft;
mod entity;
mod fault;
mod invoices;
mod limits;
mod object;
pub mod ql;
mod query;
mod read;
mod receive;
mod report;
mod rows;
#[cfg(feature = "sandbox")]
pub mod sandbox;
mod stale;
mod value;
mod webhook;
mod wire;
mod write;

pub use adapter::{Builder, QuickBooks};
pub use attachment::{Attachable, Upload};
pub use auth::{Login, TokenProblem, User};
pub use capture::{Captured, Changes};
pub use config::{Auth, Config, Endpoints, Environment};
pub use entity::EntityApi;
pub use invoices::InvoiceFilter;
pub use limits::Throttle;
pub use report::{Cell, Column, Report, Row, RowKind};
pub use stale::Stale;
pub use webhook::{Notification, Operation, SIGNATURE, Webhooks};

/// Name of the adapter.
pub const NAME: &str = "quickbooks";

/// The minor version of every call. Lower ones are ignored since 1 August 2025 (Intuit docs, "Minor versions").
pub const MINOR_VERSION: &str = "75";
