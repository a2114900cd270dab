use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tracing::{
    Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::with_default,
};

use super::*;
use crate::{Error, ErrorKind, Kind, observe::Drift};

/// What a subscriber was told: level and name, the parent span, and the fields as text.
#[derive(Debug)]
struct Told {
    what: String,
    parent: Option<u64>,
    fields: BTreeMap<&'static str, String>,
}

#[derive(Clone, Default)]
struct Listener {
    told: Arc<Mutex<Vec<Told>>>,
    spans: Arc<AtomicU64>,
    /// Handles of spans that were not dropped yet.
    held: Arc<AtomicU64>,
}

#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl Listener {
    fn note(&self, metadata: &Metadata<'_>, parent: Option<&Id>, Fields(fields): Fields) {
        assert_eq!(metadata.target(), "orion");
        let what = format!("{} {}", metadata.level(), metadata.name());
        self.told.lock().unwrap().push(Told { what, parent: parent.map(Id::into_u64), fields });
    }
}

impl Subscriber for Listener {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields::default();
        span.record(&mut fields);
        self.note(span.metadata(), span.parent(), fields);
        self.held.fetch_add(1, Ordering::Relaxed);
        Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        self.note(event.metadata(), event.parent(), fields);
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.held.fetch_add(1, Ordering::Relaxed);
        id.clone()
    }

    fn try_close(&self, _: Id) -> bool {
        self.held.fetch_sub(1, Ordering::Relaxed) == 1
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// What a subscriber was told of these events.
fn told(events: &[Event<'_>]) -> Vec<Told> {
    let listener = Listener::default();
    let (told, held) = (Arc::clone(&listener.told), Arc::clone(&listener.held));
    with_default(listener, || {
        let tracing = Tracing::new();
        events.iter().for_each(|event| tracing.event(event));
        assert_eq!(held.load(Ordering::Relaxed), 0, "a span is left open");
    });
    std::mem::take(&mut *told.lock().unwrap())
}

const WHILE: Duration = Duration::from_millis(1_500);

#[test]
fn the_events_of_a_request_keep_their_names_and_fields() {
    let (adapter, operation) = ("acme", "query");
    let failed = Some(ErrorKind::Timeout);
    let told = told(&[
        Event::Attempt { adapter, operation, method: "GET", status: Some(503), elapsed: WHILE },
        Event::Attempt { adapter, operation, method: "GET", status: None, elapsed: WHILE },
        Event::Retry { adapter, operation, attempt: 1, wait: WHILE, reason: ErrorKind::Transport },
        Event::Throttled { adapter, operation, wait: WHILE },
        Event::Quota { adapter, name: "day", used: 1, limit: 2 },
        Event::Call { adapter, operation, error: None, elapsed: WHILE },
        Event::Call { adapter, operation, error: failed, elapsed: WHILE },
        Event::Token { adapter, account: "a1", error: None },
        Event::Token { adapter, account: "a1", error: failed },
    ]);
    let names: Vec<&str> = told.iter().map(|told| &*told.what).collect();
    assert_eq!(
        names,
        [
            "DEBUG attempt",
            "DEBUG attempt",
            "WARN retry",
            "DEBUG throttled",
            "DEBUG quota",
            "DEBUG call",
            "WARN call",
            "INFO token",
            "ERROR token"
        ]
    );
    let shown =
        |at: usize| told[at].fields.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join(" ");
    assert_eq!(
        shown(0),
        r#"adapter="acme" elapsed=1.5 message=attempt method="GET" operation="query" status=503"#
    );
    assert_eq!(shown(1), r#"adapter="acme" elapsed=1.5 message=attempt method="GET" operation="query""#);
    assert_eq!(shown(4), r#"adapter="acme" limit=2 message=quota name="day" used=1"#);
    assert_eq!(shown(6), r#"adapter="acme" elapsed=1.5 error=Timeout message=call operation="query""#);
}

#[test]
fn the_events_of_a_pass_happen_in_its_span() {
    let stream = &StreamKey::new("acme", "a1", Kind::new("customer"), "Lead");
    let error = Error::new(ErrorKind::Malformed, "no id").with_source(std::io::Error::other("planted"));
    let other = &StreamKey::new("acme", "a1", Kind::new("customer"), "Contact");
    let told = told(&[
        Event::StreamStarted { stream, phase: "backfill" },
        Event::Rejected { stream, id: Some(&"r1".into()), reason: &error },
        Event::Drift { stream, field: "Age__c", change: Drift::Added("number") },
        Event::Committed {
            stream,
            phase: "backfill",
            upserts: 1,
            deletes: 2,
            swept: 0,
            unchanged: 3,
            rejected: 4,
            batch: 10,
            read: 10,
            total: None,
            read_time: WHILE,
            write_time: WHILE,
        },
        Event::StreamFinished { stream, error: None, elapsed: WHILE },
        Event::StreamFinished { stream: other, error: Some(&error), elapsed: WHILE },
    ]);
    let told: Vec<(&str, Option<u64>)> = {
        assert_eq!(told[0].fields["stream"], "acme/a1/customer/Lead");
        assert_eq!((&*told[2].fields["id"], &*told[2].fields["reason"]), ("r1", "no id"));
        assert_eq!((&*told[4].fields["upserts"], told[4].fields.get("total")), ("1", None));
        assert!(!format!("{told:?}").contains("planted"), "a cause may quote data");
        told.iter().map(|told| (&*told.what, told.parent)).collect()
    };
    assert_eq!(
        told,
        [
            ("INFO stream", None),
            ("INFO stream_started", Some(1)),
            ("WARN rejected", Some(1)),
            ("WARN drift", Some(1)),
            ("INFO committed", Some(1)),
            ("INFO stream_finished", Some(1)),
            ("ERROR stream_finished", None)
        ]
    );
}
