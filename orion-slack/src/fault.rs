//! What Slack says when it refuses.
//!
//! Nearly every answer has status 200, and `{"ok": false, "error": "code"}` is a refusal: `ok` decides. [`Verdicts`] gives such an answer the
//! status it should have had, so that the layers above, which know HTTP and not Slack, renew a token or try again as they would elsewhere.
//! [`Faults`] then says what the code means (Slack docs, "Web API": the table of errors of each method).

use async_trait::async_trait;
use http::{HeaderMap, StatusCode};
use orion_core::{
    Error, ErrorKind, Fault, Result, Retry,
    http::{ByStatus, Decode, Middleware, Next, Request, Response},
};
use serde::{Deserialize, de::IgnoredAny};

/// The header that names a request to Slack's support.
pub(crate) const REQUEST_ID: &str = "x-slack-req-id";

/// The longest answer to look into, if the request does not say.
const LIMIT: usize = 64 << 20;

/// The part of an answer that says how it went.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Refusal {
    ok: Option<bool>,
    error: Option<String>,
    needed: Option<String>,
    /// Texts, and for some methods objects (seen in threads).
    errors: Option<Vec<Remark>>,
    response_metadata: Option<Metadata>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata {
    messages: Vec<Remark>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Remark {
    Text(String),
    Other(IgnoredAny),
}

/// Gives a refusal the status that says so.
pub(crate) struct Verdicts;

#[async_trait]
impl Middleware for Verdicts {
    async fn handle(&self, request: Request, next: Next<'_>) -> Result<Response> {
        // A body that is to be streamed is a file and no answer of a method.
        let Some(limit) = request.limit else { return next.run(request).await };
        let mut response = next.run(request).await?;
        if response.status != StatusCode::OK {
            return Ok(response);
        }
        let body = response.body.collect(limit.min(LIMIT), 0).await?;
        if let Ok(Refusal { ok: Some(false), error, .. }) = serde_json::from_slice(&body) {
            response.status = status(error.as_deref().unwrap_or_default());
        }
        response.body = body.into();
        Ok(response)
    }
}

/// The status a code should have come with.
fn status(code: &str) -> StatusCode {
    match code {
        "token_expired" | "invalid_auth" | "token_revoked" | "not_authed" | "account_inactive" => {
            StatusCode::UNAUTHORIZED
        }
        "ratelimited" | "rate_limited" => StatusCode::TOO_MANY_REQUESTS,
        "internal_error" | "fatal_error" | "service_unavailable" | "request_timeout" => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        _ => StatusCode::BAD_REQUEST,
    }
}

/// Decodes refusals.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults(pub(crate) ByStatus);

impl Decode for Faults {
    fn decode(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
        let by_status = self.0.decode(status, headers, body);
        let refusal: Refusal = serde_json::from_slice(body).unwrap_or_default();
        let Some(code) = refusal.error.as_deref() else { return traced(by_status, headers) };
        let said = refusal.said();
        let code = plain(code);
        let (kind, retry, what) = classify(code, &said);
        let retry = if retry == Retry::Now && by_status.is_retryable() { by_status.retry() } else { retry };
        let pointers = pointers(&said);
        let mut message = format!("{what} ({code})");
        if let Some(scope) = refusal.needed.as_deref().filter(|scope| is_scope(scope)) {
            message.push_str(&format!(": `{scope}`"));
        }
        if !pointers.is_empty() {
            message.push_str(&format!(" at {}", pointers.join(", ")));
        }
        let fault = Fault::new(status.as_u16(), code, &said).with_fields(pointers);
        traced(Error::new(kind, message).with_retry(retry).with_fault(fault), headers)
    }
}

/// Names the request.
fn traced(error: Error, headers: &HeaderMap) -> Error {
    let id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok());
    match (id, error.fault().cloned()) {
        (Some(id), Some(fault)) => error.with_fault(fault.with_request_id(id)),
        _ => error,
    }
}

impl Refusal {
    /// What it says in words.
    fn said(&self) -> String {
        let metadata = self.response_metadata.iter().flat_map(|metadata| &metadata.messages);
        let remarks = self.errors.iter().flatten().chain(metadata);
        let texts: Vec<&str> = remarks
            .filter_map(|remark| match remark {
                Remark::Text(text) => Some(text.as_str()),
                Remark::Other(_) => None,
            })
            .collect();
        texts.join("; ")
    }
}

/// The places a refusal names, as JSON pointers into what was sent: `[json-pointer:/blocks/1/text/text]`. A place is no content.
fn pointers(said: &str) -> Vec<String> {
    let parts = said.split("json-pointer:").skip(1);
    let pointers = parts.filter_map(|part| part.split_once(']').map(|(pointer, _)| pointer.to_owned()));
    let is_place = |pointer: &String| {
        pointer.len() < 100 && pointer.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_'))
    };
    let mut pointers: Vec<String> = pointers.filter(is_place).collect();
    pointers.dedup();
    pointers
}

fn is_scope(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'.' | b'_' | b',' | b'-');
    (1..200).contains(&text.len()) && text.bytes().all(plain)
}

/// A code, unless it is none: what else stands there could be anything, and a code is shown.
fn plain(code: &str) -> &str {
    let letters = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if letters && (1..64).contains(&code.len()) { code } else { "unknown" }
}

fn classify(code: &str, said: &str) -> (ErrorKind, Retry, &'static str) {
    use ErrorKind as K;
    let never = Retry::Never;
    match code {
        "token_expired" | "invalid_auth" | "token_revoked" => (K::Auth, Retry::Now, "the token is refused"),
        "not_authed" | "account_inactive" | "org_login_required" | "two_factor_setup_required" => {
            (K::Auth, never, "the token's account cannot be used: install the app again")
        }
        "invalid_refresh_token" => (
            K::Auth,
            never,
            "the refresh token is refused, used up by another renewal or revoked: install the app again",
        ),
        "invalid_code" | "code_already_used" | "invalid_code_verifier" => {
            (K::Auth, never, "the code is refused, used already, too old or of another login: begin again")
        }
        "missing_scope" => (K::Forbidden, never, "the token lacks a scope"),
        "bad_client_secret" | "invalid_client_id" => {
            (K::Config, never, "the app is refused: check its client id and secret")
        }
        "bad_redirect_uri" => (K::Config, never, "`redirect_url` is none of those registered with the app"),
        "pkce_not_allowed" => (K::Config, never, "PKCE is not switched on for the app"),
        "ratelimited" | "rate_limited" => (K::RateLimited, Retry::Now, "Slack asks to slow down"),
        "message_limit_exceeded" | "restricted_too_many" => {
            (K::RateLimited, never, "more messages than Slack takes there")
        }
        "internal_error" | "fatal_error" | "service_unavailable" => {
            (K::Transport, Retry::Now, "Slack failed")
        }
        "request_timeout" => (K::Timeout, Retry::Now, "Slack gave up waiting"),
        "invalid_cursor" => (K::Expired, never, "the cursor is no longer valid"),
        "expired_trigger_id" | "exchanged_trigger_id" | "trigger_expired" => {
            (K::Expired, never, "the trigger was used already or is older than three seconds")
        }
        // The same, said in another way (seen in threads).
        "invalid_arguments" if said.contains("`trigger_id` expired") => {
            (K::Expired, never, "the trigger was used already or is older than three seconds")
        }
        "hash_conflict" | "duplicate_external_id" | "name_taken" | "block_mismatch" => {
            (K::Conflict, never, "it has changed meanwhile, or the name is taken")
        }
        "is_archived" => (K::Conflict, never, "the channel is archived"),
        "not_in_channel" => (K::Forbidden, never, "the app is not in the channel: invite it, or join"),
        "msg_too_long"
        | "msg_blocks_too_long"
        | "view_too_large"
        | "metadata_too_large"
        | "too_many_attachments"
        | "attachment_payload_limit_exceeded" => {
            (K::TooLarge, never, "what was sent is over a limit of Slack")
        }
        "invalid_blocks" | "invalid_blocks_format" => {
            (K::Config, never, "the blocks are not as Slack wants them")
        }
        "unknown_method" | "method_deprecated" | "deprecated_endpoint" => {
            (K::Unsupported, never, "Slack has no such method (any more)")
        }
        _ => by_form(code),
    }
}

/// What a code without a line of its own means, by how Slack forms them.
fn by_form(code: &str) -> (ErrorKind, Retry, &'static str) {
    use ErrorKind as K;
    let never = Retry::Never;
    let ends = |ends: &[&str]| ends.iter().any(|end| code.ends_with(end));
    let begins = |begins: &[&str]| begins.iter().any(|begin| code.starts_with(begin));
    if ends(&["not_found"])
        || begins(&["no_such_"])
        || matches!(code, "no_reaction" | "no_pin" | "file_deleted")
    {
        return (K::NotFound, never, "there is no such thing, or the app may not see it");
    }
    if begins(&["already_"]) {
        return (K::Conflict, never, "it is so already");
    }
    if begins(&[
        "restricted_action",
        "not_allowed",
        "no_permission",
        "access_denied",
        "cant_",
        "team_access",
        "ekm_",
    ]) || ends(&["_denied", "_disabled"])
        || matches!(code, "edit_window_closed" | "user_not_in_channel" | "accesslimited" | "not_authorized")
    {
        return (K::Forbidden, never, "the app or the person may not do this");
    }
    if begins(&["invalid_", "missing_", "json_not_", "bad_"])
        || ends(&["_required", "_conflict"])
        || code == "no_text"
    {
        return (K::Config, never, "an argument is not as Slack wants it");
    }
    (K::Rejected, never, "Slack refused the request")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(code: &str, more: &str) -> Error {
        let body = format!(r#"{{"ok":false,"error":"{code}"{more}}}"#);
        let headers = HeaderMap::from_iter([(REQUEST_ID.parse().unwrap(), "req-1".parse().unwrap())]);
        Faults::default().decode(status(code), &headers, body.as_bytes())
    }

    #[test]
    fn codes_decide_the_kind_and_whether_to_retry() {
        for (code, kind, retry) in [
            ("token_expired", ErrorKind::Auth, Retry::Now),
            ("account_inactive", ErrorKind::Auth, Retry::Never),
            ("ratelimited", ErrorKind::RateLimited, Retry::Now),
            ("internal_error", ErrorKind::Transport, Retry::Now),
            ("channel_not_found", ErrorKind::NotFound, Retry::Never),
            ("users_not_found", ErrorKind::NotFound, Retry::Never),
            ("not_in_channel", ErrorKind::Forbidden, Retry::Never),
            ("restricted_action_thread_locked", ErrorKind::Forbidden, Retry::Never),
            ("already_reacted", ErrorKind::Conflict, Retry::Never),
            ("invalid_cursor", ErrorKind::Expired, Retry::Never),
            ("invalid_arg_name", ErrorKind::Config, Retry::Never),
            ("msg_too_long", ErrorKind::TooLarge, Retry::Never),
            ("a_code_of_tomorrow", ErrorKind::Rejected, Retry::Never),
        ] {
            let error = decode(code, "");
            assert_eq!((error.kind(), error.retry()), (kind, retry), "{code}");
            assert_eq!(&*error.fault().unwrap().code, code);
        }
    }

    #[test]
    fn the_scope_that_is_missing_and_the_place_at_fault_are_named() {
        let error = decode("missing_scope", r#","needed":"users:read","provided":"chat:write""#);
        assert_eq!(error.to_string(), "the token lacks a scope (missing_scope): `users:read`");
        let said = r#","errors":["must be less than 3001 characters [json-pointer:/blocks/1/text/text]",{"odd":1}],
            "response_metadata":{"messages":["[ERROR] planted [json-pointer:/blocks/1/text/text]"]}"#;
        let error = decode("invalid_blocks", said);
        assert_eq!(
            error.to_string(),
            "the blocks are not as Slack wants them (invalid_blocks) at /blocks/1/text/text"
        );
        assert!(!format!("{error:?}").contains("planted"));
        assert!(error.fault().unwrap().message().contains("less than 3001"));
    }

    #[test]
    fn a_trigger_that_expired_is_known_in_both_spellings() {
        let said = r#","response_metadata":{"messages":["`trigger_id` expired [json-pointer:/trigger_id]"]}"#;
        for error in [decode("expired_trigger_id", ""), decode("invalid_arguments", said)] {
            assert_eq!(error.kind(), ErrorKind::Expired);
        }
        assert_eq!(decode("invalid_arguments", "").kind(), ErrorKind::Config);
    }

    #[test]
    fn what_is_no_code_is_not_shown_and_no_answer_is_decoded_by_status() {
        assert!(!format!("{:?}", decode("planted secret", "")).contains("planted"));
        let error = Faults::default().decode(StatusCode::BAD_GATEWAY, &HeaderMap::new(), b"<html>");
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Transport, Retry::Now));
    }
}
