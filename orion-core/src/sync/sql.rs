//! SQLite and Postgres: records, dead letters and checkpoints in one transaction.

mod apply;
mod links;
mod read;
mod rows;
mod schema;
mod view;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
pub use read::Filter;

use self::{apply::Target, schema::Names};
use super::{Applied, Batch, Checkpoint, CheckpointStore, Commit, Destination};
use crate::{
    Model, Result, StreamKey,
    sql::{Database, Outlives, Transaction, Type, database, lock},
};

/// Keeps records in SQLite or Postgres, each change exactly once.
///
/// Each kind has a table (`orion_customer`) and a view of its live records with the model's fields as columns (`customers`). Deleted
/// records stay as tombstones, so that an older state of theirs that comes late does not bring them back. `orion_dead_letters` holds what
/// could not be read, `orion_checkpoints` the positions, `orion_streams` the names of the streams.
///
/// In the tables of SQLite a time is a count of microseconds since 1970; the views show it as text. Cloning shares the connections.
///
/// ```
/// use std::sync::Arc;
/// use orion_core::{Record, UnifiedCustomer, sync::{Engine, Filter, Plan, SqlDestination}};
/// use orion_core::testing::{self, Memory};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> orion_core::Result<()> {
/// let source = Memory::new(testing::clock());
/// source.customers().put(Record::new("c1", UnifiedCustomer::default()));
/// let database = SqlDestination::open(":memory:").await?;
/// let report = Engine::new().stream(Plan::<UnifiedCustomer, _>::new(Arc::new(source), database.clone())).run().await;
/// assert!(report.is_complete());
///
/// let stored = database.records::<UnifiedCustomer>(&Filter::new()).await?;
/// assert_eq!(stored[0].id.as_str(), "c1");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SqlDestination(Arc<Inner>);

struct Inner {
    database: Database,
    names: Names,
    views: Option<Box<str>>,
    streams: Mutex<HashMap<StreamKey, i64>>,
}

/// Where a [`SqlDestination`] keeps its records, and under which names.
#[derive(Clone)]
pub struct SqlOptions {
    url: Box<str>,
    tables: Box<str>,
    views: Option<Box<str>>,
}

impl SqlOptions {
    /// `url`: the path of an SQLite file, made if missing, or `postgres://user@host:port/database`.
    ///
    /// A schema other than the default one of Postgres is chosen in the address: `?options=-c%20search_path%3Dname`.
    #[must_use]
    pub fn new(url: impl Into<Box<str>>) -> Self {
        Self { url: url.into(), tables: "orion_".into(), views: Some("".into()) }
    }

    /// Puts this before the names of the tables, instead of `orion_`.
    #[must_use]
    pub fn table_prefix(mut self, prefix: impl Into<Box<str>>) -> Self {
        self.tables = prefix.into();
        self
    }

    /// Puts this before the names of the views: `crm_` gives `crm_customers`.
    #[must_use]
    pub fn view_prefix(mut self, prefix: impl Into<Box<str>>) -> Self {
        self.views = Some(prefix.into());
        self
    }

    /// Makes no views.
    #[must_use]
    pub fn without_views(mut self) -> Self {
        self.views = None;
        self
    }

    /// Opens the database and makes or updates the shared tables.
    ///
    /// # Errors
    /// `Config` for an address that cannot work (malformed, wrong user, a feature that is off) or tables of a newer version; `Storage` if the
    /// file is damaged or read-only, or the server cannot be reached.
    pub async fn open(self) -> Result<SqlDestination> {
        let database = database(&self.url, Outlives::Process).await?;
        let names = Names::new(&self.tables);
        schema::migrate(&database, &names).await?;
        let inner = Inner { database, names, views: self.views, streams: Mutex::default() };
        Ok(SqlDestination(Arc::new(inner)))
    }
}

/// Shows no address: it may hold a password.
impl fmt::Debug for SqlOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlOptions")
            .field("tables", &self.tables)
            .field("views", &self.views)
            .finish_non_exhaustive()
    }
}

impl SqlDestination {
    /// Opens a database with the default names; see [`SqlOptions`].
    ///
    /// # Errors
    /// As [`SqlOptions::open`].
    pub async fn open(url: impl Into<Box<str>>) -> Result<Self> {
        SqlOptions::new(url).open().await
    }

    async fn stream_id(&self, transaction: &mut Transaction, stream: &StreamKey) -> Result<i64> {
        let streams = || self.0.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = streams().get(stream) {
            return Ok(*id);
        }
        apply::stream_id(&self.0.database, transaction, &self.0.names, stream).await
    }

    fn target(&self, stream: i64, kind: &str, at: chrono::DateTime<chrono::Utc>) -> Target<'_> {
        Target {
            names: &self.0.names,
            dialect: self.0.database.dialect(),
            stream,
            table: self.0.names.table(kind),
            now: rows::micros(Some(at)),
        }
    }

    /// Remembers a stream's key, once the transaction that may have made it is committed.
    fn remember(&self, stream: &StreamKey, id: i64) {
        let mut streams = self.0.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if !streams.contains_key(stream) {
            streams.insert(stream.clone(), id);
        }
    }

    async fn checkpoint(&self, stream: &StreamKey) -> Result<Option<Checkpoint>> {
        let Names { checkpoints, streams, .. } = &self.0.names;
        let text =
            format!("SELECT c.checkpoint FROM {checkpoints} AS c JOIN {streams} AS s ON s.id = c.stream");
        let mut select = self.0.database.statement(&text);
        let parts = [
            ("adapter", &stream.adapter),
            ("account", &stream.account),
            ("kind", &stream.kind),
            ("object", &stream.object),
        ];
        for (at, (column, value)) in parts.into_iter().enumerate() {
            let word = if at == 0 { "WHERE" } else { "AND" };
            select = select.push(&format!(" {word} s.{column} = ")).bind(Type::Text, &**value);
        }
        let mut rows = self.0.database.fetch(select, &[Type::Text]).await?;
        let text = rows.first_mut().and_then(|row| row[0].text());
        text.map(|text| Checkpoint::decode(&text)).transpose()
    }
}

impl fmt::Debug for SqlDestination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SqlDestination").field(&self.0.database.dialect()).finish()
    }
}

#[async_trait]
impl<M: Model> Destination<M> for SqlDestination {
    async fn open(&self, stream: &StreamKey) -> Result<Option<Checkpoint>> {
        let Inner { database, names, views, .. } = &*self.0;
        let kind = M::KIND.as_str();
        let mut transaction = database.begin().await?;
        lock(&mut transaction, database.dialect()).await?;
        schema::kind_table(&mut transaction, names, kind, database.dialect()).await?;
        if let Some(prefix) = views {
            let view = format!("{prefix}{}", view::plural(kind));
            view::renew::<M>(database, &mut transaction, names, &view).await?;
        }
        let id = self.stream_id(&mut transaction, stream).await?;
        transaction.commit().await?;
        self.remember(stream, id);
        self.checkpoint(stream).await
    }

    async fn apply(&self, batch: Arc<Batch<M>>) -> Result<Applied> {
        let mut transaction = self.0.database.begin().await?;
        let id = self.stream_id(&mut transaction, &batch.stream).await?;
        let target = self.target(id, M::KIND.as_str(), batch.at);
        let applied = apply::apply(&mut transaction, &target, &batch).await?;
        transaction.commit().await?;
        self.remember(&batch.stream, id);
        Ok(applied)
    }

    fn transactional(&self) -> bool {
        true
    }

    fn sweeps(&self) -> bool {
        true
    }
}

#[async_trait]
impl CheckpointStore for SqlDestination {
    async fn load(&self, stream: &StreamKey) -> Result<Option<Checkpoint>> {
        self.checkpoint(stream).await
    }

    async fn commit(&self, commit: Commit<'_>) -> Result<()> {
        let mut transaction = self.0.database.begin().await?;
        let id = self.stream_id(&mut transaction, commit.stream).await?;
        let target = self.target(id, &commit.stream.kind, commit.at);
        apply::commit(&mut transaction, &target, &commit).await?;
        transaction.commit().await?;
        self.remember(commit.stream, id);
        Ok(())
    }
}
