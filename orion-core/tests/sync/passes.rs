//! Passes of the engine.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::DateTime;
use orion_core::{
    Error, ErrorKind, RecordId, Retry,
    observe::{Drift, Event, Observers},
    sync::{Deletes, Engine, Filter, Plan, Policy, SqlDestination},
    testing::Events,
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
pub(crate) fn story() -> Vec<Happening> {
    let mut story: Vec<Happening> = (0..30).map(|id| happen(0, id, false)).collect();
    story.extend((0..5).map(|id| happen(100_000, id, false)));
    story.extend((5..8).map(|id| happen(100_000, id, true)));
    story.push(happen(100_000, 90, false));
    story
}

pub(crate) fn clocked(story: Vec<Happening>) -> (Vendor, Arc<AtomicI64>) {
    let clock = Arc::new(AtomicI64::new(1000));
    let now = Arc::clone(&clock);
    (Vendor::new(DateTime::UNIX_EPOCH, story, move || now.load(Ordering::SeqCst)), clock)
}

async fn memory() -> SqlDestination {
    SqlDestination::open(":memory:").await.unwrap()
}

fn plan(vendor: &Arc<Vendor>, destination: &SqlDestination) -> Plan<Item, Vendor> {
    Plan::new(Arc::clone(vendor), destination.clone())
}

fn failure(kind: ErrorKind, retry: Retry) -> Error {
    Error::new(kind, "told to fail").with_retry(retry)
}

#[tokio::test]
async fn a_backfill_is_followed_by_what_changed_deletes_included() {
    let (vendor, clock) = clocked(story());
    let vendor = Arc::new(vendor);
    let destination = memory().await;
    let engine = Engine::new().stream(plan(&vendor, &destination));

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

#[tokio::test]
async fn a_pass_asks_from_before_the_moment_the_last_complete_one_began() {
    let (vendor, clock) = clocked(story());
    let vendor = Arc::new(vendor);
    let destination = memory().await;
    let engine =
        Engine::new().stream(plan(&vendor, &destination).overlap(Duration::from_secs(7)).page_size(10));
    clock.store(50_000, Ordering::SeqCst);
    engine.run().await;
    clock.store(200_000, Ordering::SeqCst);
    engine.run().await;
    let queries = vendor.queries.lock().unwrap().clone();
    let (backfill, changes) = queries.split_at(3);
    assert!(
        backfill.iter().all(|query| query.since.is_none() && !query.deletes && query.page_size == Some(10))
    );
    assert!(
        changes.iter().all(|query| query.since == Some(vendor.time(43_000)) && query.deletes),
        "{changes:?}"
    );
}

#[tokio::test]
async fn an_expired_position_starts_the_pass_again_and_loses_nothing() {
    let (mut vendor, clock) = clocked(story());
    // The third page of the first try is refused, and a record goes between the two tries.
    let tick = Arc::clone(&clock);
    vendor.refuse = Box::new(move |query, reads| {
        let expired = reads == 2 && query.cursor.is_some();
        expired.then(|| {
            tick.store(150_000, Ordering::SeqCst);
            failure(ErrorKind::Expired, Retry::Never)
        })
    });
    let vendor = Arc::new(vendor);
    let destination = memory().await;
    let engine = Engine::new().stream(plan(&vendor, &destination));
    let report = engine.run().await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(report.counts().read, 20 + 28, "two pages, then everything");
    assert!(engine.run().await.is_complete());
    assert_eq!(stored(&destination).await, vendor.live(150_000), "what went between the tries went here too");
}

#[tokio::test]
async fn a_mark_too_old_for_the_source_leads_to_a_full_read_that_also_deletes() {
    let (mut vendor, clock) = clocked(story());
    vendor.refuse =
        Box::new(|query, _| query.since.is_some().then(|| failure(ErrorKind::Expired, Retry::Never)));
    let vendor = Arc::new(vendor);
    let destination = memory().await;
    let engine = Engine::new().stream(plan(&vendor, &destination));
    engine.run().await;
    clock.store(200_000, Ordering::SeqCst);
    let report = engine.run().await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(report.counts().swept, 3);
    assert_eq!(stored(&destination).await, vendor.live(200_000));
}

#[tokio::test(start_paused = true)]
async fn reads_worth_repeating_are_repeated_up_to_the_limit_and_others_are_not() {
    // How often reading fails, with what, and how many reads are made.
    let table = [
        (2, ErrorKind::Transport, Retry::Now, 5, true),
        (2, ErrorKind::RateLimited, Retry::After(Duration::from_secs(3600)), 5, true),
        (2, ErrorKind::Timeout, Retry::Exhausted, 5, true),
        (3, ErrorKind::Transport, Retry::Now, 3, false),
        (1, ErrorKind::Forbidden, Retry::Never, 1, false),
    ];
    for (failures, kind, retry, reads, complete) in table {
        let (mut vendor, _) = clocked(story());
        vendor.refuse = Box::new(move |_, reads| (reads < failures).then(|| failure(kind, retry)));
        let vendor = Arc::new(vendor);
        let store = orion_core::sync::MemoryCheckpoints::new();
        let destination = super::recorder::Recorder::default();
        let plan = Plan::<Item, _>::new(Arc::clone(&vendor), destination);
        let report = Engine::new().checkpoints(store).stream(plan).run().await;
        assert_eq!(report.is_complete(), complete, "{kind:?}");
        assert_eq!(vendor.reads.load(Ordering::SeqCst), reads, "{kind:?}");
        assert_eq!(report.errors().map(|(_, error)| error.kind()).next(), (!complete).then_some(kind));
    }
}

#[tokio::test]
async fn a_stream_fails_by_itself_and_goes_on_where_it_was() {
    let (mut broken, _) = clocked(story());
    broken.refuse = Box::new(|query, reads| {
        (query.cursor.is_some() && reads == 1).then(|| failure(ErrorKind::Rejected, Retry::Never))
    });
    let (sound, _) = clocked(story());
    let (broken, sound) = (Arc::new(broken), Arc::new(sound));
    let destination = memory().await;
    let engine = Engine::new()
        .stream(plan(&broken, &destination).account("a"))
        .stream(plan(&sound, &destination).account("b"));
    let report = engine.run().await;
    let failed: Vec<&str> = report.errors().map(|(stream, _)| &*stream.account).collect();
    assert_eq!(failed, ["a"]);
    assert_eq!((report.streams[0].counts.read, report.streams[1].counts.read), (10, 30));
    let report = engine.run().await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(
        (report.streams[0].phase, report.streams[0].counts.read),
        ("backfill", 20),
        "the first page is not read again"
    );
}

#[tokio::test]
async fn streams_side_by_side_into_one_file_all_arrive() {
    let place = super::place::Place::sqlite();
    let mut engine = Engine::new().concurrency(8);
    let mut vendors = Vec::new();
    for n in 0..8 {
        let (vendor, _) = clocked(story());
        let vendor = Arc::new(vendor);
        // Every other one by connections of its own, as another process would.
        let destination = SqlDestination::open(place.url.clone()).await.unwrap();
        engine = engine.stream(plan(&vendor, &destination).account(n.to_string()));
        vendors.push(vendor);
    }
    let report = engine.run().await;
    assert!(report.is_complete(), "{report:?}");
    let all = SqlDestination::open(place.url.clone()).await.unwrap();
    assert_eq!(all.count::<Item>(&Filter::new()).await.unwrap(), 8 * 30);
}

#[tokio::test]
async fn bad_records_become_dead_letters_and_everything_is_told() {
    let (mut vendor, _) = clocked(story());
    vendor.unreadable = vec![3, 17];
    let destination = memory().await;
    let events = Events::new();
    let engine =
        Engine::new().observers(Observers::one(events.clone())).stream(plan(&Arc::new(vendor), &destination));
    let report = engine.run().await;
    assert!(report.is_complete(), "{report:?}");
    let counts = report.counts();
    assert_eq!((counts.read, counts.upserts, counts.rejected), (30, 28, 2));
    let letters = destination.dead_letters().await.unwrap();
    let told: Vec<_> = letters.iter().filter_map(|l| Some((l.id.as_ref()?.as_str(), &*l.raw))).collect();
    assert_eq!(told, [("000003", r#"{"revision":"x"}"#), ("000017", r#"{"revision":"x"}"#)]);
    let names: Vec<&str> = events.all().iter().map(|event| event.name).collect();
    let expected =
        ["stream_started", "rejected", "committed", "rejected", "committed", "committed", "stream_finished"];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn changes_of_the_sources_fields_are_told_once_across_restarts() {
    let field = Arc::new(AtomicI64::new(0));
    let version = Arc::clone(&field);
    let (mut vendor, clock) = clocked(story());
    vendor.fields = Box::new(move |_| match version.load(Ordering::SeqCst) {
        0 => [("size", serde_json::json!(1)), ("old", serde_json::json!("x"))].into_iter().collect(),
        _ => [("size", serde_json::json!("large")), ("new", serde_json::json!(true))].into_iter().collect(),
    });
    let (vendor, destination, told) = (Arc::new(vendor), memory().await, Arc::new(Mutex::new(Vec::new())));
    let run = || async {
        let tell = Arc::clone(&told);
        let observers = Observers::one(move |event: &Event<'_>| {
            if let Event::Drift { field, change, .. } = event {
                tell.lock().unwrap().push(match change {
                    Drift::Added(to) => format!("{field}: added {to}"),
                    Drift::Removed => format!("{field}: removed"),
                    Drift::Retyped { from, to } => format!("{field}: {from} to {to}"),
                    other => format!("{other:?}"),
                });
            }
        });
        let engine = Engine::new().observers(observers).stream(plan(&vendor, &destination));
        assert!(engine.run().await.is_complete());
        told.lock().unwrap().clone()
    };
    assert_eq!(run().await, [""; 0], "the first read is taken as given");
    clock.store(200_000, Ordering::SeqCst);
    field.store(1, Ordering::SeqCst);
    assert_eq!(run().await, ["new: added boolean", "size: number to string", "old: removed"]);
    clock.store(220_000, Ordering::SeqCst);
    assert_eq!(run().await.len(), 3, "and no more");
}

#[tokio::test]
async fn a_source_that_reports_no_deletes_is_compared_in_full() {
    let (mut vendor, clock) = clocked(story());
    vendor.reports_deletes = false;
    let vendor = Arc::new(vendor);
    let destination = memory().await;
    let engine = Engine::new().stream(plan(&vendor, &destination).deletes(Deletes::full_diff()));
    engine.run().await;
    clock.store(200_000, Ordering::SeqCst);
    let report = engine.run().await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!((report.streams[0].phase, report.counts().swept), ("backfill", 3));
    assert_eq!(stored(&destination).await, vendor.live(200_000));
}

#[tokio::test]
async fn a_full_refresh_reads_everything_each_time_and_hears_of_deletes() {
    let (vendor, clock) = clocked(story());
    let (vendor, destination) = (Arc::new(vendor), memory().await);
    let mut policy = Policy::default();
    policy.full_refresh = true;
    let engine = Engine::new().stream(plan(&vendor, &destination).policy(policy));
    engine.run().await;
    clock.store(200_000, Ordering::SeqCst);
    let report = engine.run().await;
    assert_eq!((report.streams[0].phase, report.counts().read), ("backfill", 31));
    assert_eq!(stored(&destination).await, vendor.live(200_000));
}

#[tokio::test]
async fn a_record_without_an_id_is_set_aside_and_keeps_a_full_diff_from_deleting() {
    let (mut vendor, clock) = clocked(story());
    vendor.nameless = vec![20];
    let (vendor, destination) = (Arc::new(vendor), memory().await);
    let engine = Engine::new().stream(plan(&vendor, &destination).deletes(Deletes::full_diff()));
    engine.run().await;
    clock.store(200_000, Ordering::SeqCst);
    let counts = engine.run().await.counts();
    assert_eq!((counts.rejected, counts.swept), (1, 0), "what is missing may be what has no id");
    assert_eq!(destination.dead_letters().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_source_that_goes_in_circles_is_stopped() {
    let circle = Arc::new(super::recorder::Circle);
    let plan = Plan::<Item, _>::new(circle, memory().await);
    let report = Engine::new().stream(plan).run().await;
    assert_eq!(report.errors().next().unwrap().1.kind(), ErrorKind::Malformed);
    assert_eq!(report.counts().batches, 2);
}

#[tokio::test]
async fn plans_that_cannot_work_say_what_is_missing() {
    let (vendor, _) = clocked(story());
    let vendor = Arc::new(vendor);
    let recorder = super::recorder::Recorder::default;
    let without_store = Engine::new().stream(Plan::<Item, _>::new(Arc::clone(&vendor), recorder()));
    let diff = Plan::<Item, _>::new(Arc::clone(&vendor), recorder()).policy({
        let mut policy = Policy::default();
        policy.deletes = Deletes::full_diff();
        policy
    });
    for (engine, advice) in
        [(without_store, "checkpoints("), (Engine::new().stream(diff), "SQLite or Postgres")]
    {
        let report = engine.run().await;
        let (_, error) = report.errors().next().unwrap();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(advice), "{error}");
    }
    assert_eq!(vendor.reads.load(Ordering::SeqCst), 0, "and nothing was read");
}
