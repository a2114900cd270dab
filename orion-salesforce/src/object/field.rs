//! A field: its name, and how it gets into a model and out again.

use chrono::NaiveDate;
use orion_core::{Currency, Decimal, Money, UnifiedLineItem};
use rust_decimal::prelude::ToPrimitive;

use crate::{
    value::{Mismatch, Value},
    wire::FieldSink,
};

/// One field of an object and its place in model `M`.
pub(crate) struct Field<M> {
    pub(crate) name: &'static str,
    place: Place<M>,
}

/// Getter and setter, by the type the field has on the wire. A getter's `None` leaves the field out of a write.
enum Place<M> {
    Text(fn(&M) -> Option<&str>, fn(&mut M, String)),
    Decimal(fn(&M) -> Option<Decimal>, fn(&mut M, Decimal)),
    Count(fn(&M) -> Option<u32>, fn(&mut M, u32)),
    Money(fn(&M) -> Option<Money>, fn(&mut M, Money)),
    Bool(fn(&M) -> Option<bool>, fn(&mut M, bool)),
    Date(fn(&M) -> Option<NaiveDate>, fn(&mut M, NaiveDate)),
}

impl<M> Clone for Field<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Field<M> {}

impl<M> Clone for Place<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for Place<M> {}

impl<M> Field<M> {
    pub(crate) const fn text(
        name: &'static str,
        get: fn(&M) -> Option<&str>,
        set: fn(&mut M, String),
    ) -> Self {
        Self { name, place: Place::Text(get, set) }
    }

    pub(crate) const fn decimal(
        name: &'static str,
        get: fn(&M) -> Option<Decimal>,
        set: fn(&mut M, Decimal),
    ) -> Self {
        Self { name, place: Place::Decimal(get, set) }
    }

    pub(crate) const fn count(name: &'static str, get: fn(&M) -> Option<u32>, set: fn(&mut M, u32)) -> Self {
        Self { name, place: Place::Count(get, set) }
    }

    pub(crate) const fn money(
        name: &'static str,
        get: fn(&M) -> Option<Money>,
        set: fn(&mut M, Money),
    ) -> Self {
        Self { name, place: Place::Money(get, set) }
    }

    pub(crate) const fn bool(name: &'static str, get: fn(&M) -> Option<bool>, set: fn(&mut M, bool)) -> Self {
        Self { name, place: Place::Bool(get, set) }
    }

    pub(crate) const fn date(
        name: &'static str,
        get: fn(&M) -> Option<NaiveDate>,
        set: fn(&mut M, NaiveDate),
    ) -> Self {
        Self { name, place: Place::Date(get, set) }
    }

    /// Puts a value that is not null into the model. Returns whether the model has room for it: what is no count is a number to Salesforce.
    pub(crate) fn read(&self, model: &mut M, value: Value<'_>, currency: Currency) -> Result<bool, Mismatch> {
        match self.place {
            Place::Text(_, set) => set(model, value.text()?.into_owned()),
            Place::Decimal(_, set) => set(model, value.decimal()?),
            Place::Count(_, set) => {
                let number = value.decimal()?;
                let Some(count) = number.to_u32().filter(|count| number == (*count).into()) else {
                    return Ok(false);
                };
                set(model, count);
            }
            Place::Money(_, set) => set(model, Money::new(value.decimal()?, currency)),
            Place::Bool(_, set) => set(model, value.bool()?),
            Place::Date(_, set) => set(model, value.date()?),
        }
        Ok(true)
    }

    /// The model's value, if the field is an amount of money.
    pub(crate) fn amount(&self, model: &M) -> Option<Money> {
        match self.place {
            Place::Money(get, _) => get(model),
            Place::Text(..) | Place::Decimal(..) | Place::Count(..) | Place::Bool(..) | Place::Date(..) => {
                None
            }
        }
    }

    /// Hands the model's value to `sink`, if it has one.
    pub(crate) fn write(&self, model: &M, sink: &mut dyn FieldSink) {
        match self.place {
            Place::Text(get, _) => get(model).into_iter().for_each(|value| sink.text(self.name, value)),
            Place::Decimal(get, _) => get(model).into_iter().for_each(|value| sink.decimal(self.name, value)),
            Place::Count(get, _) => {
                get(model).into_iter().for_each(|value| sink.decimal(self.name, value.into()))
            }
            Place::Money(get, _) => {
                get(model).into_iter().for_each(|value| sink.decimal(self.name, value.amount))
            }
            Place::Bool(get, _) => get(model).into_iter().for_each(|value| sink.bool(self.name, value)),
            Place::Date(get, _) => get(model).into_iter().for_each(|value| sink.date(self.name, value)),
        }
    }
}

/// A field whose place is a field of the model: `text!("Name", display_name)`.
macro_rules! text {
    ($name:literal, $($place:ident).+) => {
        Field::text($name, |m| m.$($place).+.as_deref(), |m, value| m.$($place).+ = Some(value))
    };
}

/// A field whose place is a field of the model that is `Copy`: `copied!(money "Amount", total)`.
macro_rules! copied {
    ($kind:ident $name:literal, $($place:ident).+) => {
        Field::$kind($name, |m| m.$($place).+, |m, value| m.$($place).+ = Some(value))
    };
}

/// A lookup field: `lookup!("OwnerId", owner)`.
macro_rules! lookup {
    ($name:literal, $($place:ident).+) => {
        Field::text(
            $name,
            |m| m.$($place).+.as_ref().map(|to| to.id.as_str()),
            |m, id| m.$($place).+ = Some(orion_core::Ref::new(id)),
        )
    };
}

pub(crate) use {copied, lookup, text};

/// A child relationship whose rows are lines of the model.
pub(crate) struct Children<M> {
    /// Name of the relationship, as in a subquery's FROM.
    pub(crate) relationship: &'static str,
    /// The child object.
    pub(crate) object: &'static str,
    /// The child's field that points to its parent.
    pub(crate) parent: &'static str,
    pub(crate) fields: &'static [Field<UnifiedLineItem>],
    pub(crate) lines: fn(&M) -> &Vec<UnifiedLineItem>,
    pub(crate) lines_mut: fn(&mut M) -> &mut Vec<UnifiedLineItem>,
}
