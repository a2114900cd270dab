//! `Write<M>`: batches of 30, one outcome per input.

mod find;

use orion_core::{Error, ErrorKind, Outcome, Record, Result, Write, WriteOp, WriteOptions};

use crate::{
    NAME, QuickBooks,
    batch::{Item, Operation},
    draft::{Extent, Target, body},
    entity::{deletion, number, own_version, written},
    object::{self, Entity, Family, Mapped},
    stale,
    wire::Members,
};

/// How often a change without a version of its own is made again to an object that others change meanwhile.
const ROUNDS: u32 = 3;

impl<M: Mapped> Write<M> for QuickBooks {
    async fn write(&self, options: &WriteOptions, records: &[Record<M>]) -> Result<Vec<Outcome>> {
        check(options, records.len())?;
        let mut outcomes: Vec<Option<Outcome>> = records.iter().map(|_| None).collect();
        let mut pending: Vec<Pending<M>> = Vec::new();
        for (index, record) in records.iter().enumerate() {
            match Pending::new(index, options, record) {
                Ok(item) => pending.push(item),
                Err(error) => outcomes[index] = Some(Err(error)),
            }
        }
        for round in 1..=ROUNDS {
            self.versions(options, records, &mut pending, &mut outcomes).await;
            self.keys(options, records, &mut pending, &mut outcomes).await;
            pending = self.send(options, records, pending, &mut outcomes, round == ROUNDS).await;
            if pending.is_empty() {
                break;
            }
        }
        Ok(outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|| Err(unanswered()))).collect())
    }
}

fn check(options: &WriteOptions, records: usize) -> Result<()> {
    if options.atomic && records > 1 {
        let message = "QuickBooks cannot undo one record of a batch for another; write without `atomic`";
        return Err(Error::new(ErrorKind::Config, message));
    }
    Ok(())
}

fn unanswered() -> Error {
    Error::new(ErrorKind::Malformed, "QuickBooks answered fewer records than were sent").with_ambiguous()
}

/// A record that waits to be sent.
struct Pending<M: 'static> {
    index: usize,
    entity: Entity<M>,
    /// The object, once it is known that there is one.
    id: Option<Box<str>>,
    version: Option<Box<str>>,
    /// Whether the version is the record's own, so that a change of somebody else's is a conflict.
    pinned: bool,
}

impl<M: Mapped> Pending<M> {
    fn new(index: usize, options: &WriteOptions, record: &Record<M>) -> Result<Self> {
        let source = &record.meta.source;
        let own = (&*source.adapter == NAME).then_some(&*source.object);
        let entity = object::find::<M>(options.object.as_deref().or(own).or_else(|| record.model.object()))?;
        let named = match &options.op {
            WriteOp::Create => false,
            WriteOp::Upsert { key } => {
                let fits = entity.key.is_some_and(|own| own.eq_ignore_ascii_case(key));
                if !fits {
                    let message = match entity.key {
                        Some(own) => format!("`{}` is upserted by `{own}` only", entity.name),
                        None => format!("`{}` has no field to upsert by", entity.name),
                    };
                    return Err(Error::new(ErrorKind::Config, message));
                }
                false
            }
            WriteOp::HardDelete if entity.family != Family::Transaction => {
                let message = format!("`{}` is made inactive and never deleted", entity.name);
                return Err(Error::new(ErrorKind::Unsupported, message));
            }
            _ => true,
        };
        let id = if named { Some(number(record.id.as_str())?.into()) } else { None };
        let version = own_version(record).filter(|_| named).map(Into::into);
        Ok(Self { index, entity, id, pinned: version.is_some(), version })
    }

    fn item(&self, options: &WriteOptions, record: &Record<M>, quickbooks: &QuickBooks) -> Result<Item> {
        let version = self.version.as_deref().unwrap_or_default();
        let target = self.id.as_deref().map(|id| Target { id, version });
        let (operation, out) = match (&options.op, target) {
            (WriteOp::Delete | WriteOp::HardDelete, Some(target)) => match deletion(&self.entity, target)? {
                ("delete", out) => (Operation::Delete, out),
                (_, out) => (Operation::Update, out),
            },
            (_, target) => {
                let extent = if target.is_some() { Extent::Sparse } else { Extent::New };
                let out = body(&self.entity, record, extent, target, &quickbooks.inner().config)?;
                (if target.is_some() { Operation::Update } else { Operation::Create }, out)
            }
        };
        Ok(Item { operation, entity: self.entity.name.as_ref().into(), body: out.json().into() })
    }
}

impl QuickBooks {
    /// Sends the records and notes their outcomes. Those that somebody else changed meanwhile, and that do not mind, are returned.
    async fn send<M: Mapped>(
        &self,
        options: &WriteOptions,
        records: &[Record<M>],
        pending: Vec<Pending<M>>,
        outcomes: &mut [Option<Outcome>],
        last: bool,
    ) -> Vec<Pending<M>> {
        let (mut items, mut sent) = (Vec::new(), Vec::new());
        for one in pending {
            match one.item(options, &records[one.index], self) {
                Ok(item) => {
                    items.push(item);
                    sent.push(one);
                }
                Err(error) => outcomes[one.index] = Some(Err(error)),
            }
        }
        let answers = self.send_items(&items).await;
        let (mut again, mut conflicts) = (Vec::new(), Vec::new());
        for (mut one, answer) in sent.into_iter().zip(answers) {
            let outcome = answer.and_then(|row| written(&row_members(&row), one.id.is_none()));
            match outcome {
                Err(error) if stale::is_stale(&error) && !one.pinned && !last => {
                    one.version = None;
                    again.push(one);
                }
                Err(error) if stale::is_stale(&error) => conflicts.push((one, error)),
                outcome => outcomes[one.index] = Some(outcome),
            }
        }
        self.explain(conflicts, outcomes).await;
        again
    }

    /// Says of every conflict what the current version is.
    async fn explain<M: Mapped>(
        &self,
        conflicts: Vec<(Pending<M>, Error)>,
        outcomes: &mut [Option<Outcome>],
    ) {
        for (one, error) in conflicts {
            let id = one.id.as_deref().unwrap_or_default();
            let current = self.current(&one.entity, [id]).await.unwrap_or_default();
            let current = current.iter().find(|current| *current.id == *id).map(|current| &*current.version);
            let sent = one.version.as_deref().unwrap_or_default();
            outcomes[one.index] = Some(Err(stale::error(&error, id, sent, current)));
        }
    }
}

fn row_members(row: &serde_json::value::RawValue) -> Members<'_> {
    Members::parse(row).unwrap_or_default()
}
