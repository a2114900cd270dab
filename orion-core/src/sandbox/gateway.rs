//! What every request passes: the body is read, a fault may fire, the vendor answers, and the reply is counted,
//! framed and logged.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, sleep};

use super::clock::http_date;
use super::faults::{Fault, FaultKind, Scope};
use super::log::LogEntry;
use super::wire::{self, Body};
use super::{Call, Reply, Vendor, control};

/// The largest body taken; no vendor's own limit is above it.
const MAX_BODY: usize = 150 * 1024 * 1024;

/// The longest path and query.
const MAX_TARGET: usize = 16_384;

const HTML: &str = "text/html;charset=UTF-8";

/// Where a request came from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    pub(crate) scheme: &'static str,
}

/// Answers one request; an error cuts the connection.
pub(crate) async fn handle<V: Vendor>(
    vendor: Arc<V>,
    peer: Peer,
    mut request: Request<Incoming>,
) -> io::Result<Response<Body>> {
    let upgrade = request.headers().contains_key("upgrade").then(|| hyper::upgrade::on(&mut request));
    let call = match read(peer, request).await {
        Ok(call) => call,
        Err((status, call)) => return wire::respond(vendor.failure(status, &call), false),
    };
    if call.segments.first().is_some_and(|first| first == "_sandbox") {
        return wire::respond(control::serve(&vendor, &call).await, false);
    }
    let began = Instant::now();
    let scope = vendor.scope(&call);
    let (fault, reply) = answered(&vendor, &call, &scope).await;
    let reply = reply.map(|reply| finish(&*vendor, &call, reply));
    note(&*vendor, peer, &call, fault.as_ref(), reply.as_ref(), began.elapsed());
    let mut reply = reply.ok_or(io::ErrorKind::ConnectionReset)?;
    hand_over(&*vendor, &mut reply, upgrade);
    wire::respond(reply, fault.is_some_and(|fault| fault.kind == FaultKind::Truncate))
}

/// Reads the request whole.
async fn read(peer: Peer, request: Request<Incoming>) -> Result<Call, (StatusCode, Call)> {
    let (head, body) = request.into_parts();
    let host = head.headers.get("host").and_then(|host| host.to_str().ok());
    let host = host.or_else(|| head.uri.authority().map(http::uri::Authority::as_str)).unwrap_or("localhost");
    let base = format!("{}://{host}", peer.scheme);
    let target = head.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let call = |body| Call::new(head.method, target, head.headers, body, &base);
    if target.len() > MAX_TARGET {
        return Err((StatusCode::URI_TOO_LONG, call(Bytes::new())));
    }
    match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => {
            let mut call = call(body.to_bytes());
            call.body = wire::inflated(&call.headers, call.body);
            Ok(call)
        }
        Err(_) => Err((StatusCode::PAYLOAD_TOO_LARGE, call(Bytes::new()))),
    }
}

/// Tells the vendor that an admitted request ended, however it did.
struct Admitted<'a, V: Vendor>(&'a V, &'a Call);

impl<V: Vendor> Drop for Admitted<'_, V> {
    fn drop(&mut self) {
        self.0.release(self.1);
    }
}

/// The fault that fired, and the reply; no reply cuts the connection.
async fn answered<V: Vendor>(vendor: &Arc<V>, call: &Call, scope: &Scope) -> (Option<Fault>, Option<Reply>) {
    if let Some(refused) = vendor.admit(call) {
        return (None, Some(refused));
    }
    let _admitted = Admitted(&**vendor, call);
    let common = vendor.common();
    let fault = common.pick(scope);
    if !common.settings.latency.is_zero() {
        sleep(common.settings.latency).await;
    }
    let reply = match &fault {
        Some(fault) => faulted(vendor, call, scope, fault).await,
        None => Some(vendor.serve(call, scope)),
    };
    (fault, reply)
}

/// The reply with the fault's part in it.
async fn faulted<V: Vendor>(vendor: &Arc<V>, call: &Call, scope: &Scope, fault: &Fault) -> Option<Reply> {
    let delay = |unless_set| Duration::from_millis(fault.delay_ms.unwrap_or(unless_set));
    match &fault.kind {
        FaultKind::Reset => return None,
        FaultKind::Timeout => {
            sleep(delay(3_600_000)).await;
            return None;
        }
        FaultKind::Slow => sleep(delay(2_000)).await,
        FaultKind::ExpireToken => vendor.expire_tokens(),
        FaultKind::Vendor(_) => {
            if let Some(instead) = vendor.inject(&fault.kind, call) {
                return Some(instead);
            }
        }
        FaultKind::TooManyRequests
        | FaultKind::TooManyRequestsAfter
        | FaultKind::TooManyRequestsDate
        | FaultKind::ServerError
        | FaultKind::BadGateway
        | FaultKind::Unavailable
        | FaultKind::WrongContentType => return Some(instead(&**vendor, call, fault)),
        FaultKind::Truncate | FaultKind::DropAfterCommit | FaultKind::MalformedJson => {}
    }
    let mut reply = vendor.serve(call, scope);
    match fault.kind {
        FaultKind::DropAfterCommit => return None,
        FaultKind::MalformedJson => reply.body.truncate(reply.body.len() / 2),
        _ => {}
    }
    Some(reply)
}

/// The reply of a fault that answers instead of the API.
fn instead<V: Vendor>(vendor: &V, call: &Call, fault: &Fault) -> Reply {
    let failure = |status| vendor.failure(status, call);
    let after = |reply: Reply, seconds: Option<u64>| match seconds {
        Some(seconds) => reply.with("retry-after", &seconds.to_string()),
        None => reply,
    };
    match fault.kind {
        FaultKind::BadGateway => {
            Reply::new(StatusCode::BAD_GATEWAY, HTML, "<html><body><h1>502 Bad Gateway</h1></body></html>")
        }
        FaultKind::WrongContentType => {
            Reply::new(StatusCode::OK, HTML, "<html><body>We are down for maintenance.</body></html>")
        }
        FaultKind::ServerError => failure(StatusCode::INTERNAL_SERVER_ERROR),
        FaultKind::Unavailable => after(failure(StatusCode::SERVICE_UNAVAILABLE), fault.retry_after),
        FaultKind::TooManyRequestsAfter => {
            after(failure(StatusCode::TOO_MANY_REQUESTS), fault.retry_after.or(Some(1)))
        }
        FaultKind::TooManyRequestsDate => {
            let at = vendor.common().now() + Duration::from_secs(fault.retry_after.unwrap_or(1));
            failure(StatusCode::TOO_MANY_REQUESTS).with("retry-after", &http_date(at))
        }
        _ => after(failure(StatusCode::TOO_MANY_REQUESTS), fault.retry_after),
    }
}

/// Compresses as the request asks, and dates the reply by the sandbox's clock.
fn finish<V: Vendor>(vendor: &V, call: &Call, reply: Reply) -> Reply {
    wire::encoded(call, vendor.finish(call, reply)).with("date", &http_date(vendor.common().now()))
}

/// Gives the connection to the reply's takeover, once it is upgraded.
fn hand_over<V: Vendor>(vendor: &V, reply: &mut Reply, upgrade: Option<OnUpgrade>) {
    if let Some((takeover, upgrade)) = reply.takeover.take().zip(upgrade) {
        vendor.common().spawn(async move {
            if let Ok(stream) = upgrade.await {
                takeover(TokioIo::new(stream)).await;
            }
        });
    }
}

fn note<V: Vendor>(
    vendor: &V,
    peer: Peer,
    call: &Call,
    fault: Option<&Fault>,
    reply: Option<&Reply>,
    took: Duration,
) {
    let entry = LogEntry {
        sequence: 0,
        at: vendor.common().now(),
        method: call.method.to_string(),
        path: call.path.clone(),
        query: call.raw_query.clone(),
        status: reply.map(|reply| reply.status.as_u16()),
        received: call.body.len(),
        sent: reply.map_or(0, |reply| reply.body.len()),
        milliseconds: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        client: peer.address.to_string(),
        user_agent: call.header("user-agent").unwrap_or_default().to_owned(),
        fault: fault.map(|fault| fault.kind.clone()),
    };
    vendor.common().note(vendor.route(call), entry);
}
