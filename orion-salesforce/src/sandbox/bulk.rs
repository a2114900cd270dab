//! Bulk API 2.0: ingest and query jobs.
//!
//! A job advances in the background: it waits `bulk_delay` on the sandbox's clock in `UploadComplete` and again in
//! `InProgress`, and works through its rows in short steps, so that it can be watched and aborted.

mod csv_text;
mod ingest;
mod ingest_results;
mod ingest_run;
mod job;
mod query;

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use super::call::Call;
use super::reply::{self, Reply};
use super::rest::{Outcome, version_number};
use super::state::World;
use super::store::ApiError;
use orion_core::sandbox::Scope;

pub(crate) use job::Jobs;

/// One request on a job.
#[derive(Debug, Clone, Copy)]
struct Asked<'a> {
    world: &'a Arc<World>,
    call: &'a Call,
    scope: &'a Scope,
    /// The version as the path has it: `v60.0`.
    version: &'a str,
}

/// Routes below `jobs`.
pub(crate) fn serve(world: &Arc<World>, call: &Call, scope: &Scope, version: &str, tail: &[&str]) -> Reply {
    if version_number(version).is_none() {
        return reply::not_found();
    }
    let asked = Asked { world, call, scope, version };
    let outcome: Outcome = match tail {
        ["ingest", rest @ ..] => ingest::serve(asked, rest),
        ["query", rest @ ..] => query::serve(asked, rest),
        _ => Ok(reply::not_found()),
    };
    outcome.unwrap_or_else(Reply::from)
}

/// Waits on the sandbox's clock, which a test may move.
async fn wait(world: &World, by: Duration) {
    world.common.reached(world.now() + by).await;
}

/// A job in the wrong state for what is asked of it. The wording is unverified.
fn wrong_state(message: &str) -> ApiError {
    ApiError::new(400, "INVALIDJOBSTATE", message)
}

/// A job that cannot be created as asked. The wording is unverified.
fn invalid_job(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "INVALIDJOB", message)
}

fn no_content() -> Reply {
    Reply::empty(StatusCode::NO_CONTENT)
}
