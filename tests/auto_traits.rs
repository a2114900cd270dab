//! What a host counts on without reading: that types cross threads, and that an error costs one machine word.

use std::{error::Error as StdError, fmt::Debug};

use orion::{
    AdapterId, BulkJob, Change, Clock, Connector, Cursor, CustomObject, Error, Fault, Fields, Identity,
    Money, Page, Query, Record, RecordId, Registry, Rejected, Resources, RowOutcome, StreamKey,
    UnifiedCustomer, UnifiedEvent, UnifiedInvoice, UnifiedUser, WriteOptions, Written,
    auth::{Begun, MemoryTokenStore, OAuth, Pending, Session, TokenSet},
    http::{Body, Client, Http, Request, Response},
    observe, salesforce,
    salesforce::sandbox,
    sync::{Batch, Checkpoint, DeadLetter, Engine, MemoryCheckpoints, Plan, Report, SqlDestination},
    testing,
};

fn shared<T: Debug + Send + Sync + 'static>() {}

fn cloned<T: Clone + Debug + Send + Sync + 'static>() {}

/// A body is a stream, which one task at a time reads.
fn moved<T: Debug + Send + 'static>() {}

#[test]
fn handles_are_cheap_to_clone_and_cross_threads() {
    cloned::<Clock>();
    cloned::<Client>();
    cloned::<Connector>();
    cloned::<Http>();
    cloned::<OAuth>();
    cloned::<Registry>();
    cloned::<Session>();
    cloned::<SqlDestination>();
    cloned::<MemoryCheckpoints>();
    cloned::<observe::Observers>();
    cloned::<salesforce::Salesforce>();
    cloned::<salesforce::Config>();
    cloned::<testing::Memory>();
    cloned::<testing::Script>();
    shared::<MemoryTokenStore>();
    shared::<sandbox::Sandbox>();
    shared::<Engine>();
    shared::<Plan<UnifiedCustomer, Connector>>();
    shared::<Resources>();
}

#[test]
fn values_cross_threads() {
    cloned::<Change<UnifiedCustomer>>();
    cloned::<Record<UnifiedInvoice>>();
    cloned::<Record<UnifiedEvent>>();
    cloned::<Record<UnifiedUser>>();
    cloned::<Record<CustomObject>>();
    cloned::<(AdapterId, BulkJob, Checkpoint, Cursor, DeadLetter)>();
    cloned::<(Fields, Identity, Money, Query, RecordId)>();
    cloned::<(StreamKey, TokenSet, WriteOptions, Written)>();
    shared::<Batch<UnifiedCustomer>>();
    shared::<Page<UnifiedCustomer>>();
    shared::<(Begun, Pending, Rejected, Report, RowOutcome)>();
    moved::<(Body, Request, Response)>();
}

#[test]
fn an_error_crosses_threads_and_is_one_machine_word() {
    fn error<T: StdError + Clone + Send + Sync + 'static>() {}
    error::<Error>();
    cloned::<Fault>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
    assert_eq!(size_of::<orion::Result<()>>(), size_of::<usize>());
}
