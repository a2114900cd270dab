//! What a connection needs to know.

use std::fmt;

use orion_core::{Error, ErrorKind, Result};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

/// How a connector reaches a workspace.
///
/// ```
/// # use orion_slack::Config;
/// let config: Config = serde_json::from_str(r#"{"auth": {"flow": "token", "token": "xoxb-…"}}"#)?;
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// How to log in.
    pub auth: Auth,
    /// Whose tokens of the token store to use: what [`Installation::account`](crate::Installation::account) said when the app was installed,
    /// `T…` for a workspace, `E…` for an organisation. Default `default`.
    #[serde(default = "account")]
    pub account: String,
    /// Where the Web API is. Default `https://slack.com/api/`.
    #[serde(default = "api_url")]
    pub api_url: Url,
    /// Where a person consents. Default `https://slack.com/oauth/v2/authorize`.
    #[serde(default = "authorize_url")]
    pub authorize_url: Url,
}

/// How to log in.
#[derive(Clone, Deserialize)]
#[serde(tag = "flow", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Auth {
    /// A bot's or a person's token (`xoxb-…`, `xoxp-…`) of an app that does not rotate them. It is not renewed.
    Token {
        /// The token.
        token: SecretString,
    },
    /// An app that people install: see [`Login`](crate::Login). The tokens are those of the token store.
    App {
        /// Client id of the app.
        client_id: String,
        /// Client secret of the app. Left out for an app that is public because it uses PKCE.
        #[serde(default)]
        client_secret: Option<SecretString>,
        /// Where Slack sends the person back to: one of the app's redirect URLs.
        #[serde(default)]
        redirect_url: Option<Url>,
        /// What the bot may do: `chat:write`, `users:read`, …
        #[serde(default)]
        scopes: Vec<String>,
        /// What the app may do as the person who installs it.
        #[serde(default)]
        user_scopes: Vec<String>,
        /// Whether the consent is bound to this program by PKCE. Slack takes it only from an app for which it is switched on, which makes the app
        /// public for good (Slack changelog, 2026-03-30). Default: yes without a client secret, and no with one.
        #[serde(default)]
        pkce: Option<bool>,
    },
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token { .. } => "Token",
            Self::App { .. } => "App",
        })
    }
}

/// Shows the host only of an address, which may hold a password.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("auth", &self.auth)
            .field("account", &self.account)
            .field("host", &self.api_url.host_str())
            .finish_non_exhaustive()
    }
}

impl Config {
    /// A configuration with the defaults.
    #[must_use]
    pub fn new(auth: Auth) -> Self {
        Self { auth, account: account(), api_url: api_url(), authorize_url: authorize_url() }
    }

    /// Logs in with a token.
    #[must_use]
    pub fn token(token: impl Into<SecretString>) -> Self {
        Self::new(Auth::Token { token: token.into() })
    }

    /// Logs in to a running [`Sandbox`](crate::sandbox::Sandbox), with its bot's token.
    #[cfg(feature = "sandbox")]
    #[must_use]
    #[expect(clippy::expect_used, reason = "the sandbox writes its own address")]
    pub fn sandbox(sandbox: &crate::sandbox::Sandbox) -> Self {
        let at = |path: &str| {
            Url::parse(&format!("{}{path}", sandbox.base_url())).expect("the address of a listener")
        };
        let config = Self::token(sandbox.bot_token());
        config.api_url(at("/api/")).authorize_url(at("/oauth/v2/authorize"))
    }

    /// Sets whose tokens of the token store to use.
    #[must_use]
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.account = account.into();
        self
    }

    /// Sets where the Web API is.
    #[must_use]
    pub fn api_url(mut self, url: Url) -> Self {
        self.api_url = url;
        self
    }

    /// Sets where a person consents.
    #[must_use]
    pub fn authorize_url(mut self, url: Url) -> Self {
        self.authorize_url = url;
        self
    }

    /// Checks what a type cannot.
    pub(crate) fn check(&self) -> Result<()> {
        let refuse = |why: &str| Err(Error::new(ErrorKind::Config, why));
        for (setting, url) in [("api_url", &self.api_url), ("authorize_url", &self.authorize_url)] {
            if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
                return refuse(&format!("`{setting}` has to be an https address"));
            }
            if !url.username().is_empty() || url.password().is_some() {
                return refuse(&format!("`{setting}` holds a name or a password; give them under `auth`"));
            }
        }
        if !self.api_url.path().ends_with('/') {
            return refuse("`api_url` has to end in `/`, so that a method's name can follow it");
        }
        match &self.auth {
            Auth::App { client_secret: None, pkce: Some(false), .. } => {
                refuse("an app without a client secret needs `pkce`: nothing else proves who asks")
            }
            _ => Ok(()),
        }
    }
}

#[expect(clippy::expect_used, reason = "every argument is a literal address")]
fn literal(url: &str) -> Url {
    Url::parse(url).expect("a literal address")
}

fn account() -> String {
    "default".to_owned()
}

fn api_url() -> Url {
    literal("https://slack.com/api/")
}

fn authorize_url() -> Url {
    literal("https://slack.com/oauth/v2/authorize")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_setting_is_refused() {
        let read = |json: &str| serde_json::from_str::<Config>(json);
        assert!(read(r#"{"auth":{"flow":"token","token":"x"}}"#).is_ok());
        assert!(read(r#"{"auth":{"flow":"app","client_id":"1.2","client_secret":"x"}}"#).is_ok());
        assert!(read(r#"{"auth":{"flow":"token","tokn":"x"}}"#).unwrap_err().to_string().contains("tokn"));
        assert!(read(r#"{"auth":{"flow":"magic"}}"#).is_err());
    }

    #[test]
    fn settings_that_cannot_work_are_refused_with_the_remedy() {
        assert!(Config::token("x").check().is_ok());
        for address in
            ["ftp://acme.test/", "data:x", "https://joe:planted@acme.test/api/", "https://acme.test/api"]
        {
            let config = Config::token("planted").api_url(Url::parse(address).unwrap());
            let error = config.check().unwrap_err();
            assert!(error.kind() == ErrorKind::Config && error.to_string().contains("`api_url`"), "{error}");
            assert!(!format!("{error}{error:?}{config:?}").contains("planted"), "{error}");
        }
        let public: Auth = serde_json::from_str(r#"{"flow":"app","client_id":"1.2","pkce":false}"#).unwrap();
        assert!(Config::new(public).check().unwrap_err().to_string().contains("`pkce`"));
    }
}
