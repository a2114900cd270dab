//! What a connection needs to know.

use std::{collections::BTreeMap, fmt};

use orion_core::{Currency, Error, ErrorKind, Result};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

/// The external-id field the connector suggests for upserts. Salesforce has none of its own: the org's administrator makes it.
pub const EXTERNAL_ID: &str = "External_Id__c";

/// How a connector reaches an org.
///
/// ```
/// # use orion_salesforce::Config;
/// let config: Config = serde_json::from_str(
///     r#"{
///         "login_url": "https://acme.my.salesforce.com",
///         "auth": {"flow": "client_credentials", "client_id": "3MVG9…", "client_secret": "…"}
///     }"#,
/// )?;
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// Where to log in: `https://login.salesforce.com` (the default), `https://test.salesforce.com` for a sandbox org, or the
    /// org's My Domain, which client credentials need.
    #[serde(default = "login_url")]
    pub login_url: Url,
    /// How to log in.
    pub auth: Auth,
    /// The host's name for the account, under which its tokens are kept. Default `default`.
    #[serde(default = "account")]
    pub account: String,
    /// REST API version, 58.0 or later. Default 62.0.
    #[serde(default = "api_version")]
    pub api_version: String,
    /// The org's currency. A single-currency org does not say it with its records. Default USD.
    #[serde(default = "currency")]
    pub currency: Currency,
    /// The fields to read an object with. Default: every field the user may see.
    #[serde(default)]
    pub fields: BTreeMap<String, Vec<String>>,
    /// Requests are refused once the org has used so many of its API requests of the last 24 hours. Default: no budget.
    #[serde(default)]
    pub request_budget: Option<u64>,
}

/// How to log in.
#[derive(Clone, Deserialize)]
#[serde(tag = "flow", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Auth {
    /// A session somebody else logged in. It is not renewed.
    AccessToken {
        /// The access token or session id.
        access_token: SecretString,
        /// The org's own address, `https://acme.my.salesforce.com`.
        instance_url: Url,
    },
    /// A refresh token from the web-server flow. Leave the token out if the token store has it.
    RefreshToken {
        /// Consumer key of the connected app.
        client_id: String,
        /// Consumer secret of the connected app, if it has one.
        #[serde(default)]
        client_secret: Option<SecretString>,
        /// The refresh token the first login returned.
        #[serde(default)]
        refresh_token: Option<SecretString>,
        /// Where Salesforce sends the person back to, for [`Login::begin`](crate::Login::begin): one of the connected app's callback URLs.
        #[serde(default)]
        redirect_url: Option<Url>,
    },
    /// OAuth 2.0 client credentials: acts as the connected app's run-as user.
    ClientCredentials {
        /// Consumer key of the connected app.
        client_id: String,
        /// Consumer secret of the connected app.
        client_secret: SecretString,
    },
    /// OAuth 2.0 JWT bearer: acts as a user who has approved the connected app.
    Jwt {
        /// Consumer key of the connected app.
        client_id: String,
        /// The user to act as.
        username: String,
        /// The private key of the certificate the connected app knows, as PEM.
        private_key: SecretString,
    },
    /// OAuth 2.0 user name and password. Salesforce blocks it in new orgs by default; for the ones that still have it.
    Password {
        /// Consumer key of the connected app.
        client_id: String,
        /// Consumer secret of the connected app.
        client_secret: SecretString,
        /// The user to act as.
        username: String,
        /// The password, with the security token appended where the org wants one.
        password: SecretString,
    },
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AccessToken { .. } => "AccessToken",
            Self::RefreshToken { .. } => "RefreshToken",
            Self::ClientCredentials { .. } => "ClientCredentials",
            Self::Jwt { .. } => "Jwt",
            Self::Password { .. } => "Password",
        })
    }
}

/// Shows the host only of an address, which may hold a password.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("login_host", &self.login_url.host_str())
            .field("auth", &self.auth)
            .field("account", &self.account)
            .field("api_version", &self.api_version)
            .field("currency", &self.currency)
            .field("fields", &self.fields)
            .field("request_budget", &self.request_budget)
            .finish()
    }
}

impl Config {
    /// A configuration with the defaults.
    #[must_use]
    pub fn new(login_url: Url, auth: Auth) -> Self {
        Self {
            login_url,
            auth,
            account: account(),
            api_version: api_version(),
            currency: currency(),
            fields: BTreeMap::new(),
            request_budget: None,
        }
    }

    /// Logs in to a running [`Sandbox`](crate::sandbox::Sandbox), with client credentials.
    #[cfg(feature = "sandbox")]
    #[must_use]
    #[expect(clippy::expect_used, reason = "the sandbox writes its own address")]
    pub fn sandbox(sandbox: &crate::sandbox::Sandbox) -> Self {
        let login_url = Url::parse(sandbox.base_url()).expect("the address of a listener");
        let (client_id, client_secret) = (sandbox.client_id().into(), sandbox.client_secret().into());
        Self::new(login_url, Auth::ClientCredentials { client_id, client_secret })
    }

    /// Sets the fields to read an object with.
    #[must_use]
    pub fn fields(
        mut self,
        object: impl Into<String>,
        fields: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.fields.insert(object.into(), fields.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the host's name for the account.
    #[must_use]
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.account = account.into();
        self
    }

    /// Sets how many of the org's API requests of the last 24 hours may be used.
    #[must_use]
    pub fn request_budget(mut self, requests: u64) -> Self {
        self.request_budget = Some(requests);
        self
    }

    /// Where requests go before a login has said where the org is.
    pub(crate) fn base(&self) -> &Url {
        match &self.auth {
            Auth::AccessToken { instance_url, .. } => instance_url,
            _ => &self.login_url,
        }
    }

    /// Checks what a type cannot.
    pub(crate) fn check(&self) -> Result<()> {
        let version = self.api_version.split_once('.').and_then(|(major, minor)| {
            minor.bytes().all(|byte| byte.is_ascii_digit()).then(|| major.parse::<u32>().ok())?
        });
        if version.is_none_or(|major| major < 58) {
            return Err(Error::new(
                ErrorKind::Config,
                "`api_version` has to look like 62.0 and be 58.0 or later",
            ));
        }
        check_address("login_url", &self.login_url)?;
        if let Auth::AccessToken { instance_url, .. } = &self.auth {
            check_address("instance_url", instance_url)?;
        }
        for (object, fields) in &self.fields {
            crate::name::check_name(object)?;
            fields.iter().try_for_each(|field| crate::name::check_name(field))?;
        }
        Ok(())
    }
}

fn check_address(setting: &str, url: &Url) -> Result<()> {
    let refuse = |why: &str| Err(Error::new(ErrorKind::Config, format!("`{setting}` {why}")));
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return refuse("has to be an https address");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("holds a name or a password; give them under `auth`");
    }
    if url.host_str().is_some_and(|host| host.ends_with(".lightning.force.com")) {
        return refuse(
            "is the address of Lightning pages, which do not answer the API; use the org's My Domain, \
             https://NAME.my.salesforce.com",
        );
    }
    Ok(())
}

#[expect(clippy::expect_used, reason = "the literal is an address")]
fn login_url() -> Url {
    Url::parse("https://login.salesforce.com").expect("a literal address")
}

fn account() -> String {
    "default".to_owned()
}

fn api_version() -> String {
    "62.0".to_owned()
}

fn currency() -> Currency {
    Currency::USD
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(json: &str) -> Result<Config, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn a_misspelt_setting_is_refused() {
        let auth = r#""auth":{"flow":"client_credentials","client_id":"a","client_secret":"b"}"#;
        assert!(config(&format!("{{{auth}}}")).is_ok());
        assert!(
            config(&format!(r#"{{{auth},"api_verison":"60.0"}}"#))
                .unwrap_err()
                .to_string()
                .contains("api_verison")
        );
        assert!(config(r#"{"auth":{"flow":"magic"}}"#).is_err());
    }

    #[test]
    fn settings_that_cannot_work_are_refused_with_the_remedy() {
        let with = |edit: fn(&mut Config)| {
            let auth = Auth::AccessToken { access_token: "x".into(), instance_url: login_url() };
            let mut config = Config::new(login_url(), auth);
            edit(&mut config);
            config.check()
        };
        assert!(with(|_| ()).is_ok());
        for version in ["", "60", "v60.0", "57.0", "60.x"] {
            let auth = Auth::AccessToken { access_token: "x".into(), instance_url: login_url() };
            let config = Config { api_version: version.to_owned(), ..Config::new(login_url(), auth) };
            assert_eq!(config.check().unwrap_err().kind(), ErrorKind::Config, "{version}");
        }
        let lightning =
            with(|config| config.login_url = Url::parse("https://acme.lightning.force.com").unwrap());
        assert!(lightning.unwrap_err().to_string().contains("my.salesforce.com"));
        let instance = with(|config| {
            let instance_url = Url::parse("https://acme.lightning.force.com").unwrap();
            config.auth = Auth::AccessToken { access_token: "x".into(), instance_url };
        });
        assert!(instance.unwrap_err().to_string().contains("`instance_url`"));
        for address in ["ftp://acme.test", "data:x", "https://joe:planted@acme.test"] {
            let config = Config::new(
                Url::parse(address).unwrap(),
                Auth::ClientCredentials { client_id: "id".into(), client_secret: "x".into() },
            );
            let error = config.check().unwrap_err();
            assert!(error.to_string().contains("`login_url`"), "{error}");
            assert!(!format!("{error}{error:?}").contains("planted"), "{error}");
        }
        assert!(with(|config| *config = config.clone().fields("Account", ["Id FROM User"])).is_err());
    }

    #[test]
    fn no_secret_is_shown() {
        let url = Url::parse("https://joe:planted@acme.test/planted").unwrap();
        let auth = Auth::AccessToken { access_token: "planted".into(), instance_url: url.clone() };
        let shown = format!("{:?}", Config::new(url, auth));
        assert!(shown.contains("acme.test") && !shown.contains("planted"), "{shown}");

        let auth = Auth::Password {
            client_id: "id".into(),
            client_secret: "planted-1".into(),
            username: "u".into(),
            password: "planted-2".into(),
        };
        assert!(!format!("{:?}", Config::new(login_url(), auth)).contains("planted"));
    }
}
