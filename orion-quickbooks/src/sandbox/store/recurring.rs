//! Templates of transactions: rows that wrap a transaction, which moves no balance and takes no number.

use super::entity::{Entity, entity};
use super::journal::Operation;
use super::json::{Json, Object};
use super::read::{parse_id, tombstone};
use super::{Company, Fault, check};

pub(super) const NAME: &str = "RecurringTransaction";
/// What a template leaves to the transactions made of it.
const LEFT_OUT: [&str; 5] = ["DocNumber", "DueDate", "TxnDate", "Balance", "HomeBalance"];

impl Company {
    pub(super) fn save_recurring(&mut self, entity: &'static Entity, body: &Json) -> Result<Json, Fault> {
        let (kind, body) = wrapped(body)?;
        let mut given = check::clean(kind.class, body)?;
        if given.object("RecurringInfo").is_none() {
            return Err(Fault::required("RecurringInfo"));
        }
        let id = match given.remove("Id").as_ref().and_then(Json::as_text) {
            None | Some("0") => None,
            Some(id) => Some(parse_id(id)?),
        };
        let old = match id {
            Some(id) => Some(self.template(entity, kind, id)?),
            None => None,
        };
        let token = given.remove("SyncToken");
        if let Some(old) = &old {
            super::write::hold(old, token.as_ref())?;
        }
        let mut object = given.without_nulls();
        object.remove("MetaData");
        // A number of its own keeps the template from taking the next one.
        object.set("DocNumber", "-");
        self.complete(kind, &mut object, None)?;
        LEFT_OUT.iter().for_each(|name| drop(object.remove(name)));
        let operation = if id.is_some() { Operation::Update } else { Operation::Create };
        let id = id.unwrap_or_else(|| self.next(entity.sequence()));
        object.set("Id", id.to_string());
        if let Some(old) = &old {
            for name in ["SyncToken", "MetaData"] {
                object.set(name, old.get(name).cloned().unwrap_or_default());
            }
        }
        self.stamp(&mut object, old.is_some());
        self.arrange(kind, &mut object);
        let keys = object.clone().with("Type", kind.name);
        let row = Object::new().with(kind.class, object);
        self.table_mut(entity).put(id, &row, &keys, None);
        self.journal.note(entity.name, id, operation, self.now);
        Ok(self.raw(entity, id))
    }

    pub(super) fn delete_recurring(&mut self, entity: &'static Entity, body: &Json) -> Result<Json, Fault> {
        let (kind, body) = wrapped(body)?;
        let id = parse_id(body.at("Id").and_then(Json::as_text).ok_or_else(|| Fault::required("Id"))?)?;
        let object = self.template(entity, kind, id)?;
        super::write::hold(&object, body.at("SyncToken"))?;
        self.drop_row(entity, id);
        self.journal.note(entity.name, id, Operation::Delete, self.now);
        Ok(Object::new().with(kind.class, tombstone(id)).into())
    }

    fn template(&self, entity: &'static Entity, kind: &Entity, id: u64) -> Result<Object, Fault> {
        let row = self.object(entity, id).and_then(|mut row| row.remove(kind.class));
        row.and_then(Json::into_object).ok_or_else(Fault::not_found)
    }
}

/// The transaction in a wrapper.
fn wrapped(body: &Json) -> Result<(&'static Entity, &Json), Fault> {
    let body = body.as_object().ok_or_else(|| Fault::unreadable("a body that is not an object"))?;
    let found = body
        .iter()
        .find_map(|(name, inner)| Some((entity(name).filter(|kind| kind.is_transaction())?, inner)));
    found.ok_or_else(|| Fault::required("Transaction"))
}
