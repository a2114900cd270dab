//! A query bound to the schema: everything looked up once, before rows are scanned.

use std::collections::HashSet;
use std::sync::Arc;

use super::aggregate::Grouping;
use super::ast::{Condition, Expression, FieldSet, Item, Order, Path, Query};
use super::error::{Fault, Result};
use super::filter::{Binder, Bound, Filter, compile};
use super::operand::{Column, Leaf, Operand, Scope};
use super::run;
use super::select::{Node, Slot};
use crate::sandbox::store::Org;
use crate::sandbox::store::schema::{Child, Kind, Object, Schema};

/// The SOQL guide's limits.
const MAX_OFFSET: usize = 2000;
const MAX_FIELDS_LIMIT: usize = 200;

#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) object: &'static Object,
    /// Whether rows in the recycle bin are seen.
    pub(super) all: bool,
    pub(super) filter: Option<Filter<Operand>>,
    pub(super) order: Vec<Key<Operand>>,
    pub(super) limit: Option<usize>,
    pub(super) offset: usize,
    pub(super) shape: Shape,
    /// Why Bulk refuses the query, if it does.
    pub(super) bulk_refusal: Option<&'static str>,
}

#[derive(Debug, Clone)]
pub(super) enum Shape {
    Rows(Rows),
    /// `SELECT COUNT()`
    Count,
    Groups(Grouping),
}

/// What of each row is answered: as a tree for JSON, as a list for CSV.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    pub(super) node: Node,
    pub(super) columns: Vec<Column>,
}

/// One ORDER BY term.
#[derive(Debug, Clone)]
pub(super) struct Key<S> {
    pub(super) source: S,
    pub(super) descending: bool,
    pub(super) nulls_first: bool,
}

impl Order {
    pub(super) fn key<S>(&self, source: S) -> Key<S> {
        // SOQL guide, ORDER BY: nulls come first ascending and last descending unless said otherwise.
        let nulls_first = self.nulls_first.unwrap_or(!self.descending);
        Key { source, descending: self.descending, nulls_first }
    }
}

/// Where a query's names are looked up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) org: &'a Org,
    pub(super) scope: Scope<'a>,
    pub(super) all: bool,
}

impl Binder<Operand> for Context<'_> {
    fn bind(&self, left: &Expression) -> Result<Bound<Operand>> {
        let operand = self.scope.operand(self.org.schema, left)?;
        let at = left.path().at;
        let name = operand.column.name;
        if operand.column.leaf.model().is_some_and(|field| !field.filterable) {
            return Err(Fault::field(at, format!("field '{name}' can not be filtered in a query call")));
        }
        Ok(Bound { ty: operand.ty(), source: operand, name, at })
    }

    fn ids(&self, query: &Query) -> Result<HashSet<i64>> {
        let [Item::Value { expression, .. }] = query.items.as_slice() else {
            return Err(Fault::malformed(query.from.at, "semi join sub-selects can only select one field"));
        };
        let plan = plan(self.org, query, self.all)?;
        let scope = Scope { object: plan.object, alias: query.alias.as_deref() };
        let operand = scope.operand(self.org.schema, expression)?;
        if !matches!(operand.ty().kind, Kind::Id | Kind::Reference) {
            let message = format!(
                "semi join sub-selects can only query id fields, cannot use: '{}'",
                operand.column.name
            );
            return Err(Fault { code: "INVALID_FIELD", ..Fault::malformed(expression.path().at, message) });
        }
        Ok(run::words(self.org, &plan, &operand))
    }

    fn schema(&self) -> &'static Schema {
        self.org.schema
    }
}

/// Plans a whole query, or the inner one of a semi-join.
pub(super) fn plan(org: &Org, query: &Query, all: bool) -> Result<Plan> {
    let name = &query.from;
    let object = org.schema.object(&name.text).ok_or_else(|| Fault::no_object(name.at, &name.text))?;
    plan_over(org, query, object, all || query.all_rows)
}

fn plan_over(org: &Org, query: &Query, object: &'static Object, all: bool) -> Result<Plan> {
    check_limits(query)?;
    let context = Context { org, scope: Scope { object, alias: query.alias.as_deref() }, all };
    let condition = |condition: &Condition| compile(condition, &context);
    let filter = query.filter.as_ref().map(condition).transpose()?;
    let aggregates = |item: &Item| matches!(item, Item::Value { expression: Expression::Aggregate(..), .. });
    let grouped = !query.group.is_empty() || query.items.iter().any(aggregates);
    let (shape, order) = match query.items.as_slice() {
        [Item::CountRows] if query.group.is_empty() => (Shape::Count, Vec::new()),
        _ if grouped => (Shape::Groups(Grouping::plan(&context, query)?), Vec::new()),
        _ => (Shape::Rows(context.rows(query)?), context.order(query)?),
    };
    let bulk_refusal = refusal(query, &shape);
    Ok(Plan {
        object,
        all,
        filter,
        order,
        limit: query.limit,
        offset: query.offset.unwrap_or(0),
        shape,
        bulk_refusal,
    })
}

fn check_limits(query: &Query) -> Result<()> {
    if query.offset.is_some_and(|offset| offset > MAX_OFFSET) {
        return Err(Fault::plain("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000"));
    }
    let unbounded = |item: &Item| matches!(item, Item::Fields { set: FieldSet::All | FieldSet::Custom, .. });
    if query.items.iter().any(unbounded) && query.limit.is_none_or(|limit| limit > MAX_FIELDS_LIMIT) {
        return Err(Fault::plain(
            "MALFORMED_QUERY",
            "The SOQL FIELDS function must have a LIMIT of at most 200",
        ));
    }
    Ok(())
}

/// Bulk API 2.0 guide, "SOQL considerations": what its query jobs do not take.
fn refusal(query: &Query, shape: &Shape) -> Option<&'static str> {
    let nested = |item: &Item| matches!(item, Item::Children(_) | Item::TypeOf { .. });
    match shape {
        Shape::Count | Shape::Groups(_) => Some("Aggregate Relationships not supported in Bulk Query"),
        Shape::Rows(_) if query.items.iter().any(nested) => {
            Some("Aggregate Relationships not supported in Bulk Query")
        }
        Shape::Rows(rows) if rows.columns.iter().any(|column| column.kind() == Kind::Address) => {
            Some("Selecting compound data not supported in Bulk Query")
        }
        Shape::Rows(_) if query.offset.is_some() => Some("OFFSET not supported in Bulk Query"),
        Shape::Rows(_) => None,
    }
}

impl Context<'_> {
    fn order(&self, query: &Query) -> Result<Vec<Key<Operand>>> {
        let key = |order: &Order| {
            let operand = self.scope.operand(self.org.schema, &order.by)?;
            if operand.column.leaf.model().is_some_and(|field| !field.sortable()) {
                let message = format!("field '{}' can not be sorted in a query call", operand.column.name);
                return Err(Fault { code: "MALFORMED_QUERY", ..Fault::field(order.by.path().at, message) });
            }
            Ok(order.key(operand))
        };
        query.order.iter().map(key).collect()
    }

    fn rows(&self, query: &Query) -> Result<Rows> {
        let mut rows = Rows::default();
        for item in &query.items {
            match item {
                Item::Value { expression: Expression::Field(path), alias } => {
                    let column = self.scope.column(self.org.schema, path)?;
                    rows.add(path.at, column, alias.as_deref())?;
                }
                Item::Fields { at, set } => {
                    for column in self.scope.fields(*set) {
                        rows.add(*at, column, None)?;
                    }
                }
                Item::Children(query) => rows.node.slots.push(self.children(query)?),
                Item::TypeOf { parent, cases, otherwise } => {
                    rows.node.slots.push(self.type_of(parent, cases, otherwise)?);
                }
                Item::CountRows => return Err(Fault::malformed(query.from.at, "unexpected token: 'COUNT'")),
                Item::Value { expression, .. } => {
                    let path = expression.path();
                    // Object-level wording of the guide: date functions are for grouping and filtering.
                    return Err(Fault::malformed(
                        path.at,
                        format!("Field must be grouped or aggregated: {}", path.parts.join(".")),
                    ));
                }
            }
        }
        Ok(rows)
    }

    fn children(&self, query: &Query) -> Result<Slot> {
        let name = &query.from;
        let child =
            self.scope.object.child(&name.text).ok_or_else(|| Fault::no_child(name.at, &name.text))?;
        let object = self.org.schema.objects.get(child.object);
        let object = object.ok_or_else(|| Fault::no_child(name.at, &name.text))?;
        let plan = plan_over(self.org, query, object, self.all)?;
        if !matches!(plan.shape, Shape::Rows(_)) {
            return Err(Fault::malformed(name.at, "aggregate functions are not supported in a child query"));
        }
        Ok(Slot::Children { name: child_name(child), field: child.field, plan: Arc::new(plan) })
    }

    fn type_of(
        &self,
        parent: &super::ast::Name,
        cases: &[(super::ast::Name, Vec<Path>)],
        otherwise: &[Path],
    ) -> Result<Slot> {
        let reference = self.scope.object.relationship(&parent.text);
        let reference = reference.ok_or_else(|| Fault::no_parent(parent.at, &parent.text))?;
        let node = |object: &'static Object, paths: &[Path]| {
            let scope = Scope { object, alias: None };
            let mut rows = Rows::default();
            for path in paths {
                rows.add(path.at, scope.column(self.org.schema, path)?, None)?;
            }
            Ok::<Node, Fault>(rows.node)
        };
        let mut nodes = Vec::new();
        for (name, paths) in cases {
            let object =
                self.org.schema.object(&name.text).ok_or_else(|| Fault::no_object(name.at, &name.text))?;
            nodes.push((object.index, node(object, paths)?));
        }
        let mut rest = Rows::default();
        for path in otherwise {
            let full = Path { at: path.at, parts: [&[parent.text.clone()][..], &path.parts].concat() };
            let column = self.scope.column(self.org.schema, &full)?;
            rest.add(path.at, Column { hops: Vec::new(), ..column }, None)?;
        }
        Ok(Slot::TypeOf { reference, cases: nodes, otherwise: rest.node })
    }
}

fn child_name(child: &'static Child) -> &'static str {
    child.name.as_deref().unwrap_or_default()
}

impl Scope<'_> {
    fn fields(&self, set: FieldSet) -> impl Iterator<Item = Column> {
        let wanted = move |custom: bool| match set {
            FieldSet::All => true,
            FieldSet::Standard => !custom,
            FieldSet::Custom => custom,
        };
        let fields = self.object.fields.iter().filter(move |field| wanted(field.custom()));
        fields.map(|field| Column { hops: Vec::new(), leaf: Leaf::Field(field), name: &field.name })
    }
}

impl Rows {
    fn add(&mut self, at: usize, column: Column, alias: Option<&str>) -> Result<()> {
        if !self.node.add(&column.hops, column.leaf.clone(), alias.unwrap_or(column.name)) {
            return Err(Fault::malformed(at, format!("duplicate field selected: {}", column.full_name())));
        }
        self.columns.push(column);
        Ok(())
    }
}
