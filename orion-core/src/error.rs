//! The one error type of Orion: one machine word, classified once.

mod fault;

use std::{error::Error as StdError, fmt, sync::Arc, time::Duration};

pub use fault::Fault;

/// A result whose error is Orion's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, by the remedy it calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The adapter does not offer what was asked.
    Unsupported,
    /// The configuration or an argument is wrong; fix it and call again.
    Config,
    /// The credentials were refused; the account has to be authorised again.
    Auth,
    /// Another worker replaced the token meanwhile; load it and go on.
    Rotated,
    /// The credentials are good, but not for this.
    Forbidden,
    /// The thing asked for does not exist (any more).
    NotFound,
    /// The record changed meanwhile, or the value is taken.
    Conflict,
    /// The vendor asks to slow down, or a budget is used up.
    RateLimited,
    /// The vendor understood the request and refuses it.
    Rejected,
    /// A position in a result set is no longer valid; start that read again.
    Expired,
    /// The bytes received are not what the protocol promises.
    Malformed,
    /// A body or record is over its limit.
    TooLarge,
    /// The network, or the server itself, failed.
    Transport,
    /// No answer within the time allowed.
    Timeout,
    /// A store (database, file) failed.
    Storage,
    /// The work was stopped on request.
    Cancelled,
}

impl ErrorKind {
    /// The kind's name in lower case, words joined by `_`: the same as serde's, for labels and columns.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unsupported => "unsupported",
            Self::Config => "config",
            Self::Auth => "auth",
            Self::Rotated => "rotated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate_limited",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::Transport => "transport",
            Self::Timeout => "timeout",
            Self::Storage => "storage",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Whether, and when, the same call may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// At once, or after the caller's own back-off.
    Now,
    /// Not before this much time has passed.
    After(Duration),
    /// The same call will fail again.
    Never,
    /// It was retried already and the budget or the deadline ran out.
    Exhausted,
}

/// An error of Orion.
///
/// `Display` says only what this error adds; [`source`](StdError::source) carries the rest. No token,
/// header, body, query string or record value is ever part of either. A clone shares the cause.
///
/// ```
/// use orion_core::{Error, ErrorKind, Retry};
///
/// fn advice(error: &Error) -> &'static str {
///     match (error.kind(), error.retry()) {
///         (ErrorKind::Auth, _) => "authorise the account again",
///         (_, Retry::Now | Retry::After(_) | Retry::Exhausted) => "try again later",
///         _ if error.is_ambiguous() => "read back before writing again",
///         _ => "do not try again",
///     }
/// }
///
/// let error = Error::new(ErrorKind::Timeout, "no answer within 30 s").with_retry(Retry::Now).during("acme", "query");
/// assert_eq!(advice(&error), "try again later");
/// assert_eq!(error.to_string(), "acme query: no answer within 30 s");
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: Box<str>,
    retry: Retry,
    ambiguous: bool,
    adapter: Option<&'static str>,
    operation: Option<Box<str>>,
    fault: Option<Fault>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// Builds an error that is not worth retrying.
    ///
    /// `message` says, in lower case and without a full stop, what was attempted and what would fix it.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<Box<str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            retry: Retry::Never,
            ambiguous: false,
            adapter: None,
            operation: None,
            fault: None,
            source: None,
        }))
    }

    /// Says the same more plainly.
    #[cfg(feature = "oauth")]
    pub(crate) fn with_message(mut self, message: impl Into<Box<str>>) -> Self {
        self.0.message = message.into();
        self
    }

    /// Attaches the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// Attaches the vendor's decoded refusal.
    #[must_use]
    pub fn with_fault(mut self, fault: Fault) -> Self {
        self.0.fault = Some(fault);
        self
    }

    /// Sets whether the call may be tried again.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.0.retry = retry;
        self
    }

    /// Marks that the vendor may have carried out the write although no answer arrived.
    #[must_use]
    pub fn with_ambiguous(mut self) -> Self {
        self.0.ambiguous = true;
        self
    }

    pub(crate) fn without_ambiguous(mut self) -> Self {
        self.0.ambiguous = false;
        self
    }

    /// The same error for another item of the batch that failed. The cause stays with the first.
    #[must_use]
    pub fn echo(&self) -> Self {
        Self(Box::new(Inner {
            message: self.0.message.clone(),
            operation: self.0.operation.clone(),
            fault: self.0.fault.clone(),
            source: None,
            ..*self.0
        }))
    }

    /// Names the adapter and the operation, unless they are named already.
    #[must_use]
    pub fn during(mut self, adapter: &'static str, operation: &str) -> Self {
        self.0.adapter.get_or_insert(adapter);
        self.0.operation.get_or_insert_with(|| operation.into());
        self
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the call may be tried again, decided once where the error arose.
    #[must_use]
    pub fn retry(&self) -> Retry {
        self.0.retry
    }

    /// Whether trying the same call again can succeed.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self.0.retry, Retry::Now | Retry::After(_))
    }

    /// Whether a write may have happened although it failed here. Read back before repeating it.
    #[must_use]
    pub fn is_ambiguous(&self) -> bool {
        self.0.ambiguous
    }

    /// The vendor's decoded refusal, if it answered with one.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        self.0.fault.as_ref()
    }

    /// The adapter the error arose in.
    #[must_use]
    pub fn adapter(&self) -> Option<&'static str> {
        self.0.adapter
    }

    /// The operation that failed, for instance `query` or `token.refresh`.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        self.0.operation.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(adapter) = self.0.adapter {
            write!(f, "{adapter}")?;
            if let Some(operation) = &self.0.operation {
                write!(f, " {operation}")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Error");
        debug.field("kind", &self.0.kind).field("message", &self.0.message).field("retry", &self.0.retry);
        if self.0.ambiguous {
            debug.field("ambiguous", &true);
        }
        if let Some(adapter) = self.0.adapter {
            debug.field("adapter", &adapter);
        }
        if let Some(operation) = &self.0.operation {
            debug.field("operation", operation);
        }
        if let Some(fault) = &self.0.fault {
            debug.field("fault", fault);
        }
        if let Some(source) = &self.0.source {
            debug.field("source", source);
        }
        debug.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_named_as_serde_names_it() {
        for kind in [
            ErrorKind::Unsupported,
            ErrorKind::Config,
            ErrorKind::Auth,
            ErrorKind::Rotated,
            ErrorKind::Forbidden,
            ErrorKind::NotFound,
            ErrorKind::Conflict,
            ErrorKind::RateLimited,
            ErrorKind::Rejected,
            ErrorKind::Expired,
            ErrorKind::Malformed,
            ErrorKind::TooLarge,
            ErrorKind::Transport,
            ErrorKind::Timeout,
            ErrorKind::Storage,
            ErrorKind::Cancelled,
        ] {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }

    #[test]
    fn an_error_is_one_machine_word() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn display_says_only_its_own_part() {
        let error = Error::new(ErrorKind::Transport, "no connection to the server")
            .with_source(std::io::Error::other("refused"))
            .during("acme", "query");
        assert_eq!(error.to_string(), "acme query: no connection to the server");
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("refused"));
    }

    #[test]
    fn the_innermost_operation_is_kept() {
        let error = Error::new(ErrorKind::Auth, "x").during("acme", "token.refresh").during("acme", "query");
        assert_eq!(error.operation(), Some("token.refresh"));
    }
}
