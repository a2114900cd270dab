//! The two seams of the request path: what may be put into it, and what ends it.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::time::Instant;

use super::{Request, Response};
use crate::{
    Result,
    observe::{Event, Observers},
};

/// Sends one request and returns the answer's status, headers and body, whatever the status.
///
/// Dyn because tests script it. An implementation does not retry, follow redirects or add credentials.
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Sends one request.
    ///
    /// # Errors
    /// `Transport` or `Timeout`. [`is_ambiguous`](crate::Error::is_ambiguous) tells whether bytes may have left the machine.
    async fn send(&self, request: Request) -> Result<Response>;
}

#[async_trait]
impl<T: Transport + ?Sized> Transport for Arc<T> {
    async fn send(&self, request: Request) -> Result<Response> {
        (**self).send(request).await
    }
}

/// A step every request takes.
///
/// Dyn because a client holds a list of them, the host's own among them.
///
/// ```
/// use std::sync::Arc;
/// use http::{HeaderValue, Method};
/// use orion_core::{Result, http::{Client, Middleware, Next, Request, Response}, testing::{self, Script}};
///
/// /// Tells the vendor who calls.
/// struct Named(HeaderValue);
///
/// #[async_trait::async_trait]
/// impl Middleware for Named {
///     async fn handle(&self, mut request: Request, next: Next<'_>) -> Result<Response> {
///         request.headers.insert("x-caller", self.0.clone());
///         next.run(request).await
///     }
/// }
///
/// testing::run(async {
///     let vendor = Script::new().on(Method::GET, "/me").reply(200, "Ada");
///     let named = Arc::new(Named(HeaderValue::from_static("billing")));
///     let base = "https://acme.test/".parse().unwrap();
///     let client = Client::builder("acme", base, vendor.clone()).middleware(named).build();
///     client.get("/me", "me").send().await?;
///     assert_eq!(vendor.requests()[0].headers["x-caller"], "billing");
///     # Ok::<(), orion_core::Error>(())
/// }).unwrap();
/// ```
#[async_trait]
pub trait Middleware: Send + Sync + 'static {
    /// Handles a request: changes it, hands it to `next` none, one or several times, looks at the answer.
    ///
    /// # Errors
    /// Its own refusals, and what `next` reports.
    async fn handle(&self, request: Request, next: Next<'_>) -> Result<Response>;
}

/// The rest of the path. `Copy`, so that a middleware may run it again.
#[derive(Clone, Copy)]
pub struct Next<'a> {
    pub(super) stack: &'a [Arc<dyn Middleware>],
    pub(super) transport: &'a dyn Transport,
    pub(super) adapter: &'static str,
    pub(super) observers: &'a Observers,
}

impl Next<'_> {
    /// Sends the request down the rest of the path.
    ///
    /// # Errors
    /// What the rest of the path reports.
    pub async fn run(self, request: Request) -> Result<Response> {
        if let Some((head, tail)) = self.stack.split_first() {
            return head.handle(request, Next { stack: tail, ..self }).await;
        }
        let (method, operation, started) = (request.method.clone(), request.operation, Instant::now());
        let result = self.transport.send(request).await;
        self.observers.emit(&Event::Attempt {
            adapter: self.adapter,
            operation,
            method: method.as_str(),
            status: result.as_ref().ok().map(|response| response.status.as_u16()),
            elapsed: started.elapsed(),
        });
        result
    }

    /// Name of the adapter the request belongs to.
    #[must_use]
    pub fn adapter(&self) -> &'static str {
        self.adapter
    }

    /// Emits an event.
    pub fn emit(&self, event: &Event<'_>) {
        self.observers.emit(event);
    }
}

impl std::fmt::Debug for Next<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Next({} more)", self.stack.len())
    }
}
