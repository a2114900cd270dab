//! Single rows.

use std::sync::Arc;

use super::entity::{Entity, Kind};
use super::json::{Json, Object};
use super::table::Key;
use super::{Company, Fault, entity};

impl Company {
    /// One row.
    ///
    /// # Errors
    /// 500 for an unknown entity, 2030 for an id that is no number, 610 for a row there is not.
    pub(crate) fn read(&mut self, name: &str, id: &str) -> Result<Json, Fault> {
        let entity = entity(name).ok_or_else(|| Fault::unsupported(name))?;
        self.settle(entity);
        // There is one of each, and `companyinfo` is asked for by the realm's id.
        if entity.name == "TaxCode" {
            let found = super::taxes::built_in()
                .into_iter()
                .find(|code| code.at("Id").and_then(Json::as_text) == Some(id));
            if let Some(code) = found {
                return Ok(code);
            }
        }
        let id = if matches!(entity.name, "CompanyInfo" | "Preferences") { 1 } else { parse_id(id)? };
        let row = self.table(entity).get(id).ok_or_else(Fault::not_found)?;
        Ok(Json::Raw(Arc::clone(&row.text)))
    }

    /// An invoice with the link a customer pays it by, for `include=invoiceLink`. Only one that takes online payments and
    /// has an address has such a link (Intuit docs, Invoice).
    ///
    /// # Errors
    /// As [`Company::read`].
    pub(crate) fn invoice_with_link(&mut self, id: &str) -> Result<Json, Fault> {
        let row = self.read("Invoice", id)?;
        let Some(mut invoice) =
            entity("Invoice").and_then(|invoice| self.object(invoice, parse_id(id).ok()?))
        else {
            return Ok(row);
        };
        let online =
            ["AllowOnlineCreditCardPayment", "AllowOnlineACHPayment"].iter().any(|name| invoice.flag(name));
        if online && invoice.at("BillEmail.Address").is_some() {
            invoice.set("InvoiceLink", format!("https://connect.intuit.com/t/scs-v1-{}-{id}", self.realm()));
        }
        Ok(invoice.into())
    }

    /// The exchange rate of a currency on a day, or the last one known.
    ///
    /// # Errors
    /// 610 for a currency without a rate.
    pub(crate) fn exchange_rate(&mut self, source: &str, as_of: Option<&str>) -> Result<Json, Fault> {
        let entity = entity("ExchangeRate").ok_or_else(Fault::not_found)?;
        let id = self
            .rate_id(source, as_of)
            .or_else(|| self.rate_id(source, None))
            .ok_or_else(Fault::not_found)?;
        Ok(self.raw(entity, id))
    }

    /// The row of a currency's rate, the latest if no day is named.
    pub(super) fn rate_id(&self, source: &str, as_of: Option<&str>) -> Option<u64> {
        let table = self.table(entity("ExchangeRate")?);
        let is = |id: u64, path: &str, text: &str| table.key(id, path) == Some(&Key::Text(text.into()));
        let mut rows =
            table.iter().rev().map(|(id, _)| id).filter(|id| is(*id, "SourceCurrencyCode", source));
        rows.find(|id| as_of.is_none_or(|day| is(*id, "AsOfDate", day)))
    }

    /// How many rows an entity has, inactive ones included.
    pub(crate) fn count(&self, name: &str) -> usize {
        entity(name).map_or(0, |entity| self.table(entity).len())
    }

    /// The row taken apart.
    pub(super) fn object(&self, entity: &Entity, id: u64) -> Option<Object> {
        self.table(entity).object(id)
    }

    /// The row a property refers to, taken apart.
    pub(super) fn referred(&self, name: &str, object: &Object, property: &str) -> Option<Object> {
        self.object(entity(name)?, object.reference(property)?.parse().ok()?)
    }
}

pub(super) fn parse_id(id: &str) -> Result<u64, Fault> {
    id.trim().parse().map_err(|_| Fault::invalid_id(id))
}

/// What a deleted row leaves in an answer: recorded for `operation=delete`.
pub(super) fn tombstone(id: u64) -> Object {
    Object::new().with("domain", "QBO").with("status", "Deleted").with("Id", id.to_string())
}

impl Entity {
    pub(super) fn is_listed(&self) -> bool {
        matches!(self.kind, Kind::Name | Kind::List)
    }
}
