//! One renewal at a time in the process, and what is remembered of a failed one.

use std::{sync::Arc, time::Duration};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use tokio::{task::JoinError, time::Instant};

use super::{Current, Inner, State};
use crate::{Error, ErrorKind, Result, Retry, observe::Event};

/// A renewal under way, to be awaited by any number of callers.
pub(super) type Flight = Shared<BoxFuture<'static, Result<Arc<Current>>>>;

/// For how long a refusal is believed that only a person can end, by changing something at the vendor.
const REFUSED: Duration = Duration::from_secs(30);

/// For how long a failure is believed that passes by itself.
const FAILED: Duration = Duration::from_secs(1);

/// For how long the vendor is left alone with a request that got no answer: it may still be at it, and a rotating refresh token sent a
/// second time meanwhile would look stolen (RFC 9700 §4.14).
const UNANSWERED: Duration = Duration::from_secs(5);

pub(super) struct Failure {
    error: Error,
    until: Instant,
}

impl Failure {
    /// `bound`: the error was remembered together with the version it is about, so the store is looked at again soon.
    pub(super) fn new(error: Error, bound: bool) -> Self {
        let wait = match (error.kind(), error.retry()) {
            (ErrorKind::Auth | ErrorKind::Config | ErrorKind::Forbidden, _) if !bound => REFUSED,
            (_, Retry::After(wait)) => wait,
            _ if error.is_ambiguous() => UNANSWERED,
            _ => FAILED,
        };
        Self { error: error.without_ambiguous(), until: Instant::now() + wait }
    }

    /// The error for another caller. What passes by itself may be tried again once it is no longer believed.
    fn error(&self) -> Error {
        let error = self.error.clone();
        if error.is_retryable() {
            return error.with_retry(Retry::After(self.until - Instant::now()));
        }
        error
    }

    fn is_believed(&self) -> bool {
        self.until > Instant::now()
    }
}

impl Inner {
    /// Tokens of another version than `seen` (`None`: any that have not expired).
    pub(super) async fn renewed(self: &Arc<Self>, seen: Option<u64>) -> Result<Arc<Current>> {
        // The flight joined may be one that knew nothing of `seen`; the next one does.
        for _ in 0..3 {
            let flight = {
                let mut state = self.state();
                if let Some(current) = &state.current
                    && seen != Some(current.version)
                    && !current.is_expired(self.clock.now())
                {
                    return Ok(Arc::clone(current));
                }
                if let Some(failure) = state.failure.as_ref().filter(|failure| failure.is_believed()) {
                    return Err(failure.error());
                }
                self.join(&mut state, seen)
            };
            let current = flight.await?;
            if seen != Some(current.version) {
                return Ok(current);
            }
        }
        Err(Error::new(ErrorKind::Rotated, "the tokens change faster than they can be used; try again")
            .with_retry(Retry::Now))
    }

    /// Renews while the tokens still hold. Whoever asks goes on with those.
    pub(super) fn renew_ahead(self: &Arc<Self>, seen: u64) {
        let mut state = self.state();
        let believed = state.failure.as_ref().is_some_and(Failure::is_believed);
        if !believed && state.current.as_ref().is_some_and(|current| current.version == seen) {
            drop(self.join(&mut state, Some(seen)));
        }
    }

    /// The renewal under way, or a new one. `state` is locked until it is entered there, so that it cannot end before.
    fn join(self: &Arc<Self>, state: &mut State, seen: Option<u64>) -> Flight {
        // One that is over and still entered did not end by itself: its runtime was shut down, or it panicked.
        if let Some(flight) = state.flight.as_ref().filter(|flight| flight.peek().is_none()) {
            return flight.clone();
        }
        let inner = Arc::clone(self);
        let task = tokio::spawn(async move {
            let result = inner.renewal(seen).await;
            inner.land(result)
        });
        let flight = task.map(|ended| ended.unwrap_or_else(|source| Err(stopped(source)))).boxed().shared();
        state.flight = Some(flight.clone());
        flight
    }

    /// Makes the result known, before the flight is over for those that look for one.
    fn land(&self, result: Result<Current>) -> Result<Arc<Current>> {
        let (adapter, account) = (&*self.key.adapter, &*self.key.account);
        let error = result.as_ref().err().map(Error::kind);
        if result.as_ref().map_or(true, |current| !current.was_found()) {
            self.observers.emit(&Event::Token { adapter, account, error });
        }
        let mut state = self.state();
        state.flight = None;
        match result.map(Arc::new) {
            Ok(current) => {
                state.failure = None;
                if state.current.as_ref().is_none_or(|have| have.version < current.version) {
                    state.current = Some(Arc::clone(&current));
                }
                Ok(current)
            }
            Err(error) => {
                let failure = Failure::new(error, state.refused.is_some());
                Err(state.failure.insert(failure).error())
            }
        }
    }
}

fn stopped(source: JoinError) -> Error {
    Error::new(ErrorKind::Cancelled, "the renewal of the access token was stopped")
        .with_retry(Retry::Now)
        .with_source(source)
}
