//! OAuth 2.0: authorize, token, revoke, introspect, userinfo, the identity URL and discovery.
//!
//! There is no consent page: `authorize` approves for the seeded user at once, or refuses if the URL has a
//! `deny` parameter, so a test can drive either with one request.

mod identity;
pub(crate) mod jwt;
mod token;

use http::{Method, StatusCode};
use serde_json::json;
use url::Url;

use super::auth::Code;
use super::call::Call;
use super::reply::{self, Reply};
use super::state::World;

/// Routes `/services/oauth2/…`, `/id/…` and `/.well-known/…`.
pub(crate) fn serve(world: &World, call: &Call) -> Reply {
    match call.parts().as_slice() {
        ["services", "oauth2", "authorize"] => authorize(world, call),
        ["services", "oauth2", "token"] => token::exchange(world, call),
        ["services", "oauth2", "revoke"] => revoke(world, call),
        ["services", "oauth2", "introspect"] => token::introspect(world, call),
        ["services", "oauth2", "userinfo"] => identity::userinfo(world, call),
        ["id", "keys"] => Reply::ok(world.signer.key_set()),
        ["id", org, user] => identity::identity(world, call, org, user),
        [".well-known", "openid-configuration"] => identity::discovery(call),
        _ => reply::not_found(),
    }
}

/// The OAuth error body: always 400 unless said otherwise.
fn refused(error: &str, description: &str) -> Reply {
    let body = json!({ "error": error, "error_description": description });
    Reply::json(StatusCode::BAD_REQUEST, &body).with("cache-control", "no-store")
}

/// The parameters of a call: the form body of a POST, else the query.
fn parameters(call: &Call) -> Vec<(String, String)> {
    let mut all = call.query.clone();
    if call.method == Method::POST {
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
    let redirect = get(&given, "redirect_uri").unwrap_or(&world.identity.redirect_uri);
    let Some(mut target) = accepted_redirect(world, redirect) else {
        return page("redirect_uri_mismatch", "redirect_uri must match configuration");
    };
    let answer = approval(world, call, &given, redirect);
    {
        let mut pairs = target.query_pairs_mut();
        match &answer {
            Ok(code) => pairs.append_pair("code", code),
            Err((error, description)) => {
                pairs.append_pair("error", error).append_pair("error_description", description)
            }
        };
        if let Some(state) = get(&given, "state") {
            pairs.append_pair("state", state);
        }
    }
    Reply::empty(StatusCode::FOUND).with("location", target.as_str())
}

/// The code, or the error to send back to the application.
fn approval(
    world: &World,
    call: &Call,
    given: &[(String, String)],
    redirect: &str,
) -> Result<String, (&'static str, &'static str)> {
    if get(given, "client_id") != Some(&world.identity.client_id) {
        return Err(("invalid_client_id", "client identifier invalid"));
    }
    if get(given, "response_type") != Some("code") {
        return Err(("unsupported_response_type", "response type not supported"));
    }
    if call.param("deny").is_some() {
        return Err(("access_denied", "end-user denied authorization"));
    }
    // A missing method means S256, the only one Salesforce has (Salesforce docs, PKCE).
    if get(given, "code_challenge_method").is_some_and(|method| method != "S256") {
        return Err(("invalid_request", "invalid code challenge method"));
    }
    let code = Code {
        redirect_uri: redirect.to_owned(),
        scope: get(given, "scope").unwrap_or("api id refresh_token openid").to_owned(),
        challenge: get(given, "code_challenge").map(str::to_owned),
        nonce: get(given, "nonce").map(str::to_owned),
        issued: world.now(),
    };
    Ok(world.auth().issue_code(code))
}

/// The callback URL, if it is the configured one or on loopback.
fn accepted_redirect(world: &World, redirect: &str) -> Option<Url> {
    let url = Url::parse(redirect).ok()?;
    let loopback = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    (redirect == world.identity.redirect_uri || loopback).then_some(url)
}

/// What a person sees when the application cannot be told.
fn page(error: &str, description: &str) -> Reply {
    let html = format!(
        "<html><body><h1>OAuth Error</h1><p>error={error}&amp;error_description={description}</p></body></html>"
    );
    Reply::new(StatusCode::BAD_REQUEST, "text/html;charset=UTF-8", html)
}

fn revoke(world: &World, call: &Call) -> Reply {
    let given = parameters(call);
    let revoked = get(&given, "token").is_some_and(|token| world.auth().revoke(token));
    if revoked { Reply::empty(StatusCode::OK) } else { refused("invalid_token", "invalid token") }
}
