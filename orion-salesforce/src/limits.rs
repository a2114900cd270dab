//! The org's request quota: read from every answer, and a budget a host can set.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use orion_core::{
    Error, ErrorKind, Result,
    http::{Middleware, Next, Request, Response},
    observe::Event,
};
use serde::Deserialize;
use tokio::time::Instant;

use crate::Salesforce;

/// The quota header (REST API Developer Guide, "Limit Info Header"): `api-usage=18/5000`, with other parts after it.
const HEADER: &str = "sforce-limit-info";

/// How much of the org's API requests of the last 24 hours is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Requests used.
    pub used: u64,
    /// Requests allowed.
    pub limit: u64,
}

/// One of the org's limits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
pub struct Limit {
    /// The most there can be.
    pub max: i64,
    /// What is left of it.
    pub remaining: i64,
}

/// How long a spent budget is believed: the org's count falls as its 24 hours pass, and only an answer says how far.
const BELIEVED: Duration = Duration::from_secs(900);

/// Reads the header of every answer and refuses requests past the budget, but for one every quarter of an hour that asks again.
#[derive(Debug, Default)]
pub(crate) struct Quota {
    used: AtomicU64,
    limit: AtomicU64,
    /// The most the connector may let the org's usage grow to; 0 for no budget.
    budget: u64,
    /// When the next request past the budget may leave.
    ask_at: Mutex<Option<Instant>>,
}

impl Quota {
    pub(crate) fn with_budget(budget: Option<u64>) -> Self {
        Self { budget: budget.unwrap_or_default(), ..Self::default() }
    }

    pub(crate) fn usage(&self) -> Option<Usage> {
        let limit = self.limit.load(Ordering::Relaxed);
        (limit > 0).then(|| Usage { used: self.used.load(Ordering::Relaxed), limit })
    }

    fn may_ask(&self) -> bool {
        let now = Instant::now();
        let mut ask_at = self.ask_at.lock().unwrap_or_else(PoisonError::into_inner);
        let due = ask_at.is_some_and(|at| at <= now);
        if due || ask_at.is_none() {
            *ask_at = Some(now + BELIEVED);
        }
        due
    }

    fn check(&self) -> Result<()> {
        let used = self.used.load(Ordering::Relaxed);
        if self.budget == 0 || used < self.budget || self.may_ask() {
            return Ok(());
        }
        let message = format!(
            "the request budget is used up ({used} of {}); raise `request_budget` or wait for the org's 24 hours to pass",
            self.budget
        );
        Err(Error::new(ErrorKind::RateLimited, message))
    }
}

#[async_trait]
impl Middleware for Quota {
    async fn handle(&self, request: Request, next: Next<'_>) -> Result<Response> {
        if request.authorize {
            self.check()?;
        }
        let response = next.run(request).await?;
        if let Some(Usage { used, limit }) = response.header(HEADER).and_then(parse) {
            self.used.store(used, Ordering::Relaxed);
            self.limit.store(limit, Ordering::Relaxed);
            if used < self.budget {
                *self.ask_at.lock().unwrap_or_else(PoisonError::into_inner) = None;
            }
            next.emit(&Event::Quota { adapter: crate::NAME, name: "api-usage", used, limit });
        }
        Ok(response)
    }
}

fn parse(header: &str) -> Option<Usage> {
    let (_, usage) = header
        .split(';')
        .map(str::trim)
        .find_map(|part| part.split_once("api-usage=").filter(|(before, _)| before.is_empty()))?;
    let (used, limit) = usage.split_once('/')?;
    Some(Usage { used: used.trim().parse().ok()?, limit: limit.trim().parse().ok()? })
}

impl Salesforce {
    /// How much of the org's API requests is used, as the last answer said.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        self.inner().quota.usage()
    }

    /// Asks for every limit of the org, by name: `DailyApiRequests`, `DailyBulkV2QueryJobs`, …
    ///
    /// ```
    /// # use orion_salesforce::{Config, Salesforce, sandbox::Sandbox};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = Sandbox::builder().records(10).start().await?;
    /// # let salesforce = Salesforce::new(Config::sandbox(&sandbox))?;
    /// let limits = salesforce.limits().await?;
    /// println!("{} API requests are left today", limits["DailyApiRequests"].remaining);
    /// assert!(salesforce.usage().is_some(), "each answer tells, without asking");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// What the request reports.
    pub async fn limits(&self) -> Result<BTreeMap<String, Limit>> {
        self.get("limits", "limits").json().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_read_by_its_keys() {
        let usage = Some(Usage { used: 18, limit: 5000 });
        assert_eq!(parse("api-usage=18/5000"), usage);
        assert_eq!(parse("api-usage=18/5000; per-app-api-usage=17/250(appName=x)"), usage);
        assert_eq!(parse("per-app-api-usage=17/250(appName=x); api-usage=18/5000"), usage);
        assert_eq!(parse("api-bursts=1/750"), None);
        assert_eq!(parse("api-usage=many"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_spent_budget_is_asked_after_now_and_then() {
        let quota = Quota::with_budget(Some(10));
        quota.used.store(10, Ordering::Relaxed);
        assert!(quota.check().is_err());
        tokio::time::advance(BELIEVED).await;
        assert!(quota.check().is_ok(), "one request may find out");
        assert!(quota.check().is_err(), "and no second one");
        quota.used.store(3, Ordering::Relaxed);
        assert!(quota.check().is_ok());
    }

    #[test]
    fn a_spent_budget_refuses_before_the_request_leaves() {
        let quota = Quota::with_budget(Some(10));
        quota.used.store(9, Ordering::Relaxed);
        assert!(quota.check().is_ok());
        quota.used.store(10, Ordering::Relaxed);
        assert_eq!(quota.check().unwrap_err().kind(), ErrorKind::RateLimited);
        quota.used.store(u64::MAX, Ordering::Relaxed);
        assert!(Quota::with_budget(None).check().is_ok());
    }
}
