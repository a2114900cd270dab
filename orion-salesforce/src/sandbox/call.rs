//! A request taken apart: what every area of the API reads from it.

use bytes::Bytes;
use http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use url::form_urlencoded;

use super::store::ApiError;

/// One request, its body read whole.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// The path as sent, without the query.
    pub(crate) path: String,
    /// Decoded segments without empty ones, so that a trailing slash does not matter.
    pub(crate) segments: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    /// The query as sent.
    pub(crate) raw_query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// `scheme://host` the request came in on; replies build their URLs from it.
    pub(crate) base: String,
    /// Whether an enclosing composite demands all or none.
    pub(crate) all_or_none: bool,
}

impl Call {
    /// Takes `target` (path and query) apart.
    pub(crate) fn new(method: Method, target: &str, headers: HeaderMap, body: Bytes, base: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let segments = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
            .collect();
        let raw_query = query.to_owned();
        let query: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let method = overridden(method, &query);
        Self {
            method,
            path: path.to_owned(),
            segments,
            query,
            raw_query,
            headers,
            body,
            base: base.to_owned(),
            all_or_none: false,
        }
    }

    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.param(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The media type of the body, without parameters, lower case.
    pub(crate) fn media_type(&self) -> String {
        let whole = self.header("content-type").unwrap_or_default();
        whole.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The form fields of the body.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// The JSON body.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let media = self.media_type();
        if !media.is_empty() && media != "application/json" {
            // The wording of this message is unverified.
            let message = format!("HTTP media type '{media}' is not supported. Use application/json");
            return Err(ApiError::new(415, "UNSUPPORTED_MEDIA_TYPE", message));
        }
        serde_json::from_slice(&self.body).map_err(|cause| {
            let message = if self.body.is_empty() {
                "The HTTP entity body is required, but this request has no entity body.".to_owned()
            } else {
                // Salesforce words this like its Java parser does; the part after the position is unverified.
                format!("{cause} at [line:{}, column:{}]", cause.line(), cause.column())
            };
            ApiError::new(400, "JSON_PARSER_ERROR", message)
        })
    }

    /// The segments, for a route to match on.
    pub(crate) fn parts(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }
}

/// `POST …?_HttpMethod=PATCH` is a PATCH (Salesforce docs, REST API guide, for clients without PATCH).
fn overridden(method: Method, query: &[(String, String)]) -> Method {
    if method != Method::POST {
        return method;
    }
    query
        .iter()
        .find(|(key, _)| key == "_HttpMethod")
        .and_then(|(_, value)| value.to_ascii_uppercase().parse().ok())
        .unwrap_or(method)
}
