//! Salesforce for Orion: REST, SOQL, Composite and Bulk API 2.0 behind the unified models.
//!
//! [`Salesforce`] is the connector: one connection to one org.
//!
//! | objects | are read and written as | in bulk |
//! | --- | --- | --- |
//! | Account, Contact, Lead | [`UnifiedCustomer`](orion_core::UnifiedCustomer) | yes |
//! | Opportunity with its line items | [`UnifiedInvoice`](orion_core::UnifiedInvoice) | no, bulk jobs know no child rows |
//! | Task | [`UnifiedEvent`](orion_core::UnifiedEvent) | no |
//! | Product2, and any other by its name | [`CustomObject`](orion_core::CustomObject) | yes |
//!
//! | to | use |
//! | --- | --- |
//! | log in | [`Config`] with one of the flows of [`Auth`]; [`Salesforce::login`] for the consent of a person in a browser |
//! | read and write models | [`AdapterExt`](orion_core::AdapterExt): `page`, `records`, `create`, `update`, `upsert`, `delete` |
//! | load and export in bulk | `bulk_submit`, `bulk_outcomes` of the same, and [`Bulk::export`](orion_core::Bulk::export); [`BulkOptions`] |
//! | run SOQL into types of your own | [`Salesforce::query`] with [`soql`]; [`Salesforce::bulk_query`] for millions of rows |
//! | work on single records by the vendor's names | [`Salesforce::sobject`] |
//! | send several requests as one | [`Salesforce::composite`], [`Salesforce::create_tree`] |
//! | ask what the org has and allows | [`Salesforce::describe`], [`Salesforce::objects`], [`Salesforce::limits`], [`Salesforce::usage`] |
//! | choose transport, token store, retries, observers | [`Salesforce::builder`] |
//! | test without an org | the module `sandbox`, with the feature of that name |
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
