//! What a connection needs to know.

use std::{fmt, sync::Arc};

use orion_core::{
    Currency, Error, ErrorKind, Result,
    http::{Client, Transport},
};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

/// How a connector reaches a company.
///
/// ```
/// # use orion_quickbooks::Config;
/// let config: Config = serde_json::from_str(
///     r#"{
///         "realm_id": "4620816365000000000",
///         "environment": "sandbox",
///         "auth": {"flow": "refresh_token", "client_id": "AB12…", "client_secret": "…", "refresh_token": "…"}
///     }"#,
/// )?;
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The company's id, which the login brings as `realmId`. Left empty, it is the one the stored login was for.
    #[serde(default)]
    pub realm_id: String,
    /// How to log in.
    pub auth: Auth,
    /// Which of Intuit's hosts to talk to. Default production.
    #[serde(default)]
    pub environment: Environment,
    /// Another host of the accounting API than the environment's.
    #[serde(default)]
    pub base_url: Option<Url>,
    /// Other OAuth endpoints than the environment's: [`Endpoints::discover`] reads them from a discovery document.
    #[serde(default)]
    pub endpoints: Option<Endpoints>,
    /// The host's name for the account, under which its tokens are kept. Default `default`.
    #[serde(default = "account")]
    pub account: String,
    /// The company's home currency, for amounts of records that name none. Default USD.
    #[serde(default = "currency")]
    pub currency: Currency,
    /// The verifier token of the app's webhooks, for [`Receive`](orion_core::Receive).
    #[serde(default)]
    pub webhook_verifier: Option<SecretString>,
}

/// Which of Intuit's hosts to talk to. Keys of one do not work with the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Environment {
    /// Real companies.
    #[default]
    Production,
    /// Intuit's sandbox companies, with the app's development keys.
    Sandbox,
}

/// How to log in.
#[derive(Clone, Deserialize)]
#[serde(tag = "flow", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Auth {
    /// An access token somebody else got. It lives an hour and is not renewed.
    AccessToken {
        /// The access token.
        access_token: SecretString,
    },
    /// A refresh token from the authorization-code flow. Leave the token out if the token store has it.
    RefreshToken {
        /// Client id of the app.
        client_id: String,
        /// Client secret of the app.
        client_secret: SecretString,
        /// The refresh token the first login returned.
        #[serde(default)]
        refresh_token: Option<SecretString>,
        /// Where Intuit sends the person back to, for [`Login::begin`](crate::Login::begin): one of the app's redirect URIs.
        #[serde(default)]
        redirect_url: Option<Url>,
    },
}

/// Intuit's OAuth 2.0 endpoints, as a discovery document lists them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Endpoints {
    /// Where a person consents.
    pub authorization_endpoint: Url,
    /// Where tokens come from.
    pub token_endpoint: Url,
    /// Where tokens are revoked.
    pub revocation_endpoint: Url,
    /// Who the person is (OpenID Connect).
    pub userinfo_endpoint: Url,
}

impl Endpoints {
    /// Reads the endpoints from a discovery document. Intuit's are at
    /// `https://developer.intuit.com/.well-known/openid_configuration/` and `…/openid_sandbox_configuration/`.
    ///
    /// # Errors
    /// What the request reports; `Malformed` for another document.
    pub async fn discover(transport: Arc<dyn Transport>, url: &Url) -> Result<Self> {
        let client = Client::builder(crate::NAME, url.clone(), transport).build();
        client.get(url.as_str(), "discovery").anonymous().json().await
    }
}

impl Environment {
    /// The host of the accounting API (Intuit docs, "Base URLs").
    #[must_use]
    pub fn base_url(self) -> Url {
        match self {
            Self::Production => literal("https://quickbooks.api.intuit.com"),
            Self::Sandbox => literal("https://sandbox-quickbooks.api.intuit.com"),
        }
    }

    /// The OAuth endpoints, as the environment's discovery document lists them (seen in Intuit's own client libraries).
    #[must_use]
    pub fn endpoints(self) -> Endpoints {
        let accounts = match self {
            Self::Production => "https://accounts.platform.intuit.com/v1/openid_connect/userinfo",
            Self::Sandbox => "https://sandbox-accounts.platform.intuit.com/v1/openid_connect/userinfo",
        };
        Endpoints {
            authorization_endpoint: literal("https://appcenter.intuit.com/connect/oauth2"),
            token_endpoint: literal("https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"),
            revocation_endpoint: literal("https://developer.api.intuit.com/v2/oauth2/tokens/revoke"),
            userinfo_endpoint: literal(accounts),
        }
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AccessToken { .. } => "AccessToken",
            Self::RefreshToken { .. } => "RefreshToken",
        })
    }
}

/// Shows the host only of an address, which may hold a password.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("realm_id", &self.realm_id)
            .field("auth", &self.auth)
            .field("environment", &self.environment)
            .field("host", &self.base().host_str())
            .field("account", &self.account)
            .field("currency", &self.currency)
            .finish_non_exhaustive()
    }
}

impl Config {
    /// A configuration with the defaults.
    #[must_use]
    pub fn new(realm_id: impl Into<String>, auth: Auth) -> Self {
        Self {
            realm_id: realm_id.into(),
            auth,
            environment: Environment::default(),
            base_url: None,
            endpoints: None,
            account: account(),
            currency: currency(),
            webhook_verifier: None,
        }
    }

    /// Logs in to a running [`Sandbox`](crate::sandbox::Sandbox), from its refresh token.
    #[cfg(feature = "sandbox")]
    #[must_use]
    #[expect(clippy::expect_used, reason = "the sandbox writes its own addresses")]
    pub fn sandbox(sandbox: &crate::sandbox::Sandbox) -> Self {
        let base = Url::parse(sandbox.base_url()).expect("the address of a listener");
        let at = |path: &str| base.join(path).expect("a literal path");
        let auth = Auth::RefreshToken {
            client_id: sandbox.client_id().into(),
            client_secret: sandbox.client_secret().into(),
            refresh_token: Some(sandbox.refresh_token().into()),
            redirect_url: Url::parse(sandbox.redirect_uri()).ok(),
        };
        let endpoints = Endpoints {
            authorization_endpoint: at("/connect/oauth2"),
            token_endpoint: at("/oauth2/v1/tokens/bearer"),
            revocation_endpoint: at("/v2/oauth2/tokens/revoke"),
            userinfo_endpoint: at("/v1/openid_connect/userinfo"),
        };
        let config = Self::new(sandbox.realm_id(), auth).base_url(base.clone()).endpoints(endpoints);
        config.webhook_verifier(sandbox.webhook_verifier())
    }

    /// Sets which of Intuit's hosts to talk to.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// Sets another host of the accounting API.
    #[must_use]
    pub fn base_url(mut self, base_url: Url) -> Self {
        self.base_url = Some(base_url);
        self
    }

    /// Sets other OAuth endpoints.
    #[must_use]
    pub fn endpoints(mut self, endpoints: Endpoints) -> Self {
        self.endpoints = Some(endpoints);
        self
    }

    /// Sets the host's name for the account.
    #[must_use]
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.account = account.into();
        self
    }

    /// Sets the company's home currency.
    #[must_use]
    pub fn currency(mut self, currency: Currency) -> Self {
        self.currency = currency;
        self
    }

    /// Sets the verifier token of the app's webhooks.
    #[must_use]
    pub fn webhook_verifier(mut self, token: impl Into<SecretString>) -> Self {
        self.webhook_verifier = Some(token.into());
        self
    }

    pub(crate) fn base(&self) -> Url {
        self.base_url.clone().unwrap_or_else(|| self.environment.base_url())
    }

    pub(crate) fn oauth(&self) -> Endpoints {
        self.endpoints.clone().unwrap_or_else(|| self.environment.endpoints())
    }

    /// Checks what a type cannot.
    pub(crate) fn check(&self) -> Result<()> {
        let refuse = |why: &str| Err(Error::new(ErrorKind::Config, why));
        if !self.realm_id.bytes().all(|byte| byte.is_ascii_digit()) {
            return refuse("`realm_id` is a number: the `realmId` that the login came back with");
        }
        if self.realm_id.is_empty() && matches!(self.auth, Auth::AccessToken { .. }) {
            return refuse("`realm_id` is missing, and an access token alone does not name its company");
        }
        let base = self.base();
        if !matches!(base.scheme(), "http" | "https") || !base.has_host() {
            return refuse("`base_url` has to be an https address");
        }
        if !base.username().is_empty() || base.password().is_some() {
            return refuse("`base_url` holds a name or a password; give them under `auth`");
        }
        Ok(())
    }
}

#[expect(clippy::expect_used, reason = "every argument is a literal address")]
fn literal(url: &str) -> Url {
    Url::parse(url).expect("a literal address")
}

fn account() -> String {
    "default".to_owned()
}

fn currency() -> Currency {
    Currency::USD
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Auth {
        Auth::AccessToken { access_token: "planted".into() }
    }

    #[test]
    fn a_misspelt_setting_is_refused() {
        let read = |json: &str| serde_json::from_str::<Config>(json);
        let auth = r#""auth":{"flow":"access_token","access_token":"a"}"#;
        assert!(read(&format!(r#"{{"realm_id":"1",{auth}}}"#)).is_ok());
        assert!(read(&format!(r#"{{"realmid":"1",{auth}}}"#)).unwrap_err().to_string().contains("realmid"));
        assert!(read(r#"{"realm_id":"1","auth":{"flow":"magic"}}"#).is_err());
    }

    #[test]
    fn settings_that_cannot_work_are_refused_with_the_remedy() {
        assert!(Config::new("42", token()).check().is_ok());
        for realm in ["", "1/../2", "4x", "?"] {
            let error = Config::new(realm, token()).check().unwrap_err();
            assert!(error.to_string().contains("`realm_id`"), "{error}");
        }
        for address in ["ftp://acme.test", "data:x", "https://joe:planted@acme.test"] {
            let config = Config::new("42", token()).base_url(Url::parse(address).unwrap());
            let error = config.check().unwrap_err();
            assert!(error.to_string().contains("`base_url`"), "{error}");
            assert!(!format!("{error}{error:?}{config:?}").contains("planted"), "{error}");
        }
    }

    #[test]
    fn no_secret_is_shown() {
        let config = Config::new("42", token()).webhook_verifier("planted");
        assert!(!format!("{config:?}").contains("planted"));
    }
}
