//! Tokens in memory.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::Instant;

use super::{AccountKey, Leased, Stored, Swap, TokenSet, TokenStore};
use crate::Result;

/// Keeps tokens in memory, for as long as the process lives.
///
/// For tests, and for flows that need no stored token to start from. After a restart, a refresh token it held is gone.
#[derive(Debug, Default)]
pub struct MemoryTokenStore(Mutex<HashMap<AccountKey, Entry>>);

#[derive(Debug, Default)]
struct Entry {
    /// Goes on counting when tokens are removed, so that no version ever names two sets.
    version: u64,
    tokens: Option<TokenSet>,
    lease: Option<(Box<str>, Instant)>,
}

impl Entry {
    fn stored(&self) -> Option<Stored> {
        self.tokens.clone().map(|tokens| Stored::new(tokens, self.version))
    }
}

impl MemoryTokenStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<AccountKey, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl TokenStore for MemoryTokenStore {
    async fn load(&self, key: &AccountKey) -> Result<Option<Stored>> {
        Ok(self.entries().get(key).and_then(Entry::stored))
    }

    async fn swap(&self, key: &AccountKey, seen: Option<u64>, tokens: &TokenSet) -> Result<Swap> {
        let mut entries = self.entries();
        let entry = entries.entry(key.clone()).or_default();
        let have = entry.stored();
        if have.as_ref().map(|stored| stored.version) != seen {
            return Ok(Swap::Lost(have));
        }
        entry.version += 1;
        entry.tokens = Some(tokens.clone());
        Ok(Swap::Done(entry.version))
    }

    async fn lease(&self, key: &AccountKey, holder: &str, ttl: Duration) -> Result<Leased> {
        let mut entries = self.entries();
        let (entry, now) = (entries.entry(key.clone()).or_default(), Instant::now());
        match &entry.lease {
            Some((other, until)) if **other != *holder && *until > now => Ok(Leased::Held(*until - now)),
            _ => {
                entry.lease = Some((holder.into(), now + ttl));
                Ok(Leased::Granted)
            }
        }
    }

    async fn release(&self, key: &AccountKey, holder: &str) -> Result<()> {
        if let Some(entry) = self.entries().get_mut(key)
            && entry.lease.as_ref().is_some_and(|(by, _)| **by == *holder)
        {
            entry.lease = None;
        }
        Ok(())
    }

    async fn remove(&self, key: &AccountKey) -> Result<()> {
        if let Some(entry) = self.entries().get_mut(key) {
            entry.version += 1;
            entry.tokens = None;
        }
        Ok(())
    }
}
