//! The client: the fixed path, assembled once.

use std::{fmt, sync::Arc, time::Duration};

use http::Method;
use url::Url;

use super::{
    ByStatus, Call, Decode, Limits, Middleware, Next, Request, Response, Transport,
    layer::{Authorized, Limited, Observed, Retrying},
    retry::{Budget, Policy},
};
use crate::{Clock, Result, auth::Authorize, observe::Observers};

/// Sends a connector's requests. Cloning shares connections, limits and the retry budget.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    adapter: &'static str,
    base: Url,
    stack: Vec<Arc<dyn Middleware>>,
    transport: Arc<dyn Transport>,
    observers: Observers,
    timeout: Duration,
}

impl Client {
    /// Starts a client of the adapter called `adapter`, for addresses under `base`.
    pub fn builder(adapter: &'static str, base: Url, transport: impl Transport) -> ClientBuilder {
        ClientBuilder {
            adapter,
            base,
            transport: Arc::new(transport),
            authorize: None,
            decode: None,
            policy: Policy::default(),
            limits: Limits::none(),
            observers: Observers::none(),
            clock: Clock::system(),
            middleware: Vec::new(),
            timeout: Duration::from_secs(30),
            deadline: Duration::from_secs(300),
        }
    }

    /// Starts a request. `path` is resolved against the client's base; an absolute address is taken as it is, and gets
    /// credentials only if the authoriser knows its host.
    pub fn call(&self, method: Method, path: &str, operation: &'static str) -> Call<'_> {
        Call::new(self, method, path, operation)
    }

    /// Starts a GET.
    pub fn get(&self, path: &str, operation: &'static str) -> Call<'_> {
        self.call(Method::GET, path, operation)
    }

    /// Starts a POST. It is tried again only if nothing can have left, unless [`Call::idempotent`] says it may.
    pub fn post(&self, path: &str, operation: &'static str) -> Call<'_> {
        self.call(Method::POST, path, operation)
    }

    /// Sends a request down the path: observe, deadline, retry, rate limit, auth, user middleware, transport.
    ///
    /// # Errors
    /// Every status but 2xx and 304, decoded; every failure of the network; every refusal of a step.
    pub async fn send(&self, request: Request) -> Result<Response> {
        let inner = &*self.0;
        let next = Next {
            stack: &inner.stack,
            transport: &*inner.transport,
            adapter: inner.adapter,
            observers: &inner.observers,
        };
        next.run(request).await
    }

    /// Name of the adapter the client belongs to.
    #[must_use]
    pub fn adapter(&self) -> &'static str {
        self.0.adapter
    }

    /// What observes this client.
    #[must_use]
    pub fn observers(&self) -> &Observers {
        &self.0.observers
    }

    pub(super) fn base(&self) -> &Url {
        &self.0.base
    }

    pub(super) fn timeout(&self) -> Duration {
        self.0.timeout
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("adapter", &self.0.adapter).finish_non_exhaustive()
    }
}

/// Assembles a [`Client`].
pub struct ClientBuilder {
    adapter: &'static str,
    base: Url,
    transport: Arc<dyn Transport>,
    authorize: Option<Arc<dyn Authorize>>,
    decode: Option<Arc<dyn Decode>>,
    policy: Policy,
    limits: Limits,
    observers: Observers,
    clock: Clock,
    middleware: Vec<Arc<dyn Middleware>>,
    timeout: Duration,
    deadline: Duration,
}

impl ClientBuilder {
    /// Adds credentials to every request that wants them.
    #[must_use]
    pub fn authorize(mut self, authorize: Arc<dyn Authorize>) -> Self {
        self.authorize = Some(authorize);
        self
    }

    /// Decodes the vendor's refusals. Default: [`ByStatus`].
    #[must_use]
    pub fn decode(mut self, decode: Arc<dyn Decode>) -> Self {
        self.decode = Some(decode);
        self
    }

    /// Sets how often and how patiently to try again.
    #[must_use]
    pub fn retry(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Sets how fast and how many at once.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets who observes.
    #[must_use]
    pub fn observers(mut self, observers: Observers) -> Self {
        self.observers = observers;
        self
    }

    /// Sets where the time comes from.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Adds a step between auth and the transport, after those added before.
    #[must_use]
    pub fn middleware(mut self, middleware: Arc<dyn Middleware>) -> Self {
        self.middleware.push(middleware);
        self
    }

    /// Sets the most one attempt may take. Default 30 s.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the most one call may take, retries and waits included. Default 5 min.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Completes the client.
    #[must_use]
    pub fn build(self) -> Client {
        let decode = self.decode.unwrap_or_else(|| Arc::new(ByStatus { clock: self.clock.clone() }));
        let retry = Retrying {
            policy: self.policy,
            budget: Arc::new(Budget::default()),
            decode: Arc::clone(&decode),
        };
        let mut stack: Vec<Arc<dyn Middleware>> = vec![
            Arc::new(Observed { deadline: self.deadline }),
            Arc::new(retry),
            Arc::new(Limited::new(self.limits, self.clock)),
        ];
        if let Some(authorize) = self.authorize {
            stack.push(Arc::new(Authorized { authorize, decode }));
        }
        stack.extend(self.middleware);
        Client(Arc::new(Inner {
            adapter: self.adapter,
            base: self.base,
            stack,
            transport: self.transport,
            observers: self.observers,
            timeout: self.timeout,
        }))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").field("adapter", &self.adapter).finish_non_exhaustive()
    }
}
