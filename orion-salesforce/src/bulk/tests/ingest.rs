//! What is sent.

use orion_core::ErrorKind;
use serde_json::json;

use super::*;

#[tokio::test]
async fn rows_are_inserted_and_matched_to_their_inputs() {
    let sandbox = org().start().await.unwrap();
    let jobs = jobs(&sandbox, BulkOptions::default());
    let names: Vec<String> = (0..1_000).map(|n| format!("Bulk {n}")).collect();
    let records = names.iter().map(|name| record(&[("Name", name), ("Site", "x")])).collect();
    let job = submit(&jobs, &WriteOptions::create(), records).await.unwrap();
    assert_eq!((job.parts.len(), job.records), (1, 1_000));
    let outcomes = outcomes(&jobs, &job).await;
    assert!(outcomes.iter().all(|row| row.outcome.as_ref().is_ok_and(|written| written.created)));
    for (name, id) in names.iter().zip(by_index(&outcomes)) {
        assert_eq!(field(&sandbox, &id.unwrap(), "Name"), json!(name));
    }
    assert!(outcomes.iter().all(|row| row.row.is_empty()), "the caller has them already");
}

#[tokio::test]
async fn each_operation_does_what_it_says() {
    let sandbox = org().start().await.unwrap();
    let jobs = jobs(&sandbox, BulkOptions::default());
    let run = async |options: WriteOptions, records: Vec<Record>| {
        let job = submit(&jobs, &options, records).await.unwrap();
        by_index(&outcomes(&jobs, &job).await)
    };
    let made = run(WriteOptions::create(), vec![record(&[("Name", "A")]), record(&[("Name", "B")])]).await;
    let [a, b] = [made[0].clone().unwrap(), made[1].clone().unwrap()];
    run(
        WriteOptions::update(),
        vec![record(&[("Id", &b), ("Site", "b")]), record(&[("Id", &a), ("Site", "a")])],
    )
    .await;
    assert_eq!((field(&sandbox, &a, "Site"), field(&sandbox, &b, "Site")), (json!("a"), json!("b")));

    let upsert = WriteOptions::upsert("External_Id__c");
    let keyed = |name: &str| record(&[("External_Id__c", "ext-1"), ("Name", name)]);
    let first = run(upsert.clone(), vec![keyed("first")]).await;
    let second = run(upsert, vec![keyed("second")]).await;
    assert_eq!(first, second);
    assert_eq!(field(&sandbox, first[0].as_ref().unwrap(), "Name"), json!("second"));

    let by_id = vec![record(&[("Id", &a), ("Site", "again")]), record(&[("Name", "made")])];
    let by_id = run(WriteOptions::upsert("Id"), by_id).await;
    assert_eq!(by_id[0], Ok(a.clone()));
    assert_eq!(field(&sandbox, by_id[1].as_ref().unwrap(), "Name"), json!("made"));

    assert_eq!(run(WriteOptions::delete(), vec![record(&[("Id", &a)])]).await, [Ok(a.clone())]);
    assert_eq!(run(WriteOptions::hard_delete(), vec![record(&[("Id", &b)])]).await, [Ok(b.clone())]);
    let gone = format!("SELECT Id FROM Account WHERE Id IN ('{a}', '{b}')");
    assert!(sandbox.query(&gone).unwrap().is_empty());
}

/// A list of plain objects gives a CSV the columns of its first record only, and the others are dropped.
#[tokio::test]
async fn defect_03_no_column_is_dropped() {
    let sandbox = org().start().await.unwrap();
    let options = BulkOptions::default().resend_bytes(1);
    for options in [BulkOptions::default(), options] {
        let jobs = jobs(&sandbox, options);
        let filler = "y".repeat(30_000);
        let long = record(&[("Description", &filler), ("Name", "long")]);
        let records = vec![
            record(&[("Name", "one")]),
            record(&[("Name", "two"), ("Site", "s\n,\"")]),
            long.clone(),
            long.clone(),
            long,
            record(&[("Phone", "5"), ("Name", "five"), ("Site", "t")]),
        ];
        let job = submit(&jobs, &WriteOptions::create(), records).await.unwrap();
        let ids = by_index(&outcomes(&jobs, &job).await);
        let get = |row: usize, name: &str| field(&sandbox, ids[row].as_ref().unwrap(), name);
        assert_eq!((get(0, "Name"), get(0, "Site")), (json!("one"), json!(null)));
        assert_eq!((get(1, "Name"), get(1, "Site")), (json!("two"), json!("s\n,\"")));
        assert_eq!((get(2, "Name"), get(4, "Description")), (json!("long"), json!(filler)));
        assert_eq!((get(5, "Phone"), get(5, "Site")), (json!("5"), json!("t")));
    }
}

#[tokio::test]
async fn a_new_column_after_the_upload_began_begins_another_part() {
    let sandbox = org().start().await.unwrap();
    let jobs = jobs(&sandbox, BulkOptions::default().resend_bytes(1));
    let filler = "z".repeat(30_000);
    let mut records: Vec<Record> =
        (0..6).map(|_| record(&[("Name", "n"), ("Description", &filler)])).collect();
    records.push(record(&[("Name", "last"), ("Phone", "7")]));
    let job = submit(&jobs, &WriteOptions::create(), records).await.unwrap();
    assert_eq!(job.parts.iter().map(|part| part.records).collect::<Vec<_>>(), [6, 1]);
    let ids = by_index(&outcomes(&jobs, &job).await);
    assert_eq!(field(&sandbox, ids[6].as_ref().unwrap(), "Phone"), json!("7"));
}

/// A client that writes an empty cell for null leaves the field as it is.
#[tokio::test]
async fn defect_07_null_empties_a_field_and_absence_leaves_it() {
    let sandbox = org().start().await.unwrap();
    let jobs = jobs(&sandbox, BulkOptions::default());
    let full = || record(&[("Name", "n"), ("Site", "s"), ("Phone", "p")]);
    let job = submit(&jobs, &WriteOptions::create(), vec![full(), full(), full()]).await.unwrap();
    let ids: Vec<String> = by_index(&outcomes(&jobs, &job).await).into_iter().map(Result::unwrap).collect();
    let records = vec![
        vec![("Id", json!(ids[0])), ("Site", json!(null))],
        vec![("Id", json!(ids[1])), ("Site", json!(""))],
        vec![("Id", json!(ids[2])), ("Phone", json!("q"))],
    ];
    let job = submit(&jobs, &WriteOptions::update(), records).await.unwrap();
    assert!(by_index(&outcomes(&jobs, &job).await).iter().all(Result::is_ok));
    let get = |row: usize| (field(&sandbox, &ids[row], "Site"), field(&sandbox, &ids[row], "Phone"));
    assert_eq!(get(0), (json!(null), json!("p")));
    assert_eq!(get(1), (json!(null), json!("p")));
    assert_eq!(get(2), (json!("s"), json!("q")));
}

#[tokio::test]
async fn hostile_cells_arrive_as_they_are() {
    let sandbox = org().start().await.unwrap();
    let jobs = jobs(&sandbox, BulkOptions::default());
    let cells = [
        "a,b;c|d^e`f\tg",
        "\"",
        "\"\"quoted\"\"",
        "line\nfeed",
        "carriage\r\nreturn",
        "😀 𝄞 é",
        "' OR 1=1",
        "\\",
        "#N/B",
    ];
    let records = cells.iter().map(|cell| record(&[("Name", "n"), ("Description", cell)])).collect();
    let job = submit(&jobs, &WriteOptions::create(), records).await.unwrap();
    for (cell, id) in cells.iter().zip(by_index(&outcomes(&jobs, &job).await)) {
        assert_eq!(field(&sandbox, &id.unwrap(), "Description"), json!(cell));
    }
}

#[tokio::test]
async fn parts_end_at_the_size_limit() {
    let sandbox = org().start().await.unwrap();
    for resend in [1 << 20, 1] {
        let options = BulkOptions::default().part_bytes(200_000).resend_bytes(resend);
        let jobs = jobs(&sandbox, options);
        let filler = "y".repeat(1_000);
        let records: Vec<Record> =
            (0..500).map(|n| record(&[("Name", &format!("n{n}")), ("Description", &filler)])).collect();
        let job = submit(&jobs, &WriteOptions::create(), records).await.unwrap();
        assert_eq!(
            job.parts.iter().map(|part| part.records).collect::<Vec<_>>(),
            [198, 198, 104],
            "{resend}"
        );
        assert!(by_index(&outcomes(&jobs, &job).await).iter().all(Result::is_ok));
    }
}

#[tokio::test]
async fn a_record_that_cannot_be_sent_does_not_stop_the_others() {
    let sandbox = org().start().await.unwrap();
    let jobs = jobs(&sandbox, BulkOptions::default());
    let long = "é".repeat(131_073);
    let records = vec![
        record(&[("External_Id__c", "r-0"), ("Name", "good")]),
        record(&[("External_Id__c", "r-1"), ("Name", "n"), ("Description", &long)]),
        record(&[("Name", "no key")]),
        record(&[("External_Id__c", "r-3"), ("Name", "#N/A")]),
        record(&[("External_Id__c", "r-4"), ("Name", "good too")]),
    ];
    let job = submit(&jobs, &WriteOptions::upsert("External_Id__c"), records).await.unwrap();
    assert_eq!((job.records, job.refused.len()), (2, 3));
    let outcomes = outcomes(&jobs, &job).await;
    let kind = |index| {
        let row = outcomes.iter().find(|row| row.index == Some(index)).unwrap();
        row.outcome.as_ref().err().map(|error| error.kind())
    };
    let kinds = [0, 1, 2, 3, 4].map(kind);
    assert_eq!(
        kinds,
        [None, Some(ErrorKind::TooLarge), Some(ErrorKind::Config), Some(ErrorKind::Config), None]
    );
}

#[tokio::test]
async fn no_records_make_no_job() {
    let sandbox = org().start().await.unwrap();
    let jobs = jobs(&sandbox, BulkOptions::default());
    let job = submit(&jobs, &WriteOptions::create(), Vec::new()).await.unwrap();
    assert!(job.parts.is_empty() && outcomes(&jobs, &job).await.is_empty());
    assert!(sandbox.log().is_empty());
}

#[tokio::test]
async fn a_job_cannot_be_atomic() {
    let sandbox = org().start().await.unwrap();
    let jobs = jobs(&sandbox, BulkOptions::default());
    let error = submit(&jobs, &WriteOptions::create().atomic(), vec![]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}
