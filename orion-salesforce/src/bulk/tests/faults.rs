//! What a bad network changes: nothing.

use orion_core::{ErrorKind, http::retry::Policy};

use super::*;
use crate::sandbox::{Fault, FaultKind, Faults};

fn patient(sandbox: &Sandbox) -> Jobs {
    let base = sandbox.base_url().parse().unwrap();
    let token = Arc::new(Token(format!("Bearer {}", sandbox.access_token())));
    let policy = Policy::default().attempts(10).backoff(Duration::from_millis(1), Duration::from_millis(4));
    let client =
        Client::builder("salesforce", base, Http::new().unwrap()).authorize(token).retry(policy).build();
    Jobs::new(
        &client,
        "/services/data/v60.0/",
        BulkOptions::default().poll(Duration::from_millis(1), Duration::from_millis(9)),
    )
}

#[tokio::test]
async fn every_row_is_written_once_whatever_the_network_does() {
    use FaultKind as K;
    let kinds =
        [K::TooManyRequests, K::ServerError, K::Unavailable, K::Reset, K::Truncate, K::DropAfterCommit];
    for seed in 0..5 {
        let sandbox = org().start().await.unwrap();
        let jobs = patient(&sandbox);
        sandbox.inject(Faults::rate(0.2, kinds.clone(), seed));
        let before = sandbox.row_count("Account");
        let records: Vec<Record> = (0..2_000).map(|n| record(&[("Name", &format!("n{n}"))])).collect();
        let job = submit(&jobs, &WriteOptions::create(), records).await.unwrap();
        let found = by_index(&outcomes(&jobs, &job).await);
        assert_eq!(found.iter().filter(|row| row.is_ok()).count(), 2_000);
        assert_eq!(sandbox.row_count("Account"), before + 2_000);
    }
}

#[tokio::test]
async fn an_export_survives_broken_downloads() {
    for seed in 0..5 {
        let sandbox = org().records(300).bulk_page_size(40).start().await.unwrap();
        let jobs = patient(&sandbox);
        sandbox.inject(Faults::rate(
            0.3,
            [FaultKind::Truncate, FaultKind::Reset, FaultKind::Unavailable],
            seed,
        ));
        let id = jobs.start_query("SELECT Id, Name FROM Account", false).await.unwrap();
        let names = |_: &[Arc<str>]| |cells: crate::bulk::csv::Cells<'_>| Ok(cells.get(0).to_owned());
        let ids: Vec<String> = jobs.rows(Arc::clone(&id), names).try_collect().await.unwrap();
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!((ids.len(), distinct.len()), (sandbox.row_count("Account"), ids.len()));
    }
}

#[tokio::test]
async fn a_streamed_part_that_breaks_ends_the_submission_and_writes_nothing_twice() {
    let sandbox = org().start().await.unwrap();
    let before = sandbox.row_count("Account");
    let jobs = jobs(&sandbox, BulkOptions::default().resend_bytes(1));
    sandbox.inject(Fault::new(FaultKind::ServerError).on("PUT ingest").count(1));
    let filler = "y".repeat(30_000);
    let records = vec![record(&[("Name", "n"), ("Description", &filler)]); 4];
    let error = submit(&jobs, &WriteOptions::create(), records).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert_eq!(sandbox.row_count("Account"), before);
}
