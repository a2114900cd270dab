//! What SQLite and Postgres have to do alike.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use orion_core::{
    Change, Error, ErrorKind, Fields, Kind, Meta, Record, RecordId, Rejected, StreamKey,
    sync::{
        Applied, Batch, Checkpoint, CheckpointStore, Commit, Destination, Filter, Link, Links,
        SqlDestination, Sweep,
    },
};

use super::{place::Place, vendor::Item};

fn stream() -> StreamKey {
    StreamKey::new("vendor", "tenant-1", Kind::new("item"), "Thing")
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

/// `seconds` 0: the source does not say when.
fn upsert(id: &str, seconds: i64, revision: u64) -> Change<Item> {
    let mut meta = Meta::default();
    meta.modified_at = (seconds > 0).then(|| at(seconds));
    let model = Item { name: format!("item {id}"), revision, note: None };
    Change::Upsert(Record::new(id, model).with_meta(meta))
}

fn delete(id: &str, seconds: i64) -> Change<Item> {
    Change::Delete { id: id.into(), at: (seconds > 0).then(|| at(seconds)) }
}

fn checkpoint(revision: u64) -> Checkpoint {
    let mut checkpoint = Checkpoint::new(false);
    checkpoint.revision = revision;
    checkpoint
}

/// Applies batches one after the other to a stream.
struct Session {
    destination: SqlDestination,
    stream: StreamKey,
    revision: u64,
}

impl Session {
    async fn open(place: &Place) -> Self {
        let destination = SqlDestination::open(place.url.clone()).await.unwrap();
        Self::on(destination, stream()).await
    }

    async fn on(destination: SqlDestination, stream: StreamKey) -> Self {
        let opened = Destination::<Item>::open(&destination, &stream).await.unwrap();
        Self { destination, stream, revision: opened.map_or(0, |checkpoint| checkpoint.revision) }
    }

    fn batch(&self, changes: Vec<Change<Item>>) -> Batch<Item> {
        Batch::new(self.stream.clone(), changes, checkpoint(self.revision + 1), at(1_000_000))
    }

    async fn apply(&mut self, batch: Batch<Item>) -> Result<Applied, Error> {
        let applied = self.destination.apply(Arc::new(batch)).await?;
        self.revision += 1;
        Ok(applied)
    }

    async fn change(&mut self, changes: Vec<Change<Item>>) -> (u64, u64, u64) {
        let applied = self.apply(self.batch(changes)).await.unwrap();
        (applied.upserts, applied.deletes, applied.unchanged)
    }

    async fn live(&self) -> Vec<(String, u64)> {
        let records = self.destination.records::<Item>(&Filter::stream(&self.stream)).await.unwrap();
        records.into_iter().map(|record| (record.id.as_str().to_owned(), record.model.revision)).collect()
    }
}

fn named(live: &[(&str, u64)]) -> Vec<(String, u64)> {
    live.iter().map(|(id, revision)| ((*id).to_owned(), *revision)).collect()
}

/// Changes to one record, the revision that is live at the end (0: none), and what the last change did.
type Case = (Vec<Change<Item>>, u64, (u64, u64, u64));

#[tokio::test]
async fn the_newest_state_of_a_record_wins_in_whatever_order_it_comes() {
    let table: Vec<Case> = vec![
        (vec![upsert("a", 10, 1)], 1, (1, 0, 0)),
        (vec![upsert("a", 10, 1), upsert("a", 20, 2)], 2, (1, 0, 0)),
        (vec![upsert("a", 20, 2), upsert("a", 10, 1)], 2, (0, 0, 1)),
        (vec![upsert("a", 10, 1), upsert("a", 10, 1)], 1, (0, 0, 1)),
        (vec![upsert("a", 10, 1), upsert("a", 10, 2)], 2, (1, 0, 0)),
        (vec![upsert("a", 0, 1), upsert("a", 0, 2)], 2, (1, 0, 0)),
        (vec![upsert("a", 0, 1), upsert("a", 0, 1)], 1, (0, 0, 1)),
        (vec![upsert("a", 0, 1), upsert("a", 10, 2)], 2, (1, 0, 0)),
        (vec![upsert("a", 10, 1), delete("a", 20)], 0, (0, 1, 0)),
        (vec![upsert("a", 10, 1), delete("a", 10)], 0, (0, 1, 0)),
        (vec![upsert("a", 10, 1), delete("a", 0)], 0, (0, 1, 0)),
        (vec![upsert("a", 20, 2), delete("a", 10)], 2, (0, 0, 1)),
        (vec![upsert("a", 10, 1), delete("a", 20), delete("a", 20)], 0, (0, 0, 1)),
        // A late or replayed older state brings nothing back.
        (vec![upsert("a", 10, 1), delete("a", 20), upsert("a", 10, 1)], 0, (0, 0, 1)),
        (vec![upsert("a", 10, 1), delete("a", 20), upsert("a", 20, 2)], 0, (0, 0, 1)),
        (vec![upsert("a", 10, 1), delete("a", 0), upsert("a", 10, 1)], 0, (0, 0, 1)),
        (vec![delete("a", 20), upsert("a", 10, 1)], 0, (0, 0, 1)),
        (vec![delete("a", 20), delete("a", 20)], 0, (0, 0, 1)),
        (vec![delete("a", 20)], 0, (0, 0, 1)),
        // A record that was restored, or made again, does come back.
        (vec![upsert("a", 10, 1), delete("a", 20), upsert("a", 30, 3)], 3, (1, 0, 0)),
        (vec![upsert("a", 10, 1), delete("a", 0), upsert("a", 30, 3)], 3, (1, 0, 0)),
        (vec![delete("a", 20), upsert("a", 0, 3)], 3, (1, 0, 0)),
    ];
    for place in Place::all().await {
        let destination = SqlDestination::open(place.url.clone()).await.unwrap();
        for (row, (changes, live, last)) in table.iter().enumerate() {
            let key =
                |way: &str| StreamKey::new("vendor", &format!("{way}-{row}"), Kind::new("item"), "Thing");
            let mut one_by_one = Session::on(destination.clone(), key("single")).await;
            let mut did = (0, 0, 0);
            for change in changes {
                did = one_by_one.change(vec![change.clone()]).await;
            }
            let expected = if *live > 0 { named(&[("a", *live)]) } else { Vec::new() };
            assert_eq!(one_by_one.live().await, expected, "row {row}");
            assert_eq!(did, *last, "row {row}");
            let mut at_once = Session::on(destination.clone(), key("batch")).await;
            let did = at_once.change(changes.clone()).await;
            assert_eq!(
                did.0 + did.1 + did.2,
                changes.len() as u64,
                "row {row}: every change is accounted for"
            );
            assert_eq!(at_once.live().await, expected, "row {row}, in one batch");
        }
        place.clear().await;
    }
}

#[tokio::test]
async fn a_batch_of_many_chunks_is_applied_whole_and_a_replay_changes_nothing() {
    for place in Place::all().await {
        let mut session = Session::open(&place).await;
        let all: Vec<Change<Item>> =
            (0..4500).map(|n| upsert(&format!("{:05}", (n * 7919) % 4500), 10, 1)).collect();
        assert_eq!(session.change(all.clone()).await, (4500, 0, 0));
        assert_eq!(session.change(all).await, (0, 0, 4500));
        let gone: Vec<Change<Item>> = (0..4500).step_by(2).map(|n| delete(&format!("{n:05}"), 20)).collect();
        assert_eq!(session.change(gone.clone()).await, (0, 2250, 0));
        assert_eq!(session.change(gone).await, (0, 0, 2250));
        let destination = &session.destination;
        let count = |filter| async move { destination.count::<Item>(&filter).await.unwrap() };
        assert_eq!((count(Filter::new()).await, count(Filter::new().deleted()).await), (2250, 2250));
        place.clear().await;
    }
}

#[tokio::test]
async fn of_two_runs_at_the_same_revision_one_commits_and_the_other_leaves_nothing() {
    for place in Place::all().await {
        let session = Session::open(&place).await;
        let other = SqlDestination::open(place.url.clone()).await.unwrap();
        for revision in 0..10 {
            let batch = |id: &str| {
                let checkpoint = checkpoint(revision + 1);
                Arc::new(Batch::new(stream(), vec![upsert(id, 10, revision)], checkpoint, at(0)))
            };
            let (one, two) = (format!("one-{revision}"), format!("two-{revision}"));
            let (a, b) = futures::join!(session.destination.apply(batch(&one)), other.apply(batch(&two)));
            let (winner, loser) = if a.is_ok() { (one, b) } else { (two, a) };
            assert_eq!(loser.unwrap_err().kind(), ErrorKind::Conflict);
            let live = session.live().await;
            assert_eq!(live.len() as u64, revision + 1);
            assert!(live.iter().any(|(id, _)| *id == winner));
        }
        let kept = Destination::<Item>::open(&other, &stream()).await.unwrap();
        assert_eq!(kept.map(|checkpoint| checkpoint.revision), Some(10));
        place.clear().await;
    }
}

#[tokio::test]
async fn every_character_comes_back() {
    let texts = [
        "plain",
        "",
        "nul \0 inside",
        "\0",
        "C:\\u0000 is no nul",
        "\u{e000}",
        "\u{e000}0 \u{e000}e \0\u{e000}",
        "quotes ' \" ` $1 ? %s",
        "back\\slash \\\" \\",
        "line\nbreak\r\ttab",
        "\u{1}\u{7f}\u{85}\u{2028}",
        "Zoë 日本語 👩‍👩‍👧 \u{10ffff}",
    ];
    for place in Place::all().await {
        let mut session = Session::open(&place).await;
        let mut records: Vec<Record<Item>> = texts
            .iter()
            .enumerate()
            .map(|(n, text)| {
                let mut meta = Meta::default();
                meta.created_at = DateTime::from_timestamp_micros(-5);
                meta.modified_at = DateTime::from_timestamp_micros(1_700_000_000_123_456);
                (meta.version, meta.url) = (Some((*text).into()), Some((*text).into()));
                meta.source = orion_core::Source::new("vendor", "Thing");
                let extra: Fields = [(*text, *text)].into_iter().collect();
                let model =
                    Item { name: (*text).to_owned(), revision: u64::MAX, note: Some((*text).to_owned()) };
                Record::new(format!("{n:02}{text}"), model).with_meta(meta).with_extra(extra)
            })
            .collect();
        let changes = records.iter().cloned().map(Change::Upsert).collect::<Vec<_>>();
        assert_eq!(session.change(changes.clone()).await.0, texts.len() as u64);
        assert_eq!(session.change(changes).await.2, texts.len() as u64, "the same is no change");
        let read = session.destination.records::<Item>(&Filter::new()).await.unwrap();
        records.sort_by(|a, b| a.id.cmp(&b.id));
        assert_eq!(read, records);
        place.clear().await;
    }
}

#[tokio::test]
async fn dead_letters_keep_what_came_and_why_and_one_that_comes_again_is_kept_once() {
    for place in Place::all().await {
        let mut session = Session::open(&place).await;
        let rejected = |id: Option<&str>, raw: &str| {
            let source = std::io::Error::other("cause");
            let reason = Error::new(ErrorKind::Malformed, "no number").with_source(source);
            Rejected::new(id.map(RecordId::from), raw, reason)
        };
        for raw in ["first \0", "second"] {
            let batch = session
                .batch(vec![upsert("ok", 10, 1)])
                .with_rejected(vec![rejected(Some("bad"), raw), rejected(None, raw)]);
            session.apply(batch).await.unwrap();
        }
        let letters = session.destination.dead_letters().await.unwrap();
        let told: Vec<_> =
            letters.iter().map(|l| (l.id.as_ref().map(RecordId::as_str), &*l.raw, &*l.reason)).collect();
        let why = "no number: cause";
        assert_eq!(told, [(Some("bad"), "second", why), (None, "first \0", why), (None, "second", why)]);
        assert_eq!((&letters[0].stream, letters[0].at), (&stream(), at(1_000_000)));

        // Read well at last; the letters without an id are nobody's.
        session.change(vec![upsert("bad", 20, 1)]).await;
        let letters = session.destination.dead_letters().await.unwrap();
        assert_eq!(letters.iter().map(|letter| letter.id.as_ref()).collect::<Vec<_>>(), [None, None]);
        // In one batch well and not well: it is not settled.
        let batch = session.batch(vec![upsert("bad", 30, 1)]).with_rejected(vec![rejected(Some("bad"), "3")]);
        session.apply(batch).await.unwrap();
        assert_eq!(session.destination.dead_letters().await.unwrap().len(), 3);
        session.change(vec![delete("bad", 40)]).await;
        assert_eq!(session.destination.dead_letters().await.unwrap().len(), 2);
        place.clear().await;
    }
}

#[tokio::test]
async fn streams_of_one_kind_do_not_mix() {
    for place in Place::all().await {
        let destination = SqlDestination::open(place.url.clone()).await.unwrap();
        let key = |account: &str, object: &str| StreamKey::new("vendor", account, Kind::new("item"), object);
        for (n, stream) in [key("a", "X"), key("a", "Y"), key("b", "X")].into_iter().enumerate() {
            let mut session = Session::on(destination.clone(), stream).await;
            session.change(vec![upsert("same", 10, n as u64 + 1)]).await;
        }
        let mut third = Session::on(destination.clone(), key("b", "X")).await;
        third.change(vec![delete("same", 20)]).await;
        assert_eq!(Session::on(destination.clone(), key("a", "X")).await.live().await, named(&[("same", 1)]));
        assert_eq!(destination.count::<Item>(&Filter::new()).await.unwrap(), 2);
        assert_eq!(destination.count::<Item>(&Filter::new().object("X")).await.unwrap(), 1);
        place.clear().await;
    }
}

#[tokio::test]
async fn records_are_read_back_page_by_page() {
    for place in Place::all().await {
        let mut session = Session::open(&place).await;
        session.change((0..25).map(|n| upsert(&format!("{n:02}"), 10, n)).collect()).await;
        let (mut after, mut ids) = (None, Vec::new());
        loop {
            let page = session.destination.records::<Item>(&Filter::new().page(after, 10)).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            ids.extend(page.iter().map(|record| record.model.revision));
        }
        assert_eq!(ids, (0..25).collect::<Vec<u64>>());
        place.clear().await;
    }
}

#[tokio::test]
async fn a_sweep_deletes_what_the_pass_did_not_meet_unless_that_is_too_much() {
    for place in Place::all().await {
        let mut session = Session::open(&place).await;
        let met =
            |from: u64, to: u64| (from..to).map(|n| upsert(&format!("{n:02}"), 10, 1)).collect::<Vec<_>>();
        session.change(met(0, 40)).await;
        let first = session.batch(met(0, 9)).with_sweep(Sweep::new(true, None));
        assert_eq!(session.apply(first).await.unwrap().swept, 0);
        let too_much = session.batch(met(9, 12)).with_sweep(Sweep::new(false, Some(0.1)));
        assert_eq!(session.apply(too_much).await.unwrap_err().kind(), ErrorKind::Rejected);
        assert_eq!(session.live().await.len(), 40, "nothing was deleted");
        let last = session.batch(met(9, 38)).with_sweep(Sweep::new(false, Some(0.1)));
        assert_eq!(session.apply(last).await.unwrap().swept, 2);
        assert_eq!(session.live().await.len(), 38);

        // What shows up again is there again, although it did not change.
        let again = session.batch(met(0, 40)).with_sweep(Sweep::new(true, Some(0.1)));
        let applied = session.apply(again).await.unwrap();
        assert_eq!((applied.upserts, applied.unchanged, applied.swept), (2, 38, 0));
        place.clear().await;
    }
}

#[tokio::test]
async fn a_checkpoint_store_keeps_positions_for_others() {
    for place in Place::all().await {
        let store = SqlDestination::open(place.url.clone()).await.unwrap();
        let stream = stream();
        assert_eq!(store.load(&stream).await.unwrap(), None);
        let letter = Rejected::new(Some("x".into()), "raw", Error::new(ErrorKind::Malformed, "why"));
        let (first, second, third) = (checkpoint(1), checkpoint(2), checkpoint(3));
        let commit = |checkpoint, expected| Commit::new(&stream, checkpoint, expected, at(5));
        store.commit(commit(&first, 0).with_rejected(&[&letter])).await.unwrap();
        let lost = store.commit(commit(&second, 0).with_rejected(&[&letter])).await.unwrap_err();
        assert_eq!(lost.kind(), ErrorKind::Conflict);
        store.commit(commit(&second, 1)).await.unwrap();
        assert_eq!(store.load(&stream).await.unwrap(), Some(second.clone()));
        assert_eq!(store.dead_letters().await.unwrap().len(), 1, "the loser leaves no letter");
        let id = letter.id.clone().unwrap();
        store.commit(commit(&third, 2).with_settled(&[&id])).await.unwrap();
        assert!(store.dead_letters().await.unwrap().is_empty());
        place.clear().await;
    }
}

#[tokio::test]
async fn links_are_found_again_and_replaced() {
    for place in Place::all().await {
        let store = SqlDestination::open(place.url.clone()).await.unwrap();
        let link = |target: &str, written| Link::new(target).written(written);
        let pair = |id: &str, target: &str| (RecordId::from(id), link(target, u64::MAX));
        store.link(&stream(), &[pair("a", "1"), pair("b\0", "2"), pair("a", "3")]).await.unwrap();
        store.link(&stream(), &[pair("b\0", "4")]).await.unwrap();
        let found = store.linked(&stream(), &["b\0".into(), "c".into(), "a".into()]).await.unwrap();
        assert_eq!(found, [Some(link("4", u64::MAX)), None, Some(link("3", u64::MAX))]);
        store.link(&stream(), &[("a".into(), Link::new("3"))]).await.unwrap();
        let found = store.linked(&stream(), &["a".into()]).await.unwrap();
        assert_eq!(found, [Some(Link::new("3"))]);
        place.clear().await;
    }
}
