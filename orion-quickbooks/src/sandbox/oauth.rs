//! OAuth 2.0 and OpenID: authorize, token, revoke, userinfo, the key set and the discovery documents, under the paths
//! they have at the vendor's hosts.
//!
//! There is no consent page: `authorize` approves for the seeded user at once, or refuses if the URL has a `deny`
//! parameter, so a test can drive either with one request.

mod identity;
mod signer;
mod token;

use http::{Method, StatusCode};
use orion_core::sandbox::{Call, Reply};
use serde_json::{Value, json};
use url::Url;

use super::auth::Code;
use super::refusal;
use super::state::World;

pub(crate) use signer::Signer;

/// Routes everything that is not the accounting API.
pub(crate) fn serve(world: &World, call: &Call) -> Reply {
    match call.parts().as_slice() {
        ["connect", "oauth2"] => authorize(world, call),
        ["oauth2", "v1", "tokens", "bearer"] => token::exchange(world, call),
        ["v2", "oauth2", "tokens", "revoke"] => token::revoke(world, call),
        ["v1", "openid_connect", "userinfo"] => identity::userinfo(world, call),
        ["op", "v1", "jwks"] => Reply::ok(world.signer.key_set()),
        [".well-known", "openid_configuration" | "openid_sandbox_configuration"] => identity::discovery(call),
        _ => refusal::page(StatusCode::NOT_FOUND),
    }
}

/// The OAuth error body.
fn refused(status: StatusCode, error: &str, description: Option<&str>) -> Reply {
    let mut body = json!({ "error": error });
    if let Some(description) = description {
        body["error_description"] = json!(description);
    }
    Reply::json(status, &body).with("cache-control", "no-store")
}

/// The parameters of a call: the query, and the body of a POST, be it a form or a JSON object; clients send either.
fn parameters(call: &Call) -> Vec<(String, String)> {
    let mut all = call.query.clone();
    if call.method != Method::POST {
        return all;
    }
    if call.media_type() == "application/json" {
        let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
        let texts = body.as_object().into_iter().flatten();
        all.extend(texts.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))));
    } else {
        all.extend(call.form());
    }
    all
}

/// The non-empty value of one parameter.
fn get<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    parameters.iter().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
}

fn authorize(world: &World, call: &Call) -> Reply {
    let given = parameters(call);
    let redirect = get(&given, "redirect_uri").unwrap_or_default();
    // The vendor shows a page of its own to the person for these two (unverified in wording).
    let Some(mut target) = accepted_redirect(world, redirect) else {
        return page("The redirect_uri query parameter value is invalid.");
    };
    if get(&given, "client_id") != Some(&world.identity.client_id) {
        return page("The client_id query parameter value is invalid.");
    }
    let answer = approval(world, call, &given, redirect);
    {
        let mut pairs = target.query_pairs_mut();
        if let Ok(code) = &answer {
            pairs.append_pair("code", code);
        }
        if let Some(state) = get(&given, "state") {
            pairs.append_pair("state", state);
        }
        match &answer {
            Ok(_) => pairs.append_pair("realmId", &world.identity.realm),
            Err(error) => pairs.append_pair("error", error),
        };
    }
    Reply::empty(StatusCode::FOUND).with("location", target.as_str())
}

/// The code, or the error to send back to the application.
fn approval(
    world: &World,
    call: &Call,
    given: &[(String, String)],
    redirect: &str,
) -> Result<String, &'static str> {
    if get(given, "response_type") != Some("code") {
        return Err("unsupported_response_type");
    }
    let Some(scope) = get(given, "scope") else { return Err("invalid_scope") };
    if !scope.split_whitespace().all(|scope| identity::SCOPES.contains(&scope)) {
        return Err("invalid_scope");
    }
    if call.param("deny").is_some() {
        return Err("access_denied");
    }
    Ok(world.auth().issue_code(Code {
        redirect_uri: redirect.to_owned(),
        scope: scope.to_owned(),
        challenge: get(given, "code_challenge").map(str::to_owned),
        nonce: get(given, "nonce").map(str::to_owned),
        issued: world.now(),
    }))
}

/// The callback URL, if it is the configured one or on loopback.
fn accepted_redirect(world: &World, redirect: &str) -> Option<Url> {
    let url = Url::parse(redirect).ok()?;
    let loopback = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    (redirect == world.identity.redirect_uri || loopback).then_some(url)
}

fn page(what: &str) -> Reply {
    let html = format!("<html><body><h1>Sorry, but something went wrong</h1><p>{what}</p></body></html>");
    Reply::new(StatusCode::BAD_REQUEST, "text/html;charset=UTF-8", html)
}
