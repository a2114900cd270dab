//! Adapters: a capability is an implementation.
//!
//! An adapter implements [`Adapter`] and, for each model it can serve, [`Read`], [`Write`] or [`Bulk`]. What it
//! offers is then *derived* from those implementations by [`Resources`]; it cannot claim what it does not do.

mod bulk;
mod connector;
mod erased;
mod ext;
mod live;
mod registry;
mod resources;
mod write;

use std::sync::Arc;

use async_trait::async_trait;

pub use bulk::{Bulk, BulkJob, BulkPart, Refused, RowOutcome};
pub use connector::Connector;
pub use ext::AdapterExt;
pub(crate) use ext::guard;
pub use live::{Delivery, Message, Notify, Posted, Receive, Watch};
pub use registry::Registry;
pub use resources::{Capabilities, Object, Resource, Resources, ResourcesBuilder};
pub use write::{Outcome, Write, WriteOp, WriteOptions, Written};

use crate::{AdapterId, Model, Page, Query, Result};

/// A connection to one account of one vendor.
///
/// Dyn because registries, hosts and the sync engine hold adapters of several vendors side by side; called at
/// most once per network exchange, so the boxed future does not show.
///
/// ```
/// use std::sync::Arc;
/// use orion_core::{
///     Adapter, AdapterExt, AdapterId, Change, CustomObject, Identity, Model, Page, Query, Read, Record, Resources, Result,
/// };
///
/// /// An adapter of one record that is always the same.
/// struct Motto;
///
/// #[async_trait::async_trait]
/// impl Adapter for Motto {
///     fn id(&self) -> AdapterId {
///         AdapterId::new("motto", "0.1.0")
///     }
///
///     fn resources(self: Arc<Self>) -> Resources {
///         Resources::of(self).reads::<CustomObject>().build()
///     }
///
///     async fn check(&self) -> Result<Identity> {
///         Ok(Identity::new("everybody"))
///     }
/// }
///
/// impl Read<CustomObject> for Motto {
///     async fn read(&self, _: &Query) -> Result<Page<CustomObject>> {
///         Ok(Page::new(vec![Change::Upsert(Record::new("1", CustomObject::default()))], None))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// assert_eq!(Motto.page::<CustomObject>(&Query::new()).await?.changes.len(), 1);
///
/// let connector = Motto.connect();
/// let can = connector.offers().capabilities(CustomObject::KIND);
/// assert!(can.read && !can.write);
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait Adapter: Send + Sync + 'static {
    /// Name and version.
    fn id(&self) -> AdapterId;

    /// What the adapter offers: `Resources::of(self).reads::<A>().writes::<B>().build()`.
    fn resources(self: Arc<Self>) -> Resources;

    /// Makes the cheapest authenticated call: is the account reachable, and whose is it?
    ///
    /// # Errors
    /// `Auth` for refused credentials, `Forbidden` for a missing scope, `Transport` or `Timeout` for an
    /// unreachable vendor.
    async fn check(&self) -> Result<Identity>;
}

/// Who the credentials belong to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// The vendor's id of the account (org, realm, workspace).
    pub account: String,
    /// The vendor's id of the user acted for.
    pub user: Option<String>,
    /// A name to show.
    pub name: Option<String>,
}

impl Identity {
    /// Names an account.
    #[must_use]
    pub fn new(account: impl Into<String>) -> Self {
        Self { account: account.into(), ..Self::default() }
    }

    /// Names the user acted for.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// Gives a name to show.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

/// An adapter that reads `M`.
///
/// Call it through [`AdapterExt::page`] or [`AdapterExt::records`], which name the model.
#[diagnostic::on_unimplemented(
    message = "the `{Self}` adapter cannot read `{M}` records",
    label = "`{M}` is not readable here",
    note = "implement `Read<{M}>` for `{Self}`, or see the adapter's documentation for what it supports"
)]
pub trait Read<M: Model>: Adapter {
    /// Reads one page: the one `query.cursor` points at, or the first.
    ///
    /// The position lives in the cursor alone, so a page can be read again, by another process too. An implementation
    /// does not loop over pages; the core does.
    ///
    /// # Errors
    /// Whatever the vendor or the network refuses. `Expired` means that the cursor is too old and the read has to start again.
    fn read(&self, query: &Query) -> impl Future<Output = Result<Page<M>>> + Send;
}
