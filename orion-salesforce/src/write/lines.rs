//! The lines of a record that has child records: written after it, under the id it got.

use orion_core::{Error, Outcome, Record, RecordId, Result, UnifiedLineItem, WriteOp, WriteOptions};

use super::{Item, unanswered};
use crate::{
    Describe, FieldDescribe, Salesforce,
    object::{Children, Mapped},
    wire::{FieldSink, JsonSink},
};

impl Salesforce {
    /// Writes the lines of every record that was written: those with an id are changed, the others are added, and all are if the record is
    /// new, whose lines cannot exist yet. A line that the model does not hold is left alone.
    pub(super) async fn write_lines<M: Mapped>(
        &self,
        options: &WriteOptions,
        records: &[Record<M>],
        outcomes: &mut [Option<Outcome>],
    ) {
        let Some(children) = M::OBJECTS[0].children.filter(|_| options.op != WriteOp::Delete) else { return };
        let read = |line: &UnifiedLineItem| line.id.is_some() && !line.extra.is_empty();
        // A user who may write need not be allowed to describe.
        let describe = if records.iter().any(|record| (children.lines)(&record.model).iter().any(read)) {
            self.describe(children.object).await.ok()
        } else {
            None
        };
        let (mut new, mut old, mut owner, mut results) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (index, record) in records.iter().enumerate() {
            let Some(Ok(written)) = &outcomes[index] else { continue };
            for line in (children.lines)(&record.model) {
                let adds = written.created || line.id.is_none();
                let parent = adds.then_some(&written.id);
                let line = item(children, describe.as_deref(), line, parent, owner.len());
                owner.push(index);
                results.push(None);
                match line {
                    Ok(item) if adds => new.push(item),
                    Ok(item) => old.push(item),
                    Err(error) => results[owner.len() - 1] = Some(Err(error)),
                }
            }
        }
        self.send_items(&WriteOptions::update(), old, &mut results).await;
        self.send_items(&WriteOptions::create(), new, &mut results).await;
        for (result, index) in results.into_iter().zip(owner) {
            let (Err(error), Some(Ok(written))) =
                (result.unwrap_or_else(|| Err(unanswered())), &outcomes[index])
            else {
                continue;
            };
            outcomes[index] = Some(Err(half_written(&written.id, error)));
        }
    }
}

/// A line as a record of its own, to be added to `parent` or, without one, changed. Of a line that was read, as its id tells, those extra
/// fields are sent that the object has and takes.
fn item<M>(
    children: &Children<M>,
    describe: Option<&Describe>,
    line: &UnifiedLineItem,
    parent: Option<&RecordId>,
    index: usize,
) -> Result<Item> {
    let mut sink = JsonSink::of(children.object);
    let (mut line, read) = (line.clone(), line.id.is_some());
    if let Some(parent) = parent {
        line.id = None;
        sink.text(children.parent, parent.as_str());
    }
    line.id.iter().for_each(|id| sink.id(id.as_str()));
    for field in children.fields {
        field.write(&line, &mut sink);
    }
    let takes = |field: &FieldDescribe| if parent.is_some() { field.createable } else { field.updateable };
    let describe = describe.filter(|_| read);
    for (name, value) in line.extra.iter() {
        if describe.is_none_or(|describe| describe.find(name).is_some_and(takes)) {
            sink.value(name, value);
        }
    }
    let id = line.id.as_ref().map_or("", |id| id.as_str());
    Ok(Item { index, object: children.object.into(), id: id.into(), body: sink.finish()? })
}

/// Writing the record again would write it, or its other lines, twice.
fn half_written(record: &RecordId, line: Error) -> Error {
    let message = format!(
        "the record was written as {record}, but one of its lines was not: read it, and update it with the lines it lacks"
    );
    let half = Error::new(line.kind(), message);
    let half = if line.is_ambiguous() { half.with_ambiguous() } else { half };
    match line.fault() {
        Some(fault) => half.with_fault(fault.clone()).with_source(line),
        None => half.with_source(line),
    }
}
