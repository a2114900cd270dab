//! Group 10: rate limits.

use std::time::Duration;

use super::{
    Report, Subject,
    bench::{Bench, Line, Verdict, ensure, failed},
    wire::Act,
};
use crate::{ErrorKind, testing::Injection};

pub(super) async fn run<S: Subject>(bench: &Bench<'_, S>, report: &mut Report) {
    report
        .add("limits.retry_after_seconds_are_waited", "", waited(bench, Injection::RetryAfter(429, 7)))
        .await;
    report.add("limits.retry_after_date_is_waited_for", "", waited(bench, Injection::RetryAt(429, 7))).await;
    report.add("limits.retry_after_of_503_is_waited", "", waited(bench, Injection::RetryAfter(503, 7))).await;
    report.add("limits.a_429_without_a_time_is_retried", "", without_time(bench)).await;
    report.add("limits.what_one_call_is_told_holds_for_all", "", holds_for_all(bench)).await;
    report.add("limits.an_endless_429_ends", "", endless(bench)).await;
}

/// A connection that has made its first call, so that what comes now is the call itself.
async fn warm<S: Subject>(bench: &Bench<'_, S>) -> Verdict<Line> {
    bench.wired()?;
    let line = bench.line().await?;
    line.probe(bench).await?;
    ensure!(!line.wire.calls().is_empty(), "the adapter did not use the transport it was given");
    Ok(line)
}

async fn waited<S: Subject>(bench: &Bench<'_, S>, injection: Injection) -> Verdict {
    let line = warm(bench).await?;
    let before = line.wire.calls().len();
    line.wire.once(injection, |_| true);
    line.probe(bench).await?;
    let calls = line.wire.calls().split_off(before);
    ensure!(calls.len() > 1, "the call was not tried again");
    let gap = calls[1].at - calls[0].at;
    // A date has no fractions of a second.
    ensure!(gap >= Duration::from_secs(6), "the next request came after {gap:?}, not after 7 s");
    ensure!(gap <= Duration::from_secs(60), "the next request came only after {gap:?}");
    Ok(())
}

async fn without_time<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    let line = warm(bench).await?;
    line.wire.once(Injection::Status(429), |_| true);
    line.probe(bench).await?;
    Ok(())
}

async fn holds_for_all<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    let line = warm(bench).await?;
    let before = line.wire.calls().len();
    line.wire.once(Injection::RetryAfter(429, 30), |_| true);
    let late = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        line.probe(bench).await
    };
    let (first, second) = futures::join!(line.probe(bench), late);
    first?;
    second?;
    let calls = line.wire.calls().split_off(before);
    let early = calls[1..].iter().filter(|seen| seen.at - calls[0].at < Duration::from_secs(30)).count();
    ensure!(early == 0, "{early} requests of another call left while the vendor asked to wait");
    Ok(())
}

async fn endless<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    let line = warm(bench).await?;
    let before = line.wire.calls().len();
    line.wire.plan(|_| Act::Inject(Injection::RetryAfter(429, 1)));
    let Err(error) = line.probe(bench).await else { return failed("a call that is always refused succeeds") };
    ensure!(error.kind() == ErrorKind::RateLimited, "{:?} for a vendor that asks to slow down", error.kind());
    let attempts = line.wire.calls().len() - before;
    ensure!(attempts <= 20, "{attempts} attempts of one call");
    Ok(())
}
