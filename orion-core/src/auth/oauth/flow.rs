//! How a session gets new tokens.

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};

use super::{JwtBearer, OAuth, Repeat, refusal::explained};
use crate::{
    Error, ErrorKind, Fault, Result,
    auth::{Renew, TokenSet},
};

/// What a client gets tokens for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Grant {
    /// A refresh token, which [`OAuth::complete`] brought and [`Session::save`](crate::auth::Session::save) stored.
    Refresh,
    /// The client's own credentials (RFC 6749 §4.4).
    ClientCredentials,
    /// A signed assertion (RFC 7523).
    Jwt(JwtBearer),
    /// A user's name and password (RFC 6749 §4.3). Legacy: OAuth 2.1 drops it and vendors turn it off; use it where an organisation has
    /// nothing better yet. Salesforce wants the security token appended to the password.
    Password {
        /// The user's name.
        username: String,
        /// The user's password.
        password: SecretString,
    },
}

/// A grant of a vendor: what a [`Session`](crate::auth::Session) renews with.
#[derive(Clone, Debug)]
pub struct Flow {
    oauth: OAuth,
    grant: Grant,
}

impl Flow {
    pub(super) fn new(oauth: OAuth, grant: Grant) -> Self {
        Self { oauth, grant }
    }

    async fn refresh(&self, current: Option<&TokenSet>) -> Result<TokenSet> {
        const OPERATION: &str = "token.refresh";
        let failed =
            |message: String| Error::new(ErrorKind::Auth, message).during(self.oauth.adapter(), OPERATION);
        let current = current.ok_or_else(|| failed("the account is not authorised yet".into()))?;
        let Some(refresh) = &current.refresh else {
            return Err(failed(
                "the access token is no longer valid, and the vendor gave no refresh token (is a scope such as \
                 `offline_access` missing?): authorise the account again"
                    .into(),
            ));
        };
        if let Some(at) = current.refresh_expires_at.filter(|at| *at <= self.oauth.0.clock.now()) {
            let date = at.date_naive();
            let message =
                format!("the refresh token expired for good on {date}: authorise the account again");
            return Err(failed(message).with_fault(Fault::new(0, "refresh_token_expired", "")));
        }
        let form = vec![("grant_type", "refresh_token"), ("refresh_token", refresh.expose_secret())];
        let repeat = if self.oauth.0.registration.reusable_refresh { Repeat::Yes } else { Repeat::No };
        let renewed = self.oauth.exchange(OPERATION, form, repeat).await.map_err(|error| {
            explained(
                error,
                "the refresh token is refused: it was revoked, or replaced by one that was not kept; \
                              authorise the account again",
            )
        })?;
        Ok(carried_over(renewed, current))
    }

    async fn issue(
        &self,
        operation: &'static str,
        form: Vec<(&str, &str)>,
        refused: &'static str,
    ) -> Result<TokenSet> {
        let mut form = form;
        let scopes = self.oauth.0.registration.scopes.join(" ");
        if !scopes.is_empty() {
            form.push(("scope", &scopes));
        }
        let issued = self.oauth.exchange(operation, form, Repeat::Yes).await;
        let mut tokens = issued.map_err(|error| explained(error, refused))?;
        // Never used: the grant itself gets the next tokens.
        tokens.refresh = None;
        tokens.refresh_expires_at = None;
        Ok(tokens)
    }
}

#[async_trait]
impl Renew for Flow {
    async fn renew(&self, current: Option<&TokenSet>) -> Result<TokenSet> {
        match &self.grant {
            Grant::Refresh => self.refresh(current).await,
            Grant::ClientCredentials => {
                let refused =
                    "the client may not get tokens for itself: give it a user to run as, at the vendor";
                self.issue("token.client_credentials", vec![("grant_type", "client_credentials")], refused)
                    .await
            }
            Grant::Jwt(jwt) => {
                const OPERATION: &str = "token.jwt";
                let now = self.oauth.0.clock.now();
                let assertion =
                    jwt.sign(now).map_err(|error| error.during(self.oauth.adapter(), OPERATION))?;
                let form = vec![
                    ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                    ("assertion", assertion.expose_secret()),
                ];
                let refused = "the assertion is refused: check the certificate, the audience, the machine's clock, and \
                               that the user has approved the client";
                self.issue(OPERATION, form, refused).await
            }
            Grant::Password { username, password } => {
                let form = vec![
                    ("grant_type", "password"),
                    ("username", username.as_str()),
                    ("password", password.expose_secret()),
                ];
                self.issue("token.password", form, "the name, the password or the security token is refused")
                    .await
            }
        }
    }
}

/// What the vendor did not repeat still holds.
fn carried_over(mut renewed: TokenSet, current: &TokenSet) -> TokenSet {
    if renewed.refresh.is_none() {
        renewed.refresh.clone_from(&current.refresh);
        renewed.refresh_expires_at = renewed.refresh_expires_at.or(current.refresh_expires_at);
    }
    for (name, value) in &current.extra {
        renewed.extra.entry(name.clone()).or_insert_with(|| value.clone());
    }
    renewed
}
