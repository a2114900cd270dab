//! Group 15: what the models carry.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;

use super::{
    Report, Subject,
    bench::{Bench, Stream, Verdict, ensure, failed, ids, not_declared},
    wire::Act,
    writes::{create, find},
};
use crate::Change;

pub(super) async fn run<S: Subject>(bench: &Bench<'_, S>, stream: &Stream, report: &mut Report) {
    let on = stream.to_string();
    if stream.can.write && stream.can.read {
        report.add("mapping.what_is_sent_comes_back", &on, comes_back(bench, stream)).await;
    }
    if stream.can.read {
        report.add("mapping.unknown_fields_break_nothing", &on, unknown_fields(bench, stream)).await;
        report.add("mapping.unknown_values_are_kept", &on, unknown_values(bench, stream)).await;
        report.add("mapping.extra_repeats_no_secret_of_the_wire", &on, plain_extra(bench, stream)).await;
    }
}

/// Whether `have` holds all that `sent` does: every field, and every element of a list at its place. Text and numbers alike are
/// compared as they are written, so that an amount may not lose a digit.
pub(super) fn carries(have: &Value, sent: &Value) -> bool {
    match (have, sent) {
        (_, Value::Null) => true,
        (Value::Object(have), Value::Object(sent)) => sent.iter().all(|(name, sent)| {
            have.get(name).unwrap_or(&Value::Null) == sent || {
                have.get(name).is_some_and(|have| carries(have, sent))
            }
        }),
        (Value::Array(have), Value::Array(sent)) => {
            have.len() == sent.len() && have.iter().zip(sent).all(|(have, sent)| carries(have, sent))
        }
        (have, sent) => have == sent,
    }
}

/// The first field of `sent` that `have` lacks, by its path.
fn lost(have: &Value, sent: &Value) -> Option<String> {
    let Value::Object(fields) = sent else { return (!carries(have, sent)).then(String::new) };
    fields.iter().find_map(|(name, sent)| {
        let have = have.get(name).unwrap_or(&Value::Null);
        if carries(have, sent) {
            return None;
        }
        Some(format!("/{name}{}", lost(have, sent).unwrap_or_default()))
    })
}

async fn comes_back<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let (sample, written) = create(bench, &line, stream).await?;
    let Some(record) = find(&line, stream, written.id.as_str()).await? else {
        return failed("a record that was made is not there");
    };
    if let Some(field) = lost(&record.model, &sample.model) {
        return failed(format!("field {field} does not come back as it was sent"));
    }
    for (name, sent) in sample.extra.iter() {
        let have = record.extra.get(name).unwrap_or(&Value::Null);
        ensure!(carries(have, sent), "extra field {name} does not come back as it was sent");
    }
    Ok(())
}

/// Puts a field nobody knows into every object that is an element of a list.
fn with_unknown_fields(body: &Bytes) -> Bytes {
    fn add(value: &mut Value, listed: bool) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| add(item, true)),
            Value::Object(fields) => {
                fields.values_mut().for_each(|field| add(field, false));
                if listed {
                    fields.insert("orionUnknown".to_owned(), serde_json::json!({ "nested": [1, "two"] }));
                }
            }
            _ => {}
        }
    }
    let Ok(mut json) = serde_json::from_slice::<Value>(body) else { return body.clone() };
    add(&mut json, false);
    serde_json::to_vec(&json).map_or_else(|_| body.clone(), Bytes::from)
}

async fn unknown_fields<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    bench.wired()?;
    let line = bench.line().await?;
    let whole = line.read(stream, stream.query()).await?;
    line.wire.plan(|_| Act::Rewrite(Arc::new(with_unknown_fields)));
    let pages = line.pages(stream, stream.query()).await?;
    let rejected: usize = pages.iter().map(|page| page.rejected.len()).sum();
    ensure!(rejected == 0, "{rejected} records are rejected for a field nobody knows");
    let read: Vec<_> = pages.iter().flat_map(|page| ids(&page.changes)).collect();
    ensure!(read == ids(&whole), "a field nobody knows changes what is read");
    Ok(())
}

/// No documentation names it.
const UNKNOWN: &str = "Orion Unknown Value";

/// Gives a field this value wherever it has a text.
fn with_unknown_value(body: &Bytes, field: &str) -> Bytes {
    fn set(value: &mut Value, name: &str) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| set(item, name)),
            Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| match value {
                Value::String(text) if key == name => UNKNOWN.clone_into(text),
                value => set(value, name),
            }),
            _ => {}
        }
    }
    let Ok(mut json) = serde_json::from_slice::<Value>(body) else { return body.clone() };
    set(&mut json, field);
    serde_json::to_vec(&json).map_or_else(|_| body.clone(), Bytes::from)
}

async fn unknown_values<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    bench.wired()?;
    let Some(field) = bench.subject.enumeration(stream.kind, stream.name()) else {
        return not_declared("the subject names no field with an enumeration");
    };
    let line = bench.line().await?;
    let whole = line.read(stream, stream.query()).await?;
    line.wire.plan(move |_| Act::Rewrite(Arc::new(move |body| with_unknown_value(body, field))));
    let pages = line.pages(stream, stream.query()).await?;
    let rejected: usize = pages.iter().map(|page| page.rejected.len()).sum();
    ensure!(rejected == 0, "{rejected} records are rejected for a value nobody knows");
    let read: Vec<_> = pages.into_iter().flat_map(|page| page.changes).collect();
    ensure!(ids(&read) == ids(&whole), "a value nobody knows changes what is read");
    let kept = read
        .into_iter()
        .filter_map(Change::into_record)
        .filter(|record| serde_json::to_string(record).is_ok_and(|text| text.contains(UNKNOWN)));
    ensure!(kept.count() > 0, "a value of `{field}` that nobody knows is in no record");
    Ok(())
}

async fn plain_extra<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let secrets = bench.secrets();
    if secrets.is_empty() {
        return not_declared("there is no secret to look for");
    }
    for change in bench.line().await?.read(stream, stream.query()).await? {
        let Some(record) = change.into_record() else { continue };
        let text = serde_json::to_string(&record).unwrap_or_default();
        ensure!(!secrets.iter().any(|secret| text.contains(&**secret)), "a record carries a credential");
    }
    Ok(())
}
