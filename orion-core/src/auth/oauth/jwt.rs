//! JWT bearer assertions (RFC 7523): a server proves who it is with a key.

use std::fmt;

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::{Error, ErrorKind, Result};

/// For how long an assertion is good. Salesforce takes three minutes at most (its OAuth docs).
const LIFETIME_SECONDS: i64 = 180;

/// Signs assertions with an RSA key (RS256).
#[derive(Clone)]
pub struct JwtBearer {
    key_pem: SecretString,
    issuer: String,
    subject: String,
    audience: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
}

impl JwtBearer {
    /// Takes the private key (PEM), the client id, the user to act as, and the vendor's name for itself, for instance
    /// `https://login.salesforce.com`.
    ///
    /// # Errors
    /// `Config` if the key is not an RSA private key in PEM.
    pub fn new(
        key_pem: SecretString,
        issuer: impl Into<String>,
        subject: impl Into<String>,
        audience: impl Into<String>,
    ) -> Result<Self> {
        let jwt = Self { key_pem, issuer: issuer.into(), subject: subject.into(), audience: audience.into() };
        // A key that does not sign is found here, not at the first request.
        jwt.sign(DateTime::UNIX_EPOCH)?;
        Ok(jwt)
    }

    pub(super) fn sign(&self, now: DateTime<Utc>) -> Result<SecretString> {
        // Its error may say what it found in the key, so it is dropped.
        let unusable = |_| Error::new(ErrorKind::Config, "the key is not an RSA private key in PEM");
        let key = EncodingKey::from_rsa_pem(self.key_pem.expose_secret().as_bytes()).map_err(unusable)?;
        let claims = Claims {
            iss: &self.issuer,
            sub: &self.subject,
            aud: &self.audience,
            exp: now.timestamp() + LIFETIME_SECONDS,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &key).map(Into::into).map_err(unusable)
    }
}

impl fmt::Debug for JwtBearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtBearer").field("audience", &self.audience).finish_non_exhaustive()
    }
}
