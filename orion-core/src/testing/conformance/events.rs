//! Group 17: what the host is told.

use super::{
    Report, Subject,
    bench::{Bench, Line, Verdict, ensure},
};
use crate::testing::{Injection, Summary};

pub(super) async fn run<S: Subject>(bench: &Bench<'_, S>, report: &mut Report) {
    report.add("events.every_request_is_observed", "", every_request(bench)).await;
    report.add("events.attempts_are_calls_and_retries", "", add_up(bench)).await;
    report.add("events.name_the_adapter", "", name_the_adapter(bench)).await;
    report.add("events.a_failed_call_says_why", "", failed_call(bench)).await;
}

/// Connects, calls, and calls once more with a failed attempt in between.
async fn busy<S: Subject>(bench: &Bench<'_, S>) -> Verdict<Line> {
    bench.wired()?;
    let line = bench.line().await?;
    line.probe(bench).await?;
    line.wire.once(Injection::Status(503), |_| true);
    line.probe(bench).await?;
    Ok(line)
}

async fn every_request<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    let line = busy(bench).await?;
    let (sent, observed) = (line.wire.all().len(), line.events.count("attempt"));
    ensure!(sent == observed, "{sent} requests, {observed} observed");
    Ok(())
}

async fn add_up<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    let line = busy(bench).await?;
    let [attempts, calls, retries] = ["attempt", "call", "retry"].map(|name| line.events.count(name));
    ensure!(attempts == calls + retries, "{attempts} attempts of {calls} calls with {retries} retries");
    ensure!(retries > 0, "a retry was not observed");
    Ok(())
}

async fn name_the_adapter<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    let line = busy(bench).await?;
    let stranger = |event: &&Summary| event.adapter != bench.id.name;
    let unnamed = |event: &&Summary| matches!(event.name, "attempt" | "call") && event.operation.is_empty();
    let all = line.events.all();
    let (strangers, unnamed) = (all.iter().filter(stranger).count(), all.iter().filter(unnamed).count());
    ensure!(strangers == 0, "{strangers} events are of another adapter");
    ensure!(unnamed == 0, "{unnamed} events name no operation");
    Ok(())
}

async fn failed_call<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    bench.wired()?;
    let line = bench.line().await?;
    line.probe(bench).await?;
    line.events.clear();
    line.wire.once(Injection::Status(404), |_| true);
    let result = line.probe(bench).await;
    let told = line.events.named("call").iter().any(|event| event.error.is_some());
    ensure!(told, "a call failed ({}), and the host was not told", result.is_err());
    Ok(())
}
