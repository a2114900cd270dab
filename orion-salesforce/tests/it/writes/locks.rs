//! `UNABLE_TO_LOCK_ROW`: those records again, and no others.

use orion_core::{ErrorKind, Retry, WriteOptions};
use orion_salesforce::sandbox::{Fault, LOCK_ROW};

use super::customers;
use crate::support::{Org, code};

#[tokio::test]
async fn locked_records_are_sent_again_and_the_others_are_not() {
    let org = Org::start().await;
    let before = org.sandbox.row_count("Account");
    org.sandbox.inject(Fault::new(LOCK_ROW).on("composite").every(10).count(7));
    let written = org.written(&WriteOptions::create(), &customers(200)).await;
    assert_eq!(org.sandbox.row_count("Account"), before + 200, "none twice");
    let ids: std::collections::BTreeSet<_> = written.iter().map(|written| &written.id).collect();
    assert_eq!(ids.len(), 200);
    for at in [9, 69, 199] {
        let row = org.row(&format!("SELECT Name FROM Account WHERE Id = '{}'", written[at].id));
        assert_eq!(row["Name"], format!("Made {at}"), "the id belongs to this input");
    }
    let sizes: Vec<usize> = org.requests("composite").iter().map(|request| request.received).collect();
    assert!(sizes.len() >= 2 && sizes[1] < sizes[0] / 10, "{sizes:?}");
}

#[tokio::test]
async fn a_record_that_stays_locked_is_given_up_and_says_so() {
    let org = Org::start().await;
    org.sandbox.inject(Fault::new(LOCK_ROW).on("composite"));
    let outcomes = org.write(&WriteOptions::create(), &customers(2)).await;
    for outcome in outcomes {
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), code(&error)), (ErrorKind::Conflict, "UNABLE_TO_LOCK_ROW"));
        assert_eq!(error.retry(), Retry::Exhausted);
    }
    assert_eq!(org.requests("composite").len(), 6);
}

#[tokio::test]
async fn an_atomic_write_that_meets_a_lock_is_sent_again_whole() {
    let org = Org::start().await;
    let before = org.sandbox.row_count("Account");
    org.sandbox.inject(Fault::new(LOCK_ROW).on("composite").skip(1).count(1));
    let written = org.written(&WriteOptions::create().atomic(), &customers(3)).await;
    assert_eq!(written.len(), 3);
    assert_eq!(org.sandbox.row_count("Account"), before + 3);
    assert_eq!(org.requests("composite").len(), 2);
}

#[tokio::test]
async fn a_single_record_that_is_locked_is_tried_again() {
    let org = Org::start().await;
    org.sandbox.inject(Fault::new(LOCK_ROW).on("sobjects").count(1));
    let id = org.salesforce.sobject("Account").create(&serde_json::json!({"Name": "Once"})).await.unwrap();
    assert_eq!(org.rows("SELECT Id FROM Account WHERE Name = 'Once'").len(), 1);
    assert!(!id.is_empty());
}
