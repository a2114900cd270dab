//! A request as a double saw it.

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde::de::DeserializeOwned;
use url::Url;

use crate::{
    Error, ErrorKind, Result,
    http::{Body, Request},
};

/// A request as a double saw it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Seen {
    /// HTTP method.
    pub method: Method,
    /// Absolute address.
    pub url: Url,
    /// Headers.
    pub headers: HeaderMap,
    /// Body; empty for a streamed one that was passed through.
    pub body: Bytes,
    /// What the call does.
    pub operation: &'static str,
    /// When it came, counted from the making of the double.
    pub at: Duration,
}

impl Seen {
    /// Reads a request whole, its streamed body too.
    pub(super) async fn whole(request: Request, at: Duration) -> Result<Self> {
        let mut seen = Self::passing(&request, at);
        seen.body = request.body.collect(usize::MAX, 0).await?;
        Ok(seen)
    }

    /// Looks at a request that goes on.
    pub(super) fn passing(request: &Request, at: Duration) -> Self {
        Self {
            method: request.method.clone(),
            url: request.url.clone(),
            headers: request.headers.clone(),
            body: Body::as_bytes(&request.body).cloned().unwrap_or_default(),
            operation: request.operation,
            at,
        }
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// The value of a query parameter.
    #[must_use]
    pub fn query(&self, name: &str) -> Option<String> {
        self.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// Whether a header was sent.
    #[must_use]
    pub fn has_header(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }

    /// The body read as JSON.
    ///
    /// # Errors
    /// `Malformed` if it is not the JSON expected.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|source| {
            Error::new(ErrorKind::Malformed, "the request's body is not the JSON expected")
                .with_source(source)
        })
    }
}

/// Shows method, path and the names of the query parameters: values and bodies may be secret.
impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path())?;
        for (at, (name, _)) in self.url.query_pairs().enumerate() {
            write!(f, "{}{name}", if at == 0 { '?' } else { '&' })?;
        }
        Ok(())
    }
}
