//! What does not get into the file.

mod names;
mod needles;

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderName;
use serde_json::value::RawValue;

use self::{names::Place, needles::Needles};
use super::{
    format::{Content, Interaction, Pairs},
    json::{Token, each_scalar, joined, tokens},
};

/// What stands in the file where something was redacted. In a request it matches anything.
pub(super) const REDACTED: &str = "REDACTED";

/// What is redacted when a cassette is written.
///
/// Without being told: credentials in headers, cookies, the fields of JSON, forms and queries that are named like secrets (`access_token`,
/// `client_secret`, `password`, …), and in the requests to and answers of token endpoints every text that is not known to be harmless.
/// A secret found in one place is redacted everywhere, in whatever common encoding it stands there.
#[derive(Clone, Default)]
pub struct Redact {
    secrets: Vec<String>,
    fields: Vec<String>,
    headers: Vec<HeaderName>,
}

impl Redact {
    /// Redacts what always is.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Redacts this text wherever it stands: a secret, a customer's name, what changes with every recording.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secrets.push(secret.into());
        self
    }

    /// Redacts the values of this field of JSON, forms and queries.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>) -> Self {
        self.fields.push(name.into());
        self
    }

    /// Redacts this header.
    #[must_use]
    pub fn header(mut self, name: HeaderName) -> Self {
        self.headers.push(name);
        self
    }

    /// Redacts everything at once: a secret that shows itself late was used before.
    pub(super) fn apply(&self, mut interactions: Vec<Interaction>) -> Vec<Interaction> {
        let mut needles = Needles::default();
        self.secrets.iter().for_each(|secret| needles.add(secret));
        interactions.iter().for_each(|interaction| needles.learn(interaction));
        let pass = Pass { redact: self, needles: needles.variants() };
        interactions.iter_mut().for_each(|interaction| pass.interaction(interaction));
        interactions
    }
}

/// Shows no secret.
impl fmt::Debug for Redact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redact")
            .field("secrets", &self.secrets.len())
            .field("fields", &self.fields)
            .field("headers", &self.headers)
            .finish()
    }
}

struct Pass<'a> {
    redact: &'a Redact,
    needles: Vec<String>,
}

impl Pass<'_> {
    fn interaction(&self, interaction: &mut Interaction) {
        let place = Place::of(&interaction.request);
        let (request, response) = (&mut interaction.request, &mut interaction.response);
        self.text(&mut request.host);
        self.text(&mut request.path);
        self.pairs(&mut request.query, place);
        for headers in [&mut request.headers, &mut response.headers] {
            for (name, value) in headers {
                self.header(name, value);
            }
        }
        self.content(request.body.as_mut(), place);
        self.content(response.body.as_mut(), place.answer());
    }

    fn header(&self, name: &str, value: &mut String) {
        if names::is_credential(name) || self.redact.headers.iter().any(|header| header == name) {
            *value = match value.split_once(' ') {
                Some((scheme, _)) if name.ends_with("authorization") => format!("{scheme} {REDACTED}"),
                _ => REDACTED.to_owned(),
            };
        }
        self.text(value);
    }

    fn text(&self, text: &mut String) {
        for needle in &self.needles {
            if text.contains(needle) {
                *text = text.replace(needle, REDACTED);
            }
        }
    }

    fn pairs(&self, pairs: &mut Pairs, place: Place) {
        for (name, value) in pairs {
            match serde_json::from_str::<&RawValue>(value) {
                _ if self.is_secret(name, place) => REDACTED.clone_into(value),
                Ok(_) if value.starts_with(['{', '[']) => *value = self.json(value, place),
                _ => self.text(value),
            }
        }
    }

    fn is_secret(&self, name: &str, place: Place) -> bool {
        place.is_secret(name) || self.redact.fields.iter().any(|field| field == name)
    }

    fn content(&self, content: Option<&mut Content>, place: Place) {
        match content {
            Some(Content::Json(raw)) => {
                if let Ok(json) = RawValue::from_string(self.json(raw.get(), place)) {
                    *raw = json;
                }
            }
            Some(Content::Form(pairs)) => self.pairs(pairs, place),
            Some(Content::Text(text)) => self.text(text),
            Some(lines @ Content::Lines(_)) => {
                let Content::Lines(old) = &*lines else { return };
                let mut text = old.concat();
                self.text(&mut text);
                *lines = Content::text(&text);
            }
            Some(Content::Base64(text)) => {
                let bytes = STANDARD.decode(&*text).unwrap_or_default();
                let clean =
                    self.needles.iter().fold(bytes, |bytes, needle| without(&bytes, needle.as_bytes()));
                *text = STANDARD.encode(clean);
            }
            None => {}
        }
    }

    fn json(&self, json: &str, place: Place) -> String {
        let mut tokens = tokens(json);
        each_scalar(&mut tokens, |field, token| {
            let named = field.is_some_and(|name| self.is_secret(name, place));
            match token {
                Token::Text(text) if named => REDACTED.clone_into(text),
                Token::Text(text) => self.text(text),
                Token::Bare(text) => {
                    let number = text.starts_with(|first: char| first.is_ascii_digit() || first == '-');
                    let always = field.is_some_and(|name| self.is_secret(name, Place::Anywhere));
                    if number && (always || self.needles.contains(text)) {
                        *token = Token::Text(REDACTED.to_owned());
                    }
                }
                Token::Mark(_) => {}
            }
        });
        joined(&tokens)
    }
}

/// Bytes with each occurrence of some of them replaced.
fn without(bytes: &[u8], needle: &[u8]) -> Vec<u8> {
    let (mut clean, mut rest) = (Vec::with_capacity(bytes.len()), bytes);
    while let Some((first, more)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(needle) {
            clean.extend_from_slice(REDACTED.as_bytes());
            rest = after;
        } else {
            clean.push(*first);
            rest = more;
        }
    }
    clean
}
