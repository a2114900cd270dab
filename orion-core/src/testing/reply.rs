//! What a double answers.

use std::{fmt, time::Duration};

use bytes::Bytes;
use futures::{StreamExt, stream};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::{
    Error, ErrorKind, Result, Retry,
    http::{Body, Response},
};

/// What a double answers to one request: a status with a body, or a failure of the network.
#[derive(Clone)]
pub struct Reply {
    answer: Answer,
    delay: Duration,
}

#[derive(Clone)]
enum Answer {
    Full(Response3),
    Cut(Response3),
    Refused,
    Reset,
}

/// Status, headers, body.
type Response3 = (StatusCode, HeaderMap, Bytes);

impl Reply {
    /// Answers with a JSON body.
    ///
    /// # Panics
    /// If the status is none or the body does not serialise.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test's own value")]
    pub fn json(status: u16, body: impl Serialize) -> Self {
        let json = serde_json::to_vec(&body).expect("the body serialises");
        Self::body(status, "application/json", json)
    }

    /// Answers with a body of any type.
    ///
    /// # Panics
    /// If the status is none.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test's own value")]
    pub fn body(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let status = StatusCode::from_u16(status).expect("a status between 100 and 999");
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        Self::of(Answer::Full((status, headers, body.into())))
    }

    /// Answers with no body.
    ///
    /// # Panics
    /// If the status is none.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::body(status, "text/plain", Bytes::new())
    }

    /// Refuses the connection: nothing was sent, so the failure is not ambiguous.
    #[must_use]
    pub fn refused() -> Self {
        Self::of(Answer::Refused)
    }

    /// Resets the connection after the request was sent: the failure is ambiguous.
    #[must_use]
    pub fn reset() -> Self {
        Self::of(Answer::Reset)
    }

    /// Breaks the body off half-way.
    #[must_use]
    pub fn cut(mut self) -> Self {
        if let Answer::Full(parts) = self.answer {
            self.answer = Answer::Cut(parts);
        }
        self
    }

    /// Sets a header of the answer.
    ///
    /// # Panics
    /// If it is no header.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test's own value")]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header name");
        let value: HeaderValue = value.parse().expect("a header value");
        if let Answer::Full((_, headers, _)) | Answer::Cut((_, headers, _)) = &mut self.answer {
            headers.insert(name, value);
        }
        self
    }

    /// Waits before it answers, on tokio's clock.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    fn of(answer: Answer) -> Self {
        Self { answer, delay: Duration::ZERO }
    }

    /// Plays the reply as a transport would.
    ///
    /// # Errors
    /// The failure it stands for.
    pub async fn play(self) -> Result<Response> {
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
        match self.answer {
            Answer::Full((status, headers, body)) => Ok(Response::new(status, headers, body)),
            Answer::Cut((status, headers, body)) => Ok(Response::new(status, headers, broken_off(&body))),
            Answer::Refused => Err(refused()),
            Answer::Reset => Err(reset("the connection failed")),
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.answer {
            Answer::Full((status, ..)) => write!(f, "Reply({})", status.as_u16()),
            Answer::Cut((status, ..)) => write!(f, "Reply({}, cut)", status.as_u16()),
            Answer::Refused => f.write_str("Reply(refused)"),
            Answer::Reset => f.write_str("Reply(reset)"),
        }
    }
}

/// The first half of a body, then the error that the reqwest transport reports for a body that breaks off.
pub(super) fn broken_off(body: &Bytes) -> Body {
    let half = body.slice(..body.len() / 2);
    Body::once(stream::iter([Ok(half), Err(reset("the answer broke off"))]).boxed())
}

/// What the reqwest transport reports when no connection is made.
pub(super) fn refused() -> Error {
    Error::new(ErrorKind::Transport, "no connection to the server: check the address and the network")
        .with_retry(Retry::Now)
}

/// What the reqwest transport reports when a connection fails after the request was sent.
pub(super) fn reset(message: &'static str) -> Error {
    Error::new(ErrorKind::Transport, message).with_retry(Retry::Now).with_ambiguous()
}
