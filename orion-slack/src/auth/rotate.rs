//! Renewing tokens that rotate (Slack docs, "Token rotation").

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use orion_core::{
    Clock, Error, ErrorKind, Result,
    auth::{Renew, TokenSet},
    http::Client,
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::{NAME, wire::Answer};

/// The registered app.
#[derive(Clone)]
pub(super) struct App {
    pub(super) id: Arc<str>,
    pub(super) secret: Option<SecretString>,
}

/// Gets the next tokens of an account.
pub(super) struct Rotation {
    pub(super) client: Client,
    pub(super) app: App,
    pub(super) clock: Clock,
}

/// The tokens in an answer of `oauth.v2.access`: the bot's, or those of a person.
#[derive(Deserialize)]
pub(super) struct Issued {
    pub(super) access_token: Option<SecretString>,
    refresh_token: Option<SecretString>,
    expires_in: Option<u64>,
}

impl Issued {
    /// The tokens, if there are any.
    pub(super) fn into_tokens(self, now: DateTime<Utc>) -> Option<TokenSet> {
        let mut tokens = TokenSet::new(self.access_token?);
        tokens.refresh = self.refresh_token;
        // Cut at a century, so that adding it stays in range.
        let lifetime = self.expires_in.map(|seconds| Duration::from_secs(seconds.min(3_200_000_000)));
        tokens.expires_at = lifetime.map(|lifetime| now + lifetime);
        Some(tokens)
    }
}

impl App {
    /// Asks for tokens. It is not repeated if the answer gets lost: a code and a refresh token are used up by their use.
    pub(super) async fn access<T: serde::de::DeserializeOwned>(
        &self,
        client: &Client,
        operation: &'static str,
        form: &[(&str, &str)],
    ) -> Result<T> {
        let call = client.post("oauth.v2.access", operation).anonymous();
        let call = match &self.secret {
            Some(secret) => {
                let pairs = [("client_id", &*self.id), ("client_secret", secret.expose_secret())];
                call.form_body(form.iter().copied().chain(pairs))
            }
            None => call.form_body(form.iter().copied().chain([("client_id", &*self.id)])),
        };
        Ok(Answer::read(call.send().await?, operation).await?.value)
    }
}

#[async_trait]
impl Renew for Rotation {
    async fn renew(&self, current: Option<&TokenSet>) -> Result<TokenSet> {
        const OPERATION: &str = "token.refresh";
        let failed = |message: &'static str| Error::new(ErrorKind::Auth, message).during(NAME, OPERATION);
        let current = current.ok_or_else(|| failed("the app is not installed for this account yet"))?;
        let Some(refresh) = &current.refresh else {
            return Err(failed(
                "the token is refused, and the app does not rotate its tokens: install it again",
            ));
        };
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh.expose_secret())];
        let issued: Issued = self.app.access(&self.client, OPERATION, &form).await?;
        let tokens = issued.into_tokens(self.clock.now());
        let mut tokens = tokens.ok_or_else(|| {
            Error::new(ErrorKind::Malformed, "the answer holds no token").during(NAME, OPERATION)
        })?;
        tokens.refresh = tokens.refresh.or_else(|| current.refresh.clone());
        tokens.extra.clone_from(&current.extra);
        Ok(tokens)
    }
}
