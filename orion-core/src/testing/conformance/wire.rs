//! The transport the suite puts between an adapter and its vendor.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::time::Instant;

use crate::{
    Clock, Error, ErrorKind, Result,
    http::{Request, Response, Transport},
    testing::{Injection, Reply, Seen, faulty::disturb},
};

/// So many requests on one line mean that the adapter does not end.
const ENDLESS: usize = 20_000;

/// What to do with a request.
pub(super) enum Act {
    Pass,
    Inject(Injection),
    Answer(Reply),
    /// Passes it on and keeps the answer.
    Keep,
    /// Gives the answer kept.
    Kept,
    /// Passes it on and changes the body of the answer.
    Rewrite(Rewrite),
    /// Never answers.
    Hang,
}

/// What becomes of a body.
pub(super) type Rewrite = Arc<dyn Fn(&Bytes) -> Bytes + Send + Sync>;

type Plan = Box<dyn FnMut(&Seen) -> Act + Send>;

pub(super) struct Wire {
    inner: Option<Arc<dyn Transport>>,
    clock: Clock,
    is_token: fn(&Seen) -> bool,
    since: Instant,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    calls: Option<Plan>,
    tokens: Option<Plan>,
    log: Vec<(Seen, bool)>,
    kept: Option<Response3>,
}

type Response3 = (http::StatusCode, http::HeaderMap, Bytes);

impl Wire {
    pub(super) fn new(
        inner: Option<Arc<dyn Transport>>,
        clock: Clock,
        is_token: fn(&Seen) -> bool,
    ) -> Arc<Self> {
        Arc::new(Self { inner, clock, is_token, since: Instant::now(), state: Mutex::default() })
    }

    /// Says what happens to the requests that ask for no tokens, from now on.
    pub(super) fn plan(&self, plan: impl FnMut(&Seen) -> Act + Send + 'static) {
        self.lock().calls = Some(Box::new(plan));
    }

    /// Says what happens to the requests that ask for tokens, from now on.
    pub(super) fn plan_tokens(&self, plan: impl FnMut(&Seen) -> Act + Send + 'static) {
        self.lock().tokens = Some(Box::new(plan));
    }

    /// Does this to the first request that asks for no tokens and that `wanted` holds for.
    pub(super) fn once(&self, injection: Injection, wanted: fn(&Seen) -> bool) {
        let mut done = false;
        self.plan(move |seen| {
            if done || !wanted(seen) {
                return Act::Pass;
            }
            done = true;
            Act::Inject(injection)
        });
    }

    /// Lets everything pass again.
    pub(super) fn clear(&self) {
        let mut state = self.lock();
        (state.calls, state.tokens) = (None, None);
    }

    /// The requests that asked for no tokens.
    pub(super) fn calls(&self) -> Vec<Seen> {
        self.of(false)
    }

    /// The requests that asked for tokens.
    pub(super) fn token_calls(&self) -> usize {
        self.of(true).len()
    }

    pub(super) fn all(&self) -> Vec<Seen> {
        self.lock().log.iter().map(|(seen, _)| seen.clone()).collect()
    }

    fn of(&self, token: bool) -> Vec<Seen> {
        let state = self.lock();
        state.log.iter().filter(|(_, is)| *is == token).map(|(seen, _)| seen.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn act(&self, seen: Seen) -> Result<Act> {
        let token = (self.is_token)(&seen);
        let mut state = self.lock();
        if state.log.len() >= ENDLESS {
            return Err(Error::new(ErrorKind::Cancelled, "the suite stopped an adapter that does not end"));
        }
        let plan = if token { &mut state.tokens } else { &mut state.calls };
        let act = plan.as_mut().map_or(Act::Pass, |plan| plan(&seen));
        state.log.push((seen, token));
        Ok(act)
    }

    async fn keep(&self, response: Response) -> Result<Response> {
        let Response { status, headers, body } = response;
        let body = body.collect(usize::MAX, 0).await?;
        self.lock().kept = Some((status, headers.clone(), body.clone()));
        Ok(Response::new(status, headers, body))
    }

    fn kept(&self) -> Result<Response> {
        let kept = self.lock().kept.clone();
        let (status, headers, body) =
            kept.ok_or_else(|| Error::new(ErrorKind::Config, "no answer was kept"))?;
        Ok(Response::new(status, headers, body))
    }
}

#[async_trait]
impl Transport for Wire {
    async fn send(&self, request: Request) -> Result<Response> {
        let none = || Error::new(ErrorKind::Config, "the subject has no transport");
        let inner = self.inner.as_deref().ok_or_else(none)?;
        let seen = Seen::passing(&request, self.since.elapsed());
        let act = self.act(seen)?;
        // A real exchange never completes at once; giving way here makes every await point a place to stop at.
        tokio::task::yield_now().await;
        match act {
            Act::Pass => inner.send(request).await,
            Act::Inject(injection) => disturb(inner, &self.clock, request, injection).await,
            Act::Answer(reply) => reply.play().await,
            Act::Keep => self.keep(inner.send(request).await?).await,
            Act::Kept => self.kept(),
            Act::Rewrite(rewrite) => {
                let Response { status, mut headers, body } = inner.send(request).await?;
                let body = rewrite(&body.collect(usize::MAX, 0).await?);
                headers.remove(http::header::CONTENT_LENGTH);
                Ok(Response::new(status, headers, body))
            }
            Act::Hang => {
                tokio::time::sleep(Duration::from_secs(8_640_000)).await;
                Err(Error::new(ErrorKind::Timeout, "nobody waits a hundred days"))
            }
        }
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").field("requests", &self.lock().log.len()).finish_non_exhaustive()
    }
}
