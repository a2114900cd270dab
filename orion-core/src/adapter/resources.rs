//! What an adapter offers, assembled from the traits it implements.

use std::{any::TypeId, collections::BTreeMap, marker::PhantomData, sync::Arc};

use super::{
    Adapter, Bulk, Notify, Read, Receive, Watch, Write,
    erased::{ErasedBulk, ErasedRead, ErasedReceive, ErasedWatch, ErasedWrite, Of},
};
use crate::{Error, ErrorKind, Kind, Model, Result};

/// What can be done with one kind of record. Derived; there is no way to set one by hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// READ: [`Read`] is implemented.
    pub read: bool,
    /// WRITE: [`Write`] is implemented.
    pub write: bool,
    /// BATCH: [`Bulk`] is implemented.
    pub bulk: bool,
    /// WEBHOOK: [`Receive`] is implemented.
    pub receive: bool,
    /// STREAMING: [`Watch`] is implemented.
    pub watch: bool,
}

/// One of the vendor's objects, addressable by [`Query::object`](crate::Query::object).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Object {
    /// The vendor's name, for instance `Lead`.
    pub name: Box<str>,
    /// The fields read by default, as the vendor names them; empty when the adapter does not say.
    pub fields: Vec<Box<str>>,
    /// The field that orders changes in time; `None` when only full reads are possible.
    pub cursor: Option<Box<str>>,
    /// Whether the source reports deletes.
    pub deletes: bool,
    /// The field a record can be found by on an upsert, if any.
    pub key: Option<Box<str>>,
}

impl Object {
    /// Names an object.
    #[must_use]
    pub fn new(name: impl Into<Box<str>>) -> Self {
        Self { name: name.into(), fields: Vec::new(), cursor: None, deletes: false, key: None }
    }

    /// Lists the fields read by default.
    #[must_use]
    pub fn fields(mut self, fields: impl IntoIterator<Item = impl Into<Box<str>>>) -> Self {
        self.fields = fields.into_iter().map(Into::into).collect();
        self
    }

    /// Names the field that orders changes in time.
    #[must_use]
    pub fn cursor(mut self, field: impl Into<Box<str>>) -> Self {
        self.cursor = Some(field.into());
        self
    }

    /// Says that the source reports deletes.
    #[must_use]
    pub fn with_deletes(mut self) -> Self {
        self.deletes = true;
        self
    }

    /// Names the field of an upsert.
    #[must_use]
    pub fn key(mut self, field: impl Into<Box<str>>) -> Self {
        self.key = Some(field.into());
        self
    }
}

/// One kind of record an adapter offers.
pub struct Resource {
    pub(super) model: TypeId,
    capabilities: Capabilities,
    objects: Vec<Object>,
    schema: fn() -> schemars::Schema,
    pub(super) read: Option<Arc<dyn ErasedRead>>,
    pub(super) write: Option<Arc<dyn ErasedWrite>>,
    pub(super) bulk: Option<Arc<dyn ErasedBulk>>,
    pub(super) receive: Option<Arc<dyn ErasedReceive>>,
    pub(super) watch: Option<Arc<dyn ErasedWatch>>,
}

impl Resource {
    fn of<M: Model>() -> Self {
        Self {
            model: TypeId::of::<M>(),
            capabilities: Capabilities::default(),
            objects: Vec::new(),
            schema: || schemars::schema_for!(M),
            read: None,
            write: None,
            bulk: None,
            receive: None,
            watch: None,
        }
    }

    /// What can be done with it.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    /// The vendor's objects it comes from, the default one first.
    #[must_use]
    pub fn objects(&self) -> &[Object] {
        &self.objects
    }

    /// The JSON Schema of the model.
    #[must_use]
    pub fn schema(&self) -> schemars::Schema {
        (self.schema)()
    }
}

impl std::fmt::Debug for Resource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resource")
            .field("capabilities", &self.capabilities)
            .field("objects", &self.objects)
            .finish_non_exhaustive()
    }
}

/// What an adapter offers, by kind.
#[derive(Debug)]
pub struct Resources {
    table: BTreeMap<Kind, Resource>,
    notifies: bool,
}

impl Resources {
    /// Starts the table of an adapter.
    #[must_use]
    pub fn of<A: Adapter>(adapter: Arc<A>) -> ResourcesBuilder<A> {
        ResourcesBuilder { adapter, resources: Self { table: BTreeMap::new(), notifies: false } }
    }

    /// The kinds, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (Kind, &Resource)> {
        self.table.iter().map(|(kind, resource)| (*kind, resource))
    }

    /// One kind.
    #[must_use]
    pub fn get(&self, kind: Kind) -> Option<&Resource> {
        self.table.get(&kind)
    }

    /// What can be done with one kind; nothing, if it is not offered.
    #[must_use]
    pub fn capabilities(&self, kind: Kind) -> Capabilities {
        self.get(kind).map(Resource::capabilities).unwrap_or_default()
    }

    /// Whether the adapter sends messages to people.
    #[must_use]
    pub fn notifies(&self) -> bool {
        self.notifies
    }

    pub(super) fn typed<M: Model>(&self) -> Result<&Resource> {
        let resource = self.by_kind(M::KIND)?;
        if resource.model != TypeId::of::<M>() {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("kind `{}` is offered as another model; rename the kind of one of the two", M::KIND),
            ));
        }
        Ok(resource)
    }

    pub(super) fn by_kind(&self, kind: Kind) -> Result<&Resource> {
        self.get(kind).ok_or_else(|| {
            let offered: Vec<&str> = self.table.keys().map(|kind| kind.as_str()).collect();
            Error::new(
                ErrorKind::Unsupported,
                format!("kind `{kind}` is not offered; this adapter has {}", offered.join(", ")),
            )
        })
    }
}

/// Assembles [`Resources`]; each step is bounded by the trait it announces.
#[derive(Debug)]
pub struct ResourcesBuilder<A> {
    adapter: Arc<A>,
    resources: Resources,
}

impl<A: Adapter> ResourcesBuilder<A> {
    /// Announces that `M` can be read.
    #[must_use]
    pub fn reads<M: Model>(mut self) -> Self
    where
        A: Read<M>,
    {
        let of = Arc::new(Of::<A, M>(Arc::clone(&self.adapter), PhantomData));
        let resource = self.resource::<M>();
        resource.capabilities.read = true;
        resource.read = Some(of);
        self
    }

    /// Announces that `M` can be written.
    #[must_use]
    pub fn writes<M: Model>(mut self) -> Self
    where
        A: Write<M>,
    {
        let of = Arc::new(Of::<A, M>(Arc::clone(&self.adapter), PhantomData));
        let resource = self.resource::<M>();
        resource.capabilities.write = true;
        resource.write = Some(of);
        self
    }

    /// Announces that `M` can be loaded and exported in bulk.
    #[must_use]
    pub fn bulk<M: Model>(mut self) -> Self
    where
        A: Bulk<M>,
    {
        let of = Arc::new(Of::<A, M>(Arc::clone(&self.adapter), PhantomData));
        let resource = self.resource::<M>();
        resource.capabilities.bulk = true;
        resource.bulk = Some(of);
        self
    }

    /// Announces that webhooks bring changes of `M`.
    #[must_use]
    pub fn receives<M: Model>(mut self) -> Self
    where
        A: Receive<M>,
    {
        let of = Arc::new(Of::<A, M>(Arc::clone(&self.adapter), PhantomData));
        let resource = self.resource::<M>();
        resource.capabilities.receive = true;
        resource.receive = Some(of);
        self
    }

    /// Announces that changes of `M` can be followed live.
    #[must_use]
    pub fn watches<M: Model>(mut self) -> Self
    where
        A: Watch<M>,
    {
        let of = Arc::new(Of::<A, M>(Arc::clone(&self.adapter), PhantomData));
        let resource = self.resource::<M>();
        resource.capabilities.watch = true;
        resource.watch = Some(of);
        self
    }

    /// Announces that messages can be sent to people.
    #[must_use]
    pub fn notifies(mut self) -> Self
    where
        A: Notify,
    {
        self.resources.notifies = true;
        self
    }

    /// Lists the vendor's objects that `M` comes from, the default one first.
    #[must_use]
    pub fn objects<M: Model>(mut self, objects: impl IntoIterator<Item = Object>) -> Self {
        self.resource::<M>().objects.extend(objects);
        self
    }

    /// Completes the table.
    #[must_use]
    pub fn build(self) -> Resources {
        self.resources
    }

    fn resource<M: Model>(&mut self) -> &mut Resource {
        self.resources.table.entry(M::KIND).or_insert_with(Resource::of::<M>)
    }
}
