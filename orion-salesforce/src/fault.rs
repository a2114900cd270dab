//! What Salesforce says when it refuses.
//!
//! REST answers an array `[{"message", "errorCode", "fields"}]`, the items of a collection use `statusCode` for the code, OAuth
//! answers `{"error", "error_description"}`, and what sits in front of Salesforce may answer HTML or nothing (REST API Developer
//! Guide, "Status Codes and Error Responses").

use http::{HeaderMap, StatusCode};
use orion_core::{
    Error, ErrorKind, Fault, Retry,
    http::{ByStatus, Decode},
};
use serde::Deserialize;

/// Decodes refusals.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults(pub(crate) ByStatus);

#[derive(Debug, Deserialize)]
pub(crate) struct Item {
    #[serde(alias = "statusCode", rename = "errorCode", default)]
    pub(crate) code: String,
    #[serde(default)]
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) fields: Option<Vec<String>>,
}

impl Decode for Faults {
    fn decode(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
        if status == StatusCode::MULTIPLE_CHOICES {
            let fault = Fault::new(300, "MULTIPLE_CHOICES", "");
            return Error::new(ErrorKind::Conflict, "the external id stands on several records")
                .with_fault(fault);
        }
        if let Ok(items) = serde_json::from_slice::<Vec<Item>>(body)
            && let Some(item) = items.into_iter().next()
        {
            let by_status = self.0.decode(status, headers, body);
            return item.into_error(status.as_u16(), by_status.retry());
        }
        #[derive(Deserialize)]
        struct OAuth {
            error: String,
            #[serde(default)]
            error_description: String,
        }
        let error = self.0.decode(status, headers, body);
        match serde_json::from_slice::<OAuth>(body) {
            Ok(oauth) => error.with_fault(Fault::new(status.as_u16(), oauth.error, &oauth.error_description)),
            Err(_) => error,
        }
    }
}

impl Item {
    /// The error of one refusal. `transient` is how a refusal that goes away by itself is to be retried.
    pub(crate) fn into_error(self, status: u16, transient: Retry) -> Error {
        let transient = if transient == Retry::Never { Retry::Now } else { transient };
        let (kind, retry, say) = classify(&self.code, &self.message, status, transient);
        let mut message = format!("{say} ({})", self.code);
        let fields = self.fields.unwrap_or_default();
        let named = if fields.is_empty() { named(&self.message).into_iter().collect() } else { fields };
        if !named.is_empty() {
            message.push_str(": ");
            message.push_str(&named.join(", "));
        }
        let fault = Fault::new(status, self.code, &self.message).with_fields(named);
        Error::new(kind, message).with_retry(retry).with_fault(fault)
    }
}

fn classify(code: &str, message: &str, status: u16, transient: Retry) -> (ErrorKind, Retry, &'static str) {
    use ErrorKind as K;
    let never = Retry::Never;
    match code {
        // A new token does not help these two (seen in the sources of clients; unverified against an org).
        "INVALID_SESSION_ID"
            if message.contains("not valid for use with the REST API")
                || message.contains("not attached to Agent") =>
        {
            (K::Auth, never, "this session cannot use the REST API")
        }
        "INVALID_SESSION_ID" | "INVALID_AUTH_HEADER" => {
            (K::Auth, Retry::Now, "the session has expired or is invalid")
        }
        // The daily quota comes back within 24 hours, the limit on concurrent requests by itself.
        "REQUEST_LIMIT_EXCEEDED" if message.starts_with("TotalRequests") => {
            (K::RateLimited, never, "the org's API requests of the last 24 hours are used up")
        }
        "REQUEST_LIMIT_EXCEEDED" => (K::RateLimited, transient, "too many requests at once"),
        "UNABLE_TO_LOCK_ROW" => (K::Conflict, transient, "another transaction holds the record"),
        "INVALID_QUERY_LOCATOR" => (K::Expired, never, "the query's position is no longer valid"),
        "SERVER_UNAVAILABLE" => (K::Transport, transient, "Salesforce is busy"),
        "QUERY_TIMEOUT" => (K::Timeout, never, "the query took too long; narrow it"),
        "INVALID_FIELD" | "INVALID_FIELD_FOR_INSERT_UPDATE" => {
            (K::Config, never, "a field does not exist or cannot be used")
        }
        "INVALID_TYPE" => (K::Config, never, "an object does not exist or is not visible"),
        "MALFORMED_QUERY" | "JSON_PARSER_ERROR" | "MALFORMED_ID" => {
            (K::Config, never, "the request is not well formed")
        }
        "NOT_FOUND" | "ENTITY_IS_DELETED" | "INVALID_CROSS_REFERENCE_KEY" => {
            (K::NotFound, never, "there is no such record")
        }
        "DUPLICATE_VALUE" | "DUPLICATES_DETECTED" | "DUPLICATE_EXTERNAL_ID" => {
            (K::Conflict, never, "the value is taken")
        }
        "API_DISABLED_FOR_ORG" | "API_CURRENTLY_DISABLED" => {
            (K::Forbidden, never, "the org has no API access")
        }
        _ if code.starts_with("INSUFFICIENT_ACCESS") => (K::Forbidden, never, "the user may not do this"),
        _ if status >= 500 => (K::Transport, transient, "Salesforce failed"),
        _ if status == 401 => (K::Auth, never, "the credentials were refused"),
        _ if status == 403 => (K::Forbidden, never, "the user may not do this"),
        _ if status == 404 => (K::NotFound, never, "there is no such resource"),
        _ if status == 409 || status == 412 => (K::Conflict, never, "the record has changed"),
        _ => (K::Rejected, never, "Salesforce refused the request"),
    }
}

/// The field or object a message names between quotes after a known phrase. An identifier is no data; the rest may be.
fn named(message: &str) -> Option<String> {
    const PHRASES: [&str; 3] = ["No such column '", "sObject type '", "Field name not found : "];
    let (_, rest) = PHRASES.iter().find_map(|phrase| message.split_once(phrase))?;
    let name: String =
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.')).collect();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(status: u16, body: &str) -> Error {
        Faults::default().decode(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes())
    }

    #[test]
    fn codes_decide_the_kind_and_whether_to_retry() {
        let kind = |status, code: &str, message: &str| {
            let error = decode(status, &format!(r#"[{{"errorCode":"{code}","message":"{message}"}}]"#));
            (error.kind(), error.retry())
        };
        assert_eq!(
            kind(401, "INVALID_SESSION_ID", "Session expired or invalid"),
            (ErrorKind::Auth, Retry::Now)
        );
        assert_eq!(
            kind(401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API"),
            (ErrorKind::Auth, Retry::Never)
        );
        assert_eq!(
            kind(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
            (ErrorKind::RateLimited, Retry::Never)
        );
        assert_eq!(
            kind(
                403,
                "REQUEST_LIMIT_EXCEEDED",
                "ConcurrentRequests (Concurrent API Requests) Limit exceeded."
            ),
            (ErrorKind::RateLimited, Retry::Now)
        );
        assert_eq!(kind(400, "UNABLE_TO_LOCK_ROW", ""), (ErrorKind::Conflict, Retry::Now));
        assert_eq!(kind(400, "INVALID_QUERY_LOCATOR", ""), (ErrorKind::Expired, Retry::Never));
        assert_eq!(kind(503, "SERVER_UNAVAILABLE", ""), (ErrorKind::Transport, Retry::Now));
        assert_eq!(kind(500, "UNKNOWN_EXCEPTION", ""), (ErrorKind::Transport, Retry::Now));
        assert_eq!(kind(404, "ENTITY_IS_DELETED", ""), (ErrorKind::NotFound, Retry::Never));
    }

    #[test]
    fn the_field_is_named_and_the_rest_of_the_message_is_not() {
        let error = decode(
            400,
            r#"[{"errorCode":"INVALID_FIELD","message":"\nWHERE Ssn = '078-05-1120' AND Nmae\nNo such column 'Nmae' on entity 'Account'."}]"#,
        );
        assert_eq!(error.to_string(), "a field does not exist or cannot be used (INVALID_FIELD): Nmae");
        assert!(!format!("{error:?}").contains("078-05"));
        assert!(error.fault().unwrap().message().contains("078-05"));
    }

    #[test]
    fn html_and_empty_answers_are_decoded_by_status() {
        assert_eq!(decode(502, "<html>bad gateway</html>").kind(), ErrorKind::Transport);
        assert_eq!(decode(404, "").kind(), ErrorKind::NotFound);
        let oauth =
            decode(400, r#"{"error":"invalid_grant","error_description":"expired authorization code"}"#);
        assert_eq!(&*oauth.fault().unwrap().code, "invalid_grant");
    }
}
