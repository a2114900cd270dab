//! The connector.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use orion_core::{
    Adapter, AdapterId, Clock, Error, ErrorKind, Identity, Object, Resources, Result, UnifiedUser,
    auth::TokenStore,
    http::{ByStatus, Client, Limits, Middleware, Transport, retry::Policy},
    observe::Observers,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    Config, NAME,
    auth::{Login, Shared},
    fault::{Faults, Verdicts},
    limits::Pace,
    methods::method,
    read,
    wire::{Answer, form},
};

/// The most one attempt and one call may take, the wait for a turn under the limits among it.
const PATIENCE: Duration = Duration::from_secs(1800);

/// A connection to one workspace, or to an organisation, as one of its users: a bot or a person. Cloning shares it.
#[derive(Clone)]
pub struct Slack(Arc<Inner>);

struct Inner {
    client: Client,
    login: Login,
    account: Box<str>,
    maker: Arc<Maker>,
}

/// What makes the connections of one app.
struct Maker {
    shared: Arc<Shared>,
    policy: Policy,
    middleware: Vec<Arc<dyn Middleware>>,
    /// One per workspace: an app's users share its limits there.
    paces: Mutex<HashMap<Box<str>, Arc<Pace>>>,
    ahead: bool,
}

impl Slack {
    /// Connects with the defaults: HTTP over rustls, tokens in memory, nobody observing.
    ///
    /// # Errors
    /// `Config` for a configuration that cannot work. Nothing is sent yet; [`Adapter::check`] shows whether the token is good.
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
            middleware: Vec::new(),
            ahead: true,
        }
    }

    /// The connection of another installation of the same app: see [`Login`] for how they are named. Connections to one account share its tokens
    /// and their renewal, and those to one workspace its limits.
    ///
    /// # Errors
    /// `Config` if the configuration has a token of its own, and so no other account.
    pub fn account(&self, account: &str) -> Result<Self> {
        if !self.0.login.rotates() {
            let message = "a configured token is of one account; configure the flow `app` to have several";
            return Err(Error::new(ErrorKind::Config, message).during(NAME, "account"));
        }
        Maker::connect(&self.0.maker, account)
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.maker.shared.clock
    }

    /// How the connection logs in: the installation, tokens, revocation.
    #[must_use]
    pub fn login(&self) -> &Login {
        &self.0.login
    }

    /// Calls any method of the Web API by its name, with arguments and an answer of the caller's own types.
    ///
    /// `args` is a struct or map of the method's arguments; what is neither text nor null is sent as JSON. `T` is the answer, its `ok` and what
    /// stands beside it taken off into [`Answer::notes`].
    ///
    /// # Errors
    /// What Slack refuses, by its code; what the request reports. A call of a method that does more when it is repeated is not repeated: an error
    /// that [`is_ambiguous`](Error::is_ambiguous) may have done it.
    pub async fn call<T: DeserializeOwned>(
        &self,
        name: &str,
        args: &(impl Serialize + Sync),
    ) -> Result<Answer<T>> {
        let known = method(name);
        let operation = known.map_or("call", |method| method.name);
        if !is_name(name) {
            let message = "a method's name is letters, digits and dots, as in `chat.postMessage`";
            return Err(Error::new(ErrorKind::Config, message).during(NAME, operation));
        }
        let form = form(args)?;
        let call = self.0.client.post(name, operation);
        let call = call.form_body(form.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let call = if known.is_some_and(|method| method.repeatable) { call.idempotent() } else { call };
        Answer::read(call.send().await?, operation).await
    }
}

fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.';
    (1..100).contains(&name.len())
        && name.bytes().all(plain)
        && !name.contains("..")
        && !name.starts_with('.')
}

impl Maker {
    fn connect(maker: &Arc<Self>, account: &str) -> Result<Slack> {
        let shared = &maker.shared;
        let login = Login::new(shared, account)?;
        let client = maker.client(account).authorize(login.authorize());
        let client = maker.middleware.iter().fold(client, |client, one| client.middleware(Arc::clone(one)));
        let (client, account, maker) = (client.build(), account.into(), Arc::clone(maker));
        Ok(Slack(Arc::new(Inner { client, login, account, maker })))
    }

    fn client(&self, account: &str) -> orion_core::http::ClientBuilder {
        let shared = &self.shared;
        let team = account.split('/').next().unwrap_or_default();
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        let pace = paces.entry(team.into());
        let pace = pace.or_insert_with(|| Arc::new(Pace::new(shared.clock.clone(), self.ahead)));
        client(&shared.config, &shared.transport, &shared.clock, &shared.observers)
            .retry(self.policy)
            .middleware(Arc::clone(pace) as Arc<dyn Middleware>)
            .middleware(Arc::new(Verdicts))
    }
}

fn client(
    config: &Config,
    transport: &Arc<dyn Transport>,
    clock: &Clock,
    observers: &Observers,
) -> orion_core::http::ClientBuilder {
    Client::builder(NAME, config.api_url.clone(), Arc::clone(transport))
        .clock(clock.clone())
        .observers(observers.clone())
        .decode(Arc::new(Faults(ByStatus { clock: clock.clone() })))
        .limits(Limits::none())
        .timeout(PATIENCE)
        .deadline(PATIENCE)
}

/// What `auth.test` says.
#[derive(Deserialize)]
struct Tested {
    team: Option<String>,
    user: Option<String>,
    team_id: Option<String>,
    user_id: Option<String>,
    enterprise_id: Option<String>,
}

#[async_trait]
impl Adapter for Slack {
    fn id(&self) -> AdapterId {
        AdapterId::new(NAME, env!("CARGO_PKG_VERSION"))
    }

    fn resources(self: Arc<Self>) -> Resources {
        let users = Object::new(read::USERS).fields(read::FIELDS).cursor("updated");
        Resources::of(self).reads::<UnifiedUser>().objects::<UnifiedUser>([users]).build()
    }

    async fn check(&self) -> Result<Identity> {
        let tested: Tested = self.call("auth.test", &()).await?.value;
        let account = tested.team_id.or(tested.enterprise_id).ok_or_else(|| {
            Error::new(ErrorKind::Malformed, "the answer names no workspace").during(NAME, "auth.test")
        })?;
        let identity = tested.user_id.into_iter().fold(Identity::new(account), Identity::user);
        let name = match (tested.user, tested.team) {
            (Some(user), Some(team)) => Some(format!("{user}, {team}")),
            (user, team) => user.or(team),
        };
        Ok(name.into_iter().fold(identity, Identity::name))
    }
}

impl std::fmt::Debug for Slack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slack").field("account", &self.0.account).finish_non_exhaustive()
    }
}

/// Assembles a [`Slack`].
#[must_use = "a builder does nothing until it builds"]
pub struct Builder {
    config: Config,
    transport: Arc<dyn Transport>,
    store: Option<Arc<dyn TokenStore>>,
    clock: Clock,
    observers: Observers,
    policy: Policy,
    middleware: Vec<Arc<dyn Middleware>>,
    ahead: bool,
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

    /// Sets how often and how patiently to try again. What Slack says to wait is waited whatever it says.
    pub fn retry(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Waits only when Slack says so, and not by its table of tiers: for a double of it, or when others use the app too.
    pub fn without_tiers(mut self) -> Self {
        self.ahead = false;
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
    pub fn build(self) -> Result<Slack> {
        self.config.check().map_err(|error| error.during(NAME, "configure"))?;
        let (clock, observers) = (self.clock, self.observers);
        let open = client(&self.config, &self.transport, &clock, &observers)
            .retry(self.policy)
            .middleware(Arc::new(Pace::new(clock.clone(), false)))
            .middleware(Arc::new(Verdicts))
            .build();
        let account = self.config.account.clone();
        let shared = Shared::new(self.config, self.transport, self.store, clock, observers, open);
        let maker = Maker {
            shared: Arc::new(shared),
            policy: self.policy,
            middleware: self.middleware,
            paces: Mutex::default(),
            ahead: self.ahead,
        };
        Maker::connect(&Arc::new(maker), &account)
    }
}

impl std::fmt::Debug for Builder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder").field("config", &self.config).finish_non_exhaustive()
    }
}
