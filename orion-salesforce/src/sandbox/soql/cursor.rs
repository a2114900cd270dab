//! A query's result, kept for paging.

use std::sync::Arc;

use serde_json::Value;

use super::More;
use super::aggregate::{Grouping, Out};
use super::plan::{Plan, Rows, Shape};
use super::select::Page;
use crate::sandbox::store::id::RowId;
use crate::sandbox::store::render::push_json;
use crate::sandbox::store::{ApiError, Org};

/// A query's result: the rows it chose and how to render them. Independent of the org's borrow and cheap to keep. A
/// page shows the rows as they are when it is rendered; which rows there are was settled by the query.
#[derive(Debug, Clone)]
pub(crate) struct Cursor {
    plan: Arc<Plan>,
    chosen: Chosen,
}

#[derive(Debug, Clone)]
enum Chosen {
    Rows(Vec<u32>),
    Groups(Vec<Vec<Out>>),
    Count(usize),
}

impl Cursor {
    pub(super) fn of_rows(plan: Arc<Plan>, rows: Vec<u32>) -> Self {
        Self { plan, chosen: Chosen::Rows(rows) }
    }

    pub(super) fn of_groups(plan: Arc<Plan>, groups: Vec<Vec<Out>>) -> Self {
        Self { plan, chosen: Chosen::Groups(groups) }
    }

    pub(super) fn of_count(plan: Arc<Plan>, count: usize) -> Self {
        Self { plan, chosen: Chosen::Count(count) }
    }

    /// What `totalSize` says. For `SELECT COUNT()` it is the count, and there are no rows.
    pub(crate) fn total_size(&self) -> usize {
        match &self.chosen {
            Chosen::Count(count) => *count,
            Chosen::Rows(_) | Chosen::Groups(_) => self.rows(),
        }
    }

    /// How many rows there are to page through: `total_size` except for `COUNT()`, where it is 0.
    pub(crate) fn rows(&self) -> usize {
        match &self.chosen {
            Chosen::Rows(rows) => rows.len(),
            Chosen::Groups(groups) => groups.len(),
            Chosen::Count(_) => 0,
        }
    }

    /// The canonical name of the object queried.
    pub(crate) fn object(&self) -> &'static str {
        &self.plan.object.name
    }

    /// Rows `offset..offset + n` as the text of a JSON array, fields in the order selected.
    pub(crate) fn page_json(
        &self,
        org: &Org,
        version: &str,
        offset: usize,
        n: usize,
        more: More<'_>,
    ) -> String {
        let mut out = String::from("[");
        match (&self.chosen, &self.plan.shape) {
            (Chosen::Rows(rows), Shape::Rows(shape)) => {
                let mut page = Page { org, version, all: self.plan.all, more };
                for &row in rows.iter().skip(offset).take(n) {
                    separate(&mut out);
                    let id = RowId { object: self.plan.object.index, row };
                    shape.node.write(&mut page, id, None, &mut out);
                }
            }
            (Chosen::Groups(groups), Shape::Groups(grouping)) => {
                for group in groups.iter().skip(offset).take(n) {
                    separate(&mut out);
                    grouping.write(org, group, &mut out);
                }
            }
            _ => {}
        }
        out.push(']');
        out
    }

    /// As [`Cursor::page_json`], parsed (member order is lost).
    pub(crate) fn page(
        &self,
        org: &Org,
        version: &str,
        offset: usize,
        n: usize,
        more: More<'_>,
    ) -> Vec<Value> {
        serde_json::from_str(&self.page_json(org, version, offset, n, more)).unwrap_or_default()
    }

    fn shape(&self) -> Option<&Rows> {
        match &self.plan.shape {
            Shape::Rows(rows) => Some(rows),
            Shape::Count | Shape::Groups(_) => None,
        }
    }

    /// The header of a Bulk query's CSV.
    pub(crate) fn columns(&self) -> Vec<String> {
        let columns = self.shape().map_or(&[][..], |shape| &shape.columns);
        columns.iter().map(super::operand::Column::full_name).collect()
    }

    /// Rows `offset..offset + n` as CSV cells, null as the empty string.
    pub(crate) fn csv_rows(&self, org: &Org, offset: usize, n: usize) -> Vec<Vec<String>> {
        let (Chosen::Rows(rows), Some(shape)) = (&self.chosen, self.shape()) else { return Vec::new() };
        let cells = |&row: &u32| {
            let id = RowId { object: self.plan.object.index, row };
            let cell = |column: &super::operand::Column| {
                let Some(id) = column.row(org, id, self.plan.all) else { return String::new() };
                match column.leaf.field(id) {
                    Some(field) => org.csv_value(id, field),
                    None => {
                        org.schema.objects.get(id.object).map_or_else(String::new, |o| o.name.to_string())
                    }
                }
            };
            shape.columns.iter().map(cell).collect()
        };
        rows.iter().skip(offset).take(n).map(cells).collect()
    }

    /// Why a Bulk query must refuse this (aggregate, child subquery, compound field, OFFSET), if it must.
    pub(crate) fn bulk_refusal(&self) -> Option<ApiError> {
        // Codes and texts as Bulk API reports quote them; the one for OFFSET is unverified.
        self.plan.bulk_refusal.map(|message| ApiError::new(400, "FEATURENOTENABLED", message))
    }
}

fn separate(out: &mut String) {
    if out.len() > 1 {
        out.push(',');
    }
}

impl Grouping {
    fn write(&self, org: &Org, group: &[Out], out: &mut String) {
        out.push_str("{\"attributes\":{\"type\":\"AggregateResult\"}");
        for (name, place) in &self.outputs {
            out.push(',');
            push_json(name, out);
            out.push(':');
            match (group.get(*place), self.types.get(*place)) {
                (Some(Out::Text(text)), _) => push_json(text, out),
                (Some(Out::Word(word)), Some(ty)) => org.write_word(*word, ty.kind, ty.scale, out),
                _ => out.push_str("null"),
            }
        }
        out.push('}');
    }
}
