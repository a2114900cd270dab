//! The lines of a record that has child records: written after it, under the id it got.

use orion_core::{Error, Outcome, Record, Result, WriteOp, WriteOptions};

use super::Item;
use crate::{
    Salesforce,
    object::{self, Children, Mapped},
    wire::{FieldSink, JsonSink},
};

impl Salesforce {
    /// Writes the lines of every record that was written: those with an id are changed, the others are added. A line that
    /// the model does not hold is left alone.
    pub(super) async fn write_lines<M: Mapped>(
        &self,
        options: &WriteOptions,
        records: &[Record<M>],
        outcomes: &mut [Option<Outcome>],
    ) -> Result<()> {
        if matches!(options.op, WriteOp::Delete | WriteOp::HardDelete) {
            return Ok(());
        }
        let Some(children) = object::find::<M>(options.object.as_deref())?.children else { return Ok(()) };
        let (mut new, mut old, mut owner) = (Vec::new(), Vec::new(), Vec::new());
        for (index, record) in records.iter().enumerate() {
            let Some(Some(Ok(written))) = outcomes.get(index) else { continue };
            for line in (children.lines)(&record.model) {
                let (item, known) = item(children, line, written.id.as_str(), owner.len())?;
                if known {
                    old.push(item)
                } else {
                    new.push(item)
                }
                owner.push(index);
            }
        }
        let mut results: Vec<Option<Outcome>> = owner.iter().map(|_| None).collect();
        self.send_items(&WriteOptions::update(), old, &mut results).await;
        self.send_items(&WriteOptions::create(), new, &mut results).await;
        for (result, index) in results.into_iter().zip(owner) {
            if let Some(Err(error)) = result {
                outcomes[index] = Some(Err(half_written(error)));
            }
        }
        Ok(())
    }
}

/// A line as a record of its own, and whether it exists already.
fn item<M>(
    children: &Children<M>,
    line: &orion_core::UnifiedLineItem,
    parent: &str,
    index: usize,
) -> Result<(Item, bool)> {
    let mut sink = JsonSink::of(children.object);
    match &line.id {
        Some(id) => sink.text("Id", id.as_str()),
        None => sink.text(children.parent, parent),
    }
    for field in children.fields {
        field.write(line, &mut sink);
    }
    let id = line.id.as_ref().map_or("", |id| id.as_str());
    let item = Item { index, object: children.object.into(), id: id.into(), body: sink.finish()? };
    Ok((item, line.id.is_some()))
}

fn half_written(line: Error) -> Error {
    let half =
        Error::new(line.kind(), "the record was written, one of its lines was not").with_retry(line.retry());
    let half = if line.is_ambiguous() { half.with_ambiguous() } else { half };
    match line.fault() {
        Some(fault) => half.with_fault(fault.clone()),
        None => half.with_source(line),
    }
}
