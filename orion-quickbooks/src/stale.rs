//! Objects that changed since they were read.

use std::fmt;

use orion_core::{Error, ErrorKind, Fault};

use crate::NAME;

/// A write was made against a version that is no longer the current one. It is the source of a `Conflict`:
///
/// ```
/// # use orion_quickbooks::Stale;
/// fn current(error: &orion_core::Error) -> Option<&str> {
///     let source = std::error::Error::source(error)?;
///     source.downcast_ref::<Stale>()?.current.as_deref()
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stale {
    /// The object.
    pub id: Box<str>,
    /// The version (`SyncToken`) the write was made against.
    pub sent: Box<str>,
    /// The version the object is at; none if it could not be asked for.
    pub current: Option<Box<str>>,
}

impl fmt::Display for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "object {} was written as of version {}", self.id, self.sent)?;
        match &self.current {
            Some(current) => write!(f, " and is at version {current}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Stale {}

/// Whether QuickBooks refused a write because the object has changed.
pub(crate) fn is_stale(error: &Error) -> bool {
    error.fault().is_some_and(|fault| &*fault.code == "5010")
}

/// The refusal, with both versions.
pub(crate) fn error(refusal: &Error, id: &str, sent: &str, current: Option<&str>) -> Error {
    let stale = Stale { id: id.into(), sent: sent.into(), current: current.map(Into::into) };
    let fault = refusal.fault().cloned().unwrap_or_else(|| Fault::new(0, "5010", ""));
    let message = format!("the object has changed since it was read (5010): {stale}");
    Error::new(ErrorKind::Conflict, message).with_fault(fault).with_source(stale).during(NAME, "update")
}
