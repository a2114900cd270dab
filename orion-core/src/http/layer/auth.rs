//! Adds the credentials, and renews them once.

use std::sync::Arc;

use async_trait::async_trait;
use http::StatusCode;

use super::super::{Decode, Middleware, Next, Request, Response};
use crate::{
    ErrorKind, Result, Retry,
    auth::{Authorize, Recovery},
};

/// The longest refusal to read when deciding whether a new token may help.
const REFUSAL_LIMIT: usize = 64 << 10;

pub(in crate::http) struct Authorized {
    pub(in crate::http) authorize: Arc<dyn Authorize>,
    pub(in crate::http) decode: Arc<dyn Decode>,
}

#[async_trait]
impl Middleware for Authorized {
    async fn handle(&self, mut request: Request, next: Next<'_>) -> Result<Response> {
        if !request.authorize {
            return next.run(request).await;
        }
        let again = request.try_clone();
        let lease = self.authorize.authorize(&mut request).await?;
        let response = next.run(request).await?;
        if response.status != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        let Response { status, headers, body } = response;
        let body = body.collect(REFUSAL_LIMIT, 0).await.unwrap_or_default();
        let error = self.decode.decode(status, &headers, &body);
        let stale = error.kind() == ErrorKind::Auth && error.retry() == Retry::Now;
        let Some(mut again) = again.filter(|_| stale) else {
            return Ok(Response::new(status, headers, body));
        };
        match self.authorize.rejected(lease).await? {
            Recovery::Replay => {
                self.authorize.authorize(&mut again).await?;
                next.run(again).await
            }
            Recovery::GiveUp => Ok(Response::new(status, headers, body)),
        }
    }
}
