//! Group 9: tokens that expire.

use std::time::Duration;

use futures::future::join_all;
use serde_json::json;

use super::{
    Report, Subject,
    bench::{Bench, Line, Verdict, ensure, failed, ids, not_declared},
    wire::Act,
};
use crate::{
    ErrorKind,
    testing::{Injection, Reply},
};

pub(super) async fn run<S: Subject>(bench: &Bench<'_, S>, report: &mut Report) {
    report.add("auth.a_refusal_is_replayed_once", "", replayed_once(bench)).await;
    report.add("auth.an_expired_token_is_renewed", "", renewed(bench)).await;
    report.add("auth.one_refresh_for_many_calls", "", one_refresh(bench)).await;
    report.add("auth.a_read_survives_expiry", "", read_survives(bench)).await;
    report.add("auth.a_failed_refresh_is_no_refusal", "", failed_refresh(bench)).await;
    report.add("auth.a_revoked_grant_asks_for_authorisation", "", revoked(bench)).await;
    report.add("auth.a_cancelled_refresh_frees_the_others", "", cancelled_refresh(bench)).await;
}

/// A connection that has made a call, after which its token expired.
async fn expired<S: Subject>(bench: &Bench<'_, S>) -> Verdict<Line> {
    bench.wired()?;
    let line = bench.line().await?;
    line.probe(bench).await?;
    match bench.subject.expire_tokens().await {
        Some(()) => Ok(line),
        None => not_declared("the subject cannot let tokens expire"),
    }
}

async fn replayed_once<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    bench.wired()?;
    let line = bench.line().await?;
    line.probe(bench).await?;
    let (calls, tokens) = (line.wire.calls().len(), line.wire.token_calls());
    line.wire.plan(|_| Act::Inject(Injection::Status(401)));
    let Err(error) = line.probe(bench).await else { return failed("a refused call succeeds") };
    ensure!(error.kind() == ErrorKind::Auth, "{:?} for refused credentials", error.kind());
    let (calls, tokens) = (line.wire.calls().len() - calls, line.wire.token_calls() - tokens);
    ensure!(calls <= 2, "{calls} requests for one refused call; two are the most");
    ensure!(tokens <= 1, "{tokens} refreshes for one refused call; one is the most");
    Ok(())
}

async fn renewed<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    let line = expired(bench).await?;
    let before = line.wire.token_calls();
    line.probe(bench).await?;
    ensure!(line.wire.token_calls() > before, "no token was asked for, and the call succeeded all the same");
    Ok(())
}

async fn one_refresh<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    let line = expired(bench).await?;
    let before = line.wire.token_calls();
    line.wire.plan_tokens(|_| Act::Inject(Injection::Slow(Duration::from_secs(1))));
    for result in join_all((0..50).map(|_| line.probe(bench))).await {
        result?;
    }
    let refreshes = line.wire.token_calls() - before;
    ensure!(refreshes == 1, "{refreshes} refreshes for 50 calls at once");
    Ok(())
}

async fn read_survives<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    let Some(stream) = bench.readable().next() else { return not_declared("nothing can be read") };
    let line = expired(bench).await?;
    let query = stream.query().page_size(bench.subject.page_size());
    let whole = line.read(stream, query.clone()).await?;
    let first = line.page(stream, &query).await?;
    bench.subject.expire_tokens().await;
    let rest = line.read(stream, query.cursor(first.next.clone())).await?;
    let (mut read, whole) = (ids(&first.changes), ids(&whole));
    read.extend(ids(&rest));
    ensure!(
        first.next.is_none() || read == whole,
        "a token that expired between pages changed what was read"
    );
    Ok(())
}

async fn failed_refresh<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    let line = expired(bench).await?;
    line.wire.plan_tokens(|_| Act::Inject(Injection::Status(503)));
    let Err(error) = line.probe(bench).await else { return failed("the call succeeds without a token") };
    let kinds = [ErrorKind::Transport, ErrorKind::Timeout];
    ensure!(kinds.contains(&error.kind()), "{:?} although the account is still authorised", error.kind());
    line.wire.clear();
    // A failed refresh may be believed for a while.
    tokio::time::sleep(Duration::from_secs(600)).await;
    line.probe(bench).await?;
    Ok(())
}

async fn revoked<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    let line = expired(bench).await?;
    let before = line.wire.token_calls();
    line.wire.plan_tokens(|_| Act::Answer(Reply::json(400, json!({ "error": "invalid_grant" }))));
    let Err(error) = line.probe(bench).await else { return failed("the call succeeds without a token") };
    ensure!(error.kind() == ErrorKind::Auth, "{:?} for a grant that was revoked", error.kind());
    let asked = line.wire.token_calls() - before;
    ensure!(asked == 1, "the token endpoint was asked {asked} times with a grant that was revoked");
    Ok(())
}

async fn cancelled_refresh<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    let line = expired(bench).await?;
    line.wire.plan_tokens(|_| Act::Inject(Injection::Slow(Duration::from_secs(20))));
    let dropped = tokio::time::timeout(Duration::from_secs(1), line.probe(bench)).await;
    ensure!(dropped.is_err(), "the call ended before its refresh");
    line.probe(bench).await?;
    line.wire.clear();
    line.probe(bench).await?;
    Ok(())
}
