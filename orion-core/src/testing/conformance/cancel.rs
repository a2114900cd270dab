//! Group 16: calls that are dropped.

use std::time::Duration;

use futures::FutureExt;

use super::{
    Report, Subject,
    bench::{Bench, Verdict, ensure, failed, not_declared, snapshot},
    wire::Act,
};
use crate::testing::Injection;

pub(super) async fn run<S: Subject>(bench: &Bench<'_, S>, report: &mut Report) {
    report.add("cancel.a_dropped_call_sends_nothing_more", "", sends_nothing_more(bench)).await;
    report.add("cancel.a_read_may_stop_at_any_await", "", any_await(bench)).await;
}

async fn sends_nothing_more<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    bench.wired()?;
    let line = bench.line().await?;
    line.probe(bench).await?;
    // A failure first, so that a retry is what is left to be sent.
    line.wire.plan(|_| Act::Inject(Injection::RetryAfter(503, 20)));
    let dropped = tokio::time::timeout(Duration::from_secs(5), line.probe(bench)).await;
    ensure!(dropped.is_err(), "the call ended although it was to wait");
    let sent = line.wire.all().len();
    tokio::time::sleep(Duration::from_secs(3600)).await;
    let later = line.wire.all().len() - sent;
    ensure!(later == 0, "{later} requests were sent after the call was dropped");
    Ok(())
}

/// Drops a read after one poll, after two, and so on, several times each; the connection has to stay good.
async fn any_await<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    let Some(stream) = bench.readable().next() else { return not_declared("nothing can be read") };
    let line = bench.line().await?;
    let query = stream.query().page_size(bench.subject.page_size());
    let whole = snapshot(&line.page(stream, &query).await?.changes);
    for polls in 1..60 {
        let mut ended = false;
        for _ in 0..5 {
            ended = polled(polls, line.page(stream, &query)).await;
        }
        let again = tokio::time::timeout(Duration::from_secs(3600), line.page(stream, &query)).await;
        let Ok(again) = again else { return failed(format!("stuck after reads dropped at poll {polls}")) };
        ensure!(snapshot(&again?.changes) == whole, "another page after reads dropped at poll {polls}");
        if ended {
            break;
        }
    }
    Ok(())
}

/// Polls a future so many times and drops it; whether it had ended.
pub(super) async fn polled(polls: u32, future: impl Future + Send) -> bool {
    let mut future = Box::pin(future);
    for _ in 0..polls {
        if future.as_mut().now_or_never().is_some() {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}
