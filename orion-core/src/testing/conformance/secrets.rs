//! What must not be shown, looked for in all that the run so far has shown.

use serde_json::{Value, json};

use super::{
    Report, Sample, Subject,
    bench::{Bench, Verdict, ensure, not_declared},
    wire::Act,
};
use crate::{WriteOptions, testing::Reply};

const CANARY: &str = "canary-7f3a91c2e6";

pub(super) async fn run<S: Subject>(bench: &Bench<'_, S>, report: &mut Report) {
    report.add("secrets.answers_are_not_quoted", "", answers(bench)).await;
    report.add("secrets.records_are_not_quoted", "", records(bench)).await;
    report.add("secrets.never_printed", "", async { never_printed(bench) }).await;
    report.add("secrets.never_in_an_address", "", async { never_in_an_address(bench) }).await;
}

impl<S: Subject> Bench<'_, S> {
    /// What the subject names as secret, and every credential that went over the wire in a header.
    pub(super) fn secrets(&self) -> Vec<String> {
        let mut secrets = self.subject.secrets();
        for wire in self.evidence().wires.iter() {
            for seen in wire.all() {
                let headers =
                    ["authorization", "cookie", "x-api-key"].map(|name| seen.headers.get(name).cloned());
                let texts = headers.iter().flatten().filter_map(|value| value.to_str().ok());
                secrets.extend(texts.filter_map(|text| text.split(' ').next_back()).map(str::to_owned));
            }
        }
        secrets.retain(|secret| secret.len() >= 6);
        secrets.sort();
        secrets.dedup();
        secrets
    }

    fn shown(&self) -> Vec<String> {
        let evidence = self.evidence();
        let events = evidence.events.iter().flat_map(|events| events.all()).map(|event| event.text);
        evidence.texts.iter().cloned().chain(events).collect()
    }
}

fn never_printed<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    let secrets = bench.secrets();
    if secrets.is_empty() {
        return not_declared("there is no secret to look for");
    }
    let shown = bench.shown();
    ensure!(!shown.is_empty(), "nothing was shown in the whole run, not even an error");
    let leak = shown.iter().find(|text| secrets.iter().any(|secret| text.contains(&**secret)));
    // Not the text itself: this report is printed.
    ensure!(leak.is_none(), "a credential is in an error, an event or a `Debug` of the connector");
    Ok(())
}

fn never_in_an_address<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    let secrets = bench.secrets();
    if secrets.is_empty() {
        return not_declared("there is no secret to look for");
    }
    let wires: Vec<_> = bench.evidence().wires.clone();
    let mut addresses = wires.iter().flat_map(|wire| wire.all()).map(|seen| seen.url.to_string());
    let leak = addresses.find(|address| secrets.iter().any(|secret| address.contains(&**secret)));
    ensure!(leak.is_none(), "a credential is part of an address, where proxies and servers log it");
    Ok(())
}

/// Bodies that quote something, each wrong in its own way.
fn quoting(at: u64) -> Reply {
    let error = json!({ "error": { "code": "invalid", "message": CANARY, "field": "name" } });
    match at {
        0 => Reply::json(400, error),
        1 => Reply::json(400, json!([{ "errorCode": "INVALID", "message": CANARY, "fields": [] }])),
        2 => Reply::body(500, "text/html", format!("<title>{CANARY}</title>")),
        3 => Reply::body(200, "text/html", format!("<title>{CANARY}</title>")),
        4 => Reply::json(200, json!(CANARY)),
        5 => {
            Reply::json(200, json!({ "data": CANARY, "records": CANARY, "items": CANARY, "results": CANARY }))
        }
        6 => {
            Reply::json(200, json!({ "data": [{ "id": { "x": CANARY } }], "records": [{ "Id": [CANARY] }] }))
        }
        _ => Reply::json(403, error),
    }
}

async fn answers<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    bench.wired()?;
    for at in 0..8 {
        let line = bench.line().await?;
        line.probe(bench).await?;
        line.wire.plan(move |_| Act::Answer(quoting(at)));
        // Whatever comes of it is in the evidence.
        drop(line.probe(bench).await);
    }
    let quoted = bench.shown().iter().any(|text| text.contains(CANARY));
    ensure!(!quoted, "an error or an event quotes the vendor's answer");
    Ok(())
}

/// The longer texts of a record.
fn leaves(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.len() >= 6 => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| leaves(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| leaves(field, found)),
        _ => {}
    }
}

/// A vendor that refuses a write and quotes it.
async fn records<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    bench.wired()?;
    let Some(stream) = bench.streams.iter().find(|stream| stream.can.write) else {
        return not_declared("nothing can be written");
    };
    let sample: Sample = bench.sample(stream)?;
    let mut texts = Vec::new();
    leaves(&sample.model, &mut texts);
    // The name of the object is no content.
    texts.retain(|text| text != stream.name());
    ensure!(!texts.is_empty(), "the subject's sample holds no text of six letters");
    let line = bench.line().await?;
    line.wire.plan(|seen| {
        let said = String::from_utf8_lossy(&seen.body).into_owned();
        Act::Answer(Reply::json(422, json!({ "error": { "code": "invalid", "message": said } })))
    });
    drop(line.write(stream, &WriteOptions::create(), vec![sample]).await);
    let shown = bench.shown();
    let quoted = texts.iter().any(|text| shown.iter().any(|shown| shown.contains(&**text)));
    ensure!(!quoted, "an error quotes the record it is about");
    Ok(())
}
