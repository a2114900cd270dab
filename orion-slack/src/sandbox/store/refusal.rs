//! Errors as the vendor words them: a code, and what goes with it.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

/// What a method answers: the fields beside `ok`.
pub(crate) type Outcome = Result<Value, Refusal>;

/// `ok: false`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) code: Cow<'static, str>,
    pub(crate) extra: Map<String, Value>,
}

impl From<&'static str> for Refusal {
    fn from(code: &'static str) -> Self {
        Self { code: code.into(), extra: Map::new() }
    }
}

impl Refusal {
    pub(crate) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(key.to_owned(), value.into());
        self
    }

    /// The refusal with the sentences that say what is wrong, as `response_metadata` carries them.
    pub(crate) fn because(self, messages: &[String]) -> Self {
        let shown: Vec<String> = messages.iter().map(|message| format!("[ERROR] {message}")).collect();
        self.with("response_metadata", json!({ "messages": shown }))
    }

    /// An argument that is missing.
    pub(crate) fn missing(name: &str) -> Self {
        Self::from("invalid_arguments").because(&[format!("missing required field: {name}")])
    }

    /// An argument that is wrong.
    pub(crate) fn argument(name: &str, why: &str) -> Self {
        Self::from("invalid_arguments").because(&[format!("{why} [json-pointer:/{name}]")])
    }
}
