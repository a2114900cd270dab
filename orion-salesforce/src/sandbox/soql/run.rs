//! Plans over rows: scan, sort, cut.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::operand::{Operand, Val, visible};
use super::plan::{Key, Plan};
use super::verdict::order_text;
use crate::sandbox::store::Org;
use crate::sandbox::store::id::RowId;
use crate::sandbox::store::schema::FieldIndex;

/// The rows a plan chooses, in its order, cut to its limit.
pub(super) fn rows(org: &Org, plan: &Plan) -> Vec<u32> {
    let mut rows = matching(org, plan);
    arrange(org, plan, &mut rows);
    rows
}

/// The rows a plan's filter lets through, in row order.
pub(super) fn matching(org: &Org, plan: &Plan) -> Vec<u32> {
    let count = org.table(plan.object.index).map_or(0, |table| table.len());
    (0..count).filter(|&row| passes(org, plan, row)).collect()
}

/// The rows among those that refer to `parent` which a child plan chooses.
pub(super) fn children(org: &Org, plan: &Plan, field: FieldIndex, parent: RowId) -> Vec<u32> {
    let Some(table) = org.table(plan.object.index) else { return Vec::new() };
    let mut rows: Vec<u32> =
        table.pointing_at(field, parent.pack()).filter(|&row| passes(org, plan, row)).collect();
    arrange(org, plan, &mut rows);
    rows
}

/// The distinct words an operand has over a plan's rows, nulls aside.
pub(super) fn words(org: &Org, plan: &Plan, operand: &Operand) -> HashSet<i64> {
    let word = |row| match operand.read(org, RowId { object: plan.object.index, row }, plan.all) {
        Val::Word(word) => Some(word),
        Val::Null | Val::Text(_) => None,
    };
    rows(org, plan).into_iter().filter_map(word).collect()
}

fn passes(org: &Org, plan: &Plan, row: u32) -> bool {
    let id = RowId { object: plan.object.index, row };
    let read = |operand: &Operand| operand.read(org, id, plan.all);
    visible(org, id, plan.all) && plan.filter.as_ref().is_none_or(|filter| filter.holds(&read))
}

fn arrange(org: &Org, plan: &Plan, rows: &mut Vec<u32>) {
    if !plan.order.is_empty() {
        let read = |key: &Key<Operand>, row: u32| {
            key.source.read(org, RowId { object: plan.object.index, row }, plan.all)
        };
        rows.sort_by(|&a, &b| compare(&plan.order, |key| (read(key, a), read(key, b))));
    }
    cut(rows, plan);
}

/// Applies OFFSET and LIMIT.
pub(super) fn cut<T>(rows: &mut Vec<T>, plan: &Plan) {
    rows.drain(..plan.offset.min(rows.len()));
    if let Some(limit) = plan.limit {
        rows.truncate(limit);
    }
}

/// The order of two rows by keys, given each key's two values.
pub(super) fn compare<'a, S: 'a>(
    keys: &'a [Key<S>],
    values: impl Fn(&'a Key<S>) -> (Val<'a>, Val<'a>),
) -> Ordering {
    let one = |key: &'a Key<S>| {
        let (a, b) = values(key);
        let order = match (a, b) {
            (Val::Null, Val::Null) => return Ordering::Equal,
            (Val::Null, _) => return if key.nulls_first { Ordering::Less } else { Ordering::Greater },
            (_, Val::Null) => return if key.nulls_first { Ordering::Greater } else { Ordering::Less },
            (Val::Word(a), Val::Word(b)) => a.cmp(&b),
            (Val::Text(a), Val::Text(b)) => order_text(a, b),
            (Val::Word(_), Val::Text(_)) => Ordering::Less,
            (Val::Text(_), Val::Word(_)) => Ordering::Greater,
        };
        if key.descending { order.reverse() } else { order }
    };
    keys.iter().map(one).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}
