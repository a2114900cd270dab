//! Adapters with one defect each, to show that the suite finds it.

mod acme;
mod twisted;

use std::collections::BTreeSet;

use self::{acme::Acme, twisted::InMemory};
use super::{Report, Row, Status, run};
use crate::testing;

/// What an adapter may get wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    AbortDeletes,
    AsOfAhead,
    BatchFailsWhole,
    BulkAddsARow,
    BulkExportsLess,
    BulkForgetsJobs,
    BulkLosesARow,
    BulkPostsAgain,
    BulkSwapsRows,
    CallsEmptyBatch,
    CursorsAreSpent,
    DeleteDoesNothing,
    DeletesUnasked,
    DeniesNewFields,
    Detaches,
    DropsAPage,
    DropsAnOutcome,
    DropsUnknownValues,
    EmptyIds,
    FailedRefreshIsAuth,
    FilterOnFirstPageOnly,
    FollowsForeignCursor,
    ForbiddenIsAuth,
    HangsForEver,
    HiddenRetry,
    HoardsPages,
    IgnoresObject,
    IgnoresRetryAfter,
    IgnoresSince,
    IgnoresUnknownCursor,
    IgnoresVersion,
    KeepsPositionInMemory,
    LeaksASlot,
    LosesAField,
    LosesDeletes,
    LostAnswerIsCertain,
    MixesReads,
    NamesAnObjectTwice,
    NamesNobody,
    NeverRenews,
    NeverRetries,
    NoChangeTimes,
    OffersNothing,
    OwnRateLimitOnly,
    PagesByOffset,
    Panics,
    PostsAgain,
    PrintsTheAnswer,
    PrintsTheRecord,
    PrintsTheToken,
    ReadsEverythingAtOnce,
    ReadsOneObjectForAll,
    RefusesNothing,
    RejectsSome,
    RenewsPerCall,
    RepeatsACursor,
    RepeatsARecord,
    ReplaysForEver,
    Resurrects,
    RetriesForEver,
    RetriesRefusals,
    SchemaOfNothing,
    SharesAClient,
    SinceIsExclusive,
    SwallowsBadAnswers,
    SwapsOutcomes,
    TimeGoesBack,
    TokenInTheAddress,
    UnknownJobIsEmpty,
    UnstableReads,
    UntilIsInclusive,
    UpdateCreates,
    UpsertCreates,
    WebhookChangesIds,
    WebhookNeverAges,
    WebhookReadsNothing,
    WebhookSkipsJunk,
    WebhookUnsigned,
    WebhookWithoutTimes,
    WrongSource,
    WrongTotal,
}

/// Defects of what an adapter makes of its vendor, and the check that has to find each.
const IN_MEMORY: [(Flaw, &str); 40] = [
    (Flaw::AbortDeletes, "bulk.an_abort_undoes_nothing"),
    (Flaw::AsOfAhead, "crash.a_change_during_the_read_comes_afterwards"),
    (Flaw::BatchFailsWhole, "writes.a_bad_record_fails_alone"),
    (Flaw::BulkAddsARow, "bulk.no_rows_make_no_records"),
    (Flaw::BulkExportsLess, "bulk.an_export_is_what_a_read_is"),
    (Flaw::BulkForgetsJobs, "bulk.a_job_is_found_again_by_its_id"),
    (Flaw::BulkLosesARow, "bulk.every_row_has_its_outcome"),
    (Flaw::BulkSwapsRows, "bulk.outcomes_belong_to_their_rows"),
    (Flaw::CursorsAreSpent, "crash.a_read_goes_on_after_every_page"),
    (Flaw::DeleteDoesNothing, "writes.a_delete_removes_its_record"),
    (Flaw::DeletesUnasked, "read.deletes_come_only_when_asked"),
    (Flaw::DropsAPage, "pagination.page_size_changes_nothing"),
    (Flaw::DropsAnOutcome, "writes.created_ids_match_their_inputs"),
    (Flaw::EmptyIds, "read.ids_are_unique"),
    (Flaw::FilterOnFirstPageOnly, "incremental.filter_holds_on_every_page"),
    (Flaw::IgnoresObject, "resources.unknown_object_is_refused"),
    (Flaw::IgnoresSince, "incremental.future_reads_nothing"),
    (Flaw::IgnoresUnknownCursor, "pagination.unknown_cursor_is_refused"),
    (Flaw::IgnoresVersion, "writes.a_stale_version_is_a_conflict"),
    (Flaw::KeepsPositionInMemory, "pagination.cursors_resume_anywhere"),
    (Flaw::LosesAField, "mapping.what_is_sent_comes_back"),
    (Flaw::LosesDeletes, "deletes.a_tombstone_is_reported"),
    (Flaw::NamesNobody, "check.names_the_account"),
    (Flaw::NoChangeTimes, "incremental.change_times_are_known"),
    (Flaw::PagesByOffset, "pagination.changes_meanwhile_hide_no_record"),
    (Flaw::Panics, "pagination.pages_terminate"),
    (Flaw::RefusesNothing, "bulk.a_bad_row_fails_alone"),
    (Flaw::RejectsSome, "read.nothing_is_rejected"),
    (Flaw::RepeatsACursor, "pagination.pages_terminate"),
    (Flaw::RepeatsARecord, "pagination.pages_terminate"),
    (Flaw::Resurrects, "deletes.the_deleted_stay_deleted"),
    (Flaw::SinceIsExclusive, "incremental.since_is_exact"),
    (Flaw::SwapsOutcomes, "writes.outcomes_in_order"),
    (Flaw::TimeGoesBack, "incremental.a_change_is_found"),
    (Flaw::UnknownJobIsEmpty, "bulk.an_unknown_job_is_an_error"),
    (Flaw::UnstableReads, "read.twice_is_equal"),
    (Flaw::UntilIsInclusive, "incremental.until_is_exact"),
    (Flaw::UpdateCreates, "writes.an_update_without_id_is_refused"),
    (Flaw::UpsertCreates, "writes.an_upsert_makes_a_record_once"),
    (Flaw::WrongTotal, "read.total_is_the_count"),
];

/// Defects on the way to the vendor, and the check that has to find each.
const OVER_HTTP: [(Flaw, &str); 42] = [
    (Flaw::BulkPostsAgain, "bulk.a_lost_answer_doubles_nothing"),
    (Flaw::CallsEmptyBatch, "writes.no_records_send_nothing"),
    (Flaw::DeniesNewFields, "mapping.unknown_fields_break_nothing"),
    (Flaw::DropsUnknownValues, "mapping.unknown_values_are_kept"),
    (Flaw::Detaches, "cancel.a_dropped_call_sends_nothing_more"),
    (Flaw::FailedRefreshIsAuth, "auth.a_failed_refresh_is_no_refusal"),
    (Flaw::FollowsForeignCursor, "pagination.foreign_cursor_gets_no_credentials"),
    (Flaw::ForbiddenIsAuth, "check.missing_scope_is_forbidden"),
    (Flaw::HangsForEver, "check.silence_times_out"),
    (Flaw::HiddenRetry, "events.every_request_is_observed"),
    (Flaw::HoardsPages, "memory.one_page_is_held_at_a_time"),
    (Flaw::IgnoresRetryAfter, "limits.retry_after_seconds_are_waited"),
    (Flaw::LeaksASlot, "cancel.a_read_may_stop_at_any_await"),
    (Flaw::LostAnswerIsCertain, "retry.post_is_not_repeated"),
    (Flaw::MixesReads, "isolation.reads_at_once_do_not_mix"),
    (Flaw::NamesAnObjectTwice, "resources.objects_are_named_once"),
    (Flaw::OffersNothing, "resources.are_declared"),
    (Flaw::NeverRenews, "auth.an_expired_token_is_renewed"),
    (Flaw::NeverRetries, "retry.a_500_is_retried"),
    (Flaw::OwnRateLimitOnly, "limits.what_one_call_is_told_holds_for_all"),
    (Flaw::PostsAgain, "retry.post_is_not_repeated"),
    (Flaw::PrintsTheAnswer, "secrets.answers_are_not_quoted"),
    (Flaw::PrintsTheRecord, "secrets.records_are_not_quoted"),
    (Flaw::PrintsTheToken, "secrets.never_printed"),
    (Flaw::ReadsEverythingAtOnce, "pagination.some_object_has_pages"),
    (Flaw::ReadsOneObjectForAll, "read.objects_are_told_apart"),
    (Flaw::RenewsPerCall, "auth.one_refresh_for_many_calls"),
    (Flaw::ReplaysForEver, "auth.a_refusal_is_replayed_once"),
    (Flaw::RetriesForEver, "retry.endless_500_ends"),
    (Flaw::RetriesRefusals, "retry.a_refusal_is_not_retried"),
    (Flaw::SchemaOfNothing, "resources.schemas_describe_objects"),
    (Flaw::SharesAClient, "isolation.observers_see_their_own_connection"),
    (Flaw::SwallowsBadAnswers, "retry.html_is_malformed"),
    (Flaw::TokenInTheAddress, "secrets.never_in_an_address"),
    (Flaw::WebhookChangesIds, "webhooks.a_repeated_delivery_says_the_same"),
    (Flaw::WebhookNeverAges, "webhooks.an_old_delivery_is_refused"),
    (Flaw::WebhookReadsNothing, "webhooks.a_genuine_delivery_is_read"),
    (Flaw::WebhookSkipsJunk, "webhooks.a_truncated_delivery_is_refused"),
    (Flaw::WebhookUnsigned, "webhooks.a_forged_delivery_is_refused"),
    (Flaw::WebhookWithoutTimes, "webhooks.order_changes_nothing"),
    (Flaw::WrongSource, "read.records_name_their_source"),
    (Flaw::BatchFailsWhole, "writes.a_bad_record_fails_alone"),
];

fn in_memory(flaw: Option<Flaw>) -> Report {
    testing::run(async { run(&InMemory::new(flaw).await).await })
}

fn over_http(flaw: Option<Flaw>) -> Report {
    testing::run(async { run(&Acme::new(flaw).await).await })
}

#[test]
fn an_adapter_without_defects_passes() {
    for report in [in_memory(None), over_http(None)] {
        report.assert_passed();
        assert!(report.counts()[0] > 40, "{report}");
    }
}

#[test]
fn every_check_runs_on_one_of_the_two() {
    let rows: Vec<Row> =
        [in_memory(None), over_http(None)].into_iter().flat_map(|report| report.rows).collect();
    let passed: BTreeSet<_> =
        rows.iter().filter(|row| row.status == Status::Passed).map(|row| row.check).collect();
    let idle: BTreeSet<_> =
        rows.iter().map(|row| row.check).filter(|check| !passed.contains(check)).collect();
    assert!(idle.is_empty(), "{idle:?}");
}

type Found = Vec<(Flaw, &'static str, Report)>;

fn reports(mutants: &[(Flaw, &'static str)], run: fn(Option<Flaw>) -> Report) -> Found {
    mutants.iter().map(|(flaw, check)| (*flaw, *check, run(Some(*flaw)))).collect()
}

#[test]
fn each_defect_is_found_by_its_check_and_each_check_finds_one() {
    let reports: Found = std::thread::scope(|scope| {
        let memory = scope.spawn(|| reports(&IN_MEMORY, in_memory));
        let http = scope.spawn(|| reports(&OVER_HTTP, over_http));
        memory.join().unwrap().into_iter().chain(http.join().unwrap()).collect()
    });
    let (mut run, mut failed, mut missed) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for (flaw, check, report) in &reports {
        let found: BTreeSet<_> = report.failed().map(|row| row.check).collect();
        if !found.contains(check) {
            missed.push(format!("{flaw:?} is not found by {check}, only by {found:?}"));
        }
        run.extend(report.rows.iter().map(|row| row.check));
        failed.extend(found);
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
    let idle: Vec<_> = run.difference(&failed).collect();
    assert!(idle.is_empty(), "no defect makes these fail: {idle:?}");
}
