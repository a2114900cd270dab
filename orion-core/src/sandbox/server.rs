//! The listeners of one sandbox.

use std::fmt;
use std::io;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::{Vendor, listener, tls};

/// A vendor that is being served; dropping it stops it.
pub struct Server<V: Vendor> {
    vendor: Arc<V>,
    base_url: String,
    tls_base_url: String,
    ca_pem: String,
    _serving: JoinSet<()>,
}

impl<V: Vendor> fmt::Debug for Server<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl<V: Vendor> Drop for Server<V> {
    fn drop(&mut self) {
        self.vendor.common().stop();
    }
}

impl<V: Vendor> Server<V> {
    /// Binds both listeners on 127.0.0.1 and serves.
    ///
    /// # Errors
    ///
    /// When a port is taken or the certificate cannot be made.
    pub async fn start(vendor: Arc<V>) -> io::Result<Self> {
        let settings = &vendor.common().settings;
        let plain = listener::bind(settings.port).await?;
        let secure = listener::bind(settings.tls_port).await?;
        let (acceptor, ca_pem) = tls::acceptor()?;
        let base_url = format!("http://{}", plain.address);
        let tls_base_url = format!("https://{}", secure.address);
        let mut serving = JoinSet::new();
        serving.spawn(listener::serve(plain, Arc::clone(&vendor), None));
        serving.spawn(listener::serve(secure, Arc::clone(&vendor), Some(acceptor)));
        Ok(Self { vendor, base_url, tls_base_url, ca_pem, _serving: serving })
    }

    /// The vendor.
    #[must_use]
    pub fn vendor(&self) -> &Arc<V> {
        &self.vendor
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// `https://127.0.0.1:PORT`, with a certificate of the sandbox's own CA.
    #[must_use]
    pub fn tls_base_url(&self) -> &str {
        &self.tls_base_url
    }

    /// The CA of the TLS listener, in PEM.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }
}
