//! Real I/O beside a paused clock.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use tokio::runtime::{Builder, Runtime};

use crate::{
    Error, ErrorKind, Result,
    http::{Request, Response, Transport},
};

/// Sends requests from a thread of its own, in real time, while the caller's paused clock stands still.
///
/// A paused runtime moves its clock as soon as nothing is left to do, and waiting for a socket counts as nothing: every timeout would
/// pass at once. Wrap a transport that opens sockets ([`Http`](crate::http::Http) to a sandbox) in this one to use it there. Answers are
/// read whole before they are handed on. A clone shares the thread.
#[derive(Clone)]
pub struct Threaded<T> {
    inner: Arc<T>,
    background: Arc<Background>,
}

/// A runtime that may be dropped inside another one.
struct Background(Option<Runtime>);

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl<T: Transport> Threaded<T> {
    /// Wraps a transport and starts the thread.
    ///
    /// # Errors
    /// `Config` if the machine gives no thread.
    pub fn new(inner: T) -> Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|source| {
            Error::new(ErrorKind::Config, "no thread can be started").with_source(source)
        })?;
        Ok(Self { inner: Arc::new(inner), background: Arc::new(Background(Some(runtime))) })
    }
}

#[async_trait]
impl<T: Transport> Transport for Threaded<T> {
    async fn send(&self, request: Request) -> Result<Response> {
        let gone = || Error::new(ErrorKind::Cancelled, "the exchange was broken off");
        let inner = Arc::clone(&self.inner);
        let handle = self.background.0.as_ref().map(|runtime| runtime.handle().clone()).ok_or_else(gone)?;
        // The clock does not move by itself while a blocking task runs.
        let exchange = tokio::task::spawn_blocking(move || {
            handle.block_on(async move {
                let Response { status, headers, body } = inner.send(request).await?;
                let body = body.collect(usize::MAX, 0).await?;
                Ok(Response::new(status, headers, body))
            })
        });
        exchange.await.unwrap_or_else(|source| Err(gone().with_source(source)))
    }
}

impl<T> fmt::Debug for Threaded<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Threaded").finish_non_exhaustive()
    }
}

#[cfg(test)]
#[cfg(feature = "reqwest")]
mod tests {
    use std::io::{Read, Write};

    use super::*;
    use crate::http::{Client, Http};

    /// Answers each connection's first request with `"late"`, after real time has passed.
    fn serve(listener: std::net::TcpListener) {
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut request = [0; 1024];
                let read = stream.read(&mut request).unwrap();
                assert!(read > 0);
                let answer = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\n\"late\"";
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
    }

    #[tokio::test(start_paused = true)]
    async fn real_sockets_work_beside_a_paused_clock() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        serve(listener);
        let client = Client::builder("acme", base, Threaded::new(Http::new().unwrap()).unwrap()).build();
        let started = tokio::time::Instant::now();
        for _ in 0..3 {
            assert_eq!(client.get("/", "x").json::<String>().await.unwrap(), "late");
        }
        assert_eq!(started.elapsed(), std::time::Duration::ZERO);
    }
}
