//! Sessions, refresh tokens, authorization codes and the connected app's certificate.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;
use ring::digest::{SHA256, digest};

/// How long a code can be exchanged (Salesforce docs: 15 minutes).
const CODE_LIFE: TimeDelta = TimeDelta::minutes(15);

/// One access token's state.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) scope: String,
    pub(crate) issued: DateTime<Utc>,
    pub(crate) used: DateTime<Utc>,
    /// The refresh token it was issued under; revoking that ends the session.
    parent: Option<String>,
}

/// What an authorization code was issued for.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) redirect_uri: String,
    pub(crate) scope: String,
    pub(crate) challenge: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) issued: DateTime<Utc>,
}

/// Why a code cannot be exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadCode {
    Unknown,
    /// Older than its life, or already exchanged.
    Expired,
}

/// Every credential the org has issued.
#[derive(Debug)]
pub(crate) struct Auth {
    rng: Rng,
    org_id: String,
    timeout: Duration,
    sessions: HashMap<String, Session>,
    /// Refresh token to scope.
    refresh: HashMap<String, String>,
    codes: HashMap<String, Code>,
    used_codes: HashSet<String>,
    /// PEM of the certificate or public key that signs JWT assertions.
    pub(crate) certificate: Option<String>,
}

impl Auth {
    pub(crate) fn new(seed: u64, org_id: &str, timeout: Duration) -> Self {
        Self {
            rng: Rng::with_seed(seed ^ 0x0a07),
            org_id: org_id.chars().take(15).collect(),
            timeout,
            sessions: HashMap::new(),
            refresh: HashMap::new(),
            codes: HashMap::new(),
            used_codes: HashSet::new(),
            certificate: None,
        }
    }

    /// Opens a session and answers its access token.
    pub(crate) fn open(&mut self, now: DateTime<Utc>, scope: &str, parent: Option<&str>) -> String {
        let random = self.random(94);
        let token = format!("{}!AQ{random}", self.org_id);
        let parent = parent.map(str::to_owned);
        self.sessions
            .insert(token.clone(), Session { scope: scope.to_owned(), issued: now, used: now, parent });
        token
    }

    /// The live session of `token`. Use keeps it alive, as the org's session timeout works.
    pub(crate) fn session(&mut self, token: &str, now: DateTime<Utc>) -> Option<&Session> {
        let timeout = TimeDelta::from_std(self.timeout).unwrap_or(TimeDelta::MAX);
        let used = self.sessions.get(token)?.used;
        if now.signed_duration_since(used) >= timeout {
            self.sessions.remove(token);
            return None;
        }
        let session = self.sessions.get_mut(token)?;
        session.used = now;
        Some(session)
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(crate) fn issue_refresh(&mut self, scope: &str) -> String {
        let token = format!("5Aep861{}", self.random(80));
        self.refresh.insert(token.clone(), scope.to_owned());
        token
    }

    pub(crate) fn refresh_scope(&self, token: &str) -> Option<String> {
        self.refresh.get(token).cloned()
    }

    /// Replaces a refresh token; the old one is dead at once, its sessions live on.
    pub(crate) fn rotate(&mut self, token: &str) -> Option<String> {
        let scope = self.refresh.remove(token)?;
        let next = self.issue_refresh(&scope);
        for session in self.sessions.values_mut() {
            if session.parent.as_deref() == Some(token) {
                session.parent = Some(next.clone());
            }
        }
        Some(next)
    }

    /// Revokes an access or a refresh token; a refresh token takes its sessions with it.
    pub(crate) fn revoke(&mut self, token: &str) -> bool {
        if self.refresh.remove(token).is_some() {
            self.sessions.retain(|_, session| session.parent.as_deref() != Some(token));
            return true;
        }
        self.sessions.remove(token).is_some()
    }

    pub(crate) fn end_sessions(&mut self) {
        self.sessions.clear();
    }

    pub(crate) fn revoke_refresh_tokens(&mut self) {
        self.refresh.clear();
        self.sessions.clear();
    }

    pub(crate) fn issue_code(&mut self, code: Code) -> String {
        let text = format!("aPrx{}", self.random(60));
        self.codes.insert(text.clone(), code);
        text
    }

    /// Takes a code, once.
    pub(crate) fn take_code(&mut self, text: &str, now: DateTime<Utc>) -> Result<Code, BadCode> {
        let Some(code) = self.codes.remove(text) else {
            return Err(if self.used_codes.contains(text) { BadCode::Expired } else { BadCode::Unknown });
        };
        self.used_codes.insert(text.to_owned());
        if now.signed_duration_since(code.issued) >= CODE_LIFE {
            return Err(BadCode::Expired);
        }
        Ok(code)
    }

    fn random(&mut self, length: usize) -> String {
        (0..length).map(|_| self.rng.alphanumeric()).collect()
    }
}

/// Whether `verifier` is what the PKCE S256 `challenge` was made from (RFC 7636).
pub(crate) fn verifies(challenge: &str, verifier: &str) -> bool {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())) == challenge.trim_end_matches('=')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auth() -> (Auth, DateTime<Utc>) {
        (Auth::new(1, "00D000000000001EAA", Duration::from_secs(60)), DateTime::UNIX_EPOCH)
    }

    #[test]
    fn a_session_ends_when_it_is_not_used_for_the_timeout() {
        let (mut auth, start) = auth();
        let token = auth.open(start, "api", None);
        assert!(auth.session(&token, start + TimeDelta::seconds(59)).is_some());
        assert!(auth.session(&token, start + TimeDelta::seconds(118)).is_some());
        assert!(auth.session(&token, start + TimeDelta::seconds(178)).is_none());
        assert!(auth.session(&token, start).is_none());
    }

    #[test]
    fn revoking_a_refresh_token_ends_its_sessions_even_after_rotation() {
        let (mut auth, start) = auth();
        let refresh = auth.issue_refresh("api");
        let token = auth.open(start, "api", Some(&refresh));
        let next = auth.rotate(&refresh).unwrap();
        assert!(!auth.revoke(&refresh));
        assert!(auth.session(&token, start).is_some());
        assert!(auth.revoke(&next));
        assert!(auth.session(&token, start).is_none());
    }

    #[test]
    fn pkce_matches_the_example_of_the_rfc() {
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert!(verifies(challenge, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert!(!verifies(challenge, "another"));
    }
}
