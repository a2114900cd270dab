//! Names resolved against the schema: what a condition, an order or a select reads from a row.

use super::ast::{DatePart, Expression, Path};
use super::error::{Fault, Result};
use crate::sandbox::store::Org;
use crate::sandbox::store::id::RowId;
use crate::sandbox::store::moment::{date_of, day_at};
use crate::sandbox::store::schema::{Field, Kind, Object, Schema};
use crate::sandbox::store::table::State;

/// A value as rows hold it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Val<'a> {
    Null,
    Word(i64),
    Text(&'a str),
}

/// How a value is to be read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Type {
    pub(super) kind: Kind,
    pub(super) scale: u32,
}

/// What a query is over.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) object: &'static Object,
    pub(super) alias: Option<&'a str>,
}

/// The last step of a path.
#[derive(Debug, Clone)]
pub(super) enum Leaf {
    Field(&'static Field),
    /// `Type` of a parent that may be of several objects: its object's name.
    Type,
    /// A field of such a parent: each object's own field of that name.
    Any(Vec<Option<&'static Field>>),
}

/// A path from the queried row: reference fields to follow, then a field.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) hops: Vec<&'static Field>,
    pub(super) leaf: Leaf,
    pub(super) name: &'static str,
}

/// A column, or a date function of one.
#[derive(Debug, Clone)]
pub(super) struct Operand {
    pub(super) part: Option<DatePart>,
    pub(super) column: Column,
}

impl Scope<'_> {
    /// The parts of a path without the queried object's own name or alias in front.
    fn own<'p>(&self, path: &'p Path) -> &'p [String] {
        let parts = path.parts.as_slice();
        let Some((first, rest)) = parts.split_first().filter(|(_, rest)| !rest.is_empty()) else {
            return parts;
        };
        let alias = self.alias.is_some_and(|alias| alias.eq_ignore_ascii_case(first));
        let object =
            first.eq_ignore_ascii_case(&self.object.name) && self.object.relationship(first).is_none();
        if alias || object { rest } else { parts }
    }

    pub(super) fn column(&self, schema: &'static Schema, path: &Path) -> Result<Column> {
        let parts = self.own(path);
        let Some((last, parents)) = parts.split_last() else {
            return Err(Fault::malformed(path.at, "unexpected token: '<EOF>'"));
        };
        let mut hops: Vec<&'static Field> = Vec::new();
        let mut targets = vec![self.object];
        for name in parents {
            let field = match targets.as_slice() {
                [object] => object.relationship(name),
                _ => None,
            };
            let field = field.ok_or_else(|| Fault::no_parent(path.at, name))?;
            targets = targets_of(schema, field);
            hops.push(field);
        }
        let several = hops.last().is_some_and(|field| polymorphic(field));
        let (leaf, name) = leaf(schema, &targets, last, several).ok_or_else(|| {
            let entity = if several { "Name" } else { targets.first().map_or("", |object| &object.name) };
            Fault::no_column(path.at, last, entity)
        })?;
        Ok(Column { hops, leaf, name })
    }

    pub(super) fn operand(&self, schema: &'static Schema, expression: &Expression) -> Result<Operand> {
        let path = expression.path();
        let column = self.column(schema, path)?;
        let part = match expression {
            Expression::Field(_) => None,
            Expression::Date(part, _) => Some(*part),
            Expression::Aggregate(..) => {
                return Err(Fault::malformed(
                    path.at,
                    "aggregate functions are only allowed in a SELECT list or HAVING",
                ));
            }
        };
        let kind = column.kind();
        let dated = kind == Kind::DateTime || (kind == Kind::Date && part != Some(DatePart::HourInDay));
        if part.is_some() && !dated {
            return Err(Fault::malformed(
                path.at,
                format!("field {} does not support date functions", column.name),
            ));
        }
        Ok(Operand { part, column })
    }
}

/// Whether a reference may point at rows of several objects. Salesforce shows such parents as `Name`.
pub(super) fn polymorphic(field: &Field) -> bool {
    field.reference.as_ref().is_some_and(|reference| reference.to.len() > 1)
}

fn targets_of(schema: &'static Schema, field: &Field) -> Vec<&'static Object> {
    let names = field.reference.iter().flat_map(|reference| &reference.to);
    names.filter_map(|name| schema.object(name)).collect()
}

fn leaf(
    schema: &'static Schema,
    targets: &[&'static Object],
    name: &str,
    several: bool,
) -> Option<(Leaf, &'static str)> {
    if several && name.eq_ignore_ascii_case("Type") {
        return Some((Leaf::Type, "Type"));
    }
    if let [object] = targets {
        return object.field(name).map(|field| (Leaf::Field(field), &*field.name));
    }
    let mut fields = vec![None; schema.objects.len()];
    for object in targets {
        if let Some(slot) = fields.get_mut(object.index) {
            *slot = object.field(name);
        }
    }
    let name = fields.iter().flatten().next().map(|field| &*field.name)?;
    Some((Leaf::Any(fields), name))
}

impl Leaf {
    /// The field it is for a row, `Type` aside.
    pub(super) fn field(&self, id: RowId) -> Option<&'static Field> {
        match self {
            Self::Field(field) => Some(field),
            Self::Type => None,
            Self::Any(fields) => fields.get(id.object).copied().flatten(),
        }
    }

    /// The field its type is known by.
    pub(super) fn model(&self) -> Option<&'static Field> {
        match self {
            Self::Field(field) => Some(field),
            Self::Type => None,
            Self::Any(fields) => fields.iter().flatten().next().copied(),
        }
    }

    fn read<'a>(&self, org: &'a Org, id: RowId) -> Val<'a> {
        let Some(field) = self.field(id) else {
            let object = org.schema.objects.get(id.object);
            return match self {
                Self::Type => object.map_or(Val::Null, |object| Val::Text(&object.name)),
                Self::Field(_) | Self::Any(_) => Val::Null,
            };
        };
        if field.kind == Kind::Id {
            return Val::Word(id.pack());
        }
        match field.kind.is_text() {
            true => org.text(id, field.index).map_or(Val::Null, Val::Text),
            false => org.word(id, field.index).map_or(Val::Null, Val::Word),
        }
    }
}

/// Whether queries see a row.
pub(super) fn visible(org: &Org, id: RowId, all: bool) -> bool {
    match org.state(id) {
        State::Live => true,
        State::Deleted => all,
        State::Purged => false,
    }
}

/// The row a reference field points at, if queries see it.
pub(super) fn follow(org: &Org, id: RowId, field: &Field, all: bool) -> Option<RowId> {
    let parent = RowId::unpack(org.word(id, field.index)?);
    visible(org, parent, all).then_some(parent)
}

impl Column {
    pub(super) fn kind(&self) -> Kind {
        self.leaf.model().map_or(Kind::String, |field| field.kind)
    }

    pub(super) fn row(&self, org: &Org, id: RowId, all: bool) -> Option<RowId> {
        self.hops.iter().try_fold(id, |id, field| follow(org, id, field, all))
    }

    /// As selected, in canonical spelling: `Account.Owner.Name`.
    pub(super) fn full_name(&self) -> String {
        let parents = self.hops.iter().filter_map(|field| field.reference.as_ref());
        let mut name: String = parents.flat_map(|reference| [&*reference.relationship, "."]).collect();
        name.push_str(self.name);
        name
    }
}

impl Operand {
    pub(super) fn ty(&self) -> Type {
        let scale = self.column.leaf.model().map_or(0, |field| field.scale);
        match self.part {
            None => Type { kind: self.column.kind(), scale },
            Some(DatePart::DayOnly) => Type { kind: Kind::Date, scale: 0 },
            Some(_) => Type { kind: Kind::Int, scale: 0 },
        }
    }

    pub(super) fn read<'a>(&self, org: &'a Org, id: RowId, all: bool) -> Val<'a> {
        let row = if self.column.hops.is_empty() { Some(id) } else { self.column.row(org, id, all) };
        let value = row.map_or(Val::Null, |row| self.column.leaf.read(org, row));
        match (self.part, value) {
            (Some(part), Val::Word(word)) => Val::Word(part.of(word, self.column.kind() == Kind::DateTime)),
            _ => value,
        }
    }
}

impl DatePart {
    fn of(self, word: i64, timed: bool) -> i64 {
        use chrono::Datelike;
        let day = if timed { day_at(word) } else { word };
        let date = date_of(day);
        match self {
            Self::Year => date.year().into(),
            Self::Quarter => (date.month0() / 3 + 1).into(),
            Self::Month => date.month().into(),
            Self::DayInMonth => date.day().into(),
            Self::DayInWeek => (date.weekday().num_days_from_sunday() + 1).into(),
            Self::DayInYear => date.ordinal().into(),
            Self::DayOnly => day,
            Self::HourInDay => word.rem_euclid(86_400) / 3600,
            // The guide: the first week runs from the first day of the month or year to the seventh.
            Self::WeekInMonth => (date.day0() / 7 + 1).into(),
            Self::WeekInYear => (date.ordinal0() / 7 + 1).into(),
        }
    }
}
