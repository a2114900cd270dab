//! How a connection logs in.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use chrono::DateTime;
use http::{HeaderName, HeaderValue, header};
use orion_core::{
    Clock, Error, ErrorKind, Fields, Result,
    auth::{
        AccountKey, Authorize, Begun, ClientAuth, Fixed, Flow, Grant, OAuth, Pending, Renew, Session,
        TokenSet, TokenStore,
    },
    http::{Client, Transport},
    observe::Observers,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use crate::{Auth, Config};

/// What is asked for: the books, and who the person is (Intuit docs, "Scopes").
const SCOPES: [&str; 4] = ["com.intuit.quickbooks.accounting", "openid", "profile", "email"];

/// Asks the token endpoint to say when the refresh token ends for good, five years after the consent
/// (release notes of Intuit's client libraries, 2025).
const HARD_EXPIRY: HeaderName = HeaderName::from_static("x-include-refresh-token-hard-expires-in");

/// The login of one connection: its tokens, their renewal, and the flow that first brings them.
///
/// Intuit's refresh tokens rotate about once a day. The new one is stored before it is used, and one renewal is under way per account at a
/// time, in this process and, through the token store, in others.
#[derive(Clone)]
pub struct Login {
    kind: Kind,
    client: Client,
    userinfo: Url,
}

#[derive(Clone)]
enum Kind {
    Fixed { authorize: Arc<Fixed>, token: SecretString },
    OAuth { session: Session, oauth: OAuth },
}

/// What a login is made of beside its configuration.
pub(crate) struct Parts {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) store: Option<Arc<dyn TokenStore>>,
    pub(crate) clock: Clock,
    pub(crate) observers: Observers,
}

/// Why an account's tokens do not work, by what has to be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenProblem {
    /// Another worker replaced the tokens: call again, and the new ones are loaded.
    RotatedElsewhere,
    /// Intuit refuses the refresh token: the person disconnected the app, or a successor of the token was not kept. The account has to be
    /// authorised again.
    Revoked,
    /// The refresh token reached the end of its life (100 days without use, five years in all). The account has to be authorised again.
    ExpiredForGood,
}

impl TokenProblem {
    /// Which of the problems an error reports, if it is one of them.
    #[must_use]
    pub fn of(error: &Error) -> Option<Self> {
        let code = error.fault().map_or("", |fault| &*fault.code);
        match (error.kind(), code) {
            (ErrorKind::Rotated, _) => Some(Self::RotatedElsewhere),
            (ErrorKind::Auth, "invalid_grant") => Some(Self::Revoked),
            (ErrorKind::Auth, "refresh_token_expired") => Some(Self::ExpiredForGood),
            _ => None,
        }
    }
}

/// What Intuit says of the person who consented (OpenID Connect). `Debug` shows the id only.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[non_exhaustive]
pub struct User {
    /// Intuit's id of the person.
    pub sub: String,
    /// Their email address.
    pub email: Option<String>,
    /// Whether they have shown that it is theirs.
    pub email_verified: Option<bool>,
    /// Given name.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// Their telephone number.
    pub phone_number: Option<String>,
    /// What else the endpoint says, for instance `address`.
    #[serde(flatten)]
    pub extra: Fields,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("sub", &self.sub).finish_non_exhaustive()
    }
}

impl Login {
    pub(crate) fn new(config: &Config, parts: Parts) -> Result<Self> {
        let endpoints = config.oauth();
        let client =
            Client::builder(crate::NAME, endpoints.userinfo_endpoint.clone(), Arc::clone(&parts.transport))
                .clock(parts.clock.clone())
                .observers(parts.observers.clone())
                .build();
        let userinfo = endpoints.userinfo_endpoint;
        if let Auth::AccessToken { access_token } = &config.auth {
            let authorize = Arc::new(Fixed::bearer(access_token, &config.base())?);
            let kind = Kind::Fixed { authorize, token: access_token.clone() };
            return Ok(Self { kind, client, userinfo });
        }
        let oauth = oauth(config, &parts)?;
        let key = AccountKey::new(crate::NAME, config.account.as_str());
        let renew = Seeded { flow: oauth.flow(Grant::Refresh), seed: seed(&config.auth) };
        let mut session =
            Session::builder(renew, key, &config.base()).clock(parts.clock).observers(parts.observers);
        if let Some(store) = parts.store {
            session = session.store(store);
        }
        Ok(Self { kind: Kind::OAuth { session: session.build(), oauth }, client, userinfo })
    }

    pub(crate) fn authorize(&self) -> Arc<dyn Authorize> {
        match &self.kind {
            Kind::Fixed { authorize, .. } => Arc::clone(authorize) as Arc<dyn Authorize>,
            Kind::OAuth { session, .. } => Arc::new(session.clone()),
        }
    }

    /// Begins the login: where to send the person, and what to keep until they come back.
    ///
    /// # Errors
    /// `Config` unless the configuration is of the flow `refresh_token` with a `redirect_url`.
    pub fn begin(&self) -> Result<Begun> {
        self.oauth()?.begin()
    }

    /// Completes the login from the address the person came back to, keeps the tokens, and returns the id of the company (`realmId`).
    ///
    /// The id stands in the address, where the person could have changed it. Another company than the one they consented for refuses the
    /// tokens, so [`Adapter::check`](orion_core::Adapter::check) tells.
    ///
    /// # Errors
    /// `Auth` if the person refused, the answer belongs to another login, or the code is too old; `Malformed` without a company's id;
    /// `Storage` if the tokens cannot be kept.
    pub async fn complete(&self, pending: &Pending, callback: &str) -> Result<String> {
        let tokens = self.oauth()?.complete(pending, callback).await?;
        let realm = realm(&tokens).ok_or_else(|| {
            Error::new(ErrorKind::Malformed, "the answer names no company: `realmId` is missing or no number")
                .during(crate::NAME, "token.code")
        })?;
        self.session()?.save(tokens).await?;
        Ok(realm)
    }

    /// The id of the company the stored login is for.
    pub(crate) async fn realm(&self) -> Result<String> {
        realm(&self.session()?.tokens().await?).ok_or_else(|| {
            let message = "`realm_id` is not set, and the stored login does not name its company";
            Error::new(ErrorKind::Config, message).during(crate::NAME, "request")
        })
    }

    /// Asks who the person is that consented.
    ///
    /// # Errors
    /// What the tokens or the request report; `Auth` if the scope `openid` was not granted.
    pub async fn userinfo(&self) -> Result<User> {
        let token = match &self.kind {
            Kind::Fixed { token, .. } => token.clone(),
            Kind::OAuth { session, .. } => session.tokens().await?.access,
        };
        // The endpoint is on another host than the API; a session sends its tokens to the API's only.
        let bearer = format!("Bearer {}", token.expose_secret());
        let call = self.client.get(self.userinfo.as_str(), "userinfo").anonymous();
        call.header(header::AUTHORIZATION, &bearer).json().await
    }

    /// Makes Intuit forget the tokens, which disconnects the company, and removes them from the store.
    ///
    /// # Errors
    /// What the revocation reports; the tokens are still stored then.
    pub async fn revoke(&self) -> Result<()> {
        let session = self.session()?;
        let tokens = session.tokens().await?;
        self.oauth()?.revoke(tokens.refresh.as_ref().unwrap_or(&tokens.access)).await?;
        session.forget().await
    }

    fn oauth(&self) -> Result<&OAuth> {
        match &self.kind {
            Kind::OAuth { oauth, .. } => Ok(oauth),
            Kind::Fixed { .. } => Err(borrowed()),
        }
    }

    fn session(&self) -> Result<&Session> {
        match &self.kind {
            Kind::OAuth { session, .. } => Ok(session),
            Kind::Fixed { .. } => Err(borrowed()),
        }
    }
}

/// The company the consent was given for.
fn realm(tokens: &TokenSet) -> Option<String> {
    let realm = tokens.extra.get("callback.realmId")?;
    (!realm.is_empty() && realm.bytes().all(|byte| byte.is_ascii_digit())).then(|| realm.clone())
}

fn borrowed() -> Error {
    Error::new(
        ErrorKind::Config,
        "the token was got elsewhere; configure the flow `refresh_token` to log in here",
    )
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").finish_non_exhaustive()
    }
}

/// Intuit's endpoints, and the app there.
fn oauth(config: &Config, parts: &Parts) -> Result<OAuth> {
    let Auth::RefreshToken { client_id, client_secret, redirect_url, .. } = &config.auth else {
        return Err(borrowed());
    };
    let endpoints = config.oauth();
    let builder =
        OAuth::builder(crate::NAME, endpoints.token_endpoint, client_id, Arc::clone(&parts.transport))
            .client_secret(client_secret.clone(), ClientAuth::Basic)
            .revoke_url(endpoints.revocation_endpoint)
            .token_header(HARD_EXPIRY, HeaderValue::from_static("true"))
            // The old token works for a day after a new one was issued (Intuit docs, "Refresh token"; a help article says otherwise). If it
            // does not, a lost answer has lost the token either way.
            .reusable_refresh()
            .scopes(SCOPES)
            .clock(parts.clock.clone())
            .observers(parts.observers.clone());
    Ok(match redirect_url {
        Some(redirect) => builder.authorize_url(endpoints.authorization_endpoint, redirect.clone()).build(),
        None => builder.build(),
    })
}

/// The refresh token of the configuration, as tokens whose access token has expired already.
fn seed(auth: &Auth) -> Option<TokenSet> {
    let Auth::RefreshToken { refresh_token: Some(refresh), .. } = auth else { return None };
    Some(TokenSet::new("").with_refresh(refresh.clone()).expiring_at(DateTime::UNIX_EPOCH))
}

/// Renews with what the store holds, or else with the configured refresh token.
struct Seeded {
    flow: Flow,
    seed: Option<TokenSet>,
}

impl Seeded {
    /// The configured refresh token, if it is another than the one that was refused: the account was authorised again and the
    /// configuration has what that brought.
    fn other_than(&self, refused: &TokenSet) -> Option<&TokenSet> {
        let token = |tokens: &TokenSet| tokens.refresh.as_ref().map(|token| token.expose_secret().to_owned());
        self.seed.as_ref().filter(|seed| token(seed) != token(refused))
    }
}

#[async_trait]
impl Renew for Seeded {
    async fn renew(&self, current: Option<&TokenSet>) -> Result<TokenSet> {
        let renewed = self.flow.renew(current.or(self.seed.as_ref())).await;
        let refused = renewed.as_ref().is_err_and(|error| error.kind() == ErrorKind::Auth);
        match current.filter(|_| refused).and_then(|current| self.other_than(current)) {
            Some(seed) => match self.flow.renew(Some(seed)).await {
                // What became of the stored token says more than that an older one is refused too.
                Err(error) if error.kind() == ErrorKind::Auth => renewed,
                other => other,
            },
            None => renewed,
        }
    }
}
