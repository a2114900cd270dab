//! `Write<M>`: sObject Collections, 200 records a call, one outcome per input.
//!
//! A record that meets `UNABLE_TO_LOCK_ROW` is sent again by itself; the others of its call are not, unless the call is atomic and so
//! nothing of it was written (REST API Developer Guide, "Using sObject Collections").

mod draft;
mod lines;

use http::Method;
use orion_core::{
    Error, ErrorKind, Outcome, Record, Result, Retry, Write, WriteOp, WriteOptions, Written, observe::Event,
};
use serde::Serialize;
use serde_json::value::RawValue;

pub(crate) use draft::Draft;

use crate::{
    Salesforce,
    name::check_name,
    object::{self, Mapped, SObject},
    sobject::Saved,
    wire::JsonSink,
};

/// The most records of one call, and the most runs of one object in it.
const CHUNK: usize = 200;
const RUNS: usize = 10;

impl<M: Mapped> Write<M> for Salesforce {
    async fn write(&self, options: &WriteOptions, records: &[Record<M>]) -> Result<Vec<Outcome>> {
        check(options)?;
        let mut outcomes: Vec<Option<Outcome>> = records.iter().map(|_| None).collect();
        let items = self.items(options, records, &mut outcomes).await?;
        if options.atomic {
            check_atomic(&items, records, &mut outcomes)?;
        }
        self.send_items(options, items, &mut outcomes).await;
        self.write_lines(options, records, &mut outcomes).await;
        Ok(outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|| Err(unanswered()))).collect())
    }
}

fn check(options: &WriteOptions) -> Result<()> {
    match &options.op {
        WriteOp::Upsert { key } => check_name(key),
        WriteOp::HardDelete => {
            let message = "records are deleted past recovery through the bulk interface only";
            Err(Error::new(ErrorKind::Unsupported, message))
        }
        _ => Ok(()),
    }
}

/// An atomic write is one call: what does not fit into one is refused before anything is sent.
fn check_atomic<M: Mapped>(
    items: &[Item],
    records: &[Record<M>],
    outcomes: &mut [Option<Outcome>],
) -> Result<()> {
    // The record at fault says so itself.
    if let Some(fault) = outcomes.iter_mut().find_map(Option::take) {
        return fault.map(drop);
    }
    let one_object = items.windows(2).all(|pair| pair[0].object == pair[1].object);
    let lines = |record: &Record<M>| {
        let children = object::find::<M>(None).ok().and_then(|object| object.children);
        children.is_some_and(|children| !(children.lines)(&record.model).is_empty())
    };
    let message = if items.len() > CHUNK {
        "an atomic write takes at most 200 records; write fewer, or without `atomic`"
    } else if !one_object {
        "an atomic write is of one object; write each by itself, or without `atomic`"
    } else if records.iter().any(lines) {
        "an atomic write cannot hold records with lines, which are records of their own; write without `atomic`, or use `create_tree`"
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::Config, message))
}

fn unanswered() -> Error {
    Error::new(ErrorKind::Malformed, "Salesforce answered fewer records than were sent").with_ambiguous()
}

/// One record ready to be sent.
#[derive(Clone)]
struct Item {
    index: usize,
    object: Box<str>,
    id: Box<str>,
    body: Box<RawValue>,
}

impl Item {
    fn new<M: Mapped>(index: usize, draft: &Draft<M>, record: &Record<M>) -> Result<Self> {
        let mut sink = JsonSink::of(&draft.object.name);
        draft.write(record, &mut sink)?;
        let object = draft.object.name.as_ref().into();
        Ok(Self { index, object, id: record.id.as_str().into(), body: sink.finish()? })
    }
}

/// The object a record goes to: the one asked for, or the one it was read from, or the one it says it is of, or the model's first.
pub(crate) fn target<M: Mapped>(options: &WriteOptions, record: &Record<M>) -> Result<SObject<M>> {
    let source = &record.meta.source;
    let own = (&*source.adapter == crate::NAME).then_some(&*source.object);
    let object = object::find::<M>(options.object.as_deref().or(own).or_else(|| record.model.object()))?;
    check_name(&object.name).map(|()| object)
}

impl Salesforce {
    /// Makes the records ready to be sent. Those that cannot be have their outcome.
    async fn items<M: Mapped>(
        &self,
        options: &WriteOptions,
        records: &[Record<M>],
        outcomes: &mut [Option<Outcome>],
    ) -> Result<Vec<Item>> {
        let mut drafts: Vec<Draft<M>> = Vec::new();
        let mut items = Vec::with_capacity(records.len());
        for (index, record) in records.iter().enumerate() {
            let item = match target(options, record) {
                Ok(object) => {
                    let at = drafts.iter().position(|draft| draft.object.name == object.name);
                    let at = at.unwrap_or_else(|| {
                        drafts.push(Draft::new(object, options.op.clone(), &self.inner().config));
                        drafts.len() - 1
                    });
                    self.described(&mut drafts[at], record).await?;
                    Item::new(index, &drafts[at], record)
                }
                Err(error) => Err(error),
            };
            match item {
                Ok(item) => items.push(item),
                Err(error) => outcomes[index] = Some(Err(error)),
            }
        }
        Ok(items)
    }

    async fn described<M: Mapped>(&self, draft: &mut Draft<M>, record: &Record<M>) -> Result<()> {
        if draft.describe.is_none() && draft.wants_describe(record) {
            draft.describe = Some(self.describe(&draft.object.name).await?);
        }
        Ok(())
    }

    async fn send_items(&self, options: &WriteOptions, items: Vec<Item>, outcomes: &mut [Option<Outcome>]) {
        let policy = self.inner().policy;
        for chunk in chunks(items, options) {
            let mut left = chunk;
            for attempt in 1.. {
                let held = self.send_chunk(options, left, outcomes).await;
                if held.is_empty() {
                    break;
                }
                if attempt >= policy.attempts {
                    held.iter().for_each(|item| exhaust(&mut outcomes[item.index]));
                    break;
                }
                let wait = policy.base.saturating_mul(1 << (attempt - 1).min(16)).min(policy.cap);
                self.client().observers().emit(&Event::Retry {
                    adapter: crate::NAME,
                    operation: operation(&options.op),
                    attempt,
                    wait,
                    reason: ErrorKind::Conflict,
                });
                tokio::time::sleep(wait).await;
                left = held;
            }
        }
    }

    /// Sends one call, notes its outcomes and returns the records that others held meanwhile; of an atomic call, all.
    async fn send_chunk(
        &self,
        options: &WriteOptions,
        chunk: Vec<Item>,
        outcomes: &mut [Option<Outcome>],
    ) -> Vec<Item> {
        let mut saved = match self.send_collection(options, &chunk).await {
            Ok(saved) => saved.into_iter(),
            Err(error) => {
                for item in chunk {
                    outcomes[item.index] = Some(Err(error.echo()));
                }
                return Vec::new();
            }
        };
        let created = matches!(options.op, WriteOp::Create);
        for item in &chunk {
            let Some(outcome) = saved.next().map(|saved| saved.into_outcome(created)) else { continue };
            let outcome =
                outcome.map(|written| item.named(written)).or_else(|error| item.gone(options, error));
            outcomes[item.index] = Some(outcome);
        }
        let locked = |item: &Item| outcomes[item.index].as_ref().is_some_and(is_lock);
        if options.atomic && chunk.iter().any(locked) {
            return chunk;
        }
        chunk.into_iter().filter(|item| locked(item)).collect()
    }

    async fn send_collection(&self, options: &WriteOptions, chunk: &[Item]) -> Result<Vec<Saved>> {
        let all_or_none = options.atomic;
        let Some(first) = chunk.first() else { return Ok(Vec::new()) };
        let body = Collection { all_or_none, records: chunk.iter().map(|item| &*item.body).collect() };
        let (path, operation) = ("composite/sobjects", operation(&options.op));
        let call = match &options.op {
            WriteOp::Create => self.call(Method::POST, path, operation).json_body(&body),
            WriteOp::Update => self.call(Method::PATCH, path, operation).json_body(&body).idempotent(),
            WriteOp::Upsert { key } => {
                let call = self.call(Method::PATCH, &format!("{path}/{}/{key}", first.object), operation);
                // Without an id, an upsert by id is a create.
                let creates = key.eq_ignore_ascii_case("Id") && chunk.iter().any(|item| item.id.is_empty());
                let call = call.json_body(&body);
                if creates { call } else { call.idempotent() }
            }
            _ => {
                let ids: Vec<&str> = chunk.iter().map(|item| &*item.id).collect();
                self.call(Method::DELETE, path, operation)
                    .query("ids", &ids.join(","))
                    .query("allOrNone", if all_or_none { "true" } else { "false" })
            }
        };
        call.json().await
    }
}

fn operation(op: &WriteOp) -> &'static str {
    match op {
        WriteOp::Create => "collections.create",
        WriteOp::Update => "collections.update",
        WriteOp::Upsert { .. } => "collections.upsert",
        _ => "collections.delete",
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Collection<'a> {
    all_or_none: bool,
    records: Vec<&'a RawValue>,
}

/// Splits the records into calls: by object, since an upsert names one and others allow a few runs of one object.
fn chunks(mut items: Vec<Item>, options: &WriteOptions) -> Vec<Vec<Item>> {
    items.sort_by(|a, b| a.object.cmp(&b.object));
    let one_object = matches!(options.op, WriteOp::Upsert { .. });
    let mut chunks: Vec<Vec<Item>> = Vec::new();
    let mut runs = 0;
    for item in items {
        let fits = chunks.last().is_some_and(|chunk| {
            let new_run = chunk.last().is_some_and(|last| last.object != item.object);
            chunk.len() < CHUNK && !(new_run && (one_object || runs == RUNS))
        });
        match chunks.last_mut().filter(|_| fits) {
            Some(chunk) => {
                runs += usize::from(chunk.last().is_some_and(|last| last.object != item.object));
                chunk.push(item);
            }
            None => {
                runs = 1;
                chunks.push(vec![item]);
            }
        }
    }
    chunks
}

impl Item {
    /// An update's answer need not repeat the id.
    fn named(&self, mut written: Written) -> Written {
        if written.id.is_empty() {
            written.id = (&*self.id).into();
        }
        written
    }

    /// A record that is deleted already is what a delete wants, and what a repeated one finds.
    fn gone(&self, options: &WriteOptions, error: Error) -> Outcome {
        let deleted = error.fault().is_some_and(|fault| &*fault.code == "ENTITY_IS_DELETED");
        if deleted && matches!(options.op, WriteOp::Delete) {
            Ok(Written::updated(&*self.id))
        } else {
            Err(error)
        }
    }
}

fn is_lock(outcome: &Outcome) -> bool {
    let fault = outcome.as_ref().err().and_then(Error::fault);
    fault.is_some_and(|fault| &*fault.code == "UNABLE_TO_LOCK_ROW")
}

/// Says of a record that was held to the end that it was sent often enough.
fn exhaust(outcome: &mut Option<Outcome>) {
    if let Some(Err(error)) = outcome.take_if(|outcome| is_lock(outcome)) {
        *outcome = Some(Err(error.with_retry(Retry::Exhausted)));
    }
}
