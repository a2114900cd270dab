//! SQLite and Postgres, spoken to in one way.

mod connection;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
mod statement;
#[cfg(feature = "postgres")]
mod text;

pub(crate) use self::{
    connection::{Cell, Database, Transaction},
    statement::{Arg, Dialect, Statement, Type, quoted},
};
use crate::Result;

/// Serialises the set-up of several processes in one Postgres database.
#[cfg(feature = "postgres")]
const SETUP_LOCK: i64 = 0x6f72_696f_6e00;

/// What a commit to SQLite outlives. Postgres decides that by its own settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outlives {
    /// The process: for what is read again from its source.
    Process,
    /// A power cut: for what exists nowhere else.
    Power,
}

/// Opens the database at an address: the path of an SQLite file, or `postgres://…`.
pub(crate) async fn database(url: &str, outlives: Outlives) -> Result<Database> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        #[cfg(feature = "postgres")]
        return postgres::Pool::connect(url).await.map(Database::Postgres);
        #[cfg(not(feature = "postgres"))]
        return Err(missing("build with the feature `postgres` to use Postgres"));
    }
    #[cfg(feature = "sqlite")]
    {
        let path = url.strip_prefix("sqlite:").unwrap_or(url);
        let path = path.strip_prefix("//").unwrap_or(path);
        sqlite::Pools::open(path, outlives).await.map(Database::Sqlite)
    }
    #[cfg(not(feature = "sqlite"))]
    {
        let _ = outlives;
        Err(missing("build with the feature `sqlite` to use an SQLite file"))
    }
}

#[cfg(not(all(feature = "sqlite", feature = "postgres")))]
fn missing(advice: &str) -> crate::Error {
    crate::Error::new(crate::ErrorKind::Config, advice)
}

/// Takes the right to change tables until the transaction ends.
pub(crate) async fn lock(transaction: &mut Transaction, dialect: Dialect) -> Result<()> {
    match dialect {
        // `BEGIN IMMEDIATE` has taken it.
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => {
            let _ = transaction;
            Ok(())
        }
        #[cfg(feature = "postgres")]
        Dialect::Postgres => {
            let lock = Statement::new(dialect, "SELECT 1 FROM pg_advisory_xact_lock(");
            let lock = lock.bind(Type::Int, SETUP_LOCK).push(")");
            transaction.execute(lock).await.map(drop)
        }
    }
}
