//! The secrets that exchanges show, and the spellings to look for them in.

use std::collections::BTreeSet;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use url::{Url, form_urlencoded::byte_serialize};

use super::names::{self, Place, has};
use crate::testing::cassette::{
    format::{Content, Headers, Interaction},
    json::{Token, each_scalar, tokens},
};

/// Anything shorter stands in too many places that have nothing to do with it.
const SHORTEST: usize = 4;

#[derive(Default)]
pub(super) struct Needles(BTreeSet<String>);

impl Needles {
    /// Adds what the caller says is one, however short.
    pub(super) fn add(&mut self, secret: &str) {
        if !secret.is_empty() {
            self.0.insert(secret.to_owned());
        }
    }

    fn found(&mut self, secret: &str) {
        if secret.len() >= SHORTEST {
            self.add(secret);
        }
    }

    /// Adds the secrets that an exchange shows by their names.
    pub(super) fn learn(&mut self, interaction: &Interaction) {
        let place = match Place::of(&interaction.request) {
            // What is unknown there is redacted there; a team's name is no secret elsewhere.
            Place::TokenEndpoint => Place::Anywhere,
            place => place,
        };
        let (request, response) = (&interaction.request, &interaction.response);
        self.headers(&request.headers);
        self.headers(&response.headers);
        self.pairs(&request.query, place);
        self.content(request.body.as_ref());
        self.content(response.body.as_ref());
    }

    fn headers(&mut self, headers: &Headers) {
        for (name, value) in headers.iter().filter(|(name, _)| names::is_credential(name)) {
            if name.ends_with("cookie") {
                let pairs = value.split([';', ',']).filter_map(|pair| pair.trim().split_once('='));
                pairs.filter(|(_, value)| value.len() >= 2 * SHORTEST).for_each(|(_, value)| self.add(value));
                continue;
            }
            let (scheme, token) = value.split_once(' ').unwrap_or(("", value));
            self.found(token.trim());
            let basic = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(token.trim()).ok());
            let basic = basic.flatten().and_then(|pair| String::from_utf8(pair).ok());
            if let Some((_, password)) = basic.as_deref().and_then(|pair| pair.split_once(':')) {
                self.found(password);
            }
        }
        if let Some(Ok(target)) = headers.get("location").map(|target| Url::parse(target)) {
            let pairs: Vec<_> = target.query_pairs().into_owned().collect();
            let place = if has(&pairs, "state") { Place::Redirect } else { Place::Anywhere };
            self.pairs(&pairs, place);
        }
    }

    fn pairs(&mut self, pairs: &[(String, String)], place: Place) {
        let granting = has(pairs, "grant_type");
        for (name, value) in pairs {
            if place.is_secret(name) || (granting && name == "code") {
                self.found(value);
            }
        }
    }

    fn content(&mut self, content: Option<&Content>) {
        match content {
            Some(Content::Form(pairs)) => self.pairs(pairs, Place::Anywhere),
            Some(Content::Json(raw)) => each_scalar(&mut tokens(raw.get()), |field, token| {
                let named = field.is_some_and(|name| Place::Anywhere.is_secret(name));
                if let Token::Text(text) = token
                    && named
                {
                    self.found(text);
                }
            }),
            _ => {}
        }
    }

    /// Every spelling of every secret, the longest first.
    pub(super) fn variants(self) -> Vec<String> {
        let mut all: BTreeSet<String> = self.0.iter().flat_map(|secret| spellings(secret)).collect();
        all.remove(super::REDACTED);
        let mut all: Vec<String> = all.into_iter().collect();
        all.sort_by_key(|text| std::cmp::Reverse(text.len()));
        all
    }
}

fn spellings(secret: &str) -> [String; 9] {
    let form: String = byte_serialize(secret.as_bytes()).collect();
    let quoted = serde_json::Value::from(secret).to_string();
    let xml = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    [
        secret.to_owned(),
        form.replace('+', "%20"),
        lower_hex(&form),
        form,
        quoted.trim_matches('"').to_owned(),
        xml.replace('"', "&quot;").replace('\'', "&apos;"),
        xml,
        STANDARD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
    ]
}

/// `%3D` as `%3d`.
fn lower_hex(form: &str) -> String {
    let mut parts = form.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (hex, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        format!("{text}%{}{rest}", hex.to_lowercase())
    })
}
