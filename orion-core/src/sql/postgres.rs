//! Postgres.

use std::{str::FromStr, time::Duration};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Postgres, Row,
    postgres::{PgArguments, PgConnectOptions, PgPool, PgPoolOptions, PgRow},
};
use tokio::time::timeout;

use super::{
    connection::Cell,
    statement::{Arg, Statement, Type},
    text::restored,
};
use crate::{Error, ErrorKind, Result};

const CONNECTIONS: u32 = 8;
const CONNECT: Duration = Duration::from_secs(30);

#[derive(Clone, Debug)]
pub(crate) struct Pool(pub(crate) PgPool);

impl Pool {
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        // The address may hold a password, and the parser's message quotes it.
        let connect = PgConnectOptions::from_str(url).map_err(|_| {
            let message = "the Postgres address is malformed; it reads postgres://user@host:port/database";
            Error::new(ErrorKind::Config, message)
        })?;
        let place = format!("{}:{}", connect.get_host(), connect.get_port());
        let failed = |error: Error| {
            Error::new(error.kind(), format!("cannot connect to Postgres at {place}")).with_source(error)
        };
        // The pool repeats a refused connection until its time is up; the first one is to tell at once.
        let first = timeout(CONNECT, connect.connect()).await;
        let first =
            first.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(|source| failed(error(source)))?;
        let options = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(CONNECT);
        let pool = options.connect_lazy_with(connect);
        first.close().await.map_err(|source| failed(error(source)))?;
        Ok(Self(pool))
    }

    pub(crate) async fn begin(&self) -> Result<sqlx::Transaction<'static, Postgres>> {
        self.0.begin().await.map_err(error)
    }
}

fn query(statement: Statement) -> Result<sqlx::query::Query<'static, Postgres, PgArguments>> {
    let mut arguments = PgArguments::default();
    for argument in statement.args {
        let added = match argument {
            Arg::Int(value) => sqlx::Arguments::add(&mut arguments, value),
            Arg::Text(value) => sqlx::Arguments::add(&mut arguments, value),
            Arg::Ints(column) => sqlx::Arguments::add(&mut arguments, column),
            Arg::Texts(column) => sqlx::Arguments::add(&mut arguments, column),
        };
        added.map_err(|source| error(sqlx::Error::Encode(source)))?;
    }
    let query = sqlx::query_with(AssertSqlSafe(statement.text), arguments);
    Ok(query.persistent(statement.keep))
}

pub(crate) async fn execute(
    transaction: &mut sqlx::Transaction<'static, Postgres>,
    statement: Statement,
) -> Result<u64> {
    let done = query(statement)?.execute(&mut **transaction).await.map_err(error)?;
    Ok(done.rows_affected())
}

pub(crate) async fn fetch<'c>(
    executor: impl sqlx::Executor<'c, Database = Postgres>,
    statement: Statement,
    columns: &[Type],
) -> Result<Vec<Vec<Cell>>> {
    let rows = query(statement)?.fetch_all(executor).await.map_err(error)?;
    rows.iter().map(|row| cells(row, columns)).collect()
}

fn cells(row: &PgRow, columns: &[Type]) -> Result<Vec<Cell>> {
    let text =
        |at, json| row.try_get::<Option<String>, _>(at).map(|text| text.map(|text| restored(text, json)));
    let cell = |(at, kind): (usize, &Type)| match kind {
        Type::Int | Type::Time => row.try_get(at).map(Cell::Int),
        Type::Text => text(at, false).map(Cell::Text),
        Type::Json => text(at, true).map(Cell::Text),
    };
    columns.iter().enumerate().map(cell).collect::<Result<_, _>>().map_err(error)
}

/// Says what a failure means and what to do. Codes: Postgres manual, appendix A.
pub(crate) fn error(source: sqlx::Error) -> Error {
    let code = match &source {
        sqlx::Error::Database(database) => database.code().unwrap_or_default().into_owned(),
        _ => String::new(),
    };
    let (kind, message) = match (&*code, &source) {
        ("28P01" | "28000", _) => {
            (ErrorKind::Config, "Postgres refused the user or its password; correct the address")
        }
        ("3D000", _) => (ErrorKind::Config, "there is no such database; create it or correct the address"),
        ("42501", _) => {
            (ErrorKind::Config, "the user lacks a right; let it create tables and views in the schema")
        }
        ("2BP01", _) => {
            (ErrorKind::Config, "a view of yours depends on one Orion has to renew; drop yours first")
        }
        ("53100", _) => {
            (ErrorKind::Storage, "the server's disk is full; make room and run again, nothing was lost")
        }
        ("53300", _) => (ErrorKind::Storage, "the server has no connection left; raise max_connections"),
        ("57P01" | "57P02" | "57P03", _) => {
            (ErrorKind::Storage, "the server is shutting down or starting; run again")
        }
        (_, sqlx::Error::Io(_)) => (
            ErrorKind::Storage,
            "the connection failed; check that the server runs and can be reached, then run again",
        ),
        (_, sqlx::Error::PoolTimedOut) => {
            (ErrorKind::Storage, "no connection within 30 s; check that the server runs and can be reached")
        }
        (_, sqlx::Error::Tls(_)) => {
            (ErrorKind::Storage, "no secure connection; check the server's certificate")
        }
        _ => (ErrorKind::Storage, "Postgres refused a statement"),
    };
    Error::new(kind, message).with_source(source)
}
