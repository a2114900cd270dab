//! The token endpoint's grants, and introspection.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use http::{Method, StatusCode};
use ring::hmac;
use serde_json::{Value, json};

use super::{get, jwt, parameters, refused};
use crate::sandbox::auth::{BadCode, verifies};
use crate::sandbox::call::Call;
use crate::sandbox::reply::Reply;
use crate::sandbox::state::World;

/// What the username-password, JWT and client-credentials flows grant.
const DEFAULT_SCOPE: &str = "api id";

/// A refusal: `error` and `error_description`.
pub(super) type Refusal = (&'static str, &'static str);

const BAD_CLIENT_ID: Refusal = ("invalid_client_id", "client identifier invalid");
const BAD_SECRET: Refusal = ("invalid_client", "invalid client credentials");
const AUTH_FAILURE: Refusal = ("invalid_grant", "authentication failure");
const NO_CODE: Refusal = ("invalid_grant", "invalid authorization code");
const OLD_CODE: Refusal = ("invalid_grant", "expired authorization code");
const OLD_TOKEN: Refusal = ("invalid_grant", "expired access/refresh token");

/// What a grant gives.
struct Granted {
    scope: String,
    refresh: Option<String>,
    /// Whether the reply names the refresh token (only when it is new).
    shows_refresh: bool,
    nonce: Option<String>,
}

impl Granted {
    fn without_refresh() -> Self {
        Self { scope: DEFAULT_SCOPE.to_owned(), refresh: None, shows_refresh: false, nonce: None }
    }
}

/// `POST /services/oauth2/token`.
pub(super) fn exchange(world: &World, call: &Call) -> Reply {
    if call.method != Method::POST {
        return refused("invalid_request", "must use HTTP POST");
    }
    let given = with_basic(call, parameters(call));
    let granted = match get(&given, "grant_type") {
        Some("authorization_code") => by_code(world, &given),
        Some("refresh_token") => by_refresh(world, &given),
        Some("client_credentials") => client(world, &given, true).map(|()| Granted::without_refresh()),
        Some("password") => by_password(world, &given),
        Some("urn:ietf:params:oauth:grant-type:jwt-bearer") => {
            jwt::accept(world, call, &given).map(|()| Granted::without_refresh())
        }
        _ => Err(("unsupported_grant_type", "grant type not supported")),
    };
    match granted {
        Ok(granted) => issued(world, call, &granted),
        Err((error, description)) => refused(error, description),
    }
}

/// Adds the client id and secret of an `Authorization: Basic` header to the parameters.
fn with_basic(call: &Call, mut given: Vec<(String, String)>) -> Vec<(String, String)> {
    let pair = call
        .header("authorization")
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(|encoded| STANDARD.decode(encoded.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some((id, secret)) = pair.as_deref().and_then(|text| text.split_once(':')) {
        // RFC 6749 §2.3.1 has both form-encoded first; clients that do not encode send the same text here.
        let plain = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        given.push(("client_id".into(), plain(id)));
        given.push(("client_secret".into(), plain(secret)));
    }
    given
}

fn client(world: &World, given: &[(String, String)], needs_secret: bool) -> Result<(), Refusal> {
    if get(given, "client_id") != Some(&world.identity.client_id) {
        return Err(BAD_CLIENT_ID);
    }
    match get(given, "client_secret") {
        Some(secret) if secret == world.identity.client_secret => Ok(()),
        None if !needs_secret => Ok(()),
        _ => Err(BAD_SECRET),
    }
}

fn by_code(world: &World, given: &[(String, String)]) -> Result<Granted, Refusal> {
    let verifier = get(given, "code_verifier");
    client(world, given, verifier.is_none())?;
    let text = get(given, "code").ok_or(NO_CODE)?;
    let code = world.auth().take_code(text, world.now()).map_err(|bad| match bad {
        BadCode::Unknown => NO_CODE,
        BadCode::Expired => OLD_CODE,
    })?;
    if get(given, "redirect_uri") != Some(&code.redirect_uri) {
        return Err(("redirect_uri_mismatch", "redirect_uri must match configuration"));
    }
    // Salesforce docs, "OAuth error codes": a wrong verifier is invalid_request, a missing one invalid_grant.
    match (&code.challenge, verifier) {
        (Some(challenge), Some(verifier)) if !verifies(challenge, verifier) => {
            return Err(("invalid_request", "invalid code verifier"));
        }
        (Some(_), None) => return Err(("invalid_grant", "invalid code verifier")),
        _ => {}
    }
    let refreshes =
        code.scope.split_whitespace().any(|scope| matches!(scope, "refresh_token" | "offline_access"));
    let refresh = refreshes.then(|| world.auth().issue_refresh(&code.scope));
    Ok(Granted { scope: code.scope, shows_refresh: refresh.is_some(), refresh, nonce: code.nonce })
}

fn by_refresh(world: &World, given: &[(String, String)]) -> Result<Granted, Refusal> {
    client(world, given, false)?;
    let token = get(given, "refresh_token").ok_or(OLD_TOKEN)?;
    let mut auth = world.auth();
    let scope = auth.refresh_scope(token).ok_or(OLD_TOKEN)?;
    let rotated = if world.settings.rotate_refresh_tokens { auth.rotate(token) } else { None };
    let shows_refresh = rotated.is_some();
    Ok(Granted { scope, refresh: rotated.or_else(|| Some(token.to_owned())), shows_refresh, nonce: None })
}

fn by_password(world: &World, given: &[(String, String)]) -> Result<Granted, Refusal> {
    client(world, given, true)?;
    let (username, password) = (get(given, "username"), get(given, "password"));
    if !world.knows(username.unwrap_or_default(), password.unwrap_or_default()) {
        return Err(AUTH_FAILURE);
    }
    Ok(Granted::without_refresh())
}

fn issued(world: &World, call: &Call, granted: &Granted) -> Reply {
    let now = world.now();
    let id = format!("{}/id/{}/{}", call.base, world.identity.org_id, world.identity.user_id);
    let issued_at = now.timestamp_millis().to_string();
    let key = hmac::Key::new(hmac::HMAC_SHA256, world.identity.client_secret.as_bytes());
    let signature = STANDARD.encode(hmac::sign(&key, format!("{id}{issued_at}").as_bytes()));
    let token = world.auth().open(now, &granted.scope, granted.refresh.as_deref());
    let mut body = json!({
        "access_token": token,
        "signature": signature,
        "scope": granted.scope,
        "instance_url": call.base,
        "id": id,
        "token_type": "Bearer",
        "issued_at": issued_at,
    });
    if granted.shows_refresh {
        body["refresh_token"] = json!(granted.refresh);
    }
    if granted.scope.split_whitespace().any(|scope| scope == "openid") {
        body["id_token"] = json!(id_token(world, call, granted.nonce.as_deref()));
    }
    Reply::ok(&body).with("cache-control", "no-store").with("pragma", "no-cache")
}

fn id_token(world: &World, call: &Call, nonce: Option<&str>) -> String {
    let now = world.now();
    let mut claims = json!({
        "iss": call.base,
        "sub": format!("{}/id/{}/{}", call.base, world.identity.org_id, world.identity.user_id),
        "aud": world.identity.client_id,
        "iat": now.timestamp(),
        "exp": (now + TimeDelta::minutes(2)).timestamp(),
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = json!(nonce);
    }
    world.signer.sign(&claims)
}

/// `POST /services/oauth2/introspect` (RFC 7662).
pub(super) fn introspect(world: &World, call: &Call) -> Reply {
    let given = with_basic(call, parameters(call));
    if let Err((error, description)) = client(world, &given, true) {
        let body = json!({ "error": error, "error_description": description });
        return Reply::json(StatusCode::UNAUTHORIZED, &body);
    }
    let Some(token) = get(&given, "token") else {
        return refused("invalid_request", "missing required parameter: token");
    };
    Reply::ok(&introspected(world, call, token))
}

fn introspected(world: &World, call: &Call, token: &str) -> Value {
    let now = world.now();
    let mut auth = world.auth();
    let common = |scope: &str| {
        json!({
            "active": true,
            "scope": scope,
            "client_id": world.identity.client_id,
            "username": world.identity.username,
            "sub": format!("{}/id/{}/{}", call.base, world.identity.org_id, world.identity.user_id),
        })
    };
    if let Some(scope) = auth.refresh_scope(token) {
        let mut body = common(&scope);
        body["token_type"] = json!("refresh_token");
        return body;
    }
    let timeout = auth.timeout().as_secs();
    let Some(session) = auth.session(token, now) else { return json!({ "active": false }) };
    let mut body = common(&session.scope);
    body["token_type"] = json!("access_token");
    body["iat"] = json!(session.issued.timestamp());
    body["nbf"] = json!(session.issued.timestamp());
    body["exp"] = json!(session.used.timestamp() + i64::try_from(timeout).unwrap_or(i64::MAX / 2));
    body
}
