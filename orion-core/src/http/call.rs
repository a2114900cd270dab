//! One request, put together.

use std::{fmt, time::Duration};

use bytes::Bytes;
use futures::stream::BoxStream;
use http::{HeaderName, HeaderValue, Method, header};
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::Instant;
use url::Url;

use super::{Body, Client, Request, Response};
use crate::{Error, ErrorKind, Result};

/// A request being put together. The first mistake made on the way is what sending reports.
#[must_use = "a call does nothing until it is sent"]
pub struct Call<'a> {
    client: &'a Client,
    request: Result<Request>,
}

impl<'a> Call<'a> {
    pub(super) fn new(client: &'a Client, method: Method, path: &str, operation: &'static str) -> Self {
        // A query may hold `://` too, so only the parser tells.
        let absolute = Url::parse(path).is_ok();
        let request = client.base().join(path).map_err(|source| {
            Error::new(ErrorKind::Config, "the path does not make an address").with_source(source)
        });
        let request = request.map(|url| {
            let mut request = Request::new(method, url, operation);
            request.relative = !absolute;
            request.timeout = client.timeout();
            request
        });
        Self { client, request }
    }

    fn edit(mut self, edit: impl FnOnce(&mut Request)) -> Self {
        if let Ok(request) = &mut self.request {
            edit(request);
        }
        self
    }

    fn try_edit(mut self, edit: impl FnOnce(&mut Request) -> Result<()>) -> Self {
        if let Ok(request) = &mut self.request
            && let Err(error) = edit(request)
        {
            self.request = Err(error);
        }
        self
    }

    /// Adds a query parameter.
    pub fn query(self, name: &str, value: &str) -> Self {
        self.edit(|request| {
            request.url.query_pairs_mut().append_pair(name, value);
        })
    }

    /// Adds a query parameter if there is a value.
    pub fn query_opt(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    /// Sets a header.
    pub fn header(self, name: HeaderName, value: &str) -> Self {
        self.try_edit(|request| {
            let value = HeaderValue::from_str(value)
                .map_err(|source| Error::new(ErrorKind::Config, "not a header value").with_source(source))?;
            request.headers.insert(name, value);
            Ok(())
        })
    }

    /// Sets a header if there is a value.
    pub fn header_opt(self, name: HeaderName, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.header(name, value),
            None => self,
        }
    }

    /// Sets a JSON body.
    pub fn json_body<T: Serialize + ?Sized>(self, body: &T) -> Self {
        self.try_edit(|request| {
            let json = serde_json::to_vec(body).map_err(|source| {
                Error::new(ErrorKind::Config, "the body does not serialise").with_source(source)
            })?;
            request.body = json.into();
            request.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            Ok(())
        })
    }

    /// Sets a form body.
    pub fn form_body<'p>(self, pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> Self {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        self.body("application/x-www-form-urlencoded", form.into())
    }

    /// Sets a body of any type.
    pub fn body(self, content_type: &'static str, body: Body) -> Self {
        self.edit(|request| {
            request.body = body;
            request.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        })
    }

    /// Says that sending it twice does no more than sending it once, whatever the method.
    pub fn idempotent(self) -> Self {
        self.edit(|request| request.idempotent = true)
    }

    /// Sets a header that lets the vendor tell a repeated request from a new one, which makes the request idempotent.
    ///
    /// The key is made once per logical write.
    pub fn idempotency_key(self, name: HeaderName, key: &str) -> Self {
        self.header(name, key).idempotent()
    }

    /// Sets such a header to a key of its own, the same for every attempt of this call.
    ///
    /// It protects against this call's retries. A write that the program itself may repeat, after a restart say, needs a key that is kept with
    /// it: [`Call::idempotency_key`].
    pub fn fresh_idempotency_key(self, name: HeaderName) -> Self {
        self.idempotency_key(name, &format!("{:032x}", fastrand::u128(..)))
    }

    /// Sends it without credentials.
    pub fn anonymous(self) -> Self {
        self.edit(|request| request.authorize = false)
    }

    /// Sets the most one attempt may take.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.edit(|request| request.timeout = timeout)
    }

    /// Sets the most the whole call may take, its retries and waits included.
    pub fn deadline(self, deadline: Duration) -> Self {
        self.edit(|request| request.deadline = Some(Instant::now() + deadline))
    }

    /// Sets the longest body to read into memory, in bytes. Default 64 MiB.
    pub fn limit(self, bytes: usize) -> Self {
        self.edit(|request| request.limit = Some(bytes))
    }

    /// Sends it.
    ///
    /// # Errors
    /// See [`Client::send`].
    pub async fn send(self) -> Result<Response> {
        let request = self.request.map_err(|error| error.during(self.client.adapter(), "request"))?;
        self.client.send(request).await
    }

    /// Sends it and reads the answer as JSON.
    ///
    /// # Errors
    /// See [`Client::send`]; `Malformed` if the answer is not the JSON expected.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T> {
        let operation = self.request.as_ref().map(|request| request.operation).unwrap_or_default();
        let adapter = self.client.adapter();
        self.send().await?.json().await.map_err(|error| error.during(adapter, operation))
    }

    /// Sends it and returns the body.
    ///
    /// # Errors
    /// See [`Client::send`].
    pub async fn bytes(self) -> Result<Bytes> {
        self.send().await?.bytes().await
    }

    /// Sends it and hands the body out as it comes. A body that breaks off ends in an error and is not asked for again.
    ///
    /// # Errors
    /// See [`Client::send`].
    pub async fn stream(self) -> Result<(http::HeaderMap, BoxStream<'static, Result<Bytes>>)> {
        let response = self.edit(|request| request.limit = None).send().await?;
        Ok((response.headers, response.body.into_stream()))
    }
}

impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("request", &self.request).finish_non_exhaustive()
    }
}
