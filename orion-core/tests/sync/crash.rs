//! A process that syncs is killed at random moments, a hundred times, and started again.
//!
//! The child is this test binary, told by an environment variable to sync. Its vendor's time is given by the parent and moves on with each
//! child, so that records change and go while the sync is down, too.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read as _},
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::DateTime;
use orion_core::{
    RecordId,
    sync::{Engine, JsonLinesDestination, Plan, SqlDestination},
};

use super::{
    passes::stored,
    place::{Folder, Place},
    vendor::{Happening, Item, Vendor},
};

const TASK: &str = "ORION_CRASH_TASK";
const SEED: u64 = 20_260_101;
/// Milliseconds of the vendor's time that one child may see.
const SPAN: i64 = 100;
const RECORDS: u32 = 400;
const KILLS: i64 = 100;

/// Records are there at the start; then, twice every millisecond, one is made, changed, deleted or restored.
fn story() -> Vec<Happening> {
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut story: Vec<Happening> = (0..RECORDS).map(|id| Happening { at: 0, id, gone: false }).collect();
    for at in 1..=KILLS * SPAN {
        for _ in 0..2 {
            story.push(Happening { at, id: random.u32(0..RECORDS + 50), gone: random.u8(0..4) == 0 });
        }
    }
    story
}

/// The vendor as a child sees it: from `from` on, for a span at most.
fn vendor(from: i64) -> Vendor {
    let started = Instant::now();
    let passed = move || i64::try_from(started.elapsed().as_millis()).unwrap_or(SPAN).min(SPAN - 1);
    let mut vendor = Vendor::new(DateTime::UNIX_EPOCH, story(), move || from + passed());
    vendor.page = 37;
    vendor.latency = Duration::from_millis(1);
    vendor
}

/// Not a test of its own: what the child does.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the child's task and its answer")]
async fn child() {
    let Ok(task) = std::env::var(TASK) else { return };
    let (from, url) = task.split_once(' ').unwrap();
    let last = from == "last";
    let source = Arc::new(vendor(if last { KILLS * SPAN } else { from.parse().unwrap() }));
    println!("\nsyncing");
    let overlap = Duration::from_millis(20);
    let engine = match url.strip_suffix(".jsonl") {
        Some(_) => {
            let destination = JsonLinesDestination::open(url).await.unwrap();
            Engine::new().stream(Plan::<Item, _>::new(source, destination).overlap(overlap))
        }
        None => {
            let destination = SqlDestination::open(url).await.unwrap();
            Engine::new().stream(Plan::<Item, _>::new(source, destination).overlap(overlap))
        }
    };
    for pass in 0.. {
        let report = engine.run().await;
        assert!(report.is_complete(), "{report:?}");
        if last && pass > 0 {
            break;
        }
    }
}

/// Starts a child and waits until it syncs. Its output has to be kept open: it ends with the report of the test binary.
fn spawn(from: &str, url: &str) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child", "--nocapture", "--test-threads=1"])
        .env(TASK, format!("{from} {url}"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let ready = output.by_ref().lines().map_while(Result::ok).any(|line| line == "syncing");
    assert!(ready, "the child ended before it began");
    (child, output)
}

/// Kills a child at each of many random moments, lets the last one finish, and returns what the source holds.
async fn kill_many(url: &str, kills: i64) -> BTreeMap<RecordId, u64> {
    let mut random = fastrand::Rng::with_seed(SEED ^ kills.unsigned_abs());
    let mut killed = 0;
    for n in 0..kills {
        let (mut child, _output) = spawn(&(n * SPAN * KILLS / kills).to_string(), url);
        tokio::time::sleep(Duration::from_micros(random.u64(0..80_000))).await;
        child.kill().unwrap();
        killed += i64::from(child.wait().unwrap().code().is_none());
    }
    assert_eq!(killed, kills, "every child but the last was killed while it worked");
    let (mut last, mut output) = spawn("last", url);
    let mut told = String::new();
    output.read_to_string(&mut told).unwrap();
    assert!(last.wait().unwrap().success(), "{told}");
    vendor(KILLS * SPAN).live(KILLS * SPAN)
}

async fn a_database(place: Place) {
    let source = kill_many(&place.url, KILLS).await;
    let destination = SqlDestination::open(place.url.clone()).await.unwrap();
    let stored = stored(&destination).await;
    let lost: Vec<_> = source.keys().filter(|id| !stored.contains_key(id)).collect();
    let resurrected: Vec<_> = stored.keys().filter(|id| !source.contains_key(id)).collect();
    assert_eq!((lost, resurrected), (Vec::new(), Vec::new()));
    assert_eq!(stored, source, "and each is in its last state");
    place.clear().await;
}

#[tokio::test]
async fn killed_a_hundred_times_sqlite_equals_the_source() {
    a_database(Place::sqlite()).await;
}

#[tokio::test]
async fn killed_a_hundred_times_postgres_equals_the_source() {
    if let Some(place) = Place::postgres().await {
        a_database(place).await;
    }
}

#[tokio::test]
async fn killed_many_times_a_json_lines_file_has_whole_lines_that_add_up_to_the_source() {
    let folder = Folder::new();
    let path = folder.file("items.jsonl");
    let source = kill_many(&path, 25).await;
    let mut live = BTreeMap::new();
    for line in std::fs::read_to_string(&path).unwrap().lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("no line is torn");
        let id = RecordId::from(line["id"].as_str().unwrap());
        match line["op"].as_str() {
            Some("upsert") => live.insert(id, line["model"]["revision"].as_u64().unwrap()),
            _ => live.remove(&id),
        };
    }
    assert_eq!(live, source);
}
