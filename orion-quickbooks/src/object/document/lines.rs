//! The lines of a document, those of a bundle after it.

use orion_core::{Discount, LineKind, RecordId, UnifiedInvoice, UnifiedLineItem};
use serde_json::{Map, Value, value::RawValue};

use super::super::{Left, Scope, line, list::key};
use crate::{
    value::{Mismatch, Out},
    wire::Members,
};

/// Where the lines of a bundle are.
const PARTS: &str = "GroupLineDetail.Line";

struct Reading<'a> {
    scope: Scope<'a>,
    lines: Vec<UnifiedLineItem>,
    /// What of each line has no place in the model, under its id or else its position.
    left: Map<String, Value>,
}

pub(super) fn read(
    invoice: &mut UnifiedInvoice,
    items: &[&RawValue],
    scope: Scope<'_>,
) -> Result<Left, Mismatch> {
    let mut reading = Reading { scope, lines: Vec::with_capacity(items.len()), left: Map::new() };
    for (at, raw) in items.iter().enumerate() {
        let members = Members::parse(raw).ok_or(Mismatch("a list of lines"))?;
        // The sum QuickBooks puts under the lines has no id (recorded); one that a person put there has.
        let sum = members.text("DetailType").as_deref() == Some(line::SUBTOTAL.wire);
        if sum && members.get("Id").is_none() && at + 1 == items.len() {
            let mut total = UnifiedLineItem::default();
            let left = reading.read(&mut total, &members)?;
            invoice.subtotal = total.amount;
            left.into_iter().for_each(|left| drop(reading.left.insert("subtotal".to_owned(), left)));
        } else {
            reading.add(&members, None)?;
        }
    }
    invoice.lines = reading.lines;
    Ok((!reading.left.is_empty()).then_some(Value::Object(reading.left)))
}

impl Reading<'_> {
    fn read(&self, line: &mut UnifiedLineItem, members: &Members<'_>) -> Result<Left, Mismatch> {
        let wire = members.text("DetailType");
        let detail = line::by_wire(wire.as_deref().unwrap_or_default());
        let left = detail.names.read(line, members, self.scope)?;
        line::name_kind(line, detail, wire.as_deref());
        Ok(left.and_then(without_kind))
    }

    fn add(&mut self, members: &Members<'_>, parent: Option<&RecordId>) -> Result<(), Mismatch> {
        let mut line = UnifiedLineItem::default();
        let mut left = self.read(&mut line, members)?;
        line.parent_line = parent.cloned();
        let (id, name) = (line.id.clone(), own_key(&line, self.lines.len()));
        self.lines.push(line);
        if let (Some(id), Some(parts)) = (id, parts(members)) {
            left = left.and_then(without_parts);
            for part in parts {
                self.add(&Members::parse(part).ok_or(Mismatch("a list of lines"))?, Some(&id))?;
            }
        }
        left.into_iter().for_each(|left| drop(self.left.insert(name.clone(), left)));
        Ok(())
    }
}

fn own_key(line: &UnifiedLineItem, at: usize) -> String {
    line.id.as_ref().map_or_else(|| key(at), ToString::to_string)
}

/// The lines of a bundle.
fn parts<'a>(members: &Members<'a>) -> Option<Vec<&'a RawValue>> {
    let detail = Members::parse(members.get("GroupLineDetail")?)?;
    serde_json::from_str(detail.get("Line")?.get()).ok()
}

/// What is left but `DetailType`, which is the line's kind.
fn without_kind(left: Value) -> Left {
    let Value::Object(mut members) = left else { return Some(left) };
    members.remove("DetailType");
    (!members.is_empty()).then_some(Value::Object(members))
}

/// What is left but the lines of the bundle, which are lines of the document.
fn without_parts(left: Value) -> Left {
    let Value::Object(mut members) = left else { return Some(left) };
    if let Some(Value::Object(detail)) = members.get_mut("GroupLineDetail") {
        detail.remove("Line");
        if detail.is_empty() {
            members.remove("GroupLineDetail");
        }
    }
    (!members.is_empty()).then_some(Value::Object(members))
}

pub(super) fn write(invoice: &UnifiedInvoice, left: Option<&Out>, scope: Scope<'_>) -> Option<Vec<Out>> {
    let mut all: Vec<Out> = Vec::with_capacity(invoice.lines.len());
    let mut bundles: Vec<(&RecordId, usize)> = Vec::new();
    for (at, item) in invoice.lines.iter().enumerate() {
        let out = one(item, left.and_then(|left| left.get(&own_key(item, at))), scope);
        let bundle = bundles.iter().find(|(id, _)| Some(*id) == item.parent_line.as_ref());
        match bundle {
            Some((_, bundle)) => match all[*bundle].at(PARTS) {
                Out::List(parts) => parts.push(out),
                place => *place = Out::List(vec![out]),
            },
            None => {
                bundles.extend(item.id.as_ref().map(|id| (id, all.len())));
                all.push(out);
            }
        }
    }
    all.extend(discount(invoice, scope));
    if let (true, Some(_)) = (scope.whole, invoice.subtotal) {
        let mut sum = UnifiedLineItem::default();
        (sum.kind, sum.amount) = (Some(LineKind::Subtotal), invoice.subtotal);
        all.push(one(&sum, left.and_then(|left| left.get("subtotal")), scope));
    }
    (!all.is_empty()).then_some(all)
}

fn one(item: &UnifiedLineItem, left: Option<&Out>, scope: Scope<'_>) -> Out {
    let mut out = left.cloned().unwrap_or(Out::EMPTY);
    let detail = line::by_kind(item, scope.object);
    let wire = match &item.kind {
        Some(LineKind::Other(wire)) if detail.wire.is_empty() => wire,
        _ => detail.wire,
    };
    if !wire.is_empty() {
        out.set("DetailType", Out::text(wire));
    }
    detail.fields().for_each(|field| field.write(item, &mut out, scope));
    out
}

/// The line that says what the document's own discount is, if none does.
fn discount(invoice: &UnifiedInvoice, scope: Scope<'_>) -> Option<Out> {
    let whole: &Discount = invoice.discount.as_ref()?;
    let said = |line: &UnifiedLineItem| line.kind == Some(LineKind::Discount);
    if scope.whole || invoice.lines.is_empty() || invoice.lines.iter().any(said) {
        return None;
    }
    let mut line = UnifiedLineItem::default();
    (line.kind, line.amount, line.discount) = (Some(LineKind::Discount), whole.amount, Some(whole.clone()));
    Some(one(&line, None, scope))
}
