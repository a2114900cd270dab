//! The content of a token file.

use std::{io, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    Result,
    auth::{
        AccountKey, Leased, Stored, TokenSet,
        seal::{self, Seal},
    },
};

const FORMAT: &str = "orion-tokens-1";

const DAMAGED: &str =
    "is damaged or no token file: restore a copy, or move it away and authorise the accounts again";
const OTHER_KEY: &str = "was written with another key: give that one";

/// Everything in the file. `deny_unknown_fields`, because what a newer version added would be lost by writing it back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Book {
    format: String,
    /// A known text, sealed: tells another key from damage, and keeps two keys from being mixed in one file.
    check: String,
    accounts: Vec<Account>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    adapter: Box<str>,
    account: Box<str>,
    /// Goes on counting when tokens are removed, so that no version ever names two sets.
    version: u64,
    tokens: Option<String>,
    lease: Option<Lease>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Lease {
    holder: String,
    until: DateTime<Utc>,
}

impl Book {
    pub(super) fn new(seal: &Seal) -> Result<Self> {
        let check = seal.seal(&FORMAT.into(), &check_key())?;
        Ok(Self { format: FORMAT.to_owned(), check, accounts: Vec::new() })
    }

    /// Reads a file; an error says what is wrong with it.
    pub(super) fn read(bytes: &[u8], seal: &Seal) -> Result<Self, &'static str> {
        let book: Self = serde_json::from_slice(bytes).map_err(|_| DAMAGED)?;
        if book.format != FORMAT {
            return Err("has a format this version does not know: upgrade, or use another file");
        }
        seal.open(&book.check, &check_key()).ok_or(OTHER_KEY)?;
        Ok(book)
    }

    pub(super) fn to_bytes(&self) -> io::Result<Vec<u8>> {
        serde_json::to_vec_pretty(self).map_err(io::Error::other)
    }

    pub(super) fn stored(&self, key: &AccountKey, seal: &Seal) -> Result<Option<Stored>, &'static str> {
        let Some(account) = self.accounts.iter().find(|account| account.is(key)) else { return Ok(None) };
        let Some(sealed) = &account.tokens else { return Ok(None) };
        let tokens = seal.open(sealed, key).as_ref().and_then(seal::read).ok_or(DAMAGED)?;
        Ok(Some(Stored::new(tokens, account.version)))
    }

    /// Sets an account's tokens and returns their version.
    pub(super) fn put(&mut self, key: &AccountKey, tokens: &TokenSet, seal: &Seal) -> Result<u64> {
        let sealed = seal.seal(&seal::write(tokens)?, key)?;
        let account = self.account(key);
        account.version += 1;
        account.tokens = Some(sealed);
        Ok(account.version)
    }

    pub(super) fn lease(
        &mut self,
        key: &AccountKey,
        holder: &str,
        ttl: Duration,
        now: DateTime<Utc>,
    ) -> Leased {
        let account = self.account(key);
        if let Some(lease) = account.lease.as_ref().filter(|lease| lease.holder != holder)
            && let Ok(left) = (lease.until - now).to_std()
            && !left.is_zero()
        {
            return Leased::Held(left);
        }
        let until = now + TimeDelta::from_std(ttl).unwrap_or(TimeDelta::days(1));
        account.lease = Some(Lease { holder: holder.to_owned(), until });
        Leased::Granted
    }

    /// Ends a lease, and says whether there was one.
    pub(super) fn release(&mut self, key: &AccountKey, holder: &str) -> bool {
        let account = self.accounts.iter_mut().find(|account| account.is(key));
        account.is_some_and(|account| account.lease.take_if(|lease| lease.holder == holder).is_some())
    }

    /// Removes an account's tokens, and says whether there were any.
    pub(super) fn remove(&mut self, key: &AccountKey) -> bool {
        let Some(account) = self.accounts.iter_mut().find(|account| account.is(key)) else { return false };
        let had = account.tokens.take().is_some();
        account.version += u64::from(had);
        had
    }

    fn account(&mut self, key: &AccountKey) -> &mut Account {
        let at = self.accounts.iter().position(|account| account.is(key)).unwrap_or_else(|| {
            let (adapter, account) = (key.adapter.clone(), key.account.clone());
            self.accounts.push(Account { adapter, account, version: 0, tokens: None, lease: None });
            self.accounts.len() - 1
        });
        &mut self.accounts[at]
    }
}

impl Account {
    fn is(&self, key: &AccountKey) -> bool {
        self.adapter == key.adapter && self.account == key.account
    }
}

/// No account of an adapter has this key.
fn check_key() -> AccountKey {
    AccountKey::new("", "check")
}
