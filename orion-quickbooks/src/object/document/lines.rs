//! The lines of a document, those of a bundle after it.

use orion_core::{Discount, LineKind, RecordId, UnifiedInvoice, UnifiedLineItem};
use serde_json::{Value, value::RawValue};

use super::super::{Left, Scope, line};
use crate::{
    value::{Mismatch, Out},
    wire::Members,
};

/// The name under which is kept what is left of the sum under the lines.
const SUM: &str = "subtotal";

/// Where the lines of a bundle are.
const PARTS: &str = "GroupLineDetail.Line";

struct Reading<'a> {
    scope: Scope<'a>,
    lines: Vec<UnifiedLineItem>,
}

pub(super) fn read(
    invoice: &mut UnifiedInvoice,
    items: &[&RawValue],
    scope: Scope<'_>,
) -> Result<Left, Mismatch> {
    let mut reading = Reading { scope, lines: Vec::with_capacity(items.len()) };
    let mut sum_left = None;
    for (at, raw) in items.iter().enumerate() {
        let members = Members::parse(raw).ok_or(Mismatch("a list of lines"))?;
        // The sum QuickBooks puts under the lines has no id (recorded); one that a person put there has.
        let sum = members.text("DetailType").as_deref() == Some(line::SUBTOTAL.wire);
        if sum && members.get("Id").is_none() && at + 1 == items.len() {
            let mut total = UnifiedLineItem::default();
            sum_left = reading.read(&mut total, &members)?;
            invoice.subtotal = total.amount;
        } else {
            reading.add(&members, None)?;
        }
    }
    invoice.lines = reading.lines;
    // What else is on that sum has no line to stay on.
    Ok(sum_left.map(|left| serde_json::json!({ (SUM): left })))
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
        let parts = line.id.clone().zip(parts(members));
        if parts.is_some() {
            left = left.and_then(without_parts);
        }
        if let Some(Value::Object(left)) = left {
            line.extra = left.into_iter().collect();
        }
        self.lines.push(line);
        let Some((id, parts)) = parts else { return Ok(()) };
        for part in parts {
            self.add(&Members::parse(part).ok_or(Mismatch("a list of lines"))?, Some(&id))?;
        }
        Ok(())
    }
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
    for item in &invoice.lines {
        let out = one(item, None, scope);
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
        all.push(one(&sum, left.and_then(|left| left.get(SUM)), scope));
    }
    (!all.is_empty()).then_some(all)
}

fn one(item: &UnifiedLineItem, left: Option<&Out>, scope: Scope<'_>) -> Out {
    let mut out = left.cloned().unwrap_or(Out::EMPTY);
    let extra = item.extra.iter().filter(|_| scope.extra);
    extra.for_each(|(name, value)| out.put(name, Out::of(value)));
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
