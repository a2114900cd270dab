//! A request taken apart: what every area of a vendor's API reads from it.

use bytes::Bytes;
use http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use url::form_urlencoded;

/// One request, its body read whole.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The path as sent, without the query.
    pub path: String,
    /// Decoded segments without empty ones, so that a trailing slash does not matter.
    pub segments: Vec<String>,
    /// The query's parameters, decoded.
    pub query: Vec<(String, String)>,
    /// The query as sent.
    pub raw_query: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, after `Content-Encoding`.
    pub body: Bytes,
    /// `scheme://host` the request came in on; replies build their URLs from it.
    pub base: String,
}

impl Call {
    /// Takes `target` (path and query) apart.
    #[must_use]
    pub fn new(method: Method, target: &str, headers: HeaderMap, body: Bytes, base: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let segments = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
            .collect();
        Self {
            method,
            path: path.to_owned(),
            segments,
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            raw_query: query.to_owned(),
            headers,
            body,
            base: base.to_owned(),
        }
    }

    /// The first query parameter of that name.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether the query parameter is `true`.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        self.param(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// A header's text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The media type of the body, without parameters, lower case.
    #[must_use]
    pub fn media_type(&self) -> String {
        let whole = self.header("content-type").unwrap_or_default();
        whole.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The form fields of the body.
    #[must_use]
    pub fn form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// The segments, for a route to match on.
    #[must_use]
    pub fn parts(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }

    /// Whether the method is one that changes nothing: GET or HEAD.
    #[must_use]
    pub fn reads(&self) -> bool {
        matches!(self.method, Method::GET | Method::HEAD)
    }
}
