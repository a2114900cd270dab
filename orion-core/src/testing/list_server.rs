//! A small vendor of lists, behind a transport.

mod list;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use http::{Method, header};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use self::list::{Filter, List, Refusal};
use super::{Reply, Seen};
use crate::{
    Clock, Fields, Result,
    http::{Request, Response, Transport},
};

/// A small vendor with lists of JSON rows, as a transport: what an example or a test of an adapter talks to.
///
/// | request | answer |
/// | --- | --- |
/// | `GET /me` | `{"account", "user"}` |
/// | `GET /{list}?limit&after&updated_since&updated_before&deleted=true` | `{"data": [row…], "next": "…"}`, in the order of changes; `next` is missing on the last page |
/// | `GET /{list}/{id}` | row |
/// | `POST /{list}` with a row | 201, row. A repeated `Idempotency-Key` gets the first answer again |
/// | `PATCH /{list}/{id}` with fields, `If-Match` if wanted | row |
/// | `DELETE /{list}/{id}`, `If-Match` if wanted | 204 |
/// | `POST /{list}/bulk` with an array of rows | 202, `{"job": "…"}` |
/// | `GET /jobs/{job}` | `{"state": "running"}` the first time, then `{"state": "done", "results": [{"id"} or {"error"}…]}`, one per row, in order |
/// | `POST /oauth/token` with the form `grant_type=refresh_token&refresh_token` | `{"access_token", "refresh_token"}`; both rotate |
///
/// A row holds what it was given and `id`, `created_at`, `updated_at` (RFC 3339) and `version`; a deleted one holds only `id`,
/// `updated_at` and `"deleted": true`. A refusal is `{"error": {"code", "message", "field"}}` with status 400 (`invalid_cursor`),
/// 401, 403, 404, 409 (`stale`) or 422 (`invalid`). A clone is the same vendor.
#[derive(Clone)]
pub struct ListServer(Arc<Inner>);

struct Inner {
    clock: Clock,
    since: Instant,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    lists: BTreeMap<Box<str>, List>,
    access: Option<String>,
    refresh: Option<String>,
    narrow: BTreeSet<String>,
    renewals: u64,
    /// Answers by idempotency key.
    answered: BTreeMap<String, Reply>,
    jobs: Vec<Job>,
    log: Vec<Seen>,
}

/// What became of a bulk job, and whether somebody has asked for it yet.
struct Job {
    results: Vec<Value>,
    asked: bool,
}

impl ListServer {
    /// A vendor without lists that asks for no credentials. It has to be made inside a runtime.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self(Arc::new(Inner { clock, since: Instant::now(), state: Mutex::default() }))
    }

    /// Adds a list whose rows must have these fields, as text that is not empty.
    #[must_use]
    pub fn list(self, name: &str, required: &'static [&'static str]) -> Self {
        self.lock().lists.insert(name.into(), List::new(required));
        self
    }

    /// Fills a list with rows, each changed an hour after the one before it, the last an hour ago.
    ///
    /// # Panics
    /// If there is no such list or a row is no JSON object.
    #[must_use]
    pub fn rows<R: Serialize>(self, name: &str, count: u32, row: impl Fn(u32) -> R) -> Self {
        for number in 0..count {
            let at = self.now() - TimeDelta::hours(i64::from(count - number));
            self.put_at(name, row(number), at);
        }
        self
    }

    /// Asks for this bearer token from now on.
    #[must_use]
    pub fn token(self, access: &str) -> Self {
        self.lock().access = Some(access.to_owned());
        self
    }

    /// Gives new tokens for this refresh token.
    #[must_use]
    pub fn refresh_token(self, refresh: &str) -> Self {
        self.lock().refresh = Some(refresh.to_owned());
        self
    }

    /// Knows this bearer token too, and lets it do nothing.
    #[must_use]
    pub fn narrow_token(self, access: &str) -> Self {
        self.lock().narrow.insert(access.to_owned());
        self
    }

    /// The access and the refresh token that are good now.
    #[must_use]
    pub fn tokens(&self) -> (Option<String>, Option<String>) {
        let state = self.lock();
        (state.access.clone(), state.refresh.clone())
    }

    /// A token that is good for nothing, if there is one.
    pub(super) fn narrow(&self) -> Option<String> {
        self.lock().narrow.first().cloned()
    }

    pub(super) fn clock(&self) -> Clock {
        self.0.clock.clone()
    }

    /// Notes a change of a row that changes nothing of its content; whether the row is there.
    pub(super) fn touch(&self, list: &str, id: &str) -> bool {
        let now = self.now();
        let mut state = self.lock();
        state.lists.get_mut(list).is_some_and(|list| list.change(id, Fields::new(), None, now).is_ok())
    }

    /// Refuses the access token handed out last.
    pub fn expire(&self) {
        let mut state = self.lock();
        if state.access.is_some() {
            state.access = Some(format!("expired {}", state.renewals));
        }
    }

    /// Makes or replaces a row of a list, as somebody working at the vendor would, and returns its id. Without an `id` it gets one.
    ///
    /// # Panics
    /// If there is no such list or the row is no JSON object.
    pub fn put(&self, list: &str, row: impl Serialize) -> String {
        self.put_at(list, row, self.now())
    }

    #[expect(clippy::expect_used, reason = "a test's own value")]
    fn put_at(&self, list: &str, row: impl Serialize, at: DateTime<Utc>) -> String {
        let row =
            serde_json::to_value(row).and_then(serde_json::from_value::<Fields>).expect("a JSON object");
        self.lock().lists.get_mut(list).expect("a list of the vendor").put(row, at)
    }

    /// Deletes a row of a list, if it is there, as somebody working at the vendor would.
    pub fn delete(&self, list: &str, id: &str) {
        let now = self.now();
        if let Some(list) = self.lock().lists.get_mut(list) {
            list.delete(id, None, now).ok();
        }
    }

    /// The live rows of a list, by id.
    #[must_use]
    pub fn live(&self, list: &str) -> Vec<Fields> {
        self.lock().lists.get(list).map(List::live).unwrap_or_default()
    }

    /// The requests so far, refused ones among them.
    #[must_use]
    pub fn requests(&self) -> Vec<Seen> {
        self.lock().log.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    fn answer(&self, seen: &Seen) -> Reply {
        let now = self.now();
        let mut state = self.lock();
        state.log.push(seen.clone());
        if seen.path() == "/oauth/token" {
            return state.renew(seen);
        }
        if let Some(refusal) = state.refuse(seen) {
            return refusal.reply();
        }
        let key = seen.headers.get("idempotency-key").and_then(|key| key.to_str().ok()).map(str::to_owned);
        if let Some(reply) = key.as_ref().and_then(|key| state.answered.get(key)) {
            return reply.clone();
        }
        let reply = state.route(seen, now).unwrap_or_else(|refusal| refusal.reply());
        if let Some(key) = key {
            state.answered.insert(key, reply.clone());
        }
        reply
    }
}

impl State {
    fn refuse(&self, seen: &Seen) -> Option<Refusal> {
        let wanted = self.access.as_ref()?;
        let sent = seen.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        match sent.and_then(|value| value.strip_prefix("Bearer ")) {
            Some(token) if token == wanted => None,
            Some(token) if self.narrow.contains(token) => {
                Some(Refusal::new(403, "forbidden", "the token does not allow this"))
            }
            _ => Some(Refusal::new(401, "unauthorized", "the token is missing, wrong or expired")),
        }
    }

    fn renew(&mut self, seen: &Seen) -> Reply {
        let sent = url::form_urlencoded::parse(&seen.body).find(|(name, _)| name == "refresh_token");
        if self.refresh.is_none() || sent.map(|(_, value)| value.into_owned()) != self.refresh {
            return Reply::json(400, json!({ "error": "invalid_grant" }));
        }
        self.renewals += 1;
        let (access, refresh) = (format!("access-{}", self.renewals), format!("refresh-{}", self.renewals));
        let reply = Reply::json(
            200,
            json!({ "access_token": access, "refresh_token": refresh, "token_type": "Bearer" }),
        );
        (self.access, self.refresh) = (Some(access), Some(refresh));
        reply
    }

    fn job(&mut self, id: &str) -> Option<Reply> {
        let number = id.parse::<usize>().ok()?.checked_sub(1)?;
        let job = self.jobs.get_mut(number)?;
        if !std::mem::replace(&mut job.asked, true) {
            return Some(Reply::json(200, json!({ "state": "running" })));
        }
        Some(Reply::json(200, json!({ "state": "done", "results": job.results })))
    }

    fn route(&mut self, seen: &Seen, now: DateTime<Utc>) -> Result<Reply, Refusal> {
        let path: Vec<&str> = seen.path().trim_start_matches('/').split('/').collect();
        if path == ["me"] {
            return Ok(Reply::json(200, json!({ "account": "acme-1", "user": "ada" })));
        }
        let unknown = || Refusal::new(404, "not_found", "there is no such resource");
        if let ["jobs", id] = path[..] {
            return self.job(id).ok_or_else(unknown);
        }
        let list = path.first().and_then(|name| self.lists.get_mut(*name)).ok_or_else(unknown)?;
        let version = seen.headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok());
        let row =
            || seen.json::<Fields>().map_err(|_| Refusal::new(400, "invalid", "the body is no JSON object"));
        match (&seen.method, &path[1..]) {
            (&Method::GET, []) => list.page(&Filter::of(seen)?),
            (&Method::GET, [id]) => Ok(Reply::json(200, list.get(id)?)),
            (&Method::POST, []) => Ok(Reply::json(201, list.create(row()?, now)?)),
            (&Method::POST, ["bulk"]) => {
                let rows: Vec<Fields> = seen
                    .json()
                    .map_err(|_| Refusal::new(400, "invalid", "the body is no list of objects"))?;
                let results = rows.into_iter().map(|row| match list.create(row, now) {
                    Ok(row) => json!({ "id": row.get("id") }),
                    Err(refusal) => refusal.body(),
                });
                self.jobs.push(Job { results: results.collect(), asked: false });
                Ok(Reply::json(202, json!({ "job": self.jobs.len().to_string() })))
            }
            (&Method::PATCH, [id]) => Ok(Reply::json(200, list.change(id, row()?, version, now)?)),
            (&Method::DELETE, [id]) => list.delete(id, version, now).map(|()| Reply::status(204)),
            _ => Err(unknown()),
        }
    }
}

impl fmt::Debug for ListServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.lock();
        f.debug_struct("ListServer").field("lists", &state.lists.keys()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Transport for ListServer {
    async fn send(&self, request: Request) -> Result<Response> {
        let seen = Seen::whole(request, self.0.since.elapsed()).await?;
        self.answer(&seen).play().await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{ErrorKind, http::Client, testing};

    fn server() -> (ListServer, Client) {
        let server = ListServer::new(testing::clock()).list("tickets", &["subject"]);
        let client = Client::builder("acme", "https://acme.test/".parse().unwrap(), server.clone()).build();
        (server, client)
    }

    async fn ids(client: &Client, query: &str) -> (Vec<String>, Option<String>) {
        let page: Value = client.get(&format!("/tickets?{query}"), "list").json().await.unwrap();
        let ids = page["data"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned());
        (ids.collect(), page["next"].as_str().map(str::to_owned))
    }

    #[tokio::test(start_paused = true)]
    async fn lists_page_in_the_order_of_changes() {
        let (server, client) = server();
        for subject in ["a", "b", "c"] {
            server.put("tickets", json!({ "subject": subject }));
        }
        tokio::time::sleep(Duration::from_secs(60)).await;
        server.put("tickets", json!({ "id": "1", "subject": "changed" }));
        server.delete("tickets", "2");
        let (first, next) = ids(&client, "limit=2&deleted=true").await;
        let (second, end) = ids(&client, &format!("limit=2&deleted=true&after={}", next.unwrap())).await;
        assert_eq!((first, second, end), (vec!["3".into(), "1".into()], vec!["2".into()], None));
        assert_eq!(ids(&client, "updated_since=2026-01-01T00:01:00Z").await.0, ["1"]);
        assert_eq!(ids(&client, "updated_before=2026-01-01T00:01:00Z&deleted=true").await.0, ["3"]);
        let error = client.get("/tickets?after=nonsense", "list").send().await.unwrap_err();
        assert_eq!(error.fault().unwrap().status, 400);
    }

    #[tokio::test(start_paused = true)]
    async fn rows_are_made_once_per_key_and_changed_under_their_lock() {
        let (server, client) = server();
        let create = || {
            let key = http::HeaderName::from_static("idempotency-key");
            client.post("/tickets", "create").idempotency_key(key, "k1").json_body(&json!({ "subject": "a" }))
        };
        let (first, second): (Value, Value) =
            (create().json().await.unwrap(), create().json().await.unwrap());
        assert_eq!(first, second);
        assert_eq!(server.live("tickets").len(), 1);

        let change = |version: &str| {
            let call = client.call(Method::PATCH, "/tickets/1", "update").header(header::IF_MATCH, version);
            call.json_body(&json!({ "subject": "b" }))
        };
        let changed: Value = change("1").json().await.unwrap();
        assert_eq!((&changed["subject"], &changed["version"]), (&json!("b"), &json!("2")));
        assert_eq!(change("1").send().await.unwrap_err().kind(), ErrorKind::Conflict);
        let invalid = client.post("/tickets", "create").json_body(&json!({ "subject": "" })).send().await;
        assert_eq!(invalid.unwrap_err().fault().unwrap().status, 422);
    }

    #[tokio::test(start_paused = true)]
    async fn a_bulk_job_tells_of_each_row() {
        let (server, client) = server();
        let rows = json!([{ "subject": "a" }, { "subject": "" }, { "subject": "c" }]);
        let job: Value = client.post("/tickets/bulk", "bulk").json_body(&rows).json().await.unwrap();
        let path = format!("/jobs/{}", job["job"].as_str().unwrap());
        let states: [Value; 2] =
            [client.get(&path, "job").json().await.unwrap(), client.get(&path, "job").json().await.unwrap()];
        assert_eq!((&states[0]["state"], &states[1]["state"]), (&json!("running"), &json!("done")));
        let failed: Vec<bool> =
            states[1]["results"].as_array().unwrap().iter().map(|result| result["id"].is_null()).collect();
        assert_eq!(failed, [false, true, false]);
        assert_eq!(server.live("tickets").len(), 2);
        assert!(client.get("/jobs/9", "job").send().await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn tokens_are_asked_for_expire_and_rotate() {
        let (server, client) = server();
        let server = server.token("good").refresh_token("r").narrow_token("narrow");
        let status = async |token: &str| {
            let call = client.get("/me", "me").header(header::AUTHORIZATION, &format!("Bearer {token}"));
            call.send().await.map_or_else(|error| error.fault().unwrap().status, |ok| ok.status.as_u16())
        };
        assert_eq!((status("good").await, status("bad").await, status("narrow").await), (200, 401, 403));
        server.expire();
        assert_eq!(status("good").await, 401);
        let renew = || client.post("/oauth/token", "renew").form_body([("refresh_token", "r")]);
        let tokens: Value = renew().json().await.unwrap();
        assert_eq!(status(tokens["access_token"].as_str().unwrap()).await, 200);
        assert!(renew().send().await.is_err());
    }
}
