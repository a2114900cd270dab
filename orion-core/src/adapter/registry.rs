//! Connectors by name and configuration.

use std::{collections::BTreeMap, fmt, sync::Arc};

use futures::future::BoxFuture;
use serde::de::DeserializeOwned;

use super::Connector;
use crate::{Error, ErrorKind, Result};

type Factory = Arc<dyn Fn(&str) -> BoxFuture<'static, Result<Connector>> + Send + Sync>;

/// Builds connectors from a name and a JSON configuration.
///
/// Explicit: what a program registers is there, and nothing else. A clone shares the factories.
///
/// ```
/// use orion_core::{AdapterExt, ErrorKind, Registry, testing::{self, Memory}};
///
/// #[derive(serde::Deserialize)]
/// struct Config {
///     tenant: String,
/// }
///
/// testing::run(async {
///     let registry = Registry::new().register("memory", async |config: Config| {
///         println!("connecting {}", config.tenant);
///         Ok(Memory::new(testing::clock()).connect())
///     });
///     let connector = registry.build("memory", r#"{"tenant": "acme"}"#).await?;
///     assert_eq!(connector.offers().iter().count(), 2);
///
///     let misspelt = registry.build("memory", r#"{"tenat": "acme"}"#).await.unwrap_err();
///     assert_eq!(misspelt.kind(), ErrorKind::Config);
///     # Ok::<(), orion_core::Error>(())
/// }).unwrap();
/// ```
#[derive(Clone, Default)]
pub struct Registry {
    factories: BTreeMap<Box<str>, Factory>,
}

impl Registry {
    /// An empty registry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Registers an adapter under a name: `build` gets its configuration, read from JSON.
    #[must_use]
    pub fn register<C, F, Fut>(mut self, name: impl Into<Box<str>>, build: F) -> Self
    where
        C: DeserializeOwned,
        F: Fn(C) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Connector>> + Send + 'static,
    {
        let factory: Factory = Arc::new(move |json| match serde_json::from_str::<C>(json) {
            Ok(config) => Box::pin(build(config)),
            Err(source) => Box::pin(std::future::ready(Err(invalid(&source)))),
        });
        self.factories.insert(name.into(), factory);
        self
    }

    /// The registered names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.factories.keys().map(|name| &**name)
    }

    /// Builds a connector from its JSON configuration.
    ///
    /// # Errors
    /// `Config` for an unknown name or a configuration that does not fit, else what the adapter's own set-up reports.
    pub async fn build(&self, name: &str, config: &str) -> Result<Connector> {
        let Some(factory) = self.factories.get(name) else {
            let known: Vec<&str> = self.names().collect();
            return Err(Error::new(
                ErrorKind::Config,
                format!("no adapter is registered as `{name}`; there are: {}", known.join(", ")),
            ));
        };
        factory(config).await
    }
}

/// Says where and what was expected. serde's message also quotes the value that was found, which may be a secret; a name it quotes is none.
fn invalid(source: &serde_json::Error) -> Error {
    let text = source.to_string();
    let what = text.rsplit_once(" at line").map_or(&*text, |(what, _)| what);
    let starts = |with: &[&str]| with.iter().any(|start| what.starts_with(start));
    let what = if starts(&["unknown field", "missing field", "expected "]) {
        what
    } else if starts(&["invalid ", "unknown variant"]) {
        // What was expected comes last, after the value.
        what.rfind("expected ").map_or("a value does not fit", |at| what.split_at(at).1)
    } else {
        "not JSON, or a value does not fit"
    };
    let at = format!("line {} column {}", source.line(), source.column());
    Error::new(ErrorKind::Config, format!("the configuration is not valid at {at}: {what}"))
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.factories.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Config {
        #[serde(rename = "name")]
        _name: String,
    }

    #[test]
    fn what_is_wrong_is_said_and_what_was_there_is_not() {
        let says = |json: &str| invalid(&serde_json::from_str::<Config>(json).unwrap_err()).to_string();
        for (json, expected) in [
            (r#"{"nmae":"planted"}"#, "line 1 column 7: unknown field `nmae`, expected `name`"),
            ("{}", "line 1 column 2: missing field `name`"),
            (r#"{"name":4711}"#, "line 1 column 12: expected a string"),
            (r#"["planted", 1]"#, "line 1 column 1"),
            ("planted", "line 1 column 1: expected value"),
            (r#"{"name":"planted"#, "line 1 column 16: not JSON"),
            (r#"{"name":["expected planted"]}"#, "line 1 column 8: expected a string"),
        ] {
            let text = says(json);
            assert!(text.contains(expected), "{text}");
            assert!(!text.contains("planted") && !text.contains("4711"), "{text}");
        }
    }
}
