//! The connector.

use std::{collections::BTreeMap, num::NonZeroU32, sync::Arc, time::Duration};

use async_trait::async_trait;
use http::{Method, header};
use orion_core::{
    Adapter, AdapterId, Clock, Identity, Model, Resources, Result,
    auth::TokenStore,
    http::{ByStatus, Call, Client, Limits, Middleware, Transport, retry::Policy},
    observe::Observers,
};
use serde::Deserialize;

use crate::{
    Config, MINOR_VERSION, Throttle,
    auth::{Login, Parts},
    fault::Faults,
    limits::Pace,
    object,
    webhook::Webhooks,
    wire::{Answer, answer},
};

/// The most one attempt and one call may take, the wait for a turn under the limits among it.
const PATIENCE: Duration = Duration::from_secs(1800);

/// A connection to one company. Cloning shares it.
#[derive(Clone, Debug)]
pub struct QuickBooks(Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    client: Client,
    login: Login,
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    /// One for each model: each is told of a delivery by itself.
    webhooks: BTreeMap<&'static str, Webhooks>,
}

impl Inner {
    pub(crate) fn webhooks<M: Model>(&self) -> Option<&Webhooks> {
        self.webhooks.get(M::KIND.as_str())
    }
}

impl QuickBooks {
    /// Connects with the defaults: HTTP over rustls, tokens in memory, nobody observing.
    ///
    /// # Errors
    /// `Config` for a configuration that cannot work. Nothing is sent yet; [`Adapter::check`] logs in.
    #[cfg(feature = "http")]
    pub fn new(config: Config) -> Result<Self> {
        Self::builder(config, orion_core::http::Http::new()?).build()
    }

    /// Starts a connection over a transport of the host's choice.
    pub fn builder(config: Config, transport: impl Transport) -> Builder {
        Builder {
            config,
            transport: Arc::new(transport),
            store: None,
            clock: Clock::system(),
            observers: Observers::none(),
            policy: Policy::default(),
            throttle: Throttle::default(),
            middleware: Vec::new(),
        }
    }

    /// The company's id.
    pub(crate) async fn realm(&self) -> Result<String> {
        match &*self.0.config.realm_id {
            "" => self.0.login.realm().await,
            realm => Ok(realm.to_owned()),
        }
    }

    /// Starts a request under the company's path.
    pub(crate) async fn call(&self, method: Method, path: &str, operation: &'static str) -> Result<Call<'_>> {
        let realm = self.realm().await?;
        let call = self.0.client.call(method, &format!("/v3/company/{realm}/{path}"), operation);
        Ok(call.query("minorversion", MINOR_VERSION).header(header::ACCEPT, "application/json"))
    }

    /// Reads.
    pub(crate) async fn get(&self, path: &str, operation: &'static str) -> Result<Answer> {
        answer(self.call(Method::GET, path, operation).await?, operation).await
    }

    /// Starts a write. `request_id` stands for the write, however often it is sent: the service answers a repeated one with the first
    /// answer and does nothing (Intuit docs, "Idempotent requests"), so it may be repeated.
    pub(crate) async fn post(
        &self,
        path: &str,
        operation: &'static str,
        request_id: Option<&str>,
    ) -> Result<Call<'_>> {
        let fresh = request_id.is_none().then(new_request_id);
        let id = request_id.or(fresh.as_deref()).unwrap_or_default();
        Ok(self.call(Method::POST, path, operation).await?.query("requestid", id).idempotent())
    }

    /// The client, for addresses the vendor gives.
    pub(crate) fn client(&self) -> &Client {
        &self.0.client
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// How the connection logs in: the first login, tokens, revocation, who the person is.
    #[must_use]
    pub fn login(&self) -> &Login {
        &self.0.login
    }
}

/// An id for one write: 32 characters, of the 36 a batch allows.
pub(crate) fn new_request_id() -> String {
    format!("{:032x}", fastrand::u128(..))
}

/// The part of a company's description that says whose it is.
#[derive(Deserialize)]
struct Company {
    #[serde(rename = "CompanyName")]
    name: Option<String>,
}

#[async_trait]
impl Adapter for QuickBooks {
    fn id(&self) -> AdapterId {
        AdapterId::new(crate::NAME, env!("CARGO_PKG_VERSION"))
    }

    fn resources(self: Arc<Self>) -> Resources {
        object::register(Resources::of(self))
    }

    async fn check(&self) -> Result<Identity> {
        let realm = self.realm().await?;
        let company: Company =
            self.get(&format!("companyinfo/{realm}"), "check").await?.read("CompanyInfo")?;
        Ok(company.name.into_iter().fold(Identity::new(realm), Identity::name))
    }
}

/// Assembles a [`QuickBooks`].
#[must_use = "a builder does nothing until it builds"]
pub struct Builder {
    config: Config,
    transport: Arc<dyn Transport>,
    store: Option<Arc<dyn TokenStore>>,
    clock: Clock,
    observers: Observers,
    policy: Policy,
    throttle: Throttle,
    middleware: Vec<Arc<dyn Middleware>>,
}

impl Builder {
    /// Keeps tokens here, so that they outlive the process and are shared with others. Default: in memory, where a rotated refresh token is
    /// lost with the process.
    pub fn tokens(mut self, store: Arc<dyn TokenStore>) -> Self {
        self.store = Some(store);
        self
    }

    /// Sets where the time comes from.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets who observes.
    pub fn observers(mut self, observers: Observers) -> Self {
        self.observers = observers;
        self
    }

    /// Sets how often and how patiently to try again.
    pub fn retry(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Sets how fast and how many at once.
    pub fn throttle(mut self, throttle: Throttle) -> Self {
        self.throttle = throttle;
        self
    }

    /// Adds a step of the host's own that every authorised request takes, the last before it leaves.
    pub fn middleware(mut self, middleware: impl Middleware) -> Self {
        self.middleware.push(Arc::new(middleware));
        self
    }

    /// Completes the connection.
    ///
    /// # Errors
    /// `Config` for a configuration that cannot work.
    pub fn build(self) -> Result<QuickBooks> {
        self.config.check().map_err(|error| error.during(crate::NAME, "configure"))?;
        let parts = Parts {
            transport: Arc::clone(&self.transport),
            store: self.store,
            clock: self.clock.clone(),
            observers: self.observers.clone(),
        };
        let login = Login::new(&self.config, parts)?;
        let at_once = NonZeroU32::new(self.throttle.at_once).unwrap_or(NonZeroU32::MIN);
        let builder = Client::builder(crate::NAME, self.config.base(), self.transport)
            .clock(self.clock.clone())
            .observers(self.observers)
            .authorize(login.authorize())
            .decode(Arc::new(Faults(ByStatus { clock: self.clock.clone() })))
            .retry(self.policy)
            .limits(Limits::none().concurrent(at_once))
            .timeout(PATIENCE)
            .deadline(PATIENCE)
            .middleware(Arc::new(Pace::new(self.throttle)));
        let client = self.middleware.into_iter().fold(builder, |all, one| all.middleware(one)).build();
        let verifier = self.config.webhook_verifier.as_ref();
        let webhooks =
            object::KINDS.iter().filter_map(|kind| Some((*kind, Webhooks::new(verifier?)))).collect();
        Ok(QuickBooks(Arc::new(Inner { client, login, config: self.config, clock: self.clock, webhooks })))
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").field("config", &self.config).finish_non_exhaustive()
    }
}
