//! The metrics there are.

use serde::Serialize;

/// What a metric is: its name, how its samples add up, and which labels they carry.
///
/// There is no way to make one but here, so that no name is mistyped and no label holds what it should not:
///
/// ```compile_fail,E0639
/// use orion_metrics::{Descriptor, Form, Unit};
///
/// let mine = Descriptor {
///     name: "orion_callz_total",
///     form: Form::Counter,
///     unit: Unit::Count,
///     help: "calls",
///     labels: &["record_id"],
/// };
/// ```
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct Descriptor {
    /// The name, in the style of Prometheus: `orion_calls_total`.
    pub name: &'static str,
    /// How its samples add up.
    pub form: Form,
    /// What is counted or measured.
    pub unit: Unit,
    /// What it says, in one line.
    pub help: &'static str,
    /// The names of its labels, in the order in which samples carry them.
    pub labels: &'static [&'static str],
}

/// How the samples of a metric add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Form {
    /// A sample is an increment; the sum never falls.
    Counter,
    /// A sample is the value from now on.
    Gauge,
    /// A sample is one observation of many.
    Histogram,
}

/// What is counted or measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unit {
    /// Things.
    Count,
    /// Seconds.
    Seconds,
}

macro_rules! metrics {
    ($($(#[$doc:meta])* $constant:ident: $name:literal, $form:ident of $unit:ident, [$($label:literal),*], $help:literal;)*) => {
        $(
            #[doc = concat!("`", $name, "`: ", $help, ".")]
            pub const $constant: Descriptor = Descriptor {
                name: $name,
                form: Form::$form,
                unit: Unit::$unit,
                help: $help,
                labels: &[$($label),*],
            };
        )*

        /// Every metric, in the order of the crate's documentation.
        pub const ALL: &[&Descriptor] = &[$(&$constant),*];
    };
}

metrics! {
    CALLS: "orion_calls_total", Counter of Count, ["adapter", "operation", "outcome"],
        "calls that ended, after all their attempts";
    CALL_SECONDS: "orion_call_seconds", Histogram of Seconds, ["adapter", "operation"],
        "time from a call to its result, waits included";
    ATTEMPTS: "orion_attempts_total", Counter of Count, ["adapter", "operation", "method", "status"],
        "exchanges with a vendor: its count of API calls";
    ATTEMPT_SECONDS: "orion_attempt_seconds", Histogram of Seconds, ["adapter", "operation"],
        "time until the headers of an answer, or until the failure";
    RETRIES: "orion_retries_total", Counter of Count, ["adapter", "operation", "reason"],
        "attempts that failed and were repeated";
    RETRY_WAIT: "orion_retry_wait_seconds_total", Counter of Seconds, ["adapter", "operation"],
        "time waited before another attempt";
    THROTTLE: "orion_throttle_seconds_total", Counter of Seconds, ["adapter", "operation"],
        "time waited under a rate limit";
    QUOTA_USED: "orion_quota_used", Gauge of Count, ["adapter", "quota"],
        "how much of a vendor's quota is used";
    QUOTA_LIMIT: "orion_quota_limit", Gauge of Count, ["adapter", "quota"],
        "how much a vendor's quota allows";
    TOKEN_RENEWALS: "orion_token_renewals_total", Counter of Count, ["adapter", "outcome"],
        "access tokens obtained or renewed";
    SYNC_RUNS: "orion_sync_runs_total", Counter of Count, ["adapter", "kind", "object", "outcome"],
        "passes over a stream that ended";
    SYNC_SECONDS: "orion_sync_seconds", Histogram of Seconds, ["adapter", "kind", "object"],
        "time a pass took";
    SYNC_SUCCEEDED: "orion_sync_succeeded_timestamp_seconds", Gauge of Seconds, ["adapter", "kind", "object"],
        "when a pass last succeeded, in seconds since 1970";
    RECORDS_READ: "orion_records_read_total", Counter of Count, ["adapter", "kind", "object"],
        "records read and committed";
    RECORDS: "orion_records_total", Counter of Count, ["adapter", "kind", "object", "op"],
        "what became of the records read";
    READ_SECONDS: "orion_read_seconds", Histogram of Seconds, ["adapter", "kind", "object"],
        "time spent reading a page";
    COMMIT_SECONDS: "orion_commit_seconds", Histogram of Seconds, ["adapter", "kind", "object"],
        "time spent applying and committing a page";
    REJECTED: "orion_rejected_total", Counter of Count, ["adapter", "kind", "object", "reason"],
        "records set aside as dead letters";
    DRIFT: "orion_drift_total", Counter of Count, ["adapter", "kind", "object", "change"],
        "fields of a source that were added, removed or retyped";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_say_what_they_are() {
        let names: BTreeSet<_> = ALL.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), ALL.len());
        for metric in ALL {
            assert!(metric.name.starts_with("orion_"), "{}", metric.name);
            assert_eq!(metric.form == Form::Counter, metric.name.ends_with("_total"), "{}", metric.name);
            let seconds = metric.name.trim_end_matches("_total").ends_with("_seconds");
            assert_eq!(metric.unit == Unit::Seconds, seconds, "{}", metric.name);
        }
    }

    #[test]
    fn the_documentation_lists_every_metric() {
        let page = include_str!("lib.rs");
        for metric in ALL {
            let form = serde_json::to_value(metric.form).unwrap();
            let row = format!(
                "//! | `{}` | {} | {} |",
                metric.name,
                form.as_str().unwrap(),
                metric.labels.join(", ")
            );
            assert!(page.contains(&row), "{row}");
        }
    }
}
