//! The answer of a token endpoint.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use serde::{Deserialize, de::IgnoredAny};

use super::refusal;
use crate::{Error, ErrorKind, Result, auth::TokenSet, http::malformed};

/// Members that say, in seconds from now, how long the refresh token lives: Intuit's idle limit and its cap, and what others call it.
const REFRESH_LIFETIMES: [&str; 3] =
    ["x_refresh_token_expires_in", "x_refresh_token_hard_expires_in", "refresh_token_expires_in"];

/// What a member may hold. Vendors send numbers as text, and nest what they add (Slack's `team.id`).
#[derive(Deserialize)]
#[serde(untagged)]
enum Member {
    Text(String),
    Number(serde_json::Number),
    Flag(bool),
    Group(BTreeMap<String, Self>),
    Other(IgnoredAny),
}

pub(super) struct Answer {
    access: SecretString,
    refresh: Option<SecretString>,
    /// Everything that is no secret, nested members under their path.
    rest: BTreeMap<String, String>,
}

impl Answer {
    pub(super) fn read(body: &[u8]) -> Result<Self> {
        let mut members: BTreeMap<String, Member> =
            serde_json::from_slice(body).map_err(|source| malformed(&source))?;
        let Some(access) = take_secret(&mut members, "access_token") else {
            // Slack and GitHub refuse with status 200.
            return Err(match members.get("error") {
                Some(Member::Text(code)) => refusal::by_code(200, code, ""),
                _ => Error::new(ErrorKind::Malformed, "the token endpoint answered without an access token"),
            });
        };
        let refresh = take_secret(&mut members, "refresh_token");
        let mut rest = BTreeMap::new();
        flatten("", members, &mut rest);
        Ok(Self { access, refresh, rest })
    }

    pub(super) fn into_tokens(self, now: DateTime<Utc>) -> TokenSet {
        let lifetime = |name: &str| {
            let seconds = self.rest.get(name)?.parse::<f64>().ok().filter(|seconds| *seconds >= 0.0)?;
            // Cut at a century, so that adding it stays in range.
            Some(now + TimeDelta::milliseconds((seconds.min(3.2e9) * 1000.0) as i64))
        };
        let mut tokens = TokenSet::new(self.access);
        tokens.refresh = self.refresh;
        tokens.expires_at = lifetime("expires_in");
        tokens.refresh_expires_at = REFRESH_LIFETIMES.iter().filter_map(|name| lifetime(name)).min();
        tokens.extra = self.rest;
        tokens
    }
}

fn take_secret(members: &mut BTreeMap<String, Member>, name: &str) -> Option<SecretString> {
    match members.remove(name) {
        Some(Member::Text(text)) if !text.is_empty() => Some(text.into()),
        _ => None,
    }
}

fn flatten(path: &str, members: BTreeMap<String, Member>, into: &mut BTreeMap<String, String>) {
    for (name, member) in members {
        if is_secret(&name) {
            continue;
        }
        let name = format!("{path}{name}");
        match member {
            Member::Text(text) => drop(into.insert(name, text)),
            Member::Number(number) => drop(into.insert(name, number.to_string())),
            Member::Flag(flag) => drop(into.insert(name, flag.to_string())),
            Member::Group(group) => flatten(&format!("{name}."), group, into),
            Member::Other(_) => {}
        }
    }
}

/// Whether a member may hold a secret, by its name: tokens of every kind, Salesforce's `signature` and, for its hybrid flow, session ids
/// and cookies.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let about_a_token =
        name == "token_type" || name.ends_with("_expires_in") || name.ends_with("_expires_at");
    let marks = ["token", "secret", "signature", "cookie", "password", "session", "assertion", "_sid"];
    !about_a_token && marks.iter().any(|mark| name.contains(mark))
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use secrecy::ExposeSecret;

    use super::*;

    fn tokens(json: &str) -> Result<TokenSet> {
        let now = Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap();
        Answer::read(json.as_bytes()).map(|answer| answer.into_tokens(now))
    }

    #[test]
    fn the_answer_of_salesforce_is_read_without_its_secrets() {
        let tokens = tokens(
            r#"{"access_token":"00D!planted1","refresh_token":"5Aep-planted2","signature":"planted3","scope":"api refresh_token",
                "instance_url":"https://acme.my.salesforce.com","id":"https://login.salesforce.com/id/00D/005",
                "token_type":"Bearer","issued_at":"1700000000000","id_token":"planted4","lightning_sid":"planted5"}"#,
        )
        .unwrap();
        assert_eq!(tokens.access.expose_secret(), "00D!planted1");
        assert_eq!(tokens.refresh.as_ref().unwrap().expose_secret(), "5Aep-planted2");
        assert_eq!(tokens.expires_at, None);
        let names: Vec<&str> = tokens.extra.keys().map(String::as_str).collect();
        assert_eq!(names, ["id", "instance_url", "issued_at", "scope", "token_type"]);
        assert!(!format!("{tokens:?}{:?}", tokens.extra).contains("planted"));
    }

    #[test]
    fn lifetimes_are_read_as_numbers_or_text_and_the_shorter_one_counts() {
        let tokens = tokens(
            r#"{"access_token":"a","expires_in":"3600","x_refresh_token_expires_in":8726400,
                "x_refresh_token_hard_expires_in":100}"#,
        )
        .unwrap();
        assert_eq!(tokens.expires_at.unwrap().to_rfc3339(), "2026-01-02T04:04:05+00:00");
        assert_eq!(tokens.refresh_expires_at.unwrap().to_rfc3339(), "2026-01-02T03:05:45+00:00");
        assert!(self::tokens(r#"{"access_token":"a","expires_in":1e300}"#).unwrap().expires_at.is_some());
        assert_eq!(self::tokens(r#"{"access_token":"a","expires_in":null}"#).unwrap().expires_at, None);
    }

    #[test]
    fn nested_members_are_kept_by_path_and_their_tokens_are_not() {
        let tokens = tokens(
            r#"{"ok":true,"access_token":"xoxb-planted1","team":{"id":"T1"},"authed_user":{"id":"U1",
                "access_token":"xoxp-planted2"},"is_enterprise_install":false,"scopes":["a"]}"#,
        )
        .unwrap();
        assert_eq!(tokens.extra["team.id"], "T1");
        assert_eq!(tokens.extra["authed_user.id"], "U1");
        assert!(!format!("{:?}", tokens.extra).contains("planted"));
    }

    #[test]
    fn an_answer_without_a_token_is_an_error_that_quotes_nothing() {
        for (json, kind) in [
            (r#"{"token":"planted"}"#, ErrorKind::Malformed),
            (r#"{"access_token":{"planted":1}}"#, ErrorKind::Malformed),
            (r#"["planted"]"#, ErrorKind::Malformed),
            ("<html>planted", ErrorKind::Malformed),
            (r#"{"ok":false,"error":"invalid_grant"}"#, ErrorKind::Auth),
        ] {
            let error = tokens(json).unwrap_err();
            assert_eq!(error.kind(), kind, "{json}");
            assert!(!format!("{error}{error:?}").contains("planted"), "{error:?}");
        }
    }
}
