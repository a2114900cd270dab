//! Refusals of a token endpoint (RFC 6749 §5.2).

use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::{
    Clock, Error, ErrorKind, Fault, Retry,
    http::{ByStatus, Decode, retry_after},
};

/// Codes that say that this refresh token, code or assertion is no good (any more).
const GRANT_REFUSED: [&str; 5] =
    ["invalid_grant", "invalid_refresh_token", "invalid_code", "token_expired", "token_revoked"];

pub(super) struct Refusals {
    pub(super) clock: Clock,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
    /// Intuit leaves it out at times.
    #[serde(default)]
    error_description: Option<String>,
}

impl Decode for Refusals {
    fn decode(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
        let by_status = ByStatus { clock: self.clock.clone() }.decode(status, headers, body);
        let Ok(refusal) = serde_json::from_slice::<Refusal>(body) else {
            // Without a code a 401 says that the client is not known, not that a token is stale.
            return match by_status.kind() {
                ErrorKind::Auth => by_code(status.as_u16(), "invalid_client", ""),
                _ => by_status,
            };
        };
        let message = refusal.error_description.as_deref().unwrap_or_default();
        if by_status.is_retryable() && by_status.kind() != ErrorKind::Auth {
            return by_status.with_fault(Fault::new(status.as_u16(), shortened(&refusal.error), message));
        }
        let error = by_code(status.as_u16(), &refusal.error, message);
        match retry_after(headers, &self.clock) {
            Some(wait) if error.is_retryable() => error.with_retry(Retry::After(wait)),
            _ => error,
        }
    }
}

/// What a code means. `invalid_grant` is made plainer by who knows the grant.
///
/// Beside those of RFC 6749, Slack has `invalid_refresh_token`, `invalid_code`, `token_expired`, `token_revoked`, `bad_client_secret` and
/// `bad_redirect_uri`, and Salesforce `invalid_client_id`, `inactive_user`, `inactive_org`, `rate_limit_exceeded` and
/// `redirect_uri_mismatch` (the last four from its docs, unverified).
pub(super) fn by_code(status: u16, code: &str, message: &str) -> Error {
    let (kind, retry, what) = match code {
        "invalid_grant" => {
            (ErrorKind::Auth, Retry::Never, "the grant is refused: authorise the account again")
        }
        "access_denied" => (ErrorKind::Auth, Retry::Never, "the consent was refused: ask for it again"),
        "consent_required" | "interaction_required" | "login_required" => {
            (ErrorKind::Auth, Retry::Never, "a person has to authorise the account")
        }
        "inactive_user" | "inactive_org" => {
            (ErrorKind::Forbidden, Retry::Never, "the user or the organisation is not active")
        }
        "rate_limit_exceeded" | "slow_down" => {
            (ErrorKind::RateLimited, Retry::Now, "the token endpoint asks to slow down")
        }
        "temporarily_unavailable" | "server_error" => {
            (ErrorKind::Transport, Retry::Now, "the token endpoint failed")
        }
        "redirect_uri_mismatch" => (
            ErrorKind::Config,
            Retry::Never,
            "the redirect address is not the one registered with the vendor",
        ),
        "invalid_scope" => (ErrorKind::Config, Retry::Never, "a scope is not known or not allowed"),
        "unauthorized_client" | "unsupported_grant_type" => {
            (ErrorKind::Config, Retry::Never, "the client may not use this grant: check its registration")
        }
        "invalid_request" => {
            (ErrorKind::Config, Retry::Never, "the token endpoint does not take the request")
        }
        code if code.starts_with("invalid_client") || code == "bad_client_secret" => {
            (ErrorKind::Config, Retry::Never, "the client is refused: check its id and secret")
        }
        _ => (ErrorKind::Rejected, Retry::Never, "the token endpoint refused the request"),
    };
    Error::new(kind, what).with_retry(retry).with_fault(Fault::new(status, shortened(code), message))
}

/// Says of a refused grant what it was and what helps.
pub(super) fn explained(error: Error, message: &'static str) -> Error {
    match error.fault() {
        Some(fault) if GRANT_REFUSED.contains(&&*fault.code) => error.with_message(message),
        _ => error,
    }
}

/// A code, unless it is none: whatever else a server puts there could be anything.
fn shortened(code: &str) -> &str {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if code.len() <= 64 && code.bytes().all(plain) { code } else { "unknown" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(status: u16, body: &str) -> Error {
        let status = StatusCode::from_u16(status).unwrap();
        Refusals { clock: Clock::default() }.decode(status, &HeaderMap::new(), body.as_bytes())
    }

    #[test]
    fn refusals_are_told_apart() {
        for (status, body, kind, retryable, code) in [
            (400, r#"{"error":"invalid_grant"}"#, ErrorKind::Auth, false, "invalid_grant"),
            (401, r#"{"error":"invalid_client"}"#, ErrorKind::Config, false, "invalid_client"),
            (400, r#"{"error":"invalid_client_id"}"#, ErrorKind::Config, false, "invalid_client_id"),
            (401, "", ErrorKind::Config, false, "invalid_client"),
            (
                400,
                r#"{"error":"unsupported_grant_type"}"#,
                ErrorKind::Config,
                false,
                "unsupported_grant_type",
            ),
            (400, r#"{"error":"rate_limit_exceeded"}"#, ErrorKind::RateLimited, true, "rate_limit_exceeded"),
            (429, r#"{"error":"whatever"}"#, ErrorKind::RateLimited, true, "whatever"),
            (503, "<html>", ErrorKind::Transport, true, "503"),
            (400, r#"{"error":"a planted secret"}"#, ErrorKind::Rejected, false, "unknown"),
        ] {
            let error = decode(status, body);
            let fault = error.fault().unwrap();
            assert_eq!((error.kind(), error.is_retryable(), &*fault.code), (kind, retryable, code), "{body}");
        }
    }

    #[test]
    fn a_description_is_kept_for_the_owner_and_shown_to_nobody_else() {
        let error =
            decode(400, r#"{"error":"invalid_grant","error_description":"planted for joe@acme.test"}"#);
        assert_eq!(error.fault().unwrap().message(), "planted for joe@acme.test");
        assert!(!format!("{error}{error:?}").contains("planted"), "{error:?}");
    }
}
