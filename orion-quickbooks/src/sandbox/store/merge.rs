//! Two names become one, as a person does it in the vendor's own pages; the API cannot.

use super::entity::Kind;
use super::table::Key;
use super::{Company, Fault, entity, json};

impl Company {
    /// Merges one customer or vendor into another: its transactions move, and it is gone.
    ///
    /// # Errors
    /// 500 for an entity that is not merged, 610 if one of the two is not there, 6000 if they are one, use different
    /// currencies, or the one to go is a parent.
    pub(crate) fn merge(&mut self, name: &str, kept: u64, gone: u64) -> Result<(), Fault> {
        let party = entity(name).filter(|entity| entity.kind == Kind::Name && entity.name != "Employee");
        let party = party.ok_or_else(|| Fault::unsupported(format_args!("merge on {name}")))?;
        let (target, source) = (self.object(party, kept), self.object(party, gone));
        let (target, source) = target.zip(source).ok_or_else(Fault::not_found)?;
        let parent = Key::Text(gone.to_string().into());
        let is_parent =
            self.table(party).iter().any(|(id, _)| self.table(party).key(id, "ParentRef") == Some(&parent));
        if kept == gone || target.reference("CurrencyRef") != source.reference("CurrencyRef") || is_parent {
            return Err(Fault::business("The names cannot be merged."));
        }
        let property = if party.name == "Customer" { "CustomerRef" } else { "VendorRef" };
        let to = json::reference(&kept.to_string(), target.text("DisplayName").unwrap_or_default());
        for kind in super::entity::ENTITIES.iter().filter(|kind| kind.is_transaction()) {
            let table = self.table(kind);
            let ids: Vec<u64> = table
                .iter()
                .map(|(id, _)| id)
                .filter(|id| table.key(*id, property) == Some(&parent))
                .collect();
            for id in ids {
                if let Some(mut object) = self.object(kind, id) {
                    object.set(property, to.clone());
                    self.put(kind, id, &object);
                }
            }
        }
        self.give_up_name(party, &source);
        self.drop_row(party, gone);
        self.balances.remove(&(party.index, gone));
        self.journal.note_merge(party.name, kept, gone, self.now);
        Ok(())
    }
}
