//! Objects: which fields there are and where each belongs in a model.
//!
//! One file per object. [`objects!`] at the end of this one is the list of them.

mod field;
mod parts;

use std::borrow::Cow;

use orion_core::{Fields, Model, Object, Record, Resources, ResourcesBuilder};

pub(crate) use field::{Children, Field, copied, lookup, text};

use crate::{Salesforce, describe::Columns};

/// An object of Salesforce as a model.
pub(crate) struct SObject<M: 'static> {
    /// API name.
    pub(crate) name: Cow<'static, str>,
    /// Sets what holds for every record of the object.
    pub(crate) init: fn(&mut M),
    /// The standard fields, in the order they are selected.
    pub(crate) fields: Cow<'static, [Field<M>]>,
    /// The field the connector suggests for upserts.
    pub(crate) key: Option<&'static str>,
    /// Fields a new record cannot be without, and what stands in for one that the model does not have.
    pub(crate) required: &'static [Required<M>],
    /// A child relationship whose rows belong to the model.
    pub(crate) children: Option<&'static Children<M>>,
    /// What the child rows are read with beside the fields of the table: their custom fields.
    pub(crate) child_columns: Option<Columns>,
    /// Takes the fields that have no place in the model; a model that is made of fields keeps them itself.
    pub(crate) rest: fn(&mut Record<M>, Fields),
    /// The fields of the model that are not of the table, to be written as they are.
    pub(crate) loose: fn(&M) -> Option<&Fields>,
}

/// A field, and what stands in for its value.
pub(crate) type Required<M> = (&'static str, fn(&M) -> Option<&str>);

/// A model that some objects of Salesforce are read and written as.
pub(crate) trait Mapped: Model + Default {
    /// The objects, the default one first.
    const OBJECTS: &'static [SObject<Self>];

    /// Another object, for a model that fits any.
    fn other(_name: &str) -> Option<SObject<Self>> {
        None
    }

    /// The object a record says it is of, for a model that fits any.
    fn object(&self) -> Option<&str> {
        None
    }
}

impl<M: 'static> Clone for SObject<M> {
    fn clone(&self) -> Self {
        let child_columns = self.child_columns.clone();
        Self { name: self.name.clone(), fields: self.fields.clone(), child_columns, ..*self }
    }
}

impl<M: 'static> SObject<M> {
    pub(crate) const fn new(name: &'static str, init: fn(&mut M), fields: &'static [Field<M>]) -> Self {
        Self {
            name: Cow::Borrowed(name),
            init,
            fields: Cow::Borrowed(fields),
            key: Some(crate::config::EXTERNAL_ID),
            required: &[],
            children: None,
            child_columns: None,
            rest: |record, fields| record.extra = fields,
            loose: |_| None,
        }
    }

    pub(crate) const fn with_children(mut self, children: &'static Children<M>) -> Self {
        self.children = Some(children);
        self
    }

    pub(crate) const fn requiring(mut self, required: &'static [Required<M>]) -> Self {
        self.required = required;
        self
    }

    /// Says that the connector suggests no field for upserts.
    pub(crate) const fn without_key(mut self) -> Self {
        self.key = None;
        self
    }

    /// What [`Resources`] says about the object.
    fn describe(&self) -> Object {
        let object = Object::new(&*self.name)
            .fields(HEADER.iter().copied().chain(self.fields.iter().map(|field| field.name)))
            .cursor("SystemModstamp")
            .with_deletes();
        self.key.into_iter().fold(object, Object::key)
    }
}

/// Fields every object has, which the reader takes itself.
pub(crate) const HEADER: [&str; 4] = ["Id", "CreatedDate", "SystemModstamp", "IsDeleted"];

macro_rules! objects {
    ($($model:ident: $($module:ident),+;)+) => {
        $($(mod $module;)+)+

        $(impl Mapped for orion_core::$model {
            const OBJECTS: &'static [SObject<Self>] = &[$($module::OBJECT),+];
            objects!(@other $model);
        })+

        /// Whether the object has a file of its own, and so every field of the header.
        pub(crate) fn is_mapped(name: &str) -> bool {
            $(<orion_core::$model as Mapped>::OBJECTS.iter().any(|object| object.name.eq_ignore_ascii_case(name)))||+
        }

        /// Announces every object.
        pub(crate) fn register(mut resources: ResourcesBuilder<Salesforce>) -> Resources {
            $(
                let objects = <orion_core::$model as Mapped>::OBJECTS;
                resources = resources
                    .reads::<orion_core::$model>()
                    .writes::<orion_core::$model>()
                    .objects::<orion_core::$model>(objects.iter().map(SObject::describe));
            )+
            resources.bulk::<orion_core::UnifiedCustomer>().bulk::<orion_core::CustomObject>().build()
        }
    };
    (@other CustomObject) => {
        fn other(name: &str) -> Option<SObject<Self>> {
            Some(product::any(name))
        }

        fn object(&self) -> Option<&str> {
            Some(&self.object)
        }
    };
    (@other $model:ident) => {};
}

// One line per model; an object is one file and one word here.
objects! {
    UnifiedCustomer: account, contact, lead;
    UnifiedInvoice: opportunity;
    UnifiedEvent: task;
    CustomObject: product;
}

/// The object `name` of model `M`, or its default one.
pub(crate) fn find<M: Mapped>(name: Option<&str>) -> orion_core::Result<SObject<M>> {
    let Some(name) = name.filter(|name| !name.is_empty()) else { return Ok(M::OBJECTS[0].clone()) };
    if let Some(object) = M::OBJECTS.iter().find(|object| object.name.eq_ignore_ascii_case(name)) {
        return Ok(object.clone());
    }
    M::other(name).ok_or_else(|| {
        let known: Vec<&str> = M::OBJECTS.iter().map(|object| &*object.name).collect();
        orion_core::Error::new(
            orion_core::ErrorKind::Config,
            format!("object `{name}` is not read as {}; there are: {}", M::KIND, known.join(", ")),
        )
    })
}
