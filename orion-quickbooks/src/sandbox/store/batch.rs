//! Batches: up to thirty items in one request, each with its own outcome.

use super::json::{Json, Object};
use super::{Company, Fault, entity};

/// Items in one batch (Intuit docs, 2023; an older page says 10, a sample 50).
pub(crate) const LARGEST_BATCH: usize = 30;

impl Company {
    /// Runs a batch: the answer without its `time`. A faulty item does not fail the others.
    ///
    /// # Errors
    /// 1040 for more than [`LARGEST_BATCH`] items, 2010 for a body that is no batch.
    pub(crate) fn batch(&mut self, body: &Json) -> Result<Json, Fault> {
        let items = body.as_object().and_then(|body| body.get("BatchItemRequest")?.as_list());
        let items = items.ok_or_else(|| Fault::unreadable("a body without BatchItemRequest"))?;
        if items.len() > LARGEST_BATCH {
            let detail =
                format!("Number of batch items {} exceeds the limit of {LARGEST_BATCH}", items.len());
            return Err(Fault::new("1040", "Batch size exceeds allowed limit", detail));
        }
        let empty = Object::new();
        let items: Vec<&Object> = items.iter().map(|item| item.as_object().unwrap_or(&empty)).collect();
        // Items do not see each other's results (Intuit docs), so that what reads is answered from before the writes.
        let mut reads: Vec<Option<Object>> = items.iter().map(|item| self.read_item(item)).collect();
        let mut answers = Vec::with_capacity(items.len());
        for (item, read) in items.iter().zip(reads.iter_mut()) {
            let mut answer = read.take().unwrap_or_else(|| answered(self.write_item(item)));
            if let Some(id) = item.get("bId") {
                answer.set("bId", id.clone());
            }
            answers.push(Json::Object(answer));
        }
        Ok(Object::new().with("BatchItemResponse", answers).into())
    }

    fn read_item(&mut self, item: &Object) -> Option<Object> {
        if let Some(statement) = item.text("Query") {
            return Some(answered(
                self.query(statement).map(|found| Object::new().with("QueryResponse", found)),
            ));
        }
        let changes = item.object("CDCQuery")?;
        let entities = changes.text("Entities").unwrap_or_default();
        let since = changes.text("ChangedSince").unwrap_or_default();
        Some(answered(self.changed(entities, since).map(|found| Object::new().with("CDCResponse", found))))
    }

    fn write_item(&mut self, item: &Object) -> Result<Object, Fault> {
        let named = item.iter().find_map(|(name, body)| Some((super::entity_of(name)?, body)));
        let (entity, body) = named.ok_or_else(|| Fault::unsupported("a batch item without an entity"))?;
        let void = item.text("optionsData") == Some("void");
        // node-quickbooks leaves `operation` out of its creates.
        let written = match item.text("operation").unwrap_or("create") {
            "void" => self.void(entity.name, body),
            "update" if void => self.void(entity.name, body),
            "create" | "update" => self.save(entity.name, body),
            "delete" => self.delete(entity.name, body),
            other => Err(Fault::unsupported(other)),
        };
        written.map(|row| Object::new().with(entity.class, row))
    }
}

fn answered(outcome: Result<Object, Fault>) -> Object {
    outcome.unwrap_or_else(|fault| Object::new().with("Fault", fault.json()))
}

/// The entity of a property in an item, as an answer would name it.
pub(super) fn entity_of(name: &str) -> Option<&'static super::entity::Entity> {
    entity(name).or_else(|| super::entity::ENTITIES.iter().find(|entity| entity.class == name))
}
