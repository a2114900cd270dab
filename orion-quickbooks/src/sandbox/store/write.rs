//! Creates, updates, voids and deletes.

mod complete;

use std::sync::Arc;

use super::entity::{Entity, Kind};
use super::journal::Operation;
use super::json::{Json, Object};
use super::read::{parse_id, tombstone};
use super::schema::schema;
use super::{Company, Fault, check, entity, moment, recurring};

/// What a full update leaves as it was when the request does not name it: what only the server sets, and what recorded
/// updates show to survive (DocNumber, TxnDate, CustomField).
const KEPT: [&str; 19] = [
    "MetaData",
    "SyncToken",
    "DocNumber",
    "TxnDate",
    "CustomField",
    "LinkedTxn",
    "Active",
    "EmailStatus",
    "PrintStatus",
    "DeliveryInfo",
    "CurrencyRef",
    "ExchangeRate",
    "Balance",
    "BalanceWithJobs",
    "TotalAmt",
    "UnappliedAmt",
    "TxnStatus",
    "Type",
    "InvoiceLink",
];

/// What a client may send but not set.
const READ_ONLY: [&str; 15] = [
    "MetaData",
    "Balance",
    "BalanceWithJobs",
    "HomeBalance",
    "HomeTotalAmt",
    "FullyQualifiedName",
    "Level",
    "UnappliedAmt",
    "domain",
    "status",
    "InvoiceLink",
    "CurrentBalance",
    "CurrentBalanceWithSubAccounts",
    "OverDueBalance",
    "DeliveryInfo",
];

impl Company {
    /// Creates a row, or updates the one whose `Id` the body carries. Answers with the row.
    ///
    /// # Errors
    /// As the vendor refuses: 2010, 2020, 2500, 610, 5010, 6000, 6240 and others named in [`Fault`].
    pub(crate) fn save(&mut self, name: &str, body: &Json) -> Result<Json, Fault> {
        let entity = entity(name).ok_or_else(|| Fault::unsupported(name))?;
        if entity.name == recurring::NAME {
            return self.save_recurring(entity, body);
        }
        let mut given = check::clean(entity.class, body)?;
        for name in READ_ONLY {
            given.remove(name);
        }
        self.settle(entity);
        let sparse = given.remove("sparse").and_then(|sparse| sparse.as_bool()).unwrap_or_default();
        let token = given.remove("SyncToken");
        match given.remove("Id").filter(|id| *id != Json::Null) {
            None if entity.name == "ExchangeRate" => self.set_rate(entity, given),
            Some(Json::Text(id)) if id != "0" => {
                let id = parse_id(&id)?;
                self.update(entity, id, token.as_ref(), given, sparse)
            }
            _ if entity.name == "CompanyInfo" || entity.name == "Preferences" => Err(Fault::required("Id")),
            _ => self.create(entity, given),
        }
    }

    /// Deletes a transaction. Answers with what is left of it.
    ///
    /// # Errors
    /// 500 for an entity that is not deleted but made inactive, 610, 5010, 2020; 6000 while something is linked to it.
    pub(crate) fn delete(&mut self, name: &str, body: &Json) -> Result<Json, Fault> {
        let entity = entity(name).filter(|entity| entity.can_delete());
        let entity = entity.ok_or_else(|| Fault::unsupported(format_args!("delete on {name}")))?;
        if entity.name == recurring::NAME {
            return self.delete_recurring(entity, body);
        }
        let (id, object) = self.locked(entity, body)?;
        self.unlink_for_delete(entity, id, &object)?;
        self.drop_row(entity, id);
        self.journal.note(entity.name, id, Operation::Delete, self.now);
        Ok(tombstone(id).into())
    }

    /// Voids a transaction: its amounts become zero and its note says so. Answers with the row.
    ///
    /// # Errors
    /// 500 for an entity that cannot be voided, 610, 5010, 2020.
    pub(crate) fn void(&mut self, name: &str, body: &Json) -> Result<Json, Fault> {
        let entity = entity(name).filter(|entity| entity.can_void());
        let entity = entity.ok_or_else(|| Fault::unsupported(format_args!("void on {name}")))?;
        let (id, old) = self.locked(entity, body)?;
        self.unlink_for_void(entity, id, &old);
        // The links changed the row; its lock is the one the caller had.
        let mut object = self.object(entity, id).unwrap_or_else(|| old.clone());
        object.set("SyncToken", old.text("SyncToken").unwrap_or_default());
        complete::void(&mut object);
        self.stamp(&mut object, true);
        self.finish(entity, id, &mut object);
        self.journal.note(entity.name, id, Operation::Void, self.now);
        Ok(self.raw(entity, id))
    }

    pub(super) fn create(&mut self, entity: &'static Entity, given: Object) -> Result<Json, Fault> {
        let mut object = given.without_nulls();
        require(entity, &object)?;
        self.complete(entity, &mut object, None)?;
        let id = self.next(entity.sequence());
        object.set("Id", id.to_string());
        self.stamp(&mut object, false);
        let links = self.links(entity, &object);
        self.finish(entity, id, &mut object);
        self.relink(entity, id, &[], &links);
        self.journal.note(entity.name, id, Operation::Create, self.now);
        Ok(self.raw(entity, id))
    }

    fn update(
        &mut self,
        entity: &'static Entity,
        id: u64,
        token: Option<&Json>,
        given: Object,
        sparse: bool,
    ) -> Result<Json, Fault> {
        let old = self.object(entity, id).ok_or_else(Fault::not_found)?;
        hold(&old, token)?;
        let mut object = if sparse { merge(entity, old.clone(), &given) } else { replace(&old, given) };
        require(entity, &object)?;
        self.complete(entity, &mut object, Some(&old))?;
        self.arrange(entity, &mut object);
        if object == old {
            // Recorded: an update that changes nothing leaves SyncToken and LastUpdatedTime alone.
            return Ok(self.raw(entity, id));
        }
        self.stamp(&mut object, true);
        let (before, after) = (self.links(entity, &old), self.links(entity, &object));
        self.finish(entity, id, &mut object);
        self.relink(entity, id, &before, &after);
        self.journal.note(entity.name, id, Operation::Update, self.now);
        Ok(self.raw(entity, id))
    }

    /// A rate has no id of its own: its currency and day say which it is (Intuit docs, ExchangeRate).
    fn set_rate(&mut self, entity: &'static Entity, given: Object) -> Result<Json, Fault> {
        let source = given.text("SourceCurrencyCode").ok_or_else(|| Fault::required("SourceCurrencyCode"))?;
        let day = given.text("AsOfDate").map_or_else(|| moment::today(self.now).to_string(), str::to_owned);
        let found = self.rate_id(source, Some(&day));
        let mut given = given.with("AsOfDate", day.as_str());
        given.set_default("TargetCurrencyCode", "USD");
        match found {
            Some(id) => {
                let token = self.object(entity, id).and_then(|row| row.get("SyncToken").cloned());
                self.update(entity, id, token.as_ref(), given, true)
            }
            None => self.create(entity, given),
        }
    }

    /// The row a delete or void names, if the SyncToken fits.
    fn locked(&mut self, entity: &'static Entity, body: &Json) -> Result<(u64, Object), Fault> {
        self.settle(entity);
        let body = body.as_object().ok_or_else(|| Fault::unreadable("a body that is not an object"))?;
        let id = match body.get("Id") {
            Some(Json::Text(id)) => parse_id(id)?,
            Some(Json::Number(id)) => parse_id(&id.to_string())?,
            _ => return Err(Fault::required("Id")),
        };
        let object = self.object(entity, id).ok_or_else(Fault::not_found)?;
        // Recorded: an attachment is deleted without a SyncToken.
        if entity.kind != Kind::Document || body.has("SyncToken") {
            hold(&object, body.get("SyncToken"))?;
        }
        self.check_deposited(&object)?;
        Ok((id, object))
    }

    /// Sets the times, and on an update the next SyncToken.
    pub(super) fn stamp(&self, object: &mut Object, is_update: bool) {
        let now = moment::stamp(self.now);
        let token = object.text("SyncToken").and_then(|token| token.parse::<u64>().ok()).unwrap_or_default();
        object.set("SyncToken", if is_update { (token + 1).to_string() } else { "0".to_owned() });
        let created = object.at("MetaData.CreateTime").and_then(Json::as_text).unwrap_or(&now).to_owned();
        object.set("MetaData", Object::new().with("CreateTime", created).with("LastUpdatedTime", now));
    }

    /// Orders a row's properties as the vendor writes them, and stores it.
    pub(super) fn finish(&mut self, entity: &'static Entity, id: u64, object: &mut Object) {
        self.arrange(entity, object);
        self.put(entity, id, object);
    }

    pub(super) fn arrange(&self, entity: &Entity, object: &mut Object) {
        if entity.name == "ExchangeRate" {
            object.remove("Id");
        }
        object.set("domain", "QBO");
        object.set("sparse", false);
        if let Some(class) = schema().get(entity.class) {
            object.sort_by_key(|name| class.rank(name));
        }
    }

    pub(super) fn raw(&mut self, entity: &Entity, id: u64) -> Json {
        self.settle(entity);
        self.table(entity).get(id).map_or(Json::Null, |row| Json::Raw(Arc::clone(&row.text)))
    }
}

/// Refuses a missing or stale SyncToken.
pub(super) fn hold(object: &Object, token: Option<&Json>) -> Result<(), Fault> {
    let token = match token {
        Some(Json::Text(token)) => token.clone(),
        Some(Json::Number(token)) => token.to_string(),
        _ => return Err(Fault::required("SyncToken")),
    };
    if object.text("SyncToken") == Some(token.as_str()) { Ok(()) } else { Err(Fault::stale()) }
}

fn require(entity: &Entity, object: &Object) -> Result<(), Fault> {
    match entity.required.iter().find(|name| !object.has(name)) {
        Some(name) => Err(Fault::required(name)),
        None => Ok(()),
    }
}

/// A sparse update: what is named changes, and `null` or `""` clears.
fn merge(entity: &Entity, mut old: Object, given: &Object) -> Object {
    let deep = matches!(entity.name, "Preferences" | "CompanyInfo");
    for (name, value) in given.iter() {
        match (value, old.get_mut(name)) {
            (Json::Null, _) => {
                old.remove(name);
            }
            (Json::Object(part), Some(Json::Object(kept))) if deep => {
                let merged = merge(entity, std::mem::take(kept), part);
                *kept = merged;
            }
            (value, _) => old.set(name.to_owned(), value.clone()),
        }
    }
    old
}

/// A full update: what is not named is cleared, but for what the server keeps.
fn replace(old: &Object, given: Object) -> Object {
    let mut object = given.without_nulls();
    object.set("Id", old.text("Id").unwrap_or_default());
    for name in KEPT {
        if let Some(value) = old.get(name).filter(|_| !object.has(name)) {
            object.set(name, value.clone());
        }
    }
    object
}
