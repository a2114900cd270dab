//! The tokens in use.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderValue;
use tokio::time::Instant;
use url::Url;

use crate::{
    Error, ErrorKind, Result,
    auth::{Stored, TokenSet, fixed},
};

/// How long before it expires an access token is renewed, at most.
const AHEAD: TimeDelta = TimeDelta::seconds(60);

/// For how long a refusal of a token that never worked is not believed to be cured by one more renewal.
const JUST: Duration = Duration::from_secs(30);

pub(super) struct Current {
    pub(super) version: u64,
    pub(super) tokens: TokenSet,
    pub(super) header: HeaderValue,
    pub(super) instance: Option<Url>,
    stale_at: Option<DateTime<Utc>>,
    origin: Origin,
}

enum Origin {
    /// It was in the store, for how long nobody knows.
    Found,
    /// There was none before.
    Obtained,
    /// It replaces one that expired or was refused.
    Renewed(Instant),
}

impl Current {
    /// Tokens as they were found in the store.
    pub(super) fn new(stored: Stored, now: DateTime<Utc>) -> Result<Self> {
        let Stored { tokens, version } = stored;
        let instance = tokens.extra.get("instance_url").map(|url| parse(url)).transpose()?;
        // A tenth of what is left at most: a token that lives for less than a minute is not renewed by every request.
        let stale_at = tokens.expires_at.map(|at| at - AHEAD.min((at - now).max(TimeDelta::zero()) / 10));
        let header = fixed::bearer(&tokens.access)?;
        Ok(Self { version, tokens, header, instance, stale_at, origin: Origin::Found })
    }

    /// Says that this session got them from the vendor, and whether in place of others.
    pub(super) fn obtained(mut self, seen: Option<u64>) -> Self {
        self.origin = seen.map_or(Origin::Obtained, |_| Origin::Renewed(Instant::now()));
        self
    }

    pub(super) fn is_expired(&self, now: DateTime<Utc>) -> bool {
        self.tokens.expires_at.is_some_and(|at| at <= now)
    }

    pub(super) fn is_stale(&self, now: DateTime<Utc>) -> bool {
        self.stale_at.is_some_and(|at| at <= now)
    }

    pub(super) fn was_found(&self) -> bool {
        matches!(self.origin, Origin::Found)
    }

    pub(super) fn is_just_renewed(&self) -> bool {
        matches!(self.origin, Origin::Renewed(at) if at.elapsed() < JUST)
    }
}

fn parse(instance: &str) -> Result<Url> {
    let url = Url::parse(instance).ok().filter(Url::has_host);
    url.ok_or_else(|| Error::new(ErrorKind::Malformed, "the vendor's `instance_url` is not an address"))
}
