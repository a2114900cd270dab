//! Single objects: read, made, changed, voided, deleted, sent.

use std::{fmt, marker::PhantomData};

use bytes::Bytes;
use http::{Method, header};
use orion_core::{
    CustomObject, Error, ErrorKind, Record, Result, UnifiedCustomer, UnifiedEvent, UnifiedInvoice, Written,
    http::Call,
};
use serde_json::value::RawValue;

use crate::{
    NAME, QuickBooks,
    draft::{Extent, Target, body},
    object::{self, Entity, Mapped},
    rows::Layout,
    stale,
    value::Out,
    wire::{Answer, Members, answer},
};

/// How often a change is made again to an object that others change meanwhile.
const ROUNDS: u32 = 5;

/// The objects of one kind, one call each. For many there is [`Write`](orion_core::Write), which sends 30 at a time.
///
/// Every write carries a `requestid` and is repeated if its answer is lost: the service carries it out once.
#[derive(Clone)]
#[must_use]
pub struct EntityApi<'a, M: 'static> {
    quickbooks: &'a QuickBooks,
    entity: Result<Entity<M>>,
    request_id: Option<String>,
    model: PhantomData<M>,
}

impl<M: 'static> fmt::Debug for EntityApi<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.entity.as_ref().map(|entity| entity.name.clone());
        f.debug_struct("EntityApi").field("object", &name).finish_non_exhaustive()
    }
}

impl QuickBooks {
    /// Invoices.
    pub fn invoices(&self) -> EntityApi<'_, UnifiedInvoice> {
        self.api(Some("Invoice"))
    }

    /// Estimates, sales receipts, credit memos or bills, by the vendor's name.
    pub fn documents(&self, object: &str) -> EntityApi<'_, UnifiedInvoice> {
        self.api(Some(object))
    }

    /// Customers.
    pub fn customers(&self) -> EntityApi<'_, UnifiedCustomer> {
        self.api(Some("Customer"))
    }

    /// Payments, with the invoices each settles in [`Payment::allocations`](orion_core::Payment::allocations).
    pub fn payments(&self) -> EntityApi<'_, UnifiedEvent> {
        self.api(Some("Payment"))
    }

    /// Objects of any kind, by the vendor's name and fields: `CompanyInfo`, `Account`, `TaxCode`, …
    pub fn objects(&self, object: &str) -> EntityApi<'_, CustomObject> {
        self.api(Some(object))
    }

    fn api<M: Mapped>(&self, object: Option<&str>) -> EntityApi<'_, M> {
        EntityApi { quickbooks: self, entity: object::find(object), request_id: None, model: PhantomData }
    }
}

#[expect(private_bounds, reason = "the models are the connector's; nobody else adds one")]
impl<M: Mapped> EntityApi<'_, M> {
    /// Names the next write, in 1 to 50 letters, digits, `-` and `_`: repeated under the same name, by another process too, it is done once.
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = Some(id.into());
        self
    }

    fn entity(&self) -> Result<&Entity<M>> {
        self.entity.as_ref().map_err(Clone::clone)
    }

    fn path(&self) -> Result<String> {
        Ok(self.entity()?.name.to_ascii_lowercase())
    }

    /// Reads one object.
    ///
    /// # Errors
    /// `NotFound` if there is none or it is deleted.
    pub async fn read(&self, id: &str) -> Result<Record<M>> {
        let path = format!("{}/{}", self.path()?, number(id)?);
        self.record(&self.quickbooks.get(&path, "read").await?)
    }

    /// Makes an object.
    ///
    /// # Errors
    /// What QuickBooks refuses: `Conflict` for a name or number that is taken, else `Rejected`.
    pub async fn create(&self, record: &Record<M>) -> Result<Record<M>> {
        let out = self.body(record, Extent::New, None)?;
        self.record(&self.send(&out, "create", &[]).await?)
    }

    /// Changes what the record names and leaves the rest. Lines, if it names any, are all of them.
    ///
    /// # Errors
    /// `Conflict` if the object has changed since the record was read: its source is a [`Stale`](crate::Stale) with both versions.
    /// `NotFound` if there is none.
    pub async fn update(&self, record: &Record<M>) -> Result<Record<M>> {
        self.change(record, Extent::Sparse).await
    }

    /// Changes the whole object: what the record does not name is emptied.
    ///
    /// # Errors
    /// As [`update`](Self::update).
    pub async fn replace(&self, record: &Record<M>) -> Result<Record<M>> {
        self.change(record, Extent::Full).await
    }

    /// Reads an object, lets `change` change it, and writes it, again if somebody else changed it meanwhile.
    ///
    /// # Errors
    /// As [`update`](Self::update); `Conflict` only if it kept changing.
    pub async fn update_with(&self, id: &str, change: impl Fn(&mut M) + Send + Sync) -> Result<Record<M>> {
        let mut round = 1;
        loop {
            let mut record = self.read(id).await?;
            change(&mut record.model);
            match self.update(&record).await {
                Err(error) if stale::is_stale(&error) && round < ROUNDS => round += 1,
                other => return other,
            }
        }
    }

    /// Deletes a transaction, or makes a name inactive, which is all QuickBooks does to those.
    ///
    /// # Errors
    /// As [`update`](Self::update); `Rejected` if other objects depend on it.
    pub async fn delete(&self, record: &Record<M>) -> Result<Written> {
        let (id, version) = self.target(record).await?;
        let entity = self.entity()?;
        let (operation, out) = deletion(entity, Target { id: &id, version: &version })?;
        let query: &[(&str, &str)] = if operation == "delete" { &[("operation", "delete")] } else { &[] };
        let sent = self.send(&out, "delete", query).await;
        let answer = self.settle(sent, &id, &version).await?;
        written(&Members::parse(answer.member(&entity.name)?).unwrap_or_default(), false)
    }

    /// Voids a transaction: it stays, and is of nothing.
    ///
    /// # Errors
    /// As [`update`](Self::update).
    pub async fn void(&self, record: &Record<M>) -> Result<Record<M>> {
        let (id, version) = self.target(record).await?;
        let mut out = Out::EMPTY;
        out.set("Id", Out::text(&id));
        out.set("SyncToken", Out::text(&version));
        out.set("sparse", Out::bool(true));
        // Invoices have an operation of their own; payments and receipts are updated with an instruction (Intuit docs, "Void").
        let query: &[(&str, &str)] = match &*self.entity()?.name {
            "Invoice" => &[("operation", "void")],
            _ => &[("operation", "update"), ("include", "void")],
        };
        let sent = self.send(&out, "void", query).await;
        self.record(&self.settle(sent, &id, &version).await?)
    }

    /// Sends a document by email: to this address, or else to the one it names itself. It is not sent again if the answer is lost.
    ///
    /// # Errors
    /// `Rejected` without an address; one that [`is_ambiguous`](Error::is_ambiguous) may have been sent.
    pub async fn send_email(&self, id: &str, to: Option<&str>) -> Result<Record<M>> {
        let path = format!("{}/{}/send", self.path()?, number(id)?);
        let call = self.quickbooks.call(Method::POST, &path, "send").await?;
        let call = call.query_opt("sendTo", to).body("application/octet-stream", Bytes::new().into());
        self.record(&answer(call, "send").await?)
    }

    /// A document as a PDF.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub async fn pdf(&self, id: &str) -> Result<Bytes> {
        let path = format!("{}/{}/pdf", self.path()?, number(id)?);
        let call = self.quickbooks.call(Method::GET, &path, "pdf").await?;
        call.header(header::ACCEPT, "application/pdf").bytes().await
    }

    async fn change(&self, record: &Record<M>, extent: Extent) -> Result<Record<M>> {
        let (id, version) = self.target(record).await?;
        let out = self.body(record, extent, Some(Target { id: &id, version: &version }))?;
        let sent = self.send(&out, "update", &[]).await;
        self.record(&self.settle(sent, &id, &version).await?)
    }

    /// The object a record names, at the version it was read at, or else at the current one.
    async fn target(&self, record: &Record<M>) -> Result<(String, String)> {
        let id = number(record.id.as_str())?.to_owned();
        match own_version(record) {
            Some(version) => Ok((id, version.to_owned())),
            None => {
                let current = self.read(&id).await?.meta.version;
                Ok((id, current.map(String::from).unwrap_or_default()))
            }
        }
    }

    fn body(&self, record: &Record<M>, extent: Extent, target: Option<Target<'_>>) -> Result<Out> {
        body(self.entity()?, record, extent, target, &self.quickbooks.inner().config)
    }

    async fn send(&self, out: &Out, operation: &'static str, query: &[(&str, &str)]) -> Result<Answer> {
        let id = self.request_id.as_deref();
        if id.is_some_and(|id| id.is_empty() || id.len() > 50 || !id.bytes().all(is_plain)) {
            let message = "a request id is of 1 to 50 letters, digits, `-` and `_`";
            return Err(Error::new(ErrorKind::Config, message).during(NAME, operation));
        }
        let call = self.quickbooks.post(&self.path()?, operation, id).await?;
        let call = query.iter().fold(call, |call: Call<'_>, (name, value)| call.query(name, value));
        answer(call.body("application/json", out.json().into()), operation).await
    }

    /// Says of a refusal for an old version what the current one is.
    async fn settle(&self, sent: Result<Answer>, id: &str, version: &str) -> Result<Answer> {
        match sent {
            Err(error) if stale::is_stale(&error) => {
                let current = self.read(id).await.ok().and_then(|record| record.meta.version);
                Err(stale::error(&error, id, version, current.as_deref()))
            }
            other => other,
        }
    }

    fn record(&self, answer: &Answer) -> Result<Record<M>> {
        let entity = self.entity()?.clone();
        let raw: &RawValue = answer.member(&entity.name)?;
        let members = Members::parse(raw).unwrap_or_default();
        let mut layout = Layout::new(entity, self.quickbooks.inner().config.currency);
        layout.record(&members).map_err(|(name, mismatch)| {
            let message = format!("`{name}` of `{}` is not {}", layout.entity.name, mismatch.0);
            Error::new(ErrorKind::Malformed, message).during(NAME, "read")
        })
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// An id of QuickBooks', which is a number.
pub(crate) fn number(id: &str) -> Result<&str> {
    if id.is_empty() {
        return Err(Error::new(ErrorKind::Config, "the record has no id; create it"));
    }
    if !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::new(
            ErrorKind::Config,
            "the record's id is none of QuickBooks', which are numbers",
        ));
    }
    Ok(id)
}

/// The version a record was read at, unless it was read from another vendor.
pub(crate) fn own_version<M>(record: &Record<M>) -> Option<&str> {
    let ours = matches!(&*record.meta.source.adapter, "" | NAME);
    record.meta.version.as_deref().filter(|version| ours && !version.is_empty())
}

/// The operation and body that delete an object.
pub(crate) fn deletion<M>(entity: &Entity<M>, target: Target<'_>) -> Result<(&'static str, Out)> {
    let mut out = Out::EMPTY;
    out.set("Id", Out::text(target.id));
    out.set("SyncToken", Out::text(target.version));
    match entity.family {
        object::Family::Transaction => Ok(("delete", out)),
        object::Family::Name => {
            out.set("sparse", Out::bool(true));
            out.set("Active", Out::bool(false));
            Ok(("update", out))
        }
        object::Family::Other => {
            let message = format!("`{}` cannot be deleted or made inactive", entity.name);
            Err(Error::new(ErrorKind::Unsupported, message))
        }
    }
}

/// What a write of one object answers.
pub(crate) fn written(members: &Members<'_>, created: bool) -> Result<Written> {
    let id = members.text("Id").ok_or_else(|| {
        Error::new(ErrorKind::Malformed, "the answer to a write names no object").with_ambiguous()
    })?;
    let written = if created { Written::created(&*id) } else { Written::updated(&*id) };
    let version = members.get("SyncToken").map(|token| token.get().trim_matches('"').to_owned());
    Ok(version.into_iter().fold(written, Written::version))
}
