//! The plain and the TLS listener on loopback.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::gateway::{Peer, handle};
use super::vendor::Vendor;

/// A bound listener, not yet serving.
#[derive(Debug)]
pub(crate) struct Bound {
    listener: TcpListener,
    pub(crate) address: SocketAddr,
}

/// Binds `port` on 127.0.0.1; 0 takes a free one.
pub(crate) async fn bind(port: u16) -> io::Result<Bound> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    Ok(Bound { listener, address })
}

/// Serves until dropped, and its connections with it.
pub(crate) async fn serve<V: Vendor>(bound: Bound, vendor: Arc<V>, tls: Option<TlsAcceptor>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = bound.listener.accept() => {
                // Accepting fails for a connection that is already gone, or without file handles: try the next.
                let Ok((stream, address)) = accepted else { continue };
                let (vendor, tls) = (Arc::clone(&vendor), tls.clone());
                connections.spawn(async move {
                    // Small replies would otherwise wait for the peer's delayed acknowledgement.
                    let _best_effort = stream.set_nodelay(true);
                    match tls {
                        None => connection(stream, vendor, Peer { address, scheme: "http" }).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                connection(stream, vendor, Peer { address, scheme: "https" }).await;
                            }
                        }
                    }
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection<V, S>(stream: S, vendor: Arc<V>, peer: Peer)
where
    V: Vendor,
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| handle(Arc::clone(&vendor), peer, request));
    // An error here is the client gone, or a connection that a fault cut.
    let _ended = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
}
