//! Orion.

pub use orion_core::{
    Adapter, AdapterExt, AdapterId, Bulk, BulkJob, BulkPart, Capabilities, Change, Clock, Connector,
    Currency, Cursor, CustomObject, Decimal, Delivery, Error, ErrorKind, Fault, Fields, Identity, Kind,
    Message, Meta, Model, Money, Notify, Object, Outcome, Page, Posted, Query, Read, Receive, Record,
    RecordId, Ref, Registry, Rejected, Resource, Resources, Result, Retry, RowOutcome, Source, StreamKey,
    UnifiedAddress, UnifiedCustomer, UnifiedEvent, UnifiedInvoice, UnifiedLineItem, UnifiedUser, Watch,
    Write, WriteOp, WriteOptions, Written, auth, decimal, http, observe,
};

#[cfg(feature = "salesforce")]
pub use orion_salesforce as salesforce;
