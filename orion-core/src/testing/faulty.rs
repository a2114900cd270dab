//! A transport that disturbs another.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use chrono::TimeDelta;
use http::{HeaderValue, StatusCode, header};
use tokio::time::Instant;

use super::{
    Reply, Seen,
    reply::{broken_off, refused, reset},
};
use crate::{
    Clock, Result,
    http::{Request, Response, Transport},
};

/// What may happen to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Injection {
    /// This status instead of the answer; the request is not delivered.
    Status(u16),
    /// The request is carried out, and the answer is this status.
    StatusAfter(u16),
    /// This status, with a `Retry-After` of so many seconds; the request is not delivered.
    RetryAfter(u16, u64),
    /// This status, with a `Retry-After` that is an HTTP date so many seconds from now; the request is not delivered.
    RetryAt(u16, u64),
    /// No connection: the failure is not ambiguous.
    Refused,
    /// A reset before the request was delivered, which the client cannot know.
    ResetBefore,
    /// A reset after the request was carried out.
    ResetAfter,
    /// The request is carried out and its answer breaks off half-way.
    Truncated,
    /// The request is carried out and its answer is cut to JSON that does not parse.
    BadJson,
    /// The request is carried out and the answer is a page of HTML with status 200.
    Html,
    /// The answer takes this much longer.
    Slow(Duration),
}

type Choose = Box<dyn FnMut(u64, &Seen) -> Option<Injection> + Send>;

/// Wraps a transport and disturbs it, at chosen calls or by a seeded chance.
///
/// Share it through an `Arc` to look at its log: `Client::builder(name, base, Arc::clone(&faulty))`. The log holds the requests with
/// their bodies as far as these are in memory, so it is for tests and not for measuring.
pub struct FaultyTransport<T> {
    inner: T,
    clock: Clock,
    since: Instant,
    state: Mutex<State>,
}

struct State {
    choose: Vec<Choose>,
    log: Vec<Seen>,
    injected: u64,
}

impl<T: Transport> FaultyTransport<T> {
    /// Wraps a transport; without more, it passes everything on. It has to be made inside a runtime.
    #[must_use]
    pub fn new(inner: T) -> Self {
        let state = State { choose: Vec::new(), log: Vec::new(), injected: 0 };
        Self { inner, clock: Clock::system(), since: Instant::now(), state: Mutex::new(state) }
    }

    /// Sets the clock that a `Retry-After` date is reckoned from.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Disturbs call number `call`, counted from 1.
    #[must_use]
    pub fn at(self, call: u64, injection: Injection) -> Self {
        self.when(move |number, _| (number == call).then_some(injection))
    }

    /// Disturbs this share of the calls, each in one of these ways. Equal seeds disturb equal calls.
    #[must_use]
    pub fn rate(self, share: f64, injections: impl Into<Vec<Injection>>, seed: u64) -> Self {
        let (injections, mut random) = (injections.into(), fastrand::Rng::with_seed(seed));
        self.when(move |_, _| if random.f64() < share { random.choice(&injections).copied() } else { None })
    }

    /// Disturbs the calls that `choose` says; it is given the call's number, from 1. Of several choices the first wins.
    #[must_use]
    pub fn when(self, choose: impl FnMut(u64, &Seen) -> Option<Injection> + Send + 'static) -> Self {
        self.lock().choose.push(Box::new(choose));
        self
    }

    /// How many requests came, disturbed ones included.
    #[must_use]
    pub fn attempts(&self) -> u64 {
        self.lock().log.len() as u64
    }

    /// How many requests were disturbed.
    #[must_use]
    pub fn injected(&self) -> u64 {
        self.lock().injected
    }

    /// The requests that came, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<Seen> {
        self.lock().log.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, request: &Request) -> Option<Injection> {
        let seen = Seen::passing(request, self.since.elapsed());
        let mut state = self.lock();
        let number = state.log.len() as u64 + 1;
        // Every choice is asked, so that one by chance draws the same numbers whatever the others say.
        let choices = state.choose.iter_mut().map(|choose| choose(number, &seen));
        let chosen = choices.fold(None, |first: Option<Injection>, choice| first.or(choice));
        state.log.push(seen);
        state.injected += u64::from(chosen.is_some());
        chosen
    }
}

/// Sends a request the way an injection wants it to go.
pub(super) async fn disturb(
    inner: &dyn Transport,
    clock: &Clock,
    request: Request,
    injection: Injection,
) -> Result<Response> {
    match injection {
        Injection::Status(status) => refusal(status).play().await,
        Injection::StatusAfter(status) => {
            inner.send(request).await?;
            refusal(status).play().await
        }
        Injection::RetryAfter(status, seconds) => {
            refusal(status).header("retry-after", &seconds.to_string()).play().await
        }
        Injection::RetryAt(status, seconds) => {
            let at = clock.now() + TimeDelta::seconds(seconds.cast_signed());
            let date = at.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
            refusal(status).header("retry-after", &date).play().await
        }
        Injection::Refused => Err(refused()),
        Injection::ResetBefore => Err(reset("the connection failed")),
        Injection::ResetAfter => {
            inner.send(request).await?;
            Err(reset("the connection failed"))
        }
        Injection::Slow(time) => {
            tokio::time::sleep(time).await;
            inner.send(request).await
        }
        Injection::Truncated | Injection::BadJson | Injection::Html => {
            spoil(inner.send(request).await?, injection).await
        }
    }
}

fn refusal(status: u16) -> Reply {
    Reply::body(status, "text/plain", "injected by the test")
}

async fn spoil(response: Response, injection: Injection) -> Result<Response> {
    let Response { mut status, mut headers, body } = response;
    let bytes = body.collect(usize::MAX, 0).await?;
    if injection == Injection::Truncated {
        return Ok(Response::new(status, headers, broken_off(&bytes)));
    }
    headers.remove(header::CONTENT_LENGTH);
    if injection == Injection::BadJson {
        // A closing bracket too many, and the last one missing: no prefix of it is a JSON document.
        let mut bad = b"]".to_vec();
        bad.extend_from_slice(&bytes[..bytes.len().saturating_sub(1)]);
        return Ok(Response::new(status, headers, bad));
    }
    status = StatusCode::OK;
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    Ok(Response::new(status, headers, "<!doctype html><title>Down for maintenance</title>"))
}

#[async_trait]
impl<T: Transport> Transport for FaultyTransport<T> {
    async fn send(&self, request: Request) -> Result<Response> {
        match self.next(&request) {
            Some(injection) => disturb(&self.inner, &self.clock, request, injection).await,
            None => self.inner.send(request).await,
        }
    }
}

impl<T> fmt::Debug for FaultyTransport<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyTransport").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http::Method;

    use super::*;
    use crate::{
        ErrorKind,
        http::{ByStatus, Client},
        testing::{self, Script},
    };

    fn wrapped(faulty: FaultyTransport<Script>) -> (Client, Arc<FaultyTransport<Script>>) {
        let faulty = Arc::new(faulty.clock(testing::clock()));
        let clock = testing::clock();
        let client = Client::builder("acme", "https://acme.test/".parse().unwrap(), Arc::clone(&faulty))
            .decode(Arc::new(ByStatus { clock: clock.clone() }))
            .clock(clock)
            .build();
        (client, faulty)
    }

    fn script() -> Script {
        Script::new().on(Method::GET, "/a").always(Reply::json(200, "fine"))
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_survives_every_disturbance_but_a_wrong_answer() {
        for injection in [
            Injection::Status(500),
            Injection::RetryAfter(429, 3),
            Injection::RetryAt(503, 3),
            Injection::Refused,
            Injection::ResetBefore,
            Injection::ResetAfter,
            Injection::Truncated,
            Injection::Slow(Duration::from_secs(300)),
        ] {
            let (client, faulty) = wrapped(FaultyTransport::new(script()).at(1, injection));
            let text: String = client.get("/a", "x").json().await.unwrap();
            assert_eq!(
                (text.as_str(), faulty.attempts(), faulty.injected()),
                ("fine", 2, 1),
                "{injection:?}"
            );
        }
        for injection in [Injection::BadJson, Injection::Html] {
            let (client, _) = wrapped(FaultyTransport::new(script()).at(1, injection));
            let error = client.get("/a", "x").json::<String>().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Malformed, "{injection:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn both_forms_of_retry_after_are_waited_for() {
        for injection in [Injection::RetryAfter(429, 90), Injection::RetryAt(429, 90)] {
            let (client, faulty) = wrapped(FaultyTransport::new(script()).at(1, injection));
            client.get("/a", "x").send().await.unwrap();
            let waited = faulty.requests()[1].at;
            // A date has no fractions of a second.
            assert!(waited >= Duration::from_secs(89), "{injection:?}: {waited:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn equal_seeds_disturb_equal_calls() {
        let mut runs = Vec::new();
        for seed in [7, 7, 8] {
            let (client, faulty) =
                wrapped(FaultyTransport::new(script()).rate(0.3, [Injection::Status(404)], seed));
            let mut failed = Vec::new();
            for call in 0..50 {
                if client.get("/a", "x").send().await.is_err() {
                    failed.push(call);
                }
            }
            assert_eq!(faulty.injected(), failed.len() as u64);
            runs.push(failed);
        }
        assert_eq!(runs[0], runs[1]);
        assert_ne!(runs[0], runs[2]);
        assert!((5..25).contains(&runs[0].len()), "{}", runs[0].len());
    }
}
