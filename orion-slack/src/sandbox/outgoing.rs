//! Signed requests to the app.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use orion_core::sandbox::send;
use ring::hmac;
use serde_json::{Value, json};

use super::state::World;

/// An app has to answer within three seconds.
pub(crate) const WITHIN: Duration = Duration::from_secs(3);

const MOST_REDIRECTS: usize = 2;

/// A request that is to be signed and sent.
#[derive(Debug)]
pub(crate) struct Outgoing {
    body: String,
    headers: HeaderMap,
    /// Seconds that the timestamp is off, for tests of the receiver.
    pub(crate) skew: i64,
    /// Whether the signature is wrong, for tests of the receiver.
    pub(crate) forged: bool,
}

/// What came of one attempt.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) status: Option<u16>,
    pub(crate) body: String,
    headers: HeaderMap,
    problem: Option<&'static str>,
}

impl Attempt {
    /// The reason as `X-Slack-Retry-Reason` names it; `None` if the app took it.
    pub(crate) fn failure(&self) -> Option<&'static str> {
        match self.status {
            Some(200..=299) => None,
            Some(_) => Some(self.problem.unwrap_or("http_error")),
            None => Some(self.problem.unwrap_or("unknown_error")),
        }
    }

    /// Whether the app asked not to be sent this again.
    pub(crate) fn forbids_retry(&self) -> bool {
        self.headers.get("x-slack-no-retry").is_some_and(|value| value == "1")
    }

    /// For whoever ordered the delivery.
    pub(crate) fn described(&self) -> Value {
        let body = serde_json::from_str(&self.body).unwrap_or_else(|_| Value::from(self.body.as_str()));
        json!({ "ok": self.failure().is_none(), "status": self.status, "body": body, "error": self.failure() })
    }
}

impl Outgoing {
    pub(crate) fn json(body: &Value) -> Self {
        Self::new(body.to_string(), "application/json")
    }

    pub(crate) fn form(fields: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Self::new(body, "application/x-www-form-urlencoded")
    }

    fn new(body: String, content_type: &'static str) -> Self {
        let outgoing = Self { body, headers: HeaderMap::new(), skew: 0, forged: false };
        outgoing.with("content-type", content_type)
    }

    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// Signs and posts, following few redirects.
    pub(crate) async fn post(self, world: &World, url: &str) -> Attempt {
        let timestamp = (world.now().timestamp() + self.skew).to_string();
        let mut signature = signature(&world.identity.signing_secret, &timestamp, self.body.as_bytes());
        if self.forged {
            // The digits of it, backwards, are as well-formed as those that are right.
            let digits: String = signature.chars().skip(3).collect();
            signature = format!("v0={}", digits.chars().rev().collect::<String>());
        }
        let signed = self
            .with("x-slack-request-timestamp", &timestamp)
            .with("x-slack-signature", &signature)
            .with("user-agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
            .with("accept", "*/*");
        let mut target = url.to_owned();
        for _ in 0..=MOST_REDIRECTS {
            let attempt = signed.once(&target).await;
            let redirected = attempt.status.is_some_and(|status| (300..400).contains(&status));
            let place = attempt.headers.get("location").and_then(|place| place.to_str().ok());
            let Some(place) = place.filter(|_| redirected) else { return attempt };
            let next = url::Url::parse(&target).and_then(|base| base.join(place));
            target = next.map_or_else(|_| place.to_owned(), String::from);
        }
        failed("too_many_redirects")
    }

    async fn once(&self, url: &str) -> Attempt {
        let Ok(mut request) = Request::post(url).body(Bytes::from(self.body.clone())) else {
            return failed("unknown_error");
        };
        request.headers_mut().extend(self.headers.clone());
        match send(request, WITHIN).await {
            Ok(reply) => {
                let (head, body) = reply.into_parts();
                Attempt {
                    status: Some(head.status.as_u16()),
                    body: String::from_utf8_lossy(&body).into_owned(),
                    headers: head.headers,
                    problem: None,
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::TimedOut => failed("http_timeout"),
            Err(_) => failed("connection_failed"),
        }
    }
}

fn failed(problem: &'static str) -> Attempt {
    Attempt { status: None, body: String::new(), headers: HeaderMap::new(), problem: Some(problem) }
}

/// `v0=` and the hex HMAC of version, timestamp and body (Slack docs, verifying requests).
fn signature(secret: &str, timestamp: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(format!("v0:{timestamp}:").as_bytes());
    context.update(body);
    let hex: String = context.sign().as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("v0={hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of slack_sdk 3.47 (tests/slack_sdk/signature/test_signature_verifier.py), as Slack's docs have it.
    #[test]
    fn the_vendors_example_has_the_vendors_signature() {
        let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&\
                    channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&\
                    response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F\
                    96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
        let made = signature("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body.as_bytes());
        assert_eq!(made, "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503");
    }
}
