//! OAuth v2: the authorize page, codes, and tokens that rotate.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::StatusCode;
use orion_core::sandbox::{Call, Reply};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use url::Url;

use super::api::Ask;
use super::settings::{BOT_SCOPES, USER_SCOPES};
use super::state::World;
use super::store::Store;
use super::store::refusal::{Outcome, Refusal};
use super::tokens::{Class, Code, Grant, Issued};

/// Scopes that exist beside those that the seeded tokens have.
const OTHER_SCOPES: [&str; 16] = [
    "calls:read",
    "calls:write",
    "channels:write.invites",
    "channels:write.topic",
    "chat:write.public",
    "dnd:write",
    "groups:write.invites",
    "groups:write.topic",
    "identity.basic",
    "identity.email",
    "im:write.topic",
    "incoming-webhook",
    "mpim:write.topic",
    "reminders:read",
    "search:read",
    "team.preferences:read",
];

/// Scopes of user tokens only; a bot cannot have them.
const USER_ONLY: [&str; 6] =
    ["channels:write", "identify", "identity.basic", "identity.email", "search:read", "users.profile:write"];

/// `GET /oauth/v2/authorize`: approves at once, or refuses if the address has a `deny` parameter.
pub(crate) fn authorize(world: &Arc<World>, call: &Call) -> Reply {
    match consent(world, call) {
        Ok(back) => Reply::empty(StatusCode::FOUND).with("location", back.as_str()),
        Err(why) => {
            let page = format!(
                "<html><head><title>Authorization Error</title></head><body><h1>Oops</h1><p>{why}</p></body></html>"
            );
            Reply::new(StatusCode::BAD_REQUEST, "text/html; charset=utf-8", page)
        }
    }
}

fn consent(world: &Arc<World>, call: &Call) -> Result<Url, &'static str> {
    if call.param("client_id") != Some(world.identity.client_id.as_str()) {
        return Err("invalid_client_id: there is no app with this client_id.");
    }
    let given = call.param("redirect_uri").filter(|uri| !uri.is_empty());
    let mut back = redirect(world, given.unwrap_or(&world.settings.redirect_uri))?;
    let [bot_scopes, user_scopes] = ["scope", "user_scope"].map(|name| scopes(call.param(name)));
    check_scopes(&bot_scopes, &user_scopes)?;
    let challenge = call.param("code_challenge").map(str::to_owned);
    if challenge.is_some() && call.param("code_challenge_method").unwrap_or("plain") != "S256" {
        return Err("invalid_code_challenge_method: use S256.");
    }
    let (team, user) = world.read(|store| (store.team.id.clone(), store.app.installer.clone()));
    if call.param("team").is_some_and(|asked| !asked.is_empty() && asked != team) {
        return Err("invalid_team_for_non_distributed_app: the app is not installed there.");
    }
    if call.param("deny").is_some() {
        back.query_pairs_mut().append_pair("error", "access_denied");
    } else {
        let (redirect_uri, expires, used) = (given.map(str::to_owned), world.now(), false);
        let code = Code { user, bot_scopes, user_scopes, redirect_uri, challenge, expires, used };
        let code = world.tokens().add_code(code, world.now());
        back.query_pairs_mut().append_pair("code", &code);
    }
    back.query_pairs_mut().append_pair("state", call.param("state").unwrap_or_default());
    Ok(back)
}

/// The app's own address, or any on loopback, whose ports tests do not know beforehand.
fn redirect(world: &World, uri: &str) -> Result<Url, &'static str> {
    const BAD: &str = "bad_redirect_uri: redirect_uri did not match any configured URIs.";
    let url = Url::parse(uri).map_err(|_| BAD)?;
    let loopback = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    let web = matches!(url.scheme(), "http" | "https");
    if (web && loopback) || uri.starts_with(&world.settings.redirect_uri) { Ok(url) } else { Err(BAD) }
}

fn scopes(text: Option<&str>) -> Vec<String> {
    let items = text.unwrap_or_default().split([',', ' ']);
    items.map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

fn check_scopes(bot: &[String], user: &[String]) -> Result<(), &'static str> {
    let known =
        |scope: &str| [&BOT_SCOPES[..], &USER_SCOPES, &OTHER_SCOPES].iter().any(|all| all.contains(&scope));
    if bot.is_empty() && user.is_empty() {
        return Err("invalid_scope: no scopes requested.");
    }
    if bot.iter().chain(user).any(|scope| !known(scope)) {
        return Err("invalid_scope: an unknown permission was requested.");
    }
    if bot.iter().any(|scope| USER_ONLY.contains(&scope.as_str())) {
        return Err("invalid_scope: a permission of users was requested for the bot.");
    }
    Ok(())
}

/// `oauth.v2.access`: a code or a refresh token for tokens.
pub(crate) fn access(ask: &mut Ask<'_>) -> Outcome {
    match ask.args.text("grant_type").as_deref() {
        None | Some("authorization_code") => exchange_code(ask),
        Some("refresh_token") => {
            client(ask, false)?;
            let refresh = ask.args.text("refresh_token").ok_or("invalid_refresh_token")?;
            let issued = ask.world.tokens().rotate(&refresh, ask.store.now)?;
            Ok(described(ask.store, &issued))
        }
        Some(_) => Err("invalid_grant_type".into()),
    }
}

/// `oauth.v2.exchange`: a pair that rotates for a token that did not.
pub(crate) fn exchange(ask: &mut Ask<'_>) -> Outcome {
    client(ask, false)?;
    let token = ask.args.token.clone().or_else(|| super::api::bearer(ask.call)).ok_or("not_authed")?;
    let issued = ask.world.tokens().exchange(&token, ask.store.now)?;
    Ok(described(ask.store, &issued))
}

/// Checks the app's credentials, in the header or in the form. With PKCE the secret may be left out.
fn client(ask: &Ask<'_>, public: bool) -> Result<(), Refusal> {
    let basic = ask.call.header("authorization").and_then(|header| {
        let (_, encoded) = header.split_once(' ').filter(|(kind, _)| kind.eq_ignore_ascii_case("basic"))?;
        let plain = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        plain.split_once(':').map(|(id, secret)| (Some(id.to_owned()), Some(secret.to_owned())))
    });
    let (id, secret) = basic.unwrap_or_else(|| (ask.args.text("client_id"), ask.args.text("client_secret")));
    let identity = &ask.world.identity;
    if id.as_ref() != Some(&identity.client_id) {
        return Err("invalid_client_id".into());
    }
    match secret {
        Some(secret) if secret == identity.client_secret => Ok(()),
        None if public => Ok(()),
        _ => Err("bad_client_secret".into()),
    }
}

fn exchange_code(ask: &mut Ask<'_>) -> Outcome {
    let text = ask.args.text("code").unwrap_or_default();
    let now = ask.store.now;
    let code = {
        let mut tokens = ask.world.tokens();
        let found = tokens.code(&text, now).map(|code| code.clone());
        drop(tokens);
        let public = found.as_ref().is_ok_and(|code| code.challenge.is_some());
        client(ask, public)?;
        found?
    };
    let redirect_uri = ask.args.text("redirect_uri");
    if code.redirect_uri.is_some() && redirect_uri != code.redirect_uri {
        return Err("bad_redirect_uri".into());
    }
    verify(&code, ask.args.text("code_verifier").as_deref())?;
    let mut tokens = ask.world.tokens();
    tokens.code(&text, now)?.used = true;
    let rotate = ask.world.settings.rotation;
    let mut issue = |class, user: &str, scopes: &[String]| {
        let grant = Grant { class, user: user.to_owned(), scopes: scopes.to_vec() };
        (!scopes.is_empty()).then(|| tokens.issue(grant, rotate, now))
    };
    let bot = issue(Class::Bot, &ask.store.app.bot_user, &code.bot_scopes);
    let user = issue(Class::User, &code.user, &code.user_scopes);
    Ok(installed(ask.store, bot.as_ref(), user.as_ref(), &code.user))
}

fn verify(code: &Code, verifier: Option<&str>) -> Result<(), Refusal> {
    match (&code.challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err("pkce_not_allowed".into()),
        (Some(challenge), Some(verifier))
            if *challenge == URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())) =>
        {
            Ok(())
        }
        (Some(_), _) => Err("invalid_code_verifier".into()),
    }
}

/// What every answer says of the installation.
fn installation(store: &Store) -> Value {
    json!({
        "app_id": store.app.id, "team": { "id": store.team.id, "name": store.team.name }, "enterprise": null,
        "is_enterprise_install": false,
    })
}

/// The answer of a refresh or an exchange: one token.
fn described(store: &Store, issued: &Issued) -> Value {
    let mut answer = installation(store);
    merge(&mut answer, token(store, issued));
    answer
}

/// The answer of an installation: the bot's token on top, the user's within.
fn installed(store: &Store, bot: Option<&Issued>, user: Option<&Issued>, user_id: &str) -> Value {
    let mut answer = installation(store);
    if let Some(bot) = bot {
        merge(&mut answer, token(store, bot));
    }
    answer["authed_user"] = json!({ "id": user_id });
    if let Some(user) = user {
        merge(&mut answer["authed_user"], token(store, user));
    }
    answer
}

fn token(store: &Store, issued: &Issued) -> Value {
    let bot = issued.grant.class == Class::Bot;
    let mut answer = json!({
        "access_token": issued.access, "token_type": if bot { "bot" } else { "user" },
        "scope": issued.grant.scopes.join(","),
    });
    if bot {
        answer["bot_user_id"] = store.app.bot_user.as_str().into();
    }
    if let (Some(refresh), Some(expires_in)) = (&issued.refresh, issued.expires_in) {
        answer["refresh_token"] = refresh.as_str().into();
        answer["expires_in"] = expires_in.into();
    }
    answer
}

fn merge(into: &mut Value, more: Value) {
    if let (Some(map), Value::Object(more)) = (into.as_object_mut(), more) {
        map.extend(more);
    }
}
