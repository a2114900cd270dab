//! Passes of the engine into SQLite.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::DateTime;
use orion_core::{
    RecordId,
    sync::{Engine, Filter, Plan, SqlDestination},
};

use super::vendor::{Happening, Item, Vendor};

pub(crate) async fn stored(destination: &SqlDestination) -> BTreeMap<RecordId, u64> {
    let records = destination.records::<Item>(&Filter::new()).await.unwrap();
    records.into_iter().map(|record| (record.id, record.model.revision)).collect()
}

fn happen(at: i64, id: u32, gone: bool) -> Happening {
    Happening { at, id, gone }
}

/// Thirty records at the start; later some change, some go, one is new.
fn story() -> Vec<Happening> {
    let mut story: Vec<Happening> = (0..30).map(|id| happen(0, id, false)).collect();
    story.extend((0..5).map(|id| happen(100_000, id, false)));
    story.extend((5..8).map(|id| happen(100_000, id, true)));
    story.push(happen(100_000, 90, false));
    story
}

fn clocked(story: Vec<Happening>) -> (Vendor, Arc<AtomicI64>) {
    let clock = Arc::new(AtomicI64::new(1000));
    let now = Arc::clone(&clock);
    (Vendor::new(DateTime::UNIX_EPOCH, story, move || now.load(Ordering::SeqCst)), clock)
}

#[tokio::test]
async fn a_backfill_is_followed_by_what_changed_deletes_included() {
    let (vendor, clock) = clocked(story());
    let vendor = Arc::new(vendor);
    let destination = SqlDestination::open(":memory:").await.unwrap();
    let engine = Engine::new().stream(Plan::<Item, _>::new(Arc::clone(&vendor), destination.clone()));

    let report = engine.run().await;
    assert!(report.is_complete(), "{report:?}");
    let backfill = &report.streams[0];
    assert_eq!((backfill.phase, backfill.counts.read, backfill.counts.upserts), ("backfill", 30, 30));
    assert_eq!(backfill.stream.to_string(), "vendor/tenant-1/item/Thing");
    assert_eq!(stored(&destination).await, vendor.live(1000));

    clock.store(200_000, Ordering::SeqCst);
    let report = engine.run().await;
    assert!(report.is_complete(), "{report:?}");
    let changes = &report.streams[0];
    assert_eq!(changes.phase, "incremental");
    let counts = changes.counts;
    assert_eq!((counts.upserts, counts.deletes, counts.unchanged), (6, 3, 22));
    assert_eq!(stored(&destination).await, vendor.live(200_000));

    let counts = engine.run().await.counts();
    assert_eq!((counts.upserts, counts.deletes, counts.unchanged), (0, 0, 0), "nothing happened since");
}
