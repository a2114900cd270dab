//! What a write asks for: its JSON members resolved to fields and cells, before any row changes.

use serde_json::{Map, Value};

use super::Org;
use super::error::ApiError;
use super::id::RowId;
use super::schema::{Field, FieldIndex, Kind, Object};
use super::table::{Cell, State};

/// Whether a write makes a row or changes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Create,
    Change,
}

/// The cells a write sets.
#[derive(Debug, Default)]
pub(super) struct Draft(Vec<(FieldIndex, Cell)>);

impl Draft {
    pub(super) fn get(&self, field: FieldIndex) -> Option<&Cell> {
        self.0.iter().rev().find(|(index, _)| *index == field).map(|(_, cell)| cell)
    }

    pub(super) fn named(&self, object: &Object, field: &str) -> Option<&Cell> {
        self.get(object.position(field)?)
    }

    pub(super) fn word(&self, object: &Object, field: &str) -> Option<i64> {
        match self.named(object, field)? {
            Cell::Word(word) => Some(*word),
            Cell::Null | Cell::Text(_) => None,
        }
    }

    /// Whether it gives the field a value.
    pub(super) fn gives(&self, object: &Object, field: &str) -> bool {
        self.named(object, field).is_some_and(|cell| *cell != Cell::Null)
    }

    pub(super) fn set(&mut self, field: FieldIndex, cell: Cell) {
        self.0.retain(|(index, _)| *index != field);
        self.0.push((field, cell));
    }

    pub(super) fn set_named(&mut self, object: &Object, field: &str, cell: Cell) {
        if let Some(field) = object.position(field) {
            self.set(field, cell);
        }
    }

    pub(super) fn remove(&mut self, object: &Object, field: &str) {
        let field = object.position(field);
        self.0.retain(|(index, _)| Some(*index) != field);
    }

    pub(super) fn cells(&self) -> impl Iterator<Item = (FieldIndex, &Cell)> {
        self.0.iter().map(|(field, cell)| (*field, cell))
    }

    pub(super) fn into_cells(self) -> impl Iterator<Item = (FieldIndex, Cell)> {
        self.0.into_iter()
    }
}

impl Org {
    pub(super) fn draft(
        &self,
        object: &Object,
        fields: &Map<String, Value>,
        mode: Mode,
    ) -> Result<Draft, ApiError> {
        let mut draft = Draft::default();
        let mut refused: Vec<&Field> = Vec::new();
        for (name, value) in fields.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("attributes")) {
            if let Some(field) = object.field(name) {
                if field.kind == Kind::Id {
                    return Err(should_not_be_given(&field.name));
                }
                let allowed = if mode == Mode::Create { field.createable } else { field.updateable };
                match allowed {
                    true => draft.set(field.index, self.coerce(field, value)?),
                    false => refused.push(field),
                }
            } else {
                let field = object.relationship(name).ok_or_else(|| ApiError::no_column(object, name))?;
                let Some(keys) = value.as_object() else { continue };
                draft.set(field.index, Cell::Word(self.related(field, keys)?.pack()));
            }
        }
        match refused.as_slice() {
            [] => Ok(draft),
            refused => Err(ApiError::read_only(refused)),
        }
    }

    /// The row that `{"External_Id__c": "x"}` names for a reference field.
    fn related(&self, field: &Field, keys: &Map<String, Value>) -> Result<RowId, ApiError> {
        let targets = field.reference.iter().flat_map(|reference| &reference.to);
        let targets: Vec<&Object> = targets.filter_map(|name| self.schema.object(name)).collect();
        let is_key = |(name, _): &(&String, &Value)| !matches!(name.as_str(), "attributes" | "type");
        let Some((name, value)) = keys.iter().find(is_key) else {
            return Err(ApiError::new(
                400,
                "INVALID_FIELD",
                format!("No external ID given for {}", field.name),
            ));
        };
        let found = targets.iter().find_map(|object| {
            object.field(name).filter(|key| key.external_id || key.id_lookup).map(|key| (*object, key))
        });
        let Some((object, key)) = found else {
            let entity = targets.last().map_or("", |object| &object.name);
            return Err(not_a_key(name, entity));
        };
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if key.kind == Kind::Id {
            return self.locate(object, &text).map_err(ApiError::in_collection);
        }
        match self.live_with(object, key, &text).as_slice() {
            [id] => Ok(*id),
            [] => {
                let message = format!(
                    "Foreign key external ID: {text} not found for field {} in entity {}",
                    key.name, object.name
                );
                Err(ApiError::new(400, "INVALID_FIELD", message))
            }
            many => Err(self.more_than_one(key, many)),
        }
    }

    /// Live rows whose key field equals a text.
    pub(super) fn live_with(&self, object: &Object, field: &Field, text: &str) -> Vec<RowId> {
        let Some(table) = self.table(object.index) else { return Vec::new() };
        let row = |row| RowId { object: object.index, row };
        let live = |id: &RowId| table.state(id.row) == State::Live;
        if field.indexed() {
            return table.holding(field.index, text).map(row).filter(live).collect();
        }
        let equal = |id: &RowId| {
            table.text(id.row, field.index).is_some_and(|held| super::table::same_text(held, text))
        };
        (0..table.len()).map(row).filter(live).filter(equal).collect()
    }

    fn more_than_one(&self, key: &Field, ids: &[RowId]) -> ApiError {
        let ids: Vec<String> = ids.iter().map(|id| id.text(self.schema)).collect();
        let message =
            format!("{}: more than one record found for external id field: [{}]", key.name, ids.join(", "));
        ApiError::new(400, "DUPLICATE_EXTERNAL_ID", message)
    }
}

pub(super) fn should_not_be_given(field: &str) -> ApiError {
    ApiError::new(
        400,
        "INVALID_FIELD",
        format!("The {field} field should not be specified in the sobject data."),
    )
}

/// The SOAP and Collections wording; a URL with such a field is a 404 instead.
pub(super) fn not_a_key(field: &str, object: &str) -> ApiError {
    let message = format!(
        "Field name provided, {field} does not match an External ID, Salesforce Id, or indexed field for {object}"
    );
    ApiError::new(400, "INVALID_FIELD", message)
}
