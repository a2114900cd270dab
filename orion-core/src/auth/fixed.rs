//! Credentials that do not change.

use std::fmt;

use async_trait::async_trait;
use http::{HeaderName, HeaderValue, header};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{Authorize, Lease, Recovery, hosts::Hosts};
use crate::{Error, ErrorKind, Result, http::Request};

/// Credentials that do not change: a static token, an API key, a name and password.
///
/// They are sent to the host of `base` and to no other. There is nothing to renew, so a refusal is final.
pub struct Fixed {
    place: Place,
    hosts: Hosts,
}

enum Place {
    Header(HeaderName, HeaderValue),
    Query(Box<str>, SecretString),
}

impl Fixed {
    /// Sends `Authorization: Bearer` with a token.
    ///
    /// # Errors
    /// `Config` if the token cannot be part of a header.
    pub fn bearer(token: &SecretString, base: &Url) -> Result<Self> {
        Ok(Self::at(Place::Header(header::AUTHORIZATION, bearer(token)?), base))
    }

    /// Sends an API key in a header of the vendor's choice.
    ///
    /// # Errors
    /// `Config` if the key cannot be part of a header.
    pub fn header(name: HeaderName, key: &SecretString, base: &Url) -> Result<Self> {
        Ok(Self::at(Place::Header(name, sensitive(key.expose_secret())?), base))
    }

    /// Sends an API key in a query parameter of the vendor's choice.
    #[must_use]
    pub fn query(name: impl Into<Box<str>>, key: SecretString, base: &Url) -> Self {
        Self::at(Place::Query(name.into(), key), base)
    }

    /// Sends `Authorization: Basic` with a name and a password (RFC 7617).
    ///
    /// # Errors
    /// `Config` if the name holds a colon.
    #[cfg(feature = "oauth")]
    pub fn basic(name: &str, password: &SecretString, base: &Url) -> Result<Self> {
        if name.contains(':') {
            return Err(Error::new(
                ErrorKind::Config,
                "a name with a colon cannot be sent by Basic authentication",
            ));
        }
        Ok(Self::at(Place::Header(header::AUTHORIZATION, basic(name, password.expose_secret())?), base))
    }

    fn at(place: Place, base: &Url) -> Self {
        Self { place, hosts: Hosts::new(base) }
    }
}

#[async_trait]
impl Authorize for Fixed {
    async fn authorize(&self, request: &mut Request) -> Result<Lease> {
        self.hosts.admit(request, None)?;
        match &self.place {
            Place::Header(name, value) => {
                request.headers.insert(name, value.clone());
            }
            Place::Query(name, key) => {
                request.url.query_pairs_mut().append_pair(name, key.expose_secret());
            }
        }
        Ok(Lease(0))
    }

    async fn rejected(&self, _: Lease) -> Result<Recovery> {
        Ok(Recovery::GiveUp)
    }
}

impl fmt::Debug for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.place {
            Place::Header(name, _) => name.as_str(),
            Place::Query(name, _) => name,
        };
        f.debug_struct("Fixed").field("name", &name).finish_non_exhaustive()
    }
}

pub(crate) fn bearer(token: &SecretString) -> Result<HeaderValue> {
    let text = SecretString::from(format!("Bearer {}", token.expose_secret()));
    sensitive(text.expose_secret())
}

#[cfg(feature = "oauth")]
pub(crate) fn basic(name: &str, password: &str) -> Result<HeaderValue> {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let pair = SecretString::from(format!("{name}:{password}"));
    let text = SecretString::from(format!("Basic {}", BASE64_STANDARD.encode(pair.expose_secret())));
    sensitive(text.expose_secret())
}

/// A header value that `Debug` does not show and HTTP/2 does not put into its compression table.
fn sensitive(text: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        Error::new(ErrorKind::Config, "the credential holds characters that a header cannot carry")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    async fn authorized(fixed: &Fixed, url: &str) -> Result<Request> {
        let mut request = Request::new(Method::GET, Url::parse(url).unwrap(), "get");
        fixed.authorize(&mut request).await.map(|_| request)
    }

    fn base() -> Url {
        Url::parse("https://acme.test/").unwrap()
    }

    #[tokio::test]
    async fn each_kind_of_credential_goes_where_it_belongs() {
        let secret = SecretString::from("planted-secret");
        let bearer = Fixed::bearer(&secret, &base()).unwrap();
        let request = authorized(&bearer, "https://acme.test/a").await.unwrap();
        assert_eq!(request.headers["authorization"], "Bearer planted-secret");
        let key = Fixed::header(HeaderName::from_static("x-api-key"), &secret, &base()).unwrap();
        assert_eq!(
            authorized(&key, "https://acme.test/a").await.unwrap().headers["x-api-key"],
            "planted-secret"
        );
        let query = Fixed::query("key", secret.clone(), &base());
        let request = authorized(&query, "https://acme.test/a?b=c").await.unwrap();
        assert_eq!(request.url.query(), Some("b=c&key=planted-secret"));
        for shown in [format!("{bearer:?}{key:?}{query:?}"), format!("{request:?}")] {
            assert!(!shown.contains("planted"), "{shown}");
        }
        assert_eq!(bearer.rejected(Lease(0)).await.unwrap(), Recovery::GiveUp);
    }

    #[cfg(feature = "oauth")]
    #[tokio::test]
    async fn basic_matches_the_example_of_the_rfc() {
        let basic = Fixed::basic("Aladdin", &"open sesame".into(), &base()).unwrap();
        let request = authorized(&basic, "https://acme.test/").await.unwrap();
        assert_eq!(request.headers["authorization"], "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert!(request.headers["authorization"].is_sensitive());
        assert_eq!(Fixed::basic("a:b", &"c".into(), &base()).unwrap_err().kind(), ErrorKind::Config);
    }

    #[tokio::test]
    async fn no_credential_goes_to_a_foreign_host() {
        let fixed = Fixed::bearer(&"planted-secret".into(), &base()).unwrap();
        let error = authorized(&fixed, "https://evil.test/").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed);
    }
}
