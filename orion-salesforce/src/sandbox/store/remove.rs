//! Deletes: to the recycle bin or past it, and what they do to the rows that refer to the deleted one.

use super::Org;
use super::error::ApiError;
use super::id::RowId;
use super::schema::{Child, Object};
use super::table::{Cell, State};
use super::write::supports;

impl Org {
    /// Moves a row, and what hangs on it, to the recycle bin.
    pub(crate) fn delete(&mut self, object: &str, id: &str) -> Result<(), ApiError> {
        self.remove(object, id, State::Deleted)
    }

    /// Removes a row, and what hangs on it, past the recycle bin.
    pub(crate) fn hard_delete(&mut self, object: &str, id: &str) -> Result<(), ApiError> {
        self.remove(object, id, State::Purged)
    }

    fn remove(&mut self, object: &str, id: &str, state: State) -> Result<(), ApiError> {
        let object = self.object(object)?;
        supports(object, object.deletable, "delete")?;
        let id = self.locate(object, id)?;
        self.check_free(object, id)?;
        let parent = self.parent_of(id, "OpportunityId");
        self.bury(object, id, state);
        if let Some(opportunity) = parent {
            self.total(opportunity);
        }
        Ok(())
    }

    /// Live rows that refer to `id` through a named relationship.
    fn referring(&self, child: &Child, id: RowId) -> Vec<RowId> {
        let Some(table) = self.table(child.object) else { return Vec::new() };
        let live = |row: &u32| table.state(*row) == State::Live;
        let rows = table.pointing_at(child.field, id.pack()).filter(live);
        rows.map(|row| RowId { object: child.object, row }).collect()
    }

    fn check_free(&self, object: &Object, id: RowId) -> Result<(), ApiError> {
        for child in object.children.iter().filter(|child| child.restrict) {
            let rows = self.referring(child, id);
            let Some(holder) = self.schema.objects.get(child.object).filter(|_| !rows.is_empty()) else {
                continue;
            };
            let names: Vec<&str> = rows.iter().map(|row| self.name_of(holder, *row)).collect();
            let message = format!(
                "Your attempt to delete {} could not be completed because it is associated with the following {}.: {}\n",
                self.name_of(object, id),
                holder.plural.to_lowercase(),
                names.join(", ")
            );
            return Err(ApiError::new(400, "DELETE_FAILED", message));
        }
        Ok(())
    }

    fn name_of(&self, object: &Object, id: RowId) -> &str {
        object.name_field().and_then(|field| self.text(id, field.index)).unwrap_or_default()
    }

    fn bury(&mut self, object: &Object, id: RowId, state: State) {
        for child in &object.children {
            let Some(holder) = self.schema.objects.get(child.object) else { continue };
            for row in self.referring(child, id) {
                match child.cascade {
                    true => self.bury(holder, row, state),
                    false => self.release(holder, child, row),
                }
            }
        }
        self.put_state(id, state);
        if let Some(field) = object.system.is_deleted {
            self.put(id, field, Cell::Word(1));
        }
        self.touch(id);
    }

    /// A lookup to a deleted row is cleared (Salesforce help, "Relationship Considerations"). That it moves
    /// SystemModstamp and not LastModifiedDate is unverified.
    fn release(&mut self, object: &Object, child: &Child, row: RowId) {
        self.put(row, child.field, Cell::Null);
        if let Some(stamp) = object.system.modstamp {
            self.put(row, stamp, Cell::Word(self.now.timestamp()));
        }
    }
}
