//! Bodies: empty, in memory, or streamed.

use std::{fmt, sync::Arc};

use bytes::{Bytes, BytesMut};
use futures::{
    StreamExt, TryStreamExt,
    stream::{self, BoxStream},
};

use crate::{Error, ErrorKind, Result};

type Make = Arc<dyn Fn() -> BoxStream<'static, Result<Bytes>> + Send + Sync>;

/// The body of a request or a response.
pub struct Body(Inner);

enum Inner {
    Bytes(Bytes),
    Once(BoxStream<'static, Result<Bytes>>),
    Again(Make),
}

impl Body {
    /// No body.
    #[must_use]
    pub const fn empty() -> Self {
        Self(Inner::Bytes(Bytes::new()))
    }

    /// A stream that can be sent once. A request with it is not retried once it was begun.
    #[must_use]
    pub fn once(stream: BoxStream<'static, Result<Bytes>>) -> Self {
        Self(Inner::Once(stream))
    }

    /// A stream that `make` can start again for another attempt.
    #[must_use]
    pub fn again(make: impl Fn() -> BoxStream<'static, Result<Bytes>> + Send + Sync + 'static) -> Self {
        Self(Inner::Again(Arc::new(make)))
    }

    /// The same body for another attempt, if it can be sent again.
    #[must_use]
    pub fn try_clone(&self) -> Option<Self> {
        match &self.0 {
            Inner::Bytes(bytes) => Some(Self(Inner::Bytes(bytes.clone()))),
            Inner::Once(_) => None,
            Inner::Again(make) => Some(Self(Inner::Again(Arc::clone(make)))),
        }
    }

    /// The bytes, if they are in memory.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&Bytes> {
        match &self.0 {
            Inner::Bytes(bytes) => Some(bytes),
            Inner::Once(_) | Inner::Again(_) => None,
        }
    }

    /// The body as a stream of chunks.
    #[must_use]
    pub fn into_stream(self) -> BoxStream<'static, Result<Bytes>> {
        match self.0 {
            Inner::Bytes(bytes) => stream::iter((!bytes.is_empty()).then_some(Ok(bytes))).boxed(),
            Inner::Once(stream) => stream,
            Inner::Again(make) => make(),
        }
    }

    /// Reads the whole body, at most `limit` bytes of it; `hint` is how long it is expected to be.
    ///
    /// # Errors
    /// `TooLarge` past the limit, else what the stream reports.
    pub async fn collect(self, limit: usize, hint: usize) -> Result<Bytes> {
        let over = || Error::new(ErrorKind::TooLarge, format!("the body is over the limit of {limit} bytes"));
        if let Inner::Bytes(bytes) = self.0 {
            return if bytes.len() > limit { Err(over()) } else { Ok(bytes) };
        }
        let mut stream = self.into_stream();
        let Some(first) = stream.try_next().await? else { return Ok(Bytes::new()) };
        let mut whole = BytesMut::with_capacity(hint.clamp(first.len(), limit.max(first.len())));
        whole.extend_from_slice(&first);
        while let Some(chunk) = stream.try_next().await? {
            if whole.len() + chunk.len() > limit {
                return Err(over());
            }
            whole.extend_from_slice(&chunk);
        }
        if whole.len() > limit { Err(over()) } else { Ok(whole.freeze()) }
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::empty()
    }
}

impl<B: Into<Bytes>> From<B> for Body {
    fn from(bytes: B) -> Self {
        Self(Inner::Bytes(bytes.into()))
    }
}

/// Shows the length only: bodies carry records and credentials.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Inner::Bytes(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Inner::Once(_) | Inner::Again(_) => f.write_str("Body(stream)"),
        }
    }
}
