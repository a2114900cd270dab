//! Writing records.

use crate::{Adapter, Model, Record, RecordId, Result};

/// What a write did to one record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// The record's id at the vendor.
    pub id: RecordId,
    /// Whether the record is new.
    pub created: bool,
    /// The new optimistic lock, if the vendor returns one.
    pub version: Option<Box<str>>,
}

impl Written {
    /// A record that was made.
    #[must_use]
    pub fn created(id: impl Into<RecordId>) -> Self {
        Self { id: id.into(), created: true, version: None }
    }

    /// A record that existed and was changed or deleted.
    #[must_use]
    pub fn updated(id: impl Into<RecordId>) -> Self {
        Self { id: id.into(), created: false, version: None }
    }

    /// Attaches the new optimistic lock.
    #[must_use]
    pub fn version(mut self, version: impl Into<Box<str>>) -> Self {
        self.version = Some(version.into());
        self
    }
}

/// The result for one input of a batch.
pub type Outcome = Result<Written>;

/// What to do with the records of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteOp {
    /// Make new ones.
    Create,
    /// Change those named by [`Record::id`].
    Update,
    /// Make or change, found by the value of this field: the vendor's external id.
    Upsert {
        /// Name of the field, as the vendor spells it.
        key: Box<str>,
    },
    /// Delete those named by [`Record::id`].
    Delete,
    /// Delete those named by [`Record::id`] past recovery, where the vendor tells the two apart.
    HardDelete,
}

/// How to write.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WriteOptions {
    /// What to do.
    pub op: WriteOp,
    /// The vendor's object; unset, each record's own source object, or else the model's first.
    pub object: Option<Box<str>>,
    /// Whether one failed record undoes the whole call, where the vendor can.
    pub atomic: bool,
}

impl WriteOptions {
    fn of(op: WriteOp) -> Self {
        Self { op, object: None, atomic: false }
    }

    /// Makes new records.
    #[must_use]
    pub fn create() -> Self {
        Self::of(WriteOp::Create)
    }

    /// Changes records by id.
    #[must_use]
    pub fn update() -> Self {
        Self::of(WriteOp::Update)
    }

    /// Makes or changes records by the value of the vendor's field `key`.
    #[must_use]
    pub fn upsert(key: impl Into<Box<str>>) -> Self {
        Self::of(WriteOp::Upsert { key: key.into() })
    }

    /// Deletes records by id.
    #[must_use]
    pub fn delete() -> Self {
        Self::of(WriteOp::Delete)
    }

    /// Deletes records by id past recovery.
    #[must_use]
    pub fn hard_delete() -> Self {
        Self::of(WriteOp::HardDelete)
    }

    /// Writes to this object of the vendor.
    #[must_use]
    pub fn object(mut self, object: impl Into<Box<str>>) -> Self {
        self.object = Some(object.into());
        self
    }

    /// Makes the call all or nothing, where the vendor can.
    #[must_use]
    pub fn atomic(mut self) -> Self {
        self.atomic = true;
        self
    }
}

/// An adapter that writes `M`.
#[diagnostic::on_unimplemented(
    message = "the `{Self}` adapter cannot write `{M}` records",
    label = "`{M}` is not writable here",
    note = "implement `Write<{M}>` for `{Self}`, or see the adapter's documentation for what it supports"
)]
///
/// ```
/// use orion_core::{ErrorKind, Record, UnifiedCustomer, Write, WriteOptions, testing::{self, Memory}};
///
/// testing::run(async {
///     let vendor = Memory::new(testing::clock());
///     vendor.customers().refuse(|record| record.model.display_name.is_none());
///     let mut acme = UnifiedCustomer::default();
///     acme.display_name = Some("Acme".to_owned());
///
///     let records = [Record::new("", acme), Record::new("", UnifiedCustomer::default())];
///     let outcomes = vendor.write(&WriteOptions::create(), &records).await?;
///     assert!(outcomes[0].is_ok());
///     assert_eq!(outcomes[1].as_ref().unwrap_err().kind(), ErrorKind::Rejected);
///     # Ok::<(), orion_core::Error>(())
/// }).unwrap();
/// ```
pub trait Write<M: Model>: Adapter {
    /// Writes `records`, however many, and returns one outcome per input, in order.
    ///
    /// # Errors
    /// Only when nothing was written: wrong options, refused credentials, an unreachable vendor before the first batch.
    /// Once something may have been written, every record gets its own outcome.
    fn write(
        &self,
        options: &WriteOptions,
        records: &[Record<M>],
    ) -> impl Future<Output = Result<Vec<Outcome>>> + Send;
}
