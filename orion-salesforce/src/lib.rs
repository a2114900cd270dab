//! Salesforce for Orion: REST, SOQL, Composite and Bulk API 2.0 behind the unified models.
//!
//! [`Salesforce`] is the connector.
//!
//! | objects | are read and written as | in bulk |
//! | --- | --- | --- |
//! | Account, Contact, Lead | [`UnifiedCustomer`](orion_core::UnifiedCustomer) | yes |
//! | Opportunity with its line items | [`UnifiedInvoice`](orion_core::UnifiedInvoice) | no, bulk jobs know no child rows |
//! | Task | [`UnifiedEvent`](orion_core::UnifiedEvent) | no |
//! | Product2, and any other by its name | [`CustomObject`](orion_core::CustomObject) | yes |
//!
//! Beside the unified models there is the vendor's own API: [`Salesforce::query`] with [`soql`], [`Salesforce::sobject`],
//! [`Salesforce::composite`], [`Salesforce::create_tree`], [`Salesforce::bulk_query`], [`Salesforce::describe`], [`Salesforce::limits`];
//! [`Salesforce::login`] is the login in a browser. The feature `sandbox` adds `sandbox`, an org in memory.
//!
//! ```
//! # use orion_core::{Adapter, AdapterExt, Query, UnifiedCustomer};
//! # use orion_salesforce::{Config, Salesforce, sandbox::Sandbox};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = Sandbox::builder().records(10).start().await?;
//! # let salesforce = Salesforce::new(Config::sandbox(&sandbox))?;
//! let who = salesforce.check().await?;
//! let page = salesforce.page::<UnifiedCustomer>(&Query::new().object("Contact")).await?;
//! println!("{} contacts of org {}", page.changes.len(), who.account);
//! # Ok(())
//! # }
//! ```
//!
//! Facts about the vendor are from the REST API Developer Guide and the Bulk API 2.0 Developer Guide (v60 to v68) where nothing else is
//! said; "unverified" marks what was not checked against an org.

mod adapter;
mod auth;
mod bulk;
mod composite;
mod config;
mod describe;
mod fault;
mod limits;
mod load;
mod name;
mod object;
mod query;
mod read;
mod rows;
#[cfg(feature = "sandbox")]
pub mod sandbox;
mod sobject;
pub mod soql;
mod value;
mod wire;
mod write;

pub use adapter::{Builder, Salesforce};
pub use auth::Login;
pub use bulk::{BulkOptions, BulkPage, BulkQuery};
pub use composite::{Composite, CompositeResult};
pub use config::{Auth, Config, EXTERNAL_ID};
pub use describe::{ChildRelationship, Describe, FieldDescribe, ObjectSummary, Picklist};
pub use limits::{Limit, Usage};
pub use query::QueryResult;
pub use sobject::SObjectApi;

/// Name of the adapter.
pub const NAME: &str = "salesforce";
