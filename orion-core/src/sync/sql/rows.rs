//! From records to rows.

use chrono::{DateTime, Utc};

use crate::{
    Error, ErrorKind, Model, Record, Result,
    sql::{Arg, Type},
};

/// The columns of an upsert, in the order of [`upsert_row`].
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

pub(super) fn upsert_row<M: Model>(record: &Record<M>) -> Result<[Arg; 7]> {
    let text = |text: &Option<Box<str>>| Arg::Text(text.as_deref().map(str::to_owned));
    let extra = if record.extra.is_empty() { None } else { Some(json(&record.extra)?) };
    Ok([
        record.id.as_str().into(),
        micros(record.meta.created_at),
        micros(record.meta.modified_at),
        text(&record.meta.version),
        text(&record.meta.url),
        json(&record.model)?.into(),
        Arg::Text(extra),
    ])
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|source| {
        Error::new(ErrorKind::Malformed, "the record has no JSON form; a map in it has keys that are no text")
            .with_source(source)
    })
}
