//! Signs id tokens with RS256, the only algorithm that the vendor's clients verify.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::RSA_PKCS1_SHA256;
use serde_json::{Value, json};

/// An RSA key that protects nothing: it is public, and signs what this sandbox says of its seeded user. It is a file
/// because `ring` makes no RSA keys.
const KEY: &[u8] = include_bytes!("key.der");
const KEY_ID: &str = "OPENID_SANDBOX_KEY";

/// The key behind the key set.
pub(crate) struct Signer {
    pair: KeyPair,
    keys: Value,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Signer")
    }
}

impl Signer {
    pub(crate) fn new() -> io::Result<Self> {
        let pair = KeyPair::from_pkcs8(KEY).map_err(io::Error::other)?;
        let public: PublicKeyComponents<Vec<u8>> = pair.public().into();
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let keys = json!({ "keys": [{
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID,
            "n": encode(&public.n),
            "e": encode(&public.e),
        }]});
        Ok(Self { pair, keys })
    }

    pub(crate) fn key_set(&self) -> &Value {
        &self.keys
    }

    /// A compact JWT of the claims; empty should the key fail.
    pub(super) fn sign(&self, claims: &Value) -> String {
        let header = json!({ "kid": KEY_ID, "typ": "JWT", "alg": "RS256" });
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", encode(&header), encode(claims));
        let mut signature = vec![0; self.pair.public().modulus_len()];
        let signed =
            self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature);
        match signed {
            Ok(()) => format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)),
            Err(_) => String::new(),
        }
    }
}
