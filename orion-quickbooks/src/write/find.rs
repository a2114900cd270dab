//! What a write has to know of the objects before it is sent: their versions, and which there are.

use orion_core::{Error, ErrorKind, Outcome, Record, Result, WriteOp, WriteOptions};
use serde_json::{Value, value::RawValue};

use super::Pending;
use crate::{
    QuickBooks,
    draft::{Extent, body},
    object::{Entity, Family, Mapped, Scope},
    ql::{Literal, PAGE, Select, field},
    value::Out,
    wire::Members,
};

/// How many objects are asked for at once.
const ASKED: usize = 100;

impl QuickBooks {
    /// Finds the current version of every object that is to be changed whatever it is.
    pub(super) async fn versions<M: Mapped>(
        &self,
        options: &WriteOptions,
        records: &[Record<M>],
        pending: &mut Vec<Pending<M>>,
        outcomes: &mut [Option<Outcome>],
    ) {
        let wanted: Vec<usize> = (0..pending.len())
            .filter(|at| pending[*at].id.is_some() && pending[*at].version.is_none())
            .collect();
        for chunk in runs(&wanted, |at| pending[at].entity.name.clone().into_owned()) {
            let ids: Vec<Box<str>> = chunk.iter().filter_map(|at| pending[*at].id.clone()).collect();
            let entity = pending[chunk[0]].entity.clone();
            let found = self.current(&entity, ids.iter().map(|id| &**id)).await;
            for at in chunk {
                let one = &mut pending[at];
                match self.version_of(&entity, &found, options, &records[one.index]) {
                    Ok(version) => one.version = Some(version),
                    Err(error) => outcomes[one.index] = Some(Err(error)),
                }
            }
        }
        pending.retain(|one| one.id.is_none() || one.version.is_some());
    }

    /// The version to write a record at. What is inactive counts as deleted, and is changed only by a record that makes it active.
    fn version_of<M: Mapped>(
        &self,
        entity: &Entity<M>,
        found: &Result<Vec<Current>>,
        options: &WriteOptions,
        record: &Record<M>,
    ) -> Result<Box<str>> {
        let found = found.as_ref().map_err(Error::echo)?;
        let current = found.iter().find(|current| *current.id == *record.id.as_str());
        let current = current.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("there is no `{}` {}", entity.name, record.id))
        })?;
        if current.active || !matches!(options.op, WriteOp::Update) {
            return Ok(current.version.clone());
        }
        let out = body(entity, record, Extent::Sparse, None, &self.inner().config)?;
        if out.get("Active") == Some(&Out::bool(true)) {
            return Ok(current.version.clone());
        }
        let message = format!("`{}` {} is inactive; make it active to change it", entity.name, record.id);
        Err(Error::new(ErrorKind::NotFound, message))
    }

    /// Finds the objects that an upsert changes.
    pub(super) async fn keys<M: Mapped>(
        &self,
        options: &WriteOptions,
        records: &[Record<M>],
        pending: &mut Vec<Pending<M>>,
        outcomes: &mut [Option<Outcome>],
    ) {
        let WriteOp::Upsert { .. } = &options.op else { return };
        let wanted: Vec<usize> = (0..pending.len()).filter(|at| pending[*at].id.is_none()).collect();
        for chunk in runs(&wanted, |at| pending[at].entity.name.clone().into_owned()) {
            let entity = pending[chunk[0]].entity.clone();
            let key = entity.key.unwrap_or_default();
            let values: Vec<Option<String>> =
                chunk.iter().map(|at| key_of(&entity, key, &records[pending[*at].index])).collect();
            let found = self.found(&entity, key, values.iter().flatten().cloned()).await;
            for (at, value) in chunk.into_iter().zip(values) {
                let one = &mut pending[at];
                let message = || format!("the record has no value for `{key}`, which the upsert goes by");
                match (&found, value) {
                    (_, None) => outcomes[one.index] = Some(Err(Error::new(ErrorKind::Config, message()))),
                    (Err(error), _) => outcomes[one.index] = Some(Err(error.echo())),
                    (Ok(found), Some(value)) => {
                        if let Some((_, id, version)) =
                            found.iter().find(|(have, ..)| have.eq_ignore_ascii_case(&value))
                        {
                            (one.id, one.version) = (Some(id.clone()), Some(version.clone()));
                        }
                    }
                }
            }
        }
        pending.retain(|one| outcomes[one.index].is_none());
    }

    /// The current versions of these objects.
    pub(super) async fn current<M: Mapped>(
        &self,
        entity: &Entity<M>,
        ids: impl IntoIterator<Item = &str>,
    ) -> Result<Vec<Current>> {
        let ids: Vec<Literal> = ids.into_iter().map(Literal::from).collect();
        let rows = self.named(entity, "Id", ids).await?;
        Ok(rows.iter().filter_map(|row| Current::read(&Members::parse(row)?)).collect())
    }

    /// The objects whose key is one of these: the key, the id and the version.
    async fn found<M: Mapped>(
        &self,
        entity: &Entity<M>,
        key: &str,
        values: impl Iterator<Item = String>,
    ) -> Result<Vec<(String, Box<str>, Box<str>)>> {
        let values: Vec<Literal> = values.map(Literal::from).collect();
        if values.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.named(entity, key, values).await?;
        let one = |row: &RawValue| {
            let members = Members::parse(row)?;
            let Current { id, version, .. } = Current::read(&members)?;
            Some((members.text(key)?.into_owned(), id, version))
        };
        Ok(rows.iter().filter_map(|row| one(row)).collect())
    }

    async fn named<M: Mapped>(
        &self,
        entity: &Entity<M>,
        name: &str,
        values: Vec<Literal>,
    ) -> Result<Vec<Box<RawValue>>> {
        let select = Select::from(entity.name.as_ref()).filter(field(name).is_in(values));
        let select = if entity.family == Family::Name { select.with_inactive() } else { select };
        let answer = self.rows(&select.page(1, PAGE)?).await?;
        Ok(answer.rows()?.rows.into_iter().map(ToOwned::to_owned).collect())
    }
}

/// An object as it is now.
pub(super) struct Current {
    pub(super) id: Box<str>,
    pub(super) version: Box<str>,
    active: bool,
}

impl Current {
    fn read(members: &Members<'_>) -> Option<Self> {
        let version = members.get("SyncToken")?.get().trim_matches('"');
        let active = members.get("Active").is_none_or(|active| active.get() != "false");
        Some(Self { id: members.text("Id")?.into_owned().into(), version: version.into(), active })
    }
}

/// The value an upsert goes by: from the extra fields, or from the model.
fn key_of<M: Mapped>(entity: &Entity<M>, key: &str, record: &Record<M>) -> Option<String> {
    if let Some(Value::String(value)) = record.extra.get(key) {
        return Some(value.clone()).filter(|value| !value.is_empty());
    }
    let mut out = Out::EMPTY;
    let scope = Scope::new(&entity.name, orion_core::Currency::XXX);
    entity
        .all()
        .filter(|field| field.path == key)
        .for_each(|field| field.write(&record.model, &mut out, scope));
    match out.get(key) {
        Some(Out::Text(value)) if !value.is_empty() => Some(value.to_string()),
        _ => None,
    }
}

/// Positions in groups of one name, of at most as many as are asked for at once.
fn runs(positions: &[usize], name: impl Fn(usize) -> String) -> Vec<Vec<usize>> {
    let mut runs: Vec<(String, Vec<usize>)> = Vec::new();
    for at in positions {
        let own = name(*at);
        match runs.iter_mut().find(|(name, run)| *name == own && run.len() < ASKED) {
            Some((_, run)) => run.push(*at),
            None => runs.push((own, vec![*at])),
        }
    }
    runs.into_iter().map(|(_, run)| run).collect()
}
