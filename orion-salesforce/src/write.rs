//! `Write<M>`: sObject Collections, 200 records a call, one outcome per input.
//!
//! A record that meets `UNABLE_TO_LOCK_ROW` is sent again by itself; the others of its call are not (REST API Developer Guide,
//! "Using sObject Collections").

mod lines;

use std::time::Duration;

use http::Method;
use orion_core::{Error, ErrorKind, Outcome, Record, Result, Write, WriteOp, WriteOptions, Written};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    Salesforce,
    name::check_name,
    object::{self, Mapped},
    sobject::Saved,
    wire::{FieldSink, JsonSink},
};

/// The most records of one call, and the most runs of one object in it.
const CHUNK: usize = 200;
const RUNS: usize = 10;

/// How often a record that others hold is sent again, and the first wait, which doubles.
const LOCK_ROUNDS: u32 = 5;
const LOCK_WAIT: Duration = Duration::from_millis(100);

impl<M: Mapped> Write<M> for Salesforce {
    async fn write(&self, options: &WriteOptions, records: &[Record<M>]) -> Result<Vec<Outcome>> {
        let mut outcomes: Vec<Option<Outcome>> = records.iter().map(|_| None).collect();
        let mut items = Vec::with_capacity(records.len());
        for (index, record) in records.iter().enumerate() {
            match Item::new(index, options, record) {
                Ok(item) => items.push(item),
                Err(error) => outcomes[index] = Some(Err(error)),
            }
        }
        if let WriteOp::Upsert { key } = &options.op {
            check_name(key)?;
        }
        let atomic = options.atomic;
        if atomic && (items.len() > CHUNK || items.len() < records.len()) {
            return Err(refuse_atomic(items.len(), records.len()));
        }
        self.send_items(options, items, &mut outcomes).await;
        self.write_lines(options, records, &mut outcomes).await?;
        Ok(outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|| Err(unanswered()))).collect())
    }
}

fn refuse_atomic(fit: usize, all: usize) -> Error {
    let message = if fit < all {
        "a record of an atomic write is not valid, so none was written"
    } else {
        "an atomic write takes at most 200 records; write fewer, or without `atomic`"
    };
    Error::new(ErrorKind::Config, message)
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
    fn new<M: Mapped>(index: usize, options: &WriteOptions, record: &Record<M>) -> Result<Self> {
        let source = &record.meta.source;
        let own = (&*source.adapter == crate::NAME).then_some(&*source.object);
        let object = object::find::<M>(options.object.as_deref().or(own))?;
        check_name(&object.name)?;
        let needs_id = matches!(options.op, WriteOp::Update | WriteOp::Delete | WriteOp::HardDelete);
        if needs_id && record.id.is_empty() {
            return Err(Error::new(ErrorKind::Config, "the record has no id; create or upsert it"));
        }
        let mut sink = JsonSink::of(&object.name);
        if matches!(options.op, WriteOp::Update) {
            sink.text("Id", record.id.as_str());
        }
        object.write(record, &mut sink);
        if let WriteOp::Upsert { key } = &options.op
            && &**key != "Id"
            && record.extra.get(key).is_none()
        {
            sink.text(key, record.id.as_str());
        }
        let body = sink.finish()?;
        Ok(Self { index, object: object.name.as_ref().into(), id: record.id.as_str().into(), body })
    }
}

impl Salesforce {
    async fn send_items(&self, options: &WriteOptions, items: Vec<Item>, outcomes: &mut [Option<Outcome>]) {
        for chunk in chunks(items, options) {
            let mut left = chunk;
            for round in 0.. {
                let held = self.send_chunk(options, left, outcomes).await;
                if held.is_empty() || round == LOCK_ROUNDS {
                    break;
                }
                tokio::time::sleep(LOCK_WAIT * 2_u32.pow(round)).await;
                left = held;
            }
        }
    }

    /// Sends one call, notes its outcomes and returns the records that others held meanwhile.
    async fn send_chunk(
        &self,
        options: &WriteOptions,
        chunk: Vec<Item>,
        outcomes: &mut [Option<Outcome>],
    ) -> Vec<Item> {
        let answer = self.send_collection(options, &chunk).await;
        let created = matches!(options.op, WriteOp::Create);
        let mut held = Vec::new();
        let mut saved = match answer {
            Ok(saved) => saved.into_iter(),
            Err(error) => {
                for item in chunk {
                    outcomes[item.index] = Some(Err(error.echo()));
                }
                return held;
            }
        };
        for item in chunk {
            let Some(outcome) = saved.next().map(|saved| saved.into_outcome(created)) else { continue };
            let outcome =
                outcome.map(|written| item.named(written)).or_else(|error| item.gone(options, error));
            if !options.atomic && outcome.as_ref().is_err_and(is_lock) {
                held.push(item.clone());
            }
            outcomes[item.index] = Some(outcome);
        }
        held
    }

    async fn send_collection(&self, options: &WriteOptions, chunk: &[Item]) -> Result<Vec<Saved>> {
        let all_or_none = options.atomic;
        let Some(first) = chunk.first() else { return Ok(Vec::new()) };
        let body = Collection { all_or_none, records: chunk.iter().map(|item| &*item.body).collect() };
        let path = "composite/sobjects";
        let call = match &options.op {
            WriteOp::Create => self.call(Method::POST, path, "collections.create").json_body(&body),
            WriteOp::Update => {
                self.call(Method::PATCH, path, "collections.update").json_body(&body).idempotent()
            }
            WriteOp::Upsert { key } => self
                .call(Method::PATCH, &format!("{path}/{}/{key}", first.object), "collections.upsert")
                .json_body(&body)
                .idempotent(),
            WriteOp::Delete => {
                let ids: Vec<&str> = chunk.iter().map(|item| &*item.id).collect();
                self.call(Method::DELETE, path, "collections.delete")
                    .query("ids", &ids.join(","))
                    .query("allOrNone", if all_or_none { "true" } else { "false" })
            }
            _ => {
                let message = "records are deleted past recovery through the bulk interface only";
                return Err(Error::new(ErrorKind::Unsupported, message));
            }
        };
        call.json().await
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

fn is_lock(error: &Error) -> bool {
    error.fault().is_some_and(|fault| &*fault.code == "UNABLE_TO_LOCK_ROW")
}
