//! Group 11: failures of the network and the server, and what may be repeated.

use super::{
    Report, Subject,
    bench::{Bench, Line, Stream, Verdict, ensure, failed, not_declared, one, snapshot},
    wire::Act,
};
use crate::{
    ErrorKind, Outcome, WriteOptions,
    testing::{Injection, Seen},
};

pub(super) async fn run<S: Subject>(bench: &Bench<'_, S>, report: &mut Report) {
    for (check, injection) in [
        ("retry.a_500_is_retried", Injection::Status(500)),
        ("retry.a_503_is_retried", Injection::Status(503)),
        ("retry.a_reset_read_is_retried", Injection::ResetBefore),
        ("retry.a_refused_connection_is_retried", Injection::Refused),
        ("retry.a_truncated_body_is_retried", Injection::Truncated),
    ] {
        report.add(check, "", survives(bench, injection)).await;
    }
    report.add("retry.endless_500_ends", "", endless(bench)).await;
    report.add("retry.a_refusal_is_not_retried", "", refusal(bench)).await;
    report.add("retry.broken_json_is_malformed", "", malformed(bench, Injection::BadJson)).await;
    report.add("retry.html_is_malformed", "", malformed(bench, Injection::Html)).await;
    let writable = bench.streams.iter().filter(|stream| stream.can.write && stream.can.read);
    for stream in writable {
        let on = stream.to_string();
        for (check, injection, again) in [
            ("retry.post_is_not_repeated", Injection::ResetAfter, Again::Doubt),
            ("retry.post_is_not_repeated_after_a_500", Injection::StatusAfter(500), Again::Doubt),
            ("retry.post_is_not_repeated_after_half_an_answer", Injection::Truncated, Again::Doubt),
            ("retry.unsent_write_is_sent_again", Injection::Refused, Again::Done),
            ("retry.throttled_write_is_sent_again", Injection::RetryAfter(429, 1), Again::Done),
        ] {
            report.add(check, &on, write_once(bench, stream, injection, again)).await;
        }
        report.add("retry.unreachable_write_creates_nothing", &on, unreachable(bench, stream)).await;
    }
}

async fn survives<S: Subject>(bench: &Bench<'_, S>, injection: Injection) -> Verdict {
    let line = warm(bench).await?;
    let before = line.wire.calls().len();
    line.wire.once(injection, |_| true);
    line.probe(bench).await?;
    ensure!(line.wire.calls().len() > before + 1, "the call was not tried again");
    Ok(())
}

async fn warm<S: Subject>(bench: &Bench<'_, S>) -> Verdict<Line> {
    bench.wired()?;
    let line = bench.line().await?;
    line.probe(bench).await?;
    Ok(line)
}

async fn endless<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    let line = warm(bench).await?;
    let before = line.wire.calls().len();
    line.wire.plan(|_| Act::Inject(Injection::Status(500)));
    let Err(error) = line.probe(bench).await else { return failed("a call that always fails succeeds") };
    ensure!(error.kind() == ErrorKind::Transport, "{:?} for a server that fails", error.kind());
    let attempts = line.wire.calls().len() - before;
    ensure!(attempts <= 20, "{attempts} attempts of one call");
    Ok(())
}

async fn refusal<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    let line = warm(bench).await?;
    let before = line.wire.calls().len();
    line.wire.plan(|_| Act::Inject(Injection::Status(400)));
    let Err(error) = line.probe(bench).await else { return failed("a refused call succeeds") };
    ensure!(!error.is_retryable(), "a request the vendor refuses is said to be worth another attempt");
    let attempts = line.wire.calls().len() - before;
    ensure!(attempts == 1, "{attempts} attempts of a request the vendor refuses");
    Ok(())
}

async fn malformed<S: Subject>(bench: &Bench<'_, S>, injection: Injection) -> Verdict {
    let line = warm(bench).await?;
    line.wire.plan(move |_| Act::Inject(injection));
    let Err(error) = line.probe(bench).await else {
        return failed("an answer that is no JSON is read as one");
    };
    ensure!(error.kind() == ErrorKind::Malformed, "{:?} for an answer that is no JSON", error.kind());
    Ok(())
}

/// What may come of a write whose first request went wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Again {
    /// It may have been carried out: done once, or a failure that says it is in doubt.
    Doubt,
    /// It was not carried out: it has to be done, once.
    Done,
}

fn writes(seen: &Seen) -> bool {
    !seen.method.is_safe()
}

async fn count<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict<usize> {
    Ok(snapshot(&bench.line().await?.read(stream, stream.query()).await?).len())
}

async fn write_once<S: Subject>(
    bench: &Bench<'_, S>,
    stream: &Stream,
    injection: Injection,
    again: Again,
) -> Verdict {
    bench.wired()?;
    let sample = bench.sample(stream)?;
    let line = bench.line().await?;
    let before = count(bench, stream).await?;
    line.wire.once(injection, writes);
    let outcome = line.write(stream, &WriteOptions::create(), vec![sample]).await;
    let sent = line.wire.calls().into_iter().filter(writes).count();
    ensure!(sent > 0, "the write sent nothing that writes");
    let made = count(bench, stream).await?.saturating_sub(before);
    let outcome = outcome.and_then(|mut outcomes| match outcomes.len() {
        1 => outcomes.remove(0),
        _ => Err(crate::Error::new(ErrorKind::Malformed, "not one outcome for one record")),
    });
    judge(&outcome, made, again)
}

fn judge(outcome: &Outcome, made: usize, again: Again) -> Verdict {
    ensure!(made <= 1, "one write made {made} records");
    match outcome {
        Ok(_) => ensure!(made == 1, "the write says it is done, and there is no record"),
        Err(error) => {
            ensure!(again == Again::Doubt, "a write that was not carried out was not sent again: {error}");
            ensure!(made == 0 || error.is_ambiguous(), "the record was made, and the error does not say so");
        }
    }
    Ok(())
}

async fn unreachable<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    bench.wired()?;
    let sample = bench.sample(stream)?;
    let line = bench.line().await?;
    let before = count(bench, stream).await?;
    line.wire.plan(|_| Act::Inject(Injection::Refused));
    let outcome = match line.write(stream, &WriteOptions::create(), vec![sample]).await {
        Ok(outcomes) => one(outcomes).err(),
        Err(error) => {
            ensure!(!error.is_ambiguous(), "an unreachable vendor may not have written anything");
            return Ok(());
        }
    };
    ensure!(outcome.is_some(), "a write to an unreachable vendor succeeds");
    ensure!(count(bench, stream).await? == before, "records appeared");
    if before == 0 { not_declared("the object was empty") } else { Ok(()) }
}
