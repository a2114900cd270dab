//! From one adapter into another.

use std::{
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use async_trait::async_trait;

use super::{Applied, Batch, Checkpoint, Destination, Link, Links, dead_letter::refused, rounds::rounds};
use crate::{
    Change, Error, ErrorKind, Model, Outcome, Record, RecordId, Rejected, Result, StreamKey, Write,
    WriteOptions,
};

/// Writes records through another adapter, found there by a field that holds the source's id.
///
/// A record the vendor refuses becomes a dead letter; a failure that is not about the record (no connection, refused credentials) fails the
/// stream, and the batch comes again. Writing it twice is harmless, as records are upserted by key.
///
/// Deletes need the ids the records have at the destination, which [`links`](Self::links) remembers. They remember what was written, too: a
/// record that a pass reads again without a change (passes overlap) is not written again. Without links it is, which does no more than
/// count as a change there.
pub struct AdapterDestination<M, A> {
    target: Arc<A>,
    key: Box<str>,
    object: Option<Box<str>>,
    links: Option<Arc<dyn Links>>,
    convert: Convert<M>,
}

type Convert<M> = Arc<dyn Fn(&Record<M>) -> Record<M> + Send + Sync>;

impl<M: Model, A: Write<M>> AdapterDestination<M, A> {
    /// Writes to `target`, whose field `key` holds the source's id (in Salesforce: an external id).
    ///
    /// Only the unified model is written. What the source keeps beside it has no place at another vendor; [`convert`](Self::convert) gives it one.
    #[must_use]
    pub fn new(target: Arc<A>, key: impl Into<Box<str>>) -> Self {
        let convert = |record: &Record<M>| Record::new(record.id.clone(), record.model.clone());
        Self { target, key: key.into(), object: None, links: None, convert: Arc::new(convert) }
    }

    /// Writes to this object of the vendor.
    #[must_use]
    pub fn object(mut self, object: impl Into<Box<str>>) -> Self {
        self.object = Some(object.into());
        self
    }

    /// Remembers the destination's ids here, so that deletes can be carried out and nothing is written twice.
    #[must_use]
    pub fn links(mut self, links: impl Links) -> Self {
        self.links = Some(Arc::new(links));
        self
    }

    /// Sets how a record is prepared for the destination. The key is added afterwards.
    #[must_use]
    pub fn convert(mut self, convert: impl Fn(&Record<M>) -> Record<M> + Send + Sync + 'static) -> Self {
        self.convert = Arc::new(convert);
        self
    }

    fn options(&self, mut options: WriteOptions) -> WriteOptions {
        options.object.clone_from(&self.object);
        options
    }

    async fn upsert(&self, stream: &StreamKey, records: &[&Record<M>], applied: &mut Applied) -> Result<()> {
        let known = self.linked(stream, records.iter().map(|record| &record.id)).await?;
        let (mut prepared, mut pending) = (Vec::new(), Vec::new());
        for (record, known) in records.iter().zip(known) {
            let ready = self.prepared(record);
            let print = self.fingerprint(&ready);
            if print.is_some() && known.and_then(|link| link.written) == print {
                applied.unchanged += 1;
            } else {
                prepared.push(ready);
                pending.push((record, print));
            }
        }
        if prepared.is_empty() {
            return Ok(());
        }
        let options = self.options(WriteOptions::upsert(self.key.clone()));
        let outcomes = complete(self.target.write(&options, &prepared).await?, prepared.len())?;
        let mut made = Vec::new();
        let mut failed = None;
        for (outcome, (record, print)) in outcomes.into_iter().zip(pending) {
            match outcome {
                Ok(written) => {
                    applied.upserts += 1;
                    made.push((record.id.clone(), Link { target: written.id, written: print }));
                }
                Err(error) if is_about_the_record(&error) => applied.rejected.push(refused(record, error)),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        if let Some(links) = &self.links {
            links.link(stream, &made).await?;
        }
        failed.map_or(Ok(()), Err)
    }

    fn prepared(&self, record: &Record<M>) -> Record<M> {
        let mut prepared = (self.convert)(record);
        prepared.extra.insert(&*self.key, record.id.as_str());
        prepared
    }

    /// A fingerprint of what is written, and where. Another version of the compiler may make another one; the record is then written once more.
    fn fingerprint(&self, prepared: &Record<M>) -> Option<u64> {
        self.links.as_ref()?;
        let mut hasher = DefaultHasher::new();
        (&self.key, &self.object).hash(&mut hasher);
        serde_json::to_vec(&(&prepared.model, &prepared.extra)).ok()?.hash(&mut hasher);
        Some(hasher.finish())
    }

    async fn linked<'r>(
        &self,
        stream: &StreamKey,
        ids: impl Iterator<Item = &'r RecordId>,
    ) -> Result<Vec<Option<Link>>> {
        let ids: Vec<RecordId> = ids.cloned().collect();
        match &self.links {
            Some(links) => links.linked(stream, &ids).await,
            None => Ok(vec![None; ids.len()]),
        }
    }

    async fn delete(&self, stream: &StreamKey, ids: &[RecordId], applied: &mut Applied) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let Some(links) = &self.links else {
            let advice = "give the destination `links` to carry deletes out";
            let reason = || format!("the id this record has at the destination is not known: {advice}");
            applied.rejected.extend(ids.iter().map(|id| undeleted(id, reason())));
            return Ok(());
        };
        let (mut tombstones, mut gone) = (Vec::new(), Vec::new());
        for (id, linked) in ids.iter().zip(links.linked(stream, ids).await?) {
            match linked.map(|link| blank::<M>(link.target)) {
                // What was never written needs no delete.
                None => applied.unchanged += 1,
                Some(Some(tombstone)) => {
                    gone.push((id.clone(), Link::new(tombstone.id.clone())));
                    tombstones.push(tombstone);
                }
                Some(None) => {
                    let reason =
                        format!("kind `{}` has required fields, so a delete cannot be expressed", M::KIND);
                    applied.rejected.push(undeleted(id, reason));
                }
            }
        }
        if tombstones.is_empty() {
            return Ok(());
        }
        // Before the delete: if the source restores the record as it was, it has to be written again.
        links.link(stream, &gone).await?;
        let outcomes = self.target.write(&self.options(WriteOptions::delete()), &tombstones).await?;
        for (outcome, record) in complete(outcomes, tombstones.len())?.into_iter().zip(&tombstones) {
            match outcome {
                Ok(_) => applied.deletes += 1,
                Err(error) if error.kind() == ErrorKind::NotFound => applied.unchanged += 1,
                Err(error) if is_about_the_record(&error) => applied.rejected.push(refused(record, error)),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// A record with nothing but an id: a delete looks at no more. `None` if the model has required fields.
fn blank<M: Model>(id: RecordId) -> Option<Record<M>> {
    serde_json::from_str("{}").ok().map(|model| Record::new(id, model))
}

fn undeleted(id: &RecordId, reason: String) -> Rejected {
    Rejected::new(Some(id.clone()), r#"{"deleted":true}"#, Error::new(ErrorKind::NotFound, reason))
}

fn complete(outcomes: Vec<Outcome>, sent: usize) -> Result<Vec<Outcome>> {
    if outcomes.len() == sent {
        return Ok(outcomes);
    }
    let message = format!("the adapter returned {} outcomes for {sent} records", outcomes.len());
    Err(Error::new(ErrorKind::Malformed, message))
}

/// Whether the same record would be refused again, as opposed to everything failing just now.
fn is_about_the_record(error: &Error) -> bool {
    let kinds = [
        ErrorKind::Rejected,
        ErrorKind::Conflict,
        ErrorKind::NotFound,
        ErrorKind::Malformed,
        ErrorKind::TooLarge,
        ErrorKind::Config,
        ErrorKind::Unsupported,
    ];
    kinds.contains(&error.kind()) && !error.is_ambiguous()
}

#[async_trait]
impl<M: Model, A: Write<M>> Destination<M> for AdapterDestination<M, A> {
    async fn open(&self, _: &StreamKey) -> Result<Option<Checkpoint>> {
        Ok(None)
    }

    async fn apply(&self, batch: Arc<Batch<M>>) -> Result<Applied> {
        let mut applied = Applied::default();
        for round in rounds(&batch.changes) {
            let (mut upserts, mut deletes) = (Vec::new(), Vec::new());
            for change in round {
                match change {
                    Change::Upsert(record) => upserts.push(record),
                    Change::Delete { id, .. } => deletes.push(id.clone()),
                }
            }
            self.upsert(&batch.stream, &upserts, &mut applied).await?;
            self.delete(&batch.stream, &deletes, &mut applied).await?;
        }
        Ok(applied)
    }

    fn transactional(&self) -> bool {
        false
    }
}

impl<M, A> fmt::Debug for AdapterDestination<M, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdapterDestination")
            .field("key", &self.key)
            .field("object", &self.object)
            .finish_non_exhaustive()
    }
}
