//! How fast: Slack's limits, kept before it has to refuse, each for itself.
//!
//! A limit holds for one app in one workspace and one method, and for messages in one channel too. What one call is told to wait, all calls of
//! that scope wait, and no other.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use http::StatusCode;
use orion_core::{
    Clock, Error, ErrorKind, Fault, Result, Retry,
    http::{Middleware, Next, Request, Response, retry_after},
    observe::Event,
};
use tokio::time::{Instant, sleep_until, timeout};

use crate::methods::{PER_CHANNEL, POST, UNKNOWN, method};

/// How long to wait for an answer, the wait for a turn not counted.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How long to stay away when Slack says to slow down and not for how long. It always says (docs, "Rate limits"); what stands before it may not.
const UNSAID: Duration = Duration::from_secs(30);

const MINUTE: Duration = Duration::from_secs(60);

/// How often one call is made again because Slack said to slow down: it takes turns with others of its scope, and is rarely told twice.
const PATIENCE: u32 = 16;

/// Scopes kept before those long unused are dropped.
const SCOPES: usize = 1_000;

/// What a limit holds for: a method, or a method in a channel.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Scope {
    method: Box<str>,
    channel: Option<Box<str>>,
}

/// How many calls may leave in how much time, and when the last of them left.
#[derive(Debug)]
struct Window {
    most: usize,
    per: Duration,
    left: VecDeque<Instant>,
    /// Set by a `Retry-After`.
    closed_until: Option<Instant>,
}

impl Window {
    fn of(scope: &Scope) -> Self {
        let (most, per) = match scope.channel {
            Some(_) => PER_CHANNEL,
            None => {
                let tier = method(&scope.method).map_or(UNKNOWN, |method| method.tier);
                (tier.per_minute() as usize, MINUTE)
            }
        };
        // A call is counted where it arrives, and one may overtake another on the way.
        Self { most, per: per + per / 100, left: VecDeque::new(), closed_until: None }
    }

    /// When the next call may leave, if not now.
    fn free_at(&self, now: Instant) -> Option<Instant> {
        let full = self.left.len().checked_sub(self.most).and_then(|first| self.left.get(first));
        let free = full.map(|at| *at + self.per);
        free.into_iter().chain(self.closed_until).filter(|at| *at > now).max()
    }

    fn note(&mut self, now: Instant) {
        while self.left.front().is_some_and(|at| *at + self.per <= now) {
            self.left.pop_front();
        }
        self.left.push_back(now);
    }

    fn is_idle(&self, now: Instant) -> bool {
        self.closed_until.is_none_or(|at| at <= now)
            && self.left.back().is_none_or(|at| *at + self.per <= now)
    }
}

/// Lets calls of one workspace leave as its limits allow.
#[derive(Debug)]
pub(crate) struct Pace {
    windows: Mutex<HashMap<Scope, Window>>,
    clock: Clock,
    /// Whether the table of tiers is kept, or only what Slack says.
    ahead: bool,
}

impl Pace {
    pub(crate) fn new(clock: Clock, ahead: bool) -> Self {
        Self { windows: Mutex::new(HashMap::new()), clock, ahead }
    }

    /// Takes a turn in every scope, or says when there is one.
    fn turn(&self, scopes: &[Scope]) -> Option<Instant> {
        let now = Instant::now();
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= SCOPES {
            windows.retain(|_, window| !window.is_idle(now));
        }
        let free = |scope: &Scope| windows.get(scope)?.free_at(now);
        let free = scopes.iter().filter_map(free).max();
        if free.is_none() && self.ahead {
            for scope in scopes {
                windows.entry(scope.clone()).or_insert_with(|| Window::of(scope)).note(now);
            }
        }
        free
    }

    fn close(&self, scope: &Scope, wait: Duration) {
        let until = Instant::now() + wait;
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.entry(scope.clone()).or_insert_with(|| Window::of(scope));
        window.closed_until = Some(window.closed_until.map_or(until, |earlier| earlier.max(until)));
    }

    async fn wait(
        &self,
        scopes: &[Scope],
        operation: &'static str,
        deadline: Option<Instant>,
        next: Next<'_>,
    ) -> Result<()> {
        while let Some(at) = self.turn(scopes) {
            let wait = at - Instant::now();
            if deadline.is_some_and(|deadline| at >= deadline) {
                return Err(told(wait, "the call would not get its turn before its deadline"));
            }
            next.emit(&Event::Throttled { adapter: next.adapter(), operation, wait });
            sleep_until(at).await;
        }
        Ok(())
    }
}

/// A call that Slack did not act on, and may be made after a wait.
fn told(wait: Duration, message: &'static str) -> Error {
    Error::new(ErrorKind::RateLimited, message).with_retry(Retry::After(wait)).with_fault(Fault::new(
        429,
        "ratelimited",
        "",
    ))
}

/// The scopes of a request, the narrowest last.
fn scopes(request: &Request) -> Vec<Scope> {
    let name: Box<str> = request.url.path().rsplit('/').next().unwrap_or_default().into();
    let mut scopes = vec![Scope { method: name.clone(), channel: None }];
    if &*name == POST
        && let Some(body) = request.body.as_bytes()
        && let Some((_, channel)) = url::form_urlencoded::parse(body).find(|(name, _)| name == "channel")
    {
        scopes.push(Scope { method: name, channel: Some(channel.into()) });
    }
    scopes
}

#[async_trait]
impl Middleware for Pace {
    /// A call that is told to slow down is made again here and not by the layers above: they would hold every other call too.
    async fn handle(&self, request: Request, next: Next<'_>) -> Result<Response> {
        let scopes = scopes(&request);
        let (mut request, mut told_before) = (request, 0);
        loop {
            self.wait(&scopes, request.operation, request.deadline, next).await?;
            let again = request.try_clone();
            let response = timeout(TIMEOUT, next.run(request)).await.unwrap_or_else(|_| {
                Err(Error::new(ErrorKind::Timeout, format!("no answer within {TIMEOUT:?}"))
                    .with_retry(Retry::Now)
                    .with_ambiguous())
            })?;
            if response.status != StatusCode::TOO_MANY_REQUESTS {
                return Ok(response);
            }
            let wait = retry_after(&response.headers, &self.clock).unwrap_or(UNSAID);
            if let Some(narrowest) = scopes.last() {
                self.close(narrowest, wait);
            }
            told_before += 1;
            match again.filter(|_| told_before < PATIENCE) {
                Some(again) => request = again,
                None => {
                    return Err(
                        told(wait, "Slack asks to slow down again and again").with_retry(Retry::Exhausted)
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures::future::join_all;
    use orion_core::{
        http::Client,
        testing::{self, Reply, Script},
    };

    use super::*;

    fn client(script: &Script, ahead: bool) -> Client {
        let pace = Arc::new(Pace::new(testing::clock(), ahead));
        let base = "https://slack.test/api/".parse().unwrap();
        let client = Client::builder("slack", base, script.clone()).middleware(pace);
        client.timeout(Duration::from_secs(1800)).deadline(Duration::from_secs(1800)).build()
    }

    fn seconds(script: &Script, path: &str) -> Vec<u64> {
        let seen = script.requests().into_iter().filter(|seen| seen.path() == path);
        seen.map(|seen| seen.at.as_secs()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn each_method_leaves_as_often_as_its_tier_allows() {
        let script = Script::new()
            .on(http::Method::POST, "/api/users.list")
            .always(Reply::json(200, "x"))
            .on(http::Method::POST, "/api/users.info")
            .always(Reply::json(200, "x"));
        let client = client(&script, true);
        let list = (0..41).map(|_| client.post("users.list", "users.list").send());
        let info = (0..41).map(|_| client.post("users.info", "users.info").send());
        let (list, info) = futures::join!(join_all(list), join_all(info));
        assert!(list.iter().chain(&info).all(Result::is_ok));
        assert_eq!(seconds(&script, "/api/users.info"), vec![0; 41]);
        let list = seconds(&script, "/api/users.list");
        assert_eq!((list[19], list[20], list[39], list[40]), (0, 60, 60, 121));
    }

    #[tokio::test(start_paused = true)]
    async fn messages_wait_for_their_channel_and_for_no_other() {
        let script =
            Script::new().on(http::Method::POST, "/api/chat.postMessage").always(Reply::json(200, "x"));
        let client = client(&script, true);
        let post = |channel: &'static str| {
            client.post("chat.postMessage", "chat.postMessage").form_body([("channel", channel)]).send()
        };
        join_all([post("C1"), post("C1"), post("C1"), post("C2")]).await;
        assert_eq!(seconds(&script, "/api/chat.postMessage"), [0, 0, 1, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_of_a_scope_leaves_before_its_retry_after_and_others_are_not_held() {
        let script = Script::new()
            .on(http::Method::POST, "/api/users.list")
            .then(Reply::status(429).header("retry-after", "40"))
            .always(Reply::json(200, "x"))
            .on(http::Method::POST, "/api/users.info")
            .always(Reply::json(200, "x"));
        let client = client(&script, false);
        let first = client.post("users.list", "users.list").send();
        let later = async {
            tokio::time::sleep(Duration::from_secs(5)).await;
            let list = client.post("users.list", "users.list").send();
            let info = client.post("users.info", "users.info").send();
            futures::join!(list, info)
        };
        let (first, (list, info)) = futures::join!(first, later);
        assert!(first.is_ok() && list.is_ok() && info.is_ok());
        assert_eq!(seconds(&script, "/api/users.list"), [0, 40, 40]);
        assert_eq!(seconds(&script, "/api/users.info"), [5]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_storm_costs_no_call_more_than_its_wait() {
        // Ten calls in any ten seconds, and whoever comes too early is told when the ten seconds end.
        let taken = Mutex::new((0_u64, 0));
        let storm = move |seen: &testing::Seen| {
            let (now, mut taken) = (seen.at.as_secs() / 10, taken.lock().unwrap());
            *taken = if taken.0 == now { (now, taken.1 + 1) } else { (now, 1) };
            match taken.1 {
                ..=10 => Reply::json(200, "x"),
                _ => Reply::status(429)
                    .header("retry-after", &((now + 1) * 10 - seen.at.as_secs()).to_string()),
            }
        };
        let script = Script::new().on(http::Method::POST, "/api/reactions.add").respond_with(storm);
        let client = client(&script, false);
        let calls = (0..200).map(|_| client.post("reactions.add", "reactions.add").send());
        let refused = join_all(calls).await.into_iter().find_map(Result::err);
        assert!(refused.is_none(), "none ran out of retries: {refused:?}");
        let at = seconds(&script, "/api/reactions.add");
        assert!(at.last().unwrap() <= &195, "twenty stretches of ten seconds: {at:?}");
        assert!(at.len() <= 220, "one refusal a stretch: {}", at.len());
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_past_the_deadline_is_not_begun() {
        let script = Script::new()
            .on(http::Method::POST, "/api/users.list")
            .always(Reply::status(429).header("retry-after", "100"));
        let call = |client: &Client| {
            let client = client.clone();
            async move { client.post("users.list", "l").deadline(Duration::from_secs(50)).send().await }
        };
        let error = call(&client(&script, false)).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::RateLimited, Retry::Exhausted));
        assert!(!error.is_ambiguous() && script.requests().len() == 1);
    }
}
