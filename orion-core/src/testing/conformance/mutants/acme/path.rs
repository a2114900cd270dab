//! The adapter's way to the vendor, and what may be wrong with it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use url::Url;

use super::{Acme, Flaw, PASSWORD};
use crate::{
    Error, ErrorKind, Result, Retry,
    auth::{AccountKey, Authorize, Fixed, Lease, Recovery, Renew, Session, TokenSet, TokenStore},
    http::{ByStatus, Client, Decode, Middleware, Next, Request, Response, Transport, retry::Policy},
    observe::Observers,
    testing::conformance::{Credentials, Env},
};

/// Puts the client of one connection together.
pub(super) async fn client(acme: &Acme, env: &Env) -> Result<Client> {
    let base = Url::parse("https://acme.test/").unwrap();
    let has = |flaw| acme.flaw == Some(flaw);
    let transport: Arc<dyn Transport> = Arc::clone(&env.transport);
    let observers = env.observers.clone();
    let renew = Renewal {
        client: Client::builder("acme", base.clone(), Arc::clone(&transport))
            .observers(observers.clone())
            .clock(env.clock.clone())
            .build(),
        flaw: acme.flaw,
    };
    let mut builder = Client::builder("acme", base.clone(), transport)
        .observers(observers)
        .clock(env.clock.clone())
        .authorize(authorize(acme, env, renew, &base).await?)
        .decode(Arc::new(Refusals { by_status: ByStatus { clock: env.clock.clone() }, flaw: acme.flaw }))
        .middleware(Arc::new(Defect { flaw: acme.flaw, inner: Arc::clone(&env.transport) }));
    if has(Flaw::NeverRetries) {
        builder = builder.retry(Policy::never());
    }
    if has(Flaw::RetriesForEver) {
        let wait = Duration::from_millis(1);
        builder = builder.retry(Policy::default().attempts(500).backoff(wait, wait));
    }
    if has(Flaw::HangsForEver) {
        let years = Duration::from_secs(1_000_000_000);
        builder = builder.timeout(years).deadline(years);
    }
    Ok(builder.build())
}

async fn authorize(acme: &Acme, env: &Env, renew: Renewal, base: &Url) -> Result<Arc<dyn Authorize>> {
    let token = match env.credentials {
        Credentials::Refused => "unknown-access-token".to_owned(),
        Credentials::Narrow => "narrow-access-token".to_owned(),
        Credentials::Good => acme.server.tokens().0.unwrap(),
    };
    if env.credentials != Credentials::Good || acme.flaw == Some(Flaw::NeverRenews) {
        return Ok(Arc::new(Fixed::bearer(&token.into(), base)?));
    }
    if acme.flaw == Some(Flaw::RenewsPerCall) {
        return Ok(Arc::new(Impatient { renew, count: AtomicU64::new(0) }));
    }
    let key = AccountKey::new("acme", "acme-1");
    if acme.store.load(&key).await?.is_none() {
        acme.store.swap(&key, None, &TokenSet::new(token).with_refresh(PASSWORD)).await?;
    }
    let session = Session::builder(renew, key, base)
        .store(Arc::clone(&acme.store) as _)
        .clock(env.clock.clone())
        .observers(Observers::none());
    Ok(Arc::new(session.build()))
}

/// Gets new tokens for a refresh token.
struct Renewal {
    client: Client,
    flaw: Option<Flaw>,
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    refresh_token: String,
}

impl Renewal {
    async fn tokens(&self, refresh: &str) -> Result<Tokens> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        let answer = self.client.post("/oauth/token", "token").form_body(form).json().await;
        answer.map_err(|error: Error| {
            let refused = error.fault().is_some_and(|fault| fault.status == 400);
            let refused = refused || self.flaw == Some(Flaw::FailedRefreshIsAuth);
            if refused { Error::new(ErrorKind::Auth, "the grant is refused") } else { error }
        })
    }
}

#[async_trait]
impl Renew for Renewal {
    async fn renew(&self, current: Option<&TokenSet>) -> Result<TokenSet> {
        use secrecy::ExposeSecret;
        let refresh = current.and_then(|tokens| tokens.refresh.as_ref());
        let tokens = self.tokens(refresh.map(|token| token.expose_secret()).unwrap_or_default()).await?;
        Ok(TokenSet::new(tokens.access_token).with_refresh(tokens.refresh_token))
    }
}

/// Gets a token for every call, with no regard for the others.
struct Impatient {
    renew: Renewal,
    count: AtomicU64,
}

#[async_trait]
impl Authorize for Impatient {
    async fn authorize(&self, request: &mut Request) -> Result<Lease> {
        // The vendor takes it or not; what counts is that it is asked each time.
        self.renew.tokens(PASSWORD).await.ok();
        request
            .headers
            .insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer planted-access-token"));
        Ok(Lease(self.count.fetch_add(1, Ordering::Relaxed)))
    }

    async fn rejected(&self, _: Lease) -> Result<Recovery> {
        Ok(Recovery::GiveUp)
    }
}

/// Decodes refusals.
struct Refusals {
    by_status: ByStatus,
    flaw: Option<Flaw>,
}

impl Decode for Refusals {
    fn decode(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
        let error = self.by_status.decode(status, headers, body);
        match (self.flaw, status.as_u16()) {
            (Some(Flaw::PrintsTheAnswer), _) => {
                Error::new(error.kind(), String::from_utf8_lossy(body)).with_retry(error.retry())
            }
            (Some(Flaw::ForbiddenIsAuth), 403) => Error::new(ErrorKind::Auth, "the credentials are refused"),
            (Some(Flaw::RetriesRefusals), 400) => error.with_retry(Retry::Now),
            _ => error,
        }
    }
}

/// The step before the transport, where an adapter's own cleverness goes.
struct Defect {
    flaw: Option<Flaw>,
    inner: Arc<dyn Transport>,
}

#[async_trait]
impl Middleware for Defect {
    async fn handle(&self, mut request: Request, next: Next<'_>) -> Result<Response> {
        let again = request.try_clone();
        match self.flaw {
            Some(Flaw::IgnoresRetryAfter) => {
                let mut response = next.run(request).await?;
                response.headers.remove(header::RETRY_AFTER);
                Ok(response)
            }
            Some(Flaw::OwnRateLimitOnly) => {
                let mut response = next.run(request).await?;
                if response.headers.remove(header::RETRY_AFTER).is_some() {
                    tokio::time::sleep(Duration::from_secs(7)).await;
                }
                Ok(response)
            }
            Some(Flaw::TokenInTheAddress) => {
                if let Some(Ok(token)) =
                    request.headers.get(header::AUTHORIZATION).map(|value| value.to_str())
                {
                    request.url.query_pairs_mut().append_pair("token", token.trim_start_matches("Bearer "));
                }
                next.run(request).await
            }
            Some(Flaw::PrintsTheToken) => {
                let token = request.headers.get(header::AUTHORIZATION).cloned();
                let shown =
                    token.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
                next.run(request).await.map_err(|error| Error::new(error.kind(), format!("not with {shown}")))
            }
            Some(Flaw::ReplaysForEver) => {
                let mut response = next.run(request).await?;
                for _ in 0..5 {
                    let Some(again) = again.as_ref().and_then(Request::try_clone) else { break };
                    if response.status == StatusCode::UNAUTHORIZED {
                        response = next.run(again).await?;
                    }
                }
                Ok(response)
            }
            Some(Flaw::HiddenRetry) => match (next.run(request).await, again) {
                (Ok(response), Some(again)) if response.status.is_server_error() => {
                    self.inner.send(again).await
                }
                (result, _) => result,
            },
            Some(Flaw::Detaches) => detached(&self.inner, request).await,
            _ => next.run(request).await,
        }
    }
}

/// Goes on although its caller is gone.
async fn detached(inner: &Arc<dyn Transport>, request: Request) -> Result<Response> {
    let inner = Arc::clone(inner);
    let work = tokio::spawn(async move {
        for _ in 0..3 {
            let Some(again) = request.try_clone() else { break };
            let answer = inner.send(again).await;
            if answer.as_ref().is_ok_and(|answer| answer.status.is_success()) {
                return answer;
            }
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        inner.send(request).await
    });
    work.await.unwrap_or_else(|_| Err(Error::new(ErrorKind::Cancelled, "gone")))
}
