//! The core of Orion: models, adapter traits, auth, http, retry, sync engine and testing kit.

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
