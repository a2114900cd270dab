//! Group 18: connections that share nothing.

use std::time::Duration;

use futures::future::join_all;
use tokio::time::Instant;

use super::{
    Report, Subject,
    bench::{Bench, Verdict, ensure, not_declared, snapshot},
    wire::Act,
};
use crate::testing::Injection;

pub(super) async fn run<S: Subject>(bench: &Bench<'_, S>, report: &mut Report) {
    report.add("isolation.a_throttled_account_slows_no_other", "", throttled(bench)).await;
    report.add("isolation.observers_see_their_own_connection", "", observers(bench)).await;
    report.add("isolation.reads_at_once_do_not_mix", "", at_once(bench)).await;
}

async fn throttled<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    bench.wired()?;
    let (slow, other) = (bench.line().await?, bench.line().await?);
    slow.probe(bench).await?;
    slow.wire.plan(|_| Act::Inject(Injection::RetryAfter(429, 200)));
    let dropped = tokio::time::timeout(Duration::from_secs(1), slow.probe(bench)).await;
    ensure!(dropped.is_err(), "a throttled call did not wait");
    let started = Instant::now();
    other.probe(bench).await?;
    let waited = started.elapsed();
    ensure!(waited < Duration::from_secs(100), "another account waited {waited:?}");
    Ok(())
}

async fn observers<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    bench.wired()?;
    let (one, other) = (bench.line().await?, bench.line().await?);
    one.events.clear();
    other.events.clear();
    one.probe(bench).await?;
    ensure!(one.events.count("call") > 0, "a call was not observed");
    ensure!(other.events.all().is_empty(), "another connection's observer saw it");
    Ok(())
}

async fn at_once<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    let streams: Vec<_> = bench.readable().collect();
    if streams.is_empty() {
        return not_declared("nothing can be read");
    }
    let line = bench.line().await?;
    let query = |at: usize| streams[at].query().page_size(bench.subject.page_size());
    let mut alone = Vec::new();
    for (at, stream) in streams.iter().enumerate() {
        alone.push(snapshot(&line.page(stream, &query(at)).await?.changes));
    }
    let reads = (0..4 * streams.len()).map(|number| {
        let (at, line) = (number % streams.len(), &line);
        let (stream, query) = (streams[at], query(at));
        async move { (at, line.page(stream, &query).await) }
    });
    for (at, page) in join_all(reads).await {
        ensure!(
            snapshot(&page?.changes) == alone[at],
            "a read of {} at once with others differs",
            streams[at]
        );
    }
    Ok(())
}
