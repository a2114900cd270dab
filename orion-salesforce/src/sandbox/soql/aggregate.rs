//! GROUP BY and the aggregate functions.

use std::collections::{HashMap, HashSet};

use super::ast::{Aggregate, Expression, Item, Order, Query};
use super::error::{Fault, Result};
use super::filter::{Binder, Bound, Filter, compile};
use super::operand::{Operand, Type, Val};
use super::plan::{Context, Key, Plan};
use super::run;
use super::verdict::order_text;
use crate::sandbox::store::Org;
use crate::sandbox::store::id::RowId;
use crate::sandbox::store::schema::{Kind, Schema};

/// How a grouped query computes its rows. Every value of a group has a place: keys first, then aggregates.
#[derive(Debug, Clone)]
pub(super) struct Grouping {
    keys: Vec<Operand>,
    aggregates: Vec<(Aggregate, Operand)>,
    having: Option<Filter<usize>>,
    order: Vec<Key<usize>>,
    /// What is answered: name and place.
    pub(super) outputs: Vec<(String, usize)>,
    /// The type of each place.
    pub(super) types: Vec<Type>,
}

/// One value of a group.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Out {
    Null,
    Word(i64),
    Text(String),
}

impl Out {
    fn of(value: Val<'_>) -> Self {
        match value {
            Val::Null => Self::Null,
            Val::Word(word) => Self::Word(word),
            Val::Text(text) => Self::Text(text.to_owned()),
        }
    }

    fn val(&self) -> Val<'_> {
        match self {
            Self::Null => Val::Null,
            Self::Word(word) => Val::Word(*word),
            Self::Text(text) => Val::Text(text),
        }
    }
}

/// Collects places while names are bound: an expression seen twice has one place.
struct Places<'a> {
    context: &'a Context<'a>,
    keys: Vec<Operand>,
    aggregates: std::cell::RefCell<Vec<(Expression, Aggregate, Operand)>>,
}

impl Places<'_> {
    fn place(&self, expression: &Expression) -> Result<usize> {
        if let Expression::Aggregate(aggregate, path) = expression {
            let operand = self.argument(*aggregate, &Expression::Field(path.clone()))?;
            let mut known = self.aggregates.borrow_mut();
            let same = |(_, a, o): &(Expression, Aggregate, Operand)| {
                *a == *aggregate && o.column.full_name() == operand.column.full_name()
            };
            if let Some(at) = known.iter().position(same) {
                return Ok(self.keys.len() + at);
            }
            known.push((expression.clone(), *aggregate, operand));
            return Ok(self.keys.len() + known.len() - 1);
        }
        let operand = self.context.scope.operand(self.context.org.schema, expression)?;
        let same =
            |key: &Operand| key.part == operand.part && key.column.full_name() == operand.column.full_name();
        self.keys.iter().position(same).ok_or_else(|| {
            let path = expression.path();
            Fault::malformed(
                path.at,
                format!("Field must be grouped or aggregated: {}", path.parts.join(".")),
            )
        })
    }

    fn argument(&self, aggregate: Aggregate, expression: &Expression) -> Result<Operand> {
        let operand = self.context.scope.operand(self.context.org.schema, expression)?;
        let kind = operand.ty().kind;
        let fits = match aggregate {
            Aggregate::Count | Aggregate::CountDistinct => kind != Kind::Address,
            Aggregate::Sum | Aggregate::Avg => kind.is_number(),
            Aggregate::Min | Aggregate::Max => {
                operand.column.leaf.model().is_none_or(|field| field.aggregatable())
            }
        };
        if fits {
            return Ok(operand);
        }
        let message =
            format!("field {} does not support aggregate operator {}", operand.column.name, aggregate.name());
        Err(Fault::malformed(expression.path().at, message))
    }

    fn ty(&self, place: usize) -> Type {
        if let Some(key) = self.keys.get(place) {
            return key.ty();
        }
        let known = self.aggregates.borrow();
        let spec = known.get(place - self.keys.len());
        spec.map_or(Type { kind: Kind::Int, scale: 0 }, |(_, aggregate, operand)| aggregate.ty(operand.ty()))
    }
}

impl Binder<usize> for Places<'_> {
    fn bind(&self, left: &Expression) -> Result<Bound<usize>> {
        let place = self.place(left)?;
        let column = self.context.scope.column(self.context.org.schema, left.path())?;
        Ok(Bound { source: place, ty: self.ty(place), name: column.name, at: left.path().at })
    }

    fn ids(&self, query: &Query) -> Result<HashSet<i64>> {
        self.context.ids(query)
    }

    fn schema(&self) -> &'static Schema {
        self.context.org.schema
    }
}

impl Grouping {
    pub(super) fn plan(context: &Context<'_>, query: &Query) -> Result<Self> {
        let keys = query
            .group
            .iter()
            .map(|expression| group_key(context, expression))
            .collect::<Result<Vec<_>>>()?;
        let places = Places { context, keys, aggregates: Vec::new().into() };
        let mut outputs = Vec::new();
        let mut unnamed = 0..;
        for item in &query.items {
            let Item::Value { expression, alias } = item else {
                return Err(Fault::malformed(
                    query.from.at,
                    "Grouped query cannot use child relationships or FIELDS()",
                ));
            };
            let place = places.place(expression)?;
            let name = match (alias, expression) {
                (Some(alias), _) => alias.clone(),
                (None, Expression::Field(path)) => {
                    context.scope.column(context.org.schema, path)?.name.to_owned()
                }
                (None, _) => format!("expr{}", unnamed.next().unwrap_or(0)),
            };
            outputs.push((name, place));
        }
        let having = query.having.as_ref().map(|having| compile(having, &places)).transpose()?;
        let key = |order: &Order| places.place(&order.by).map(|place| order.key(place));
        let order = query.order.iter().map(key).collect::<Result<Vec<_>>>()?;
        let count = places.keys.len() + places.aggregates.borrow().len();
        let types = (0..count).map(|place| places.ty(place)).collect();
        let aggregates =
            places.aggregates.into_inner().into_iter().map(|(_, aggregate, operand)| (aggregate, operand));
        Ok(Self { keys: places.keys, aggregates: aggregates.collect(), having, order, outputs, types })
    }

    /// The groups' values, by place.
    pub(super) fn run(&self, org: &Org, plan: &Plan) -> Vec<Vec<Out>> {
        let mut places: HashMap<Vec<Out>, usize> = HashMap::new();
        let mut groups: Vec<(Vec<Out>, Vec<Sum>)> = Vec::new();
        let fresh = || self.aggregates.iter().map(|_| Sum::default()).collect::<Vec<_>>();
        for row in run::matching(org, plan) {
            let id = RowId { object: plan.object.index, row };
            let key: Vec<Out> = self.keys.iter().map(|key| Out::of(key.read(org, id, plan.all))).collect();
            let at = *places.entry(key.iter().map(folded).collect()).or_insert_with(|| {
                groups.push((key, fresh()));
                groups.len() - 1
            });
            let Some((_, sums)) = groups.get_mut(at) else { continue };
            for ((aggregate, operand), sum) in self.aggregates.iter().zip(sums) {
                sum.add(*aggregate, operand.read(org, id, plan.all));
            }
        }
        if groups.is_empty() && self.keys.is_empty() {
            groups.push((Vec::new(), fresh()));
        }
        let mut rows: Vec<Vec<Out>> = groups.into_iter().map(|(key, sums)| self.finish(key, &sums)).collect();
        if let Some(having) = &self.having {
            rows.retain(|row| having.holds(&|place: &usize| value_at(row, *place)));
        }
        self.arrange(&mut rows);
        run::cut(&mut rows, plan);
        rows
    }

    fn finish(&self, mut key: Vec<Out>, sums: &[Sum]) -> Vec<Out> {
        key.extend(self.aggregates.iter().zip(sums).map(|((aggregate, operand), sum)| {
            sum.finish(*aggregate, operand.ty(), aggregate.ty(operand.ty()))
        }));
        key
    }

    /// Without ORDER BY the vendor promises no order; by key is what a reader can predict.
    fn arrange(&self, rows: &mut [Vec<Out>]) {
        let natural: Vec<Key<usize>> =
            (0..self.keys.len()).map(|source| Key { source, descending: false, nulls_first: true }).collect();
        let keys = if self.order.is_empty() { &natural } else { &self.order };
        rows.sort_by(|a, b| run::compare(keys, |key| (value_at(a, key.source), value_at(b, key.source))));
    }
}

fn value_at(row: &[Out], place: usize) -> Val<'_> {
    row.get(place).map_or(Val::Null, Out::val)
}

fn group_key(context: &Context<'_>, expression: &Expression) -> Result<Operand> {
    let operand = context.scope.operand(context.org.schema, expression)?;
    let groupable =
        operand.part.is_some() || operand.column.leaf.model().is_none_or(|field| field.groupable());
    if groupable {
        return Ok(operand);
    }
    let message = format!("field '{}' can not be grouped in a query call", operand.column.name);
    Err(Fault::field(expression.path().at, message))
}

/// Groups are told apart without regard to case.
fn folded(out: &Out) -> Out {
    match out {
        Out::Text(text) => Out::Text(text.to_lowercase()),
        other => other.clone(),
    }
}

impl Aggregate {
    fn name(self) -> &'static str {
        match self {
            Self::Count => "COUNT",
            Self::CountDistinct => "COUNT_DISTINCT",
            Self::Sum => "SUM",
            Self::Avg => "AVG",
            Self::Min => "MIN",
            Self::Max => "MAX",
        }
    }

    fn ty(self, of: Type) -> Type {
        match self {
            Self::Count | Self::CountDistinct => Type { kind: Kind::Int, scale: 0 },
            Self::Sum => Type { kind: Kind::Double, scale: of.scale },
            Self::Avg => Type { kind: Kind::Double, scale: (of.scale + AVERAGE_DIGITS).min(15) },
            Self::Min | Self::Max => of,
        }
    }
}

/// Decimals an average has beyond its field's.
const AVERAGE_DIGITS: u32 = 6;

/// What is known of a group's values so far.
#[derive(Debug, Default)]
struct Sum {
    count: i64,
    total: i128,
    least: Option<Out>,
    most: Option<Out>,
    seen: HashSet<Out>,
}

impl Sum {
    fn add(&mut self, aggregate: Aggregate, value: Val<'_>) {
        if value == Val::Null {
            return;
        }
        self.count += 1;
        match (aggregate, value) {
            (Aggregate::CountDistinct, value) => drop(self.seen.insert(folded(&Out::of(value)))),
            (Aggregate::Sum | Aggregate::Avg, Val::Word(word)) => self.total += i128::from(word),
            (Aggregate::Min, value) => keep(&mut self.least, value, true),
            (Aggregate::Max, value) => keep(&mut self.most, value, false),
            _ => {}
        }
    }

    fn finish(&self, aggregate: Aggregate, from: Type, to: Type) -> Out {
        match aggregate {
            Aggregate::Count => Out::Word(self.count),
            Aggregate::CountDistinct => Out::Word(i64::try_from(self.seen.len()).unwrap_or(i64::MAX)),
            Aggregate::Min => self.least.clone().unwrap_or(Out::Null),
            Aggregate::Max => self.most.clone().unwrap_or(Out::Null),
            _ if self.count == 0 => Out::Null,
            Aggregate::Sum => Out::Word(i64::try_from(self.total).unwrap_or(i64::MAX)),
            Aggregate::Avg => {
                let scaled = self.total * 10_i128.pow(to.scale.saturating_sub(from.scale));
                Out::Word(i64::try_from(scaled / i128::from(self.count)).unwrap_or(i64::MAX))
            }
        }
    }
}

fn keep(best: &mut Option<Out>, value: Val<'_>, least: bool) {
    let order = match (best.as_ref().map(Out::val), value) {
        (Some(Val::Word(best)), Val::Word(word)) => word.cmp(&best),
        (Some(Val::Text(best)), Val::Text(text)) => order_text(text, best),
        (None, _) => return *best = Some(Out::of(value)),
        _ => return,
    };
    if if least { order.is_lt() } else { order.is_gt() } {
        *best = Some(Out::of(value));
    }
}
