//! The token endpoint and the revocation endpoint.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, StatusCode};
use orion_core::sandbox::{Call, Reply};
use serde_json::{Value, json};

use super::{get, identity, parameters, refused};
use crate::sandbox::auth::{BadRefresh, Issued, verifies};
use crate::sandbox::state::World;

const BAD_CODE: &str = "Incorrect or invalid authorization code";

/// `POST /oauth2/v1/tokens/bearer`.
pub(super) fn exchange(world: &World, call: &Call) -> Reply {
    let given = parameters(call);
    if call.method != Method::POST {
        return refused(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", None);
    }
    if let Err(refused) = client(world, call, &given) {
        return *refused;
    }
    match get(&given, "grant_type") {
        Some("authorization_code") => by_code(world, call, &given),
        Some("refresh_token") => by_refresh(world, call, &given),
        _ => refused(StatusCode::BAD_REQUEST, "unsupported_grant_type", None),
    }
}

/// The app, by `Authorization: Basic` or in the body.
fn client(world: &World, call: &Call, given: &[(String, String)]) -> Result<(), Box<Reply>> {
    let basic = call
        .header("authorization")
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(|encoded| STANDARD.decode(encoded.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let in_body = || Some(format!("{}:{}", get(given, "client_id")?, get(given, "client_secret")?));
    let wanted = format!("{}:{}", world.identity.client_id, world.identity.client_secret);
    if basic.or_else(in_body) == Some(wanted) {
        return Ok(());
    }
    Err(Box::new(refused(StatusCode::UNAUTHORIZED, "invalid_client", None)))
}

fn by_code(world: &World, call: &Call, given: &[(String, String)]) -> Reply {
    let bad = || refused(StatusCode::BAD_REQUEST, "invalid_grant", Some(BAD_CODE));
    let now = world.now();
    let code = get(given, "code").and_then(|text| world.auth().take_code(text, now));
    let Some(code) = code else { return bad() };
    let proven = match (&code.challenge, get(given, "code_verifier")) {
        (Some(challenge), Some(verifier)) => verifies(challenge, verifier),
        (Some(_), None) => false,
        (None, _) => true,
    };
    if get(given, "redirect_uri") != Some(&code.redirect_uri) || !proven {
        return bad();
    }
    let issued = world.auth().grant(now, &code.scope);
    let mut body = shown(world, call, &issued);
    if issued.scope.split_whitespace().any(|scope| scope == "openid") {
        body["id_token"] = json!(identity::token(world, code.nonce.as_deref()));
    }
    Reply::ok(&body).with("cache-control", "no-store")
}

fn by_refresh(world: &World, call: &Call, given: &[(String, String)]) -> Reply {
    let token = get(given, "refresh_token").unwrap_or_default();
    let issued = world.auth().refresh(token, world.now());
    match issued {
        Ok(issued) => Reply::ok(&shown(world, call, &issued)).with("cache-control", "no-store"),
        Err(bad) => {
            // The first is the description that users quote; the others are unverified. The error is one for all.
            let why = match bad {
                BadRefresh::Unknown | BadRefresh::Replaced => "Incorrect or invalid refresh token",
                BadRefresh::Revoked => "Token revoked",
                BadRefresh::Expired | BadRefresh::ExpiredForGood => "Token expired",
            };
            refused(StatusCode::BAD_REQUEST, "invalid_grant", Some(why))
        }
    }
}

fn shown(world: &World, call: &Call, issued: &Issued) -> Value {
    let mut body = json!({
        "token_type": "bearer",
        "access_token": issued.access,
        "expires_in": world.auth().access_life().num_seconds(),
        "refresh_token": issued.refresh,
        "x_refresh_token_expires_in": issued.refresh_left.num_seconds(),
    });
    // Only for those who ask (release notes of Intuit's client libraries).
    if call.header("x-include-refresh-token-hard-expires-in") == Some("true") {
        body["x_refresh_token_hard_expires_in"] = json!(issued.grant_left.num_seconds());
    }
    body
}

/// `POST /v2/oauth2/tokens/revoke`: either token ends the whole grant (Intuit docs).
pub(super) fn revoke(world: &World, call: &Call) -> Reply {
    let given = parameters(call);
    if call.method != Method::POST {
        return refused(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", None);
    }
    if let Err(refused) = client(world, call, &given) {
        return *refused;
    }
    let token = get(&given, "token").or_else(|| get(&given, "refresh_token")).unwrap_or_default();
    if world.auth().revoke(token) {
        Reply::empty(StatusCode::OK)
    } else {
        refused(StatusCode::BAD_REQUEST, "invalid_request", Some("Invalid token"))
    }
}
