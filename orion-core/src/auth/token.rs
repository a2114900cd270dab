//! Tokens and where they are kept.

use std::{collections::BTreeMap, fmt, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::SecretString;

use crate::Result;

/// The tokens of one account.
///
/// Not serialisable, so that no token is written by accident: a store exposes the secrets itself.
#[derive(Clone)]
#[non_exhaustive]
pub struct TokenSet {
    /// The access token.
    pub access: SecretString,
    /// The refresh token, if the flow gives one.
    pub refresh: Option<SecretString>,
    /// When the access token expires, if the vendor says so. Salesforce does not: a 401 tells.
    pub expires_at: Option<DateTime<Utc>>,
    /// When the refresh token expires for good, if the vendor says so.
    pub refresh_expires_at: Option<DateTime<Utc>>,
    /// What else the token endpoint answered that is no secret, for instance `instance_url`.
    pub extra: BTreeMap<String, String>,
}

impl TokenSet {
    /// Wraps an access token.
    #[must_use]
    pub fn new(access: impl Into<SecretString>) -> Self {
        Self {
            access: access.into(),
            refresh: None,
            expires_at: None,
            refresh_expires_at: None,
            extra: BTreeMap::new(),
        }
    }

    /// Adds a refresh token.
    #[must_use]
    pub fn with_refresh(mut self, refresh: impl Into<SecretString>) -> Self {
        self.refresh = Some(refresh.into());
        self
    }

    /// Sets when the access token expires.
    #[must_use]
    pub fn expiring_at(mut self, at: DateTime<Utc>) -> Self {
        self.expires_at = Some(at);
        self
    }

    /// Adds one of the vendor's values that is no secret.
    #[must_use]
    pub fn with_extra(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.extra.insert(name.into(), value.into());
        self
    }
}

impl fmt::Debug for TokenSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSet")
            .field("refresh", &self.refresh.is_some())
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Whose tokens: an adapter and an account of it, in the host's own naming.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountKey {
    /// Name of the adapter.
    pub adapter: Box<str>,
    /// The host's name for the account, for instance a tenant id.
    pub account: Box<str>,
}

impl AccountKey {
    /// Names an account.
    #[must_use]
    pub fn new(adapter: impl Into<Box<str>>, account: impl Into<Box<str>>) -> Self {
        Self { adapter: adapter.into(), account: account.into() }
    }
}

/// Tokens as a store holds them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Stored {
    /// The tokens.
    pub tokens: TokenSet,
    /// Counts the changes: what a swap compares.
    pub version: u64,
}

impl Stored {
    /// Tokens at a version.
    #[must_use]
    pub fn new(tokens: TokenSet, version: u64) -> Self {
        Self { tokens, version }
    }
}

/// The result of a compare-and-swap.
#[derive(Clone, Debug)]
pub enum Swap {
    /// The new tokens are stored, at this version.
    Done(u64),
    /// Somebody else changed them first; these are theirs (`None`: they were removed).
    Lost(Option<Stored>),
}

/// The result of asking for the sole right to refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leased {
    /// It is yours until you release it or it runs out.
    Granted,
    /// Another process has it; ask again after this time, or when the version has moved.
    Held(Duration),
}

/// Keeps tokens. Compare-and-swap, because refresh tokens rotate: a lost update locks the customer out.
///
/// Dyn because the host chooses where its secrets live.
#[async_trait]
pub trait TokenStore: Send + Sync + 'static {
    /// Loads the tokens of an account.
    ///
    /// # Errors
    /// `Storage` if the store fails or its content cannot be read.
    async fn load(&self, key: &AccountKey) -> Result<Option<Stored>>;

    /// Stores `tokens` if the version is still `seen` (`None`: there are none yet).
    ///
    /// # Errors
    /// `Storage` if the store fails; then nothing is known of what it holds.
    async fn swap(&self, key: &AccountKey, seen: Option<u64>, tokens: &TokenSet) -> Result<Swap>;

    /// Asks for the sole right to refresh, across processes, for at most `ttl`. `holder` tells one process from another.
    ///
    /// # Errors
    /// `Storage` if the store fails.
    async fn lease(&self, key: &AccountKey, holder: &str, ttl: Duration) -> Result<Leased>;

    /// Gives the right to refresh back.
    ///
    /// # Errors
    /// `Storage` if the store fails; the right runs out by itself then.
    async fn release(&self, key: &AccountKey, holder: &str) -> Result<()>;

    /// Removes the tokens of an account.
    ///
    /// # Errors
    /// `Storage` if the store fails.
    async fn remove(&self, key: &AccountKey) -> Result<()>;
}
