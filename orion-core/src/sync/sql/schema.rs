//! The tables, and how they come to be.

use crate::{
    Error, ErrorKind, Result,
    sql::{Database, Dialect, Statement, Transaction, Type, lock, quoted},
};

/// The version this code writes. It is kept in the table `meta`.
const VERSION: i64 = 2;

/// `MIGRATIONS[n]` brings a database from version `n` to `n + 1`.
const MIGRATIONS: [fn(&Names, Dialect) -> Vec<String>; VERSION as usize] = [first, fingerprints];

/// The names of the tables, quoted.
#[derive(Clone, Debug)]
pub(super) struct Names {
    prefix: String,
    pub(super) meta: String,
    pub(super) streams: String,
    pub(super) checkpoints: String,
    pub(super) dead_letters: String,
    pub(super) seen: String,
    pub(super) links: String,
    pub(super) views: String,
}

/// Names the table of [`SqlTokenStore`](crate::auth::SqlTokenStore).
const TOKENS: &str = "tokens";

/// The longest name Postgres keeps whole, in bytes.
const LONGEST: usize = 63;

impl Names {
    pub(super) fn new(prefix: &str) -> Self {
        let name = |name: &str| quoted(&format!("{prefix}{name}"));
        Self {
            prefix: prefix.to_owned(),
            meta: name("meta"),
            streams: name("streams"),
            checkpoints: name("checkpoints"),
            dead_letters: name("dead_letters"),
            seen: name("seen"),
            links: name("links"),
            views: name("views"),
        }
    }

    /// The table of a kind.
    pub(super) fn table(&self, kind: &str) -> String {
        quoted(&format!("{}{kind}", self.prefix))
    }

    /// Refuses a kind whose table would be one of the tables above, or cut short.
    pub(super) fn check(&self, kind: &str) -> Result<()> {
        let table = self.table(kind);
        let own = [
            &self.meta,
            &self.streams,
            &self.checkpoints,
            &self.dead_letters,
            &self.seen,
            &self.links,
            &self.views,
        ];
        if own.contains(&&table)
            || kind == TOKENS
            || kind.is_empty()
            || self.prefix.len() + kind.len() > LONGEST
        {
            let message = format!("kind `{kind}` cannot name a table; rename it, or change the table prefix");
            return Err(Error::new(ErrorKind::Config, message));
        }
        Ok(())
    }
}

/// Makes the shared tables or brings them up to date.
pub(super) async fn migrate(database: &Database, names: &Names) -> Result<()> {
    let dialect = database.dialect();
    let mut transaction = database.begin().await?;
    lock(&mut transaction, dialect).await?;
    let text =
        format!("CREATE TABLE IF NOT EXISTS {} (name TEXT PRIMARY KEY, value BIGINT NOT NULL)", names.meta);
    transaction.execute(database.statement(&text)).await?;
    let text = format!("SELECT value FROM {} WHERE name = 'version'", names.meta);
    let found = transaction.fetch(database.statement(&text), &[Type::Int]).await?;
    let version = found.first().and_then(|row| row[0].int()).unwrap_or(0);
    let Some(steps) = usize::try_from(version).ok().and_then(|version| MIGRATIONS.get(version..)) else {
        let message =
            format!("the database has Orion's tables in version {version}, this Orion knows {VERSION}");
        return Err(Error::new(ErrorKind::Config, format!("{message}: upgrade it, or use another database")));
    };
    for step in steps {
        for text in step(names, dialect) {
            transaction.execute(database.statement(&text)).await?;
        }
    }
    if !steps.is_empty() {
        let insert = database
            .statement(&format!("INSERT INTO {} (name, value) VALUES ('version', ", names.meta))
            .bind(Type::Int, VERSION)
            .push(") ON CONFLICT (name) DO UPDATE SET value = excluded.value");
        transaction.execute(insert).await?;
    }
    transaction.commit().await
}

fn first(names: &Names, dialect: Dialect) -> Vec<String> {
    let Names { streams, checkpoints, dead_letters, seen, links, views, .. } = names;
    let (key, time, int) = (dialect.serial(), dialect.type_name(Type::Time), dialect.type_name(Type::Int));
    vec![
        format!(
            "CREATE TABLE {streams} (id {key}, adapter TEXT NOT NULL, account TEXT NOT NULL, kind TEXT NOT NULL, \
             object TEXT NOT NULL, UNIQUE (adapter, account, kind, object))"
        ),
        format!(
            "CREATE TABLE {checkpoints} (stream {int} PRIMARY KEY, revision {int} NOT NULL, checkpoint TEXT NOT NULL, \
             committed_at {time} NOT NULL)"
        ),
        format!(
            "CREATE TABLE {dead_letters} (letter {key}, stream {int} NOT NULL, id TEXT, raw TEXT NOT NULL, \
             reason TEXT NOT NULL, at {time} NOT NULL, UNIQUE (stream, id))"
        ),
        format!("CREATE TABLE {seen} (stream {int} NOT NULL, id TEXT NOT NULL, PRIMARY KEY (stream, id))"),
        format!(
            "CREATE TABLE {links} (stream {int} NOT NULL, id TEXT NOT NULL, target TEXT NOT NULL, PRIMARY KEY (stream, id))"
        ),
        format!("CREATE TABLE {views} (name TEXT PRIMARY KEY, definition TEXT NOT NULL)"),
    ]
}

/// What was written last to another adapter, beside the id it has there.
fn fingerprints(names: &Names, dialect: Dialect) -> Vec<String> {
    vec![format!("ALTER TABLE {} ADD COLUMN written {}", names.links, dialect.type_name(Type::Int))]
}

/// Makes the table of a kind.
///
/// SQLite: a table with a row id beside the unique key. Keyed by (stream, id) itself it is four to ten times slower when ids come in no
/// order, as the rows are long.
pub(super) async fn kind_table(
    transaction: &mut Transaction,
    names: &Names,
    kind: &str,
    dialect: Dialect,
) -> Result<()> {
    names.check(kind)?;
    let [time, json, int] = [Type::Time, Type::Json, Type::Int].map(|kind| dialect.type_name(kind));
    let text = format!(
        "CREATE TABLE IF NOT EXISTS {} (stream {int} NOT NULL, id TEXT NOT NULL, created_at {time}, modified_at {time}, \
         version TEXT, url TEXT, model {json}, extra {json}, deleted_at {time}, synced_at {time} NOT NULL, \
         PRIMARY KEY (stream, id))",
        names.table(kind)
    );
    transaction.execute(Statement::new(dialect, &text)).await.map(drop)
}
