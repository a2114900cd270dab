//! A vendor as far as credentials go: a token endpoint that rotates refresh tokens and notices a stolen one, and one resource.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use http::{HeaderMap, StatusCode, header};
use orion_core::{
    Clock, Error, ErrorKind, Result, Retry,
    auth::{AccountKey, Grant, OAuth, Session, SessionBuilder, TokenSet},
    http::{Client, Request, Response, Transport},
};
use url::Url;

pub(crate) const BASE: &str = "https://api.acme.test/";

/// What happens to a token request on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is answered.
    Answered,
    /// It is carried out, and the answer does not arrive.
    AnswerLost,
    /// There is no connection.
    Unreachable,
}

#[derive(Debug)]
pub(crate) struct Model {
    /// Counts the refreshes that were carried out; names the tokens that are good.
    pub(crate) generation: u32,
    /// Requests the token endpoint got.
    pub(crate) asked: u32,
    /// Requests the resource got.
    pub(crate) calls: u32,
    /// A used refresh token was used again: everything is revoked.
    pub(crate) revoked: bool,
    /// The resource takes no token at all.
    pub(crate) refuses: bool,
    /// How many used refresh tokens go on working.
    pub(crate) grace: u32,
    pub(crate) expires_in: Option<u64>,
    pub(crate) latency: Duration,
    pub(crate) fate: Fate,
}

#[derive(Clone, Debug)]
pub(crate) struct Vendor(Arc<Mutex<Model>>);

impl Vendor {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Model {
            generation: 0,
            asked: 0,
            calls: 0,
            revoked: false,
            refuses: false,
            grace: 0,
            expires_in: None,
            latency: Duration::from_millis(100),
            fate: Fate::Answered,
        })))
    }

    pub(crate) fn model(&self) -> MutexGuard<'_, Model> {
        self.0.lock().unwrap()
    }

    pub(crate) fn asked(&self) -> u32 {
        self.model().asked
    }

    pub(crate) fn calls(&self) -> u32 {
        self.model().calls
    }

    pub(crate) fn generation(&self) -> u32 {
        self.model().generation
    }

    /// The tokens of the first consent, whose access token has expired since.
    pub(crate) fn stale_tokens(&self) -> TokenSet {
        TokenSet::new("planted-access-stale").with_refresh("planted-refresh-0")
    }

    pub(crate) fn oauth(&self, clock: &Clock) -> OAuth {
        OAuth::builder("acme", url("https://login.acme.test/token"), "planted-client-id", self.clone())
            .client_secret("planted-client-secret".into(), Default::default())
            .clock(clock.clone())
            .build()
    }

    pub(crate) fn session(&self, clock: &Clock) -> SessionBuilder {
        Session::builder(self.oauth(clock).flow(Grant::Refresh), key(), &url(BASE)).clock(clock.clone())
    }

    pub(crate) fn client(&self, session: &Session) -> Client {
        Client::builder("acme", url(BASE), self.clone()).authorize(Arc::new(session.clone())).build()
    }

    fn token(&self, form: &BTreeMap<String, String>) -> Response {
        let mut model = self.model();
        let used = form.get("refresh_token").and_then(|token| token.strip_prefix("planted-refresh-"));
        let Some(used) = used.and_then(|generation| generation.parse::<u32>().ok()) else {
            return answer(400, r#"{"error":"invalid_request"}"#);
        };
        let current = model.generation;
        if used + model.grace < current {
            model.revoked = true;
        }
        if model.revoked || used > current {
            return answer(400, r#"{"error":"invalid_grant","error_description":"planted description"}"#);
        }
        model.generation += 1;
        let generation = model.generation;
        let expires_in = model.expires_in.map_or("null".into(), |seconds| seconds.to_string());
        answer(
            200,
            &format!(
                r#"{{"access_token":"planted-access-{generation}","refresh_token":"planted-refresh-{generation}",
                    "expires_in":{expires_in},"token_type":"Bearer"}}"#
            ),
        )
    }

    fn resource(&self, headers: &HeaderMap) -> Response {
        let mut model = self.model();
        model.calls += 1;
        let good = format!("Bearer planted-access-{}", model.generation);
        let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if model.refuses || model.revoked || sent != Some(&*good) {
            return answer(401, "{}");
        }
        answer(200, "{}")
    }
}

#[async_trait]
impl Transport for Vendor {
    async fn send(&self, request: Request) -> Result<Response> {
        let latency = self.model().latency;
        if request.url.path() != "/token" {
            tokio::time::sleep(latency).await;
            return Ok(self.resource(&request.headers));
        }
        let fate = {
            let mut model = self.model();
            model.asked += 1;
            model.fate
        };
        tokio::time::sleep(latency / 2).await;
        let body = request.body.as_bytes().unwrap();
        let form = url::form_urlencoded::parse(body).into_owned().collect();
        let lost = || Error::new(ErrorKind::Transport, "the connection failed").with_retry(Retry::Now);
        let response = match fate {
            Fate::Answered => Ok(self.token(&form)),
            Fate::AnswerLost => {
                drop(self.token(&form));
                Err(lost().with_ambiguous())
            }
            Fate::Unreachable => Err(lost()),
        };
        tokio::time::sleep(latency / 2).await;
        response
    }
}

pub(crate) fn answer(status: u16, body: &str) -> Response {
    Response::new(StatusCode::from_u16(status).unwrap(), HeaderMap::new(), body.to_owned())
}

pub(crate) fn key() -> AccountKey {
    AccountKey::new("acme", "tenant-1")
}

pub(crate) fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// A clock that moves with tokio's, from the first second of 2026.
pub(crate) fn clock() -> Clock {
    Clock::following_tokio(chrono::DateTime::from_timestamp(1_767_225_600, 0).unwrap())
}
