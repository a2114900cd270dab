//! Arguments as Slack takes them, and answers as it gives them.

use bytes::Bytes;
use http::HeaderMap;
use orion_core::{Error, ErrorKind, Result, http::Response};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{NAME, fault::REQUEST_ID};

/// An answer: what was asked for, and what Slack says beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer<T> {
    /// What was asked for.
    pub value: T,
    /// What Slack says beside it.
    pub notes: Notes,
}

/// What an answer says beside its content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notes {
    /// Warnings, by their codes: `superfluous_charset`, `method_deprecated`.
    pub warnings: Vec<String>,
    /// Remarks in words.
    pub messages: Vec<String>,
    /// Where the next page is, if there is one.
    pub next_cursor: Option<String>,
    /// What the token may do.
    pub scopes: Vec<String>,
    /// Names the request to Slack's support.
    pub request_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Envelope {
    ok: Option<bool>,
    warning: Option<String>,
    response_metadata: Option<Metadata>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    next_cursor: Option<String>,
    warnings: Vec<String>,
    messages: Vec<String>,
}

impl<T: DeserializeOwned> Answer<T> {
    /// Reads an answer that is no refusal.
    pub(crate) async fn read(response: Response, operation: &'static str) -> Result<Self> {
        let headers = response.headers.clone();
        let body = response.bytes().await?;
        let malformed = |what: &str| {
            Error::new(ErrorKind::Malformed, format!("the answer {what}")).during(NAME, operation)
        };
        // serde's own message may quote a value, so it is not kept.
        let envelope: Envelope = serde_json::from_slice(&body).map_err(|_| malformed("is no JSON object"))?;
        if envelope.ok != Some(true) {
            return Err(malformed("does not say `ok`"));
        }
        let value = value(&body).ok_or_else(|| malformed("has another shape than documented"))?;
        Ok(Self { value, notes: Notes::new(envelope, &headers) })
    }
}

fn value<T: DeserializeOwned>(body: &Bytes) -> Option<T> {
    serde_json::from_slice(body).ok()
}

impl Notes {
    fn new(envelope: Envelope, headers: &HeaderMap) -> Self {
        let metadata = envelope.response_metadata.unwrap_or_default();
        let mut warnings = metadata.warnings;
        let more = envelope.warning.iter().flat_map(|warning| warning.split(','));
        for warning in more.map(str::trim) {
            if !warnings.iter().any(|have| have == warning) {
                warnings.push(warning.to_owned());
            }
        }
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let scopes = header("x-oauth-scopes").unwrap_or_default().split(',');
        Self {
            warnings,
            messages: metadata.messages,
            next_cursor: metadata.next_cursor.filter(|cursor| !cursor.is_empty()),
            scopes: scopes.map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned).collect(),
            request_id: header(REQUEST_ID).map(str::to_owned),
        }
    }
}

/// Arguments as a form, which every method takes: what is no text is written as JSON, and null is left out.
///
/// JSON bodies are taken by some methods only (docs, "Web API"; the clients of Slack for Node send forms alone).
pub(crate) fn form(args: &impl Serialize) -> Result<Vec<(String, String)>> {
    use serde_json::Value;
    let wrong =
        |what: &str| Error::new(ErrorKind::Config, format!("the arguments {what}")).during(NAME, "call");
    let members = match serde_json::to_value(args) {
        Ok(Value::Object(members)) => members,
        Ok(Value::Null) => return Ok(Vec::new()),
        Ok(_) => return Err(wrong("are no object of names and values")),
        Err(_) => return Err(wrong("do not serialise")),
    };
    let pair = |(name, value)| match value {
        Value::Null => None,
        Value::String(text) => Some((name, text)),
        other => Some((name, other.to_string())),
    };
    Ok(members.into_iter().filter_map(pair).collect())
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use orion_core::testing;
    use serde_json::json;

    use super::*;

    fn read<T: DeserializeOwned>(body: &'static str) -> Result<Answer<T>> {
        let headers = HeaderMap::from_iter([(
            "x-oauth-scopes".parse().unwrap(),
            "chat:write, users:read".parse().unwrap(),
        )]);
        let response = Response::new(StatusCode::OK, headers, Bytes::from_static(body.as_bytes()));
        testing::run(Answer::read(response, "call"))
    }

    #[test]
    fn warnings_and_metadata_are_kept() {
        let answer: Answer<serde_json::Value> = read(
            r#"{"ok":true,"error":"","warning":"missing_charset","response_metadata":{"next_cursor":"c=","warnings":["missing_charset","other"],"messages":["[WARN] x"]}}"#,
        )
        .unwrap();
        let notes = answer.notes;
        assert_eq!(notes.warnings, ["missing_charset", "other"]);
        assert_eq!((notes.messages.len(), notes.next_cursor.as_deref()), (1, Some("c=")));
        assert_eq!(notes.scopes, ["chat:write", "users:read"]);
        assert_eq!(
            read::<serde_json::Value>(r#"{"ok":true,"response_metadata":{"next_cursor":""}}"#)
                .unwrap()
                .notes
                .next_cursor,
            None
        );
    }

    #[test]
    fn what_is_no_answer_is_an_error_that_quotes_nothing() {
        #[derive(Debug, Deserialize)]
        struct Shape {
            #[expect(dead_code, reason = "only its type counts")]
            user: u32,
        }
        for body in ["planted", "[]", "{}", r#"{"ok":"planted"}"#, r#"{"ok":true,"user":"planted"}"#] {
            let error = read::<Shape>(body).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{body}");
            assert!(!format!("{error}{error:?}").contains("planted"), "{error:?}");
        }
    }

    #[test]
    fn arguments_become_a_form() {
        let args = json!({"channel": "C1", "limit": 5, "mrkdwn": true, "none": null, "blocks": [{"type": "divider"}]});
        let pairs = form(&args).unwrap();
        let text: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(text, ["blocks=[{\"type\":\"divider\"}]", "channel=C1", "limit=5", "mrkdwn=true"]);
        assert!(form(&()).unwrap().is_empty());
        assert_eq!(form(&5).unwrap_err().kind(), ErrorKind::Config);
    }
}
