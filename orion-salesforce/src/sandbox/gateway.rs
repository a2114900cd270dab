//! What every request passes: the body is read, a fault may fire, the session is checked, the reply is
//! counted, framed and logged.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use tokio::time::{Instant, sleep};

use super::call::Call;
use super::clock::http_date;
use super::faults::{Fault, FaultKind, Scope};
use super::log::LogEntry;
use super::reply::Reply;
use super::state::World;
use super::wire::{self, Body};
use super::{control, oauth, rest, soap};

/// The largest body taken: a bulk upload's 150 MB (Salesforce docs, Bulk API 2.0 limits).
const MAX_BODY: usize = 150 * 1024 * 1024;

/// The longest path and query (Salesforce docs: 16,384 bytes, headers included, which are not counted here).
const MAX_TARGET: usize = 16_384;

/// Where a request came from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    pub(crate) scheme: &'static str,
}

/// The access token of an `Authorization: Bearer …` or `OAuth …` header.
pub(crate) fn bearer(call: &Call) -> Option<String> {
    let (kind, token) = call.header("authorization")?.split_once(' ')?;
    let known = kind.eq_ignore_ascii_case("bearer") || kind.eq_ignore_ascii_case("oauth");
    known.then(|| token.trim().to_owned())
}

/// Answers one request; an error cuts the connection.
pub(crate) async fn handle(
    world: Arc<World>,
    peer: Peer,
    request: Request<Incoming>,
) -> io::Result<Response<Body>> {
    let call = match read(peer, request).await {
        Ok(call) => call,
        Err(reply) => return wire::respond(reply, false),
    };
    if call.segments.first().is_some_and(|first| first == "_sandbox") {
        return wire::respond(control::serve(&world, &call), false);
    }
    let began = Instant::now();
    let scope = Scope::new(&call);
    let fault = world.faults().pick(&scope);
    if !world.settings.latency.is_zero() {
        sleep(world.settings.latency).await;
    }
    let reply = outcome(&world, &call, &scope, fault.as_ref()).await;
    let reply = reply.map(|reply| finish(&world, &call, reply));
    note(&world, peer, &call, fault.as_ref(), reply.as_ref(), began.elapsed());
    let reply = reply.ok_or(io::ErrorKind::ConnectionReset)?;
    wire::respond(reply, fault.is_some_and(|fault| fault.kind == FaultKind::Truncate))
}

/// Reads the request whole.
async fn read(peer: Peer, request: Request<Incoming>) -> Result<Call, Reply> {
    let (head, body) = request.into_parts();
    let host = head.headers.get("host").and_then(|host| host.to_str().ok());
    let host = host.or_else(|| head.uri.authority().map(http::uri::Authority::as_str)).unwrap_or("localhost");
    let base = format!("{}://{host}", peer.scheme);
    let target = head.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    if target.len() > MAX_TARGET {
        // The body of a real 414 is unverified.
        return Err(Reply::error(StatusCode::URI_TOO_LONG, "URI_TOO_LONG", "The URI is too long."));
    }
    let body = Limited::new(body, MAX_BODY).collect().await;
    let body = body.map_err(|_| {
        Reply::error(StatusCode::PAYLOAD_TOO_LARGE, "REQUEST_TOO_LARGE", "The request is too large.")
    })?;
    let body = wire::inflated(&head.headers, body.to_bytes());
    Ok(Call::new(head.method, target, head.headers, body, &base))
}

/// The reply with the fault's part in it; `None` cuts the connection.
async fn outcome(world: &Arc<World>, call: &Call, scope: &Scope, fault: Option<&Fault>) -> Option<Reply> {
    let Some(fault) = fault else { return Some(serve(world, call, scope)) };
    let delay = |unless_set| Duration::from_millis(fault.delay_ms.unwrap_or(unless_set));
    match fault.kind {
        FaultKind::Reset => None,
        FaultKind::Timeout => {
            sleep(delay(3_600_000)).await;
            None
        }
        FaultKind::Slow => {
            sleep(delay(2_000)).await;
            Some(serve(world, call, scope))
        }
        FaultKind::DropAfterCommit => {
            serve(world, call, scope);
            None
        }
        FaultKind::ExpireToken => {
            world.auth().end_sessions();
            Some(serve(world, call, scope))
        }
        FaultKind::ExpireLocator => {
            world.cursors().clear();
            Some(serve(world, call, scope))
        }
        FaultKind::MalformedJson => {
            let mut reply = serve(world, call, scope);
            reply.body.truncate(reply.body.len() / 2);
            Some(reply)
        }
        FaultKind::Truncate | FaultKind::LockRow => Some(serve(world, call, scope)),
        FaultKind::TooManyRequests
        | FaultKind::TooManyRequestsAfter
        | FaultKind::TooManyRequestsDate
        | FaultKind::ServerError
        | FaultKind::BadGateway
        | FaultKind::Unavailable
        | FaultKind::RequestLimit
        | FaultKind::WrongContentType => Some(instead(world, fault)),
    }
}

/// The reply of a fault that answers instead of the API. The texts of 429 and 500 are unverified.
fn instead(world: &World, fault: &Fault) -> Reply {
    let seconds = fault.retry_after.unwrap_or(1);
    let too_many = Reply::error(
        StatusCode::TOO_MANY_REQUESTS,
        "TOO_MANY_REQUESTS",
        "Too many requests. Try again later.",
    );
    let html = "text/html;charset=UTF-8";
    match fault.kind {
        FaultKind::TooManyRequests if fault.retry_after.is_none() => too_many,
        FaultKind::TooManyRequests | FaultKind::TooManyRequestsAfter => {
            too_many.with("retry-after", &seconds.to_string())
        }
        FaultKind::TooManyRequestsDate => {
            let at = world.clock.now() + Duration::from_secs(seconds);
            too_many.with("retry-after", &http_date(at))
        }
        FaultKind::BadGateway => {
            Reply::new(StatusCode::BAD_GATEWAY, html, "<html><body><h1>502 Bad Gateway</h1></body></html>")
        }
        FaultKind::WrongContentType => {
            Reply::new(StatusCode::OK, html, "<html><body>We are down for maintenance.</body></html>")
        }
        FaultKind::Unavailable => {
            let reply =
                Reply::error(StatusCode::SERVICE_UNAVAILABLE, "SERVER_UNAVAILABLE", "Server unavailable");
            match fault.retry_after {
                Some(seconds) => reply.with("retry-after", &seconds.to_string()),
                None => reply,
            }
        }
        FaultKind::RequestLimit => limit_exceeded(),
        _ => Reply::error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "UNKNOWN_EXCEPTION",
            "An unexpected error occurred. Please include this ErrorId if you contact support: 1-1 (1)",
        ),
    }
}

fn limit_exceeded() -> Reply {
    Reply::error(StatusCode::FORBIDDEN, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
}

/// Routes one request to its area.
fn serve(world: &Arc<World>, call: &Call, scope: &Scope) -> Reply {
    match call.parts().as_slice() {
        ["services", "data"] => rest::versions(call),
        ["services", "data", version, tail @ ..] => api(world, call, scope, version, tail),
        ["services", "Soap", kind, version, ..] => soap::serve(world, call, kind, version),
        ["services", "oauth2", ..] | ["id", ..] | [".well-known", ..] => oauth::serve(world, call),
        _ => Reply::new(
            StatusCode::NOT_FOUND,
            "text/html;charset=UTF-8",
            "<html><head><title>URL No Longer Exists</title></head><body>URL No Longer Exists</body></html>",
        ),
    }
}

fn api(world: &Arc<World>, call: &Call, scope: &Scope, version: &str, tail: &[&str]) -> Reply {
    if call.header("authorization").is_some() && bearer(call).is_none() {
        return Reply::error(StatusCode::UNAUTHORIZED, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE");
    }
    let now = world.clock.now();
    if bearer(call).is_none_or(|token| world.auth().session(&token, now).is_none()) {
        let message = "Session expired or invalid";
        return Reply::error(StatusCode::UNAUTHORIZED, "INVALID_SESSION_ID", message)
            .with("www-authenticate", "Token");
    }
    let reply = if world.count() { rest::serve(world, call, scope, version, tail) } else { limit_exceeded() };
    let usage = format!("api-usage={}/{}", world.used(), world.settings.daily_limit);
    reply.with("sforce-limit-info", &usage)
}

/// Prints and compresses as the request asks, and dates the reply by the sandbox's clock.
fn finish(world: &World, call: &Call, reply: Reply) -> Reply {
    wire::encoded(call, reply).with("date", &http_date(world.clock.now()))
}

fn note(
    world: &World,
    peer: Peer,
    call: &Call,
    fault: Option<&Fault>,
    reply: Option<&Reply>,
    took: Duration,
) {
    world.log().push(LogEntry {
        sequence: 0,
        at: world.clock.now(),
        method: call.method.to_string(),
        path: call.path.clone(),
        query: call.raw_query.clone(),
        status: reply.map(|reply| reply.status.as_u16()),
        received: call.body.len(),
        sent: reply.map_or(0, |reply| reply.body.len()),
        milliseconds: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        client: peer.address.to_string(),
        user_agent: call.header("user-agent").unwrap_or_default().to_owned(),
        fault: fault.map(|fault| fault.kind),
    });
}
