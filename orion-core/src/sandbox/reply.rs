//! Replies before they reach the wire: status, headers and one body of bytes.

use std::fmt;

use bytes::Bytes;
use futures::future::BoxFuture;
use http::StatusCode;
use http::header::{HeaderName, HeaderValue};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde_json::Value;

/// A connection after an upgrade: a byte stream for `tokio`'s `AsyncRead` and `AsyncWrite`.
pub type Upgraded = TokioIo<hyper::upgrade::Upgraded>;

pub(crate) type Takeover = Box<dyn FnOnce(Upgraded) -> BoxFuture<'static, ()> + Send>;

/// One reply, not yet compressed or framed.
#[non_exhaustive]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers, `content-type` among them.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Bytes,
    pub(crate) takeover: Option<Takeover>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Reply {
    /// The content type of [`Reply::json`].
    pub const JSON: &'static str = "application/json;charset=UTF-8";

    /// A reply with a body of any type.
    #[must_use]
    pub fn new(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..Self::empty(status).with("content-type", content_type) }
    }

    /// A reply without a body.
    #[must_use]
    pub fn empty(status: StatusCode) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new(), takeover: None }
    }

    /// A reply in JSON; what cannot be encoded becomes an empty 500.
    #[must_use]
    pub fn json(status: StatusCode, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(bytes) => Self::new(status, Self::JSON, bytes),
            Err(_) => Self::empty(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// 200 in JSON.
    #[must_use]
    pub fn ok(body: &impl Serialize) -> Self {
        Self::json(StatusCode::OK, body)
    }

    /// 101 to `protocol`, such as `websocket`; `takeover` then owns the connection, and ends with the server at the latest.
    #[must_use]
    pub fn upgraded<F>(protocol: &'static str, takeover: impl FnOnce(Upgraded) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let reply = Self::empty(StatusCode::SWITCHING_PROTOCOLS);
        let mut reply = reply.with("connection", "upgrade").with("upgrade", protocol);
        reply.takeover = Some(Box::new(|stream| Box::pin(takeover(stream))));
        reply
    }

    /// Sets a header; a value that HTTP cannot carry is dropped.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.retain(|(other, _)| other != name);
            self.headers.push((HeaderName::from_static(name), value));
        }
        self
    }

    /// A header's text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).and_then(|(_, value)| value.to_str().ok())
    }

    /// Whether the body is what [`Reply::json`] made.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.header("content-type") == Some(Self::JSON)
    }

    /// The body as JSON; null if it is none.
    #[must_use]
    pub fn body_json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}
