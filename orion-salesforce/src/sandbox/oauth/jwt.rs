//! The JWT bearer flow's assertion, and the key that signs identity tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde_json::{Value, json};
use url::Url;

use super::get;
use super::token::Refusal;
use crate::sandbox::call::Call;
use crate::sandbox::state::World;

const INVALID: Refusal = ("invalid_grant", "invalid assertion");

/// Checks an assertion. Until a certificate is registered any RS256 signature passes, so that a client needs no
/// set-up; the claims are checked in either case.
pub(super) fn accept(world: &World, call: &Call, given: &[(String, String)]) -> Result<(), Refusal> {
    let assertion = get(given, "assertion").ok_or(INVALID)?;
    let header = decode_header(assertion).map_err(|_| INVALID)?;
    if header.alg != Algorithm::RS256 {
        return Err(INVALID);
    }
    let claims = claims(world, assertion)?;
    if claims["iss"].as_str() != Some(&world.identity.client_id) {
        return Err(("invalid_client_id", "client identifier invalid"));
    }
    if claims["sub"].as_str().or_else(|| claims["prn"].as_str()) != Some(&world.identity.username) {
        return Err(("invalid_grant", "user hasn't approved this consumer"));
    }
    if !audience(&claims["aud"], &call.base) {
        return Err(("invalid_grant", "audience is invalid"));
    }
    // A numeric string is taken too: a widely used client sends one. A far expiry passes, as in a real org.
    let expires = claims["exp"].as_f64().or_else(|| claims["exp"].as_str()?.parse().ok()).ok_or(INVALID)?;
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 fit a double exactly")]
    let now = world.now().timestamp() as f64;
    if expires <= now {
        // What a real org says of an assertion that is too old, odd as it reads.
        return Err(("invalid_grant", "expired authorization code"));
    }
    Ok(())
}

fn claims(world: &World, assertion: &str) -> Result<Value, Refusal> {
    let mut rules = Validation::new(Algorithm::RS256);
    rules.validate_exp = false;
    rules.validate_aud = false;
    rules.required_spec_claims.clear();
    let certificate = world.auth().certificate.clone();
    let key = match &certificate {
        Some(pem) => DecodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| INVALID)?,
        None => {
            rules.insecure_disable_signature_validation();
            DecodingKey::from_secret(&[])
        }
    };
    decode::<Value>(assertion, &key, &rules).map(|token| token.claims).map_err(|_| INVALID)
}

/// A login host, a My Domain host, or the host this request came in on.
fn audience(aud: &Value, base: &str) -> bool {
    let accepted = |text: &str| {
        let Ok(url) = Url::parse(text) else { return false };
        let own = Url::parse(base).is_ok_and(|own| own.host_str() == url.host_str());
        let loopback = matches!(url.host_str(), Some("127.0.0.1" | "localhost"));
        own || loopback || url.host_str().is_some_and(|host| host.ends_with(".salesforce.com"))
    };
    match aud {
        Value::String(text) => accepted(text),
        Value::Array(all) => all.iter().filter_map(Value::as_str).any(accepted),
        _ => false,
    }
}

/// Whether `pem` can verify an RS256 signature.
pub(crate) fn is_certificate(pem: &str) -> bool {
    DecodingKey::from_rsa_pem(pem.as_bytes()).is_ok()
}

/// Signs identity tokens. Salesforce signs RS256; this signs ES256 because the key is made at start and the
/// cryptography in use makes no RSA keys. The key set says so, as a client that verifies would look.
pub(crate) struct Signer {
    key: EncodingKey,
    keys: Value,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    /// Makes a key.
    pub(crate) fn new() -> std::io::Result<Self> {
        let pair = rcgen::KeyPair::generate().map_err(std::io::Error::other)?;
        let key = EncodingKey::from_ec_der(&pair.serialize_der());
        // An uncompressed P-256 point: 4, then 32 bytes each of x and y.
        let point = pair.public_key_raw();
        let coordinate = |range| point.get(range).map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        let keys = json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "1",
            "x": coordinate(1..33), "y": coordinate(33..65),
        }]});
        Ok(Self { key, keys })
    }

    pub(crate) fn key_set(&self) -> &Value {
        &self.keys
    }

    pub(super) fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some("1".to_owned());
        encode(&header, claims, &self.key).unwrap_or_default()
    }
}
