//! What a query answers of each row, as the tree its JSON has.

use std::sync::Arc;

use super::More;
use super::cursor::Cursor;
use super::operand::{Leaf, follow, polymorphic};
use super::plan::Plan;
use super::run;
use crate::sandbox::store::Org;
use crate::sandbox::store::id::RowId;
use crate::sandbox::store::render::push_json;
use crate::sandbox::store::schema::{Field, FieldIndex, ObjectIndex};

/// How many child rows a parent carries before the rest is left to `nextRecordsUrl`. The vendor documents only that
/// child rows count towards the batch; 200 is its smallest batch.
const CHILD_BATCH: usize = 200;

/// The members of one JSON object, in the order selected.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    pub(super) slots: Vec<Slot>,
}

#[derive(Debug, Clone)]
pub(super) enum Slot {
    /// A field, its key already written as JSON with its colon.
    Leaf {
        key: Box<str>,
        leaf: Leaf,
    },
    /// The row behind a reference.
    Parent {
        reference: &'static Field,
        node: Node,
    },
    /// The rows that refer back.
    Children {
        name: &'static str,
        field: FieldIndex,
        plan: Arc<Plan>,
    },
    TypeOf {
        reference: &'static Field,
        cases: Vec<(ObjectIndex, Node)>,
        otherwise: Node,
    },
}

/// What rendering needs besides the row.
pub(super) struct Page<'a, 'm> {
    pub(super) org: &'a Org,
    pub(super) version: &'a str,
    pub(super) all: bool,
    pub(super) more: More<'m>,
}

impl Node {
    /// Adds a field at the end of a path of references; answers whether it was not there yet.
    pub(super) fn add(&mut self, hops: &[&'static Field], leaf: Leaf, key: &str) -> bool {
        let Some((first, rest)) = hops.split_first() else {
            let mut written = String::new();
            push_json(key, &mut written);
            written.push(':');
            let taken = |slot: &Slot| matches!(slot, Slot::Leaf { key, .. } if **key == *written);
            let fresh = !self.slots.iter().any(taken);
            self.slots.push(Slot::Leaf { key: written.into(), leaf });
            return fresh;
        };
        let known = self.slots.iter_mut().find_map(|slot| match slot {
            Slot::Parent { reference, node } if reference.index == first.index => Some(node),
            _ => None,
        });
        if let Some(node) = known {
            return node.add(rest, leaf, key);
        }
        let mut node = Self::default();
        node.add(rest, leaf, key);
        self.slots.push(Slot::Parent { reference: first, node });
        true
    }

    /// Appends the JSON object of a row.
    pub(super) fn write(&self, page: &mut Page<'_, '_>, id: RowId, shown_as: Option<&str>, out: &mut String) {
        out.push('{');
        page.org.write_attributes(page.version, shown_as, id, out);
        for slot in &self.slots {
            out.push(',');
            slot.write(page, id, out);
        }
        out.push('}');
    }
}

impl Slot {
    fn write(&self, page: &mut Page<'_, '_>, id: RowId, out: &mut String) {
        match self {
            Self::Leaf { key, leaf } => {
                out.push_str(key);
                write_leaf(page.org, id, leaf, out);
            }
            Self::Parent { reference, node } => {
                write_key(relationship(reference), out);
                match follow(page.org, id, reference, page.all) {
                    Some(parent) => node.write(page, parent, shown_as(reference), out),
                    None => out.push_str("null"),
                }
            }
            Self::Children { name, field, plan } => {
                write_key(name, out);
                write_children(page, id, *field, plan, out);
            }
            Self::TypeOf { reference, cases, otherwise } => {
                write_key(relationship(reference), out);
                match follow(page.org, id, reference, page.all) {
                    Some(parent) => {
                        let case = cases.iter().find(|(object, _)| *object == parent.object);
                        case.map_or(otherwise, |(_, node)| node).write(page, parent, None, out);
                    }
                    None => out.push_str("null"),
                }
            }
        }
    }
}

fn relationship(reference: &'static Field) -> &'static str {
    reference.reference.as_ref().map_or("", |reference| &reference.relationship)
}

fn shown_as(reference: &Field) -> Option<&'static str> {
    polymorphic(reference).then_some("Name")
}

fn write_key(name: &str, out: &mut String) {
    push_json(name, out);
    out.push(':');
}

pub(super) fn write_leaf(org: &Org, id: RowId, leaf: &Leaf, out: &mut String) {
    match (leaf.field(id), leaf) {
        (Some(field), _) => org.write_json(id, field, out),
        (None, Leaf::Type) => {
            push_json(org.schema.objects.get(id.object).map_or("", |object| &object.name), out)
        }
        (None, Leaf::Field(_) | Leaf::Any(_)) => out.push_str("null"),
    }
}

fn write_children(page: &mut Page<'_, '_>, id: RowId, field: FieldIndex, plan: &Arc<Plan>, out: &mut String) {
    let rows = run::children(page.org, plan, field, id);
    let total = rows.len();
    if total == 0 {
        out.push_str("null");
        return;
    }
    let cursor = Cursor::of_rows(Arc::clone(plan), rows);
    let shown = total.min(CHILD_BATCH);
    out.push_str(&format!("{{\"totalSize\":{total},\"done\":{},", shown == total));
    let records = cursor.page_json(page.org, page.version, 0, shown, page.more);
    if shown < total {
        let url = (page.more)(cursor, shown);
        write_key("nextRecordsUrl", out);
        push_json(&url, out);
        out.push(',');
    }
    out.push_str("\"records\":");
    out.push_str(&records);
    out.push('}');
}
