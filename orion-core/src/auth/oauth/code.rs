//! Authorization code with PKCE: a person consents in a browser (RFC 6749 §4.1, RFC 7636).

use std::{collections::BTreeMap, fmt};

use oauth2::{
    AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, RedirectUrl, Scope, StandardRevocableToken,
    basic::{
        BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenResponse,
    },
};
use secrecy::{ExposeSecret, SecretString};
use url::{Url, form_urlencoded};

use super::{
    OAuth, Repeat,
    refusal::{self, explained},
};
use crate::{Error, ErrorKind, Fault, Result, auth::TokenSet};

const OPERATION: &str = "token.code";

type Authorizer = oauth2::Client<
    BasicErrorResponse,
    BasicTokenResponse,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    oauth2::EndpointSet,
>;

/// An authorisation that waits for the person's consent.
#[non_exhaustive]
pub struct Begun {
    /// Where to send the person's browser.
    pub authorize_url: Url,
    /// What has to be kept until they come back.
    pub pending: Pending,
}

/// What has to be kept between the two halves of an authorisation: the state that proves that the answer belongs to it, and the verifier
/// that proves to the vendor who asked.
///
/// Both are secrets, bound to one browser. Keep it in the person's server-side session, or write out [`Pending::expose`].
pub struct Pending {
    state: SecretString,
    verifier: SecretString,
}

impl OAuth {
    /// Begins an authorisation: where to send the person, and what to keep until they come back.
    ///
    /// # Errors
    /// `Config` if the authorize address is not set.
    pub fn begin(&self) -> Result<Begun> {
        let registration = &self.0.registration;
        let (Some(authorize), Some(redirect)) = (&registration.authorize_url, &registration.redirect_url)
        else {
            return Err(self.failed(ErrorKind::Config, "the vendor's authorize address is not set"));
        };
        let client: Authorizer = oauth2::Client::new(ClientId::new(registration.client_id.clone()))
            .set_auth_uri(AuthUrl::from_url(authorize.clone()))
            .set_redirect_uri(RedirectUrl::from_url(redirect.clone()));
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = client
            .authorize_url(CsrfToken::new_random)
            .add_scopes(registration.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(challenge);
        for (name, value) in &registration.authorize_params {
            request = request.add_extra_param(name.as_str(), value.as_str());
        }
        let (authorize_url, state) = request.url();
        let pending = Pending { state: state.into_secret().into(), verifier: verifier.into_secret().into() };
        Ok(Begun { authorize_url, pending })
    }

    /// Completes an authorisation from the address the person's browser came back to: its whole, or its query string.
    ///
    /// Parameters the vendor added to the address are in the tokens' `extra` under `callback.`, for instance `callback.realmId`. The person
    /// could have changed them: check them with the vendor.
    ///
    /// # Errors
    /// `Auth` with the fault code `state_mismatch` if the answer belongs to another authorisation, `access_denied` if the person refused, or
    /// `invalid_grant` if the code is too old or was used already. Each is remedied by beginning again.
    pub async fn complete(&self, pending: &Pending, callback: &str) -> Result<TokenSet> {
        let mut callback = parameters(callback);
        if callback.remove("state").is_none_or(|state| state != pending.state.expose_secret()) {
            let message = "the answer belongs to another authorisation: begin again in the same browser";
            let error = self.failed(ErrorKind::Auth, message);
            return Err(error.with_fault(Fault::new(0, "state_mismatch", "")));
        }
        if let Some(code) = callback.remove("error") {
            let message = callback.remove("error_description").unwrap_or_default();
            return Err(refusal::by_code(0, &code, &message).during(self.adapter(), OPERATION));
        }
        let Some(code) = callback.remove("code").map(SecretString::from) else {
            return Err(self.failed(ErrorKind::Malformed, "the answer holds neither a code nor an error"));
        };
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code.expose_secret()),
            ("code_verifier", pending.verifier.expose_secret()),
        ];
        form.extend(self.0.registration.redirect_url.as_ref().map(|url| ("redirect_uri", url.as_str())));
        let exchanged = self.exchange(OPERATION, form, Repeat::No).await;
        let mut tokens = exchanged.map_err(|error| {
            explained(error, "the code is refused: it was used already or is too old; begin again")
        })?;
        // Under a name of their own: whoever sends the browser back must not set `instance_url`.
        let added = callback.into_iter().map(|(name, value)| (format!("callback.{name}"), value));
        tokens.extra.extend(added);
        Ok(tokens)
    }

    fn failed(&self, kind: ErrorKind, message: &'static str) -> Error {
        Error::new(kind, message).during(self.adapter(), OPERATION)
    }
}

impl Pending {
    /// The state, to find this by when the person comes back.
    #[must_use]
    pub fn state(&self) -> &SecretString {
        &self.state
    }

    /// The PKCE verifier, for a vendor whose codes are not exchanged as the standard says.
    #[must_use]
    pub fn verifier(&self) -> &SecretString {
        &self.verifier
    }

    /// Writes it out, to be kept outside the process and read by [`Pending::restore`].
    #[must_use]
    pub fn expose(&self) -> SecretString {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("state", self.state.expose_secret())
            .append_pair("verifier", self.verifier.expose_secret())
            .finish();
        form.into()
    }

    /// Reads what [`Pending::expose`] wrote.
    ///
    /// # Errors
    /// `Malformed` if it is something else.
    pub fn restore(written: &SecretString) -> Result<Self> {
        let mut parts = parameters(written.expose_secret());
        match (parts.remove("state"), parts.remove("verifier")) {
            (Some(state), Some(verifier)) => Ok(Self { state: state.into(), verifier: verifier.into() }),
            _ => Err(Error::new(ErrorKind::Malformed, "this is not an authorisation that was written out")),
        }
    }
}

/// The parameters of an address or of its query string. The first of two under one name counts.
fn parameters(callback: &str) -> BTreeMap<String, String> {
    let query = callback.split_once('?').map_or(callback, |(_, query)| query);
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    let mut parameters = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        parameters.entry(name.into_owned()).or_insert_with(|| value.into_owned());
    }
    parameters
}

/// Shows neither the state nor the verifier, and so not the address.
impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Begun").field("host", &self.authorize_url.host_str()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").finish_non_exhaustive()
    }
}
