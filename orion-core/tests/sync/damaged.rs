//! Databases that cannot be used: each is refused with a kind and a sentence that says what to do.

use std::{error::Error as _, fs, os::unix::fs::PermissionsExt, sync::Arc};

use chrono::DateTime;
use orion_core::{
    Change, Error, ErrorKind, Kind, Record, StreamKey,
    sync::{Batch, Checkpoint, Destination, Engine, Plan, SqlDestination},
};

use super::{
    passes::{clocked, story},
    place::{Folder, Place},
    vendor::Item,
};

async fn refused(url: impl Into<Box<str>>) -> (ErrorKind, String) {
    let error = SqlDestination::open(url).await.expect_err("it cannot be opened");
    (error.kind(), chain(&error))
}

fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[tokio::test]
async fn files_that_are_no_database_say_so_and_stay_as_they_are() {
    let folder = Folder::new();
    let path = folder.file("records.db");
    let text = "no database at all, but long enough to have a header".repeat(20);
    fs::write(&path, &text).unwrap();
    let (kind, why) = refused(path.clone()).await;
    assert_eq!(kind, ErrorKind::Storage);
    assert!(
        why.contains(&path) && why.contains("no SQLite database") && why.contains("move it away"),
        "{why}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    for nowhere in [folder.file("no/such/folder.db"), folder.0.to_str().unwrap().to_owned()] {
        let (kind, why) = refused(nowhere).await;
        assert_eq!(kind, ErrorKind::Storage);
        assert!(why.contains("its folder has to exist"), "{why}");
    }
}

#[tokio::test]
async fn a_database_that_is_damaged_later_fails_the_stream_with_advice() {
    let place = Place::sqlite();
    let (vendor, _) = clocked(story());
    let vendor = Arc::new(vendor);
    let destination = SqlDestination::open(place.url.clone()).await.unwrap();
    assert!(
        Engine::new()
            .stream(Plan::<Item, _>::new(Arc::clone(&vendor), destination))
            .run()
            .await
            .is_complete()
    );
    place.execute("PRAGMA wal_checkpoint(TRUNCATE)").await;
    let mut bytes = fs::read(&place.url).unwrap();
    bytes[16_384..].fill(0xAB);
    for end in ["", "-wal", "-shm"] {
        drop(fs::remove_file(format!("{}{end}", place.url)));
    }
    fs::write(&place.url, bytes).unwrap();
    let outcome = match SqlDestination::open(place.url.clone()).await {
        Err(error) => error,
        Ok(destination) => {
            let mut report = Engine::new().stream(Plan::<Item, _>::new(vendor, destination)).run().await;
            match report.streams.remove(0).end {
                orion_core::sync::End::Failed(error) => error,
                end => panic!("{end:?}"),
            }
        }
    };
    assert_eq!(outcome.kind(), ErrorKind::Storage);
    assert!(chain(&outcome).contains("restore a copy"), "{}", chain(&outcome));
}

#[tokio::test]
async fn a_file_that_may_only_be_read_is_refused() {
    let place = Place::sqlite();
    drop(SqlDestination::open(place.url.clone()).await.unwrap());
    fs::set_permissions(&place.url, fs::Permissions::from_mode(0o444)).unwrap();
    let writable_anyway = fs::OpenOptions::new().append(true).open(&place.url).is_ok();
    let opened = SqlDestination::open(place.url.clone()).await;
    if writable_anyway {
        // Root may write what nobody may.
        assert!(opened.is_ok());
        return;
    }
    let error = opened.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert!(chain(&error).contains("read-only"), "{}", chain(&error));
}

#[tokio::test]
async fn tables_of_a_newer_version_are_left_alone() {
    for place in Place::all().await {
        drop(SqlDestination::open(place.url.clone()).await.unwrap());
        place.execute("UPDATE orion_meta SET value = 99").await;
        let (kind, why) = refused(place.url.clone()).await;
        assert_eq!(kind, ErrorKind::Config);
        assert!(why.contains("version 99") && why.contains("upgrade"), "{why}");
        place.clear().await;
    }
}

#[tokio::test]
async fn a_damaged_checkpoint_is_told_and_the_records_stay() {
    for place in Place::all().await {
        let destination = SqlDestination::open(place.url.clone()).await.unwrap();
        let stream = StreamKey::new("vendor", "tenant-1", Kind::new("item"), "Thing");
        Destination::<Item>::open(&destination, &stream).await.unwrap();
        let mut checkpoint = Checkpoint::new(false);
        checkpoint.revision = 1;
        let item = Item { name: "a".to_owned(), revision: 1, note: None };
        let changes = vec![Change::Upsert(Record::new("a", item))];
        let batch = Batch::new(stream.clone(), changes, checkpoint, DateTime::UNIX_EPOCH);
        destination.apply(Arc::new(batch)).await.unwrap();
        for (text, kind) in [("{", ErrorKind::Storage), (r#"{"version":9}"#, ErrorKind::Config)] {
            place.execute(&format!("UPDATE orion_checkpoints SET checkpoint = '{text}'")).await;
            let error = Destination::<Item>::open(&destination, &stream).await.unwrap_err();
            assert_eq!(error.kind(), kind);
        }
        assert_eq!(destination.count::<Item>(&orion_core::sync::Filter::new()).await.unwrap(), 1);
        place.clear().await;
    }
}

#[tokio::test]
async fn a_server_that_cannot_be_used_is_named_and_no_password_shown() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (kind, why) = refused(format!("postgres://user:hunter2@{free}/records")).await;
    assert_eq!(kind, ErrorKind::Storage);
    assert!(why.contains(&free.to_string()) && why.contains("check that the server runs"), "{why}");
    let (kind, malformed) = refused("postgres://user:hunter2@host:port/records").await;
    assert_eq!(kind, ErrorKind::Config);
    assert!(!why.contains("hunter2") && !malformed.contains("hunter2"));
    let Some(place) = Place::postgres().await else { return };
    let server = place.url.split('?').next().unwrap().to_owned();
    let database = server.rsplit_once('/').unwrap().0.to_owned() + "/no_such_database";
    let (kind, why) = refused(database).await;
    assert_eq!(kind, ErrorKind::Config);
    assert!(why.contains("no such database"), "{why}");
    place.clear().await;
}
