//! A transport that answers from a script.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use http::{HeaderName, Method};
use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;

use super::{Reply, Seen};
use crate::{
    Error, ErrorKind, Result,
    http::{Request, Response, Transport},
};

/// A transport that answers from a script and keeps what it was sent. A clone is the same script.
///
/// [`on`](Self::on) opens an expectation; what follows it says which requests it wants and what it answers, in order. A request takes the
/// next answer of the first expectation that wants it and has one left; a request that finds none fails, and so does
/// [`assert_done`](Self::assert_done) after it.
#[derive(Clone)]
pub struct Script(Arc<Mutex<State>>);

struct State {
    rules: Vec<Rule>,
    log: Vec<Seen>,
    unexpected: Vec<Seen>,
    since: Option<Instant>,
}

struct Rule {
    method: Method,
    path: Box<str>,
    wants: Vec<Want>,
    replies: VecDeque<Reply>,
    otherwise: Option<Answer>,
}

type Want = Box<dyn Fn(&Seen) -> bool + Send>;
type Answer = Arc<dyn Fn(&Seen) -> Reply + Send + Sync>;

impl Script {
    /// An empty script: it expects no request.
    #[must_use]
    pub fn new() -> Self {
        let state = State { rules: Vec::new(), log: Vec::new(), unexpected: Vec::new(), since: None };
        Self(Arc::new(Mutex::new(state)))
    }

    /// Expects requests with this method and path. In the path `*` stands for one segment, and a last `**` for any rest; a
    /// pattern with `://` is compared with the whole address, up to the query.
    #[must_use]
    pub fn on(self, method: Method, path: &str) -> Self {
        let (wants, replies) = (Vec::new(), VecDeque::new());
        self.lock().rules.push(Rule { method, path: path.into(), wants, replies, otherwise: None });
        self
    }

    /// Wants this query parameter.
    #[must_use]
    pub fn query(self, name: &'static str, value: &'static str) -> Self {
        self.when(move |seen| seen.query(name).as_deref() == Some(value))
    }

    /// Wants this header, whatever its value.
    #[must_use]
    pub fn header(self, name: HeaderName) -> Self {
        self.when(move |seen| seen.headers.contains_key(&name))
    }

    /// Wants this JSON as its body.
    ///
    /// # Panics
    /// If the body does not serialise.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test's own value")]
    pub fn body(self, body: impl Serialize) -> Self {
        let body = serde_json::to_value(body).expect("the body serialises");
        self.when(move |seen| seen.json::<Value>().is_ok_and(|sent| sent == body))
    }

    /// Wants requests for which `wants` holds.
    #[must_use]
    pub fn when(self, wants: impl Fn(&Seen) -> bool + Send + 'static) -> Self {
        self.edit(|rule| rule.wants.push(Box::new(wants)))
    }

    /// Answers the next request with JSON.
    #[must_use]
    pub fn reply(self, status: u16, body: impl Serialize) -> Self {
        self.then(Reply::json(status, body))
    }

    /// Answers the next request.
    #[must_use]
    pub fn then(self, reply: Reply) -> Self {
        self.edit(|rule| rule.replies.push_back(reply))
    }

    /// Answers the last answer `times` times in all.
    #[must_use]
    pub fn times(self, times: usize) -> Self {
        self.edit(|rule| {
            if let Some(last) = rule.replies.back().cloned() {
                rule.replies.extend(std::iter::repeat_n(last, times.saturating_sub(1)));
            }
        })
    }

    /// Answers every further request, however many.
    #[must_use]
    pub fn always(self, reply: Reply) -> Self {
        self.respond_with(move |_| reply.clone())
    }

    /// Answers every further request, however many, with what `answer` makes of it.
    #[must_use]
    pub fn respond_with(self, answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        self.edit(|rule| rule.otherwise = Some(Arc::new(answer)))
    }

    /// The requests so far, unexpected ones among them.
    #[must_use]
    pub fn requests(&self) -> Vec<Seen> {
        self.lock().log.clone()
    }

    /// Asserts that every answer of the script was fetched and no request was unexpected.
    ///
    /// # Panics
    /// If not, saying which.
    #[track_caller]
    pub fn assert_done(&self) {
        let state = self.lock();
        assert!(state.unexpected.is_empty(), "unexpected requests: {:?}", state.unexpected);
        let left: Vec<&Rule> = state.rules.iter().filter(|rule| !rule.replies.is_empty()).collect();
        assert!(left.is_empty(), "requests that did not come: {left:?}");
    }

    fn edit(self, edit: impl FnOnce(&mut Rule)) -> Self {
        let mut state = self.lock();
        assert!(!state.rules.is_empty(), "say `on(method, path)` first");
        if let Some(rule) = state.rules.last_mut() {
            edit(rule);
        }
        drop(state);
        self
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, seen: &Seen) -> Result<Reply> {
        let mut state = self.lock();
        state.log.push(seen.clone());
        if let Some(reply) = state.rules.iter_mut().find_map(|rule| rule.answer(seen)) {
            return Ok(reply);
        }
        state.unexpected.push(seen.clone());
        let open: Vec<&Rule> = state.rules.iter().filter(|rule| !rule.is_spent()).collect();
        let message = format!("the script does not expect {seen:?}; it waits for {open:?}");
        Err(Error::new(ErrorKind::Config, message))
    }
}

impl Rule {
    fn is_spent(&self) -> bool {
        self.replies.is_empty() && self.otherwise.is_none()
    }

    fn answer(&mut self, seen: &Seen) -> Option<Reply> {
        let wanted = !self.is_spent()
            && self.method == seen.method
            && matches(&self.path, &seen.url)
            && self.wants.iter().all(|wants| wants(seen));
        if !wanted {
            return None;
        }
        self.replies.pop_front().or_else(|| self.otherwise.as_ref().map(|answer| answer(seen)))
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({} answers left)", self.method, self.path, self.replies.len())
    }
}

/// Whether a pattern stands for an address.
fn matches(pattern: &str, url: &url::Url) -> bool {
    if pattern.contains("://") {
        let bare = url.as_str().split(['?', '#']).next().unwrap_or_default();
        return segments(pattern, bare);
    }
    segments(pattern, url.path())
}

fn segments(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) | (Some("**"), Some(_)) => return true,
            (Some("*"), Some(_)) => {}
            (Some(want), Some(give)) if want == give => {}
            _ => return false,
        }
    }
}

impl Default for Script {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("Script").field("rules", &state.rules).field("requests", &state.log.len()).finish()
    }
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: Request) -> Result<Response> {
        let at = self.lock().since.get_or_insert_with(Instant::now).elapsed();
        let seen = Seen::whole(request, at).await?;
        self.answer(&seen)?.play().await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::http::Client;

    fn client(script: &Script) -> Client {
        Client::builder("acme", "https://acme.test/".parse().unwrap(), script.clone()).build()
    }

    #[test]
    fn patterns_match_by_segment() {
        let url = "https://acme.test/items/7/notes?x=1".parse().unwrap();
        for (pattern, expected) in [
            ("/items/7/notes", true),
            ("/items/*/notes", true),
            ("/items/**", true),
            ("/**", true),
            ("/items/*", false),
            ("/items/7", false),
            ("/items/7/notes/*", false),
            ("https://acme.test/items/*/notes", true),
            ("https://other.test/items/*/notes", false),
        ] {
            assert_eq!(matches(pattern, &url), expected, "{pattern}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn answers_come_in_order_and_by_what_is_asked() {
        let script = Script::new()
            .on(Method::POST, "/items")
            .body(json!({ "name": "anvil" }))
            .reply(201, json!({ "id": 1 }))
            .on(Method::GET, "/items")
            .query("page", "2")
            .reply(200, "second")
            .on(Method::GET, "/items")
            .reply(200, "first")
            .times(2);
        let client = client(&script);
        let made: Value =
            client.post("/items", "item.create").json_body(&json!({ "name": "anvil" })).json().await.unwrap();
        assert_eq!(made["id"], 1);
        for (page, expected) in [("1", "first"), ("2", "second"), ("3", "first")] {
            let text: String = client.get("/items", "item.list").query("page", page).json().await.unwrap();
            assert_eq!(text, expected);
        }
        script.assert_done();
        let paths: Vec<String> = script.requests().iter().map(|seen| format!("{seen:?}")).collect();
        assert_eq!(paths, ["POST /items", "GET /items?page", "GET /items?page", "GET /items?page"]);
    }

    #[tokio::test(start_paused = true)]
    #[should_panic(expected = "unexpected requests: [GET /other]")]
    async fn an_unexpected_request_fails_loudly_and_names_itself() {
        let script = Script::new().on(Method::GET, "/items").reply(200, "x");
        let error = client(&script).get("/other", "x").send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("does not expect GET /other"), "{error}");
        script.assert_done();
    }

    #[tokio::test(start_paused = true)]
    #[should_panic(expected = "requests that did not come: [GET /items (1 answers left)]")]
    async fn an_answer_nobody_fetched_fails() {
        let script = Script::new().on(Method::GET, "/items").reply(200, "x").times(2);
        client(&script).get("/items", "x").send().await.unwrap();
        script.assert_done();
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_connection_is_retried_for_a_post_and_a_reset_is_not() {
        let script = Script::new().on(Method::POST, "/a").then(Reply::refused()).reply(200, "done");
        client(&script).post("/a", "x").send().await.unwrap();
        script.assert_done();

        let script = Script::new().on(Method::POST, "/b").then(Reply::reset());
        let error = client(&script).post("/b", "x").send().await.unwrap_err();
        assert!(error.is_ambiguous());
        script.assert_done();
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_breaks_off_is_read_again() {
        let script = Script::new()
            .on(Method::GET, "/a")
            .then(Reply::json(200, "a long text").cut())
            .reply(200, "done");
        let text: String = client(&script).get("/a", "x").json().await.unwrap();
        assert_eq!(text, "done");
        script.assert_done();
    }

    #[tokio::test(start_paused = true)]
    async fn a_delay_passes_on_the_paused_clock() {
        let slow = Reply::json(200, "x").delay(Duration::from_secs(20));
        let script = Script::new().on(Method::GET, "/a").always(slow);
        let client = client(&script);
        client.get("/a", "x").send().await.unwrap();
        client.get("/a", "x").send().await.unwrap();
        assert_eq!(script.requests()[1].at, Duration::from_secs(20));
    }
}
