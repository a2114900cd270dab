//! What is in the file.

use std::{collections::BTreeMap, fmt};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use url::{Url, form_urlencoded};

use crate::{Error, ErrorKind, Result, http::Response, testing::Seen};

pub(super) type Pairs = Vec<(String, String)>;
pub(super) type Headers = BTreeMap<String, String>;

/// One request and its answer.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Interaction {
    pub(super) request: Asked,
    pub(super) response: Answered,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    pub(super) method: String,
    /// For the reader; another host replays as well.
    #[serde(default)]
    pub(super) host: String,
    pub(super) path: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) query: Pairs,
    #[serde(default, skip_serializing_if = "Headers::is_empty")]
    pub(super) headers: Headers,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<Content>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answered {
    pub(super) status: u16,
    #[serde(default, skip_serializing_if = "Headers::is_empty")]
    pub(super) headers: Headers,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<Content>,
}

/// A body, in the form in which it reads best.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Content {
    /// JSON: with its numbers as they were, in another layout.
    Json(Box<RawValue>),
    /// A form.
    Form(Pairs),
    /// Text of one line.
    Text(String),
    /// Text of several lines, each with its end.
    Lines(Vec<String>),
    /// Anything else.
    Base64(String),
}

impl Asked {
    pub(super) fn of(seen: &Seen) -> Self {
        Self {
            method: seen.method.as_str().to_owned(),
            host: host(&seen.url),
            path: seen.path().to_owned(),
            query: seen.url.query_pairs().into_owned().collect(),
            headers: headers(&seen.headers),
            body: Content::of(&seen.headers, &seen.body),
        }
    }
}

fn host(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}", url.host_str().unwrap_or_default())
}

impl Answered {
    pub(super) fn of(status: StatusCode, answer: &HeaderMap, body: &Bytes) -> Self {
        Self { status: status.as_u16(), headers: headers(answer), body: Content::of(answer, body) }
    }

    pub(super) fn play(&self) -> Result<Response> {
        let unfit = || Error::new(ErrorKind::Config, "the cassette holds an answer that is none");
        let status = StatusCode::from_u16(self.status).map_err(|_| unfit())?;
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let name = HeaderName::try_from(name.as_str()).map_err(|_| unfit())?;
            headers.insert(name, HeaderValue::try_from(value.as_str()).map_err(|_| unfit())?);
        }
        let body = self.body.as_ref().map(Content::bytes).transpose()?.unwrap_or_default();
        Ok(Response::new(status, headers, body))
    }
}

/// The headers by name. Those about the framing of a body are left out, since its layout may change; of `Set-Cookie` the last is kept.
fn headers(all: &HeaderMap) -> Headers {
    let mut found = Headers::new();
    for (name, value) in all {
        if [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION].contains(name) {
            continue;
        }
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        let known = found.entry(name.as_str().to_owned()).or_default();
        if known.is_empty() || name == header::SET_COOKIE {
            *known = value;
        } else {
            *known = format!("{known}, {value}");
        }
    }
    found
}

impl Content {
    fn of(headers: &HeaderMap, body: &Bytes) -> Option<Self> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if body.is_empty() {
            return None;
        }
        let Ok(text) = std::str::from_utf8(body) else { return Some(Self::Base64(STANDARD.encode(body))) };
        if kind.contains("form-urlencoded") {
            return Some(Self::Form(form_urlencoded::parse(body).into_owned().collect()));
        }
        let json = kind.contains("json") || text.trim_start().starts_with(['{', '[']);
        if json && let Ok(raw) = serde_json::from_str(text) {
            return Some(Self::Json(raw));
        }
        Some(Self::text(text))
    }

    pub(super) fn text(text: &str) -> Self {
        let lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
        if lines.len() > 1 { Self::Lines(lines) } else { Self::Text(text.to_owned()) }
    }

    pub(super) fn bytes(&self) -> Result<Bytes> {
        let bad = |source| Error::new(ErrorKind::Config, "the cassette's base64 is none").with_source(source);
        Ok(match self {
            Self::Json(raw) => raw.get().to_owned().into(),
            Self::Form(pairs) => {
                form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into()
            }
            Self::Text(text) => text.clone().into(),
            Self::Lines(lines) => lines.concat().into(),
            Self::Base64(text) => STANDARD.decode(text).map_err(bad)?.into(),
        })
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Json(_) => "JSON",
            Self::Form(_) => "a form",
            Self::Text(_) | Self::Lines(_) => "text",
            Self::Base64(_) => "bytes",
        }
    }
}

impl fmt::Debug for Interaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.request.method, self.request.path)
    }
}
