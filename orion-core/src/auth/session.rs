//! Tokens that expire: kept, renewed once, shared.
//!
//! # Why it is more than a cache
//!
//! Refresh tokens rotate: renewing gives a new one, and the old one stops working. Two renewals at once, or a new token that is not
//! saved, lock the account out until a person authorises it again. So
//!
//! - one renewal is under way per account: callers of a process share it, processes take turns by [`TokenStore::lease`];
//! - who gets its turn looks into the store again first, and takes what is there if it is newer;
//! - new tokens are saved before they are used, by compare-and-swap; who loses takes the winner's;
//! - if saving fails they are kept in memory, and saved before anything else is done;
//! - a refusal is remembered, so that the callers that wait are not refused one by one.

mod current;
mod flight;
mod renewal;

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use url::Url;

use self::{
    current::Current,
    flight::{Failure, Flight},
    renewal::Unsaved,
};
use super::{
    AccountKey, Authorize, Lease, MemoryTokenStore, Recovery, Renew, Stored, Swap, TokenSet, TokenStore,
    hosts::Hosts,
};
use crate::{Clock, Error, Result, http::Request, observe::Observers};

/// The credentials of one account: adds its access token to requests and renews it once it expires or is refused.
///
/// Cloning shares it. A relative request goes to the host in the tokens' `instance_url`, if there is one.
///
/// # Cancel safety
///
/// A renewal runs in a task of its own, because its result must not be lost with the caller that started it: dropping every caller, or
/// the session, lets it finish. It ends by itself within about a minute; [`Session::settled`] waits for it, which a program does before it
/// shuts its runtime down.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use http::{Method, header::AUTHORIZATION};
/// use orion_core::{Result, auth::{AccountKey, Renew, Session, TokenSet}, http::Client, testing::{self, Script}};
///
/// /// A vendor whose tokens are made on the spot.
/// struct OnTheSpot;
///
/// #[async_trait::async_trait]
/// impl Renew for OnTheSpot {
///     async fn renew(&self, _: Option<&TokenSet>) -> Result<TokenSet> {
///         Ok(TokenSet::new("t1"))
///     }
/// }
///
/// testing::run(async {
///     let vendor = Script::new().on(Method::GET, "/me").reply(200, "Ada");
///     let base = "https://acme.test/".parse().unwrap();
///     let session = Session::builder(OnTheSpot, AccountKey::new("acme", "tenant-7"), &base).build();
///     let client = Client::builder("acme", base, vendor.clone()).authorize(Arc::new(session)).build();
///
///     let me: String = client.get("/me", "me").json().await?;
///     assert_eq!(me, "Ada");
///     assert_eq!(vendor.requests()[0].headers[AUTHORIZATION], "Bearer t1");
///     # Ok::<(), orion_core::Error>(())
/// }).unwrap();
/// ```
#[derive(Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    renew: Arc<dyn Renew>,
    store: Arc<dyn TokenStore>,
    key: AccountKey,
    hosts: Hosts,
    clock: Clock,
    observers: Observers,
    /// Tells this session from others in the store.
    holder: String,
    /// The version the vendor took last.
    accepted: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    current: Option<Arc<Current>>,
    flight: Option<Flight>,
    /// What the last renewal failed with, while that is believed.
    failure: Option<Failure>,
    /// The version of the store whose refresh token the vendor refused.
    refused: Option<(u64, Error)>,
    /// The version of the store with whose refresh token a renewal got no answer.
    unanswered: Option<u64>,
    unsaved: Option<Unsaved>,
}

impl Session {
    /// Starts a session of the account `key` of a connector at `base`.
    pub fn builder(renew: impl Renew, key: AccountKey, base: &Url) -> SessionBuilder {
        SessionBuilder {
            renew: Arc::new(renew),
            store: None,
            key,
            hosts: Hosts::new(base),
            clock: Clock::system(),
            observers: Observers::none(),
        }
    }

    /// The account's tokens, loaded or obtained first if need be.
    ///
    /// # Errors
    /// `Auth` if the account has to be authorised (again), `Storage` if the store fails, and what the vendor's token endpoint reports.
    pub async fn tokens(&self) -> Result<TokenSet> {
        Ok(self.ready().await?.tokens.clone())
    }

    /// Saves tokens the account was just authorised with, whatever the store holds, and goes on with them.
    ///
    /// # Errors
    /// `Storage` if the store fails.
    pub async fn save(&self, tokens: TokenSet) -> Result<()> {
        let inner = &*self.0;
        self.settled().await;
        let mut seen = inner.store.load(&inner.key).await?.map(|stored| stored.version);
        let version = loop {
            match inner.store.swap(&inner.key, seen, &tokens).await? {
                Swap::Done(version) => break version,
                Swap::Lost(theirs) => seen = theirs.map(|stored| stored.version),
            }
        };
        let current = Arc::new(Current::new(Stored::new(tokens, version), inner.clock.now())?);
        let mut state = inner.state();
        *state = State { current: Some(current), flight: state.flight.take(), ..State::default() };
        Ok(())
    }

    /// Removes the account's tokens, here and from the store. It does not revoke them at the vendor.
    ///
    /// # Errors
    /// `Storage` if the store fails.
    pub async fn forget(&self) -> Result<()> {
        self.settled().await;
        self.0.store.remove(&self.0.key).await?;
        let mut state = self.0.state();
        *state = State { flight: state.flight.take(), ..State::default() };
        Ok(())
    }

    /// Waits until no renewal is under way.
    pub async fn settled(&self) {
        let flight = self.0.state().flight.clone();
        if let Some(flight) = flight {
            // Its result is its callers' concern.
            drop(flight.await);
        }
    }

    /// Tokens to send a request with.
    async fn ready(&self) -> Result<Arc<Current>> {
        let (now, inner) = (self.0.clock.now(), &self.0);
        let current = inner.state().current.clone();
        match current {
            Some(current) if current.is_expired(now) => inner.renewed(Some(current.version)).await,
            Some(current) => {
                if current.is_stale(now) {
                    inner.renew_ahead(current.version);
                }
                Ok(current)
            }
            None => inner.renewed(None).await,
        }
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Authorize for Session {
    async fn authorize(&self, request: &mut Request) -> Result<Lease> {
        let current = self.ready().await?;
        self.0.hosts.admit(request, current.instance.as_ref())?;
        request.headers.insert(http::header::AUTHORIZATION, current.header.clone());
        Ok(Lease(current.version))
    }

    async fn rejected(&self, lease: Lease) -> Result<Recovery> {
        let current = self.0.state().current.clone();
        if let Some(current) = current.filter(|current| current.version == lease.0)
            && current.is_just_renewed()
            && self.0.accepted.load(Ordering::Relaxed) != lease.0
        {
            return Ok(Recovery::GiveUp);
        }
        let renewed = self.0.renewed(Some(lease.0)).await?;
        Ok(if renewed.was_found() { Recovery::Newer } else { Recovery::Replay })
    }

    fn accepted(&self, lease: Lease) {
        self.0.accepted.store(lease.0, Ordering::Relaxed);
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = self.0.state().current.as_ref().map(|current| current.version);
        f.debug_struct("Session").field("key", &self.0.key).field("version", &version).finish_non_exhaustive()
    }
}

/// Assembles a [`Session`].
pub struct SessionBuilder {
    renew: Arc<dyn Renew>,
    store: Option<Arc<dyn TokenStore>>,
    key: AccountKey,
    hosts: Hosts,
    clock: Clock,
    observers: Observers,
}

impl SessionBuilder {
    /// Sets where tokens are kept. Default: in memory.
    #[must_use]
    pub fn store(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.store = Some(store);
        self
    }

    /// Sets where the time comes from.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets who observes.
    #[must_use]
    pub fn observers(mut self, observers: Observers) -> Self {
        self.observers = observers;
        self
    }

    /// Completes the session. Nothing is loaded before the first request.
    #[must_use]
    pub fn build(self) -> Session {
        // Two processes must not draw the same name: the keys of `RandomState` come from the system's entropy.
        let holder = format!("{:x}-{:x}", std::process::id(), RandomState::new().hash_one(()));
        Session(Arc::new(Inner {
            renew: self.renew,
            store: self.store.unwrap_or_else(|| Arc::new(MemoryTokenStore::new())),
            key: self.key,
            hosts: self.hosts,
            clock: self.clock,
            observers: self.observers,
            holder,
            accepted: AtomicU64::new(0),
            state: Mutex::default(),
        }))
    }
}

impl fmt::Debug for SessionBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionBuilder").field("key", &self.key).finish_non_exhaustive()
    }
}
