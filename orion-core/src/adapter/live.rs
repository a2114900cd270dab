//! What comes in by itself, and what goes out to people.

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use http::HeaderMap;

use crate::{Adapter, Change, Cursor, Model, Result};

/// A webhook delivery as it came in: the raw body, because signatures are made over it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Delivery {
    /// The request's headers.
    pub headers: HeaderMap,
    /// The request's body, byte for byte.
    pub body: Bytes,
}

impl Delivery {
    /// Wraps a request.
    #[must_use]
    pub fn new(headers: HeaderMap, body: impl Into<Bytes>) -> Self {
        Self { headers, body: body.into() }
    }
}

/// An adapter that receives webhooks.
#[diagnostic::on_unimplemented(message = "the `{Self}` adapter does not receive webhooks for `{M}`")]
pub trait Receive<M: Model>: Adapter {
    /// Verifies the signature over the raw body, then turns the delivery into changes.
    ///
    /// # Errors
    /// `Auth` for a missing, wrong or outdated signature; `Malformed` for a body that is not the vendor's.
    fn receive(&self, delivery: &Delivery) -> impl Future<Output = Result<Vec<Change<M>>>> + Send;
}

/// An adapter that follows changes live.
#[diagnostic::on_unimplemented(message = "the `{Self}` adapter has no live stream of `{M}` changes")]
pub trait Watch<M: Model>: Adapter {
    /// Follows changes from a position (or from now), each with the position to go on from after it.
    fn watch(&self, from: Option<Cursor>) -> BoxStream<'_, Result<(Change<M>, Cursor)>>;
}

/// A message to people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// Where to: a channel, a user, an address, as the vendor names it.
    pub to: String,
    /// The text.
    pub text: String,
    /// Messages under one key belong together; a later one replaces or follows the earlier.
    pub key: Option<String>,
}

impl Message {
    /// Writes a message.
    #[must_use]
    pub fn new(to: impl Into<String>, text: impl Into<String>) -> Self {
        Self { to: to.into(), text: text.into(), key: None }
    }

    /// Joins it to the messages under `key`.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }
}

/// A message that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Posted {
    /// The vendor's id of it.
    pub id: String,
}

impl Posted {
    /// Names a sent message.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into() }
    }
}

/// An adapter that sends messages to people.
///
/// Dyn because a host keeps one notifier chosen by configuration.
#[async_trait]
pub trait Notify: Adapter {
    /// Sends a message.
    ///
    /// # Errors
    /// `NotFound` for an unknown recipient; an error that [`is_ambiguous`](crate::Error::is_ambiguous) may have been delivered.
    async fn notify(&self, message: &Message) -> Result<Posted>;
}
