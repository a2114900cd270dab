//! Group 13: bulk jobs.

use std::collections::BTreeSet;

use futures::TryStreamExt;

use super::{
    Report, Sample, Subject,
    bench::{Bench, Line, Stream, Verdict, ensure, failed, ids, not_declared, snapshot},
    mapping::carries,
};
use crate::{BulkJob, BulkPart, Change, ErrorKind, RowOutcome, WriteOptions, testing::Injection};

pub(super) async fn run<S: Subject>(bench: &Bench<'_, S>, stream: &Stream, report: &mut Report) {
    if !stream.can.bulk {
        return;
    }
    let on = stream.to_string();
    report.add("bulk.every_row_has_its_outcome", &on, every_row(bench, stream)).await;
    report.add("bulk.outcomes_belong_to_their_rows", &on, belong(bench, stream)).await;
    report.add("bulk.a_job_is_found_again_by_its_id", &on, found_again(bench, stream)).await;
    report.add("bulk.a_bad_row_fails_alone", &on, bad_row(bench, stream)).await;
    report.add("bulk.no_rows_make_no_records", &on, no_rows(bench, stream)).await;
    report.add("bulk.an_unknown_job_is_an_error", &on, unknown_job(bench, stream)).await;
    report.add("bulk.an_abort_undoes_nothing", &on, abort(bench, stream)).await;
    report.add("bulk.an_export_is_what_a_read_is", &on, export(bench, stream)).await;
    report.add("bulk.a_lost_answer_doubles_nothing", &on, lost_answer(bench, stream)).await;
}

async fn submit(line: &Line, stream: &Stream, records: Vec<Sample>) -> crate::Result<BulkJob> {
    let options = stream.options(WriteOptions::create());
    line.connector.submit_json(stream.kind, &options, records).await
}

async fn outcomes(line: &Line, stream: &Stream, job: &BulkJob) -> Verdict<Vec<RowOutcome>> {
    Ok(line.connector.outcomes_json(stream.kind, job).try_collect().await?)
}

async fn every_row<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let count = bench.subject.batch();
    let job = submit(&line, stream, bench.samples(stream, count)?).await?;
    ensure!(job.records == count, "the job counts {} of {count} records", job.records);
    let rows = outcomes(&line, stream, &job).await?;
    let indexes: BTreeSet<_> = rows.iter().filter_map(|row| row.index).collect();
    ensure!(rows.len() as u64 == count, "{} outcomes for {count} rows", rows.len());
    ensure!(indexes == (0..count).collect(), "the outcomes do not name each row once");
    let failed = rows.iter().filter(|row| row.outcome.is_err()).count();
    ensure!(failed == 0, "{failed} of {count} good rows failed");
    Ok(())
}

async fn belong<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    if !stream.can.read {
        return not_declared("the kind cannot be read back");
    }
    let line = bench.line().await?;
    let samples = bench.samples(stream, bench.subject.batch())?;
    let job = submit(&line, stream, samples.clone()).await?;
    let rows = outcomes(&line, stream, &job).await?;
    let there = snapshot(&line.read(stream, stream.query()).await?);
    for row in rows {
        let Some(sample) = row.index.and_then(|index| samples.get(usize::try_from(index).ok()?)) else {
            return failed("an outcome names no row");
        };
        let id = row.outcome?.id;
        let Some(Some((model, _))) = there.get(id.as_str()) else {
            return failed("a loaded record is not there under the id its outcome names");
        };
        ensure!(carries(model, &sample.model), "an outcome names the id of another row");
    }
    Ok(())
}

async fn found_again<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let count = bench.subject.batch();
    let job = submit(&bench.line().await?, stream, bench.samples(stream, count)?).await?;
    let written = serde_json::to_string(&job).unwrap_or_default();
    let Ok(job) = serde_json::from_str::<BulkJob>(&written) else {
        return failed("the job does not survive its JSON");
    };
    let rows = outcomes(&bench.line().await?, stream, &job).await?;
    let done = rows.iter().filter(|row| row.outcome.is_ok()).count();
    ensure!(done as u64 == count, "another process finds {done} of {count} outcomes");
    Ok(())
}

async fn bad_row<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let Some(invalid) = bench.subject.invalid(stream.kind, stream.name()) else {
        return not_declared("the subject has no record that the vendor refuses");
    };
    let line = bench.line().await?;
    let mut records = bench.samples(stream, 2)?;
    records.insert(1, invalid);
    let job = submit(&line, stream, records).await?;
    let mut rows = outcomes(&line, stream, &job).await?;
    rows.sort_by_key(|row| row.index);
    let failed: Vec<bool> = rows.iter().map(|row| row.outcome.is_err()).collect();
    ensure!(failed == [false, true, false], "of three rows with a bad one in the middle, failed: {failed:?}");
    Ok(())
}

async fn no_rows<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let job = submit(&line, stream, Vec::new()).await?;
    let rows = outcomes(&line, stream, &job).await?;
    ensure!(rows.is_empty() && job.records == 0, "{} outcomes for no row", rows.len());
    Ok(())
}

async fn unknown_job<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    let line = bench.line().await?;
    let mut job = BulkJob::new(stream.name(), None);
    job.parts.push(BulkPart::new("orion-no-such-job", 1));
    job.records = 1;
    let rows = outcomes(&line, stream, &job).await;
    ensure!(rows.is_err(), "a job that does not exist has outcomes");
    Ok(())
}

async fn abort<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    if !stream.can.read {
        return not_declared("the kind cannot be read back");
    }
    let line = bench.line().await?;
    let job = submit(&line, stream, bench.samples(stream, 2)?).await?;
    outcomes(&line, stream, &job).await?;
    let before = line.read(stream, stream.query()).await?.len();
    let result = line.connector.abort_json(stream.kind, &job).await;
    let kind = result.as_ref().err().map(crate::Error::kind);
    let kinds = [None, Some(ErrorKind::Conflict), Some(ErrorKind::NotFound)];
    ensure!(kinds.contains(&kind), "{kind:?} for the abort of a job that has ended");
    let after = line.read(stream, stream.query()).await?.len();
    ensure!(before == after, "an abort of a job that had ended changed {before} records to {after}");
    Ok(())
}

async fn export<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    if !stream.can.read {
        return not_declared("the kind cannot be read otherwise");
    }
    let line = bench.line().await?;
    let (query, read) = (stream.query(), line.read(stream, stream.query()).await?);
    let exported: Vec<Change<_>> = line.connector.export_json(stream.kind, &query).try_collect().await?;
    ensure!(ids(&exported).len() == ids(&read).len(), "{} exported, {} read", exported.len(), read.len());
    ensure!(snapshot(&exported) == snapshot(&read), "an exported record differs from the same one read");
    Ok(())
}

async fn lost_answer<S: Subject>(bench: &Bench<'_, S>, stream: &Stream) -> Verdict {
    bench.wired()?;
    if !stream.can.read {
        return not_declared("the kind cannot be read back");
    }
    let line = bench.line().await?;
    let before = line.read(stream, stream.query()).await?.len();
    let samples = bench.samples(stream, 3)?;
    line.wire.once(Injection::ResetAfter, |seen| !seen.method.is_safe());
    if let Ok(job) = submit(&line, stream, samples).await {
        outcomes(&line, stream, &job).await?;
    }
    let made = line.read(stream, stream.query()).await?.len() - before;
    ensure!(made == 0 || made == 3, "three rows whose answer was lost made {made} records");
    Ok(())
}
