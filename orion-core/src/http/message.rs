//! Requests and responses.

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use url::Url;

use super::Body;
use crate::{Error, ErrorKind, Result};

/// A request on its way through the client.
#[non_exhaustive]
pub struct Request {
    /// HTTP method.
    pub method: Method,
    /// Absolute address.
    pub url: Url,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Body,
    /// What the call does, for errors and events: `query`, `bulk.upload`.
    pub operation: &'static str,
    /// Whether sending it twice does no more than sending it once.
    pub idempotent: bool,
    /// Whether the address was given as a path, so that an authoriser may choose the host.
    pub relative: bool,
    /// Whether the request is to be authorised.
    pub authorize: bool,
    /// The most one attempt may take, its body included when that is read into memory.
    pub timeout: Duration,
    /// When the whole call has to have ended.
    pub deadline: Option<Instant>,
    /// The longest body to read into memory, in bytes; `None` hands the body out as a stream.
    pub limit: Option<usize>,
}

impl Request {
    /// Starts a request.
    #[must_use]
    pub fn new(method: Method, url: Url, operation: &'static str) -> Self {
        let idempotent =
            matches!(method, Method::GET | Method::HEAD | Method::PUT | Method::DELETE | Method::OPTIONS);
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: Body::empty(),
            operation,
            idempotent,
            relative: false,
            authorize: true,
            timeout: Duration::from_secs(30),
            deadline: None,
            limit: Some(64 << 20),
        }
    }

    /// The same request for another attempt, if its body can be sent again.
    #[must_use]
    pub fn try_clone(&self) -> Option<Self> {
        Some(Self {
            method: self.method.clone(),
            url: self.url.clone(),
            headers: self.headers.clone(),
            body: self.body.try_clone()?,
            ..*self
        })
    }
}

/// Shows neither headers nor the body, and of the address the host only: a path may hold a record's value (`/Contact/Email__c/…`).
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("operation", &self.operation)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

/// A response.
#[non_exhaustive]
pub struct Response {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Body,
}

impl Response {
    /// Builds a response.
    #[must_use]
    pub fn new(status: StatusCode, headers: HeaderMap, body: impl Into<Body>) -> Self {
        Self { status, headers, body: body.into() }
    }

    /// A header as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body, which the client has read into memory.
    ///
    /// # Errors
    /// What reading the rest of a streamed body reports.
    pub async fn bytes(self) -> Result<Bytes> {
        self.body.collect(usize::MAX, 0).await
    }

    /// The body read as JSON.
    ///
    /// # Errors
    /// `Malformed` if it is not the JSON expected.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T> {
        let body = self.bytes().await?;
        serde_json::from_slice(&body).map_err(|source| malformed(&source))
    }

    pub(super) fn length_hint(&self) -> usize {
        self.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0)
    }
}

/// An answer that is not the JSON promised. serde's own message may quote the value, so it is not kept.
pub(crate) fn malformed(source: &serde_json::Error) -> Error {
    let what = match source.classify() {
        serde_json::error::Category::Data => "the answer has another shape than documented",
        serde_json::error::Category::Io
        | serde_json::error::Category::Syntax
        | serde_json::error::Category::Eof => "the answer is not JSON",
    };
    Error::new(ErrorKind::Malformed, format!("{what} (line {}, column {})", source.line(), source.column()))
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}
