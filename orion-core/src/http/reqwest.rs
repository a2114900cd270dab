//! The transport over reqwest. The only file that names it.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt};
use rustls::{
    ClientConfig,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;

use super::{Body, Request, Response, Transport};
use crate::{Error, ErrorKind, Result, Retry};

/// HTTP/1.1 and HTTP/2 over TCP and TLS: reqwest, rustls with ring, the machine's certificate store.
///
/// Cloning shares the connections.
#[derive(Clone, Debug)]
pub struct Http(reqwest::Client);

impl Http {
    /// A transport with the defaults.
    ///
    /// # Errors
    /// `Config` if the machine's certificate store cannot be used.
    pub fn new() -> Result<Self> {
        Self::builder().build()
    }

    /// Starts a transport.
    #[must_use]
    pub fn builder() -> HttpBuilder {
        HttpBuilder { connect_timeout: Duration::from_secs(10), ca_pem: None }
    }
}

/// Assembles an [`Http`].
#[derive(Clone, Debug)]
pub struct HttpBuilder {
    connect_timeout: Duration,
    ca_pem: Option<Vec<u8>>,
}

impl HttpBuilder {
    /// Sets the most that connecting may take. Default 10 s.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Trusts these PEM certificates beside the machine's.
    #[must_use]
    pub fn ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca_pem = Some(pem.into());
        self
    }

    /// Completes the transport.
    ///
    /// # Errors
    /// `Config` if a certificate is not PEM or the machine's certificate store cannot be used.
    pub fn build(self) -> Result<Http> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = CertificateDer::pem_slice_iter(self.ca_pem.as_deref().unwrap_or_default())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|source| Error::new(ErrorKind::Config, "the CA is not PEM").with_source(source))?;
        let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider)).map_err(tls)?;
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(tls)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .connect_timeout(self.connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .user_agent(concat!("orion/", env!("CARGO_PKG_VERSION")))
            .no_proxy()
            .build()
            .map_err(|source| {
                Error::new(ErrorKind::Config, "the HTTP client cannot be set up").with_source(source)
            })?;
        Ok(Http(client))
    }
}

fn tls(source: rustls::Error) -> Error {
    Error::new(ErrorKind::Config, "TLS cannot be set up on this machine").with_source(source)
}

/// A failure of the network. reqwest's error names the address, query string included, so it is taken out.
fn failure(error: reqwest::Error) -> Error {
    let (connect, timeout) = (error.is_connect(), error.is_timeout());
    let error = error.without_url();
    let kind = if timeout && !connect { ErrorKind::Timeout } else { ErrorKind::Transport };
    let message = match (connect, error.is_body() || error.is_decode()) {
        (true, _) => "no connection to the server: check the address and the network",
        (_, true) => "the answer broke off",
        _ => "the connection failed",
    };
    let mapped = Error::new(kind, message).with_retry(Retry::Now).with_source(error);
    if connect { mapped } else { mapped.with_ambiguous() }
}

#[async_trait]
impl Transport for Http {
    async fn send(&self, request: Request) -> Result<Response> {
        let mut builder = self.0.request(request.method, request.url).headers(request.headers);
        builder = match request.body.as_bytes() {
            Some(bytes) if bytes.is_empty() => builder,
            Some(bytes) => builder.body(bytes.clone()),
            None => builder.body(reqwest::Body::wrap_stream(request.body.into_stream())),
        };
        let answer = builder.send().await.map_err(failure)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = Body::once(answer.bytes_stream().map_err(failure).boxed());
        Ok(Response::new(status, headers, body))
    }
}
