//! Reading back what was synced.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::SqlDestination;
use crate::{
    Error, ErrorKind, Fields, Meta, Model, Record, RecordId, Result, Source, StreamKey,
    sql::{Cell, Statement, Type},
    sync::DeadLetter,
};

/// Which records to read back. The default is all live ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Filter {
    /// Of this adapter.
    pub adapter: Option<Box<str>>,
    /// Of this account.
    pub account: Option<Box<str>>,
    /// Of this one of the vendor's objects.
    pub object: Option<Box<str>>,
    /// Deleted ones instead of live ones.
    pub deleted: bool,
    /// With ids after this one; a way to go through many, together with `limit`.
    pub after: Option<RecordId>,
    /// At most so many.
    pub limit: Option<u32>,
}

impl Filter {
    /// All live records.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only those of one stream.
    #[must_use]
    pub fn stream(stream: &StreamKey) -> Self {
        Self {
            adapter: Some(stream.adapter.clone()),
            account: Some(stream.account.clone()),
            object: Some(stream.object.clone()),
            ..Self::default()
        }
    }

    /// Only those of one of the vendor's objects.
    #[must_use]
    pub fn object(mut self, object: impl Into<Box<str>>) -> Self {
        self.object = Some(object.into());
        self
    }

    /// Deleted records instead of live ones.
    #[must_use]
    pub fn deleted(mut self) -> Self {
        self.deleted = true;
        self
    }

    /// Only those with ids after this one, at most `limit`.
    #[must_use]
    pub fn page(mut self, after: Option<RecordId>, limit: u32) -> Self {
        self.after = after;
        self.limit = Some(limit);
        self
    }
}

/// What is read of a record, in this order.
const RECORD: [(&str, Type); 9] = [
    ("r.id", Type::Text),
    ("r.created_at", Type::Time),
    ("r.modified_at", Type::Time),
    ("r.version", Type::Text),
    ("r.url", Type::Text),
    ("r.model", Type::Json),
    ("r.extra", Type::Json),
    ("s.adapter", Type::Text),
    ("s.object", Type::Text),
];

impl SqlDestination {
    /// Reads records back, sorted by id. A tombstone of a record that never came has no model and is left out.
    ///
    /// # Errors
    /// `Storage` if the database fails, `Malformed` if a stored model does not fit `M`.
    pub async fn records<M: Model>(&self, filter: &Filter) -> Result<Vec<Record<M>>> {
        let mut statement = self.select::<M>(&self.columns(&RECORD), filter).push(" AND r.model IS NOT NULL");
        if let Some(after) = &filter.after {
            statement = statement.push(" AND r.id > ").bind(Type::Text, after.as_str());
        }
        statement = statement.push(" ORDER BY r.id");
        if let Some(limit) = filter.limit {
            statement = statement.push(" LIMIT ").bind(Type::Int, i64::from(limit));
        }
        let rows = self.0.database.fetch(statement, &RECORD.map(|(_, kind)| kind)).await?;
        rows.into_iter().map(record).collect()
    }

    /// Counts records.
    ///
    /// # Errors
    /// `Storage` if the database fails.
    pub async fn count<M: Model>(&self, filter: &Filter) -> Result<u64> {
        let statement = self.select::<M>("count(*)", filter);
        let rows = self.0.database.fetch(statement, &[Type::Int]).await?;
        Ok(rows.first().and_then(|row| row[0].int()).and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }

    /// Reads the dead letters, oldest first.
    ///
    /// # Errors
    /// `Storage` if the database fails.
    pub async fn dead_letters(&self) -> Result<Vec<DeadLetter>> {
        let columns = [
            ("s.adapter", Type::Text),
            ("s.account", Type::Text),
            ("s.kind", Type::Text),
            ("s.object", Type::Text),
            ("d.id", Type::Text),
            ("d.raw", Type::Text),
            ("d.reason", Type::Text),
            ("d.at", Type::Time),
        ];
        let text = format!(
            "SELECT {} FROM {} AS d JOIN {} AS s ON s.id = d.stream ORDER BY d.letter",
            self.columns(&columns),
            self.0.names.dead_letters,
            self.0.names.streams
        );
        let rows =
            self.0.database.fetch(self.0.database.statement(&text), &columns.map(|(_, kind)| kind)).await?;
        Ok(rows.into_iter().map(dead_letter).collect())
    }

    fn columns(&self, columns: &[(&str, Type)]) -> String {
        let dialect = self.0.database.dialect();
        columns.iter().map(|(name, kind)| dialect.column(*kind, name)).collect::<Vec<_>>().join(", ")
    }

    fn select<M: Model>(&self, what: &str, filter: &Filter) -> Statement {
        let mut statement = self.0.database.statement(&format!(
            "SELECT {what} FROM {} AS r JOIN {} AS s ON s.id = r.stream WHERE r.deleted_at IS {}NULL",
            self.0.names.table(M::KIND.as_str()),
            self.0.names.streams,
            if filter.deleted { "NOT " } else { "" }
        ));
        let wanted = [("adapter", &filter.adapter), ("account", &filter.account), ("object", &filter.object)];
        for (column, value) in wanted {
            if let Some(value) = value {
                statement = statement.push(&format!(" AND s.{column} = ")).bind(Type::Text, &**value);
            }
        }
        statement
    }
}

fn time(cell: &Cell) -> Option<DateTime<Utc>> {
    cell.int().and_then(DateTime::from_timestamp_micros)
}

fn record<M: Model>(mut row: Vec<Cell>) -> Result<Record<M>> {
    let mut text = |at: usize| row[at].text();
    let (id, model, extra) = (text(0).unwrap_or_default(), text(5).unwrap_or_default(), text(6));
    let (version, url) = (text(3).map(Box::from), text(4).map(Box::from));
    let source = Source::new(&text(7).unwrap_or_default(), &text(8).unwrap_or_default());
    let (created_at, modified_at) = (time(&row[1]), time(&row[2]));
    let unfit = |source: serde_json::Error| {
        Error::new(ErrorKind::Malformed, format!("a stored record is no {}", M::KIND)).with_source(source)
    };
    let model = serde_json::from_str(&model).map_err(unfit)?;
    let extra: Option<Fields> = extra.map(|text| serde_json::from_str(&text)).transpose().map_err(unfit)?;
    let mut meta = Meta::default();
    (meta.created_at, meta.modified_at, meta.version, meta.url) = (created_at, modified_at, version, url);
    meta.source = Arc::clone(&source);
    Ok(Record::new(id, model).with_meta(meta).with_extra(extra.unwrap_or_default()))
}

fn dead_letter(mut row: Vec<Cell>) -> DeadLetter {
    let at = time(&row[7]).unwrap_or_default();
    let mut text = |at: usize| row[at].text().map(String::into_boxed_str);
    let mut part = |at: usize| text(at).unwrap_or_default();
    let stream = StreamKey { adapter: part(0), account: part(1), kind: part(2), object: part(3) };
    let (raw, reason) = (part(5), part(6));
    DeadLetter { stream, id: text(4).map(RecordId::new), raw, reason, at }
}
