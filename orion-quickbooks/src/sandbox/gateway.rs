//! What every request passes: the throttle, the token, and the way to its area.

use std::sync::Arc;

use http::{Method, StatusCode};
use orion_core::sandbox::{Call, Common, FaultKind, Reply, Scope, Vendor};

use super::auth::Access;
use super::refusal::{self, Dialect, FORBIDDEN, THROTTLED, unauthenticated};
use super::state::World;
use super::store::Fault;
use super::{api, control, oauth};

/// 429 as the gateway's JSON; the plain kinds `429…` are XML.
pub const THROTTLED_JSON: FaultKind = FaultKind::vendor("429_json");

/// 429 without a body.
pub const THROTTLED_EMPTY: FaultKind = FaultKind::vendor("429_empty");

/// 5010, as if another client had changed the row first; nothing was written.
pub const STALE_OBJECT: FaultKind = FaultKind::vendor("stale_object");

pub(crate) const KINDS: &[&str] = &["429_json", "429_empty", "stale_object"];

/// The scope that the accounting API needs.
pub(crate) const ACCOUNTING: &str = "com.intuit.quickbooks.accounting";

impl Vendor for World {
    fn common(&self) -> &Common {
        &self.common
    }

    fn serve(self: &Arc<Self>, call: &Call, _scope: &Scope) -> Reply {
        let parts = call.parts();
        match parts.as_slice() {
            ["v3", "company", realm, tail @ ..] => match admitted(self, call, realm) {
                Ok(()) => api::serve(self, call, tail),
                Err(refused) => *refused,
            },
            ["files", id] => api::file(self, id),
            _ => oauth::serve(self, call),
        }
    }

    fn scope(&self, call: &Call) -> Scope {
        let parts = call.parts();
        let ["v3", "company", _, tail @ ..] = parts.as_slice() else {
            let class = if parts.contains(&"tokens") { vec!["token", "login"] } else { vec!["login"] };
            return Scope::new(call, class);
        };
        let area = match tail {
            ["query" | "cdc" | "batch" | "upload" | "download" | "reports", ..] => tail[0],
            [_, _, "pdf"] => "pdf",
            [_, _, "send"] => "send",
            _ if call.reads() => "read",
            _ => "write",
        };
        let area = AREAS.iter().copied().find(|known| *known == area);
        let scope = Scope::new(call, ["api"].into_iter().chain(area));
        let scope = scope.with_kind("429_json").with_kind("429_empty");
        if area == Some("write") { scope.with_kind("stale_object") } else { scope }
    }

    fn failure(&self, status: StatusCode, call: &Call) -> Reply {
        match status {
            StatusCode::TOO_MANY_REQUESTS if !call.path.starts_with("/v3/") => Reply::empty(status),
            StatusCode::TOO_MANY_REQUESTS => refusal::gateway(THROTTLED, Dialect::Xml, self.now()),
            StatusCode::INTERNAL_SERVER_ERROR => refusal::broken(self.now()),
            _ => refusal::page(status),
        }
    }

    fn expire_tokens(&self) {
        self.auth().end_sessions();
    }

    fn revoke_tokens(&self) {
        self.auth().revoke_all();
    }

    fn admit(&self, call: &Call) -> Option<Reply> {
        if !call.path.starts_with("/v3/company/") {
            return None;
        }
        let admitted = self.throttle().admit(self.now(), is_batch(call));
        (!admitted).then(|| self.failure(StatusCode::TOO_MANY_REQUESTS, call))
    }

    fn release(&self, call: &Call) {
        if call.path.starts_with("/v3/company/") {
            self.throttle().release();
        }
    }

    fn inject(&self, kind: &FaultKind, _call: &Call) -> Option<Reply> {
        match kind.as_vendor() {
            Some("429_json") => Some(refusal::gateway(THROTTLED, Dialect::Json, self.now())),
            Some("429_empty") => Some(Reply::empty(StatusCode::TOO_MANY_REQUESTS)),
            Some("stale_object") => Some(refusal::service(&Fault::stale(), self.now())),
            _ => None,
        }
    }

    /// Every reply names its transaction (recorded).
    fn finish(&self, _call: &Call, reply: Reply) -> Reply {
        let (seconds, rest) = (self.now().timestamp(), self.hex(24));
        reply.with("intuit_tid", &format!("1-{seconds:08x}-{rest}"))
    }

    /// The method and what the path is about: `GET query`, `POST invoice/send`, `POST tokens/bearer`.
    fn route(&self, call: &Call) -> String {
        let parts = call.parts();
        let fixed = match parts.as_slice() {
            ["v3", "company", _, "reports", name] => format!("reports/{name}"),
            ["v3", "company", _, "taxservice", name] => format!("taxservice/{name}"),
            ["v3", "company", _, entity, _, what] => format!("{}/{what}", entity.to_lowercase()),
            ["v3", "company", _, area, ..] => area.to_lowercase(),
            ["oauth2", _, rest @ ..] | ["v2", "oauth2", rest @ ..] => rest.join("/"),
            other => other.join("/"),
        };
        format!("{} {fixed}", call.method)
    }

    async fn control(self: &Arc<Self>, call: &Call) -> Option<Reply> {
        control::serve(self, call)
    }
}

const AREAS: [&str; 10] =
    ["query", "cdc", "batch", "upload", "download", "reports", "pdf", "send", "read", "write"];

fn is_batch(call: &Call) -> bool {
    call.method == Method::POST && call.segments.get(3).is_some_and(|area| area.eq_ignore_ascii_case("batch"))
}

/// The access token of an `Authorization: Bearer …` header.
pub(crate) fn bearer(call: &Call) -> Option<&str> {
    let (kind, token) = call.header("authorization")?.split_once(' ')?;
    kind.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn admitted(world: &World, call: &Call, realm: &str) -> Result<(), Box<Reply>> {
    let refuse = |refusal| Err(Box::new(refusal::gateway(refusal, Dialect::of(call), world.now())));
    let Some(token) = bearer(call) else { return refuse(unauthenticated("Header Authorization missing")) };
    let access = world.auth().access(token, world.now());
    match access {
        Access::Unknown => refuse(unauthenticated("Malformed bearer token: the token is not known")),
        Access::Expired => refuse(unauthenticated("Token expired: the access token has ended")),
        Access::Revoked => refuse(unauthenticated("Token revoked: the connection was ended")),
        Access::Granted(scope) => {
            let accounting = scope.split_whitespace().any(|scope| scope == ACCOUNTING);
            if accounting && realm == world.identity.realm { Ok(()) } else { refuse(FORBIDDEN) }
        }
    }
}
