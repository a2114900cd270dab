//! Group 7: reads that are killed, and sources that change meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde_json::Value;

use super::{
    Report, Subject,
    bench::{Bench, Line, Snapshot, Stop, Stream, Verdict, ensure, ids, not_declared, one, snapshot},
    cancel::polled,
    paging::several,
};
use crate::{
    Change, Cursor, Page, WriteOptions,
    sync::{Input, State},
};

pub(super) async fn run<S: Subject>(bench: &Bench<'_, S>, stream: &Stream, report: &mut Report) {
    if !stream.can.read {
        return;
    }
    let on = stream.to_string();
    report.add("crash.a_read_goes_on_after_every_page", &on, every_page(bench, stream)).await;
    report.add("crash.a_change_during_the_read_comes_afterwards", &on, afterwards(bench, stream)).await;
    report.add("pagination.changes_meanwhile_hide_no_record", &on, meanwhile(bench, stream)).await;
}

/// A position as another process finds it: as text.
fn stored(cursor: Option<&Cursor>) -> Option<Cursor> {
    cursor.map(|cursor| Cursor::new(cursor.as_str()))
}

/// Every page is read by a process that is killed in the midst of it, by one that is killed before it has committed it, and by one that does.
async fn every_page<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let whole = several(bench, &bench.line().await?, stream).await?;
    let expected: Vec<&str> = whole.iter().flat_map(|page| ids(&page.changes)).collect();
    let (mut table, mut order) = (Snapshot::new(), Vec::new());
    let mut query = stream.query().page_size(bench.subject.page_size());
    for number in 1..=whole.len() {
        let killed = bench.line().await?;
        polled(2, killed.page(stream, &query)).await;
        drop(killed);
        let lost = bench.line().await?.page(stream, &query).await?;
        table.append(&mut snapshot(&lost.changes));
        let page = bench.line().await?.page(stream, &query).await?;
        ensure!(
            ids(&lost.changes) == ids(&page.changes),
            "page {number} is another one for the process that reads it again"
        );
        table.append(&mut snapshot(&page.changes));
        order.extend(page.changes.iter().map(|change| change.id().to_string()));
        query.cursor = stored(page.next.as_ref());
        if query.cursor.is_none() {
            break;
        }
    }
    ensure!(order == expected, "{} records in pieces, {} in one read", order.len(), expected.len());
    let changes: Vec<_> = whole.into_iter().flat_map(|page| page.changes).collect();
    ensure!(table == snapshot(&changes), "what the pieces leave behind is not what one read does");
    Ok(())
}

/// Reads one page as a sync would, and takes the step it would take.
async fn step<S: Subject>(
    bench: &Bench<'_, S>,
    stream: &Stream,
    state: State,
) -> Verdict<(State, Page<Value>)> {
    let mut query = stream.query().page_size(bench.subject.page_size()).cursor(stored(state.cursor()));
    if let State::Incremental { since, .. } = &state {
        query = query.since(*since - TimeDelta::seconds(60));
    }
    let before = bench.clock.now();
    let page = bench.line().await?.page(stream, &query).await?;
    let at = page.as_of.unwrap_or(before);
    Ok((state.step(Input::Page { next: page.next.clone(), at }), page))
}

/// A record that has been read changes before the read is complete: the pass after it has to bring the change.
async fn afterwards<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    if !stream.has_cursor() {
        return not_declared("the object has no cursor");
    }
    let (mut state, first) = step(bench, stream, State::new(false)).await?;
    let Some(id) = ids(&first.changes).first().map(|id| (*id).to_owned()) else {
        return not_declared("the first page holds no record");
    };
    bench.touch(&bench.line().await?, stream, &id).await?;
    for _ in 0..10_000 {
        if state.phase() == "incremental" {
            break;
        }
        (state, _) = step(bench, stream, state).await?;
    }
    let mut found = false;
    for _ in 0..10_000 {
        let (next, page) = step(bench, stream, state).await?;
        found |= ids(&page.changes).contains(&id.as_str());
        state = next;
        if state.cursor().is_none() {
            break;
        }
    }
    ensure!(found, "a record that changed after its page was read does not come with the next pass");
    Ok(())
}

/// Makes a record, changes one of the first page and deletes another, as far as that can be done; the ids of those two.
async fn disturb<S: Subject>(
    bench: &Bench<'_, S>,
    line: &Line,
    stream: &Stream,
    first: &Page<Value>,
) -> Verdict<BTreeSet<String>> {
    let (mut changed, mut made) = (BTreeSet::new(), false);
    if stream.can.write
        && let Ok(sample) = bench.sample(stream)
    {
        one(line.write(stream, &WriteOptions::create(), vec![sample]).await?)?;
        made = true;
    }
    let mut ids = first.changes.iter().map(|change| change.id().to_string());
    if let Some(id) = ids.next() {
        match bench.touch(line, stream, &id).await {
            Ok(()) => drop(changed.insert(id)),
            Err(stop) if stream.has_cursor() => return Err(stop),
            Err(_) => {}
        }
    }
    if let Some(id) = ids.next() {
        match bench.remove(line, stream, &id).await {
            Ok(()) => drop(changed.insert(id)),
            Err(stop) if stream.has_deletes() => return Err(stop),
            Err(_) => {}
        }
    }
    if made || !changed.is_empty() {
        return Ok(changed);
    }
    Err(Stop::NotDeclared("the subject can change nothing in this object".to_owned()))
}

/// The source changes after the first page. What was left alone has to come, once: pages counted from the start of a list that moves
/// skip some and repeat others.
async fn meanwhile<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let before = several(bench, &line, stream).await?;
    let query = stream.query().page_size(bench.subject.page_size());
    let first = line.page(stream, &query).await?;
    let changed = disturb(bench, &bench.line().await?, stream, &first).await?;
    let rest = line.pages(stream, query.cursor(first.next.clone())).await?;
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for id in std::iter::once(&first).chain(&rest).flat_map(|page| ids(&page.changes)) {
        *times.entry(id).or_default() += 1;
    }
    let left_alone = before.iter().flat_map(|page| &page.changes).map(Change::id);
    for id in left_alone.filter(|id| !changed.contains(id.as_str())) {
        let times = times.get(id.as_str()).copied().unwrap_or_default();
        ensure!(
            times == 1,
            "a record that nobody changed comes {times} times in a read during which others change"
        );
    }
    Ok(())
}
