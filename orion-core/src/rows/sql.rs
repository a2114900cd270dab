//! Rows in SQLite or Postgres.

use std::fmt;

use async_trait::async_trait;

use super::{Row, Rows, Swapped};
use crate::{
    Result,
    sql::{Cell, Database, Outlives, Statement, Type, database, lock},
};

/// Keeps rows in the table `orion_rows` of SQLite or Postgres, for processes on one machine or on many. Cloning shares the connections.
///
/// # Cancel safety
///
/// A change is one transaction: dropped half-way, it did not happen.
#[derive(Clone)]
pub struct SqlRows(Database);

const COLUMNS: &[Type] = &[Type::Text, Type::Int, Type::Text, Type::Text];

impl SqlRows {
    /// Opens a database and makes the table: the path of an SQLite file, made if missing, or `postgres://user@host:port/database`.
    ///
    /// # Errors
    /// `Config` for an address that cannot work, `Storage` if the file or server cannot be used.
    pub async fn open(url: &str) -> Result<Self> {
        let database = database(url, Outlives::Power).await?;
        let mut transaction = database.begin().await?;
        lock(&mut transaction, database.dialect()).await?;
        let (int, text) = (database.dialect().type_name(Type::Int), database.dialect().type_name(Type::Text));
        let table = format!(
            "CREATE TABLE IF NOT EXISTS orion_rows (space {text} NOT NULL, name {text} NOT NULL, version {int} NOT NULL, \
             tag {text} NOT NULL, value {text} NOT NULL, PRIMARY KEY (space, name))"
        );
        transaction.execute(database.statement(&table)).await?;
        let index = "CREATE INDEX IF NOT EXISTS orion_rows_tag ON orion_rows (space, tag)";
        transaction.execute(database.statement(index)).await?;
        transaction.commit().await?;
        Ok(Self(database))
    }

    fn select(&self, space: &str) -> Statement {
        let select = "SELECT name, version, tag, value FROM orion_rows WHERE space = ";
        self.0.statement(select).bind(Type::Text, space)
    }

    async fn change(&self, statement: Statement) -> Result<u64> {
        let mut transaction = self.0.begin().await?;
        let changed = transaction.execute(statement).await?;
        transaction.commit().await?;
        Ok(changed)
    }
}

fn row(cells: Vec<Cell>) -> Option<Row> {
    let [mut key, version, mut tag, mut value] = <[Cell; 4]>::try_from(cells).ok()?;
    let version = version.int()?.unsigned_abs();
    Some(Row { key: key.text()?, version, tag: tag.text()?, value: value.text()? })
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[async_trait]
impl Rows for SqlRows {
    async fn get(&self, space: &str, key: &str) -> Result<Option<Row>> {
        let select = self.select(space).push(" AND name = ").bind(Type::Text, key);
        Ok(self.0.fetch(select, COLUMNS).await?.into_iter().find_map(row))
    }

    async fn list(&self, space: &str, tag: &str) -> Result<Vec<Row>> {
        let select = self.select(space).push(" AND tag = ").bind(Type::Text, tag).push(" ORDER BY name");
        Ok(self.0.fetch(select, COLUMNS).await?.into_iter().filter_map(row).collect())
    }

    async fn swap(
        &self,
        space: &str,
        key: &str,
        seen: Option<u64>,
        tag: &str,
        value: &str,
    ) -> Result<Swapped> {
        let statement = match seen {
            Some(seen) => self
                .0
                .statement("UPDATE orion_rows SET version = version + 1, tag = ")
                .bind(Type::Text, tag)
                .push(", value = ")
                .bind(Type::Text, value)
                .push(" WHERE space = ")
                .bind(Type::Text, space)
                .push(" AND name = ")
                .bind(Type::Text, key)
                .push(" AND version = ")
                .bind(Type::Int, number(seen)),
            None => self
                .0
                .statement("INSERT INTO orion_rows (space, name, version, tag, value) VALUES (")
                .bind(Type::Text, space)
                .push(", ")
                .bind(Type::Text, key)
                .push(", 1, ")
                .bind(Type::Text, tag)
                .push(", ")
                .bind(Type::Text, value)
                .push(") ON CONFLICT (space, name) DO NOTHING"),
        };
        let changed = self.change(statement).await?;
        Ok(if changed == 0 { Swapped::Lost } else { Swapped::Done(seen.unwrap_or(0) + 1) })
    }

    async fn remove(&self, space: &str, key: &str) -> Result<()> {
        let delete = self.0.statement("DELETE FROM orion_rows WHERE space = ").bind(Type::Text, space);
        self.change(delete.push(" AND name = ").bind(Type::Text, key)).await.map(drop)
    }
}

impl fmt::Debug for SqlRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SqlRows").field(&self.0.dialect()).finish()
    }
}

#[cfg(test)]
#[cfg(feature = "sqlite")]
mod tests {
    use super::*;
    use crate::rows::MemoryRows;

    async fn keeps_its_word(rows: &dyn Rows) {
        assert_eq!(rows.swap("a", "k", Some(1), "open", "x").await.unwrap(), Swapped::Lost);
        assert_eq!(rows.swap("a", "k", None, "open", "x").await.unwrap(), Swapped::Done(1));
        assert_eq!(rows.swap("a", "k", None, "open", "y").await.unwrap(), Swapped::Lost);
        assert_eq!(rows.swap("a", "k", Some(1), "closed", "y").await.unwrap(), Swapped::Done(2));
        assert_eq!(rows.swap("a", "k", Some(1), "open", "z").await.unwrap(), Swapped::Lost);
        let row = rows.get("a", "k").await.unwrap().unwrap();
        assert_eq!((row.version, &*row.tag, &*row.value), (2, "closed", "y"));
        assert!(rows.list("a", "open").await.unwrap().is_empty());
        assert_eq!(rows.list("a", "closed").await.unwrap(), [row]);
        assert_eq!(rows.get("b", "k").await.unwrap(), None, "a space is its owner's own");
        rows.remove("a", "k").await.unwrap();
        rows.remove("a", "k").await.unwrap();
        assert_eq!(rows.get("a", "k").await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_row_changes_only_for_who_has_seen_it() {
        keeps_its_word(&MemoryRows::new()).await;
        keeps_its_word(&SqlRows::open(":memory:").await.unwrap()).await;
    }
}
