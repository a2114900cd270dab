//! From a refusal's status, headers and body to an error.

use std::time::Duration;

use http::{HeaderMap, StatusCode};

use crate::{Clock, Error, ErrorKind, Fault, Retry};

/// Decodes a vendor's refusals.
///
/// The retry and auth layers act on what it decides: a retryable error is tried again, `Auth` with [`Retry::Now`] means that a new
/// access token may help.
pub trait Decode: Send + Sync + 'static {
    /// Turns a status that is not a success into an error.
    fn decode(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error;
}

/// Decodes by status alone, for vendors that say nothing more.
#[derive(Clone, Debug, Default)]
pub struct ByStatus {
    /// Where the time comes from that a `Retry-After` date is compared with.
    pub clock: Clock,
}

impl Decode for ByStatus {
    fn decode(&self, status: StatusCode, headers: &HeaderMap, _body: &[u8]) -> Error {
        let fault = Fault::new(status.as_u16(), status.as_str(), "");
        let after = retry_after(headers, &self.clock).map_or(Retry::Now, Retry::After);
        let (kind, retry, message) = match status.as_u16() {
            401 => (ErrorKind::Auth, Retry::Now, "the credentials were refused"),
            403 => (ErrorKind::Forbidden, Retry::Never, "the credentials do not allow this"),
            404 | 410 => (ErrorKind::NotFound, Retry::Never, "there is no such resource"),
            408 | 425 => (ErrorKind::Timeout, after, "the server gave up waiting"),
            409 | 412 => (ErrorKind::Conflict, Retry::Never, "the resource has changed"),
            413 | 414 | 431 => {
                (ErrorKind::TooLarge, Retry::Never, "the request is over a limit of the server")
            }
            429 => (ErrorKind::RateLimited, after, "the server asks to slow down"),
            500..=599 => (ErrorKind::Transport, after, "the server failed"),
            _ => (ErrorKind::Rejected, Retry::Never, "the server refused the request"),
        };
        Error::new(kind, format!("{message} (status {})", status.as_u16()))
            .with_retry(retry)
            .with_fault(fault)
    }
}

/// Decodes by status, and takes the vendor's code, message and field out of a JSON body.
///
/// ```
/// use http::{HeaderMap, StatusCode};
/// use orion_core::{ErrorKind, http::{ByJson, Decode}};
///
/// let decode = ByJson::new("/error/code", "/error/message").field("/error/field").code("old_cursor", ErrorKind::Expired);
/// let body = br#"{"error": {"code": "old_cursor", "message": "start again"}}"#;
/// let error = decode.decode(StatusCode::BAD_REQUEST, &HeaderMap::new(), body);
/// assert_eq!(error.kind(), ErrorKind::Expired);
/// assert_eq!(error.fault().map(|fault| &*fault.code), Some("old_cursor"));
/// ```
#[derive(Clone, Debug)]
pub struct ByJson {
    by_status: ByStatus,
    code: Box<str>,
    message: Box<str>,
    field: Option<Box<str>>,
    kinds: Vec<(Box<str>, ErrorKind)>,
}

impl ByJson {
    /// Reads code and message at these JSON pointers (RFC 6901).
    #[must_use]
    pub fn new(code: impl Into<Box<str>>, message: impl Into<Box<str>>) -> Self {
        let (code, message) = (code.into(), message.into());
        Self { by_status: ByStatus::default(), code, message, field: None, kinds: Vec::new() }
    }

    /// Reads the name of the field at fault at this JSON pointer.
    #[must_use]
    pub fn field(mut self, pointer: impl Into<Box<str>>) -> Self {
        self.field = Some(pointer.into());
        self
    }

    /// Takes this code of the vendor's for an error of this kind, whatever the status, and does not retry it.
    #[must_use]
    pub fn code(mut self, code: impl Into<Box<str>>, kind: ErrorKind) -> Self {
        self.kinds.push((code.into(), kind));
        self
    }

    /// Sets where the time comes from that a `Retry-After` date is compared with.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.by_status.clock = clock;
        self
    }
}

impl Decode for ByJson {
    fn decode(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
        let error = self.by_status.decode(status, headers, body);
        let Ok(said) = serde_json::from_slice::<serde_json::Value>(body) else { return error };
        let text = |pointer: &str| said.pointer(pointer).and_then(|value| value.as_str());
        let Some(code) = text(&self.code) else { return error };
        let field = self.field.as_deref().and_then(text);
        let fault =
            Fault::new(status.as_u16(), code, text(&self.message).unwrap_or_default()).with_fields(field);
        let error = match self.kinds.iter().find(|(known, _)| **known == *code) {
            Some((_, kind)) => {
                Error::new(*kind, format!("the server refused the request (status {})", status.as_u16()))
            }
            None => error,
        };
        error.with_fault(fault)
    }
}

/// Reads `Retry-After` (RFC 9110 §10.2.3): seconds, whole or with a fraction, or an HTTP date.
#[must_use]
pub fn retry_after(headers: &HeaderMap, clock: &Clock) -> Option<Duration> {
    let text = headers.get(http::header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let at = chrono::DateTime::parse_from_rfc2822(text).ok()?;
    Some((at.to_utc() - clock.now()).to_std().unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};
    use http::HeaderValue;

    use super::*;

    fn after(text: &'static str) -> Option<Duration> {
        let now = Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap();
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let mut headers = HeaderMap::new();
            headers.insert("retry-after", HeaderValue::from_static(text));
            retry_after(&headers, &Clock::following_tokio(now))
        })
    }

    #[test]
    fn a_body_that_says_nothing_leaves_the_status() {
        let decode = ByJson::new("/code", "/message").code("gone", ErrorKind::Expired);
        for (body, kind, code) in [
            (r#"{"code": "gone"}"#, ErrorKind::Expired, "gone"),
            (r#"{"code": "other"}"#, ErrorKind::Conflict, "other"),
            (r#"{"code": 7}"#, ErrorKind::Conflict, "409"),
            ("<html>", ErrorKind::Conflict, "409"),
        ] {
            let error = decode.decode(StatusCode::CONFLICT, &HeaderMap::new(), body.as_bytes());
            assert_eq!((error.kind(), &*error.fault().unwrap().code), (kind, code), "{body}");
        }
    }

    #[test]
    fn retry_after_is_read_in_each_of_its_forms() {
        assert_eq!(after("7"), Some(Duration::from_secs(7)));
        assert_eq!(after(" 0.5 "), Some(Duration::from_millis(500)));
        assert_eq!(after("Fri, 02 Jan 2026 03:04:15 GMT"), Some(Duration::from_secs(10)));
        assert_eq!(after("Fri, 02 Jan 2026 03:04:00 GMT"), Some(Duration::ZERO));
        assert_eq!(after("soon"), None);
        assert_eq!(after("-3"), None);
    }
}
