//! Databases and folders of a test's own.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use sqlx::{AssertSqlSafe, Executor};

static COUNT: AtomicU32 = AtomicU32::new(0);

fn fresh_name() -> String {
    format!("orion_sync_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst))
}

/// A folder that goes when it is dropped.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let path = std::env::temp_dir().join(fresh_name());
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let gone = std::fs::remove_dir_all(&self.0);
        assert!(gone.is_ok() || std::thread::panicking(), "{gone:?}");
    }
}

/// A database of a test's own.
pub(crate) struct Place {
    pub(crate) url: String,
    schema: Option<(String, String)>,
    _folder: Option<Folder>,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let folder = Folder::new();
        Self { url: folder.file("records.db"), schema: None, _folder: Some(folder) }
    }

    /// A schema of its own on the server that `ORION_TEST_POSTGRES` names.
    #[expect(clippy::disallowed_methods, reason = "the tests' server is named by the environment")]
    pub(crate) async fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var("ORION_TEST_POSTGRES") else {
            // Past the capture of the test's output, so that it shows.
            let note = b"skipped its Postgres half: ORION_TEST_POSTGRES is not set\n";
            std::io::Write::write_all(&mut std::io::stderr(), note).unwrap();
            return None;
        };
        let schema = fresh_name();
        statement(&server, &format!("CREATE SCHEMA {schema}")).await;
        let separator = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{separator}options=-c%20search_path%3D{schema}");
        Some(Self { url, schema: Some((server, schema)), _folder: None })
    }

    pub(crate) async fn all() -> Vec<Self> {
        [Some(Self::sqlite()), Self::postgres().await].into_iter().flatten().collect()
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.schema.is_some()
    }

    /// Runs a statement of the test's own.
    pub(crate) async fn execute(&self, sql: &str) {
        statement(&self.url, sql).await;
    }

    /// Reads one text by a statement of the test's own.
    pub(crate) async fn text(&self, sql: &str) -> Option<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        if self.is_postgres() {
            let pool = sqlx::PgPool::connect(&self.url).await.unwrap();
            sqlx::query_scalar::<_, Option<String>>(sql).fetch_one(&pool).await.unwrap()
        } else {
            let pool = sqlx::SqlitePool::connect(&self.url).await.unwrap();
            sqlx::query_scalar::<_, Option<String>>(sql).fetch_one(&pool).await.unwrap()
        }
    }

    pub(crate) async fn clear(self) {
        if let Some((server, schema)) = &self.schema {
            statement(server, &format!("DROP SCHEMA {schema} CASCADE")).await;
        }
    }
}

async fn statement(url: &str, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    if url.starts_with("postgres") {
        sqlx::PgPool::connect(url).await.unwrap().execute(sql).await.unwrap();
    } else {
        sqlx::SqlitePool::connect(&format!("sqlite:{url}?mode=rwc"))
            .await
            .unwrap()
            .execute(sql)
            .await
            .unwrap();
    }
}
