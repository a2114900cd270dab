//! From a record to the fields of a write. The bulk interface sends the same.

use std::{fmt, sync::Arc};

use orion_core::{Currency, Error, ErrorKind, Money, Record, Result, WriteOp};
use serde_json::Value;

use crate::{
    config::Config,
    describe::{Describe, FieldDescribe},
    object::{HEADER, Mapped, SObject},
    wire::FieldSink,
};

/// How the records of one object become the fields of one kind of write.
///
/// A record that was read from Salesforce may be written as it is: what Salesforce keeps by itself (formulas, audit fields) is left out.
/// Of a record of another vendor only those extra fields are sent that the object has. A record the host made is sent whole, so that a
/// misspelt field is refused rather than ignored.
pub(crate) struct Draft<M: 'static> {
    pub(crate) object: SObject<M>,
    op: WriteOp,
    currency: Currency,
    /// Not needed for records the host made.
    pub(crate) describe: Option<Arc<Describe>>,
}

/// Where a record comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Host,
    /// The object it is written to.
    Here,
    Elsewhere,
}

impl<M: Mapped> Draft<M> {
    pub(crate) fn new(object: SObject<M>, op: WriteOp, config: &Config) -> Self {
        Self { object, op, currency: config.currency, describe: None }
    }

    /// Whether the object's description is needed to write the record.
    pub(crate) fn wants_describe(&self, record: &Record<M>) -> bool {
        let loose = (self.object.loose)(&record.model).is_some_and(|fields| !fields.is_empty());
        let deletes = matches!(self.op, WriteOp::Delete | WriteOp::HardDelete);
        !deletes && (loose || !record.extra.is_empty()) && self.origin(record) != Origin::Host
    }

    fn origin(&self, record: &Record<M>) -> Origin {
        let source = &record.meta.source;
        match &*source.adapter {
            "" => Origin::Host,
            crate::NAME if source.object.eq_ignore_ascii_case(&self.object.name) => Origin::Here,
            _ => Origin::Elsewhere,
        }
    }

    /// Hands every field to be sent to `sink`, the one that names the record first.
    ///
    /// # Errors
    /// `Config` for a record without the id or key the operation goes by, or with an amount in another currency than its own.
    pub(crate) fn write(&self, record: &Record<M>, sink: &mut dyn FieldSink) -> Result<()> {
        let key = match &self.op {
            WriteOp::Create => None,
            WriteOp::Upsert { key } => self.key(key, record, sink)?.then_some(&**key),
            WriteOp::Update => self.id(record, sink).map(|()| None)?,
            _ => return self.id(record, sink),
        };
        self.check_currency(record)?;
        let own = |name: &str| named(record, name).is_none() && !is(key, name);
        let mut missing: Vec<&str> = Vec::new();
        for field in self.object.fields.iter().filter(|field| own(field.name)) {
            let mut noted = Noted { sink: &mut *sink, wrote: false };
            field.write(&record.model, &mut noted);
            if !noted.wrote {
                missing.push(field.name);
            }
        }
        if self.op != WriteOp::Update {
            let needed = self.object.required.iter().filter(|(name, _)| missing.contains(name));
            needed.for_each(|(name, value)| sink.text_opt(name, value(&record.model)));
        }
        let origin = self.origin(record);
        let loose = (self.object.loose)(&record.model).into_iter().flat_map(|fields| fields.iter());
        let loose = loose.filter(|(name, _)| named(record, name).is_none());
        for (name, value) in loose.chain(record.extra.iter()) {
            if !is(key, name) && self.sends(name, origin) {
                sink.value(name, value);
            }
        }
        Ok(())
    }

    fn id(&self, record: &Record<M>, sink: &mut dyn FieldSink) -> Result<()> {
        let id = record.id.as_str();
        if id.is_empty() {
            return Err(Error::new(ErrorKind::Config, "the record has no id; create or upsert it"));
        }
        if !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let message = "the record's id is none of Salesforce's, which are letters and digits; upsert it by an external id";
            return Err(Error::new(ErrorKind::Config, message));
        }
        sink.id(id);
        Ok(())
    }

    /// Writes the field an upsert goes by: from the extra fields, from the model, or, if the record comes from elsewhere, its id there.
    /// Returns whether it was written.
    fn key(&self, key: &str, record: &Record<M>, sink: &mut dyn FieldSink) -> Result<bool> {
        if key.eq_ignore_ascii_case("Id") {
            return if record.id.is_empty() { Ok(false) } else { self.id(record, sink).map(|()| true) };
        }
        let loose = (self.object.loose)(&record.model);
        let loose = loose.and_then(|fields| fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)));
        let given = named(record, key).or(loose.map(|(_, value)| value));
        if let Some(value) = given.filter(|value| !value.is_null() && *value != "") {
            sink.value(key, value);
            return Ok(true);
        }
        if let Some(field) = self.object.fields.iter().find(|field| field.name.eq_ignore_ascii_case(key)) {
            let mut noted = Noted { sink, wrote: false };
            field.write(&record.model, &mut noted);
            if noted.wrote {
                return Ok(true);
            }
        } else if given.is_none() && !record.id.is_empty() && &*record.meta.source.adapter != crate::NAME {
            sink.text(key, record.id.as_str());
            return Ok(true);
        }
        let message = format!(
            "the record has no value for `{key}`, which the upsert goes by; set it in `extra`, or update by id"
        );
        Err(Error::new(ErrorKind::Config, message))
    }

    /// Refuses an amount that would be taken for one of another currency.
    fn check_currency(&self, record: &Record<M>) -> Result<()> {
        let own = record.extra.text(crate::describe::CURRENCY);
        let own = own.and_then(|code| Currency::new(code).ok()).unwrap_or(self.currency);
        let foreign = |money: &Money| money.currency != own;
        let amounts =
            self.object.fields.iter().filter_map(|field| Some((field.name, field.amount(&record.model)?)));
        let lines = self.object.children.into_iter().flat_map(|children| {
            let lines = (children.lines)(&record.model).iter();
            lines.flat_map(|line| {
                children.fields.iter().filter_map(|field| Some((field.name, field.amount(line)?)))
            })
        });
        let Some((name, money)) = amounts.chain(lines).find(|(_, money)| foreign(money)) else {
            return Ok(());
        };
        let message = format!(
            "`{name}` is in {}, the record in {own}: convert it, or set `CurrencyIsoCode` in `extra` where the org has several currencies",
            money.currency
        );
        Err(Error::new(ErrorKind::Config, message))
    }

    /// Whether an extra field is sent.
    fn sends(&self, name: &str, origin: Origin) -> bool {
        if HEADER.iter().chain(&["attributes"]).any(|own| own.eq_ignore_ascii_case(name)) {
            return false;
        }
        let Some(describe) = self.describe.as_deref().filter(|_| origin != Origin::Host) else { return true };
        match describe.find(name.split_once('.').map_or(name, |(relation, _)| relation)) {
            Some(field) => self.takes(field, origin),
            None => origin == Origin::Here,
        }
    }

    fn takes(&self, field: &FieldDescribe, origin: Origin) -> bool {
        match &self.op {
            WriteOp::Create => field.createable,
            WriteOp::Update => field.updateable,
            _ if origin == Origin::Here => field.createable && field.updateable,
            _ => field.createable || field.updateable,
        }
    }
}

impl<M: 'static> fmt::Debug for Draft<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("object", &self.object.name)
            .field("op", &self.op)
            .finish_non_exhaustive()
    }
}

/// The extra field called `name`, in any case, as Salesforce takes it.
fn named<'a, M>(record: &'a Record<M>, name: &str) -> Option<&'a Value> {
    record.extra.iter().find(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn is(key: Option<&str>, name: &str) -> bool {
    key.is_some_and(|key| key.eq_ignore_ascii_case(name))
}

/// A sink that notes whether anything was written.
struct Noted<'a> {
    sink: &'a mut dyn FieldSink,
    wrote: bool,
}

impl FieldSink for Noted<'_> {
    fn null(&mut self, name: &str) {
        self.wrote = true;
        self.sink.null(name);
    }

    fn text(&mut self, name: &str, value: &str) {
        self.wrote = true;
        self.sink.text(name, value);
    }

    fn bare(&mut self, name: &str, value: fmt::Arguments<'_>) {
        self.wrote = true;
        self.sink.bare(name, value);
    }
}
