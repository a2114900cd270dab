//! Runs that are stopped, or dropped, at every point where they can be.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use orion_core::sync::{Engine, Plan, SqlDestination};

use super::{
    passes::{clocked, stored, story},
    place::Place,
    recorder::{Recorder, Store},
    vendor::{Item, Vendor},
};

/// Polls a future up to `limit` times; `None` if it is not done by then, and it is dropped.
async fn at_most<T>(limit: u64, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut polls = 0;
    poll_fn(|context| counted(limit, &mut polls, future.as_mut(), context)).await
}

fn counted<T>(
    limit: u64,
    polls: &mut u64,
    future: Pin<&mut impl Future<Output = T>>,
    context: &mut Context<'_>,
) -> Poll<Option<T>> {
    if *polls == limit {
        return Poll::Ready(None);
    }
    *polls += 1;
    match future.poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        // Asked for again at once, so that a future that waits for another thread is dropped while it waits, too.
        Poll::Pending if *polls == limit => Poll::Ready(None),
        Poll::Pending => Poll::Pending,
    }
}

fn vendor() -> (Arc<Vendor>, Arc<std::sync::atomic::AtomicI64>) {
    let (vendor, clock) = clocked(story());
    (Arc::new(vendor), clock)
}

fn engine(vendor: &Arc<Vendor>, destination: &Recorder, store: &Store) -> Engine {
    Engine::new()
        .checkpoints(store.clone())
        .stream(Plan::<Item, _>::new(Arc::clone(vendor), destination.clone()))
}

/// Every revision once, in order: no commit is lost and none is made twice.
fn counts_up(revisions: &[u64], name: &str) {
    counts_up_from(1, revisions, name);
}

fn counts_up_from(first: u64, revisions: &[u64], name: &str) {
    let expected: Vec<u64> = (first..first + revisions.len() as u64).collect();
    assert_eq!(revisions, expected, "{name}");
}

#[tokio::test]
async fn dropped_at_any_await_a_run_loses_nothing_and_commits_nothing_twice() {
    for limit in 1.. {
        let (vendor, clock) = vendor();
        let (destination, store) = (Recorder::default(), Store::default());
        let engine = engine(&vendor, &destination, &store);
        let first = at_most(limit, engine.run()).await;
        clock.store(200_000, Ordering::SeqCst);
        // The rest of the backfill, if any, then what changed.
        let rest = [engine.run().await, engine.run().await];
        assert!(rest.iter().all(orion_core::sync::Report::is_complete), "dropped after {limit}: {rest:?}");
        assert_eq!(*destination.live.lock().unwrap(), vendor.live(200_000), "dropped after {limit}");
        counts_up(&store.1.lock().unwrap(), &format!("dropped after {limit}"));
        if first.is_some() {
            assert!(limit > 10, "the run has {limit} awaits");
            return;
        }
    }
}

#[tokio::test]
async fn told_to_stop_at_any_await_a_run_ends_between_a_commit_and_the_next_page() {
    for limit in 0.. {
        let (vendor, clock) = vendor();
        let (destination, store) = (Recorder::default(), Store::default());
        let engine = engine(&vendor, &destination, &store);
        let polls = AtomicU64::new(0);
        // Told to stop once the run was polled so often; wakes the run by being polled with it.
        let signal = poll_fn(|_| match polls.load(Ordering::SeqCst) > limit {
            true => Poll::Ready(()),
            false => Poll::Pending,
        });
        let mut run = pin!(engine.run_until(signal));
        let report = poll_fn(|context| {
            polls.fetch_add(1, Ordering::SeqCst);
            run.as_mut().poll(context)
        })
        .await;
        assert_eq!(report.errors().count(), 0, "{report:?}");
        let applied = destination.applied.lock().unwrap().clone();
        let committed = store.1.lock().unwrap().clone();
        // The first commit puts the start on record.
        let batches = committed.get(1..).unwrap_or_default();
        assert_eq!(applied, batches, "told after {limit}: what was applied was committed");
        assert_eq!(report.counts().batches, batches.len() as u64);
        clock.store(200_000, Ordering::SeqCst);
        let rest = [engine.run().await, engine.run().await];
        assert!(rest.iter().all(orion_core::sync::Report::is_complete), "told after {limit}: {rest:?}");
        assert_eq!(*destination.live.lock().unwrap(), vendor.live(200_000), "told after {limit}");
        counts_up(&store.1.lock().unwrap(), &format!("told after {limit}"));
        counts_up_from(2, &destination.applied.lock().unwrap(), &format!("told after {limit}"));
        if report.is_complete() {
            assert!(limit > 10, "the run has {limit} awaits");
            return;
        }
    }
}

/// Two runs are interrupted at a point, then two complete: each page is committed once, whichever thread the database works on.
async fn interrupted(place: &Place, limit: u64) -> bool {
    let (vendor, clock) = vendor();
    let destination = SqlDestination::open(place.url.clone()).await.unwrap();
    let plan = Plan::<Item, _>::new(Arc::clone(&vendor), destination.clone()).account(format!("{limit}"));
    let engine = Engine::new().stream(plan);
    let first = at_most(limit, engine.run()).await;
    at_most(limit, engine.run()).await;
    clock.store(200_000, Ordering::SeqCst);
    for _ in 0..2 {
        let report = engine.run().await;
        assert!(report.is_complete(), "dropped after {limit}: {report:?}");
    }
    assert_eq!(stored(&destination).await, vendor.live(200_000), "dropped after {limit}");
    let clear =
        if place.is_postgres() { "TRUNCATE orion_item, orion_checkpoints" } else { "DELETE FROM orion_item" };
    place.execute(clear).await;
    first.is_some()
}

#[tokio::test]
async fn dropped_at_any_await_a_database_has_each_batch_whole_or_not_at_all() {
    for place in Place::all().await {
        let mut limit = 1;
        while !interrupted(&place, limit).await {
            limit += 1 + limit / 16;
        }
        assert!(limit > 20, "the run has {limit} awaits");
        place.clear().await;
    }
}
