//! SQLite: one connection that writes, a few that read.

use std::{path::Path, time::Duration};

use sqlx::{
    AssertSqlSafe, Row, Sqlite,
    sqlite::{
        SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
        SqliteSynchronous,
    },
};

use super::{
    Outlives,
    connection::Cell,
    statement::{Arg, Statement, Type},
};
use crate::{Error, ErrorKind, Result};

/// Larger pages than SQLite's own 4 KiB: records are about 1 KiB, and a backfill writes fewer, fuller pages.
const PAGE_SIZE: u32 = 16 * 1024;
const CACHE: &str = "-4000";
const WRITE_AHEAD_PAGES: &str = "1000";
/// A writer of another process holds the file for one batch at a time.
const BUSY: Duration = Duration::from_secs(30);
/// Statements of a full chunk are long; a few of them are enough.
const STATEMENTS: usize = 24;
const READERS: u32 = 2;

#[derive(Clone, Debug)]
pub(crate) struct Pools {
    writer: SqlitePool,
    pub(crate) readers: SqlitePool,
}

impl Pools {
    pub(crate) async fn open(path: &str, outlives: Outlives) -> Result<Self> {
        let memory = path == ":memory:";
        let options = if memory {
            SqliteConnectOptions::new().in_memory(true)
        } else {
            SqliteConnectOptions::new().filename(Path::new(path)).create_if_missing(true)
        };
        let synchronous = match outlives {
            Outlives::Process => SqliteSynchronous::Normal,
            Outlives::Power => SqliteSynchronous::Full,
        };
        let options = options
            .page_size(PAGE_SIZE)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .pragma("wal_autocheckpoint", WRITE_AHEAD_PAGES)
            .pragma("cache_size", CACHE)
            .foreign_keys(false)
            .busy_timeout(BUSY)
            .statement_cache_capacity(STATEMENTS);
        // The one writer waits for its turn as long as it takes: a turn is one batch.
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(600))
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_with(options.clone())
            .await
            .map_err(|source| at(path, error(source)))?;
        // A database in memory is its connection's own.
        let readers = if memory {
            writer.clone()
        } else {
            SqlitePoolOptions::new().max_connections(READERS).connect_lazy_with(options)
        };
        Ok(Self { writer, readers })
    }

    /// Takes the write lock at once: a transaction that reads first and writes later fails if another wrote in between.
    pub(crate) async fn begin(&self) -> Result<sqlx::Transaction<'static, Sqlite>> {
        self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(error)
    }
}

fn at(path: &str, error: Error) -> Error {
    let kind = error.kind();
    Error::new(kind, format!("cannot open the SQLite file {path}")).with_source(error)
}

fn query(statement: Statement) -> Result<sqlx::query::Query<'static, Sqlite, SqliteArguments>> {
    let mut arguments = SqliteArguments::default();
    sqlx::Arguments::reserve(&mut arguments, statement.args.len(), 0);
    for argument in statement.args {
        let added = match argument {
            Arg::Int(value) => sqlx::Arguments::add(&mut arguments, value),
            Arg::Text(value) => sqlx::Arguments::add(&mut arguments, value),
            #[cfg(feature = "postgres")]
            Arg::Ints(_) | Arg::Texts(_) => Err("SQLite has no arrays".into()),
        };
        added.map_err(|source| error(sqlx::Error::Encode(source)))?;
    }
    let query = sqlx::query_with(AssertSqlSafe(statement.text), arguments);
    Ok(query.persistent(statement.keep))
}

pub(crate) async fn execute(
    transaction: &mut sqlx::Transaction<'static, Sqlite>,
    statement: Statement,
) -> Result<u64> {
    let done = query(statement)?.execute(&mut **transaction).await.map_err(error)?;
    Ok(done.rows_affected())
}

pub(crate) async fn fetch<'c>(
    executor: impl sqlx::Executor<'c, Database = Sqlite>,
    statement: Statement,
    columns: &[Type],
) -> Result<Vec<Vec<Cell>>> {
    let rows = query(statement)?.fetch_all(executor).await.map_err(error)?;
    rows.iter().map(|row| cells(row, columns)).collect()
}

fn cells(row: &SqliteRow, columns: &[Type]) -> Result<Vec<Cell>> {
    let cell = |(at, kind): (usize, &Type)| match kind {
        Type::Int | Type::Time => row.try_get(at).map(Cell::Int),
        Type::Text | Type::Json => row.try_get(at).map(Cell::Text),
    };
    columns.iter().enumerate().map(cell).collect::<Result<_, _>>().map_err(error)
}

/// Says what a failure means and what to do. Codes: sqlite.org/rescode.html, the primary one in the low byte.
pub(crate) fn error(source: sqlx::Error) -> Error {
    let code = match &source {
        sqlx::Error::Database(database) => database.code().and_then(|code| code.parse::<u32>().ok()),
        _ => None,
    };
    let message = match code.map(|code| code & 0xff) {
        Some(5 | 6) => "the database is locked by another process; let it finish, or stop it",
        Some(8) => "the database file is read-only; give this process the right to write it and its folder",
        Some(10) => "the disk failed under the database file; check it and its free space",
        Some(11 | 26) => {
            "the file is damaged or no SQLite database; move it away and sync again into a new one, or restore a copy"
        }
        Some(13) => "the disk is full; make room and run again, nothing was lost",
        Some(14) => "the database file cannot be opened; its folder has to exist and be writable",
        _ => "SQLite refused a statement",
    };
    Error::new(ErrorKind::Storage, message).with_source(source)
}
