//! What nobody may see: credentials and the content of records, in anything that is shown.

mod content;
mod credentials;

use std::{
    error::Error as _,
    fmt::{self, Debug},
    sync::{Arc, LazyLock, Mutex, Once, PoisonError},
};

use async_trait::async_trait;
use orion_core::{
    Clock, Error, Outcome, Result,
    auth::TokenStore,
    http::{Http, Middleware, Next, Request, Response, Transport},
    observe::{Observers, Tracing},
    testing::Events,
};
use orion_salesforce::{BulkOptions, Config, Salesforce};

use crate::support::quick;

/// Every line that was logged by any test of this binary. Only those here plant what they look for.
static LOGGED: LazyLock<Mutex<String>> = LazyLock::new(Mutex::default);

struct Log;

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        note(&LOGGED, &format!("{} {}", record.target(), record.args()));
    }

    fn flush(&self) {}
}

fn note(all: &Mutex<String>, text: &str) {
    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
    all.push_str(text);
    all.push('\n');
}

/// A subscriber that writes down every field of every span and event.
struct Subscriber(Shown);

struct Fields<'a>(&'a Shown);

impl tracing::field::Visit for Fields<'_> {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn Debug) {
        self.0.text(&format!("{field}={value:?}"));
    }
}

impl tracing::Subscriber for Subscriber {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() <= tracing::Level::DEBUG
    }

    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        span.record(&mut Fields(&self.0));
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        values.record(&mut Fields(&self.0));
    }

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut Fields(&self.0));
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

/// All that was shown. A clone is the same.
#[derive(Clone, Default)]
struct Shown {
    texts: Arc<Mutex<String>>,
    events: Events,
}

impl Shown {
    /// Starts to listen, on this thread, to what is traced; and to what is logged anywhere.
    fn listening() -> (Self, tracing::subscriber::DefaultGuard) {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            log::set_logger(&Log).unwrap();
            log::set_max_level(log::LevelFilter::Trace);
        });
        let shown = Self::default();
        let guard = tracing::subscriber::set_default(Subscriber(shown.clone()));
        (shown, guard)
    }

    fn text(&self, text: &str) {
        note(&self.texts, text);
    }

    fn debug(&self, value: &impl Debug) {
        self.text(&format!("{value:?} {value:#?}"));
    }

    /// An error, and everything behind it.
    fn error(&self, error: &Error) {
        self.debug(error);
        self.text(&error.to_string());
        let mut source = error.source();
        while let Some(cause) = source {
            self.text(&format!("{cause} {cause:?}"));
            source = cause.source();
        }
    }

    /// A result, which has to be a failure.
    fn failed<T: Debug>(&self, result: Result<T>) {
        self.debug(&result);
        match result {
            Ok(value) => panic!("{value:?} is no failure"),
            Err(error) => self.error(&error),
        }
    }

    fn outcomes(&self, outcomes: &[Outcome]) {
        self.debug(&outcomes);
        outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).for_each(|error| self.error(error));
    }

    /// A connection whose every request, answer and event is shown.
    fn connect(&self, config: Config, store: Option<Arc<dyn TokenStore>>) -> Salesforce {
        self.debug(&config);
        let transport = Watched { inner: Http::new().unwrap(), shown: self.clone() };
        let observers = self.events.observers().and(Arc::new(Tracing::new()));
        self.build(config, transport, observers, store)
    }

    fn build(
        &self,
        config: Config,
        transport: impl Transport,
        observers: Observers,
        store: Option<Arc<dyn TokenStore>>,
    ) -> Salesforce {
        let mut builder = Salesforce::builder(config, transport)
            .retry(quick())
            .clock(Clock::system())
            .observers(observers)
            .middleware(Watching(self.clone()))
            .bulk(BulkOptions::default());
        if let Some(store) = store {
            builder = builder.tokens(store);
        }
        self.debug(&builder);
        let salesforce = builder.build().unwrap();
        self.debug(&salesforce);
        self.debug(salesforce.login());
        salesforce
    }

    /// None of these may have been shown.
    fn assert_none(&self, planted: &[String]) {
        assert!(
            !planted.is_empty() && planted.iter().all(|secret| secret.len() >= 6),
            "too short to look for"
        );
        let texts = self.texts.lock().unwrap();
        let logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
        let events: String =
            self.events.all().iter().map(|event| format!("{event:?} {}\n", event.text)).collect();
        assert!(texts.len() > 1_000 && !events.is_empty() && !logged.is_empty(), "nothing was shown");
        for (place, text) in [("texts", &*texts), ("log", &*logged), ("events", &events)] {
            for secret in planted {
                let at = text.find(&**secret);
                let around =
                    at.map(|at| text.chars().skip(at.saturating_sub(300)).take(600).collect::<String>());
                assert!(at.is_none(), "{secret:?} is in the {place}: {around:?}");
            }
        }
    }
}

impl Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown")
    }
}

struct Watched<T> {
    inner: T,
    shown: Shown,
}

#[async_trait]
impl<T: Transport> Transport for Watched<T> {
    async fn send(&self, request: Request) -> Result<Response> {
        self.shown.debug(&request);
        let answer = self.inner.send(request).await;
        self.shown.debug(&answer);
        if let Err(error) = &answer {
            self.shown.error(error);
        }
        answer
    }
}

struct Watching(Shown);

#[async_trait]
impl Middleware for Watching {
    async fn handle(&self, request: Request, next: Next<'_>) -> Result<Response> {
        self.0.debug(&request);
        self.0.debug(&next);
        let answer = next.run(request).await;
        self.0.debug(&answer);
        answer
    }
}
