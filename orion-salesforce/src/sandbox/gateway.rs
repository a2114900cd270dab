//! What every request passes: the session is checked, the request counted, and the area of the API found.

use std::sync::Arc;

use http::StatusCode;
use orion_core::sandbox::{Common, FaultKind, Scope, Vendor};

use super::call::{self, Call};
use super::reply::{self, Reply, pretty};
use super::state::World;
use super::{control, oauth, rest, soap};

/// Every open cursor is closed, so this `queryMore` gets `INVALID_QUERY_LOCATOR`.
pub const EXPIRE_LOCATOR: FaultKind = FaultKind::vendor("expire_locator");

/// 403 `REQUEST_LIMIT_EXCEEDED`.
pub const REQUEST_LIMIT: FaultKind = FaultKind::vendor("request_limit");

/// `UNABLE_TO_LOCK_ROW`, rolled for each row: 400 on a single write, one item's error in a collection or a composite,
/// a failed row in a bulk job.
pub const LOCK_ROW: FaultKind = FaultKind::vendor("lock_row");

pub(crate) const KINDS: &[&str] = &["expire_locator", "request_limit", "lock_row"];
pub(crate) const DRAWN: &[&str] = &["expire_locator"];

impl Vendor for World {
    fn common(&self) -> &Common {
        &self.common
    }

    fn serve(self: &Arc<Self>, call: &Call, scope: &Scope) -> Reply {
        let Some(method) = call::overridden(call) else { return serve(self, call, scope) };
        let mut call = call.clone();
        call.method = method;
        serve(self, &call, scope)
    }

    fn scope(&self, call: &Call) -> Scope {
        scope(call)
    }

    /// The texts of 413, 414, 429 and 500 are unverified.
    fn failure(&self, status: StatusCode, _call: &Call) -> Reply {
        let (code, message) = match status {
            StatusCode::PAYLOAD_TOO_LARGE => ("REQUEST_TOO_LARGE", "The request is too large."),
            StatusCode::URI_TOO_LONG => ("URI_TOO_LONG", "The URI is too long."),
            StatusCode::TOO_MANY_REQUESTS => ("TOO_MANY_REQUESTS", "Too many requests. Try again later."),
            StatusCode::SERVICE_UNAVAILABLE => ("SERVER_UNAVAILABLE", "Server unavailable"),
            _ => (
                "UNKNOWN_EXCEPTION",
                "An unexpected error occurred. Please include this ErrorId if you contact support: 1-1 (1)",
            ),
        };
        reply::error(status, code, message)
    }

    fn expire_tokens(&self) {
        self.auth().end_sessions();
    }

    fn revoke_tokens(&self) {
        self.auth().revoke_refresh_tokens();
    }

    fn inject(&self, kind: &FaultKind, _call: &Call) -> Option<Reply> {
        if *kind == EXPIRE_LOCATOR {
            self.cursors().clear();
        }
        (*kind == REQUEST_LIMIT).then(limit_exceeded)
    }

    /// Indents as `X-PrettyPrint` asks.
    fn finish(&self, call: &Call, mut reply: Reply) -> Reply {
        if reply.is_json() && matches!(call.header("x-prettyprint"), Some("1" | "true")) {
            reply.body = pretty(&reply.body).into();
        }
        reply
    }

    fn route(&self, call: &Call) -> String {
        route(call)
    }

    async fn control(self: &Arc<Self>, call: &Call) -> Option<Reply> {
        control::serve(self, call)
    }
}

fn scope(call: &Call) -> Scope {
    let parts = call.parts();
    let (area, rest) = match parts.as_slice() {
        ["services", area, rest @ ..] => (*area, rest),
        _ => ("", &[][..]),
    };
    let classes = match area {
        "oauth2" => vec!["token", "login"],
        "Soap" => vec!["soap", "login"],
        "data" => api_classes(rest.get(1..).unwrap_or_default()),
        _ => Vec::new(),
    };
    let scope = Scope::new(call, classes).with_kind("request_limit");
    if matches!(rest, [_, "query" | "queryAll", _]) { scope.with_kind("expire_locator") } else { scope }
}

fn api_classes(rest: &[&str]) -> Vec<&'static str> {
    match rest {
        ["jobs", "ingest", ..] => vec!["api", "bulk", "ingest"],
        ["jobs", "query", ..] => vec!["api", "bulk", "bulk_query"],
        ["query" | "queryAll", ..] => vec!["api", "rest", "query"],
        ["composite", ..] => vec!["api", "rest", "composite"],
        ["sobjects", ..] => vec!["api", "rest", "sobjects"],
        _ => vec!["api", "rest"],
    }
}

/// A request's kind: its method and the fixed part of its path, `GET query`, `POST oauth2/token`.
fn route(call: &Call) -> String {
    let fixed = match call.parts().as_slice() {
        ["services", "data", _, area @ ("jobs" | "composite"), kind, ..] => format!("{area}/{kind}"),
        ["services", "data", _, area, ..] => (*area).to_owned(),
        ["services", "Soap", ..] => "Soap".to_owned(),
        ["services", rest @ ..] => rest.join("/"),
        other => other.join("/"),
    };
    format!("{} {fixed}", call.method)
}

/// The access token of an `Authorization: Bearer …` or `OAuth …` header.
pub(crate) fn bearer(call: &Call) -> Option<String> {
    let (kind, token) = call.header("authorization")?.split_once(' ')?;
    let known = kind.eq_ignore_ascii_case("bearer") || kind.eq_ignore_ascii_case("oauth");
    known.then(|| token.trim().to_owned())
}

fn limit_exceeded() -> Reply {
    reply::error(StatusCode::FORBIDDEN, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
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
        return reply::error(StatusCode::UNAUTHORIZED, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE");
    }
    let now = world.now();
    if bearer(call).is_none_or(|token| world.auth().session(&token, now).is_none()) {
        let message = "Session expired or invalid";
        return reply::error(StatusCode::UNAUTHORIZED, "INVALID_SESSION_ID", message)
            .with("www-authenticate", "Token");
    }
    let reply = if world.count() { rest::serve(world, call, scope, version, tail) } else { limit_exceeded() };
    let usage = format!("api-usage={}/{}", world.used(), world.settings.daily_limit);
    reply.with("sforce-limit-info", &usage)
}
