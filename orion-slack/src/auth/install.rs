//! The installation: a person lets the app into their workspace (Slack docs, "Installing with OAuth").

use std::{collections::BTreeMap, fmt, sync::Arc};

use orion_core::{
    Error, ErrorKind, Fault, Result,
    auth::{Begun, OAuth, Pending, TokenSet},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::{Url, form_urlencoded};

use super::{
    Kind, Login, borrowed,
    rotate::{App, Issued},
};
use crate::{Auth, NAME};

const OPERATION: &str = "install";

/// What an installation brought. The tokens are in the token store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Installation {
    /// Id and name of the workspace. `None` if the app was installed for a whole organisation.
    pub team: Option<(String, String)>,
    /// Id and name of the organisation, if there is one.
    pub enterprise: Option<(String, String)>,
    /// Id of the app.
    pub app_id: String,
    /// The bot, if the app asked for one.
    pub bot: Option<Grant>,
    /// The person who installed it. Without scopes if the app asked for none of theirs.
    pub user: Option<Grant>,
    /// A webhook, if the app asked for one. It is kept nowhere else.
    pub webhook: Option<Webhook>,
}

/// Who may do what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Grant {
    /// Id of the user.
    pub id: String,
    /// What the app may do as that user.
    pub scopes: Vec<String>,
}

/// An address that posts into one channel whatever is sent to it. It is a secret.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Webhook {
    /// The address.
    pub url: SecretString,
    /// Name of the channel.
    #[serde(default)]
    pub channel: String,
    /// Id of the channel.
    #[serde(default)]
    pub channel_id: String,
}

impl PartialEq for Webhook {
    fn eq(&self, other: &Self) -> bool {
        self.url.expose_secret() == other.url.expose_secret() && self.channel_id == other.channel_id
    }
}

impl Eq for Webhook {}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("channel_id", &self.channel_id).finish_non_exhaustive()
    }
}

impl Installation {
    /// The account under which the bot's token is stored: the id of the workspace, or of the organisation.
    #[must_use]
    pub fn account(&self) -> &str {
        let place = self.team.as_ref().or(self.enterprise.as_ref());
        place.map_or("", |(id, _)| id)
    }

    /// The account under which the person's token is stored, if there is one.
    #[must_use]
    pub fn user_account(&self) -> Option<String> {
        let user = self.user.as_ref().filter(|user| !user.scopes.is_empty())?;
        Some(format!("{}/{}", self.account(), user.id))
    }
}

/// The answer of `oauth.v2.access`. An installation without a bot has no token at its top (docs, the method's examples).
#[derive(Deserialize)]
struct Access {
    #[serde(flatten)]
    bot: Issued,
    #[serde(default)]
    scope: Option<String>,
    #[serde(default)]
    bot_user_id: Option<String>,
    #[serde(default)]
    app_id: String,
    team: Option<Place>,
    enterprise: Option<Place>,
    authed_user: Option<Person>,
    incoming_webhook: Option<Webhook>,
}

#[derive(Deserialize)]
struct Place {
    id: String,
    #[serde(default)]
    name: Option<String>,
}

#[derive(Deserialize)]
struct Person {
    id: String,
    #[serde(default)]
    scope: Option<String>,
    #[serde(flatten)]
    tokens: Issued,
}

impl Login {
    /// Begins an installation: where to send the person, and what to keep until they come back.
    ///
    /// # Errors
    /// `Config` unless the configuration is of the flow `app` with a `redirect_url`.
    pub fn begin(&self) -> Result<Begun> {
        let config = &self.shared.config;
        let Auth::App { client_id, redirect_url, scopes, user_scopes, .. } = &config.auth else {
            return Err(borrowed());
        };
        let Some(redirect) = redirect_url else {
            let message = "`redirect_url` is not set: Slack has to know where to send the person back to";
            return Err(Error::new(ErrorKind::Config, message).during(NAME, OPERATION));
        };
        let transport = Arc::clone(&self.shared.transport);
        // One scope to the library, which would part several by spaces where Slack wants commas.
        let bot = (!scopes.is_empty()).then(|| scopes.join(","));
        let mut oauth = OAuth::builder(NAME, config.api_url.clone(), client_id, transport)
            .authorize_url(config.authorize_url.clone(), redirect.clone())
            .scopes(bot);
        if !user_scopes.is_empty() {
            oauth = oauth.authorize_param("user_scope", user_scopes.join(","));
        }
        let mut begun = oauth.build().begin()?;
        if !self.uses_pkce() {
            begun.authorize_url = without_pkce(&begun.authorize_url);
        }
        Ok(begun)
    }

    /// Completes an installation from the address the person came back to, and keeps the tokens: the bot's under
    /// [`Installation::account`], the person's under [`Installation::user_account`].
    ///
    /// # Errors
    /// `Auth` with the fault code `state_mismatch` if the answer belongs to another installation, `access_denied` if the person refused, or
    /// `invalid_code` if the code is too old or was used already; `Storage` if the tokens cannot be kept.
    pub async fn complete(&self, pending: &Pending, callback: &str) -> Result<Installation> {
        let Auth::App { client_id, client_secret, redirect_url, .. } = &self.shared.config.auth else {
            return Err(borrowed());
        };
        let code = code(pending, callback)?;
        let verifier = self.uses_pkce().then(|| pending.verifier());
        let mut form = vec![("grant_type", "authorization_code"), ("code", code.expose_secret())];
        form.extend(verifier.map(|verifier| ("code_verifier", verifier.expose_secret())));
        form.extend(redirect_url.as_ref().map(|url| ("redirect_uri", url.as_str())));
        let app = App { id: client_id.as_str().into(), secret: client_secret.clone() };
        let access: Access = app.access(&self.shared.client, OPERATION, &form).await?;
        self.keep(access, &app).await
    }

    async fn keep(&self, access: Access, app: &App) -> Result<Installation> {
        let malformed = |what: &str| {
            Error::new(ErrorKind::Malformed, format!("the answer names no {what}")).during(NAME, OPERATION)
        };
        let place = |place: Place| (place.id, place.name.unwrap_or_default());
        let mut installation = Installation {
            team: access.team.map(place),
            enterprise: access.enterprise.map(place),
            app_id: access.app_id,
            webhook: access.incoming_webhook,
            ..Installation::default()
        };
        if installation.account().is_empty() {
            return Err(malformed("workspace"));
        }
        let now = self.shared.clock.now();
        let mut kept = Vec::new();
        if let Some(tokens) = access.bot.into_tokens(now) {
            let id = access.bot_user_id.unwrap_or_default();
            installation.bot = Some(Grant { id, scopes: scopes(access.scope) });
            kept.push((installation.account().to_owned(), tokens));
        }
        if let Some(person) = access.authed_user {
            installation.user = Some(Grant { id: person.id, scopes: scopes(person.scope) });
            let tokens = person.tokens.into_tokens(now);
            kept.extend(installation.user_account().zip(tokens));
        }
        if kept.is_empty() {
            return Err(malformed("token"));
        }
        for (account, tokens) in kept {
            self.shared.session(&account, app).save(noted(tokens, &installation)).await?;
        }
        Ok(installation)
    }

    fn uses_pkce(&self) -> bool {
        match &self.shared.config.auth {
            Auth::App { client_secret, pkce, .. } => pkce.unwrap_or(client_secret.is_none()),
            Auth::Token { .. } => false,
        }
    }

    /// Whether the connection has tokens of its own to renew.
    #[must_use]
    pub fn rotates(&self) -> bool {
        matches!(self.kind, Kind::Session(_))
    }
}

/// What is known of the tokens beside them, for who looks into the store.
fn noted(tokens: TokenSet, installation: &Installation) -> TokenSet {
    let id = |place: &Option<(String, String)>| place.as_ref().map(|(id, _)| id.clone());
    let notes = [
        ("team_id", id(&installation.team)),
        ("enterprise_id", id(&installation.enterprise)),
        ("app_id", Some(installation.app_id.clone())),
        ("bot_user_id", installation.bot.as_ref().map(|bot| bot.id.clone())),
    ];
    let notes = notes.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)));
    notes.fold(tokens, |tokens, (name, value)| tokens.with_extra(name, value))
}

fn scopes(text: Option<String>) -> Vec<String> {
    let text = text.unwrap_or_default();
    text.split(',').map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

/// The code of the address the person came back to.
fn code(pending: &Pending, callback: &str) -> Result<SecretString> {
    let query = callback.split_once('?').map_or(callback, |(_, query)| query);
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    let mut parameters: BTreeMap<_, _> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let failed = |code: &str, message: &'static str| {
        let error = Error::new(ErrorKind::Auth, message).during(NAME, OPERATION);
        Err(error.with_fault(Fault::new(0, code, "")))
    };
    if parameters.remove("state").is_none_or(|state| state != pending.state().expose_secret()) {
        return failed(
            "state_mismatch",
            "the answer belongs to another installation: begin again in the same browser",
        );
    }
    if let Some(error) = parameters.remove("error") {
        return match &*error {
            "access_denied" => failed("access_denied", "the person did not let the app in: ask again"),
            _ => failed("refused", "Slack refused the installation: check the scopes and the redirect URL"),
        };
    }
    parameters.remove("code").map(SecretString::from).ok_or_else(|| {
        let message = "the answer holds neither a code nor an error";
        Error::new(ErrorKind::Malformed, message).during(NAME, OPERATION)
    })
}

/// The address for an app that does not use PKCE, from which Slack would refuse its parameters.
fn without_pkce(url: &Url) -> Url {
    let mut plain = url.clone();
    let pairs = url.query_pairs().filter(|(name, _)| !name.starts_with("code_challenge"));
    plain.query_pairs_mut().clear().extend_pairs(pairs);
    plain
}
