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
    auth::{AccountKey, ClientAuth, Grant, OAuth, Session, SessionBuilder, TokenSet},
    http::{Client, Request, Response, Transport},
};
use url::Url;

pub(crate) const BASE: &str = "https://api.acme.test/";

/// What happens to a token request on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is answered.
    Answered,
    /// It does not arrive, and the sender cannot know.
    Lost,
    /// It is carried out, and the answer does not arrive.
    AnswerLost,
    /// There is no connection.
    Unreachable,
}

#[derive(Debug)]
pub(crate) struct Model {
    /// Counts the consents; a new one ends the tokens of the one before.
    pub(crate) family: u32,
    /// Counts the refresh tokens of this consent; only the last one is good.
    pub(crate) generation: u32,
    /// Counts the access tokens; only the last one is good.
    pub(crate) access: u32,
    /// How many access tokens came to their end, and how many were issued for refresh tokens.
    pub(crate) ended: u32,
    pub(crate) issued: u32,
    /// Requests the token endpoint got.
    pub(crate) asked: u32,
    /// Requests the resource got.
    pub(crate) calls: u32,
    /// A used refresh token was used again: everything is revoked.
    pub(crate) revoked: bool,
    /// The resource takes no token at all.
    pub(crate) refuses: bool,
    /// The refresh token before the last one works on, and brings the last one again.
    pub(crate) grace: bool,
    pub(crate) expires_in: Option<u64>,
    pub(crate) latency: Duration,
    pub(crate) fate: Fate,
}

#[derive(Clone, Debug)]
pub(crate) struct Vendor(Arc<Mutex<Model>>);

impl Vendor {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Model {
            family: 0,
            generation: 0,
            access: 0,
            ended: 0,
            issued: 0,
            asked: 0,
            calls: 0,
            revoked: false,
            refuses: false,
            grace: false,
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

    /// The tokens of the consent, whose access token has expired since.
    pub(crate) fn stale_tokens(&self) -> TokenSet {
        let model = self.model();
        let refresh = format!("planted-refresh-{}-{}", model.family, model.generation);
        TokenSet::new("planted-access-stale").with_refresh(refresh)
    }

    /// A person consents again: the tokens they get.
    pub(crate) fn consent(&self) -> TokenSet {
        let mut model = self.model();
        model.family += 1;
        model.generation = 0;
        model.access += 1;
        model.revoked = false;
        TokenSet::new(format!("planted-access-{}", model.access))
            .with_refresh(format!("planted-refresh-{}-0", model.family))
    }

    /// The access token in use ends.
    pub(crate) fn expire(&self) {
        let mut model = self.model();
        model.access += 1;
        model.ended += 1;
    }

    pub(crate) fn session(&self, clock: &Clock) -> SessionBuilder {
        session(BASE, clock, self.clone())
    }

    pub(crate) fn client(&self, session: &Session) -> Client {
        client(session, self.clone())
    }

    fn token(&self, form: &BTreeMap<String, String>) -> Response {
        let mut model = self.model();
        let used = form.get("refresh_token").and_then(|token| token.strip_prefix("planted-refresh-"));
        let used = used.and_then(|used| used.split_once('-'));
        let Some((Ok(family), Ok(used))) =
            used.map(|(family, used)| (family.parse::<u32>(), used.parse::<u32>()))
        else {
            return answer(400, r#"{"error":"invalid_request"}"#);
        };
        let again = model.grace && used + 1 == model.generation;
        model.revoked |= family == model.family && used < model.generation && !again;
        if model.revoked || family != model.family {
            return answer(400, r#"{"error":"invalid_grant","error_description":"planted description"}"#);
        }
        model.generation += u32::from(!again);
        model.issued += 1;
        model.access += 1;
        let (generation, access) = (model.generation, model.access);
        let expires_in = model.expires_in.map_or("null".into(), |seconds| seconds.to_string());
        answer(
            200,
            &format!(
                r#"{{"access_token":"planted-access-{access}","refresh_token":"planted-refresh-{family}-{generation}",
                    "expires_in":{expires_in},"token_type":"Bearer"}}"#
            ),
        )
    }

    fn resource(&self, headers: &HeaderMap) -> Response {
        let mut model = self.model();
        model.calls += 1;
        let good = format!("Bearer planted-access-{}", model.access);
        let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if model.refuses || model.revoked || sent != Some(&*good) {
            return answer(401, "{}");
        }
        answer(200, "{}")
    }
}

impl Vendor {
    /// Takes a request; `fate` is that of a token request on its way.
    pub(crate) async fn carry(&self, request: Request, fate: Fate) -> Result<Response> {
        let latency = self.model().latency;
        tokio::time::sleep(latency / 2).await;
        let response = if request.url.path() == "/token" {
            self.meet(&request, fate)
        } else {
            Ok(self.resource(&request.headers))
        };
        tokio::time::sleep(latency / 2).await;
        response
    }

    fn meet(&self, request: &Request, fate: Fate) -> Result<Response> {
        self.model().asked += 1;
        let form = url::form_urlencoded::parse(request.body.as_bytes().unwrap()).into_owned().collect();
        let lost = || Error::new(ErrorKind::Transport, "the connection failed").with_retry(Retry::Now);
        match fate {
            Fate::Answered => Ok(self.token(&form)),
            Fate::AnswerLost => {
                drop(self.token(&form));
                Err(lost().with_ambiguous())
            }
            Fate::Lost => Err(lost().with_ambiguous()),
            Fate::Unreachable => Err(lost()),
        }
    }
}

#[async_trait]
impl Transport for Vendor {
    async fn send(&self, request: Request) -> Result<Response> {
        let fate = self.model().fate;
        self.carry(request, fate).await
    }
}

/// A session whose token endpoint and resource are under `base`.
pub(crate) fn session(base: &str, clock: &Clock, transport: impl Transport) -> SessionBuilder {
    let base = url(base);
    let oauth = OAuth::builder("acme", base.join("/token").unwrap(), "planted-client-id", transport)
        .client_secret("planted-client-secret".into(), ClientAuth::Basic)
        .clock(clock.clone())
        .build();
    Session::builder(oauth.flow(Grant::Refresh), key(), &base).clock(clock.clone())
}

pub(crate) fn client(session: &Session, transport: impl Transport) -> Client {
    Client::builder("acme", url(BASE), transport).authorize(Arc::new(session.clone())).build()
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
