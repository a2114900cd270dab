//! Destinations that are no database: a file, the host's own code, another adapter.

use std::{
    fs,
    sync::{Arc, atomic::Ordering},
};

use chrono::DateTime;
use orion_core::{
    Adapter, AdapterId, Change, Error, ErrorKind, Identity, Kind, Outcome, Record, Resources, Result, Retry,
    StreamKey, UnifiedCustomer, Write, WriteOp, WriteOptions,
    sync::{
        AdapterDestination, Applied, Batch, Checkpoint, Destination, Engine, JsonLinesDestination,
        MemoryCheckpoints, Plan, channel,
    },
    testing::{Memory, clock},
};

use super::{
    passes::{clocked, story},
    place::Folder,
    vendor::{Item, Vendor},
};

fn stream() -> StreamKey {
    StreamKey::new("vendor", "tenant-1", Kind::new("item"), "Thing")
}

fn batch(revision: u64, names: &[&str]) -> Arc<Batch<Item>> {
    let mut checkpoint = Checkpoint::new(false);
    checkpoint.revision = revision;
    let item = |name: &str| Item { name: name.to_owned(), revision, note: None };
    let changes = names.iter().map(|name| Change::Upsert(Record::new(*name, item(name)))).collect();
    Arc::new(Batch::new(stream(), changes, checkpoint, DateTime::UNIX_EPOCH))
}

async fn kept(destination: &JsonLinesDestination) -> Option<u64> {
    let opened = Destination::<Item>::open(destination, &stream()).await.unwrap();
    opened.map(|checkpoint| checkpoint.revision)
}

#[tokio::test]
async fn what_a_file_was_left_with_beyond_its_checkpoint_is_cut_off() {
    let folder = Folder::new();
    let path = folder.file("items.jsonl");
    let destination = JsonLinesDestination::open(&path).await.unwrap();
    destination.apply(batch(1, &["a", "nul \0 and\nline"])).await.unwrap();
    drop(destination);
    let whole = fs::read_to_string(&path).unwrap();
    assert_eq!(whole.lines().count(), 2);
    for torn in ["", r#"{"op":"upsert","id":"b""#, "{\"op\":\"upsert\",\"id\":\"b\"}\n{\"op"] {
        fs::write(&path, format!("{whole}{torn}")).unwrap();
        let destination = JsonLinesDestination::open(&path).await.unwrap();
        assert_eq!(kept(&destination).await, Some(1));
        assert_eq!(fs::read_to_string(&path).unwrap(), whole);
    }
    let destination = JsonLinesDestination::open(&path).await.unwrap();
    destination.apply(batch(2, &["c"])).await.unwrap();
    let replayed = destination.apply(batch(2, &["d"])).await.unwrap_err();
    assert_eq!(replayed.kind(), ErrorKind::Conflict);
    let lines = fs::read_to_string(&path).unwrap();
    assert_eq!((lines.lines().count(), lines.starts_with(&whole)), (3, true));
    let last: serde_json::Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    let expected = serde_json::json!({
        "op": "upsert", "adapter": "vendor", "account": "tenant-1", "kind": "item", "object": "Thing",
        "id": "c", "model": {"name": "c", "revision": 2, "note": null},
    });
    assert_eq!(last, expected);
}

#[tokio::test]
async fn files_that_cannot_be_used_are_refused_and_left_as_they_are() {
    let folder = Folder::new();
    let foreign = folder.file("foreign.jsonl");
    fs::write(&foreign, "{\"mine\":true}\n").unwrap();
    let error = JsonLinesDestination::open(&foreign).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(fs::read_to_string(&foreign).unwrap(), "{\"mine\":true}\n");

    let path = folder.file("items.jsonl");
    let destination = JsonLinesDestination::open(&path).await.unwrap();
    destination.apply(batch(1, &["a"])).await.unwrap();
    let second = JsonLinesDestination::open(&path).await.unwrap_err();
    assert_eq!(second.kind(), ErrorKind::Conflict);
    drop(destination);

    fs::write(&path, "{").unwrap();
    let short = JsonLinesDestination::open(&path).await.unwrap_err();
    assert_eq!(short.kind(), ErrorKind::Storage);
    assert_eq!(fs::read_to_string(&path).unwrap(), "{");
    fs::write(folder.file("items.jsonl.checkpoint"), "{\"version\"").unwrap();
    assert_eq!(JsonLinesDestination::open(&path).await.unwrap_err().kind(), ErrorKind::Storage);
    let newer = r#"{"version":2,"lines":0,"rejected":0,"streams":[]}"#;
    fs::write(folder.file("items.jsonl.checkpoint"), newer).unwrap();
    assert_eq!(JsonLinesDestination::open(&path).await.unwrap_err().kind(), ErrorKind::Config);
    let nowhere = JsonLinesDestination::open(folder.file("no/folder.jsonl")).await.unwrap_err();
    assert_eq!(nowhere.kind(), ErrorKind::Storage);
}

#[tokio::test]
async fn a_file_keeps_dead_letters_beside_it() {
    let folder = Folder::new();
    let path = folder.file("items.jsonl");
    let (mut vendor, _) = clocked(story());
    vendor.unreadable = vec![3];
    let destination = JsonLinesDestination::open(&path).await.unwrap();
    let report = Engine::new().stream(Plan::<Item, _>::new(Arc::new(vendor), destination)).run().await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!((report.counts().upserts, report.counts().rejected), (29, 1));
    let letters = fs::read_to_string(format!("{path}.rejected")).unwrap();
    let letter: serde_json::Value = serde_json::from_str(letters.trim_end()).unwrap();
    assert_eq!((&letter["id"], &letter["raw"]), (&"000003".into(), &r#"{"revision":"x"}"#.into()));
}

#[tokio::test]
async fn batches_are_handed_out_and_one_that_is_dropped_comes_again() {
    let (vendor, _) = clocked(story());
    let (destination, mut batches) = channel::<Item>();
    let store = MemoryCheckpoints::new();
    let engine =
        Engine::new().checkpoints(store).stream(Plan::<Item, Vendor>::new(Arc::new(vendor), destination));
    let dropping = async {
        batches.next().await.unwrap().ack();
        drop(batches.next().await.unwrap());
    };
    let (report, ()) = futures::join!(engine.run(), dropping);
    assert_eq!(report.errors().next().unwrap().1.kind(), ErrorKind::Cancelled);
    let mut ids = Vec::new();
    let receiving = async {
        for _ in 0..2 {
            let delivered = batches.next().await.unwrap();
            ids.extend(delivered.batch().changes.iter().map(|change| change.id().as_str().to_owned()));
            let changes = delivered.batch().changes.len() as u64;
            delivered.ack_with(Applied::upserts(changes));
        }
    };
    let (report, ()) = futures::join!(engine.run(), receiving);
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(ids, (10..30).map(|id| format!("{id:06}")).collect::<Vec<_>>());
    drop(engine);
    assert!(batches.next().await.is_none());
}

#[tokio::test]
async fn a_count_that_does_not_add_up_fails_the_stream_before_its_checkpoint() {
    let (vendor, _) = clocked(story());
    let (destination, mut batches) = channel::<Item>();
    let engine = Engine::new()
        .checkpoints(MemoryCheckpoints::new())
        .stream(Plan::<Item, _>::new(Arc::new(vendor), destination));
    let careless = async { batches.next().await.unwrap().ack_with(Applied::upserts(9)) };
    let (report, ()) = futures::join!(engine.run(), careless);
    let (_, error) = report.errors().next().unwrap();
    assert_eq!((error.kind(), report.counts().batches), (ErrorKind::Storage, 0));
}

fn customer(name: &str) -> UnifiedCustomer {
    let mut customer = UnifiedCustomer::default();
    customer.display_name = Some(name.to_owned());
    customer
}

fn names(vendor: &Memory) -> Vec<String> {
    let mut names: Vec<_> =
        vendor.customers().all().into_iter().filter_map(|record| record.model.display_name).collect();
    names.sort();
    names
}

#[tokio::test(start_paused = true)]
async fn records_go_from_one_adapter_into_another_changes_and_deletes_included() {
    let time = clock();
    let (source, target) = (Memory::named("source", time.clone()), Memory::named("target", time.clone()));
    for name in ["ada", "grace", "mary"] {
        source.customers().put(Record::new(name, customer(name)));
    }
    tokio::time::advance(std::time::Duration::from_secs(600)).await;
    let store = MemoryCheckpoints::new();
    let destination = AdapterDestination::new(Arc::new(target.clone()), "external_id").links(store.clone());
    let plan = Plan::<UnifiedCustomer, _>::new(Arc::new(source.clone()), destination);
    let engine = Engine::new().clock(time).checkpoints(store).stream(plan);
    let report = engine.run().await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!(names(&target), ["ada", "grace", "mary"]);

    tokio::time::advance(std::time::Duration::from_secs(600)).await;
    source.customers().put(Record::new("grace", customer("grace hopper")));
    source.customers().delete("mary");
    let report = engine.run().await;
    assert!(report.is_complete(), "{report:?}");
    assert_eq!((report.counts().upserts, report.counts().deletes), (1, 1));
    assert_eq!(names(&target), ["ada", "grace hopper"]);
}

#[tokio::test(start_paused = true)]
async fn what_an_overlapping_pass_reads_again_is_not_written_again() {
    let time = clock();
    let (source, target) = (Memory::named("source", time.clone()), Memory::named("target", time.clone()));
    tokio::time::advance(std::time::Duration::from_secs(600)).await;
    source.customers().put(Record::new("ada", customer("ada")));
    let store = MemoryCheckpoints::new();
    let destination = AdapterDestination::new(Arc::new(target.clone()), "external_id").links(store.clone());
    let plan = Plan::<UnifiedCustomer, _>::new(Arc::new(source.clone()), destination);
    let engine = Engine::new().clock(time).checkpoints(store).stream(plan);
    let written = || target.customers().all()[0].meta.version.clone();
    let mut told = Vec::new();
    for step in ["made", "left alone", "changed", "left alone", "deleted", "restored"] {
        tokio::time::advance(std::time::Duration::from_secs(5)).await;
        match step {
            "changed" | "restored" => {
                source.customers().put(Record::new("ada", customer("ada lovelace")));
            }
            "deleted" => assert!(source.customers().delete("ada")),
            _ => {}
        }
        let before = (!told.is_empty() && step == "left alone").then(written);
        let report = engine.run().await;
        assert!(report.is_complete(), "{report:?}");
        assert!(before.is_none_or(|before| before == written()), "{step}, and yet written");
        told.push((report.counts().upserts, report.counts().deletes, report.counts().unchanged));
    }
    assert_eq!(told, [(1, 0, 0), (0, 0, 1), (1, 0, 0), (0, 0, 1), (0, 1, 0), (1, 0, 0)]);
    assert_eq!(names(&target), ["ada lovelace"]);
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_goes_when_its_record_comes_well() {
    let (source, target) = (Memory::named("source", clock()), Memory::named("target", clock()));
    target.customers().refuse(|record| record.model.display_name.as_deref() == Some("bad"));
    source.customers().put(Record::new("ada", customer("bad")));
    let store = MemoryCheckpoints::new();
    let destination = AdapterDestination::new(Arc::new(target.clone()), "external_id");
    let plan = Plan::<UnifiedCustomer, _>::new(Arc::new(source.clone()), destination);
    let engine = Engine::new().clock(clock()).checkpoints(store.clone()).stream(plan);
    for _ in 0..2 {
        assert!(engine.run().await.is_complete());
        assert_eq!(store.dead_letters().len(), 1, "one that comes again is kept once");
    }
    source.customers().put(Record::new("ada", customer("ada")));
    assert!(engine.run().await.is_complete());
    assert_eq!((store.dead_letters(), names(&target)), (vec![], vec!["ada".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_delete_without_links_is_a_dead_letter_that_says_so() {
    let (source, target) = (Memory::named("source", clock()), Memory::named("target", clock()));
    source.customers().put(Record::new("ada", customer("ada")));
    let store = MemoryCheckpoints::new();
    let destination = AdapterDestination::new(Arc::new(target), "external_id");
    let plan = Plan::<UnifiedCustomer, _>::new(Arc::new(source.clone()), destination);
    let engine = Engine::new().clock(clock()).checkpoints(store.clone()).stream(plan);
    engine.run().await;
    source.customers().delete("ada");
    assert!(engine.run().await.is_complete());
    let letters = store.dead_letters();
    assert!(letters.len() == 1 && letters[0].reason.contains("`links`"), "{letters:?}");
}

/// Refuses `bad`, cannot be reached for `far` once, and takes the rest.
struct Picky(std::sync::atomic::AtomicU64);

#[async_trait::async_trait]
impl Adapter for Picky {
    fn id(&self) -> AdapterId {
        AdapterId::new("picky", "1")
    }

    fn resources(self: Arc<Self>) -> Resources {
        Resources::of(self).writes::<Item>().build()
    }

    async fn check(&self) -> Result<Identity> {
        Ok(Identity::new("picky"))
    }
}

impl Write<Item> for Picky {
    async fn write(&self, options: &WriteOptions, records: &[Record<Item>]) -> Result<Vec<Outcome>> {
        assert_eq!(options.op, WriteOp::Upsert { key: "Source_Id__c".into() });
        let call = self.0.fetch_add(1, Ordering::SeqCst);
        let one = |record: &Record<Item>| match record.extra.text("Source_Id__c") {
            Some("bad") => Err(Error::new(ErrorKind::Rejected, "no")),
            Some("far") if call == 0 => Err(Error::new(ErrorKind::Timeout, "late").with_retry(Retry::Now)),
            Some(id) => Ok(orion_core::Written::created(format!("p-{id}"))),
            None => Err(Error::new(ErrorKind::Config, "the record has no key")),
        };
        Ok(records.iter().map(one).collect())
    }
}

#[tokio::test]
async fn a_refused_record_is_a_dead_letter_and_an_outage_brings_the_batch_again() {
    let destination = AdapterDestination::new(Arc::new(Picky(0.into())), "Source_Id__c");
    let outage = destination.apply(batch(1, &["a", "bad", "far"])).await.unwrap_err();
    assert_eq!(outage.kind(), ErrorKind::Timeout);
    let applied = destination.apply(batch(1, &["a", "bad", "far"])).await.unwrap();
    assert_eq!(applied.upserts, 2);
    let refused = &applied.rejected[0];
    assert_eq!(refused.id.as_ref().map(orion_core::RecordId::as_str), Some("bad"));
    assert!(refused.raw.contains(r#""name":"bad""#), "{}", refused.raw);
}
