//! Applying a batch in one transaction.

use super::{
    rows::{DELETE, Rows, UPSERT},
    schema::Names,
};
use crate::{
    Change, Error, ErrorKind, Model, RecordId, Rejected, Result,
    sql::{Arg, Database, Dialect, Statement, Transaction, Type},
    sync::{Applied, Batch, Commit, Sweep, dead_letter, moved, rounds::rounds},
};

/// What every statement about one stream needs.
pub(super) struct Target<'a> {
    pub(super) names: &'a Names,
    pub(super) dialect: Dialect,
    /// The stream's key in the database.
    pub(super) stream: i64,
    /// The table of the stream's kind.
    pub(super) table: String,
    /// The time of the batch.
    pub(super) now: Arg,
}

/// Rows a statement in SQLite: as many as SQLite's limit of 32,766 parameters allows by far, few enough to stay small.
const CHUNK: usize = 200;
/// Postgres takes each column as one array.
#[cfg(feature = "postgres")]
const ARRAY: usize = 2000;

impl Target<'_> {
    fn statement(&self, text: &str) -> Statement {
        Statement::new(self.dialect, text)
    }

    fn chunk(&self) -> usize {
        match self.dialect {
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite => CHUNK,
            #[cfg(feature = "postgres")]
            Dialect::Postgres => ARRAY,
        }
    }

    /// Runs a statement over the rows of one chunk and returns how many it made or changed.
    async fn run<const N: usize>(
        &self,
        transaction: &mut Transaction,
        columns: [(&str, Type); N],
        rows: Vec<[Arg; N]>,
        finish: impl Fn(Statement) -> Statement,
    ) -> Result<u64> {
        if rows.is_empty() {
            return Ok(0);
        }
        // In SQLite the words depend on the number of rows.
        let whole = rows.len() == self.chunk() || self.chunk() > CHUNK;
        let mut statement = finish(self.statement("").rows(columns, rows));
        statement.keep = whole;
        transaction.execute(statement).await
    }

    /// Runs a statement over rows, chunk by chunk, and sums up how many it made or changed.
    pub(super) async fn each<const N: usize>(
        &self,
        transaction: &mut Transaction,
        columns: [(&str, Type); N],
        rows: Vec<[Arg; N]>,
        finish: impl Fn(Statement) -> Statement + Sync,
    ) -> Result<u64> {
        let mut changed = 0;
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let chunk = rows.by_ref().take(self.chunk()).collect();
            changed += self.run(transaction, columns, chunk, &finish).await?;
        }
        Ok(changed)
    }
}

/// Replaces the stream's checkpoint if it is the expected one, and keeps the dead letters.
pub(super) async fn commit(
    transaction: &mut Transaction,
    to: &Target<'_>,
    commit: &Commit<'_>,
) -> Result<()> {
    advance(transaction, to, commit).await?;
    resolve(transaction, to, commit.settled.iter().copied()).await?;
    for rejected in commit.rejected {
        transaction.execute(letter(to, rejected)).await?;
    }
    Ok(())
}

/// Replaces the stream's checkpoint if it is the expected one.
///
/// First of all in a transaction, so that of two runs the slower one waits here, then finds the revision moved, and has done nothing.
async fn advance(transaction: &mut Transaction, to: &Target<'_>, commit: &Commit<'_>) -> Result<()> {
    let revision = |revision: u64| i64::try_from(revision).unwrap_or(i64::MAX);
    let checkpoints = &to.names.checkpoints;
    let text = commit.checkpoint.encode()?;
    let statement = if commit.expected == 0 {
        to.statement(&format!(
            "INSERT INTO {checkpoints} (stream, revision, checkpoint, committed_at) VALUES ("
        ))
        .bind(Type::Int, to.stream)
        .push(", ")
        .bind(Type::Int, revision(commit.checkpoint.revision))
        .push(", ")
        .bind(Type::Text, text)
        .push(", ")
        .bind(Type::Time, to.now.clone())
        .push(") ON CONFLICT (stream) DO NOTHING")
    } else {
        to.statement(&format!("UPDATE {checkpoints} SET revision = "))
            .bind(Type::Int, revision(commit.checkpoint.revision))
            .push(", checkpoint = ")
            .bind(Type::Text, text)
            .push(", committed_at = ")
            .bind(Type::Time, to.now.clone())
            .push(" WHERE stream = ")
            .bind(Type::Int, to.stream)
            .push(" AND revision = ")
            .bind(Type::Int, revision(commit.expected))
    };
    if transaction.execute(statement).await? == 0 {
        return Err(moved(commit.stream));
    }
    Ok(())
}

/// Takes back the dead letters of records that now came well, or are gone.
async fn resolve(
    transaction: &mut Transaction,
    to: &Target<'_>,
    ids: impl Iterator<Item = &RecordId>,
) -> Result<()> {
    let letters = &to.names.dead_letters;
    let any = to
        .statement(&format!("SELECT stream FROM {letters} WHERE id IS NOT NULL AND stream = "))
        .bind(Type::Int, to.stream)
        .push(" LIMIT 1");
    // Mostly there is none, and a batch costs no more than this look.
    if transaction.fetch(any, &[Type::Int]).await?.is_empty() {
        return Ok(());
    }
    let rows: Vec<[Arg; 1]> = ids.map(|id| [id.as_str().into()]).collect();
    let delete = |rows: Statement| {
        rows.push(&format!("DELETE FROM {letters} WHERE stream = "))
            .bind(Type::Int, to.stream)
            .push(" AND id IN (SELECT v.id FROM v)")
    };
    to.each(transaction, [("id", Type::Text)], rows, delete).await.map(drop)
}

/// A dead letter. One that comes again, by an overlapping pass, replaces the earlier one.
fn letter(to: &Target<'_>, rejected: &Rejected) -> Statement {
    let id = Arg::Text(rejected.id.as_ref().map(|id| id.as_str().to_owned()));
    to.statement(&format!("INSERT INTO {} (stream, id, raw, reason, at) VALUES (", to.names.dead_letters))
        .bind(Type::Int, to.stream)
        .push(", ")
        .bind(Type::Text, id)
        .push(", ")
        .bind(Type::Text, &*rejected.raw)
        .push(", ")
        .bind(Type::Text, dead_letter::reason(&rejected.reason))
        .push(", ")
        .bind(Type::Time, to.now.clone())
        .push(") ON CONFLICT (stream, id) DO UPDATE SET raw = excluded.raw, reason = excluded.reason, at = excluded.at")
}

/// Applies a batch. The caller begins and commits the transaction.
pub(super) async fn apply<M: Model>(
    transaction: &mut Transaction,
    to: &Target<'_>,
    batch: &Batch<M>,
) -> Result<Applied> {
    let position = Commit::new(&batch.stream, &batch.checkpoint, batch.expected, batch.at);
    advance(transaction, to, &position).await?;
    let (mut applied, mut rows) = (Applied::default(), Rows::default());
    let revive = batch.sweep.is_some();
    for round in rounds(&batch.changes) {
        // A chunk becomes rows just before they are written, so that only a chunk of them is in memory.
        for changes in round.chunks(to.chunk()) {
            let (upserts, deletes) = rows.of(changes);
            applied.upserts += to.run(transaction, UPSERT, upserts, |rows| upsert(to, rows, revive)).await?;
            applied.deletes += to.run(transaction, DELETE, deletes.clone(), |rows| bury(to, rows)).await?;
            to.run(transaction, DELETE, deletes, |rows| mark(to, rows)).await?;
        }
    }
    resolve(transaction, to, batch.changes.iter().map(Change::id)).await?;
    for rejected in batch.rejected.iter().chain(&rows.unfit) {
        transaction.execute(letter(to, rejected)).await?;
    }
    if let Some(sweep) = batch.sweep {
        applied.swept = sweep_batch(transaction, to, batch, sweep).await?;
    }
    let changed = applied.upserts + applied.deletes + rows.unfit.len() as u64;
    applied.unchanged = (batch.changes.len() as u64).saturating_sub(changed);
    applied.rejected = rows.unfit;
    Ok(applied)
}

/// Makes or changes records. A stored record gives way to a newer one, and to one of the same time with another content; a
/// tombstone gives way to a newer one only, or, where the pass lists what exists (`revive`), to one of the same time.
fn upsert(to: &Target<'_>, rows: Statement, revive: bool) -> Statement {
    let ties = if revive { "TRUE" } else { "excluded.modified_at IS NULL OR t.modified_at IS NULL" };
    rows.push(&format!(
        "INSERT INTO {} AS t (stream, id, created_at, modified_at, version, url, model, extra, synced_at) SELECT ",
        to.table
    ))
    .bind(Type::Int, to.stream)
    .push(", v.id, v.created_at, v.modified_at, v.version, v.url, v.model, v.extra, ")
    .bind(Type::Time, to.now.clone())
    .push(&format!(
        " FROM v WHERE TRUE ON CONFLICT (stream, id) DO UPDATE SET created_at = excluded.created_at, \
         modified_at = excluded.modified_at, version = excluded.version, url = excluded.url, model = excluded.model, \
         extra = excluded.extra, deleted_at = NULL, synced_at = excluded.synced_at WHERE CASE \
         WHEN excluded.modified_at > t.modified_at THEN TRUE WHEN excluded.modified_at < t.modified_at THEN FALSE \
         WHEN t.deleted_at IS NOT NULL THEN {ties} ELSE excluded.model IS DISTINCT FROM t.model \
         OR excluded.extra IS DISTINCT FROM t.extra OR excluded.version IS DISTINCT FROM t.version \
         OR excluded.url IS DISTINCT FROM t.url OR excluded.created_at IS DISTINCT FROM t.created_at END"
    ))
}

/// Turns live records into tombstones, unless they changed after the delete.
fn bury(to: &Target<'_>, rows: Statement) -> Statement {
    rows.push(&format!("UPDATE {} AS t SET deleted_at = COALESCE(v.at, ", to.table))
        .bind(Type::Time, to.now.clone())
        .push("), modified_at = COALESCE(v.at, t.modified_at, ")
        .bind(Type::Time, to.now.clone())
        .push("), synced_at = ")
        .bind(Type::Time, to.now.clone())
        .push(" FROM v WHERE t.stream = ")
        .bind(Type::Int, to.stream)
        .push(" AND t.id = v.id AND t.deleted_at IS NULL AND (v.at IS NULL OR t.modified_at IS NULL OR v.at >= t.modified_at)")
}

/// Leaves a tombstone for records that never came, so that an older state of theirs that comes late stays dead.
fn mark(to: &Target<'_>, rows: Statement) -> Statement {
    rows.push(&format!("INSERT INTO {} (stream, id, modified_at, deleted_at, synced_at) SELECT ", to.table))
        .bind(Type::Int, to.stream)
        .push(", v.id, COALESCE(v.at, ")
        .bind(Type::Time, to.now.clone())
        .push("), COALESCE(v.at, ")
        .bind(Type::Time, to.now.clone())
        .push("), ")
        .bind(Type::Time, to.now.clone())
        .push(" FROM v WHERE TRUE ON CONFLICT (stream, id) DO NOTHING")
}

/// Remembers what a pass met and, at its end, buries what it did not.
async fn sweep_batch<M: Model>(
    transaction: &mut Transaction,
    to: &Target<'_>,
    batch: &Batch<M>,
    sweep: Sweep,
) -> Result<u64> {
    let seen = &to.names.seen;
    let forget = || to.statement(&format!("DELETE FROM {seen} WHERE stream = ")).bind(Type::Int, to.stream);
    if sweep.first {
        transaction.execute(forget()).await?;
    }
    let met = batch.changes.iter().map(Change::id).chain(batch.rejected.iter().filter_map(|r| r.id.as_ref()));
    let met: Vec<[Arg; 1]> = met.map(|id: &RecordId| [id.as_str().into()]).collect();
    let insert = |rows: Statement| {
        rows.push(&format!("INSERT INTO {seen} (stream, id) SELECT "))
            .bind(Type::Int, to.stream)
            .push(", v.id FROM v WHERE TRUE ON CONFLICT (stream, id) DO NOTHING")
    };
    to.each(transaction, [("id", Type::Text)], met, insert).await?;
    let Some(max_share) = sweep.finish else { return Ok(0) };
    let live = count(transaction, to).await?;
    let gone = to
        .statement(&format!("UPDATE {} AS t SET deleted_at = ", to.table))
        .bind(Type::Time, to.now.clone())
        .push(", synced_at = ")
        .bind(Type::Time, to.now.clone())
        .push(" WHERE t.stream = ")
        .bind(Type::Int, to.stream)
        .push(&format!(
            " AND t.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM {seen} AS s WHERE s.stream = t.stream AND s.id = t.id)"
        ));
    let swept = transaction.execute(gone).await?;
    guard_mass_delete(swept, live, max_share)?;
    transaction.execute(forget()).await?;
    Ok(swept)
}

async fn count(transaction: &mut Transaction, to: &Target<'_>) -> Result<u64> {
    let count = to
        .statement(&format!("SELECT count(*) FROM {} WHERE deleted_at IS NULL AND stream = ", to.table))
        .bind(Type::Int, to.stream);
    let rows = transaction.fetch(count, &[Type::Int]).await?;
    Ok(rows.first().and_then(|row| row[0].int()).and_then(|live| u64::try_from(live).ok()).unwrap_or(0))
}

/// So few are never a mass, whatever their share, as long as the source lists anything at all.
const FEW: u64 = 10;

#[expect(clippy::cast_precision_loss, reason = "a share of counts far below 2^52")]
fn guard_mass_delete(swept: u64, live: u64, max_share: f64) -> Result<()> {
    let some_left = swept < live || max_share >= 1.0;
    if swept == 0 || some_left && (swept <= FEW || swept as f64 <= live as f64 * max_share) {
        return Ok(());
    }
    let message = format!(
        "the source no longer lists {swept} of {live} records, more than the share of {max_share} that may go at once; \
         nothing was deleted; if that is right, run once with a larger `max_share`"
    );
    Err(Error::new(ErrorKind::Rejected, message))
}

pub(super) async fn stream_id(
    database: &Database,
    transaction: &mut Transaction,
    names: &Names,
    stream: &crate::StreamKey,
) -> Result<i64> {
    let parts = [&stream.adapter, &stream.account, &stream.kind, &stream.object];
    let insert = format!("INSERT INTO {} (adapter, account, kind, object) VALUES (", names.streams);
    let mut insert = database.statement(&insert);
    let mut select = database.statement(&format!("SELECT id FROM {} WHERE ", names.streams));
    for (at, (part, column)) in parts.into_iter().zip(["adapter", "account", "kind", "object"]).enumerate() {
        insert = insert.push(if at == 0 { "" } else { ", " }).bind(Type::Text, &**part);
        let and = if at == 0 { "" } else { " AND " };
        select = select.push(&format!("{and}{column} = ")).bind(Type::Text, &**part);
    }
    transaction.execute(insert.push(") ON CONFLICT (adapter, account, kind, object) DO NOTHING")).await?;
    let rows = transaction.fetch(select, &[Type::Int]).await?;
    rows.first()
        .and_then(|row| row[0].int())
        .ok_or_else(|| Error::new(ErrorKind::Storage, "the stream was removed meanwhile; run again"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_may_delete_a_few_or_its_share_but_all_only_when_told() {
        let allowed = |swept, live, share| guard_mass_delete(swept, live, share).is_ok();
        let table = [
            (0, 0, 0.1, true),
            (1, 3, 0.1, true),
            (10, 11, 0.1, true),
            (11, 20, 0.1, false),
            (100, 1000, 0.1, true),
            (101, 1000, 0.1, false),
            (3, 3, 0.5, false),
            (3, 3, 1.0, true),
            (1000, 1000, 1.0, true),
        ];
        for (swept, live, share, expected) in table {
            assert_eq!(allowed(swept, live, share), expected, "{swept} of {live} at {share}");
        }
    }
}
