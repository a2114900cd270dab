//! Tries again what may be tried again.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::time::{Instant, sleep, timeout};

use super::{
    super::{
        Decode, Middleware, Next, Request, Response,
        retry::{Budget, Decision, Policy, Verdict, decide},
    },
    is_success,
};
use crate::{Error, ErrorKind, Result, Retry, observe::Event};

/// The longest refusal to read: enough for a vendor's error list.
const REFUSAL_LIMIT: usize = 256 << 10;

pub(in crate::http) struct Retrying {
    pub(in crate::http) policy: Policy,
    pub(in crate::http) budget: Arc<Budget>,
    pub(in crate::http) decode: Arc<dyn Decode>,
}

#[async_trait]
impl Middleware for Retrying {
    async fn handle(&self, request: Request, next: Next<'_>) -> Result<Response> {
        let mut request = Some(request);
        for attempt in 1.. {
            let Some(current) = request.take() else { break };
            request = current.try_clone();
            let facts = Facts::of(&current);
            let error = match self.attempt(current, next).await {
                Ok(response) => {
                    self.budget.refund();
                    return Ok(response);
                }
                Err(error) => error,
            };
            let verdict = facts.verdict(&error, request.is_some());
            let left = facts.deadline.map_or(std::time::Duration::MAX, |at| at - Instant::now());
            match decide(&self.policy, &self.budget, attempt, verdict, left, fastrand::f64()) {
                Decision::Wait(wait) => {
                    let (adapter, operation) = (next.adapter(), facts.operation);
                    next.emit(&Event::Retry { adapter, operation, attempt, wait, reason: error.kind() });
                    sleep(wait).await;
                }
                Decision::GiveUp => return Err(facts.last(error)),
                Decision::Exhausted => return Err(facts.last(error).with_retry(Retry::Exhausted)),
            }
        }
        Err(Error::new(ErrorKind::Transport, "the body can be sent once only").with_retry(Retry::Never))
    }
}

impl Retrying {
    /// One attempt: the answer with its body in memory (unless it is to be streamed), or the decoded refusal.
    async fn attempt(&self, request: Request, next: Next<'_>) -> Result<Response> {
        let (limit, wait, idempotent) = (request.limit, request.timeout, request.idempotent);
        let exchange = async {
            let mut response = next.run(request).await?;
            let hint = response.length_hint();
            if !is_success(&response) {
                // A refusal that breaks off is still a refusal: its status decides.
                let body = response.body.collect(REFUSAL_LIMIT, hint).await.unwrap_or_default();
                let error = self.decode.decode(response.status, &response.headers, &body);
                let unclear = response.status.is_server_error() && !idempotent;
                return Err(if unclear { error.with_ambiguous() } else { error });
            }
            if let Some(limit) = limit {
                response.body = response.body.collect(limit, hint).await?.into();
            }
            Ok(response)
        };
        timeout(wait, exchange).await.unwrap_or_else(|_| {
            Err(Error::new(ErrorKind::Timeout, format!("no complete answer within {wait:?}"))
                .with_retry(Retry::Now)
                .with_ambiguous())
        })
    }
}

/// What has to be known of a request after it was sent.
struct Facts {
    operation: &'static str,
    idempotent: bool,
    deadline: Option<Instant>,
    writes: bool,
}

impl Facts {
    fn of(request: &Request) -> Self {
        Self {
            operation: request.operation,
            idempotent: request.idempotent,
            deadline: request.deadline,
            writes: !request.method.is_safe(),
        }
    }

    /// A request that may have been carried out is repeated only if repeating does no harm.
    fn verdict(&self, error: &Error, repeatable: bool) -> Verdict {
        let harmless = self.idempotent || !error.is_ambiguous();
        match error.retry() {
            // The auth layer has replayed it already.
            _ if error.kind() == ErrorKind::Auth => Verdict::Forbid,
            Retry::Now if harmless && repeatable => Verdict::NoOpinion,
            Retry::After(wait) if harmless && repeatable => Verdict::After(wait),
            Retry::Now | Retry::After(_) | Retry::Never | Retry::Exhausted => Verdict::Forbid,
        }
    }

    /// Only a write can be in doubt; and credentials that were renewed and refused again stay refused.
    fn last(&self, error: Error) -> Error {
        let error = if error.kind() == ErrorKind::Auth { error.with_retry(Retry::Never) } else { error };
        if self.writes { error } else { error.without_ambiguous() }
    }
}
