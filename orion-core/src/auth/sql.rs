//! Tokens in SQLite or Postgres.

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use super::{
    AccountKey, Leased, Stored, Swap, TokenSet, TokenStore,
    seal::{self, Seal},
};
use crate::{
    Error, ErrorKind, Result,
    sql::{Cell, Database, Dialect, Outlives, Statement, Type, database, lock},
};

/// Keeps tokens in the table `orion_tokens` of SQLite or Postgres, for processes on one machine or on many.
///
/// With a key, tokens are encrypted (XChaCha20-Poly1305, bound to adapter and account); without one they are as safe as the database is.
/// Leases run out by the database's clock, so the machines' clocks may differ. Cloning shares the connections.
///
/// # Cancel safety
///
/// A change is one transaction: dropped half-way, it did not happen.
#[derive(Clone)]
pub struct SqlTokenStore(Arc<Inner>);

struct Inner {
    database: Database,
    seal: Option<Seal>,
}

/// How a row begins whose tokens are not encrypted, and how one whose tokens are.
const PLAIN: &str = "plain:";
const SEALED: &str = "sealed:";

/// A day, in milliseconds.
const LONGEST_LEASE: i64 = 86_400_000;

impl SqlTokenStore {
    /// Opens a database and makes the table: the path of an SQLite file, made if missing, or `postgres://user@host:port/database`.
    ///
    /// `key` is 32 bytes. With one, rows written without are still read, and encrypted when they change.
    ///
    /// # Errors
    /// `Config` for a key of another length or an address that cannot work, `Storage` if the file or server cannot be used.
    pub async fn open(url: &str, key: Option<&SecretSlice<u8>>) -> Result<Self> {
        let seal = key.map(Seal::new).transpose()?;
        let database = database(url, Outlives::Power).await?;
        let mut transaction = database.begin().await?;
        lock(&mut transaction, database.dialect()).await?;
        let (int, text) = (database.dialect().type_name(Type::Int), database.dialect().type_name(Type::Text));
        let table = format!(
            "CREATE TABLE IF NOT EXISTS orion_tokens (adapter {text} NOT NULL, account {text} NOT NULL, \
             version {int} NOT NULL, tokens {text}, lease_holder {text}, lease_until {int}, \
             PRIMARY KEY (adapter, account))"
        );
        transaction.execute(database.statement(&table)).await?;
        transaction.commit().await?;
        Ok(Self(Arc::new(Inner { database, seal })))
    }

    fn statement(&self, text: &str) -> Statement {
        self.0.database.statement(text)
    }

    /// The time in milliseconds, by the database's clock.
    fn now(&self) -> &'static str {
        match self.0.database.dialect() {
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite => "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
            #[cfg(feature = "postgres")]
            Dialect::Postgres => "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
        }
    }

    /// Runs a statement that changes at most one row, in a transaction of its own, and returns what it returns.
    async fn change(&self, statement: Statement) -> Result<Option<i64>> {
        let mut transaction = self.0.database.begin().await?;
        let rows = transaction.fetch(statement, &[Type::Int]).await?;
        transaction.commit().await?;
        Ok(rows.first().and_then(|row| row[0].int()))
    }

    fn write(&self, key: &AccountKey, tokens: &TokenSet) -> Result<String> {
        let text = seal::write(tokens)?;
        Ok(match &self.0.seal {
            Some(seal) => format!("{SEALED}{}", seal.seal(&text, key)?),
            None => format!("{PLAIN}{}", text.expose_secret()),
        })
    }

    fn read(&self, key: &AccountKey, row: &str) -> Result<TokenSet> {
        let damaged = "the tokens of the account are damaged; restore them, or authorise the account again";
        let text = match (row.strip_prefix(SEALED), row.strip_prefix(PLAIN), &self.0.seal) {
            (Some(sealed), _, Some(seal)) => seal.open(sealed, key).ok_or(
                "the tokens of the account do not open: they are damaged, or another key is needed; they were left as \
                 they are",
            ),
            (Some(_), _, None) => Err("the tokens of the account are encrypted; open the store with their key"),
            (None, Some(plain), _) => Ok(SecretString::from(plain)),
            (None, None, _) => Err(damaged),
        };
        text.and_then(|text| seal::read(&text).ok_or(damaged))
            .map_err(|message| Error::new(ErrorKind::Storage, message))
    }
}

/// Ends a statement with the account it is about.
fn of(statement: Statement, key: &AccountKey) -> Statement {
    statement
        .push(" WHERE adapter = ")
        .bind(Type::Text, &*key.adapter)
        .push(" AND account = ")
        .bind(Type::Text, &*key.account)
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[async_trait]
impl TokenStore for SqlTokenStore {
    async fn load(&self, key: &AccountKey) -> Result<Option<Stored>> {
        let select = of(self.statement("SELECT version, tokens FROM orion_tokens"), key);
        let mut rows = self.0.database.fetch(select, &[Type::Int, Type::Text]).await?;
        let Some([Cell::Int(Some(version)), tokens]) = rows.first_mut().map(Vec::as_mut_slice) else {
            return Ok(None);
        };
        let Some(row) = tokens.text().map(SecretString::from) else { return Ok(None) };
        Ok(Some(Stored::new(self.read(key, row.expose_secret())?, version.unsigned_abs())))
    }

    async fn swap(&self, key: &AccountKey, seen: Option<u64>, tokens: &TokenSet) -> Result<Swap> {
        let row = self.write(key, tokens)?;
        let statement = match seen {
            Some(seen) => {
                let update = self.statement("UPDATE orion_tokens SET version = version + 1, tokens = ");
                of(update.bind(Type::Text, row), key)
                    .push(" AND tokens IS NOT NULL AND version = ")
                    .bind(Type::Int, number(seen))
            }
            // The row of an account whose tokens were removed is still there, and counts on.
            None => inserted(
                self.statement("INSERT INTO orion_tokens (adapter, account, version, tokens) VALUES ("),
                key,
            )
            .push(", 1, ")
            .bind(Type::Text, row)
            .push(
                ") ON CONFLICT (adapter, account) DO UPDATE SET version = orion_tokens.version + 1, \
                     tokens = excluded.tokens WHERE orion_tokens.tokens IS NULL",
            ),
        };
        match self.change(statement.push(" RETURNING version")).await? {
            Some(version) => Ok(Swap::Done(version.unsigned_abs())),
            None => self.load(key).await.map(Swap::Lost),
        }
    }

    async fn lease(&self, key: &AccountKey, holder: &str, ttl: Duration) -> Result<Leased> {
        let now = self.now();
        let ttl = i64::try_from(ttl.as_millis()).unwrap_or(LONGEST_LEASE).min(LONGEST_LEASE);
        let insert =
            "INSERT INTO orion_tokens (adapter, account, version, lease_holder, lease_until) VALUES (";
        let lease = inserted(self.statement(insert), key)
            .push(", 0, ")
            .bind(Type::Text, holder)
            .push(&format!(", {now} + "))
            .bind(Type::Int, ttl)
            .push(&format!(
                ") ON CONFLICT (adapter, account) DO UPDATE SET lease_holder = excluded.lease_holder, \
                 lease_until = excluded.lease_until WHERE orion_tokens.lease_holder IS NULL \
                 OR orion_tokens.lease_holder = excluded.lease_holder OR orion_tokens.lease_until <= {now} \
                 RETURNING version"
            ));
        if self.change(lease).await?.is_some() {
            return Ok(Leased::Granted);
        }
        let left = of(self.statement(&format!("SELECT lease_until - {now} FROM orion_tokens")), key);
        let left = self.0.database.fetch(left, &[Type::Int]).await?;
        let left = left.first().and_then(|row| row[0].int()).and_then(|left| u64::try_from(left).ok());
        Ok(Leased::Held(Duration::from_millis(left.unwrap_or(0))))
    }

    async fn release(&self, key: &AccountKey, holder: &str) -> Result<()> {
        let release = "UPDATE orion_tokens SET lease_holder = NULL, lease_until = NULL";
        let release = of(self.statement(release), key).push(" AND lease_holder = ").bind(Type::Text, holder);
        self.change(release.push(" RETURNING version")).await.map(drop)
    }

    async fn remove(&self, key: &AccountKey) -> Result<()> {
        let remove = of(self.statement("UPDATE orion_tokens SET version = version + 1, tokens = NULL"), key);
        self.change(remove.push(" AND tokens IS NOT NULL RETURNING version")).await.map(drop)
    }
}

/// The account as the first values of an insert.
fn inserted(statement: Statement, key: &AccountKey) -> Statement {
    statement.bind(Type::Text, &*key.adapter).push(", ").bind(Type::Text, &*key.account)
}

impl fmt::Debug for SqlTokenStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlTokenStore")
            .field("database", &self.0.database.dialect())
            .field("encrypted", &self.0.seal.is_some())
            .finish()
    }
}
