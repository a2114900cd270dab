//! How often a session renews, and what callers see when it cannot.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::future::join_all;
use orion_core::{
    Clock, ErrorKind, Retry,
    auth::{MemoryTokenStore, Session, TokenStore},
    http::Client,
    observe::{Event, Observers},
};
use secrecy::ExposeSecret;

use crate::vendor::{Fate, Vendor, clock, key};

async fn started(vendor: &Vendor, clock: &Clock) -> (Session, Client) {
    let session = vendor.session(clock).build();
    session.save(vendor.stale_tokens()).await.unwrap();
    let client = vendor.client(&session);
    (session, client)
}

async fn call(client: &Client) -> orion_core::Result<()> {
    client.get("/resource", "resource").send().await.map(drop)
}

#[tokio::test(start_paused = true)]
async fn a_thousand_concurrent_calls_on_a_refused_token_cost_one_refresh() {
    let vendor = Vendor::new();
    let (_, client) = started(&vendor, &clock()).await;
    let results = join_all((0..1_000).map(|_| call(&client))).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!((vendor.asked(), vendor.calls()), (1, 2_000));
}

#[tokio::test(start_paused = true)]
async fn a_thousand_concurrent_calls_on_an_expired_token_cost_one_refresh() {
    let (vendor, clock) = (Vendor::new(), clock());
    let session = vendor.session(&clock).build();
    session.save(vendor.stale_tokens().expiring_at(clock.now())).await.unwrap();
    let client = vendor.client(&session);
    let results = join_all((0..1_000).map(|_| call(&client))).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!((vendor.asked(), vendor.calls()), (1, 1_000));
}

#[tokio::test(start_paused = true)]
async fn a_token_refused_for_good_costs_one_refresh_and_one_replay() {
    let vendor = Vendor::new();
    vendor.model().refuses = true;
    let (_, client) = started(&vendor, &clock()).await;
    let error = call(&client).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Auth, Retry::Never));
    assert_eq!((vendor.asked(), vendor.calls()), (1, 2));
    let later = join_all((0..1_000).map(|_| call(&client))).await;
    assert!(later.iter().all(|result| result.as_ref().unwrap_err().kind() == ErrorKind::Auth));
    assert_eq!(vendor.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_revoked_refresh_token_is_tried_once_until_the_store_changes() {
    let vendor = Vendor::new();
    vendor.model().revoked = true;
    let store = Arc::new(MemoryTokenStore::new());
    let session = vendor.session(&clock()).store(Arc::clone(&store) as Arc<dyn TokenStore>).build();
    session.save(vendor.stale_tokens()).await.unwrap();
    let client = vendor.client(&session);
    for result in join_all((0..1_000).map(|_| call(&client))).await {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth);
        assert!(error.to_string().contains("authorise the account again"), "{error}");
        assert_eq!(error.fault().map(|fault| &*fault.code), Some("invalid_grant"));
    }
    tokio::time::sleep(Duration::from_secs(86_400)).await;
    assert_eq!(call(&client).await.unwrap_err().kind(), ErrorKind::Auth);
    assert_eq!(vendor.asked(), 1);

    // A person authorises the account again, in another process.
    vendor.model().revoked = false;
    let version = store.load(&key()).await.unwrap().map(|stored| stored.version);
    store.swap(&key(), version, &vendor.stale_tokens()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    call(&client).await.unwrap();
    assert_eq!(vendor.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn tokens_are_renewed_ahead_of_their_end_without_holding_callers_up() {
    let (vendor, clock) = (Vendor::new(), clock());
    vendor.model().expires_in = Some(3_600);
    let (session, client) = started(&vendor, &clock).await;
    call(&client).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3_550)).await;
    vendor.model().fate = Fate::Unreachable;
    call(&client).await.unwrap();
    session.settled().await;
    vendor.model().fate = Fate::Answered;
    let before = vendor.asked();
    tokio::time::sleep(Duration::from_secs(2)).await;
    call(&client).await.unwrap();
    session.settled().await;
    assert_eq!((vendor.generation(), vendor.asked() - before), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_lives_for_seconds_is_not_renewed_by_every_call() {
    let vendor = Vendor::new();
    vendor.model().expires_in = Some(20);
    let (_, client) = started(&vendor, &clock()).await;
    for _ in 0..50 {
        call(&client).await.unwrap();
    }
    assert_eq!(vendor.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_outlives_the_caller_that_started_it() {
    let vendor = Vendor::new();
    let store = Arc::new(MemoryTokenStore::new());
    let session = vendor.session(&clock()).store(Arc::clone(&store) as Arc<dyn TokenStore>).build();
    session.save(vendor.stale_tokens()).await.unwrap();
    let client = vendor.client(&session);
    // The first answer takes 100 ms, so the caller is gone in the middle of the refresh; and so is the session.
    assert!(tokio::time::timeout(Duration::from_millis(160), call(&client)).await.is_err());
    assert_eq!((vendor.asked(), vendor.generation()), (1, 1));
    drop((client, session));
    tokio::time::sleep(Duration::from_secs(1)).await;
    let stored = store.load(&key()).await.unwrap().unwrap();
    assert_eq!(stored.tokens.refresh.unwrap().expose_secret(), "planted-refresh-0-1");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_whose_answer_is_lost_is_not_repeated_at_once() {
    let vendor = Vendor::new();
    let (_, client) = started(&vendor, &clock()).await;
    vendor.model().fate = Fate::AnswerLost;
    let first = tokio::time::timeout(Duration::from_secs(4), call(&client)).await;
    assert!(first.is_err(), "the retry waits until the vendor can be done with the first request");
    assert_eq!(vendor.asked(), 1);
    vendor.model().fate = Fate::Answered;
    let error = tokio::time::timeout(Duration::from_secs(10), call(&client)).await.unwrap().unwrap_err();
    assert_eq!((error.kind(), vendor.asked()), (ErrorKind::Auth, 2));
    assert!(error.to_string().contains("was lost"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_costs_nothing_where_the_old_token_works_on() {
    let vendor = Vendor::new();
    let (_, client) = started(&vendor, &clock()).await;
    vendor.model().grace = true;
    vendor.model().fate = Fate::AnswerLost;
    assert!(tokio::time::timeout(Duration::from_secs(4), call(&client)).await.is_err());
    vendor.model().fate = Fate::Answered;
    call(&client).await.unwrap();
    assert_eq!(vendor.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn each_renewal_is_one_event() {
    let (vendor, clock) = (Vendor::new(), clock());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    let observers = Observers::one(move |event: &Event<'_>| {
        if let Event::Token { adapter, account, error } = event {
            log.lock().unwrap().push(format!("{adapter} {account} {error:?}"));
        }
    });
    let session = vendor.session(&clock).observers(observers).build();
    session.save(vendor.stale_tokens()).await.unwrap();
    let client = vendor.client(&session);
    join_all((0..10).map(|_| call(&client))).await;
    vendor.model().revoked = true;
    join_all((0..10).map(|_| call(&client))).await;
    assert_eq!(*seen.lock().unwrap(), ["acme tenant-1 None", "acme tenant-1 Some(Auth)"]);
}
