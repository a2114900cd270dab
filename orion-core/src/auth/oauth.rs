//! OAuth 2.0: the vendor's endpoints and our registration there.
//!
//! The `oauth2` crate makes the authorize address, the state and the PKCE pair. Its token half is not used: it knows no JWT bearer grant,
//! drops the vendor's own members of the answer unless each is declared as a type, keeps the whole answer, tokens included, in the error for
//! one it cannot read, and wants to see refusals as answers where our [`Client`] has decoded them already. So token requests are put
//! together here and sent down the same request path as all others, without credentials.
//!
//! # What is sent twice
//!
//! The client repeats a request by itself if it cannot have arrived (no connection), or if the vendor says that it did not act on it
//! (429). Whether it is repeated when it may have arrived depends on the grant: client credentials, JWT and password only issue one more
//! token. A code is used up by the first use, and so is a refresh token that rotates; unless [`OAuthBuilder::reusable_refresh`] says that the
//! vendor lets the old one work on, a lost answer is reported as such, and the [`Session`](super::Session) waits before it tries
//! again.

mod answer;
mod code;
mod flow;
mod jwt;
mod refusal;
#[cfg(test)]
mod tests;
mod userinfo;

use std::{fmt, sync::Arc, time::Duration};

use http::{HeaderName, HeaderValue, Method, header};
use secrecy::{ExposeSecret, SecretString};
use url::{Url, form_urlencoded};

use self::{answer::Answer, refusal::Refusals};
pub use self::{
    code::{Begun, Pending},
    flow::{Flow, Grant},
    jwt::JwtBearer,
    userinfo::{Userinfo, userinfo},
};
use super::{TokenSet, fixed};
use crate::{
    Clock, Error, ErrorKind, Result,
    http::{Client, Request, Transport},
    observe::Observers,
};

/// The longest a token request may take, retries included. A session's right to renew lasts longer.
const DEADLINE: Duration = Duration::from_secs(60);

/// The longest answer to read.
const ANSWER_LIMIT: usize = 1 << 20;

const FORM: &str = "application/x-www-form-urlencoded";

/// What a revocation endpoint may say of a token that is gone already.
const GONE: [&str; 2] = ["invalid_token", "invalid_grant"];

/// A vendor's OAuth 2.0 endpoints, and the client registered there.
///
/// Cloning shares it. It keeps no tokens: a [`Session`](super::Session) does.
///
/// ```
/// use std::sync::Arc;
/// use http::Method;
/// use orion_core::{auth::{ClientAuth, Grant, OAuth, Renew}, testing::{self, Script}};
/// use secrecy::ExposeSecret;
///
/// testing::run(async {
///     let vendor = Script::new()
///         .on(Method::POST, "/token")
///         .reply(200, serde_json::json!({"access_token": "t1", "token_type": "Bearer", "expires_in": 3600}));
///     let oauth = OAuth::builder("acme", "https://acme.test/token".parse().unwrap(), "our-app", Arc::new(vendor))
///         .client_secret("hush".into(), ClientAuth::Body)
///         .authorize_url("https://acme.test/authorize".parse().unwrap(), "https://host.example/callback".parse().unwrap())
///         .build();
///
///     // A program on its own account; a `Session` calls this when it is due.
///     let tokens = oauth.flow(Grant::ClientCredentials).renew(None).await?;
///     assert_eq!(tokens.access.expose_secret(), "t1");
///
///     // A person's account: send them there, keep `pending`, and pass both to `complete` when they are back.
///     let begun = oauth.begin()?;
///     assert!(begun.authorize_url.query().is_some_and(|query| query.contains("code_challenge=")));
///     # Ok::<(), orion_core::Error>(())
/// }).unwrap();
/// ```
#[derive(Clone)]
pub struct OAuth(Arc<Inner>);

struct Inner {
    client: Client,
    clock: Clock,
    registration: Registration,
}

struct Registration {
    token_url: Url,
    authorize_url: Option<Url>,
    revoke_url: Option<Url>,
    client_id: String,
    client_secret: Option<SecretString>,
    client_auth: ClientAuth,
    redirect_url: Option<Url>,
    scopes: Vec<String>,
    authorize_params: Vec<(String, String)>,
    token_headers: Vec<(HeaderName, HeaderValue)>,
    reusable_refresh: bool,
}

/// How the client proves who it is to the token endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAuth {
    /// `Authorization: Basic` (RFC 6749 §2.3.1).
    #[default]
    Basic,
    /// `client_id` and `client_secret` in the body.
    Body,
}

impl OAuth {
    /// Starts the description of a vendor's OAuth endpoints for the adapter called `adapter`.
    pub fn builder(
        adapter: &'static str,
        token_url: Url,
        client_id: impl Into<String>,
        transport: impl Transport,
    ) -> OAuthBuilder {
        OAuthBuilder {
            adapter,
            transport: Arc::new(transport),
            clock: Clock::system(),
            observers: Observers::none(),
            registration: Registration {
                token_url,
                authorize_url: None,
                revoke_url: None,
                client_id: client_id.into(),
                client_secret: None,
                client_auth: ClientAuth::default(),
                redirect_url: None,
                scopes: Vec::new(),
                authorize_params: Vec::new(),
                token_headers: Vec::new(),
                reusable_refresh: false,
            },
        }
    }

    /// How a session gets tokens by `grant`.
    #[must_use]
    pub fn flow(&self, grant: Grant) -> Flow {
        Flow::new(self.clone(), grant)
    }

    /// Makes the vendor forget a token and what was issued with it (RFC 7009). A token it does not know is no error.
    ///
    /// # Errors
    /// `Config` if there is no revocation endpoint or the client is not known there.
    pub async fn revoke(&self, token: &SecretString) -> Result<()> {
        const OPERATION: &str = "token.revoke";
        let registration = &self.0.registration;
        let url = registration.revoke_url.as_ref().ok_or_else(|| {
            Error::new(ErrorKind::Config, "the vendor's revocation endpoint is not set")
                .during(self.adapter(), OPERATION)
        })?;
        let form = vec![("token", token.expose_secret())];
        match self.post(url, OPERATION, form, Repeat::Yes).await {
            // RFC 7009 §2.2 wants 200 for a token that is gone already; some vendors refuse it.
            Err(error) if error.fault().is_some_and(|fault| GONE.contains(&&*fault.code)) => Ok(()),
            other => other.map(drop),
        }
    }

    fn adapter(&self) -> &'static str {
        self.0.client.adapter()
    }

    /// Sends a token request and reads the tokens.
    async fn exchange(
        &self,
        operation: &'static str,
        form: Vec<(&str, &str)>,
        repeat: Repeat,
    ) -> Result<TokenSet> {
        let body = self.post(&self.0.registration.token_url, operation, form, repeat).await?;
        let answer = Answer::read(&body).map_err(|error| error.during(self.adapter(), operation))?;
        Ok(answer.into_tokens(self.0.clock.now()))
    }

    async fn post(
        &self,
        url: &Url,
        operation: &'static str,
        mut form: Vec<(&str, &str)>,
        repeat: Repeat,
    ) -> Result<bytes::Bytes> {
        let registration = &self.0.registration;
        let basic = match (&registration.client_secret, registration.client_auth) {
            (Some(secret), ClientAuth::Basic) => Some(client_basic(&registration.client_id, secret)?),
            (Some(secret), ClientAuth::Body) => {
                form.push(("client_id", &registration.client_id));
                form.push(("client_secret", secret.expose_secret()));
                None
            }
            (None, _) => {
                form.push(("client_id", &registration.client_id));
                None
            }
        };
        let mut request = Request::new(Method::POST, url.clone(), operation);
        request.headers.extend(registration.token_headers.iter().cloned());
        request.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        request.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(FORM));
        request.headers.extend(basic.map(|basic| (header::AUTHORIZATION, basic)));
        request.body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish().into();
        request.authorize = false;
        request.idempotent = repeat == Repeat::Yes;
        request.limit = Some(ANSWER_LIMIT);
        self.0.client.send(request).await?.bytes().await
    }
}

/// Whether a token request may be sent again although it may have arrived.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeat {
    Yes,
    No,
}

/// Name and secret are form-encoded first (RFC 6749 §2.3.1).
fn client_basic(id: &str, secret: &SecretString) -> Result<HeaderValue> {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    fixed::basic(&encode(id), SecretString::from(encode(secret.expose_secret())).expose_secret())
}

impl fmt::Debug for OAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuth")
            .field("adapter", &self.adapter())
            .field("token_url", &self.0.registration.token_url.as_str())
            .finish_non_exhaustive()
    }
}

/// Assembles an [`OAuth`].
pub struct OAuthBuilder {
    adapter: &'static str,
    transport: Arc<dyn Transport>,
    clock: Clock,
    observers: Observers,
    registration: Registration,
}

impl OAuthBuilder {
    /// Sets the client's secret, unless it has none (a native app with PKCE), and how it is sent.
    #[must_use]
    pub fn client_secret(mut self, secret: SecretString, auth: ClientAuth) -> Self {
        self.registration.client_secret = Some(secret);
        self.registration.client_auth = auth;
        self
    }

    /// Sets where a person consents, and where they are sent afterwards.
    #[must_use]
    pub fn authorize_url(mut self, url: Url, redirect: Url) -> Self {
        self.registration.authorize_url = Some(url);
        self.registration.redirect_url = Some(redirect);
        self
    }

    /// Sets where tokens are revoked.
    #[must_use]
    pub fn revoke_url(mut self, url: Url) -> Self {
        self.registration.revoke_url = Some(url);
        self
    }

    /// Sets what is asked for.
    #[must_use]
    pub fn scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.registration.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a parameter of the vendor's own to the authorize address, for instance `prompt`.
    #[must_use]
    pub fn authorize_param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.registration.authorize_params.push((name.into(), value.into()));
        self
    }

    /// Adds a header to token requests, for instance one that asks for more in the answer.
    #[must_use]
    pub fn token_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.registration.token_headers.push((name, value));
        self
    }

    /// Says that a refresh token works on, at least for a while, after it was used: then a refresh whose answer was lost is repeated at once.
    #[must_use]
    pub fn reusable_refresh(mut self) -> Self {
        self.registration.reusable_refresh = true;
        self
    }

    /// Sets where the time comes from.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets who observes.
    #[must_use]
    pub fn observers(mut self, observers: Observers) -> Self {
        self.observers = observers;
        self
    }

    /// Completes it.
    #[must_use]
    pub fn build(self) -> OAuth {
        let client = Client::builder(self.adapter, self.registration.token_url.clone(), self.transport)
            .decode(Arc::new(Refusals { clock: self.clock.clone() }))
            .observers(self.observers)
            .clock(self.clock.clone())
            .deadline(DEADLINE)
            .build();
        OAuth(Arc::new(Inner { client, clock: self.clock, registration: self.registration }))
    }
}

impl fmt::Debug for OAuthBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthBuilder").field("adapter", &self.adapter).finish_non_exhaustive()
    }
}
