//! How a connection logs in: tokens, their renewal, and the installation that first brings them.

mod install;
mod rotate;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use orion_core::{
    Clock, Error, ErrorKind, Result,
    auth::{AccountKey, Authorize, Fixed, MemoryTokenStore, Session, TokenStore},
    http::{Client, Transport},
    observe::Observers,
};
use secrecy::{ExposeSecret, SecretString};

pub use install::{Grant, Installation, Webhook};

use self::rotate::{App, Rotation};
use crate::{Auth, Config, NAME};

/// The login of one connection: its tokens, their renewal, and the installation that first brings them.
///
/// The token store keeps an installation under the id of its workspace or, if the app was installed for a whole organisation, of that, and the
/// token of a person under theirs after a slash. [`Slack::account`](crate::Slack::account) is the connection to another of them.
///
/// Tokens that rotate live twelve hours, and a refresh token is used up by its use. The new ones are stored before they are used, and one renewal
/// is under way per account at a time, in this process and, through the store, in others.
#[derive(Clone)]
pub struct Login {
    shared: Arc<Shared>,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Fixed { authorize: Arc<Fixed>, token: SecretString },
    Session(Session),
}

/// What the connections of one app have in common.
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) transport: Arc<dyn Transport>,
    store: Arc<dyn TokenStore>,
    pub(crate) clock: Clock,
    pub(crate) observers: Observers,
    /// Sends without credentials.
    client: Client,
    sessions: Mutex<HashMap<Box<str>, Session>>,
}

impl Shared {
    pub(crate) fn new(
        config: Config,
        transport: Arc<dyn Transport>,
        store: Option<Arc<dyn TokenStore>>,
        clock: Clock,
        observers: Observers,
        client: Client,
    ) -> Self {
        let store = store.unwrap_or_else(|| Arc::new(MemoryTokenStore::new()));
        Self { config, transport, store, clock, observers, client, sessions: Mutex::default() }
    }

    /// The one session of an account.
    fn session(&self, account: &str, app: &App) -> Session {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let renew = Rotation { client: self.client.clone(), app: app.clone(), clock: self.clock.clone() };
            Session::builder(renew, AccountKey::new(NAME, account), &self.config.api_url)
                .clock(self.clock.clone())
                .observers(self.observers.clone())
                .store(Arc::clone(&self.store))
                .build()
        };
        sessions.entry(account.into()).or_insert_with(make).clone()
    }
}

impl Login {
    pub(crate) fn new(shared: &Arc<Shared>, account: &str) -> Result<Self> {
        let kind = match &shared.config.auth {
            Auth::Token { token } => {
                let authorize = Arc::new(Fixed::bearer(token, &shared.config.api_url)?);
                Kind::Fixed { authorize, token: token.clone() }
            }
            Auth::App { client_id, client_secret, .. } => {
                let app = App { id: client_id.as_str().into(), secret: client_secret.clone() };
                Kind::Session(shared.session(account, &app))
            }
        };
        Ok(Self { shared: Arc::clone(shared), kind })
    }

    pub(crate) fn authorize(&self) -> Arc<dyn Authorize> {
        match &self.kind {
            Kind::Fixed { authorize, .. } => Arc::clone(authorize) as Arc<dyn Authorize>,
            Kind::Session(session) => Arc::new(session.clone()),
        }
    }

    /// The account under which the installation for an event's workspace and organisation is stored: that of the workspace, or else that of the
    /// organisation. `None`: the app is not installed there (any more).
    ///
    /// # Errors
    /// `Storage` if the store fails.
    pub async fn installed(&self, team: Option<&str>, enterprise: Option<&str>) -> Result<Option<String>> {
        for account in team.into_iter().chain(enterprise) {
            if self.shared.store.load(&AccountKey::new(NAME, account)).await?.is_some() {
                return Ok(Some(account.to_owned()));
            }
        }
        Ok(None)
    }

    /// Makes Slack forget the token, and removes it from the store. One that it does not know any more is no error.
    ///
    /// # Errors
    /// What the revocation reports; the token is still stored then.
    pub async fn revoke(&self) -> Result<()> {
        let token = match &self.kind {
            Kind::Fixed { token, .. } => token.clone(),
            Kind::Session(session) => session.tokens().await?.access,
        };
        let bearer = format!("Bearer {}", token.expose_secret());
        let call = self.shared.client.post("auth.revoke", "auth.revoke").anonymous().idempotent();
        match call.header(http::header::AUTHORIZATION, &bearer).send().await {
            Err(error) if error.kind() != ErrorKind::Auth => return Err(error),
            _ => {}
        }
        match &self.kind {
            Kind::Fixed { .. } => Ok(()),
            Kind::Session(session) => session.forget().await,
        }
    }
}

fn borrowed() -> Error {
    let message = "the token was got elsewhere; configure the flow `app` to install the app from here";
    Error::new(ErrorKind::Config, message).during(NAME, "install")
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").finish_non_exhaustive()
    }
}
