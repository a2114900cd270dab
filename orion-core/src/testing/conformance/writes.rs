//! Group 12: writing.

use serde_json::Value;

use super::{
    Report, Sample, Subject,
    bench::{Bench, Line, Stream, Verdict, ensure, failed, not_declared, one, snapshot},
    mapping::carries,
};
use crate::{Change, ErrorKind, Record, WriteOptions, Written};

pub(super) async fn run<S: Subject>(bench: &Bench<'_, S>, stream: &Stream, report: &mut Report) {
    if !stream.can.write {
        return;
    }
    let on = stream.to_string();
    report.add("writes.created_records_are_there", &on, created_are_there(bench, stream)).await;
    report.add("writes.created_ids_match_their_inputs", &on, created_match(bench, stream)).await;
    report.add("writes.an_update_changes_its_record", &on, update(bench, stream)).await;
    report.add("writes.outcomes_in_order", &on, outcomes_in_order(bench, stream)).await;
    report.add("writes.a_bad_record_fails_alone", &on, bad_record(bench, stream)).await;
    report.add("writes.a_delete_removes_its_record", &on, delete(bench, stream)).await;
    report.add("writes.an_upsert_makes_a_record_once", &on, upsert(bench, stream)).await;
    report.add("writes.a_stale_version_is_a_conflict", &on, stale_version(bench, stream)).await;
    report.add("writes.no_records_send_nothing", &on, no_records(bench, stream)).await;
    report.add("writes.an_update_without_id_is_refused", &on, without_id(bench, stream)).await;
}

fn readable(stream: &Stream) -> Verdict {
    if stream.can.read { Ok(()) } else { not_declared("the kind cannot be read back") }
}

pub(super) async fn create<S: Subject>(
    bench: &Bench<'_, S>,
    line: &Line,
    stream: &Stream,
) -> Verdict<(Sample, Written)> {
    let sample = bench.sample(stream)?;
    let written = one(line.write(stream, &WriteOptions::create(), vec![sample.clone()]).await?)?;
    ensure!(written.created, "a new record is said to have been there");
    Ok((sample, written))
}

pub(super) async fn find(line: &Line, stream: &Stream, id: &str) -> Verdict<Option<Record<Value>>> {
    readable(stream)?;
    let changes = line.read(stream, stream.query()).await?;
    Ok(changes.into_iter().filter(|change| change.id().as_str() == id).find_map(Change::into_record))
}

async fn created_are_there<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let (_, written) = create(bench, &line, stream).await?;
    ensure!(!written.id.is_empty(), "a new record has no id");
    let found = find(&line, stream, written.id.as_str()).await?;
    ensure!(found.is_some(), "a record that was made is not there");
    Ok(())
}

async fn created_match<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let samples = bench.samples(stream, bench.subject.batch())?;
    let outcomes = line.write(stream, &WriteOptions::create(), samples.clone()).await?;
    ensure!(outcomes.len() == samples.len(), "{} outcomes for {} records", outcomes.len(), samples.len());
    readable(stream)?;
    let there = snapshot(&line.read(stream, stream.query()).await?);
    for (at, (sample, outcome)) in samples.iter().zip(outcomes).enumerate() {
        let id = outcome?.id;
        let Some(Some((model, _))) = there.get(id.as_str()) else {
            return failed(format!("record {at} of a batch is not there under the id its outcome names"));
        };
        ensure!(carries(model, &sample.model), "outcome {at} of a batch names the id of another record");
    }
    Ok(())
}

async fn update<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let (_, written) = create(bench, &line, stream).await?;
    let mut changed = bench.sample(stream)?;
    changed.id = written.id.clone();
    let outcome = one(line.write(stream, &WriteOptions::update(), vec![changed.clone()]).await?)?;
    ensure!(!outcome.created && outcome.id == written.id, "an update is said to have made another record");
    match find(&line, stream, written.id.as_str()).await? {
        Some(record) if carries(&record.model, &changed.model) => Ok(()),
        Some(_) => failed("an updated record does not hold what was written"),
        None => failed("an updated record is gone"),
    }
}

/// An id that has the vendor's form and no record, as far as the adapter can make one.
async fn absent_id<S: Subject>(bench: &Bench<'_, S>, line: &Line, stream: &Stream) -> Verdict<String> {
    let (sample, written) = create(bench, line, stream).await?;
    let record = Sample::new(written.id.clone(), sample.model);
    let deleted = line.write(stream, &WriteOptions::delete(), vec![record]).await;
    Ok(if deleted.is_ok_and(|outcomes| outcomes.iter().all(Result::is_ok)) {
        written.id.to_string()
    } else {
        "orion-no-such-id".to_owned()
    })
}

async fn outcomes_in_order<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let absent = absent_id(bench, &line, stream).await?;
    let mut records = Vec::new();
    for _ in 0..4 {
        let (_, written) = create(bench, &line, stream).await?;
        let mut record = bench.sample(stream)?;
        record.id = written.id;
        // Last made first, so that an adapter which sorts by id shows.
        records.insert(0, record);
    }
    let mut missing = bench.sample(stream)?;
    missing.id = absent.into();
    records.insert(2, missing);
    let outcomes = line.write(stream, &WriteOptions::update(), records.clone()).await?;
    ensure!(outcomes.len() == records.len(), "{} outcomes for {} records", outcomes.len(), records.len());
    for (at, (record, outcome)) in records.iter().zip(&outcomes).enumerate() {
        match outcome {
            Ok(written) => {
                ensure!(at != 2 && written.id == record.id, "outcome {at} belongs to another record")
            }
            Err(error) => {
                ensure!(at == 2, "record {at} failed instead of the one that is not there: {error}")
            }
        }
    }
    Ok(())
}

async fn bad_record<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let Some(invalid) = bench.subject.invalid(stream.kind, stream.name()) else {
        return not_declared("the subject has no record that the vendor refuses");
    };
    let line = bench.line().await?;
    let mut records = bench.samples(stream, 2)?;
    records.insert(1, invalid);
    let outcomes = line.write(stream, &WriteOptions::create(), records).await?;
    let failed: Vec<bool> = outcomes.iter().map(Result::is_err).collect();
    ensure!(
        failed == [false, true, false],
        "of three records with a bad one in the middle, failed: {failed:?}"
    );
    let kind = outcomes[1].as_ref().err().map(crate::Error::kind);
    let kinds = [ErrorKind::Rejected, ErrorKind::Config, ErrorKind::Conflict, ErrorKind::TooLarge];
    ensure!(kind.is_some_and(|kind| kinds.contains(&kind)), "{kind:?} for a record the vendor refuses");
    Ok(())
}

async fn delete<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let (sample, written) = create(bench, &line, stream).await?;
    let record = Sample::new(written.id.clone(), sample.model);
    let outcomes = line.write(stream, &WriteOptions::delete(), vec![record]).await?;
    if let [Err(error)] = &outcomes[..]
        && error.kind() == ErrorKind::Unsupported
    {
        return not_declared("the adapter says that it does not delete");
    }
    one(outcomes)?;
    let found = find(&line, stream, written.id.as_str()).await?;
    ensure!(found.is_none(), "a deleted record is still there");
    Ok(())
}

async fn upsert<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let Some(key) = stream.object.as_ref().and_then(|object| object.key.clone()) else {
        return not_declared("the object has no key");
    };
    let line = bench.line().await?;
    let (options, sample) = (WriteOptions::upsert(key), bench.sample(stream)?);
    let first = one(line.write(stream, &options, vec![sample.clone()]).await?)?;
    let second = one(line.write(stream, &options, vec![sample]).await?)?;
    ensure!(first.created, "the first upsert of a key is said to have found a record");
    ensure!(first.id == second.id && !second.created, "the second upsert of a key made another record");
    Ok(())
}

async fn stale_version<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let (_, written) = create(bench, &line, stream).await?;
    let Some(stale) = find(&line, stream, written.id.as_str()).await? else {
        return failed("a record that was made is not there");
    };
    if stale.meta.version.is_none() {
        return not_declared("records carry no version");
    }
    let mut current = bench.sample(stream)?;
    current.id = written.id.clone();
    current.meta.version.clone_from(&stale.meta.version);
    one(line.write(stream, &WriteOptions::update(), vec![current.clone()]).await?)?;
    let outcomes = line.write(stream, &WriteOptions::update(), vec![current]).await?;
    let kind = outcomes.first().and_then(|outcome| outcome.as_ref().err()).map(crate::Error::kind);
    ensure!(kind == Some(ErrorKind::Conflict), "{kind:?} for a record that has changed since it was read");
    Ok(())
}

async fn no_records<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let outcomes = line.write(stream, &WriteOptions::create(), Vec::new()).await?;
    ensure!(outcomes.is_empty(), "{} outcomes for no record", outcomes.len());
    let sent = line.wire.calls().iter().filter(|seen| !seen.method.is_safe()).count();
    ensure!(sent == 0, "{sent} requests that write, for no record");
    Ok(())
}

async fn without_id<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    readable(stream)?;
    let line = bench.line().await?;
    let before = line.read(stream, stream.query()).await?.len();
    let sample = bench.sample(stream)?;
    let outcomes = line.write(stream, &WriteOptions::update(), vec![sample]).await;
    let refused = outcomes.map_or(true, |outcomes| outcomes.iter().any(Result::is_err));
    ensure!(refused, "an update of a record without an id succeeds");
    let after = line.read(stream, stream.query()).await?.len();
    ensure!(before == after, "an update without an id made a record");
    Ok(())
}
