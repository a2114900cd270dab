//! One renewal: its turn, the store, the vendor, the store.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep};

use super::{Current, Inner};
use crate::{
    Error, ErrorKind, Result, Retry,
    auth::{Leased, Stored, Swap, TokenSet},
};

/// For how long a process may hold the right to renew: longer than a renewal takes.
const LEASE: Duration = Duration::from_secs(90);

/// How often the store is asked whether the holder is done, at first and at last.
const POLL: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// How often saving is tried, with pauses that double, before the tokens wait in memory: for about 13 seconds.
const SAVES: u32 = 9;

/// Renewed tokens that the store did not take.
#[derive(Clone)]
pub(super) struct Unsaved {
    seen: Option<u64>,
    tokens: Arc<TokenSet>,
}

impl Inner {
    pub(super) async fn renewal(&self, seen: Option<u64>) -> Result<Current> {
        if let Some(saved) = self.save_unsaved(seen).await? {
            return Ok(saved);
        }
        if let Some(found) = self.look(seen).await? {
            return Ok(found);
        }
        if let Some(found) = self.turn(seen).await? {
            return Ok(found);
        }
        let result = self.in_turn(seen).await;
        // While tokens wait to be saved, nobody else may renew with those they replace.
        if self.state().unsaved.is_none() {
            self.release().await;
        }
        result
    }

    /// Gives the right to renew back. If this fails, the right runs out by itself.
    async fn release(&self) {
        drop(self.store.release(&self.key, &self.holder).await);
    }

    /// What the store holds, if it can be used.
    async fn look(&self, seen: Option<u64>) -> Result<Option<Current>> {
        let stored = self.store.load(&self.key).await?;
        self.examine(stored, seen)
    }

    /// The tokens, if they can be used; an error if their refresh token is known to be refused.
    fn examine(&self, stored: Option<Stored>, seen: Option<u64>) -> Result<Option<Current>> {
        let Some(stored) = stored else { return Ok(None) };
        {
            let mut state = self.state();
            match &state.refused {
                Some((version, error)) if *version == stored.version => return Err(error.clone()),
                _ => state.refused = None,
            }
        }
        self.usable(stored, seen)
    }

    fn usable(&self, stored: Stored, seen: Option<u64>) -> Result<Option<Current>> {
        if seen == Some(stored.version) {
            return Ok(None);
        }
        let current = Current::new(stored, self.clock.now())?;
        Ok(Some(current).filter(|current| !current.is_expired(self.clock.now())))
    }

    /// Waits for the sole right to renew, unless what another process renewed meanwhile can be used.
    async fn turn(&self, seen: Option<u64>) -> Result<Option<Current>> {
        let (started, mut pause) = (Instant::now(), POLL.0);
        while started.elapsed() < 2 * LEASE {
            match self.store.lease(&self.key, &self.holder, LEASE).await? {
                Leased::Granted => return Ok(None),
                Leased::Held(left) => sleep(pause.min(left.max(Duration::from_millis(1)))).await,
            }
            pause = (pause * 2).min(POLL.1);
            if let Some(found) = self.look(seen).await? {
                return Ok(Some(found));
            }
        }
        Err(Error::new(ErrorKind::Timeout, "other processes hold the right to renew the tokens all the time")
            .with_retry(Retry::Now))
    }

    async fn in_turn(&self, seen: Option<u64>) -> Result<Current> {
        // Twice, because a refusal may mean that somebody who had no turn (a person, say) put newer tokens there.
        for _ in 0..2 {
            let before = self.store.load(&self.key).await?;
            if let Some(found) = self.examine(before.clone(), seen)? {
                return Ok(found);
            }
            let version = before.as_ref().map(|stored| stored.version);
            match self.renew.renew(before.as_ref().map(|stored| &stored.tokens)).await {
                Ok(tokens) => {
                    self.state().unanswered = None;
                    return self.persist(Unsaved { seen: version, tokens: Arc::new(tokens) }, seen).await;
                }
                Err(error) if error.kind() == ErrorKind::Auth => {
                    let now = self.store.load(&self.key).await?.map(|stored| stored.version);
                    if now == version {
                        return Err(self.refused(error, before));
                    }
                }
                Err(error) => {
                    if error.is_ambiguous() {
                        self.state().unanswered = version;
                    }
                    return Err(error);
                }
            }
        }
        Err(rotated())
    }

    /// Remembers that this refresh token is refused.
    fn refused(&self, error: Error, before: Option<Stored>) -> Error {
        let Some(stored) = before.filter(|stored| stored.tokens.refresh.is_some()) else { return error };
        let mut state = self.state();
        let error = if state.unanswered == Some(stored.version) {
            let message = "the refresh token is refused, and the answer to an earlier renewal, with which its successor \
                           came, was lost: authorise the account again";
            let fault = error.fault().cloned();
            let new = Error::new(ErrorKind::Auth, message).with_source(error);
            fault.into_iter().fold(new, Error::with_fault)
        } else {
            error
        };
        state.refused = Some((stored.version, error.clone()));
        error
    }

    /// Saves what the vendor issued before anybody uses it.
    async fn persist(&self, unsaved: Unsaved, seen: Option<u64>) -> Result<Current> {
        let mut pauses = (0..SAVES - 1).map(|doubled| POLL.0 * (1 << doubled));
        let swap = loop {
            match (self.store.swap(&self.key, unsaved.seen, &unsaved.tokens).await, pauses.next()) {
                (Ok(swap), _) => break swap,
                (Err(_), Some(pause)) => sleep(pause).await,
                (Err(error), None) => {
                    self.state().unsaved = Some(unsaved);
                    return Err(not_saved(error));
                }
            }
        };
        self.state().unsaved = None;
        match swap {
            Swap::Done(version) => {
                let stored = Stored::new(TokenSet::clone(&unsaved.tokens), version);
                Ok(Current::new(stored, self.clock.now())?.obtained(seen))
            }
            // Also after a swap that was carried out although it reported an error: then they are ours.
            Swap::Lost(Some(theirs)) => self.usable(theirs, seen)?.ok_or_else(rotated),
            Swap::Lost(None) => Err(Error::new(
                ErrorKind::Auth,
                "the account's tokens were removed while they were renewed: authorise it again",
            )),
        }
    }

    /// Saves what an earlier renewal could not. What comes of it may be older than what is in the store, or expired by now.
    async fn save_unsaved(&self, seen: Option<u64>) -> Result<Option<Current>> {
        let unsaved = self.state().unsaved.clone();
        let Some(unsaved) = unsaved else { return Ok(None) };
        let saved = self.persist(unsaved, seen).await;
        match saved {
            Err(error) if error.kind() != ErrorKind::Rotated => Err(error),
            saved => {
                self.release().await;
                Ok(saved.ok().filter(|current| !current.is_expired(self.clock.now())))
            }
        }
    }
}

fn rotated() -> Error {
    Error::new(ErrorKind::Rotated, "another worker replaced the tokens, and those cannot be used either")
        .with_retry(Retry::Now)
}

fn not_saved(source: Error) -> Error {
    Error::new(
        ErrorKind::Storage,
        "the renewed tokens could not be saved; they are kept in memory, and saved before they are used",
    )
    .with_retry(Retry::Now)
    .with_source(source)
}
