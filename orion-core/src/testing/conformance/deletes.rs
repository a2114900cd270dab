//! Group 8: deletes.

use super::{
    Report, Subject,
    bench::{Bench, Line, Stream, Verdict, ensure, failed, not_declared},
};
use crate::Change;

pub(super) async fn run<S: Subject>(bench: &Bench<'_, S>, stream: &Stream, report: &mut Report) {
    if !stream.can.read {
        return;
    }
    let on = stream.to_string();
    report.add("deletes.a_tombstone_is_reported", &on, tombstone(bench, stream)).await;
    report.add("deletes.the_deleted_stay_deleted", &on, stay_deleted(bench, stream)).await;
    report.add("deletes.come_on_small_pages_too", &on, small_pages(bench, stream)).await;
    report.add("deletes.come_with_since", &on, with_since(bench, stream)).await;
}

/// Deletes a record at the source; its id.
async fn deleted<S: Subject>(bench: &Bench<'_, S>, line: &Line, stream: &Stream) -> Verdict<String> {
    if !stream.has_deletes() {
        return not_declared("the object's deletes are not reported");
    }
    let id = bench.some_record(line, stream).await?;
    bench.remove(line, stream, &id).await?;
    Ok(id)
}

fn about<'c>(changes: &'c [Change<serde_json::Value>], id: &str) -> Vec<&'c Change<serde_json::Value>> {
    changes.iter().filter(|change| change.id().as_str() == id).collect()
}

async fn tombstone<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let id = deleted(bench, &line, stream).await?;
    let changes = line.read(stream, stream.query().with_deletes()).await?;
    match about(&changes, &id)[..] {
        [Change::Delete { .. }] => Ok(()),
        [] => failed("a deleted record is not reported"),
        [_] => failed("a deleted record comes as a live one"),
        _ => failed("a deleted record comes more than once"),
    }
}

async fn stay_deleted<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let id = deleted(bench, &line, stream).await?;
    for line in [line, bench.line().await?] {
        for query in [stream.query(), stream.query().with_deletes()] {
            let changes = line.read(stream, query).await?;
            let alive = about(&changes, &id).iter().any(|change| matches!(change, Change::Upsert(_)));
            ensure!(!alive, "a deleted record is alive again");
        }
    }
    Ok(())
}

async fn small_pages<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let id = deleted(bench, &line, stream).await?;
    let query = stream.query().with_deletes().page_size(bench.subject.page_size());
    let changes = line.read(stream, query).await?;
    ensure!(
        matches!(about(&changes, &id)[..], [Change::Delete { .. }]),
        "a deleted record is not reported once in small pages"
    );
    Ok(())
}

async fn with_since<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    if !stream.has_cursor() {
        return not_declared("the object has no cursor");
    }
    let line = bench.line().await?;
    let before = line.read(stream, stream.query().with_deletes()).await?;
    let Some(last) = before.iter().filter_map(Change::at).max() else {
        return failed("no record has a time of change");
    };
    let id = deleted(bench, &line, stream).await?;
    let changes = line.read(stream, stream.query().with_deletes().since(last)).await?;
    ensure!(
        matches!(about(&changes, &id)[..], [Change::Delete { .. }]),
        "a delete does not come with `since` the last change before it"
    );
    Ok(())
}
