//! Arguments of a method, whichever way they came: query, form, JSON or multipart.

use http::Method;
use serde_json::{Map, Value};

use orion_core::sandbox::Call;

use super::multipart;
use super::store::refusal::Refusal;
use super::store::ts::Ts;

/// The merged arguments. The token among them is not kept.
#[derive(Debug, Default)]
pub(crate) struct Args {
    values: Map<String, Value>,
    /// A token that came as an argument.
    pub(crate) token: Option<String>,
    /// What the vendor warns of.
    pub(crate) warnings: Vec<&'static str>,
}

impl Args {
    /// Reads a request. A method that takes no JSON sees nothing of a JSON body, as the vendor's does not.
    pub(crate) fn read(call: &Call, takes_json: bool) -> Result<Self, Refusal> {
        let mut args = Self::default();
        args.extend(call.query.iter().cloned());
        if call.method == Method::POST {
            match call.media_type().as_str() {
                "application/json" => args.json_body(call, takes_json)?,
                "application/x-www-form-urlencoded" => {
                    if has_charset(call) {
                        args.warnings.push("superfluous_charset");
                    }
                    args.extend(call.form());
                }
                "multipart/form-data" => {
                    let parts = multipart::parse(call).ok_or("invalid_form_data")?;
                    args.extend(parts.into_iter().filter_map(multipart::Part::into_field));
                }
                _ if call.body.is_empty() => {}
                "" => return Err("missing_post_type".into()),
                _ => return Err("invalid_post_type".into()),
            }
        }
        if let Some(Value::String(token)) = args.values.remove("token") {
            args.token = Some(token);
        }
        Ok(args)
    }

    fn json_body(&mut self, call: &Call, takes_json: bool) -> Result<(), Refusal> {
        if !has_charset(call) {
            self.warnings.push("missing_charset");
        }
        if call.body.is_empty() {
            return Ok(());
        }
        let body: Value = serde_json::from_slice(&call.body).map_err(|_| Refusal::from("invalid_json"))?;
        let Value::Object(mut body) = body else { return Err("json_not_object".into()) };
        // With JSON the token belongs into the header (Slack docs, Web API).
        body.remove("token");
        if takes_json {
            self.values.extend(body);
        }
        Ok(())
    }

    fn extend(&mut self, pairs: impl IntoIterator<Item = (String, String)>) {
        self.values.extend(pairs.into_iter().map(|(name, value)| (name, value.into())));
    }

    /// An argument as text; empty counts as missing.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let text = match self.values.get(name)? {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    /// An argument that has to be there.
    pub(crate) fn required(&self, name: &str) -> Result<String, Refusal> {
        self.text(name).ok_or_else(|| Refusal::missing(name))
    }

    /// Whether the argument was given, be it empty.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(|value| !value.is_null())
    }

    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        match self.text(name)?.as_str() {
            "true" | "1" | "True" => Some(true),
            "false" | "0" | "False" => Some(false),
            _ => None,
        }
    }

    pub(crate) fn number(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.text(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Refusal::argument(name, "must be an integer"))
    }

    /// A list: an array, or text with commas.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        if let Some(Value::Array(items)) = self.values.get(name) {
            return items.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        }
        let text = self.text(name).unwrap_or_default();
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }

    pub(crate) fn ts(&self, name: &str) -> Result<Option<Ts>, Refusal> {
        let Some(text) = self.text(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|()| Refusal::argument(name, "must be a timestamp"))
    }

    /// A value of its own structure: JSON, or JSON in text. `Err` holds the text that is not JSON.
    pub(crate) fn structure(&self, name: &str) -> Result<Option<Value>, String> {
        match self.values.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text).map(Some).map_err(|_| text.clone()),
            Some(value) => Ok(Some(value.clone())),
        }
    }
}

fn has_charset(call: &Call) -> bool {
    call.header("content-type").is_some_and(|whole| whole.to_ascii_lowercase().contains("charset="))
}
