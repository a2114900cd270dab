//! The connector.

use std::sync::Arc;

use async_trait::async_trait;
use http::Method;
use orion_core::{
    Adapter, AdapterId, Clock, Identity, Resources, Result,
    auth::TokenStore,
    http::{ByStatus, Call, Client, Limits, Middleware, Transport, retry::Policy},
    observe::Observers,
};
use serde::Deserialize;

use crate::{
    BulkOptions, Config,
    auth::{Login, Parts},
    bulk::Jobs,
    describe::Cache,
    fault::Faults,
    limits::Quota,
    object,
};

/// A connection to one org. Cloning shares it.
///
/// Its capabilities are the traits it implements: [`Read`](orion_core::Read), [`Write`](orion_core::Write) and [`Bulk`](orion_core::Bulk), called through
/// [`AdapterExt`](orion_core::AdapterExt). The methods here are the vendor's own API.
#[derive(Clone, Debug)]
pub struct Salesforce(Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    client: Client,
    login: Login,
    pub(crate) config: Config,
    pub(crate) describes: Cache,
    pub(crate) jobs: Jobs,
    pub(crate) quota: Arc<Quota>,
    /// Records that others hold are tried again by it too.
    pub(crate) policy: Policy,
    /// `/services/data/v62.0/`.
    base: String,
}

impl Salesforce {
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
            limits: Limits::none(),
            bulk: BulkOptions::default(),
            middleware: Vec::new(),
        }
    }

    /// Starts a request under the version's path.
    pub(crate) fn call(&self, method: Method, path: &str, operation: &'static str) -> Call<'_> {
        self.0.client.call(method, &format!("{}{path}", self.0.base), operation)
    }

    pub(crate) fn get(&self, path: &str, operation: &'static str) -> Call<'_> {
        self.call(Method::GET, path, operation)
    }

    /// The client, for addresses the vendor gives.
    pub(crate) fn client(&self) -> &Client {
        &self.0.client
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// The path of the version in use, `/services/data/v62.0/`.
    pub(crate) fn base(&self) -> &str {
        &self.0.base
    }

    /// The org's own address.
    pub(crate) async fn instance(&self) -> Result<String> {
        self.0.login.instance().await
    }

    /// How the connection logs in: tokens, revocation, the first login of the web-server flow.
    #[must_use]
    pub fn login(&self) -> &Login {
        &self.0.login
    }

    /// The API versions the org answers, oldest first.
    ///
    /// # Errors
    /// What the request reports.
    pub async fn versions(&self) -> Result<Vec<String>> {
        #[derive(Deserialize)]
        struct Version {
            version: String,
        }
        let versions: Vec<Version> = self.0.client.get("/services/data", "versions").json().await?;
        Ok(versions.into_iter().map(|version| version.version).collect())
    }
}

/// What the identity service says of the user (OpenID Connect userinfo).
#[derive(Debug, Deserialize)]
struct UserInfo {
    organization_id: String,
    user_id: String,
    #[serde(default)]
    name: Option<String>,
}

#[async_trait]
impl Adapter for Salesforce {
    fn id(&self) -> AdapterId {
        AdapterId::new(crate::NAME, env!("CARGO_PKG_VERSION"))
    }

    fn resources(self: Arc<Self>) -> Resources {
        object::register(Resources::of(self))
    }

    async fn check(&self) -> Result<Identity> {
        let user: UserInfo = self.0.client.get("/services/oauth2/userinfo", "userinfo").json().await?;
        let identity = Identity::new(user.organization_id).user(user.user_id);
        Ok(user.name.into_iter().fold(identity, Identity::name))
    }
}

/// Assembles a [`Salesforce`].
#[must_use = "a builder does nothing until it builds"]
pub struct Builder {
    config: Config,
    transport: Arc<dyn Transport>,
    store: Option<Arc<dyn TokenStore>>,
    clock: Clock,
    observers: Observers,
    policy: Policy,
    limits: Limits,
    bulk: BulkOptions,
    middleware: Vec<Arc<dyn Middleware>>,
}

impl Builder {
    /// Keeps tokens here, so that they outlive the process and are shared with others. Default: in memory.
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

    /// Sets how often and how patiently to try again: calls that failed, and records of a write that others hold.
    pub fn retry(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Sets how fast and how many at once. Salesforce limits requests of more than 20 s to 25 at a time in production orgs.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Adds a step of the host's own that every authorised request takes, the last before it leaves.
    pub fn middleware(mut self, middleware: impl Middleware) -> Self {
        self.middleware.push(Arc::new(middleware));
        self
    }

    /// Sets how bulk jobs are sent and waited for.
    pub fn bulk(mut self, options: BulkOptions) -> Self {
        self.bulk = options;
        self
    }

    /// Completes the connection.
    ///
    /// # Errors
    /// `Config` for a configuration that cannot work.
    pub fn build(self) -> Result<Salesforce> {
        self.config.check().map_err(|error| error.during(crate::NAME, "configure"))?;
        let base = self.config.base().clone();
        let decode = Arc::new(Faults(ByStatus { clock: self.clock.clone() }));
        let quota = Arc::new(Quota::with_budget(self.config.request_budget));
        let parts = Parts {
            transport: Arc::clone(&self.transport),
            store: self.store,
            clock: self.clock.clone(),
            observers: self.observers.clone(),
        };
        let login = Login::new(&self.config, parts)?;
        let builder = Client::builder(crate::NAME, base, self.transport)
            .clock(self.clock)
            .observers(self.observers)
            .authorize(login.authorize())
            .decode(decode)
            .retry(self.policy)
            .limits(self.limits)
            .middleware(Arc::clone(&quota) as Arc<dyn Middleware>);
        let client = self.middleware.into_iter().fold(builder, |all, one| all.middleware(one)).build();
        let path = format!("/services/data/v{}/", self.config.api_version);
        let jobs = Jobs::new(&client, &path, self.bulk);
        let (config, describes, policy) = (self.config, Cache::default(), self.policy);
        Ok(Salesforce(Arc::new(Inner { client, login, config, describes, jobs, quota, policy, base: path })))
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").field("config", &self.config).finish_non_exhaustive()
    }
}
