//! Tokens as text that can lie on a disk.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD};
use chacha20poly1305::{
    AeadCore, KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, OsRng, Payload},
};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::{Deserialize, Serialize};

use super::{AccountKey, TokenSet};
use crate::{Error, ErrorKind, Result};

const NONCE: usize = 24;

/// Encrypts with XChaCha20-Poly1305. The account is authenticated along, so that tokens cannot be moved to another one.
#[derive(Clone)]
pub(crate) struct Seal(Arc<XChaCha20Poly1305>);

/// The one place where tokens are written out.
#[derive(Serialize, Deserialize)]
struct Plain<'a> {
    access: Cow<'a, str>,
    refresh: Option<Cow<'a, str>>,
    expires_at: Option<DateTime<Utc>>,
    refresh_expires_at: Option<DateTime<Utc>>,
    extra: Cow<'a, BTreeMap<String, String>>,
}

impl Seal {
    pub(crate) fn new(key: &SecretSlice<u8>) -> Result<Self> {
        let cipher = XChaCha20Poly1305::new_from_slice(key.expose_secret()).map_err(|_| {
            Error::new(ErrorKind::Config, "the key that tokens are encrypted with has 32 bytes")
        })?;
        Ok(Self(Arc::new(cipher)))
    }

    /// Encrypts a text for an account: nonce, then text and tag, in base64.
    pub(crate) fn seal(&self, text: &SecretString, key: &AccountKey) -> Result<String> {
        let nonce = XChaCha20Poly1305::generate_nonce(&mut OsRng);
        let payload = Payload { msg: text.expose_secret().as_bytes(), aad: &bound_to(key) };
        let sealed = self
            .0
            .encrypt(&nonce, payload)
            .map_err(|_| Error::new(ErrorKind::Storage, "the tokens are too long to encrypt"))?;
        Ok(BASE64_STANDARD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Decrypts what was sealed for the account with the same key; `None` if it was not.
    pub(crate) fn open(&self, sealed: &str, key: &AccountKey) -> Option<SecretString> {
        let sealed = BASE64_STANDARD.decode(sealed).ok()?;
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        let payload = Payload { msg: sealed, aad: &bound_to(key) };
        let plain = self.0.decrypt(XNonce::from_slice(nonce), payload).ok()?;
        String::from_utf8(plain).ok().map(SecretString::from)
    }
}

/// Adapter and account, so that no two pairs give the same bytes.
fn bound_to(key: &AccountKey) -> Vec<u8> {
    let length = (key.adapter.len() as u64).to_le_bytes();
    [&length, key.adapter.as_bytes(), key.account.as_bytes()].concat()
}

pub(crate) fn write(tokens: &TokenSet) -> Result<SecretString> {
    let plain = Plain {
        access: tokens.access.expose_secret().into(),
        refresh: tokens.refresh.as_ref().map(|refresh| refresh.expose_secret().into()),
        expires_at: tokens.expires_at,
        refresh_expires_at: tokens.refresh_expires_at,
        extra: Cow::Borrowed(&tokens.extra),
    };
    let text = serde_json::to_string(&plain);
    text.map(SecretString::from)
        .map_err(|_| Error::new(ErrorKind::Storage, "the tokens cannot be written as JSON"))
}

/// Reads what [`write`] wrote. `None` if it is something else; the reason could quote a token.
pub(crate) fn read(text: &SecretString) -> Option<TokenSet> {
    let plain: Plain<'_> = serde_json::from_str(text.expose_secret()).ok()?;
    let mut tokens = TokenSet::new(plain.access.into_owned());
    tokens.refresh = plain.refresh.map(|refresh| refresh.into_owned().into());
    tokens.expires_at = plain.expires_at;
    tokens.refresh_expires_at = plain.refresh_expires_at;
    tokens.extra = plain.extra.into_owned();
    Some(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(byte: u8) -> Seal {
        Seal::new(&vec![byte; 32].into()).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_for_the_same_account_with_the_same_key_only() {
        let (text, key) = (SecretString::from("planted"), AccountKey::new("acme", "1"));
        let sealed = seal(1).seal(&text, &key).unwrap();
        assert!(!sealed.contains("planted"));
        assert_eq!(seal(1).open(&sealed, &key).unwrap().expose_secret(), "planted");
        assert!(seal(2).open(&sealed, &key).is_none());
        for other in
            [AccountKey::new("acme", "2"), AccountKey::new("acme1", ""), AccountKey::new("acm", "e1")]
        {
            assert!(seal(1).open(&sealed, &other).is_none(), "{other:?}");
        }
        assert_ne!(sealed, seal(1).seal(&text, &key).unwrap(), "each has its own nonce");
    }

    #[test]
    fn anything_else_does_not_open() {
        let key = AccountKey::new("acme", "1");
        let sealed = seal(1).seal(&"planted".into(), &key).unwrap();
        let mut bytes = BASE64_STANDARD.decode(&sealed).unwrap();
        bytes[30] ^= 1;
        for damaged in ["", "!", "AAAA", sealed.split_at(sealed.len() - 4).0, &BASE64_STANDARD.encode(bytes)]
        {
            assert!(seal(1).open(damaged, &key).is_none(), "{damaged}");
        }
    }

    #[test]
    fn a_key_of_another_length_is_refused() {
        for length in [0, 16, 31, 33] {
            assert_eq!(
                Seal::new(&vec![0; length].into()).err().map(|error| error.kind()),
                Some(ErrorKind::Config)
            );
        }
    }

    #[test]
    fn tokens_come_back_as_they_were() {
        let at = DateTime::from_timestamp(1_767_225_600, 123_000_000);
        let mut tokens =
            TokenSet::new("a\"\\\u{1f980}").with_refresh("r").with_extra("instance_url", "https://x");
        tokens.expires_at = at;
        let back = read(&write(&tokens).unwrap()).unwrap();
        assert_eq!(back.access.expose_secret(), tokens.access.expose_secret());
        assert_eq!(back.refresh.unwrap().expose_secret(), "r");
        assert_eq!((back.expires_at, back.refresh_expires_at, back.extra), (at, None, tokens.extra));
        assert!(read(&"{}".into()).is_none());
    }
}
