//! The core of Orion: models, adapter traits, auth, http, retry, sync engine and testing kit.
//!
//! It knows no vendor. An adapter stands on it and gets the rest from here: an [`Adapter`] implements [`Read`], [`Write`] or [`Bulk`] for the
//! models it can serve, sends its requests through [`http::Client`], and hosts call it through [`AdapterExt`] or, when its type is known at run
//! time only, as a [`Connector`]. [`sync`] keeps copies of its records, [`auth`] its tokens, [`observe`] tells what it does.
//!
//! A [`Record`] is a [`Model`], what is known of it, and the [`Fields`] that the model has no place for; what adapters yield are [`Change`]s,
//! so that a delete is as much a result as a record.

mod adapter;
pub mod auth;
mod clock;
mod error;
pub mod http;
mod id;
mod model;
mod money;
pub mod observe;
mod query;
mod record;
pub mod rows;
#[cfg(feature = "sandbox")]
pub mod sandbox;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod sql;
pub mod sync;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use adapter::{
    Adapter, AdapterExt, Bulk, BulkJob, BulkPart, Capabilities, Connector, Delivery, Identity, Message,
    Notify, Object, Outcome, Posted, Read, Receive, Refused, Registry, Resource, Resources, ResourcesBuilder,
    RowOutcome, Watch, Write, WriteOp, WriteOptions, Written,
};
pub use clock::Clock;
pub use error::{Error, ErrorKind, Fault, Result, Retry};
pub use id::{AdapterId, Kind, RecordId, StreamKey};
pub use model::{
    AddressKind, Allocation, AllocationKind, Attachment, BodyFormat, CustomObject, CustomerKind,
    CustomerRole, CustomerStatus, Dimension, Direction, Discount, Email, EmailKind, EventBody, EventCategory,
    InvoiceFinding, InvoiceKind, InvoiceStatus, LineKind, LineTax, Model, Participant, ParticipantRole,
    Payment, PaymentStatus, PaymentTerms, Phone, PhoneKind, Ref, TaxId, TaxLine, TaxMode, UnifiedAddress,
    UnifiedCustomer, UnifiedEvent, UnifiedInvoice, UnifiedLineItem, UnifiedUser, UserKind, UserStatus,
};
pub use money::{Currency, Money, MoneyError, Rounding, decimal};
pub use query::{Cursor, Page, Query};
pub use record::{Change, Fields, Meta, Record, Rejected, Source};
pub use rust_decimal::Decimal;
