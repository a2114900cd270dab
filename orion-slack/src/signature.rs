//! Who sent it: the signature of what Slack delivers (docs, "Verifying requests from Slack").

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderMap;
use orion_core::{Error, ErrorKind, Result};
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};

use crate::NAME;

/// How far a delivery's time may be from ours, either way.
const WINDOW: TimeDelta = TimeDelta::minutes(5);

const SIGNATURE: &str = "x-slack-signature";
const TIMESTAMP: &str = "x-slack-request-timestamp";

/// Verifies that a delivery is Slack's: events, commands, interactions.
///
/// It works on the headers and the raw body, whatever server received them. The body has to be the bytes that came in: one that was parsed and
/// written again has another signature.
///
/// ```
/// use http::HeaderMap;
/// use orion_slack::Signing;
///
/// let signing = Signing::new(&"8f742231b10e8888abcd99yyyzzz85a5".into());
/// let now = chrono::DateTime::from_timestamp(1_531_420_618, 0).unwrap();
/// let (timestamp, signature) = signing.sign(b"payload={}", now);
/// let mut headers = HeaderMap::new();
/// headers.insert("X-Slack-Request-Timestamp", timestamp.parse()?);
/// headers.insert("X-Slack-Signature", signature.parse()?);
/// signing.verify(&headers, b"payload={}", now)?;
/// assert!(signing.verify(&headers, b"payload={ }", now).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Signing(hmac::Key);

impl Signing {
    /// Verifies with the app's signing secret.
    #[must_use]
    pub fn new(secret: &SecretString) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes()))
    }

    /// Verifies a delivery: its signature, in constant time, and that it is not older or newer than five minutes.
    ///
    /// # Errors
    /// `Auth` for a missing, wrong or outdated signature.
    pub fn verify(&self, headers: &HeaderMap, body: &[u8], now: DateTime<Utc>) -> Result<()> {
        let header = |name: &str| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.ok_or_else(|| refused(format!("the delivery has no `{name}` header")))
        };
        let (timestamp, signature) = (header(TIMESTAMP)?, header(SIGNATURE)?);
        let seconds = timestamp.parse::<i64>().ok().and_then(|at| DateTime::from_timestamp(at, 0));
        let at = seconds.ok_or_else(|| refused("the delivery's timestamp is none"))?;
        // Signed first: a forged time says nothing.
        let tag = signature.strip_prefix("v0=").and_then(bytes_of_hex);
        let tag = tag.ok_or_else(|| refused("the delivery's signature is of another form than `v0=…`"))?;
        if hmac::verify(&self.0, &message(timestamp, body), &tag).is_err() {
            return Err(refused(
                "the delivery's signature is wrong: check the signing secret, and that the body is raw",
            ));
        }
        if (now - at).abs() > WINDOW {
            return Err(refused("the delivery is older than five minutes, or the machine's clock is wrong"));
        }
        Ok(())
    }

    /// Signs a delivery: the values of the two headers. For doubles and tests.
    #[must_use]
    pub fn sign(&self, body: &[u8], now: DateTime<Utc>) -> (String, String) {
        let timestamp = now.timestamp().to_string();
        let tag = hmac::sign(&self.0, &message(&timestamp, body));
        let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        (timestamp, format!("v0={hex}"))
    }
}

fn message(timestamp: &str, body: &[u8]) -> Vec<u8> {
    [b"v0:", timestamp.as_bytes(), b":", body].concat()
}

fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).filter(|_| !byte.is_ascii_uppercase());
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match *pair {
            [high, low] => u8::try_from(digit(high)? * 16 + digit(low)?).ok(),
            _ => None,
        })
        .collect()
}

fn refused(message: impl Into<Box<str>>) -> Error {
    Error::new(ErrorKind::Auth, message).during(NAME, "receive")
}

impl fmt::Debug for Signing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signing").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The vector of Slack's Python SDK (`tests/slack_sdk/signature/test_signature_verifier.py`).
    const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";
    const AT: i64 = 1_531_420_618;
    const BODY: &str = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    const SIGNED: &str = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503";

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn verify(timestamp: &str, signature: &str, body: &[u8], now: i64) -> Result<()> {
        let mut headers = HeaderMap::new();
        headers.insert(TIMESTAMP, timestamp.parse().unwrap());
        headers.insert(SIGNATURE, signature.parse().unwrap());
        Signing::new(&SECRET.into()).verify(&headers, body, at(now))
    }

    #[test]
    fn the_public_vector_is_verified() {
        assert!(verify(&AT.to_string(), SIGNED, BODY.as_bytes(), AT).is_ok());
        let (timestamp, signature) = Signing::new(&SECRET.into()).sign(BODY.as_bytes(), at(AT));
        assert_eq!((timestamp, &*signature), (AT.to_string(), SIGNED));
        let other = Signing::new(&"another".into()).sign(BODY.as_bytes(), at(AT)).1;
        assert_ne!(other, SIGNED);
    }

    #[test]
    fn five_minutes_either_way_are_let_in_and_a_second_more_is_not() {
        for (shift, let_in) in
            [(0, true), (300, true), (-300, true), (301, false), (-301, false), (86_400, false)]
        {
            assert_eq!(
                verify(&AT.to_string(), SIGNED, BODY.as_bytes(), AT + shift).is_ok(),
                let_in,
                "{shift}"
            );
        }
    }

    #[test]
    fn what_is_missing_or_of_another_form_is_refused() {
        let (empty, signing) = (HeaderMap::new(), Signing::new(&SECRET.into()));
        assert_eq!(signing.verify(&empty, b"", at(AT)).unwrap_err().kind(), ErrorKind::Auth);
        for signature in [
            "",
            "v0=",
            "v0=zz",
            SIGNED.trim_start_matches("v0="),
            &SIGNED.to_uppercase(),
            SIGNED.trim_end_matches('3'),
            "v1=00",
        ] {
            assert!(verify(&AT.to_string(), signature, BODY.as_bytes(), AT).is_err(), "{signature}");
        }
        for timestamp in ["", "soon", "1531420618.0", "99999999999999999999"] {
            assert!(verify(timestamp, SIGNED, BODY.as_bytes(), AT).is_err(), "{timestamp}");
        }
        assert!(!format!("{signing:?}").contains("8f74"));
    }

    proptest! {
        #[test]
        fn no_altered_byte_is_accepted(
            body in prop::collection::vec(any::<u8>(), 1..200), index in any::<prop::sample::Index>(), change in 1_u8..
        ) {
            let signing = Signing::new(&SECRET.into());
            let (timestamp, signature) = signing.sign(&body, at(AT));
            prop_assert!(verify(&timestamp, &signature, &body, AT).is_ok());
            let altered = |text: &[u8]| {
                let mut altered = text.to_vec();
                altered[index.index(text.len())] ^= change;
                altered
            };
            prop_assert!(verify(&timestamp, &signature, &altered(&body), AT).is_err());
            for (timestamp, signature) in [
                (altered(timestamp.as_bytes()), signature.clone().into_bytes()),
                (timestamp.clone().into_bytes(), altered(signature.as_bytes())),
            ] {
                let text = |bytes: Vec<u8>| String::from_utf8(bytes).ok().filter(|text| !text.contains(|c: char| c.is_control()));
                if let (Some(timestamp), Some(signature)) = (text(timestamp), text(signature)) {
                    prop_assert!(verify(&timestamp, &signature, &body, AT).is_err());
                }
            }
        }
    }
}
