//! From a record to the body of a write.

use std::cell::RefCell;

use orion_core::{Currency, Error, ErrorKind, Record, Result};

use crate::{
    config::Config,
    object::{Entity, Family, Mapped, Scope},
    value::Out,
};

/// How much of an object a write says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// A new object.
    New,
    /// What the record names; the rest stays as it is (Intuit docs, "Sparse update"). Lines are always all of them.
    Sparse,
    /// The whole object: what the record does not name is emptied.
    Full,
}

/// Which object it is, and what it was when it was read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) id: &'a str,
    pub(crate) version: &'a str,
}

/// What QuickBooks writes on objects by itself, and what this connector does.
const OWN: [&str; 7] = ["Id", "SyncToken", "MetaData", "domain", "sparse", "status", "time"];

/// The body of a write of `record` as `entity`.
///
/// Of a record of another vendor, or of another object, the model is sent and its extra fields are not: they are not this object's. A record
/// the host made is sent whole, so that a misspelt field is refused rather than ignored.
///
/// # Errors
/// `Config` for an amount in another currency than the record's.
pub(crate) fn body<M: Mapped>(
    entity: &Entity<M>,
    record: &Record<M>,
    extent: Extent,
    target: Option<Target<'_>>,
    config: &Config,
) -> Result<Out> {
    let mut out = Out::EMPTY;
    if let Some(target) = target {
        out.set("Id", Out::text(target.id));
        out.set("SyncToken", Out::text(target.version));
    }
    if extent == Extent::Sparse {
        out.set("sparse", Out::bool(true));
    }
    let source = &record.meta.source;
    let here = &*source.adapter == crate::NAME && source.object.eq_ignore_ascii_case(&entity.name);
    let extra = here || source.adapter.is_empty();
    if extra {
        let loose = (entity.loose)(&record.model).into_iter().flat_map(|fields| fields.iter());
        for (name, value) in loose.chain(record.extra.iter()) {
            if !OWN.contains(&name) {
                out.put(name, Out::of(value));
            }
        }
    }
    let amounts = RefCell::default();
    let scope = Scope { extra, amounts: Some(&amounts), ..Scope::new(&entity.name, config.currency) };
    entity.all().for_each(|field| field.write(&record.model, &mut out, scope));
    check_currency(entity, &mut out, &amounts.into_inner(), extent, config)?;
    if extent == Extent::New {
        without_line_ids(&mut out);
    }
    Ok(out)
}

/// Refuses amounts of several currencies, or of another than the record names. A new transaction that names none is said to be of theirs:
/// QuickBooks would take them for amounts in the customer's.
fn check_currency<M>(
    entity: &Entity<M>,
    out: &mut Out,
    amounts: &[(&'static str, Currency)],
    extent: Extent,
    config: &Config,
) -> Result<()> {
    let Some((_, first)) = amounts.first() else { return Ok(()) };
    let transaction = entity.family == Family::Transaction;
    let named = match out.get("CurrencyRef").and_then(|reference| reference.get("value")) {
        Some(Out::Text(code)) => Currency::new(code).ok(),
        _ => None,
    };
    let own = named.unwrap_or(if transaction { *first } else { config.currency });
    if let Some((name, other)) = amounts.iter().find(|(_, currency)| *currency != own) {
        let message = format!(
            "`{name}` is in {other}, the record in {own}: convert it, or set the record's currency where the company has several"
        );
        return Err(Error::new(ErrorKind::Config, message));
    }
    if transaction && named.is_none() && extent == Extent::New {
        out.set("CurrencyRef.value", Out::text(own.as_str()));
    }
    Ok(())
}

/// A new object's lines get ids of their own.
fn without_line_ids(out: &mut Out) {
    if let Out::Object(members) = out {
        for (name, value) in members {
            if let ("Line", Out::List(lines)) = (&**name, value) {
                lines.iter_mut().for_each(|line| line.remove("Id"));
            }
        }
    }
}

/// A record as the object it was read from, with all that QuickBooks makes itself.
#[cfg(test)]
pub(crate) fn whole<M: Mapped>(entity: &Entity<M>, record: &Record<M>, currency: Currency) -> Out {
    let mut out = Out::EMPTY;
    let loose = (entity.loose)(&record.model).into_iter().flat_map(|fields| fields.iter());
    for (name, value) in loose.chain(record.extra.iter()) {
        out.put(name, Out::of(value));
    }
    out.set("Id", Out::text(record.id.as_str()));
    out.set("SyncToken", Out::text(record.meta.version.as_deref().unwrap_or_default()));
    let times = [("CreateTime", record.meta.created_at), ("LastUpdatedTime", record.meta.modified_at)];
    for (name, at) in times {
        if let Some(at) = at {
            out.set(&format!("MetaData.{name}"), Out::text(&at.to_rfc3339()));
        }
    }
    let scope = Scope { whole: true, extra: true, ..Scope::new(&entity.name, currency) };
    entity.all().for_each(|field| field.write(&record.model, &mut out, scope));
    out
}
