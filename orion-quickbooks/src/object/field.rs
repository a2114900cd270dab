//! A field: where it stands in the vendor's object, and how it gets into a model and out again.

use std::{borrow::Cow, cell::RefCell, collections::HashMap};

use chrono::NaiveDate;
use orion_core::{Currency, Decimal, Money, Ref};
use serde_json::{Map, Value, value::RawValue};

use crate::{
    value::{Mismatch, Out, as_bool, as_date, as_decimal, as_json, as_text},
    wire::Members,
};

/// One field of an object and its place in model `M`. The path leads through nested objects: `BillAddr.City`.
pub(crate) struct Field<M: 'static> {
    pub(crate) path: &'static str,
    place: Place<M>,
    flow: Flow,
}

/// Which way a field goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Both,
    /// QuickBooks makes it; it is not written.
    Derived,
    /// Written where nothing else says it; what is read stays with the extra fields.
    Implied,
}

/// What is read and written beside the record.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    /// The vendor's object.
    pub(crate) object: &'a str,
    /// The currency of the record's amounts.
    pub(crate) currency: Currency,
    /// Whether ids of lines and what QuickBooks makes itself are written too, as they were read.
    pub(crate) whole: bool,
    /// Whether the extra fields of parts are this object's, and so written.
    pub(crate) extra: bool,
    /// Notes the fields with an amount that are written, and its currency.
    pub(crate) amounts: Option<&'a RefCell<Vec<(&'static str, Currency)>>>,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(object: &'a str, currency: Currency) -> Self {
        Self { object, currency, whole: false, extra: false, amounts: None }
    }
}

/// What of a list has no place in the model.
pub(crate) type Left = Option<Value>;

/// Getter and setter, by the type the field has on the wire. A getter's `None` leaves the field out of a write; a setter that returns `false`
/// has no place for the value, which then stays with the extra fields.
enum Place<M: 'static> {
    Text(fn(&M) -> Option<&str>, fn(&mut M, String)),
    TryText(fn(&M) -> Option<Cow<'_, str>>, fn(&mut M, &str) -> bool),
    Decimal(fn(&M) -> Option<Decimal>, fn(&mut M, Decimal)),
    Money(fn(&M) -> Option<Money>, fn(&mut M, Money)),
    Bool(fn(&M) -> Option<bool>, fn(&mut M, bool)),
    Date(fn(&M) -> Option<NaiveDate>, fn(&mut M, NaiveDate)),
    Ref(fn(&M) -> Option<&Ref>, fn(&mut M, Ref)),
    List(ReadList<M>, WriteList<M>),
}

type ReadList<M> = fn(&mut M, &[&RawValue], Scope<'_>) -> Result<Left, Mismatch>;
type WriteList<M> = fn(&M, Option<&Out>, Scope<'_>) -> Option<Vec<Out>>;

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

/// Makes the constructors, one per type.
macro_rules! constructors {
    ($($(#[doc = $doc:literal])+ $name:ident $place:ident ($get:ty, $set:ty);)+) => {
        impl<M> Field<M> {
            $($(#[doc = $doc])+
            pub(crate) const fn $name(path: &'static str, get: $get, set: $set) -> Self {
                Self { path, place: Place::$place(get, set), flow: Flow::Both }
            })+
        }
    };
}

constructors! {
    /// Text.
    text Text (fn(&M) -> Option<&str>, fn(&mut M, String));
    /// Text of which not every value has a place.
    try_text TryText (fn(&M) -> Option<Cow<'_, str>>, fn(&mut M, &str) -> bool);
    /// A number.
    decimal Decimal (fn(&M) -> Option<Decimal>, fn(&mut M, Decimal));
    /// An amount in the record's currency.
    money Money (fn(&M) -> Option<Money>, fn(&mut M, Money));
    /// True or false.
    bool Bool (fn(&M) -> Option<bool>, fn(&mut M, bool));
    /// A day.
    date Date (fn(&M) -> Option<NaiveDate>, fn(&mut M, NaiveDate));
    /// A reference: `{"value", "name"}`.
    reference Ref (fn(&M) -> Option<&Ref>, fn(&mut M, Ref));
    /// A list of objects.
    list List (ReadList<M>, WriteList<M>);
}

impl<M> Field<M> {
    /// Puts a value into the model, or returns what has no place there.
    fn read(&self, model: &mut M, raw: &RawValue, scope: Scope<'_>) -> Result<Left, Mismatch> {
        // Nothing, as QuickBooks and some of its clients write it.
        let text_like = matches!(self.place, Place::Text(..) | Place::TryText(..));
        if raw.get() == "null" || (raw.get() == "\"\"" && !text_like) || self.flow == Flow::Implied {
            return Ok(Some(as_json(raw)));
        }
        match self.place {
            Place::Text(_, set) => set(model, as_text(raw)?.into_owned()),
            Place::TryText(_, set) => {
                let text = as_text(raw)?;
                return Ok((!set(model, &text)).then(|| Value::String(text.into_owned())));
            }
            Place::Decimal(_, set) => set(model, as_decimal(raw)?),
            Place::Money(_, set) => set(model, Money::new(as_decimal(raw)?, scope.currency)),
            Place::Bool(_, set) => set(model, as_bool(raw)?),
            Place::Date(_, set) => set(model, as_date(raw)?),
            Place::Ref(_, set) => return reference(raw, |to| set(model, to)),
            Place::List(read, _) => {
                let items: Vec<&RawValue> =
                    serde_json::from_str(raw.get()).map_err(|_| Mismatch("a list"))?;
                return read(model, &items, scope);
            }
        }
        Ok(None)
    }

    /// Sets the model's value, if it has one, where the field stands.
    pub(crate) fn write(&self, model: &M, out: &mut Out, scope: Scope<'_>) {
        if self.flow == Flow::Derived && !scope.whole || self.flow == Flow::Implied && out.has(self.path) {
            return;
        }
        let value = match self.place {
            Place::Text(get, _) => get(model).map(Out::text),
            Place::TryText(get, _) => get(model).map(|text| Out::text(&text)),
            Place::Decimal(get, _) => get(model).map(Out::decimal),
            Place::Money(get, _) => get(model).map(|money| {
                if let Some(amounts) = scope.amounts {
                    amounts.borrow_mut().push((self.path, money.currency));
                }
                Out::decimal(money.amount)
            }),
            Place::Bool(get, _) => get(model).map(Out::bool),
            Place::Date(get, _) => get(model).map(|day| Out::text(&day.to_string())),
            Place::Ref(get, _) => {
                if let Some(to) = get(model) {
                    let at = out.at(self.path);
                    at.set("value", Out::text(to.id.as_str()));
                    if let Some(name) = &to.name {
                        at.set("name", Out::text(name));
                    }
                }
                return;
            }
            Place::List(_, write) => {
                let left = self.path.split('.').try_fold(&*out, |here, name| here.get(name)).cloned();
                if let Some(items) = write(model, left.as_ref(), scope) {
                    out.set(self.path, Out::List(items));
                } else if matches!(left, Some(Out::Object(_))) {
                    // What had no place is nothing without what had.
                    out.remove(self.path);
                }
                return;
            }
        };
        if let Some(value) = value {
            out.set(self.path, value);
        }
    }
}

/// A field whose value QuickBooks makes itself; it takes none.
pub(crate) const fn derived<M>(mut field: Field<M>) -> Field<M> {
    field.flow = Flow::Derived;
    field
}

/// A field whose value follows from the model; what is read is kept as it is.
pub(crate) const fn implied<M>(mut field: Field<M>) -> Field<M> {
    field.flow = Flow::Implied;
    field
}

/// Reads `{"value", "name"}`. What else stands there is returned.
fn reference(raw: &RawValue, set: impl FnOnce(Ref)) -> Result<Left, Mismatch> {
    let members = Members::parse(raw).ok_or(Mismatch("a reference"))?;
    let Some(id) = members.text("value") else { return Ok(Some(as_json(raw))) };
    let name = members.text("name");
    let mut left = Map::new();
    for (member, value) in members.0.iter().filter(|(member, _)| member != "value") {
        if member != "name" || name.is_none() {
            left.insert(member.clone().into_owned(), as_json(value));
        }
    }
    let to = Ref::new(id.into_owned());
    set(name.into_iter().fold(to, |to, name| to.with_name(name)));
    Ok((!left.is_empty()).then_some(Value::Object(left)))
}

/// The fields of an object by name, the nested ones by the name of what they are in.
pub(crate) struct Names<M: 'static>(HashMap<&'static str, Entry<M>>);

enum Entry<M: 'static> {
    Field(Field<M>),
    Group(Names<M>),
}

impl<M> Names<M> {
    pub(crate) fn new<'f>(fields: impl IntoIterator<Item = &'f Field<M>>) -> Self {
        let mut names = Self(HashMap::new());
        fields.into_iter().for_each(|field| names.add(field.path, field));
        names
    }

    fn add(&mut self, path: &'static str, field: &Field<M>) {
        match path.split_once('.') {
            None => drop(self.0.insert(path, Entry::Field(*field))),
            Some((group, rest)) => {
                let entry = self.0.entry(group).or_insert_with(|| Entry::Group(Self(HashMap::new())));
                if let Entry::Group(names) = entry {
                    names.add(rest, field);
                }
            }
        }
    }

    /// Puts the member `name` into the model, or returns what has no place there.
    pub(crate) fn read_member(
        &self,
        model: &mut M,
        name: &str,
        raw: &RawValue,
        scope: Scope<'_>,
    ) -> Result<Left, Mismatch> {
        match self.0.get(name) {
            Some(Entry::Field(field)) => field.read(model, raw, scope),
            Some(Entry::Group(names)) => match Members::parse(raw) {
                Some(members) => names.read(model, &members, scope),
                None => Ok(Some(as_json(raw))),
            },
            None => Ok(Some(as_json(raw))),
        }
    }

    /// Puts every member into the model, and returns those that have no place there.
    pub(crate) fn read(
        &self,
        model: &mut M,
        members: &Members<'_>,
        scope: Scope<'_>,
    ) -> Result<Left, Mismatch> {
        let mut left = Map::new();
        for (name, raw) in &members.0 {
            if let Some(value) = self.read_member(model, name, raw, scope)? {
                left.insert(name.clone().into_owned(), value);
            }
        }
        Ok((!left.is_empty()).then_some(Value::Object(left)))
    }
}

/// A field whose place is a field of the model: `text!("Notes", notes)`.
macro_rules! text {
    ($path:literal, $($place:ident).+) => {
        Field::text($path, |m| m.$($place).+.as_deref(), |m, value| m.$($place).+ = Some(value))
    };
}

/// A field whose place is a field of the model that is `Copy`: `copied!(money "TotalAmt", total)`.
macro_rules! copied {
    ($kind:ident $path:literal, $($place:ident).+) => {
        Field::$kind($path, |m| m.$($place).+, |m, value| m.$($place).+ = Some(value))
    };
}

/// A reference whose place is a field of the model: `lookup!("CustomerRef", customer)`.
macro_rules! lookup {
    ($path:literal, $($place:ident).+) => {
        Field::reference($path, |m| m.$($place).+.as_ref(), |m, to| m.$($place).+ = Some(to))
    };
}

pub(crate) use {copied, lookup, text};
