//! Group 6: reading what has changed.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Report, Subject,
    bench::{Bench, Line, Snapshot, Stream, Verdict, ensure, failed, not_declared, snapshot},
};
use crate::{Change, Query};

pub(super) async fn run<S: Subject>(bench: &Bench<'_, S>, stream: &Stream, report: &mut Report) {
    let on = stream.to_string();
    report.add("incremental.change_times_are_known", &on, times_are_known(bench, stream)).await;
    report.add("incremental.since_is_exact", &on, since_is_exact(bench, stream)).await;
    report.add("incremental.until_is_exact", &on, until_is_exact(bench, stream)).await;
    report.add("incremental.filter_holds_on_every_page", &on, filter_on_every_page(bench, stream)).await;
    report.add("incremental.epoch_reads_everything", &on, epoch(bench, stream)).await;
    report.add("incremental.future_reads_nothing", &on, future(bench, stream)).await;
    report.add("incremental.a_change_is_found", &on, change_is_found(bench, stream)).await;
}

fn declared(stream: &Stream) -> Verdict {
    if stream.has_cursor() { Ok(()) } else { not_declared("the object has no cursor") }
}

fn times(all: &Snapshot) -> BTreeSet<DateTime<Utc>> {
    all.values().flatten().filter_map(|(_, at)| *at).collect()
}

/// A whole read, and an instant in the midst of its times.
async fn halves(line: &Line, stream: &Stream) -> Verdict<(Snapshot, DateTime<Utc>)> {
    declared(stream)?;
    let all = snapshot(&line.read(stream, stream.query()).await?);
    let times: Vec<_> = times(&all).into_iter().collect();
    ensure!(times.len() > 1, "all records carry one time of change: let some change later");
    Ok((all, times[times.len() / 2]))
}

async fn times_are_known<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    declared(stream)?;
    let changes = bench.line().await?.read(stream, stream.query()).await?;
    let unknown = changes.iter().filter(|change| change.at().is_none()).count();
    ensure!(unknown == 0, "{unknown} of {} records have no time of change", changes.len());
    Ok(())
}

async fn compare(line: &Line, stream: &Stream, query: Query, wanted: BTreeSet<&String>) -> Verdict {
    let read = snapshot(&line.read(stream, query).await?);
    let read: BTreeSet<_> = read.keys().collect();
    let (missing, extra) = (wanted.difference(&read).count(), read.difference(&wanted).count());
    ensure!(missing == 0 && extra == 0, "{missing} records are missing, {extra} do not belong there");
    Ok(())
}

fn ids_where(all: &Snapshot, holds: impl Fn(DateTime<Utc>) -> bool) -> BTreeSet<&String> {
    let at = |id: &&String| all[*id].as_ref().and_then(|(_, at)| *at);
    all.keys().filter(|id| at(id).is_some_and(&holds)).collect()
}

async fn since_is_exact<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let (all, middle) = halves(&line, stream).await?;
    compare(&line, stream, stream.query().since(middle), ids_where(&all, |at| at >= middle)).await
}

async fn until_is_exact<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let (all, middle) = halves(&line, stream).await?;
    compare(&line, stream, stream.query().until(middle), ids_where(&all, |at| at < middle)).await
}

async fn filter_on_every_page<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let (all, _) = halves(&line, stream).await?;
    let times = times(&all);
    let (Some(first), Some(last)) = (times.iter().nth(1).copied(), times.last().copied()) else {
        return failed("all records carry one time of change");
    };
    let query = stream.query().page_size(bench.subject.page_size()).since(first).until(last);
    compare(&line, stream, query, ids_where(&all, |at| at >= first && at < last)).await
}

async fn epoch<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let (all, _) = halves(&line, stream).await?;
    compare(&line, stream, stream.query().since(DateTime::UNIX_EPOCH), all.keys().collect()).await
}

async fn future<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let (all, _) = halves(&line, stream).await?;
    let Some(last) = times(&all).last().copied() else { return failed("no record has a time of change") };
    let query = stream.query().since(last.max(bench.clock.now()) + TimeDelta::days(3650));
    compare(&line, stream, query, BTreeSet::new()).await
}

async fn change_is_found<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let (all, _) = halves(&line, stream).await?;
    let Some(last) = times(&all).last().copied() else { return failed("no record has a time of change") };
    let Some((id, Some((_, before)))) = all.iter().next() else {
        return failed("there is no record to change");
    };
    bench.touch(&line, stream, id).await?;
    let found = line.read(stream, stream.query().since(last)).await?;
    let Some(change) = found.iter().find(|change| change.id().as_str() == id) else {
        return failed("a record changed at the source does not come with `since` the last change before");
    };
    ensure!(matches!(change, Change::Upsert(_)), "a changed record comes as a delete");
    ensure!(change.at() >= *before && change.at() >= Some(last), "the time of the change went backwards");
    Ok(())
}
