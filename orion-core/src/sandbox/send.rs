//! Requests that a sandbox sends: webhook deliveries to the host under test.

use std::io;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, HeaderValue};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Sends one request in plain HTTP and reads the reply whole, on a connection of its own.
///
/// The URI has to be absolute. Receivers of a sandbox's deliveries are on the same machine, so there is no TLS.
///
/// # Errors
///
/// When the URI is not `http://host…`, the receiver cannot be reached, or `within` passes before its reply has ended.
pub async fn send(request: Request<Bytes>, within: Duration) -> io::Result<Response<Bytes>> {
    timeout(within, exchanged(request)).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

async fn exchanged(mut request: Request<Bytes>) -> io::Result<Response<Bytes>> {
    let invalid = |why: &str| io::Error::new(io::ErrorKind::InvalidInput, why.to_owned());
    let uri = request.uri().clone();
    let authority = uri.authority().filter(|_| uri.scheme_str() == Some("http"));
    let authority = authority.ok_or_else(|| invalid("a delivery goes to http://host:port/…"))?;
    let stream = TcpStream::connect((authority.host(), authority.port_u16().unwrap_or(80))).await?;
    let host = HeaderValue::from_str(authority.as_str()).map_err(io::Error::other)?;
    request.headers_mut().insert(HOST, host);
    let target = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    *request.uri_mut() = target.parse().map_err(io::Error::other)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    let mut exchange = pin!(async {
        let reply = sender.send_request(request.map(Full::new)).await.map_err(io::Error::other)?;
        let (head, body) = reply.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        Ok(Response::from_parts(head, body))
    });
    // The connection does the work and has to be polled beside the exchange; it may end first.
    tokio::select! {
        answer = &mut exchange => answer,
        _closed = connection => exchange.await,
    }
}
