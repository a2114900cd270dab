//! Adds the credentials, and renews them once.

use std::sync::Arc;

use async_trait::async_trait;
use http::StatusCode;

use super::super::{Decode, Middleware, Next, Request, Response};
use crate::{
    ErrorKind, Result, Retry,
    auth::{Authorize, Lease, Recovery},
};

/// The longest refusal to read when deciding whether a new token may help.
const REFUSAL_LIMIT: usize = 64 << 10;

pub(in crate::http) struct Authorized {
    pub(in crate::http) authorize: Arc<dyn Authorize>,
    pub(in crate::http) decode: Arc<dyn Decode>,
}

/// Some vendors refuse a stale token with 403 (Salesforce's identity services do); the decoder tells it from other refusals.
fn may_be_stale(status: StatusCode) -> bool {
    matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}

impl Authorized {
    fn note(&self, response: &Response, lease: Lease) {
        if response.status.is_success() {
            self.authorize.accepted(lease);
        }
    }

    /// Reads a refusal, and whether newer credentials may help.
    async fn read(&self, response: Response) -> (Response, bool) {
        let Response { status, headers, body } = response;
        let body = body.collect(REFUSAL_LIMIT, 0).await.unwrap_or_default();
        let error = self.decode.decode(status, &headers, &body);
        let stale = error.kind() == ErrorKind::Auth && error.retry() == Retry::Now;
        (Response::new(status, headers, body), stale)
    }
}

#[async_trait]
impl Middleware for Authorized {
    async fn handle(&self, request: Request, next: Next<'_>) -> Result<Response> {
        if !request.authorize {
            return next.run(request).await;
        }
        // One with the newer credentials another process left behind, one with renewed ones.
        let (mut current, mut replays) = (request, 2_u8);
        loop {
            let again = if replays > 0 { current.try_clone() } else { None };
            let lease = self.authorize.authorize(&mut current).await?;
            let response = next.run(current).await?;
            if !may_be_stale(response.status) {
                self.note(&response, lease);
                return Ok(response);
            }
            let (response, stale) = self.read(response).await;
            let Some(again) = again.filter(|_| stale) else { return Ok(response) };
            replays = match self.authorize.rejected(lease).await? {
                Recovery::Replay => 0,
                Recovery::Newer => replays - 1,
                Recovery::GiveUp => return Ok(response),
            };
            current = again;
        }
    }
}
