//! Grants, access tokens, refresh tokens and authorization codes.

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;
use ring::digest::{SHA256, digest};

use super::state::Settings;

/// How long a refresh token lives without being used: 101 days (seen in Intuit's client libraries).
pub(crate) const REFRESH_LIFE: TimeDelta = TimeDelta::seconds(8_726_400);
/// How long a grant lives, however often it is refreshed: five years (Intuit's release notes of its client libraries).
pub(crate) const GRANT_LIFE: TimeDelta = TimeDelta::days(5 * 365);
/// How long a refresh gives the same refresh token, and how long a replaced one still works (Intuit docs, as quoted by
/// users; another page says that a replaced one ends at once).
const DAY: TimeDelta = TimeDelta::hours(24);
/// How long a code can be exchanged; unverified.
const CODE_LIFE: TimeDelta = TimeDelta::minutes(10);

/// What an access token is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Access {
    Granted(String),
    Expired,
    Revoked,
    Unknown,
}

/// Why a refresh token gives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadRefresh {
    Unknown,
    /// A newer one was given out.
    Replaced,
    Revoked,
    Expired,
    /// The grant's five years are over.
    ExpiredForGood,
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

/// What a person allowed once.
#[derive(Debug)]
struct Grant {
    scope: String,
    started: DateTime<Utc>,
    refresh: String,
    issued: DateTime<Utc>,
    revoked: bool,
}

/// The tokens that an exchange gives.
#[derive(Debug, Clone)]
pub(crate) struct Issued {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) scope: String,
    pub(crate) refresh_left: TimeDelta,
    pub(crate) grant_left: TimeDelta,
}

/// Every credential the app has been given.
#[derive(Debug)]
pub(crate) struct Auth {
    rng: Rng,
    access_life: TimeDelta,
    always_rotate: bool,
    replay_revokes: bool,
    grants: Vec<Grant>,
    /// Access token to grant and time of issue.
    sessions: HashMap<String, (usize, DateTime<Utc>)>,
    /// Refresh token, replaced ones too, to grant and the time until which it works if it was replaced.
    refresh: HashMap<String, (usize, Option<DateTime<Utc>>)>,
    codes: HashMap<String, Code>,
}

impl Auth {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            rng: Rng::with_seed(settings.seed ^ 0x0a07),
            access_life: span(settings.access_life),
            always_rotate: settings.rotate_refresh_tokens,
            replay_revokes: settings.replay_revokes,
            grants: Vec::new(),
            sessions: HashMap::new(),
            refresh: HashMap::new(),
            codes: HashMap::new(),
        }
    }

    pub(crate) fn access_life(&self) -> TimeDelta {
        self.access_life
    }

    /// Starts a grant.
    pub(crate) fn grant(&mut self, now: DateTime<Utc>, scope: &str) -> Issued {
        let refresh = self.new_refresh();
        let index = self.grants.len();
        self.refresh.insert(refresh.clone(), (index, None));
        let scope = scope.to_owned();
        self.grants.push(Grant { scope, started: now, refresh, issued: now, revoked: false });
        self.open(index, now)
    }

    /// Uses a refresh token.
    pub(crate) fn refresh(&mut self, token: &str, now: DateTime<Utc>) -> Result<Issued, BadRefresh> {
        let (index, until) = *self.refresh.get(token).ok_or(BadRefresh::Unknown)?;
        let replay_revokes = self.replay_revokes;
        let always_rotate = self.always_rotate;
        let grant = self.grants.get_mut(index).ok_or(BadRefresh::Unknown)?;
        if grant.revoked {
            return Err(BadRefresh::Revoked);
        }
        if now - grant.started >= GRANT_LIFE {
            return Err(BadRefresh::ExpiredForGood);
        }
        if until.is_some_and(|until| now >= until) {
            grant.revoked = replay_revokes;
            return Err(BadRefresh::Replaced);
        }
        if now - grant.issued >= REFRESH_LIFE {
            return Err(BadRefresh::Expired);
        }
        let is_current = until.is_none();
        let due = always_rotate || now - grant.issued >= DAY;
        if is_current && due {
            self.rotate(index, now);
        }
        Ok(self.open(index, now))
    }

    fn rotate(&mut self, index: usize, now: DateTime<Utc>) {
        let next = self.new_refresh();
        let until = if self.always_rotate { now } else { now + DAY };
        let Some(grant) = self.grants.get_mut(index) else { return };
        grant.issued = now;
        let old = std::mem::replace(&mut grant.refresh, next.clone());
        self.refresh.insert(old, (index, Some(until)));
        self.refresh.insert(next, (index, None));
    }

    fn open(&mut self, index: usize, now: DateTime<Utc>) -> Issued {
        let access = format!("eyJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiYWxnIjoiZGlyIn0..{}", self.random(160));
        self.sessions.insert(access.clone(), (index, now));
        let grant = &self.grants[index];
        Issued {
            access,
            refresh: grant.refresh.clone(),
            scope: grant.scope.clone(),
            refresh_left: REFRESH_LIFE - (now - grant.issued),
            grant_left: GRANT_LIFE - (now - grant.started),
        }
    }

    /// What an access token is worth now.
    pub(crate) fn access(&self, token: &str, now: DateTime<Utc>) -> Access {
        let Some((index, issued)) = self.sessions.get(token) else { return Access::Unknown };
        let Some(grant) = self.grants.get(*index) else { return Access::Unknown };
        if grant.revoked {
            Access::Revoked
        } else if now - *issued >= self.access_life {
            Access::Expired
        } else {
            Access::Granted(grant.scope.clone())
        }
    }

    /// Ends the grant of an access or a refresh token; false for a token that is not known or ended already.
    pub(crate) fn revoke(&mut self, token: &str) -> bool {
        let of_refresh = self.refresh.get(token).map(|(index, _)| *index);
        let index = of_refresh.or_else(|| self.sessions.get(token).map(|(index, _)| *index));
        let grant = index.and_then(|index| self.grants.get_mut(index));
        grant.is_some_and(|grant| !std::mem::replace(&mut grant.revoked, true))
    }

    /// Ages every access token past its life.
    pub(crate) fn end_sessions(&mut self) {
        for (_, issued) in self.sessions.values_mut() {
            *issued = DateTime::<Utc>::UNIX_EPOCH;
        }
    }

    pub(crate) fn revoke_all(&mut self) {
        for grant in &mut self.grants {
            grant.revoked = true;
        }
    }

    pub(crate) fn issue_code(&mut self, code: Code) -> String {
        let text = format!("AB1{}", self.random(47));
        self.codes.insert(text.clone(), code);
        text
    }

    /// Takes a code, once.
    pub(crate) fn take_code(&mut self, text: &str, now: DateTime<Utc>) -> Option<Code> {
        self.codes.remove(text).filter(|code| now - code.issued < CODE_LIFE)
    }

    /// As long as the vendor's, 50 characters.
    fn new_refresh(&mut self) -> String {
        format!("AB1{}", self.random(47))
    }

    fn random(&mut self, length: usize) -> String {
        (0..length).map(|_| self.rng.alphanumeric()).collect()
    }
}

fn span(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

/// Whether `verifier` is what the PKCE S256 `challenge` was made from (RFC 7636).
pub(crate) fn verifies(challenge: &str, verifier: &str) -> bool {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())) == challenge.trim_end_matches('=')
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn auth(rotate: bool, replay_revokes: bool) -> Auth {
        let settings = Settings { rotate_refresh_tokens: rotate, replay_revokes, ..Settings::default() };
        Auth::new(&settings)
    }

    #[test]
    fn a_refresh_token_is_replaced_once_a_day_and_the_old_one_lives_a_day_more() {
        let mut auth = auth(false, false);
        let first = auth.grant(START, "a").refresh;
        let same = auth.refresh(&first, START + TimeDelta::hours(23)).unwrap();
        assert_eq!(same.refresh, first);
        let next = auth.refresh(&first, START + TimeDelta::hours(25)).unwrap().refresh;
        assert_ne!(next, first);
        assert_eq!(auth.refresh(&first, START + TimeDelta::hours(48)).unwrap().refresh, next);
        assert_eq!(auth.refresh(&first, START + TimeDelta::hours(49)).unwrap_err(), BadRefresh::Replaced);
        assert!(auth.refresh(&next, START + TimeDelta::hours(50)).is_ok());
    }

    #[test]
    fn a_strict_rotation_ends_the_old_token_at_once_and_may_end_the_grant_on_replay() {
        for (replay_revokes, after) in [(false, None), (true, Some(BadRefresh::Revoked))] {
            let mut auth = auth(true, replay_revokes);
            let first = auth.grant(START, "a").refresh;
            let next = auth.refresh(&first, START).unwrap().refresh;
            assert_eq!(auth.refresh(&first, START).unwrap_err(), BadRefresh::Replaced);
            assert_eq!(auth.refresh(&next, START).err(), after);
        }
    }

    #[test]
    fn tokens_end_by_age_and_grants_after_five_years() {
        let mut auth = auth(false, false);
        let issued = auth.grant(START, "a");
        assert_eq!(auth.access(&issued.access, START + TimeDelta::minutes(59)), Access::Granted("a".into()));
        assert_eq!(auth.access(&issued.access, START + TimeDelta::minutes(60)), Access::Expired);
        assert_eq!(auth.refresh(&issued.refresh, START + REFRESH_LIFE).unwrap_err(), BadRefresh::Expired);
        let (mut token, mut now) = (issued.refresh, START);
        let for_good = loop {
            match auth.refresh(&token, now) {
                Ok(next) => token = next.refresh,
                Err(bad) => break bad,
            }
            now += TimeDelta::days(90);
        };
        assert_eq!(for_good, BadRefresh::ExpiredForGood);
        assert!(now - START >= GRANT_LIFE);
    }

    #[test]
    fn revoking_either_token_ends_the_grant() {
        for by_access in [true, false] {
            let mut auth = auth(false, false);
            let issued = auth.grant(START, "a");
            let token = if by_access { &issued.access } else { &issued.refresh };
            assert!(auth.revoke(token));
            assert!(!auth.revoke(token));
            assert_eq!(auth.access(&issued.access, START), Access::Revoked);
            assert_eq!(auth.refresh(&issued.refresh, START).unwrap_err(), BadRefresh::Revoked);
        }
    }
}
