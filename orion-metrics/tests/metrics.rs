//! From what happens to what is kept, and that nothing gets lost on the way.
#![expect(clippy::unwrap_used, reason = "tests may panic")]

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use orion_core::{
    Error, ErrorKind, Kind, Record, StreamKey, UnifiedCustomer,
    observe::{Drift, Event, Observer, Observers},
    sync::{Counts, Deletes, Engine, Plan, Policy, SqlDestination},
    testing::{self, Memory},
};
use orion_metrics::{
    ALL, ATTEMPTS, CALL_SECONDS, CALLS, FanOut, JsonLinesSink, MemorySink, Metrics, Only, QUOTA_USED,
    RECORDS, RECORDS_READ, REJECTED, SYNC_RUNS, SYNC_SUCCEEDED, Sink, Value,
};
use proptest::prelude::*;
use serde_json::json;

const SECOND: Duration = Duration::from_secs(1);

fn stream() -> StreamKey {
    StreamKey::new("acme", "account-1", Kind::new("customer"), "Lead")
}

/// One of each, with everything in it that must not become a label.
fn each(metrics: &dyn Observer) {
    let (stream, id) = (stream(), "record-1".into());
    let error = Error::new(ErrorKind::Malformed, "secret-message");
    for event in [
        Event::Attempt {
            adapter: "acme",
            operation: "query",
            method: "GET",
            status: Some(503),
            elapsed: SECOND,
        },
        Event::Attempt { adapter: "acme", operation: "query", method: "GET", status: None, elapsed: SECOND },
        Event::Call {
            adapter: "acme",
            operation: "query",
            error: Some(ErrorKind::Transport),
            elapsed: SECOND,
        },
        Event::Call { adapter: "acme", operation: "query", error: None, elapsed: 3 * SECOND },
        Event::Retry {
            adapter: "acme",
            operation: "query",
            attempt: 1,
            wait: SECOND,
            reason: ErrorKind::Timeout,
        },
        Event::Throttled { adapter: "acme", operation: "query", wait: SECOND },
        Event::Quota { adapter: "acme", name: "day", used: 7, limit: 9 },
        Event::Token { adapter: "acme", account: "account-1", error: None },
        Event::StreamStarted { stream: &stream, phase: "backfill" },
        Event::Committed {
            stream: &stream,
            phase: "backfill",
            upserts: 5,
            deletes: 4,
            swept: 1,
            unchanged: 2,
            rejected: 1,
            batch: 11,
            read: 11,
            total: None,
            read_time: SECOND,
            write_time: SECOND,
        },
        Event::Rejected { stream: &stream, id: Some(&id), reason: &error },
        Event::Drift { stream: &stream, field: "Salary__c", change: Drift::Added("secret-type") },
        Event::StreamFinished { stream: &stream, error: None, elapsed: SECOND },
    ] {
        metrics.event(&event);
    }
}

#[test]
fn each_event_becomes_its_samples() {
    let memory = Arc::new(MemorySink::new());
    each(&Metrics::new(Arc::clone(&memory)));
    let missing: Vec<_> = ALL
        .iter()
        .filter(|metric| !memory.snapshot().series.iter().any(|series| series.descriptor == **metric))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(memory.sum(&CALLS, &[]), 2.0);
    assert_eq!(memory.sum(&CALLS, &[("outcome", "transport")]), 1.0);
    assert_eq!(memory.sum(&ATTEMPTS, &[("status", "503")]), 1.0);
    assert_eq!(memory.sum(&ATTEMPTS, &[("status", "none"), ("method", "GET")]), 1.0);
    assert_eq!(memory.last(&QUOTA_USED, &[("quota", "day")]), Some(7.0));
    assert_eq!(memory.last(&QUOTA_USED, &[("quota", "hour")]), None);
    assert_eq!(memory.sum(&RECORDS, &[("op", "delete")]), 3.0);
    assert_eq!(memory.sum(&RECORDS, &[("op", "sweep")]), 1.0);
    assert_eq!(memory.sum(&REJECTED, &[("reason", "malformed"), ("object", "Lead")]), 1.0);
    let calls = memory.summary(&CALL_SECONDS, &[]);
    assert_eq!((calls.count, calls.sum, calls.min, calls.max), (2, 4.0, 1.0, 3.0));
}

#[test]
fn no_label_holds_an_account_a_record_a_field_or_a_message() {
    let memory = Arc::new(MemorySink::new());
    each(&Metrics::new(Arc::clone(&memory)));
    let text = serde_json::to_string(&memory.snapshot()).unwrap();
    for secret in ["account-1", "record-1", "Salary__c", "secret-message", "secret-type"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_time_of_the_last_success_tells_how_fresh_the_records_are() {
    let memory = Arc::new(MemorySink::new());
    let metrics = Metrics::new(Arc::clone(&memory)).clock(testing::clock());
    let (stream, error) = (stream(), Error::new(ErrorKind::Auth, "x"));
    metrics.event(&Event::StreamFinished { stream: &stream, error: None, elapsed: SECOND });
    tokio::time::sleep(60 * SECOND).await;
    metrics.event(&Event::StreamFinished { stream: &stream, error: Some(&error), elapsed: SECOND });
    assert_eq!(memory.last(&SYNC_SUCCEEDED, &[]), Some(1_767_225_600.0));
    assert_eq!(memory.sum(&SYNC_RUNS, &[("outcome", "auth")]), 1.0);
}

/// What the metrics say the engine did.
fn told(memory: &MemorySink) -> [f64; 6] {
    let op = |op| memory.sum(&RECORDS, &[("op", op)]);
    let read = memory.sum(&RECORDS_READ, &[]);
    [read, op("upsert"), op("delete"), op("unchanged"), op("rejected"), op("sweep")]
}

fn counted(counts: &Counts) -> [f64; 6] {
    let Counts { read, upserts, deletes, unchanged, rejected, swept, .. } = *counts;
    [read, upserts, deletes, unchanged, rejected, swept].map(|count| f64::from(u32::try_from(count).unwrap()))
}

fn conserved([read, upserts, deletes, unchanged, rejected, _]: [f64; 6]) -> bool {
    read == upserts + deletes + unchanged + rejected
}

#[tokio::test]
async fn records_read_are_the_upserts_deletes_unchanged_and_rejected_ones() {
    let folder = std::env::temp_dir().join(format!("orion-metrics-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let database = SqlDestination::open(folder.join("a.db").to_str().unwrap()).await.unwrap();
    let memory = Arc::new(MemorySink::new());
    let time = testing::clock();
    let source = Memory::new(time.clone());
    for number in 0..25 {
        source.customers().put(Record::new(format!("c{number}"), UnifiedCustomer::named("Ada")));
    }
    source.customers().spoil("bad");
    let mut policy = Policy::default();
    policy.page_size = Some(10);
    let mut run = async |deletes| {
        policy.deletes = deletes;
        let plan = Plan::<UnifiedCustomer, _>::new(Arc::new(source.clone()), database.clone())
            .policy(policy.clone());
        let observers = Observers::one(Metrics::new(Arc::clone(&memory)));
        Engine::new().clock(time.clone()).observers(observers).stream(plan).run().await
    };
    let mut sum = [0.0; 6];
    for round in 0..4 {
        let report = run(if round == 3 { Deletes::full_diff() } else { Deletes::Reported }).await;
        assert!(report.is_complete(), "{report:?}");
        for (sum, count) in sum.iter_mut().zip(counted(&report.counts())) {
            *sum += count;
        }
        assert_eq!(told(&memory), sum, "round {round}");
        assert!(conserved(told(&memory)), "round {round}: {:?}", told(&memory));
        source.customers().delete(format!("c{round}"));
        source.customers().put(Record::new(format!("c{}", 10 + round), UnifiedCustomer::named("Grace")));
    }
    let [_, upserts, deletes, unchanged, rejected, _] = told(&memory);
    assert!(upserts > 25.0 && deletes > 0.0 && unchanged > 0.0 && rejected > 0.0, "{:?}", told(&memory));
    std::fs::remove_dir_all(folder).unwrap();
}

proptest! {
    #[test]
    fn whatever_is_committed_is_conserved(
        batches in prop::collection::vec((0_u64..50, 0_u64..50, 0_u64..50, 0_u64..50, 0_u64..50), 0..40)
    ) {
        let memory = Arc::new(MemorySink::new());
        let (metrics, stream) = (Metrics::new(Arc::clone(&memory)), stream());
        let mut read = 0;
        for (upserts, deletes, swept, unchanged, rejected) in batches {
            let batch = upserts + deletes + unchanged + rejected;
            read += batch;
            let (phase, total, read_time, write_time) = ("backfill", None, SECOND, SECOND);
            metrics.event(&Event::Committed {
                stream: &stream, phase, upserts, deletes: deletes + swept, swept, unchanged, rejected, batch, read, total,
                read_time, write_time,
            });
        }
        let told = told(&memory);
        prop_assert!(conserved(told), "{told:?}");
        prop_assert_eq!(told[0], f64::from(u32::try_from(read).unwrap()));
    }

    #[test]
    fn quantiles_are_right_to_one_per_cent(seconds in prop::collection::vec(0.001_f64..1000.0, 1..300)) {
        let memory = Arc::new(MemorySink::new());
        let metrics = Metrics::new(Arc::clone(&memory));
        for seconds in &seconds {
            let elapsed = Duration::from_secs_f64(*seconds);
            metrics.event(&Event::Call { adapter: "acme", operation: "query", error: None, elapsed });
        }
        let mut sorted = seconds.clone();
        sorted.sort_by(f64::total_cmp);
        let told = memory.summary(&CALL_SECONDS, &[]);
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank of 300")]
        let exact = |q: f64| sorted[(q * (sorted.len() - 1) as f64) as usize];
        for (q, told) in [(0.5, told.p50), (0.95, told.p95), (0.99, told.p99)] {
            prop_assert!((told - exact(q)).abs() <= 0.0101 * exact(q), "{q}: {told} for {}", exact(q));
        }
    }
}

/// A writer others can look into, with room for so many bytes.
#[derive(Clone)]
struct Shared(Arc<Mutex<Vec<u8>>>, usize);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = self.0.lock().unwrap();
        if all.len() + bytes.len() > self.1 {
            return Err(io::Error::other("the disk is full"));
        }
        all.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn shared(room: usize) -> (Shared, Arc<Mutex<Vec<u8>>>) {
    let bytes = Arc::new(Mutex::new(Vec::new()));
    (Shared(Arc::clone(&bytes), room), bytes)
}

#[tokio::test(start_paused = true)]
async fn lines_hold_what_their_documentation_says() {
    let (writer, bytes) = shared(usize::MAX);
    let metrics = Metrics::new(JsonLinesSink::new(writer)).clock(testing::clock());
    metrics.event(&Event::Token { adapter: "acme", account: "account-1", error: Some(ErrorKind::Auth) });
    assert!(bytes.lock().unwrap().is_empty(), "lines are buffered");
    metrics.flush().unwrap();
    let line: serde_json::Value = serde_json::from_slice(&bytes.lock().unwrap()).unwrap();
    let expected = json!({
        "at": "2026-01-01T00:00:00Z",
        "name": "orion_token_renewals_total",
        "type": "counter",
        "unit": "count",
        "value": 1.0,
        "labels": { "adapter": "acme", "outcome": "auth" },
        "account": "account-1",
    });
    assert_eq!(line, expected);
}

#[test]
fn every_line_is_one_json_object() {
    let (writer, bytes) = shared(usize::MAX);
    each(&Metrics::new(JsonLinesSink::new(writer)));
    let text = String::from_utf8(bytes.lock().unwrap().clone()).unwrap();
    assert!(text.ends_with('\n') && text.lines().count() > ALL.len());
    for line in text.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(ALL.iter().any(|metric| line["name"] == metric.name), "{line}");
    }
}

#[test]
fn a_full_disk_is_reported_by_the_flush_and_fails_no_event() {
    let (writer, bytes) = shared(100);
    let metrics = Metrics::new(JsonLinesSink::new(writer));
    for _ in 0..1000 {
        each(&metrics);
    }
    let error = metrics.flush().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert!(bytes.lock().unwrap().len() <= 100);
}

#[test]
fn sinks_fan_out_and_filter() {
    let (all, calls) = (Arc::new(MemorySink::new()), Arc::new(MemorySink::new()));
    let only = Arc::new(Only::new(Arc::clone(&calls), [&CALLS]));
    let metrics = Metrics::new(FanOut::new([Arc::clone(&all) as Arc<dyn Sink>, only]));
    each(&metrics);
    metrics.flush().unwrap();
    assert!(all.snapshot().series.len() > ALL.len());
    let series = calls.snapshot().series;
    assert!(series.iter().all(|series| series.descriptor == &CALLS && series.value == Value::Counter(1.0)));
    assert_eq!(series.len(), 2);
}
