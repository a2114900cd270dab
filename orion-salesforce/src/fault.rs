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
        let error = self.0.decode(status, headers, body);
        if let Some(item) = first_item(body) {
            return item.into_error(status.as_u16(), error.retry());
        }
        // The identity services refuse a token in plain text (OAuth docs, "UserInfo Endpoint"; the texts are seen in threads).
        if body == b"Bad_OAuth_Token" || body == b"Missing_OAuth_Token" {
            let fault = Fault::new(status.as_u16(), "BAD_OAUTH_TOKEN", "");
            return Error::new(ErrorKind::Auth, "the session has expired or is invalid")
                .with_retry(Retry::Now)
                .with_fault(fault);
        }
        #[derive(Deserialize)]
        struct OAuth {
            error: String,
            #[serde(default)]
            error_description: String,
        }
        match serde_json::from_slice::<OAuth>(body) {
            Ok(OAuth { error: code, error_description }) => {
                error.with_fault(Fault::new(status.as_u16(), plain(&code), &error_description))
            }
            Err(_) => error,
        }
    }
}

/// The first refusal of an answer: of a list of them, or of a tree's results.
fn first_item(body: &[u8]) -> Option<Item> {
    #[derive(Deserialize)]
    struct Tree {
        results: Vec<Planted>,
    }
    #[derive(Deserialize)]
    struct Planted {
        #[serde(default)]
        errors: Vec<Item>,
    }
    if let Ok(items) = serde_json::from_slice::<Vec<Item>>(body) {
        return items.into_iter().next();
    }
    let tree: Tree = serde_json::from_slice(body).ok()?;
    tree.results.into_iter().flat_map(|planted| planted.errors).next()
}

/// A code, unless it is none: what else stands there could be anything, and a code is shown.
fn plain(code: &str) -> &str {
    let letters = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'));
    if letters && (1..100).contains(&code.len()) { code } else { "UNKNOWN" }
}

impl Item {
    /// The error of one refusal. `transient` is how a refusal that goes away by itself is to be retried.
    pub(crate) fn into_error(self, status: u16, transient: Retry) -> Error {
        let transient = if transient == Retry::Never { Retry::Now } else { transient };
        let code = plain(&self.code);
        let (kind, retry, say) = classify(code, &self.message, status, transient);
        let mut message = format!("{say} ({code})");
        let fields = self.fields.unwrap_or_default();
        let named = if fields.is_empty() { named(&self.message).into_iter().collect() } else { fields };
        if !named.is_empty() {
            message.push_str(": ");
            message.push_str(&named.join(", "));
        }
        let fault = Fault::new(status, code, &self.message).with_fields(named);
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
        // Nothing of it was done, and what was wrong is said of another.
        "ALL_OR_NONE_OPERATION_ROLLED_BACK" | "PROCESSING_HALTED" => {
            (K::Rejected, never, "undone or not begun, because another part of the same call failed")
        }
        "REQUIRED_FIELD_MISSING" => (K::Rejected, never, "a required field has no value"),
        "STRING_TOO_LONG" => (K::TooLarge, never, "a text is longer than its field allows; shorten it"),
        "FIELD_CUSTOM_VALIDATION_EXCEPTION" => {
            (K::Rejected, never, "a validation rule of the org refuses the record")
        }
        "QUERY_TIMEOUT" => (K::Timeout, never, "the query took too long; narrow it"),
        "INVALID_FIELD" => (K::Config, never, "a field does not exist or cannot be used"),
        "INVALID_FIELD_FOR_INSERT_UPDATE" => (K::Config, never, "a field cannot be written"),
        "INVALID_TYPE" => (K::Config, never, "an object does not exist or is not visible"),
        "MALFORMED_QUERY" => {
            (K::Config, never, "the query is not well formed; the fault's message says where")
        }
        "MALFORMED_ID" => (K::Config, never, "an id is none, or is one of another object"),
        "JSON_PARSER_ERROR" => (K::Config, never, "a value has another type than its field"),
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
        _ => by_status(status, transient),
    }
}

/// What a code without a line of its own means: its status says.
fn by_status(status: u16, transient: Retry) -> (ErrorKind, Retry, &'static str) {
    use ErrorKind as K;
    let never = Retry::Never;
    match status {
        500.. => (K::Transport, transient, "Salesforce failed"),
        401 => (K::Auth, never, "the credentials were refused"),
        403 => (K::Forbidden, never, "the user may not do this"),
        408 | 425 => (K::Timeout, transient, "Salesforce gave up waiting"),
        413 | 414 | 431 => {
            (K::TooLarge, never, "the request is over a limit of Salesforce; send less at a time")
        }
        429 => (K::RateLimited, transient, "too many requests at once"),
        404 | 410 => (K::NotFound, never, "there is no such resource"),
        409 | 412 => (K::Conflict, never, "the record has changed"),
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
        // Codes without a line of their own go by the status.
        assert_eq!(kind(429, "TOO_MANY_REQUESTS", ""), (ErrorKind::RateLimited, Retry::Now));
        assert_eq!(kind(414, "URI_TOO_LONG", ""), (ErrorKind::TooLarge, Retry::Never));
        assert_eq!(kind(400, "A_CODE_OF_TOMORROW", ""), (ErrorKind::Rejected, Retry::Never));
    }

    #[test]
    fn a_wait_the_server_asks_for_is_kept() {
        let headers = HeaderMap::from_iter([(http::header::RETRY_AFTER, "7".parse().unwrap())]);
        let body = br#"[{"errorCode":"TOO_MANY_REQUESTS","message":""}]"#;
        let error = Faults::default().decode(StatusCode::TOO_MANY_REQUESTS, &headers, body);
        assert_eq!(error.retry(), Retry::After(std::time::Duration::from_secs(7)));
    }

    #[test]
    fn a_tree_s_refusal_is_the_one_of_its_record() {
        let body = r#"{"hasErrors":true,"results":[{"referenceId":"a","errors":[
            {"statusCode":"REQUIRED_FIELD_MISSING","message":"","fields":["LastName"]}]}]}"#;
        let error = decode(400, body);
        assert_eq!(error.to_string(), "a required field has no value (REQUIRED_FIELD_MISSING): LastName");
    }

    #[test]
    fn a_token_the_identity_services_refuse_can_be_renewed() {
        let error = decode(403, "Bad_OAuth_Token");
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Auth, Retry::Now));
    }

    #[test]
    fn what_is_no_code_is_not_shown() {
        for body in [r#"[{"errorCode":"planted secret","message":""}]"#, r#"{"error":"planted secret"}"#] {
            let error = decode(400, body);
            assert!(!format!("{error}{error:?}").contains("planted"), "{error:?}");
        }
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
