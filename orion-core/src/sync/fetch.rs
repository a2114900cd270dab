//! Reading pages of a stream.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::{Instant, sleep};

use super::{Deletes, Plan, State, pass::Context};
use crate::{Error, Model, Object, Page, Query, Read, Result, Retry};

/// A page, and how it was read.
pub(super) struct Fetched<M> {
    pub(super) page: Page<M>,
    /// Our clock before the page was asked for.
    pub(super) asked_at: DateTime<Utc>,
    pub(super) took: Duration,
}

impl<M> Fetched<M> {
    /// When the page was read: by the source's clock if it tells.
    pub(super) fn at(&self) -> DateTime<Utc> {
        self.page.as_of.unwrap_or(self.asked_at)
    }
}

pub(super) struct Fetch<'a, M, A> {
    pub(super) plan: &'a Plan<M, A>,
    pub(super) context: Context<'a>,
    pub(super) object: Option<Object>,
}

impl<M: Model, A: Read<M>> Fetch<'_, M, A> {
    /// Reads the page a state asks for; `None` if the run is told to stop first.
    ///
    /// The adapter has retried single calls already. This outlasts what they do not, such as a vendor's maintenance of a minute.
    pub(super) async fn page(&self, state: &State) -> Result<Option<Fetched<M>>> {
        let query = self.query(state);
        let mut errors = 0;
        loop {
            let (asked_at, started) = (self.context.clock.now(), Instant::now());
            match self.context.unless_stopped(self.plan.source.read(&query)).await {
                None => return Ok(None),
                Some(Ok(page)) => return Ok(Some(Fetched { page, asked_at, took: started.elapsed() })),
                Some(Err(error)) => {
                    errors += 1;
                    let Some(wait) = self.wait(&error, errors) else { return Err(error) };
                    if self.context.unless_stopped(sleep(wait)).await.is_none() {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// How long to wait before reading again; `None` to give up.
    fn wait(&self, error: &Error, errors: u32) -> Option<Duration> {
        if errors >= self.plan.policy.max_consecutive_errors {
            return None;
        }
        match error.retry() {
            Retry::Never => None,
            Retry::After(wait) => Some(wait),
            Retry::Now | Retry::Exhausted => Some(Duration::from_secs(1 << errors.min(6))),
        }
    }

    fn query(&self, state: &State) -> Query {
        let policy = &self.plan.policy;
        let mut query = state.query(policy.overlap);
        query.object.clone_from(&self.plan.object);
        query.page_size = policy.page_size;
        // A stream that is read whole each time hears of deletes in no other way.
        query.deletes |= policy.full_refresh && policy.deletes == Deletes::Reported;
        query.deletes &= policy.deletes != Deletes::Ignored && self.object.as_ref().is_none_or(|o| o.deletes);
        query
    }
}
