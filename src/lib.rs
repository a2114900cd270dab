#![doc = include_str!("../README.md")]
//! # Where things are
//!
//! - Records: [`Record`], [`Change`], [`Model`], [`UnifiedCustomer`], [`UnifiedInvoice`], [`UnifiedEvent`], [`UnifiedUser`],
//!   [`CustomObject`], [`Fields`], [`Money`].
//! - What an adapter can do: [`Adapter`], [`Read`], [`Write`], [`Bulk`], [`Receive`], [`Watch`], [`Notify`]; called through
//!   [`AdapterExt`], and, where the type is known at run time only, through [`Connector`] and [`Registry`].
//! - What goes wrong: [`Error`], [`ErrorKind`], [`Retry`], [`Fault`].
//! - The parts: [`sync`] keeps copies of records, [`auth`] keeps tokens, [`http`] sends requests, [`observe`] tells what happens.
#![cfg_attr(feature = "salesforce", doc = "- The vendors: [`salesforce`].")]
#![cfg_attr(feature = "quickbooks", doc = "- [`quickbooks`].")]
#![cfg_attr(feature = "slack", doc = "- [`slack`].")]
#![cfg_attr(feature = "metrics", doc = "- Figures out of events: [`metrics`].")]
#![cfg_attr(
    feature = "testing",
    doc = "- Doubles, and the conformance suite for adapters of your own: [`testing`]."
)]
#![cfg_attr(
    feature = "sandbox",
    doc = "- What simulators of vendors share, for one of your own: [`sandbox`]."
)]

#[doc(inline)]
pub use orion_core::{
    Adapter, AdapterExt, AdapterId, AddressKind, Allocation, AllocationKind, Attachment, BodyFormat, Bulk,
    BulkJob, BulkPart, Capabilities, Change, Clock, Connector, Currency, Cursor, CustomObject, CustomerKind,
    CustomerRole, CustomerStatus, Decimal, Delivery, Dimension, Direction, Discount, Email, EmailKind, Error,
    ErrorKind, EventBody, EventCategory, Fault, Fields, Identity, InvoiceFinding, InvoiceKind, InvoiceStatus,
    Kind, LineKind, LineTax, Message, Meta, Model, Money, MoneyError, Notify, Object, Outcome, Page,
    Participant, ParticipantRole, Payment, PaymentStatus, PaymentTerms, Phone, PhoneKind, Posted, Query,
    Read, Receive, Record, RecordId, Ref, Refused, Registry, Rejected, Resource, Resources, ResourcesBuilder,
    Result, Retry, Rounding, RowOutcome, Source, StreamKey, TaxId, TaxLine, TaxMode, UnifiedAddress,
    UnifiedCustomer, UnifiedEvent, UnifiedInvoice, UnifiedLineItem, UnifiedUser, UserKind, UserStatus, Watch,
    Write, WriteOp, WriteOptions, Written, auth, decimal, http, observe, rows, sync,
};

#[cfg(feature = "testing")]
#[doc(inline)]
pub use orion_core::testing;

#[cfg(feature = "sandbox")]
#[doc(inline)]
pub use orion_core::sandbox;

#[cfg(feature = "metrics")]
#[doc(inline)]
pub use orion_metrics as metrics;

#[cfg(feature = "salesforce")]
#[doc(inline)]
pub use orion_salesforce as salesforce;

#[cfg(feature = "quickbooks")]
#[doc(inline)]
pub use orion_quickbooks as quickbooks;

#[cfg(feature = "slack")]
#[doc(inline)]
pub use orion_slack as slack;

/// The programs of the guides, run like those of the README.
#[cfg(doctest)]
mod guides {
    #[doc = include_str!("../docs/errors.md")]
    struct Errors;

    #[doc = include_str!("../docs/sandbox.md")]
    struct Sandbox;
}
