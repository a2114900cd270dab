//! Access tokens, refresh tokens and authorization codes.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::store::ids::Ids;
use super::store::refusal::Refusal;

/// Twelve hours (Slack docs, token rotation).
const ACCESS_LIVES: TimeDelta = TimeDelta::hours(12);

/// Ten minutes (unverified).
const CODE_LIVES: TimeDelta = TimeDelta::minutes(10);

/// Whom a token stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    Bot,
    User,
    App,
}

impl Class {
    fn prefix(self) -> &'static str {
        match self {
            Self::Bot => "xoxb",
            Self::User => "xoxp",
            Self::App => "xapp",
        }
    }
}

/// What a token may do, and in whose name.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) class: Class,
    pub(crate) user: String,
    pub(crate) scopes: Vec<String>,
}

/// An access token as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    pub(crate) token: String,
    pub(crate) grant: Grant,
    pub(crate) expires: Option<DateTime<Utc>>,
    revoked: bool,
}

#[derive(Debug)]
struct Refresh {
    grant: Grant,
    access: String,
    dead: bool,
}

/// What an authorization code is exchanged for.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) user: String,
    pub(crate) bot_scopes: Vec<String>,
    pub(crate) user_scopes: Vec<String>,
    pub(crate) redirect_uri: Option<String>,
    /// The S256 challenge of PKCE.
    pub(crate) challenge: Option<String>,
    pub(crate) expires: DateTime<Utc>,
    pub(crate) used: bool,
}

/// A pair that was just issued.
#[derive(Debug)]
pub(crate) struct Issued {
    pub(crate) access: String,
    pub(crate) refresh: Option<String>,
    pub(crate) expires_in: Option<i64>,
    pub(crate) grant: Grant,
}

/// Every token of the sandbox.
#[derive(Debug)]
pub(crate) struct Tokens {
    ids: Ids,
    team_digits: String,
    access: HashMap<String, Access>,
    refresh: HashMap<String, Refresh>,
    codes: HashMap<String, Code>,
    reused: u64,
}

impl Tokens {
    pub(crate) fn new(seed: u64) -> Self {
        let mut ids = Ids::new(seed ^ 0x5eed);
        let team_digits = ids.digits(12);
        Self {
            ids,
            team_digits,
            access: HashMap::new(),
            refresh: HashMap::new(),
            codes: HashMap::new(),
            reused: 0,
        }
    }

    /// A token that lives until it is revoked.
    pub(crate) fn lasting(&mut self, grant: Grant) -> String {
        let token = self.secret(grant.class);
        self.keep(token.clone(), grant, None);
        token
    }

    /// A token, with a refresh token and an end if tokens rotate.
    pub(crate) fn issue(&mut self, grant: Grant, rotate: bool, now: DateTime<Utc>) -> Issued {
        if !rotate {
            let access = self.lasting(grant.clone());
            return Issued { access, refresh: None, expires_in: None, grant };
        }
        let access = format!("xoxe.{}-1-{}", grant.class.prefix(), self.ids.secret(80));
        let refresh = format!("xoxe-1-{}", self.ids.secret(120));
        self.keep(access.clone(), grant.clone(), Some(now + ACCESS_LIVES));
        let kept = Refresh { grant: grant.clone(), access: access.clone(), dead: false };
        self.refresh.insert(refresh.clone(), kept);
        let expires_in = Some(ACCESS_LIVES.num_seconds());
        Issued { access, refresh: Some(refresh), expires_in, grant }
    }

    fn secret(&mut self, class: Class) -> String {
        let team = self.team_digits.clone();
        match class {
            Class::Bot => format!("xoxb-{team}-{}-{}", self.ids.digits(13), self.ids.secret(24)),
            Class::User => {
                let (one, two) = (self.ids.digits(12), self.ids.digits(13));
                format!("xoxp-{team}-{one}-{two}-{}", self.ids.hex(32))
            }
            Class::App => format!("xapp-1-{}-{}-{}", self.ids.id("A"), self.ids.digits(13), self.ids.hex(64)),
        }
    }

    fn keep(&mut self, token: String, grant: Grant, expires: Option<DateTime<Utc>>) {
        let access = Access { token: token.clone(), grant, expires, revoked: false };
        self.access.insert(token, access);
    }

    /// The token, if it can be used now.
    pub(crate) fn check(&self, token: &str, now: DateTime<Utc>) -> Result<Access, Refusal> {
        let access = self.access.get(token).ok_or("invalid_auth")?;
        if access.revoked {
            return Err("token_revoked".into());
        }
        if access.expires.is_some_and(|end| end <= now) {
            return Err("token_expired".into());
        }
        Ok(access.clone())
    }

    /// A new pair for a refresh token, which ends with it. Its access token lives on until its own end (unverified).
    pub(crate) fn rotate(&mut self, refresh: &str, now: DateTime<Utc>) -> Result<Issued, Refusal> {
        let kept = self.refresh.get_mut(refresh).ok_or("invalid_refresh_token")?;
        if kept.dead {
            self.reused += 1;
            return Err("invalid_refresh_token".into());
        }
        kept.dead = true;
        let grant = kept.grant.clone();
        Ok(self.issue(grant, true, now))
    }

    /// A rotating pair for a lasting token, which ends with it.
    pub(crate) fn exchange(&mut self, token: &str, now: DateTime<Utc>) -> Result<Issued, Refusal> {
        let access = self.check(token, now)?;
        if access.expires.is_some() {
            return Err("already_exchanged".into());
        }
        self.revoke(token);
        Ok(self.issue(access.grant, true, now))
    }

    /// Ends a token and the refresh token that came with it.
    pub(crate) fn revoke(&mut self, token: &str) {
        if let Some(access) = self.access.get_mut(token) {
            access.revoked = true;
        }
        for refresh in self.refresh.values_mut().filter(|refresh| refresh.access == token) {
            refresh.dead = true;
        }
    }

    /// Ends every token that has an end.
    pub(crate) fn expire_all(&mut self, now: DateTime<Utc>) {
        for access in self.access.values_mut() {
            if access.expires.is_some() {
                access.expires = Some(now);
            }
        }
    }

    /// Revokes every token of the installation; the app's own stays.
    pub(crate) fn revoke_all(&mut self) {
        for access in self.access.values_mut() {
            access.revoked |= access.grant.class != Class::App;
        }
        for refresh in self.refresh.values_mut() {
            refresh.dead = true;
        }
    }

    /// How often a refresh token came that had been used.
    pub(crate) fn reused(&self) -> u64 {
        self.reused
    }

    pub(crate) fn add_code(&mut self, mut code: Code, now: DateTime<Utc>) -> String {
        code.expires = now + CODE_LIVES;
        let text = format!("{}.{}.{}", self.ids.digits(13), self.ids.digits(13), self.ids.hex(64));
        self.codes.insert(text.clone(), code);
        text
    }

    /// The code, if it can still be exchanged.
    pub(crate) fn code(&mut self, code: &str, now: DateTime<Utc>) -> Result<&mut Code, Refusal> {
        let kept = self.codes.get_mut(code).ok_or("invalid_code")?;
        if kept.used {
            return Err("code_already_used".into());
        }
        if kept.expires <= now {
            return Err("invalid_code".into());
        }
        Ok(kept)
    }
}
