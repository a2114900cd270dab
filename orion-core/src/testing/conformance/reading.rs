//! Group 4: reading.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    Report, Subject,
    bench::{Bench, Stream, Verdict, chain, ensure, failed, not_declared, snapshot},
};
use crate::{Change, Record};

pub(super) async fn run<S: Subject>(bench: &Bench<'_, S>, stream: &Stream, report: &mut Report) {
    let on = stream.to_string();
    report.add("read.ids_are_unique", &on, ids_are_unique(bench, stream)).await;
    report.add("read.nothing_is_rejected", &on, nothing_is_rejected(bench, stream)).await;
    report.add("read.deletes_come_only_when_asked", &on, no_deletes(bench, stream)).await;
    report.add("read.twice_is_equal", &on, twice_is_equal(bench, stream)).await;
    report.add("read.total_is_the_count", &on, total_is_the_count(bench, stream)).await;
    report.add("read.records_name_their_source", &on, records_name_their_source(bench, stream)).await;
    report.add("read.records_fit_the_schema", &on, records_fit_the_schema(bench, stream)).await;
    report.add("read.objects_are_told_apart", &on, objects_are_told_apart(bench, stream)).await;
}

async fn records<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict<Vec<Record<Value>>> {
    let changes = bench.line().await?.read(stream, stream.query()).await?;
    let records: Vec<_> = changes.into_iter().filter_map(Change::into_record).collect();
    ensure!(!records.is_empty(), "the source holds no record of this object; put some there");
    Ok(records)
}

async fn ids_are_unique<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let mut seen = BTreeSet::new();
    for record in records(bench, stream).await? {
        ensure!(!record.id.is_empty(), "a record has no id");
        ensure!(seen.insert(record.id.clone()), "an id comes twice in one read");
    }
    Ok(())
}

async fn nothing_is_rejected<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let pages = bench.line().await?.pages(stream, stream.query()).await?;
    let rejected: Vec<_> = pages.iter().flat_map(|page| &page.rejected).collect();
    match rejected.first() {
        Some(first) => failed(format!("{} rejected, the first: {}", rejected.len(), chain(&first.reason))),
        None => Ok(()),
    }
}

async fn no_deletes<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let changes = bench.line().await?.read(stream, stream.query()).await?;
    let deletes = changes.iter().filter(|change| matches!(change, Change::Delete { .. })).count();
    ensure!(deletes == 0, "{deletes} deletes nobody asked for");
    Ok(())
}

async fn twice_is_equal<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let first = line.read(stream, stream.query()).await?;
    let again = line.read(stream, stream.query()).await?;
    let other = bench.line().await?.read(stream, stream.query()).await?;
    ensure!(snapshot(&first) == snapshot(&again), "two reads of one connection differ");
    ensure!(snapshot(&first) == snapshot(&other), "the reads of two connections differ");
    Ok(())
}

async fn total_is_the_count<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let pages = bench.line().await?.pages(stream, stream.query()).await?;
    let read: usize = pages.iter().map(|page| page.changes.len() + page.rejected.len()).sum();
    match pages.iter().find_map(|page| page.total) {
        Some(total) if total == read as u64 => Ok(()),
        Some(total) => failed(format!("{read} records of {total}")),
        None => not_declared("the source gives no total"),
    }
}

async fn records_name_their_source<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    for record in records(bench, stream).await? {
        let source = &record.meta.source;
        ensure!(*source.adapter == *bench.id.name, "a record comes from `{}`", source.adapter);
        let named = stream.object.is_none() || *source.object == *stream.name();
        ensure!(named, "a record of this object says it is of `{}`", source.object);
    }
    Ok(())
}

/// The first level only: what is below it has been through the model's own deserialiser.
async fn records_fit_the_schema<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let Some(resource) = line.connector.offers().get(stream.kind) else { return failed("the kind is gone") };
    let schema = resource.schema();
    let Some(known) = schema.get("properties").and_then(Value::as_object) else {
        return failed("the schema names no properties");
    };
    let required: Vec<_> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for record in records(bench, stream).await? {
        let Some(model) = record.model.as_object() else { return failed("a record is no JSON object") };
        let stranger = model.keys().find(|name| !known.contains_key(*name));
        ensure!(stranger.is_none(), "the schema does not know field {stranger:?}");
        let missing = required.iter().find(|name| !model.contains_key(**name));
        ensure!(missing.is_none(), "a record lacks field {missing:?}, which the schema requires");
    }
    Ok(())
}

async fn objects_are_told_apart<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    if stream.siblings < 2 {
        return not_declared("the kind has one object");
    }
    let line = bench.line().await?;
    let mine = snapshot(&line.read(stream, stream.query()).await?);
    let others = bench.streams.iter().filter(|o| o.kind == stream.kind && o.name() != stream.name());
    for other in others {
        let theirs = snapshot(&line.read(other, other.query()).await?);
        ensure!(mine != theirs, "it reads the same as {other}");
    }
    Ok(())
}
