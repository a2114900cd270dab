//! Group 3: what the adapter says it offers.

use std::collections::BTreeSet;

use super::{
    Report, Subject,
    bench::{Bench, Stream, Verdict, ensure, failed, not_declared},
};
use crate::ErrorKind;

pub(super) async fn run<S: Subject>(bench: &Bench<'_, S>, report: &mut Report) {
    report.add("resources.are_declared", "", async { declared(bench) }).await;
    report.add("resources.kinds_are_spelled_alike", "", async { spelled_alike(bench) }).await;
    report.add("resources.objects_are_named_once", "", async { named_once(bench) }).await;
    report.add("resources.schemas_describe_objects", "", schemas(bench)).await;
    for stream in bench.streams.iter().filter(|stream| stream.object.is_some()) {
        let on = stream.to_string();
        report.add("resources.unknown_object_is_refused", &on, unknown_object(bench, stream)).await;
    }
}

fn declared<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    ensure!(
        !bench.id.name.is_empty() && !bench.id.version.is_empty(),
        "the adapter has no name or no version"
    );
    let idle = bench.streams.iter().find(|stream| {
        let can = stream.can;
        !(can.read || can.write || can.bulk || can.receive || can.watch)
    });
    match idle {
        Some(stream) => failed(format!("nothing can be done with {stream}")),
        None if bench.streams.is_empty() => failed("the adapter offers nothing"),
        None => Ok(()),
    }
}

fn spelled_alike<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    let plain =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let odd = bench.streams.iter().find(|stream| !plain(stream.kind.as_str()));
    match odd {
        Some(stream) => failed(format!("kind `{}` is not lower case with `_`", stream.kind)),
        None => Ok(()),
    }
}

fn named_once<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    let mut seen = BTreeSet::new();
    for stream in &bench.streams {
        ensure!(
            stream.object.is_none() || !stream.name().is_empty(),
            "an object of {} has no name",
            stream.kind
        );
        ensure!(seen.insert((stream.kind, stream.name())), "{stream} is listed twice");
    }
    Ok(())
}

async fn schemas<S: Subject>(bench: &Bench<'_, S>) -> Verdict {
    let line = bench.line().await?;
    for (kind, resource) in line.connector.offers().iter() {
        let schema = resource.schema();
        let properties = schema.get("properties").and_then(|value| value.as_object());
        ensure!(
            properties.is_some_and(|names| !names.is_empty()),
            "the schema of `{kind}` names no properties"
        );
    }
    Ok(())
}

async fn unknown_object<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    if !stream.can.read {
        return not_declared("the kind cannot be read");
    }
    let query = stream.query().object("No_Such_Object_Zz");
    let Err(error) = bench.line().await?.page(stream, &query).await else {
        return failed("an object that does not exist reads as if it did");
    };
    let kinds = [ErrorKind::Config, ErrorKind::NotFound, ErrorKind::Rejected, ErrorKind::Unsupported];
    ensure!(kinds.contains(&error.kind()), "{:?} for an object that does not exist", error.kind());
    Ok(())
}
