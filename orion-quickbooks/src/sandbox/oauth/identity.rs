//! Who allowed the app: userinfo, the id token, and OpenID discovery.

use chrono::TimeDelta;
use orion_core::sandbox::{Call, Reply};
use serde_json::json;

use crate::sandbox::auth::Access;
use crate::sandbox::gateway::bearer;
use crate::sandbox::refusal::{Dialect, gateway, unauthenticated};
use crate::sandbox::state::World;

pub(super) const SCOPES: [&str; 7] = [
    "com.intuit.quickbooks.accounting",
    "com.intuit.quickbooks.payment",
    "openid",
    "profile",
    "email",
    "phone",
    "address",
];

/// As in the vendor's own discovery documents (seen in its client libraries), whatever the host.
const ISSUER: &str = "https://oauth.platform.intuit.com/op/v1";

/// `GET /v1/openid_connect/userinfo`: what the scopes of the token allow.
pub(super) fn userinfo(world: &World, call: &Call) -> Reply {
    let token = bearer(call).unwrap_or_default();
    let access = world.auth().access(token, world.now());
    let Access::Granted(scope) = access else {
        return gateway(unauthenticated("Token invalid"), Dialect::of(call), world.now());
    };
    let has = |name: &str| scope.split_whitespace().any(|scope| scope == name);
    if !has("openid") {
        return gateway(unauthenticated("Insufficient scope"), Dialect::of(call), world.now());
    }
    let mut body = json!({ "sub": world.identity.user_id });
    if has("email") {
        body["email"] = json!("ada.byron@example.com");
        body["emailVerified"] = json!(true);
    }
    if has("profile") {
        body["givenName"] = json!("Ada");
        body["familyName"] = json!("Byron");
    }
    if has("phone") {
        body["phoneNumber"] = json!("+1 6505550100");
        body["phoneNumberVerified"] = json!(true);
    }
    if has("address") {
        body["address"] = json!({
            "streetAddress": "2700 Coast Ave", "locality": "Mountain View", "region": "CA",
            "postalCode": "94043", "country": "US",
        });
    }
    Reply::ok(&body)
}

/// The id token of a code exchange, with the claims that the vendor's client libraries check.
pub(super) fn token(world: &World, nonce: Option<&str>) -> String {
    let now = world.now();
    let mut claims = json!({
        "sub": world.identity.user_id,
        "aud": [world.identity.client_id],
        "realmid": world.identity.realm,
        "auth_time": now.timestamp(),
        "iss": ISSUER,
        "exp": (now + TimeDelta::hours(1)).timestamp(),
        "iat": now.timestamp(),
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = json!(nonce);
    }
    world.signer.sign(&claims)
}

/// `GET /.well-known/openid_configuration`, with the twelve keys that clients insist on.
pub(super) fn discovery(call: &Call) -> Reply {
    let at = |path: &str| format!("{}{path}", call.base);
    Reply::ok(&json!({
        "issuer": ISSUER,
        "authorization_endpoint": at("/connect/oauth2"),
        "token_endpoint": at("/oauth2/v1/tokens/bearer"),
        "userinfo_endpoint": at("/v1/openid_connect/userinfo"),
        "revocation_endpoint": at("/v2/oauth2/tokens/revoke"),
        "jwks_uri": at("/op/v1/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": SCOPES,
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
    }))
}
