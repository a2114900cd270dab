//! Outermost: one event per call, and the deadline of the whole of it.

use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, timeout_at};

use super::super::{Middleware, Next, Request, Response};
use crate::{Error, ErrorKind, Result, Retry, observe::Event};

pub(in crate::http) struct Observed {
    pub(in crate::http) deadline: Duration,
}

#[async_trait]
impl Middleware for Observed {
    async fn handle(&self, mut request: Request, next: Next<'_>) -> Result<Response> {
        let (operation, started) = (request.operation, Instant::now());
        let deadline = *request.deadline.get_or_insert(started + self.deadline);
        let unsafe_method = !request.idempotent;
        let result = timeout_at(deadline, next.run(request)).await.unwrap_or_else(|_| {
            let error = Error::new(ErrorKind::Timeout, "no answer before the deadline of the call")
                .with_retry(Retry::Exhausted);
            Err(if unsafe_method { error.with_ambiguous() } else { error })
        });
        next.emit(&Event::Call {
            adapter: next.adapter(),
            operation,
            error: result.as_ref().err().map(Error::kind),
            elapsed: started.elapsed(),
        });
        result.map_err(|error| error.during(next.adapter(), operation))
    }
}
