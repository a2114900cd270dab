//! Where stores keep tokens in tests: a folder or database of each test's own.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

#[cfg(feature = "file-store")]
use orion_core::auth::FileTokenStore;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
use orion_core::auth::SqlTokenStore;

static NEXT: AtomicU32 = AtomicU32::new(0);

fn name() -> String {
    format!("orion_auth_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A folder that goes with the test.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let path = std::env::temp_dir().join(name());
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    #[cfg(feature = "file-store")]
    pub(crate) fn file_store(&self, key: u8) -> FileTokenStore {
        file_store(&self.path("tokens"), key)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

#[cfg(feature = "file-store")]
pub(crate) fn file_store(path: &str, key: u8) -> FileTokenStore {
    FileTokenStore::new(path, &vec![key; 32].into()).unwrap()
}

#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) async fn sql_store(url: &str, key: Option<u8>) -> SqlTokenStore {
    let key = key.map(|key| vec![key; 32].into());
    SqlTokenStore::open(url, key.as_ref()).await.unwrap()
}

/// A database of the test's own on the server that `ORION_TEST_POSTGRES` names.
#[cfg(feature = "postgres")]
pub(crate) struct Postgres {
    server: String,
    name: String,
    pub(crate) url: String,
}

#[cfg(feature = "postgres")]
impl Postgres {
    #[expect(clippy::disallowed_methods, reason = "a test asks the environment for its server")]
    pub(crate) async fn create() -> Option<Self> {
        let Ok(server) = std::env::var("ORION_TEST_POSTGRES") else {
            eprintln!("skipped: ORION_TEST_POSTGRES names no Postgres server");
            return None;
        };
        let name = name();
        let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
        let database = Self { server, name, url };
        database.run(&database.server, &format!("CREATE DATABASE {}", database.name)).await;
        Some(database)
    }

    pub(crate) async fn clear(&self) {
        self.run(&self.url, "DROP TABLE orion_tokens").await;
    }

    pub(crate) async fn remove(self) {
        self.run(&self.server, &format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
    }

    async fn run(&self, url: &str, statement: &str) {
        let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(url).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).execute(&mut connection).await.unwrap();
    }
}
