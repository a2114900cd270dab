//! Recording.

use std::{
    fmt,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use http::{HeaderMap, header};

use super::{
    Cassette, Provenance, Redact,
    format::{Answered, Asked, Interaction},
};
use crate::{
    Error, ErrorKind, Result,
    http::{Request, Response, Transport},
    testing::Seen,
};

/// Passes requests on to a transport and keeps them with their answers.
///
/// Share it through an `Arc`: the client takes one, and the test saves the cassette from the other. Bodies are read whole. An exchange
/// that the network broke off is not kept, and one with an encoded body cannot be: nobody could search it for secrets.
pub struct Recorder<T> {
    inner: T,
    provenance: Provenance,
    redact: Redact,
    kept: Mutex<Kept>,
}

/// Exchanges with the number of their request: those under way at once may end in another order.
#[derive(Default)]
struct Kept {
    begun: usize,
    ended: Vec<(usize, Interaction)>,
}

impl<T: Transport> Recorder<T> {
    /// Records what goes through a transport.
    #[must_use]
    pub fn new(inner: T, provenance: Provenance) -> Self {
        Self { inner, provenance, redact: Redact::new(), kept: Mutex::default() }
    }

    /// Says what has to be redacted beside what always is.
    #[must_use]
    pub fn redact(mut self, redact: Redact) -> Self {
        self.redact = redact;
        self
    }

    /// What was recorded so far, redacted.
    #[must_use]
    pub fn cassette(&self) -> Cassette {
        let mut ended = self.kept().ended.clone();
        ended.sort_by_key(|(number, _)| *number);
        let interactions = ended.into_iter().map(|(_, interaction)| interaction).collect();
        Cassette::new(self.provenance.clone(), self.redact.apply(interactions))
    }

    /// Writes what was recorded so far to a file, redacted.
    ///
    /// # Errors
    /// `Config` if the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.cassette().save(path)
    }

    fn begin(&self) -> usize {
        let mut kept = self.kept();
        kept.begun += 1;
        kept.begun
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn plain(headers: &HeaderMap) -> Result<()> {
    let coded = headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity");
    if coded {
        return Err(Error::new(ErrorKind::Config, "a cassette holds no encoded bodies: record plain ones"));
    }
    Ok(())
}

#[async_trait]
impl<T: Transport> Transport for Recorder<T> {
    async fn send(&self, mut request: Request) -> Result<Response> {
        let mut seen = Seen::passing(&request, Duration::ZERO);
        plain(&seen.headers)?;
        let number = self.begin();
        seen.body = std::mem::take(&mut request.body).collect(usize::MAX, 0).await?;
        request.body = seen.body.clone().into();
        let Response { status, headers, body } = self.inner.send(request).await?;
        plain(&headers)?;
        let body = body.collect(usize::MAX, 0).await?;
        let interaction =
            Interaction { request: Asked::of(&seen), response: Answered::of(status, &headers, &body) };
        self.kept().ended.push((number, interaction));
        Ok(Response::new(status, headers, body))
    }
}

impl<T> fmt::Debug for Recorder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("provenance", &self.provenance).finish_non_exhaustive()
    }
}
