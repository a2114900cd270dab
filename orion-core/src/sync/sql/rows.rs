//! From records to rows.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    Change, Error, ErrorKind, Model, Record, Rejected, Result,
    sql::{Arg, Type},
};

/// The columns of an upsert, in the order of [`Rows::upsert`].
pub(super) const UPSERT: [(&str, Type); 7] = [
    ("id", Type::Text),
    ("created_at", Type::Time),
    ("modified_at", Type::Time),
    ("version", Type::Text),
    ("url", Type::Text),
    ("model", Type::Json),
    ("extra", Type::Json),
];

/// The columns of a delete.
pub(super) const DELETE: [(&str, Type); 2] = [("id", Type::Text), ("at", Type::Time)];

pub(super) fn micros(at: Option<DateTime<Utc>>) -> Arg {
    Arg::Int(at.map(|at| at.timestamp_micros()))
}

/// Turns changes into rows.
#[derive(Default)]
pub(super) struct Rows {
    /// Records that have no form as a row.
    pub(super) unfit: Vec<Rejected>,
    models: Json,
    extras: Json,
}

impl Rows {
    /// The rows of upserts and those of deletes.
    pub(super) fn of<M: Model>(&mut self, changes: &[&Change<M>]) -> (Vec<[Arg; 7]>, Vec<[Arg; 2]>) {
        let (mut upserts, mut deletes) = (Vec::with_capacity(changes.len()), Vec::new());
        for change in changes {
            match change {
                Change::Upsert(record) => match self.upsert(record) {
                    Ok(row) => upserts.push(row),
                    Err(reason) => self.unfit.push(Rejected::new(Some(record.id.clone()), "", reason)),
                },
                Change::Delete { id, at } => deletes.push([id.as_str().into(), micros(*at)]),
            }
        }
        (upserts, deletes)
    }

    fn upsert<M: Model>(&mut self, record: &Record<M>) -> Result<[Arg; 7]> {
        let text = |text: &Option<Box<str>>| Arg::Text(text.as_deref().map(str::to_owned));
        let extra = if record.extra.is_empty() { None } else { Some(self.extras.write(&record.extra)?) };
        Ok([
            record.id.as_str().into(),
            micros(record.meta.created_at),
            micros(record.meta.modified_at),
            text(&record.meta.version),
            text(&record.meta.url),
            self.models.write(&record.model)?.into(),
            Arg::Text(extra),
        ])
    }
}

/// Writes values as JSON into texts that need not grow: as long as the ones before.
#[derive(Default)]
struct Json {
    room: usize,
}

impl Json {
    fn write(&mut self, value: &impl Serialize) -> Result<String> {
        let mut bytes = Vec::with_capacity(self.room);
        let written = serde_json::to_writer(&mut bytes, value);
        // Falls slowly, so that one long record does not make all that follow wasteful.
        self.room = (self.room - self.room / 16).max(bytes.len() + 16);
        let text = written.map(|()| String::from_utf8(bytes));
        text.map_err(unfit)?.map_err(unfit)
    }
}

fn unfit(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    let message = "the record has no JSON form; a map in it has keys that are no text";
    Error::new(ErrorKind::Malformed, message).with_source(source)
}
