//! Connections and transactions, whichever database is behind them.

use super::statement::{Dialect, Statement, Type};
use crate::Result;

#[cfg(feature = "postgres")]
use super::postgres;
#[cfg(feature = "sqlite")]
use super::sqlite;

/// A database.
#[derive(Clone, Debug)]
pub(crate) enum Database {
    #[cfg(feature = "sqlite")]
    Sqlite(sqlite::Pools),
    #[cfg(feature = "postgres")]
    Postgres(postgres::Pool),
}

/// A transaction; rolled back when dropped.
pub(crate) enum Transaction {
    #[cfg(feature = "sqlite")]
    Sqlite(sqlx::Transaction<'static, sqlx::Sqlite>),
    #[cfg(feature = "postgres")]
    Postgres(sqlx::Transaction<'static, sqlx::Postgres>),
}

/// A value read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Int(Option<i64>),
    Text(Option<String>),
}

impl Cell {
    pub(crate) fn int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => *value,
            Self::Text(_) => None,
        }
    }

    pub(crate) fn text(&mut self) -> Option<String> {
        match self {
            Self::Text(value) => value.take(),
            Self::Int(_) => None,
        }
    }
}

impl Database {
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(_) => Dialect::Sqlite,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    pub(crate) fn statement(&self, text: &str) -> Statement {
        Statement::new(self.dialect(), text)
    }

    /// Begins a transaction that writes.
    pub(crate) async fn begin(&self) -> Result<Transaction> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(pools) => pools.begin().await.map(Transaction::Sqlite),
            #[cfg(feature = "postgres")]
            Self::Postgres(pool) => pool.begin().await.map(Transaction::Postgres),
        }
    }

    /// Reads rows outside of a transaction.
    pub(crate) async fn fetch(&self, statement: Statement, columns: &[Type]) -> Result<Vec<Vec<Cell>>> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(pools) => sqlite::fetch(&pools.readers, statement, columns).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(pool) => postgres::fetch(&pool.0, statement, columns).await,
        }
    }
}

impl Transaction {
    /// Runs a statement and returns how many rows it made or changed.
    pub(crate) async fn execute(&mut self, statement: Statement) -> Result<u64> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(transaction) => sqlite::execute(transaction, statement).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(transaction) => postgres::execute(transaction, statement).await,
        }
    }

    pub(crate) async fn fetch(&mut self, statement: Statement, columns: &[Type]) -> Result<Vec<Vec<Cell>>> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(transaction) => sqlite::fetch(&mut **transaction, statement, columns).await,
            #[cfg(feature = "postgres")]
            Self::Postgres(transaction) => postgres::fetch(&mut **transaction, statement, columns).await,
        }
    }

    pub(crate) async fn commit(self) -> Result<()> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite(transaction) => transaction.commit().await.map_err(sqlite::error),
            #[cfg(feature = "postgres")]
            Self::Postgres(transaction) => transaction.commit().await.map_err(postgres::error),
        }
    }
}
