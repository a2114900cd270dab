//! The Web API: who may call what how often, and what comes back.

mod apps;
mod auth;
mod bookmarks;
mod chat;
mod conversations;
pub(crate) mod files;
mod groups;
mod method;
mod page;
mod pins;
mod reactions;
mod users;
mod views;

use std::sync::Arc;

use http::StatusCode;
use orion_core::sandbox::{Call, Reply};
use serde_json::{Map, Value, json};

use super::args::Args;
use super::state::World;
use super::store::refusal::{Outcome, Refusal};
use super::tokens::{Access, Class};

pub(crate) use method::{Ask, Method, find};

/// `POST /api/<method>`.
pub(crate) fn serve(world: &Arc<World>, call: &Call, name: &str) -> Reply {
    let Some(method) = find(name) else {
        let why = Refusal::from("unknown_method").with("req_method", name);
        return rendered(Err(why), &[]);
    };
    let mut args = match Args::read(call, method.json) {
        Ok(args) => args,
        Err(why) => return rendered(Err(why), &[]),
    };
    let warnings = std::mem::take(&mut args.warnings);
    let token = bearer(call).or_else(|| args.token.clone());
    let access = match authorized(world, method, token.as_deref()) {
        Ok(access) => access,
        Err(why) => return rendered(Err(why), &warnings),
    };
    if let Err(wait) = throttled(world, method, access.as_ref(), &args) {
        return too_many().with("retry-after", &wait.to_string());
    }
    let reply = match scoped(method, access.as_ref()) {
        Ok(()) => rendered(called(world, call, method, access.as_ref(), &args), &warnings),
        Err(why) => rendered(Err(why), &warnings),
    };
    with_scopes(reply, method, access.as_ref())
}

fn called(world: &Arc<World>, call: &Call, method: &Method, access: Option<&Access>, args: &Args) -> Outcome {
    world.change(|store| (method.run)(&mut Ask { world, store, args, access, call }))
}

/// The access token in the header.
pub(crate) fn bearer(call: &Call) -> Option<String> {
    let (kind, token) = call.header("authorization")?.split_once(' ')?;
    kind.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

fn authorized(world: &World, method: &Method, token: Option<&str>) -> Result<Option<Access>, Refusal> {
    if method.open {
        return Ok(None);
    }
    let access = world.tokens().check(token.ok_or("not_authed")?, world.now())?;
    let fits = match access.grant.class {
        Class::App => method.for_app,
        Class::Bot => !method.for_app && !method.user_only,
        Class::User => !method.for_app,
    };
    if fits { Ok(Some(access)) } else { Err("not_allowed_token_type".into()) }
}

fn throttled(world: &World, method: &Method, access: Option<&Access>, args: &Args) -> Result<(), u64> {
    if !world.settings.limits {
        return Ok(());
    }
    let now = world.now();
    let mut limits = world.limits();
    // All tokens of the app in this workspace count together; calls without one are counted by the app.
    let team = if access.is_some() { "team" } else { "app" };
    limits.take(method.name, team, method.tier, now)?;
    match args.text("channel").filter(|_| method.name == "chat.postMessage") {
        Some(channel) => limits.take_post(&channel, now),
        None => Ok(()),
    }
}

fn scoped(method: &Method, access: Option<&Access>) -> Result<(), Refusal> {
    let Some(access) = access else { return Ok(()) };
    let wanted = method.scopes(access.grant.class);
    if wanted.is_empty() || wanted.iter().any(|scope| access.has_scope(scope)) {
        return Ok(());
    }
    Err(access.lacks(wanted.first().copied().unwrap_or_default()))
}

impl Access {
    pub(crate) fn has_scope(&self, scope: &str) -> bool {
        self.grant.scopes.iter().any(|held| held == scope)
    }

    /// `missing_scope`, with what was needed and what there is.
    pub(crate) fn lacks(&self, scope: &str) -> Refusal {
        Refusal::from("missing_scope").with("needed", scope).with("provided", self.grant.scopes.join(","))
    }
}

/// The envelope: `ok`, the fields, and what the vendor warns of.
pub(crate) fn rendered(outcome: Outcome, warnings: &[&'static str]) -> Reply {
    let mut body = Map::new();
    body.insert("ok".to_owned(), outcome.is_ok().into());
    match outcome {
        Ok(fields) => body.extend(fields.as_object().cloned().unwrap_or_default()),
        Err(why) => {
            body.insert("error".to_owned(), why.code.into());
            body.extend(why.extra);
        }
    }
    if !warnings.is_empty() {
        body.insert("warning".to_owned(), warnings.join(",").into());
        let metadata = body.entry("response_metadata").or_insert_with(|| json!({}));
        metadata["warnings"] = json!(warnings);
    }
    Reply::ok(&Value::Object(body))
}

/// 429 as the Web API words it.
pub(crate) fn too_many() -> Reply {
    Reply::json(StatusCode::TOO_MANY_REQUESTS, &json!({ "ok": false, "error": "ratelimited" }))
}

fn with_scopes(reply: Reply, method: &Method, access: Option<&Access>) -> Reply {
    let Some(access) = access else { return reply };
    let reply = reply.with("x-oauth-scopes", &access.grant.scopes.join(","));
    match method.scopes(access.grant.class) {
        [] => reply,
        wanted => reply.with("x-accepted-oauth-scopes", &wanted.join(",")),
    }
}
