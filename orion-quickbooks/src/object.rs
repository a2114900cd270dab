//! Objects: which fields there are and where each belongs in a model.
//!
//! One file per object. [`objects!`] at the end of this one is the list of them.

mod document;
mod field;
mod line;
mod list;
mod parts;
mod party;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use orion_core::{Fields, Model, Object, Record, Resources, ResourcesBuilder, Result};

pub(crate) use field::{Field, Left, Names, Scope, copied, derived, implied, lookup, text};

use crate::QuickBooks;

/// An object of QuickBooks as a model.
pub(crate) struct Entity<M: 'static> {
    /// The vendor's name.
    pub(crate) name: Cow<'static, str>,
    pub(crate) family: Family,
    /// Sets what holds for every record of the object.
    pub(crate) init: fn(&mut M),
    pub(crate) fields: &'static [&'static [Field<M>]],
    /// Sets what follows from the rest.
    pub(crate) finish: fn(&mut Record<M>),
    /// Takes the fields that have no place in the model; a model that is made of fields keeps them itself.
    pub(crate) rest: fn(&mut Record<M>, Fields),
    /// The fields of the model that are not of the table, to be written as they are.
    pub(crate) loose: fn(&M) -> Option<&Fields>,
    /// The field an upsert may go by.
    pub(crate) key: Option<&'static str>,
}

/// What can be done with an object besides reading and changing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// A name: never deleted, only made inactive, and hidden then unless asked for.
    Name,
    /// A transaction: deleted for good; change data capture tells of it for thirty days.
    Transaction,
    /// Neither: there is nothing to delete, or nobody tells of it.
    Other,
}

/// A model that some objects of QuickBooks are read and written as.
pub(crate) trait Mapped: Model + Default {
    /// The objects, the default one first.
    const OBJECTS: &'static [Entity<Self>];

    /// Another object, for a model that fits any.
    fn other(_name: &str) -> Option<Entity<Self>> {
        None
    }

    /// The object a record says it is of, for a model that fits any.
    fn object(&self) -> Option<&str> {
        None
    }
}

impl<M: 'static> Clone for Entity<M> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), ..*self }
    }
}

impl<M: 'static> Entity<M> {
    pub(crate) const fn new(
        name: &'static str,
        family: Family,
        init: fn(&mut M),
        fields: &'static [&'static [Field<M>]],
    ) -> Self {
        Self {
            name: Cow::Borrowed(name),
            family,
            init,
            fields,
            finish: |_| (),
            rest: |record, fields| record.extra = fields,
            loose: |_| None,
            key: None,
        }
    }

    pub(crate) const fn finishing(mut self, finish: fn(&mut Record<M>)) -> Self {
        self.finish = finish;
        self
    }

    pub(crate) const fn with_key(mut self, key: &'static str) -> Self {
        self.key = Some(key);
        self
    }

    /// Every field of the table.
    pub(crate) fn all(&self) -> impl Iterator<Item = &'static Field<M>> + use<M> {
        self.fields.iter().flat_map(|fields| fields.iter())
    }

    /// What [`Resources`] says about the object.
    fn describe(&self) -> Object {
        let object = Object::new(&*self.name)
            .fields(HEADER.iter().copied().chain(self.all().map(|field| field.path)))
            .cursor(crate::ql::CHANGED);
        let object = if self.family == Family::Other { object } else { object.with_deletes() };
        self.key.into_iter().fold(object, Object::key)
    }
}

/// Fields every object has, which the reader takes itself.
pub(crate) const HEADER: [&str; 4] = ["Id", "SyncToken", "MetaData.CreateTime", "MetaData.LastUpdatedTime"];

macro_rules! objects {
    ($($model:ident: $($module:ident),+;)+) => {
        $($(mod $module;)+)+

        $(impl Mapped for orion_core::$model {
            const OBJECTS: &'static [Entity<Self>] = &[$($module::OBJECT),+];
            objects!(@other $model);
        })+

        /// The kinds of record.
        pub(crate) const KINDS: &[&str] = &[$(<orion_core::$model as Model>::KIND.as_str()),+];

        /// Announces every object.
        pub(crate) fn register(mut resources: ResourcesBuilder<QuickBooks>) -> Resources {
            $(
                let objects = <orion_core::$model as Mapped>::OBJECTS;
                resources = resources
                    .reads::<orion_core::$model>()
                    .writes::<orion_core::$model>()
                    .receives::<orion_core::$model>()
                    .objects::<orion_core::$model>(objects.iter().map(Entity::describe));
            )+
            resources.build()
        }
    };
    (@other CustomObject) => {
        fn other(name: &str) -> Option<Entity<Self>> {
            Some(account::any(name))
        }

        fn object(&self) -> Option<&str> {
            Some(&self.object)
        }
    };
    (@other $model:ident) => {};
}

// One line per model; an object is one file and one word here.
objects! {
    UnifiedCustomer: customer, vendor;
    UnifiedInvoice: invoice, estimate, sales_receipt, credit_memo, bill;
    UnifiedEvent: payment;
    UnifiedLineItem: item;
    CustomObject: account, class, department, term;
}

/// The object `name` of model `M`, or its default one.
pub(crate) fn find<M: Mapped>(name: Option<&str>) -> Result<Entity<M>> {
    let Some(name) = name.filter(|name| !name.is_empty()) else { return Ok(M::OBJECTS[0].clone()) };
    if let Some(object) = M::OBJECTS.iter().find(|object| object.name.eq_ignore_ascii_case(name)) {
        return Ok(object.clone());
    }
    if let Some(other) = M::other(name) {
        return crate::ql::check(name).map(|()| other);
    }
    let known: Vec<&str> = M::OBJECTS.iter().map(|object| &*object.name).collect();
    let message = format!("object `{name}` is not read as {}; there are: {}", M::KIND, known.join(", "));
    Err(orion_core::Error::new(orion_core::ErrorKind::Config, message))
}
