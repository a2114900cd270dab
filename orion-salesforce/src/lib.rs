//! Salesforce for Orion: REST, SOQL, Composite and Bulk API 2.0 behind the unified models.

#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod soql;
mod wire;
