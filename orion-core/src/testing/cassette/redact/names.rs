//! Which names belong to secrets.

use crate::testing::cassette::format::{Asked, Content};

/// Headers that hold credentials.
const HEADERS: [&str; 8] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
    "x-auth-token",
    "x-sfdc-session",
    "x-amz-security-token",
];

/// Fields that hold secrets wherever they occur; compared in lower case without `_` and `-`.
const FIELDS: [&str; 16] = [
    "accesstoken",
    "refreshtoken",
    "idtoken",
    "clientsecret",
    "clientassertion",
    "assertion",
    "password",
    "codeverifier",
    "devicecode",
    "subjecttoken",
    "token",
    "sessionid",
    "apikey",
    "privatekey",
    "secret",
    "signingsecret",
];

/// Fields of a token endpoint that are no secrets (RFC 6749, 7009, 7636, 8693, and what Salesforce and Intuit add).
const HARMLESS: [&str; 18] = [
    "granttype",
    "clientid",
    "scope",
    "redirecturi",
    "tokentype",
    "tokentypehint",
    "expiresin",
    "xrefreshtokenexpiresin",
    "codechallengemethod",
    "responsetype",
    "resource",
    "audience",
    "instanceurl",
    "id",
    "issuedat",
    "error",
    "errordescription",
    "ok",
];

pub(super) fn is_credential(header: &str) -> bool {
    HEADERS.contains(&header)
}

fn plain(name: &str) -> String {
    name.chars().filter(|char| !matches!(char, '_' | '-')).flat_map(char::to_lowercase).collect()
}

/// Where a field stands.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Place {
    Anywhere,
    /// In an authorisation's redirect, which has a `code` and a `state`.
    Redirect,
    TokenEndpoint,
}

impl Place {
    pub(super) fn of(request: &Asked) -> Self {
        let last = request.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let grants = matches!(&request.body, Some(Content::Form(pairs)) if has(pairs, "grant_type"));
        if grants || ["token", "revoke"].iter().any(|word| last.contains(word)) || last.ends_with(".access") {
            return Self::TokenEndpoint;
        }
        if has(&request.query, "code") && has(&request.query, "state") {
            Self::Redirect
        } else {
            Self::Anywhere
        }
    }

    pub(super) fn answer(self) -> Self {
        if self == Self::TokenEndpoint { self } else { Self::Anywhere }
    }

    pub(super) fn is_secret(self, name: &str) -> bool {
        let name = plain(name);
        match self {
            _ if FIELDS.contains(&name.as_str()) => true,
            Self::Anywhere => false,
            Self::Redirect => name == "code",
            Self::TokenEndpoint => !HARMLESS.contains(&name.as_str()),
        }
    }
}

pub(super) fn has(pairs: &[(String, String)], name: &str) -> bool {
    pairs.iter().any(|(key, _)| key == name)
}
