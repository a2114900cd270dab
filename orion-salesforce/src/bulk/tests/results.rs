//! What comes back.

use orion_core::{ErrorKind, Retry};
use serde_json::json;

use super::*;
use crate::sandbox::{Fault, LOCK_ROW};

#[tokio::test]
async fn failures_come_with_their_input_and_reason() {
    let sandbox = org().start().await.unwrap();
    let jobs = jobs(&sandbox, BulkOptions::default());
    let records = vec![
        record(&[("Name", "good")]),
        record(&[("Site", "no name")]),
        record(&[("Name", "n"), ("AnnualRevenue", "not a number")]),
        record(&[("Name", "good"), ("Site", "too")]),
    ];
    let job = submit(&jobs, &WriteOptions::create(), records).await.unwrap();
    let outcomes = outcomes(&jobs, &job).await;
    let found = by_index(&outcomes);
    assert!(found[0].is_ok() && found[3].is_ok());
    assert_eq!(found[1], Err("REQUIRED_FIELD_MISSING".into()));
    assert!(found[2].is_err());
    let failed = outcomes.iter().find(|row| row.index == Some(1)).unwrap();
    assert_eq!(failed.row.text("Site"), Some("no name"));
    let fault = failed.outcome.as_ref().unwrap_err().fault().unwrap();
    assert_eq!(fault.fields.iter().map(|name| &**name).collect::<Vec<_>>(), ["Name"]);
}

#[tokio::test]
async fn a_job_that_fails_as_a_whole_gives_its_reason_with_each_row() {
    let sandbox = org().start().await.unwrap();
    let jobs = jobs(&sandbox, BulkOptions::default());
    let job = submit(&jobs, &WriteOptions::create(), vec![record(&[("Nmae", "x")]); 3]).await.unwrap();
    let outcomes = outcomes(&jobs, &job).await;
    assert_eq!(outcomes.len(), 3);
    for row in outcomes {
        let error = row.outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Rejected);
        assert!(error.to_string().contains("Nmae"), "{error}");
    }
}

#[tokio::test]
async fn rows_alike_all_get_a_position() {
    let sandbox = org().start().await.unwrap();
    let jobs = jobs(&sandbox, BulkOptions::default());
    let job = submit(&jobs, &WriteOptions::create(), vec![record(&[("Name", "same")]); 40]).await.unwrap();
    assert!(by_index(&outcomes(&jobs, &job).await).iter().all(Result::is_ok));
}

#[tokio::test]
async fn locked_rows_are_sent_once_more_and_only_they() {
    let sandbox = org().start().await.unwrap();
    let jobs = jobs(&sandbox, BulkOptions::default());
    sandbox.inject(Fault::new(LOCK_ROW).on("ingest").count(3));
    let records: Vec<Record> = (0..10).map(|n| record(&[("Name", &format!("n{n}"))])).collect();
    let before = sandbox.row_count("Account");
    let job = submit(&jobs, &WriteOptions::create(), records).await.unwrap();
    let first = by_index(&outcomes(&jobs, &job).await);
    assert!(first.iter().all(Result::is_ok));
    assert_eq!(sandbox.row_count("Account"), before + 10);
    assert_eq!(sandbox.counts()["POST jobs/ingest"], 2);

    let again = by_index(&outcomes(&jobs, &job).await);
    assert_eq!(again, first, "a second reading sends nothing and finds the same");
    assert_eq!(sandbox.counts()["POST jobs/ingest"], 2);
}

#[tokio::test]
async fn rows_that_stay_locked_fail_as_worth_another_try() {
    let sandbox = org().start().await.unwrap();
    let options = BulkOptions::default().poll(Duration::from_millis(1), Duration::from_millis(5));
    let jobs = jobs(&sandbox, options);
    sandbox.inject(Fault::new(LOCK_ROW).on("ingest"));
    let job = submit(&jobs, &WriteOptions::create(), vec![record(&[("Name", "n")])]).await.unwrap();
    let outcomes = outcomes(&jobs, &job).await;
    assert_eq!(outcomes[0].outcome.as_ref().unwrap_err().retry(), Retry::Now);
    assert_eq!(sandbox.counts()["POST jobs/ingest"], 4, "the first and three rounds");
}

#[tokio::test]
async fn a_job_is_read_by_its_id_in_another_process() {
    let sandbox = org().start().await.unwrap();
    let records =
        (0..5).map(|n| record(&[("Name", &format!("n{n}"))])).chain([record(&[("Site", "bad")])]).collect();
    let job =
        submit(&jobs(&sandbox, BulkOptions::default()), &WriteOptions::create(), records).await.unwrap();
    let text = serde_json::to_string(&job).unwrap();
    drop(job);

    let resumed: BulkJob = serde_json::from_str(&text).unwrap();
    let outcomes = outcomes(&jobs(&sandbox, BulkOptions::default()), &resumed).await;
    assert_eq!(outcomes.len(), 6);
    assert!(outcomes.iter().all(|row| row.index.is_none() && !row.row.is_empty()));
    assert_eq!(outcomes.iter().filter(|row| row.outcome.is_ok()).count(), 5);
}

#[tokio::test]
async fn another_process_does_not_send_locked_rows_again() {
    let sandbox = org().start().await.unwrap();
    let jobs = jobs(&sandbox, BulkOptions::default());
    sandbox.inject(Fault::new(LOCK_ROW).on("ingest").count(1));
    let job = submit(&jobs, &WriteOptions::create(), vec![record(&[("Name", "n")])]).await.unwrap();
    let resumed: BulkJob = serde_json::from_str(&serde_json::to_string(&job).unwrap()).unwrap();
    assert_eq!(outcomes(&jobs, &resumed).await[0].outcome.as_ref().unwrap_err().retry(), Retry::Now);
    assert_eq!(sandbox.counts()["POST jobs/ingest"], 1);
}

/// A client that takes its own timeout for the job's end deletes the job.
#[tokio::test]
async fn defect_02_a_job_slower_than_the_wait_is_left_alone() {
    let org = org().bulk_delay(Duration::from_secs(3600)).session_timeout(Duration::from_secs(86_400));
    let sandbox = org.start().await.unwrap();
    let options = BulkOptions { wait: Duration::from_millis(50), ..BulkOptions::default() };
    let impatient = jobs(&sandbox, options);
    let job = submit(&impatient, &WriteOptions::create(), vec![record(&[("Name", "slow")])]).await.unwrap();
    let error = impatient.outcomes(&job).try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Timeout, Retry::Now));
    assert!(error.to_string().contains(&*job.parts[0].id), "{error}");
    assert!(sandbox.counts().keys().all(|route| !route.starts_with("DELETE")));

    // The job goes through its two states while nobody asks.
    let patient = jobs(&sandbox, BulkOptions::default());
    let passing = async {
        loop {
            sandbox.advance(Duration::from_secs(600));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        found = outcomes(&patient, &job) => assert!(by_index(&found)[0].is_ok()),
        () = passing => {}
    }
}

/// A client that sleeps five seconds before it looks makes every job take five seconds.
#[tokio::test]
async fn defect_08_a_short_job_is_seen_to_end_at_once() {
    let sandbox = org().start().await.unwrap();
    let options = BulkOptions::default();
    assert!(options.poll_first <= Duration::from_millis(50));
    let jobs = jobs(&sandbox, options);
    let job = submit(&jobs, &WriteOptions::create(), vec![record(&[("Name", "n")])]).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(4), outcomes(&jobs, &job)).await;
    assert_eq!(ended.unwrap().len(), 1);
}

#[tokio::test]
async fn a_job_is_stopped_and_what_it_had_not_done_is_told() {
    let sandbox = org().bulk_delay(Duration::from_secs(3600)).start().await.unwrap();
    let jobs = jobs(&sandbox, BulkOptions::default());
    let job = submit(&jobs, &WriteOptions::create(), vec![record(&[("Name", "n")]); 3]).await.unwrap();
    jobs.abort(&job).await.unwrap();
    let outcomes = outcomes(&jobs, &job).await;
    assert_eq!(outcomes.len(), 3);
    for row in outcomes {
        let error = row.outcome.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Cancelled, Retry::Now));
    }
    assert_eq!(jobs.abort(&job).await.unwrap_err().kind(), ErrorKind::Conflict);
}

#[tokio::test]
async fn defect_07_a_finished_job_is_deleted_without_complaint() {
    let sandbox = org().start().await.unwrap();
    let jobs = jobs(&sandbox, BulkOptions::default());
    let job = submit(&jobs, &WriteOptions::create(), vec![record(&[("Name", "n")])]).await.unwrap();
    outcomes(&jobs, &job).await;
    jobs.delete(&job).await.unwrap();
    let error = jobs.outcomes(&job).try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    jobs.delete(&job).await.unwrap();
}

#[tokio::test]
async fn values_in_reasons_stay_out_of_messages() {
    let sandbox = org().start().await.unwrap();
    let jobs = jobs(&sandbox, BulkOptions::default());
    let planted = vec![vec![("Name", json!("n")), ("AnnualRevenue", json!("planted-secret"))]];
    let job = submit(&jobs, &WriteOptions::create(), planted).await.unwrap();
    let outcomes = outcomes(&jobs, &job).await;
    let error = outcomes[0].outcome.as_ref().unwrap_err();
    assert!(!format!("{error} {error:?} {outcomes:?} {job:?}").contains("planted"));
}
