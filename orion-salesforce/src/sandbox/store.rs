//! The org: every row the simulated Salesforce holds, and the rules by which it may change.

mod error;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

pub(crate) use error::ApiError;

use crate::sandbox::soql::Cursor;

/// What an upsert did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Upserted {
    Created(String),
    Updated(String),
    /// More than one row holds the key: HTTP 300 with these rows' ids (the body is an array of row URLs).
    Multiple(Vec<String>),
}

/// The whole state of one org. The server keeps it in a mutex and drives its clock.
#[derive(Debug)]
pub(crate) struct Org {
    now: DateTime<Utc>,
}

/// `version` is the path segment throughout: `v60.0`.
impl Org {
    pub(crate) fn seeded(_seed: u64, _records: usize, now: DateTime<Utc>) -> Self {
        Self { now }
    }
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.now
    }
    pub(crate) fn set_now(&mut self, now: DateTime<Utc>) {
        self.now = now;
    }
    pub(crate) fn org_id(&self) -> &str {
        ""
    }
    pub(crate) fn user_id(&self) -> &str {
        ""
    }
    pub(crate) fn username(&self) -> &str {
        ""
    }
    pub(crate) fn user_email(&self) -> &str {
        ""
    }
    pub(crate) fn user_name(&self) -> &str {
        ""
    }
    /// The canonical spelling of an object's name, if the org has such an object.
    pub(crate) fn object_name(&self, _object: &str) -> Option<&'static str> {
        None
    }
    /// The canonical spelling of a field's name.
    pub(crate) fn field_name(&self, _object: &str, _field: &str) -> Option<&'static str> {
        None
    }
    pub(crate) fn describe_global(&self, _version: &str) -> Value {
        Value::Null
    }
    /// The short form of `sobjects/T`: what `describe_global` says of one object.
    pub(crate) fn describe_basic(&self, _version: &str, _object: &str) -> Result<Value, ApiError> {
        Err(ApiError::not_found())
    }
    pub(crate) fn describe(&self, _version: &str, _object: &str) -> Result<Value, ApiError> {
        Err(ApiError::not_found())
    }
    /// Answers the new row's 18-character id.
    pub(crate) fn insert(&mut self, _object: &str, _fields: &Map<String, Value>) -> Result<String, ApiError> {
        Err(ApiError::not_found())
    }
    pub(crate) fn update(
        &mut self,
        _object: &str,
        _id: &str,
        _fields: &Map<String, Value>,
    ) -> Result<(), ApiError> {
        Err(ApiError::not_found())
    }
    /// `fields` must not repeat the key. `Id` is allowed as the key field.
    pub(crate) fn upsert(
        &mut self,
        _object: &str,
        _key_field: &str,
        _key: &str,
        _fields: &Map<String, Value>,
    ) -> Result<Upserted, ApiError> {
        Err(ApiError::not_found())
    }
    pub(crate) fn delete(&mut self, _object: &str, _id: &str) -> Result<(), ApiError> {
        Err(ApiError::not_found())
    }
    pub(crate) fn hard_delete(&mut self, _object: &str, _id: &str) -> Result<(), ApiError> {
        Err(ApiError::not_found())
    }
    pub(crate) fn get(
        &self,
        _version: &str,
        _object: &str,
        _id: &str,
        _fields: Option<&[String]>,
    ) -> Result<Value, ApiError> {
        Err(ApiError::not_found())
    }
    /// As [`Org::get`], as JSON text with the fields in Salesforce's order.
    pub(crate) fn get_json(
        &self,
        _version: &str,
        _object: &str,
        _id: &str,
        _fields: Option<&[String]>,
    ) -> Result<String, ApiError> {
        Err(ApiError::not_found())
    }
    /// The ids of the live rows whose `field` (an external id) is `value`: none, one, or several (HTTP 300).
    pub(crate) fn find_external(
        &self,
        _object: &str,
        _field: &str,
        _value: &str,
    ) -> Result<Vec<String>, ApiError> {
        Err(ApiError::not_found())
    }
    /// Opens a savepoint. Savepoints nest.
    pub(crate) fn begin(&mut self) {}
    /// Undoes everything since the innermost open savepoint, and closes it.
    pub(crate) fn rollback(&mut self) {}
    /// Keeps everything since the innermost open savepoint, and closes it.
    pub(crate) fn commit(&mut self) {}
    /// `all` is queryAll: rows in the recycle bin are seen too.
    pub(crate) fn query(&self, _soql: &str, _all: bool) -> Result<Cursor, ApiError> {
        Err(ApiError::not_found())
    }
    /// Ids and deletion times of rows deleted in `[start, end)`, oldest first.
    pub(crate) fn deleted_since(
        &self,
        _object: &str,
        _start: DateTime<Utc>,
        _end: DateTime<Utc>,
    ) -> Result<Vec<(String, DateTime<Utc>)>, ApiError> {
        Err(ApiError::not_found())
    }
    /// Ids of live rows created or changed in `[start, end)`.
    pub(crate) fn updated_since(
        &self,
        _object: &str,
        _start: DateTime<Utc>,
        _end: DateTime<Utc>,
    ) -> Result<Vec<String>, ApiError> {
        Err(ApiError::not_found())
    }
}
