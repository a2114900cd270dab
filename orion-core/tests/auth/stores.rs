//! What every token store promises, held against each of them.

use std::{sync::Arc, time::Duration};

use chrono::DateTime;
use futures::future::join_all;
use orion_core::auth::{AccountKey, Leased, MemoryTokenStore, Stored, Swap, TokenSet, TokenStore};
use secrecy::ExposeSecret;

use crate::places;

const TTL: Duration = Duration::from_secs(60);

fn done(swap: Swap) -> u64 {
    match swap {
        Swap::Done(version) => version,
        Swap::Lost(theirs) => panic!("lost to {theirs:?}"),
    }
}

fn lost(swap: Swap) -> Option<(u64, String)> {
    match swap {
        Swap::Lost(theirs) => theirs.map(|stored| (stored.version, access(&stored))),
        Swap::Done(version) => panic!("done at {version}"),
    }
}

fn access(stored: &Stored) -> String {
    stored.tokens.access.expose_secret().to_owned()
}

fn full(access: &str) -> TokenSet {
    let mut tokens = TokenSet::new(access).with_refresh("planted \"refresh\" \u{1f980}\0");
    tokens.expires_at = DateTime::from_timestamp(1_767_225_600, 0);
    tokens.with_extra("instance_url", "https://eu1.acme.test")
}

async fn keeps(store: &dyn TokenStore) {
    let (key, other) = (AccountKey::new("acme", "o'brien"), AccountKey::new("acme", "2"));
    assert!(store.load(&key).await.unwrap().is_none());
    assert_eq!(lost(store.swap(&key, Some(1), &full("x")).await.unwrap()), None);
    let first = done(store.swap(&key, None, &full("first")).await.unwrap());
    let stored = store.load(&key).await.unwrap().unwrap();
    assert_eq!((stored.version, access(&stored)), (first, "first".to_owned()));
    assert_eq!(stored.tokens.refresh.unwrap().expose_secret(), "planted \"refresh\" \u{1f980}\0");
    assert_eq!(stored.tokens.expires_at, full("").expires_at);
    assert_eq!(stored.tokens.extra, full("").extra);

    assert_eq!(lost(store.swap(&key, None, &full("x")).await.unwrap()), Some((first, "first".into())));
    let second = done(store.swap(&key, Some(first), &full("second")).await.unwrap());
    assert!(second > first);
    assert_eq!(
        lost(store.swap(&key, Some(first), &full("x")).await.unwrap()),
        Some((second, "second".into()))
    );
    assert!(store.load(&other).await.unwrap().is_none());

    store.remove(&key).await.unwrap();
    store.remove(&other).await.unwrap();
    assert!(store.load(&key).await.unwrap().is_none());
    assert_eq!(lost(store.swap(&key, Some(second), &full("x")).await.unwrap()), None);
    let third = done(store.swap(&key, None, &full("third")).await.unwrap());
    assert!(third > second, "a version never names two sets");
}

async fn lends(store: &dyn TokenStore) {
    let (key, other) = (AccountKey::new("lend", "1"), AccountKey::new("lend", "2"));
    assert_eq!(store.lease(&key, "a", TTL).await.unwrap(), Leased::Granted);
    assert!(store.load(&key).await.unwrap().is_none(), "a lease is no token");
    let Leased::Held(left) = store.lease(&key, "b", TTL).await.unwrap() else { panic!("granted twice") };
    assert!(left > Duration::ZERO && left <= TTL, "{left:?}");
    assert_eq!(store.lease(&key, "a", TTL).await.unwrap(), Leased::Granted, "its holder may prolong it");
    assert_eq!(store.lease(&other, "b", TTL).await.unwrap(), Leased::Granted, "one per account");
    done(store.swap(&key, None, &full("x")).await.unwrap());
    assert!(matches!(store.lease(&key, "b", TTL).await.unwrap(), Leased::Held(_)));
    store.release(&key, "b").await.unwrap();
    assert!(matches!(store.lease(&key, "b", TTL).await.unwrap(), Leased::Held(_)));
    store.release(&key, "a").await.unwrap();
    assert_eq!(store.lease(&key, "b", Duration::ZERO).await.unwrap(), Leased::Granted);
    assert_eq!(store.lease(&key, "a", TTL).await.unwrap(), Leased::Granted, "b's has run out");
    store.release(&AccountKey::new("lend", "3"), "a").await.unwrap();
    assert!(store.load(&key).await.unwrap().is_some());
}

async fn lets_one_win(store: &dyn TokenStore) {
    let key = AccountKey::new("race", "1");
    let mut seen = None;
    for round in 0..5 {
        let sets: Vec<TokenSet> = (0..10).map(|racer| full(&format!("{round}-{racer}"))).collect();
        let swaps = join_all(sets.iter().map(|tokens| store.swap(&key, seen, tokens))).await;
        let won: Vec<u64> = swaps
            .into_iter()
            .filter_map(|swap| match swap.unwrap() {
                Swap::Done(version) => Some(version),
                Swap::Lost(_) => None,
            })
            .collect();
        assert_eq!(won.len(), 1, "{won:?}");
        seen = Some(won[0]);
    }
    let holders: Vec<String> = (0..10).map(|holder| holder.to_string()).collect();
    let leases = join_all(holders.iter().map(|holder| store.lease(&key, holder, TTL))).await;
    let granted = leases.into_iter().filter(|lease| matches!(lease, Ok(Leased::Granted))).count();
    assert_eq!(granted, 1);
}

async fn conforms(store: Arc<dyn TokenStore>) {
    keeps(&*store).await;
    lends(&*store).await;
    lets_one_win(&*store).await;
    assert!(!format!("{:?}", store.load(&AccountKey::new("race", "1")).await).contains("planted"));
}

#[tokio::test]
async fn memory_conforms() {
    conforms(Arc::new(MemoryTokenStore::new())).await;
}

#[cfg(feature = "file-store")]
#[tokio::test]
async fn a_file_conforms() {
    let folder = places::Folder::new();
    conforms(Arc::new(folder.file_store(1))).await;
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn sqlite_conforms_with_and_without_a_key() {
    let folder = places::Folder::new();
    conforms(Arc::new(places::sql_store(&folder.path("plain.db"), None).await)).await;
    conforms(Arc::new(places::sql_store(&folder.path("sealed.db"), Some(1)).await)).await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn postgres_conforms_with_and_without_a_key() {
    let Some(database) = places::Postgres::create().await else { return };
    conforms(Arc::new(places::sql_store(&database.url, None).await)).await;
    database.clear().await;
    conforms(Arc::new(places::sql_store(&database.url, Some(1)).await)).await;
    database.remove().await;
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn rows_without_encryption_are_encrypted_when_they_change() {
    let folder = places::Folder::new();
    let (path, key) = (folder.path("tokens.db"), AccountKey::new("acme", "1"));
    let plain = places::sql_store(&path, None).await;
    let version = done(plain.swap(&key, None, &TokenSet::new("planted-1")).await.unwrap());
    let sealed = places::sql_store(&path, Some(1)).await;
    assert_eq!(access(&sealed.load(&key).await.unwrap().unwrap()), "planted-1");
    done(sealed.swap(&key, Some(version), &TokenSet::new("planted-2")).await.unwrap());
    for (store, words) in [(&plain, "encrypted"), (&places::sql_store(&path, Some(2)).await, "another key")] {
        let error = store.load(&key).await.unwrap_err();
        assert_eq!(error.kind(), orion_core::ErrorKind::Storage);
        assert!(error.to_string().contains(words), "{error}");
    }
    assert_eq!(access(&sealed.load(&key).await.unwrap().unwrap()), "planted-2");
}

#[cfg(feature = "file-store")]
mod file {
    use std::fs;

    use orion_core::ErrorKind;

    use super::*;

    #[tokio::test]
    async fn a_file_shows_no_token_and_is_its_owners_alone() {
        let (folder, key) = (places::Folder::new(), AccountKey::new("acme", "1"));
        let tokens =
            TokenSet::new("planted-access").with_refresh("planted-refresh").with_extra("x", "planted");
        done(folder.file_store(1).swap(&key, None, &tokens).await.unwrap());
        let path = folder.path("tokens");
        assert!(!fs::read_to_string(&path).unwrap().contains("planted"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[tokio::test]
    async fn a_file_of_another_key_is_reported_and_left_alone() {
        let (folder, key) = (places::Folder::new(), AccountKey::new("acme", "1"));
        done(folder.file_store(1).swap(&key, None, &TokenSet::new("a")).await.unwrap());
        let before = fs::read(folder.path("tokens")).unwrap();
        let wrong = folder.file_store(2);
        refuses(&wrong, &key, "another key").await;
        assert_eq!(fs::read(folder.path("tokens")).unwrap(), before);
        assert!(folder.file_store(1).load(&key).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_damaged_file_is_reported_and_left_alone() {
        let (folder, key) = (places::Folder::new(), AccountKey::new("acme", "1"));
        let store = folder.file_store(1);
        done(store.swap(&key, None, &TokenSet::new("planted")).await.unwrap());
        let (path, whole) = (folder.path("tokens"), fs::read_to_string(folder.path("tokens")).unwrap());
        let sealed = whole.split("\"tokens\": \"").nth(1).unwrap().split('"').next().unwrap();
        let shortened = whole.replace(sealed, sealed.split_at(40).0);
        for damaged in [whole.split_at(whole.len() / 2).0, "", "planted text", &shortened] {
            fs::write(&path, damaged).unwrap();
            refuses(&store, &key, "restore a copy").await;
            assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
        }
        fs::write(&path, whole.replace("orion-tokens-1", "orion-tokens-9")).unwrap();
        refuses(&store, &key, "upgrade").await;
        fs::write(&path, whole).unwrap();
        assert!(store.load(&key).await.unwrap().is_some());
    }

    async fn refuses(store: &dyn TokenStore, key: &AccountKey, words: &str) {
        let errors = [
            store.load(key).await.map(drop).unwrap_err(),
            store.swap(key, None, &TokenSet::new("b")).await.map(drop).unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::Storage);
            let shown = format!("{error}{error:?}");
            assert!(shown.contains(words) && !shown.contains("planted"), "{shown}");
        }
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_written_says_so() {
        let folder = places::Folder::new();
        let store = places::file_store(&folder.path("missing/tokens"), 1);
        let error = store.swap(&AccountKey::new("a", "b"), None, &TokenSet::new("x")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Storage);
        assert!(error.to_string().contains("check the folder"), "{error}");
    }

    #[tokio::test]
    async fn what_a_crash_left_behind_is_no_hindrance() {
        let (folder, key) = (places::Folder::new(), AccountKey::new("acme", "1"));
        done(folder.file_store(1).swap(&key, None, &TokenSet::new("a")).await.unwrap());
        fs::write(folder.path("tokens.new"), "half a fi").unwrap();
        let store = folder.file_store(1);
        done(store.swap(&key, Some(1), &TokenSet::new("b")).await.unwrap());
        assert_eq!(access(&store.load(&key).await.unwrap().unwrap()), "b");
    }
}
