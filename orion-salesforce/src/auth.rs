//! How a connection logs in.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use chrono::DateTime;
use orion_core::{
    Clock, Error, ErrorKind, Result,
    auth::{
        AccountKey, Authorize, Begun, ClientAuth, Fixed, Flow, Grant, JwtBearer, OAuth, Pending, Renew,
        Session, TokenSet, TokenStore,
    },
    http::Transport,
    observe::Observers,
};
use secrecy::ExposeSecret;
use url::Url;

use crate::{Auth, Config};

/// The login of one connection: its tokens, their renewal, and the web-server flow that first brings them.
#[derive(Clone)]
pub struct Login(Kind);

#[derive(Clone)]
enum Kind {
    Fixed { authorize: Arc<Fixed>, instance: Url },
    OAuth { session: Session, oauth: OAuth },
}

/// What a login is made of beside its configuration.
pub(crate) struct Parts {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) store: Option<Arc<dyn TokenStore>>,
    pub(crate) clock: Clock,
    pub(crate) observers: Observers,
}

impl Login {
    pub(crate) fn new(config: &Config, parts: Parts) -> Result<Self> {
        if let Auth::AccessToken { access_token, instance_url } = &config.auth {
            let authorize = Arc::new(Fixed::bearer(access_token, instance_url)?);
            return Ok(Self(Kind::Fixed { authorize, instance: instance_url.clone() }));
        }
        let oauth = oauth(config, &parts)?;
        let key = AccountKey::new(crate::NAME, config.account.as_str());
        let renew = Seeded { flow: oauth.flow(grant(config)?), seed: seed(&config.auth) };
        let mut session =
            Session::builder(renew, key, &config.login_url).clock(parts.clock).observers(parts.observers);
        if let Some(store) = parts.store {
            session = session.store(store);
        }
        Ok(Self(Kind::OAuth { session: session.build(), oauth }))
    }

    pub(crate) fn authorize(&self) -> Arc<dyn Authorize> {
        match &self.0 {
            Kind::Fixed { authorize, .. } => Arc::clone(authorize) as Arc<dyn Authorize>,
            Kind::OAuth { session, .. } => Arc::new(session.clone()),
        }
    }

    /// The org's own address.
    ///
    /// # Errors
    /// What logging in reports.
    pub async fn instance(&self) -> Result<String> {
        match &self.0 {
            Kind::Fixed { instance, .. } => Ok(instance.to_string()),
            Kind::OAuth { session, .. } => {
                let tokens = session.tokens().await?;
                tokens.extra.get("instance_url").cloned().ok_or_else(|| {
                    Error::new(ErrorKind::Malformed, "the token answer names no instance_url")
                        .during(crate::NAME, "token")
                })
            }
        }
    }

    /// Begins the web-server flow: where to send the person, and what to keep until they come back.
    ///
    /// # Errors
    /// `Config` unless the configuration is of the flow `refresh_token` with a `redirect_url`.
    pub fn begin(&self) -> Result<Begun> {
        self.oauth()?.begin()
    }

    /// Completes the web-server flow from the address the person came back to, and keeps the tokens.
    ///
    /// # Errors
    /// `Auth` if the person refused, the answer belongs to another login, or the code is too old; `Storage` if the tokens cannot be kept.
    pub async fn complete(&self, pending: &Pending, callback: &str) -> Result<()> {
        let tokens = self.oauth()?.complete(pending, callback).await?;
        self.session()?.save(tokens).await
    }

    /// Makes Salesforce forget the tokens, and removes them from the store.
    ///
    /// # Errors
    /// What the revocation reports; the tokens are still stored then.
    pub async fn revoke(&self) -> Result<()> {
        let session = self.session()?;
        let tokens = session.tokens().await?;
        // Revoking a refresh token ends its access tokens too.
        self.oauth()?.revoke(tokens.refresh.as_ref().unwrap_or(&tokens.access)).await?;
        session.forget().await
    }

    fn oauth(&self) -> Result<&OAuth> {
        match &self.0 {
            Kind::OAuth { oauth, .. } => Ok(oauth),
            Kind::Fixed { .. } => Err(borrowed()),
        }
    }

    fn session(&self) -> Result<&Session> {
        match &self.0 {
            Kind::OAuth { session, .. } => Ok(session),
            Kind::Fixed { .. } => Err(borrowed()),
        }
    }
}

fn borrowed() -> Error {
    Error::new(ErrorKind::Config, "the session was logged in elsewhere; configure a flow to log in here")
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").finish_non_exhaustive()
    }
}

/// Salesforce's endpoints, and the connected app there (OAuth 2.0 docs, "OAuth Endpoints").
fn oauth(config: &Config, parts: &Parts) -> Result<OAuth> {
    let at = |path: &str| {
        config.login_url.join(path).map_err(|source| {
            Error::new(ErrorKind::Config, "`login_url` has no place for a path").with_source(source)
        })
    };
    let (client_id, secret, redirect) = match &config.auth {
        Auth::RefreshToken { client_id, client_secret, redirect_url, .. } => {
            (client_id, client_secret.as_ref(), redirect_url.as_ref())
        }
        Auth::ClientCredentials { client_id, client_secret }
        | Auth::Password { client_id, client_secret, .. } => (client_id, Some(client_secret), None),
        Auth::Jwt { client_id, .. } => (client_id, None, None),
        Auth::AccessToken { .. } => return Err(borrowed()),
    };
    let mut builder =
        OAuth::builder(crate::NAME, at("/services/oauth2/token")?, client_id, Arc::clone(&parts.transport))
            .revoke_url(at("/services/oauth2/revoke")?)
            // A refresh token works on after its use, unless the app turns rotation on (Salesforce help, "Rotate Refresh Tokens"); then
            // one whose answer was lost is as used up after a repetition as without.
            .reusable_refresh()
            .clock(parts.clock.clone())
            .observers(parts.observers.clone());
    if let Some(secret) = secret {
        builder = builder.client_secret(secret.clone(), ClientAuth::Body);
    }
    if let Some(redirect) = redirect {
        builder = builder
            .authorize_url(at("/services/oauth2/authorize")?, redirect.clone())
            // `id` opens the identity services, which say whose org it is (Salesforce OAuth docs, "OAuth Tokens and Scopes").
            .scopes(["api", "id", "refresh_token"]);
    }
    Ok(builder.build())
}

fn grant(config: &Config) -> Result<Grant> {
    Ok(match &config.auth {
        Auth::ClientCredentials { .. } => Grant::ClientCredentials,
        Auth::Jwt { client_id, username, private_key } => {
            let audience = config.login_url.origin().ascii_serialization();
            Grant::Jwt(JwtBearer::new(private_key.clone(), client_id, username, audience)?)
        }
        Auth::Password { username, password, .. } => {
            Grant::Password { username: username.clone(), password: password.clone() }
        }
        Auth::RefreshToken { .. } | Auth::AccessToken { .. } => Grant::Refresh,
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
            Some(seed) => self.flow.renew(Some(seed)).await,
            None => renewed,
        }
    }
}
