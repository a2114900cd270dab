//! A sync observed: no record is lost between what was read and what became of it.

#![expect(clippy::unwrap_used, reason = "what a test's helper expects, the test expects")]

use std::sync::{Arc, Mutex};

use orion_core::{
    Record, UnifiedCustomer,
    observe::Observers,
    sync::{Engine, JsonLinesDestination, Plan},
    testing::{self, Memory},
};
use orion_metrics::{ATTEMPTS, JsonLinesSink, MemorySink, Metrics, RECORDS, RECORDS_READ, SYNC_RUNS};

/// Lines written by a sink that the test keeps.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn records_read_are_upserts_deletes_unchanged_and_rejected_together() {
    testing::run(async {
        let vendor = Memory::new(testing::clock());
        for id in 0..20 {
            vendor.customers().put(Record::new(format!("c{id}"), UnifiedCustomer::default()));
        }
        vendor.customers().spoil("c3");
        let (memory, written) = (Arc::new(MemorySink::new()), Written::default());
        let lines = Arc::new(Metrics::new(JsonLinesSink::new(written.clone())));
        let observers = Observers::one(Metrics::new(Arc::clone(&memory))).and(Arc::clone(&lines) as Arc<_>);
        let path = std::env::temp_dir().join(format!("orion-metrics-{}.jsonl", std::process::id()));
        let destination = JsonLinesDestination::open(&path).await.unwrap();
        let sync = || {
            let plan = Plan::<UnifiedCustomer, _>::new(Arc::new(vendor.clone()), destination.clone());
            Engine::new().observers(observers.clone()).clock(testing::clock()).stream(plan.account("test"))
        };
        assert!(sync().run().await.is_complete());
        vendor.customers().delete("c5");
        vendor.customers().put(Record::new("c7", UnifiedCustomer::default()));
        assert!(sync().run().await.is_complete());

        let op = |op| memory.sum(&RECORDS, &[("op", op)]);
        let read = memory.sum(&RECORDS_READ, &[("kind", "customer")]);
        assert!(read >= 22.0, "{read}");
        assert!(
            (read - (op("upsert") + op("delete") + op("unchanged") + op("rejected"))).abs() < f64::EPSILON
        );
        assert!(op("rejected") >= 1.0 && op("delete") >= 1.0, "{:?}", memory.snapshot());
        assert!((memory.sum(&SYNC_RUNS, &[("outcome", "ok")]) - 2.0).abs() < f64::EPSILON);
        assert!(memory.sum(&ATTEMPTS, &[]).abs() < f64::EPSILON, "the source sends no requests");

        lines.flush().unwrap();
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        let each = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let named = each.filter(|line| line["name"] == RECORDS_READ.name);
        let sum: f64 = named.map(|line| line["value"].as_f64().unwrap()).sum();
        assert!((sum - read).abs() < f64::EPSILON, "{text}");
        std::fs::remove_file(&path).ok();
    });
}
