//! The result files of an ingest job.

use csv::{StringRecord, Writer};
use http::StatusCode;

use super::csv_text::{reader, writer, written};
use super::ingest_run::Ingest;
use super::{Asked, wrong_state};
use crate::sandbox::reply::{self, Reply};
use crate::sandbox::rest::Outcome;
use crate::sandbox::state::World;

/// Serves `successfulResults`, `failedResults` and `unprocessedrecords`. The last is spelt in two ways by clients.
pub(super) fn serve(asked: Asked<'_>, id: &str, results: &str) -> Outcome {
    let fill: fn(&World, &Ingest, &mut Writer<Vec<u8>>) -> csv::Result<()> =
        match results.to_ascii_lowercase().as_str() {
            "successfulresults" => succeeded,
            "failedresults" => failed,
            "unprocessedrecords" => unprocessed,
            _ => return Ok(reply::not_found()),
        };
    let mut jobs = asked.world.jobs();
    let job = jobs.ingest_mut(id, asked.world.now())?;
    if !job.head.state.is_over() {
        return Err(wrong_state(&format!("A job in state {} has no results", job.head.state.name())));
    }
    let mut out = writer(job.head.delimiter, job.head.line_ending);
    // Writing CSV to memory does not fail.
    let _infallible = fill(asked.world, job, &mut out);
    Ok(Reply::new(StatusCode::OK, "text/csv", written(out)))
}

/// The order of results is not that of the input (Salesforce docs): it is shuffled, by the seed.
fn order(world: &World, count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    fastrand::Rng::with_seed(world.settings.seed ^ count as u64).shuffle(&mut order);
    order
}

fn line(out: &mut Writer<Vec<u8>>, first: &[&str], row: &StringRecord) -> csv::Result<()> {
    out.write_record(first.iter().copied().chain(row))
}

fn succeeded(world: &World, job: &Ingest, out: &mut Writer<Vec<u8>>) -> csv::Result<()> {
    out.write_record(["sf__Id", "sf__Created"].into_iter().chain(job.columns.iter().map(String::as_str)))?;
    for row in order(world, job.succeeded.len()).into_iter().filter_map(|index| job.succeeded.get(index)) {
        line(out, &[&row.id, if row.created { "true" } else { "false" }], &row.row)?;
    }
    Ok(())
}

fn failed(world: &World, job: &Ingest, out: &mut Writer<Vec<u8>>) -> csv::Result<()> {
    out.write_record(["sf__Id", "sf__Error"].into_iter().chain(job.columns.iter().map(String::as_str)))?;
    for row in order(world, job.failed.len()).into_iter().filter_map(|index| job.failed.get(index)) {
        line(out, &[&row.id, &row.error], &row.row)?;
    }
    Ok(())
}

fn unprocessed(world: &World, job: &Ingest, out: &mut Writer<Vec<u8>>) -> csv::Result<()> {
    if let Some(upload) = &job.upload {
        return untouched(job, upload, out);
    }
    out.write_record(&job.columns)?;
    for row in order(world, job.unprocessed.len()).into_iter().filter_map(|index| job.unprocessed.get(index))
    {
        line(out, &[], row)?;
    }
    Ok(())
}

/// All rows of a job that never came to be processed.
fn untouched(job: &Ingest, upload: &[u8], out: &mut Writer<Vec<u8>>) -> csv::Result<()> {
    let mut reader = reader(upload, job.head.delimiter);
    out.write_record(reader.headers()?)?;
    reader.records().try_for_each(|row| out.write_record(&row?))
}
