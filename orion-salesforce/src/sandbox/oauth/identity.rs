//! Who is logged in: userinfo, the identity URL, and OpenID discovery.

use http::StatusCode;
use serde_json::{Value, json};

use crate::sandbox::call::Call;
use crate::sandbox::clock::stamp;
use crate::sandbox::reply::Reply;
use crate::sandbox::state::World;

/// A refusal of the identity services is plain text, not JSON.
fn forbidden(text: &'static str) -> Reply {
    Reply::new(StatusCode::FORBIDDEN, "text/html;charset=UTF-8", text)
}

fn checked(world: &World, call: &Call) -> Result<(), Reply> {
    let Some(token) =
        super::super::gateway::bearer(call).or_else(|| call.param("oauth_token").map(str::to_owned))
    else {
        return Err(forbidden("Missing_OAuth_Token"));
    };
    let now = world.now();
    world.auth().session(&token, now).map(|_| ()).ok_or_else(|| forbidden("Bad_OAuth_Token"))
}

/// `GET /services/oauth2/userinfo`.
pub(super) fn userinfo(world: &World, call: &Call) -> Reply {
    if let Err(refused) = checked(world, call) {
        return refused;
    }
    let who = &world.identity;
    let (given, family) = names(&who.name);
    Reply::ok(&json!({
        "sub": format!("{}/id/{}/{}", call.base, who.org_id, who.user_id),
        "user_id": who.user_id,
        "organization_id": who.org_id,
        "preferred_username": who.username,
        "nickname": who.username.split('@').next(),
        "name": who.name,
        "email": who.email,
        "email_verified": true,
        "given_name": given,
        "family_name": family,
        "zoneinfo": "Etc/UTC",
        "profile": format!("{}/{}", call.base, who.user_id),
        "picture": format!("{}/profilephoto/005/F", call.base),
        "photos": photos(call),
        "address": {},
        "urls": urls(world, call),
        "active": true,
        "user_type": "STANDARD",
        "language": "en_US",
        "locale": "en_US",
        "utcOffset": 0,
        "updated_at": stamp(world.now()),
        "is_app_installed": true,
    }))
}

/// `GET /id/{org}/{user}`.
pub(super) fn identity(world: &World, call: &Call, org: &str, user: &str) -> Reply {
    if let Err(refused) = checked(world, call) {
        return refused;
    }
    let who = &world.identity;
    if !same(org, &who.org_id) || !same(user, &who.user_id) {
        return forbidden("Wrong_Org");
    }
    let (first, last) = names(&who.name);
    Reply::ok(&json!({
        "id": format!("{}/id/{}/{}", call.base, who.org_id, who.user_id),
        "asserted_user": true,
        "user_id": who.user_id,
        "organization_id": who.org_id,
        "username": who.username,
        "nick_name": who.username.split('@').next(),
        "display_name": who.name,
        "email": who.email,
        "email_verified": true,
        "first_name": first,
        "last_name": last,
        "timezone": "Etc/UTC",
        "photos": photos(call),
        "addr_street": null,
        "addr_city": null,
        "addr_state": null,
        "addr_country": null,
        "addr_zip": null,
        "mobile_phone": null,
        "mobile_phone_verified": false,
        "is_lightning_login_user": false,
        "status": { "created_date": null, "body": null },
        "urls": urls(world, call),
        "active": true,
        "user_type": "STANDARD",
        "language": "en_US",
        "locale": "en_US",
        "utcOffset": 0,
        "last_modified_date": stamp(world.now()),
        "is_app_installed": true,
    }))
}

/// `GET /.well-known/openid-configuration`.
pub(super) fn discovery(call: &Call) -> Reply {
    let at = |path: &str| format!("{}{path}", call.base);
    Reply::ok(&json!({
        "issuer": call.base,
        "authorization_endpoint": at("/services/oauth2/authorize"),
        "token_endpoint": at("/services/oauth2/token"),
        "revocation_endpoint": at("/services/oauth2/revoke"),
        "userinfo_endpoint": at("/services/oauth2/userinfo"),
        "jwks_uri": at("/id/keys"),
        "introspection_endpoint": at("/services/oauth2/introspect"),
        "scopes_supported": ["api", "id", "openid", "refresh_token", "web", "full", "profile", "email"],
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "private_key_jwt"],
    }))
}

/// Ids compare by their first 15 characters; the other three are a checksum.
fn same(given: &str, own: &str) -> bool {
    given.get(..15) == own.get(..15) && given.len() >= 15
}

fn names(whole: &str) -> (&str, &str) {
    whole.split_once(' ').unwrap_or(("", whole))
}

fn photos(call: &Call) -> Value {
    json!({
        "picture": format!("{}/profilephoto/005/F", call.base),
        "thumbnail": format!("{}/profilephoto/005/T", call.base),
    })
}

/// The service URLs; `{version}` stays a placeholder unless the caller names one (Salesforce docs, identity URLs).
fn urls(world: &World, call: &Call) -> Value {
    let version = call.param("version").filter(|version| *version != "latest").unwrap_or("{version}");
    let soap = |kind: &str| format!("{}/services/Soap/{kind}/{version}/{}", call.base, world.identity.org_id);
    let rest = |path: &str| format!("{}/services/data/v{version}/{path}", call.base);
    json!({
        "enterprise": soap("c"),
        "metadata": soap("m"),
        "partner": soap("u"),
        "rest": rest(""),
        "sobjects": rest("sobjects/"),
        "search": rest("search/"),
        "query": rest("query/"),
        "recent": rest("recent/"),
        "profile": format!("{}/{}", call.base, world.identity.user_id),
        "custom_domain": call.base,
    })
}
