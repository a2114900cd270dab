//! Why a row or a job failed.

use orion_core::{Error, ErrorKind, Retry};

use crate::{
    bulk::job::{JobInfo, State},
    fault::Item,
};

const LOCK: &str = "UNABLE_TO_LOCK_ROW";

/// Whether others held the row locked.
pub(super) fn is_lock(sf_error: &str) -> bool {
    sf_error.starts_with(LOCK)
}

/// The parts of `sf__Error`: `CODE:message:fields --`, with `--` in place of fields where there are none.
fn parts(sf_error: &str) -> (&str, &str, Vec<&str>) {
    let text = sf_error.trim_end().strip_suffix("--").unwrap_or(sf_error).trim_end();
    let (code, rest) = text.split_once(':').unwrap_or((text, ""));
    let (message, fields) = rest.rsplit_once(':').unwrap_or((rest, ""));
    let names: Vec<&str> = fields.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let are_names =
        |name: &&str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte));
    // A message may end in text of its own after a colon.
    if names.iter().all(are_names) { (code, message, names) } else { (code, rest, Vec::new()) }
}

/// The error of a row that failed.
pub(super) fn of_row(sf_error: &str) -> Error {
    let (code, message, fields) = parts(sf_error);
    let fields = fields.into_iter().map(ToOwned::to_owned).collect();
    Item { code: code.to_owned(), message: message.to_owned(), fields: Some(fields) }
        .into_error(0, Retry::Now)
}

/// The error of a row Salesforce never came to. It is safe to send once more.
pub(super) fn unprocessed(job: &JobInfo) -> Error {
    match job.state {
        State::Failed => of_job(job),
        State::Aborted => Error::new(ErrorKind::Cancelled, "the job was stopped before it came to this row")
            .with_retry(Retry::Now),
        _ => Error::new(ErrorKind::Cancelled, "the job ended before it came to this row")
            .with_retry(Retry::Now),
    }
}

/// The error of a job that failed as a whole: `InvalidBatch : Field name not found : X`. A query job gives no reason.
pub(in crate::bulk) fn of_job(job: &JobInfo) -> Error {
    let reason = job.error_message.as_deref().unwrap_or_default();
    let (code, message) = reason.split_once(':').unwrap_or(("JobFailed", reason));
    let (code, message) = (code.trim().to_owned(), message.trim().to_owned());
    Item { code, message, fields: None }.into_error(0, Retry::Never)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_reason_are_told_apart() {
        let table = [
            (
                "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --",
                "REQUIRED_FIELD_MISSING",
                vec!["Name"],
            ),
            ("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--", LOCK, vec![]),
            (
                "DUPLICATE_VALUE:duplicate value found: Ext__c duplicates value on record with id: 001x:--",
                "DUPLICATE_VALUE",
                vec![],
            ),
            (
                "FIELD_CUSTOM_VALIDATION_EXCEPTION:Close date: must be later:CloseDate,StageName --",
                "FIELD_CUSTOM_VALIDATION_EXCEPTION",
                vec!["CloseDate", "StageName"],
            ),
            ("ODD", "ODD", vec![]),
            ("", "UNKNOWN", vec![]),
        ];
        for (text, code, fields) in table {
            let error = of_row(text);
            let fault = error.fault().unwrap();
            assert_eq!(
                (&*fault.code, fault.fields.iter().map(|f| &**f).collect::<Vec<_>>()),
                (code, fields),
                "{text}"
            );
        }
        assert!(of_row("UNABLE_TO_LOCK_ROW:x:--").is_retryable());
        assert!(!of_row("DUPLICATE_VALUE:x:--").is_retryable());
    }

    #[test]
    fn a_message_is_kept_for_who_asks_and_shown_nowhere() {
        let error =
            of_row("STRING_TOO_LONG:Name: data value too large: planted secret (max length=80):Name --");
        assert!(error.fault().unwrap().message().contains("planted"));
        assert!(!format!("{error} {error:?}").contains("planted"));
    }
}
