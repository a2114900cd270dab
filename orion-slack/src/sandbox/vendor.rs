//! The sandbox as the shared server sees it: routes, faults, controls.

use std::sync::Arc;

use http::{Method, StatusCode};
use orion_core::sandbox::{Call, Common, FaultKind, Reply, Scope, Vendor};
use serde_json::{Value, json};

use super::api::{self, files};
use super::state::{KINDS, World};
use super::{deliver, oauth, respond, socket, truth};

impl Vendor for World {
    fn common(&self) -> &Common {
        &self.common
    }

    fn serve(self: &Arc<Self>, call: &Call, _scope: &Scope) -> Reply {
        match call.parts().as_slice() {
            ["api", method] => api::serve(self, call, method),
            ["oauth", "v2", "authorize"] => oauth::authorize(self, call),
            ["upload", "v1", secret] => files::upload(self, call, secret),
            ["files-pri", place, ..] => files::download(self, call, place),
            ["actions" | "commands", _, _, secret] => respond::serve(self, call, secret),
            ["link"] => socket::accept(self, call),
            _ => self.failure(StatusCode::NOT_FOUND, call),
        }
    }

    fn scope(&self, call: &Call) -> Scope {
        match call.parts().as_slice() {
            ["api", method] => {
                let token = matches!(*method, "oauth.v2.access" | "oauth.v2.exchange");
                let class = if token { "token" } else { "api" };
                let own = KINDS.iter().filter(|kind| !matches!(**kind, "half_open" | "duplicate_event"));
                own.fold(Scope::new(call, [class]), |scope, kind| scope.with_kind(kind))
            }
            ["oauth", ..] => Scope::new(call, ["login"]),
            ["upload" | "files-pri", ..] => Scope::new(call, ["files"]),
            ["actions" | "commands", ..] => Scope::new(call, ["response_url"]),
            ["link"] => Scope::new(call, ["socket"]).with_kind("half_open"),
            _ => Scope::new(call, ["other"]),
        }
    }

    fn failure(&self, status: StatusCode, _call: &Call) -> Reply {
        match status {
            StatusCode::TOO_MANY_REQUESTS => api::too_many(),
            StatusCode::SERVICE_UNAVAILABLE => {
                Reply::json(status, &json!({ "ok": false, "error": "service_unavailable" }))
            }
            StatusCode::NOT_FOUND => Reply::new(status, "text/html", "<html><body>Not found</body></html>"),
            _ => Reply::new(status, "text/plain", status.canonical_reason().unwrap_or_default()),
        }
    }

    fn expire_tokens(&self) {
        self.tokens().expire_all(self.now());
    }

    fn revoke_tokens(&self) {
        self.tokens().revoke_all();
    }

    fn inject(&self, kind: &FaultKind, _call: &Call) -> Option<Reply> {
        let code = match kind.as_vendor()? {
            "half_open" => {
                self.hub.freeze_next();
                return None;
            }
            "ratelimited_body" => "rate_limited",
            "internal_error" => "internal_error",
            "fatal_error" => "fatal_error",
            "token_expired" => "token_expired",
            "token_revoked" => "token_revoked",
            "invalid_cursor" => "invalid_cursor",
            _ => return None,
        };
        Some(api::rendered(Err(code.into()), &[]))
    }

    fn finish(&self, call: &Call, reply: Reply) -> Reply {
        if call.segments.first().is_none_or(|first| first != "api") {
            return reply;
        }
        let id = self.quietly(|store| store.ids.hex(32));
        reply
            .with("x-slack-req-id", &id)
            .with("cache-control", "private, no-cache, no-store, must-revalidate")
    }

    fn route(&self, call: &Call) -> String {
        let fixed = match call.parts().as_slice() {
            ["api", method] => (*method).to_owned(),
            ["oauth", rest @ ..] => format!("oauth/{}", rest.join("/")),
            [area @ ("upload" | "files-pri" | "actions" | "commands"), ..] => (*area).to_owned(),
            other => other.join("/"),
        };
        format!("{} {fixed}", call.method)
    }

    async fn control(self: &Arc<Self>, call: &Call) -> Option<Reply> {
        let refused = |why: &str| Reply::json(StatusCode::BAD_REQUEST, &json!({ "error": why }));
        match (&call.method, call.parts().get(1..).unwrap_or_default()) {
            (&Method::POST, ["deliver"]) => {
                let order: Value = match serde_json::from_slice(&call.body) {
                    Ok(order) => order,
                    Err(error) => return Some(refused(&error.to_string())),
                };
                Some(match deliver::carry_out(self, &order).await {
                    Ok(answer) => Reply::ok(&answer),
                    Err(why) => refused(&why),
                })
            }
            (&Method::GET, ["truth"]) => {
                let object = call.param("object").unwrap_or("messages");
                Some(match truth::rows(self, object, call.param("channel"), &call.base) {
                    Some(rows) => Reply::ok(&json!({ "count": rows.len(), "rows": rows })),
                    None => refused("there is no such object"),
                })
            }
            _ => None,
        }
    }
}
