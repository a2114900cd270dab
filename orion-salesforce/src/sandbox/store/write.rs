//! Insert, update, upsert and delete.

use serde_json::{Map, Value};

use super::Org;
use super::draft::{Draft, Mode, should_not_be_given};
use super::error::ApiError;
use super::id::RowId;
use super::schema::{Field, Kind, Object};
use super::table::Cell;
use super::table::State;

/// What an upsert did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Upserted {
    Created(String),
    Updated(String),
    /// More than one row holds the key: HTTP 300 with these rows' ids (the body is an array of row URLs).
    Multiple(Vec<String>),
}

impl Org {
    /// Answers the new row's 18-character id.
    pub(crate) fn insert(&mut self, object: &str, fields: &Map<String, Value>) -> Result<String, ApiError> {
        let object = self.object(object)?;
        supports(object, object.createable, "create")?;
        let draft = self.draft(object, fields, Mode::Create)?;
        self.create(object, draft).map(|id| id.text(self.schema))
    }

    pub(crate) fn update(
        &mut self,
        object: &str,
        id: &str,
        fields: &Map<String, Value>,
    ) -> Result<(), ApiError> {
        let object = self.object(object)?;
        supports(object, object.createable, "update")?;
        let id = self.locate(object, id)?;
        let draft = self.draft(object, fields, Mode::Change)?;
        self.change(object, id, draft)
    }

    /// `fields` must not repeat the key. `Id` is allowed as the key field.
    pub(crate) fn upsert(
        &mut self,
        object: &str,
        key_field: &str,
        key: &str,
        fields: &Map<String, Value>,
    ) -> Result<Upserted, ApiError> {
        let object = self.object(object)?;
        supports(object, object.createable, "upsert")?;
        let field = key_of(object, key_field)?;
        if fields.keys().any(|name| name.eq_ignore_ascii_case(&field.name)) {
            return Err(should_not_be_given(&field.name));
        }
        if field.kind == Kind::Id {
            return self.upsert_by_id(object, key, fields);
        }
        if key.trim().is_empty() {
            return Err(ApiError::new(400, "MISSING_ARGUMENT", format!("{} not specified", field.name)));
        }
        match self.live_with(object, field, key.trim()).as_slice() {
            [] => {
                let mut draft = self.draft(object, fields, Mode::Create)?;
                draft.set(field.index, self.coerce(field, &Value::String(key.to_owned()))?);
                self.create(object, draft).map(|id| Upserted::Created(id.text(self.schema)))
            }
            [id] => {
                let draft = self.draft(object, fields, Mode::Change)?;
                self.change(object, *id, draft)?;
                Ok(Upserted::Updated(id.text(self.schema)))
            }
            many => Ok(Upserted::Multiple(many.iter().map(|id| id.text(self.schema)).collect())),
        }
    }

    fn upsert_by_id(
        &mut self,
        object: &'static Object,
        key: &str,
        fields: &Map<String, Value>,
    ) -> Result<Upserted, ApiError> {
        if key.is_empty() {
            let draft = self.draft(object, fields, Mode::Create)?;
            return self.create(object, draft).map(|id| Upserted::Created(id.text(self.schema)));
        }
        let id = self.locate(object, key)?;
        let draft = self.draft(object, fields, Mode::Change)?;
        self.change(object, id, draft)?;
        Ok(Upserted::Updated(id.text(self.schema)))
    }

    fn create(&mut self, object: &'static Object, mut draft: Draft) -> Result<RowId, ApiError> {
        self.complete(object, &mut draft)?;
        let given = |field: &&Field| draft.get(field.index).is_some_and(|cell| *cell != Cell::Null);
        let missing: Vec<&Field> =
            object.fields.iter().filter(|f| f.required()).filter(|f| !given(f)).collect();
        if !missing.is_empty() {
            return Err(ApiError::missing(&missing));
        }
        self.check_unique(object, &draft, None)?;
        let id = self.add_row(object);
        for (field, cell) in draft.into_cells() {
            self.put(id, field, cell);
        }
        self.derive(object, id, true);
        Ok(id)
    }

    fn change(&mut self, object: &'static Object, id: RowId, mut draft: Draft) -> Result<(), ApiError> {
        self.revise(object, id, &mut draft)?;
        let field = |index: usize| object.fields.get(index);
        let cleared: Vec<&Field> = draft
            .cells()
            .filter(|(_, cell)| **cell == Cell::Null)
            .filter_map(|(index, _)| field(index))
            .filter(|field| !field.nillable)
            .collect();
        if let Some(owner) = cleared.iter().find(|field| Some(field.index) == object.system.owner) {
            return Err(ApiError::value(owner, "INVALID_CROSS_REFERENCE_KEY", "owner cannot be blank"));
        }
        if !cleared.is_empty() {
            return Err(ApiError::missing(&cleared));
        }
        self.check_unique(object, &draft, Some(id))?;
        for (field, cell) in draft.into_cells() {
            self.put(id, field, cell);
        }
        self.touch(id);
        self.derive(object, id, false);
        Ok(())
    }

    fn check_unique(&self, object: &Object, draft: &Draft, me: Option<RowId>) -> Result<(), ApiError> {
        for (index, cell) in draft.cells() {
            let (Some(field), Cell::Text(text)) = (object.fields.get(index), cell) else { continue };
            if !field.unique {
                continue;
            }
            let other = self.live_with(object, field, text).into_iter().find(|id| Some(*id) != me);
            if let Some(other) = other {
                let holder = other.short(self.schema);
                let message = format!(
                    "duplicate value found: {} duplicates value on record with id: {holder}",
                    field.name
                );
                return Err(ApiError::new(400, "DUPLICATE_VALUE", message));
            }
        }
        Ok(())
    }

    /// A new row with its defaults and audit fields.
    pub(super) fn add_row(&mut self, object: &Object) -> RowId {
        let row = self.tables.get_mut(object.index).map_or(0, super::table::Table::push);
        let id = RowId { object: object.index, row };
        self.journal.state(id, State::Purged);
        for field in &object.fields {
            match (&field.default, field.kind) {
                (Some(text), _) => self.put(id, field.index, Cell::Text(text.as_ref().into())),
                (None, Kind::Boolean) => self.put(id, field.index, Cell::Word(0)),
                _ => {}
            }
        }
        let (system, now, user) = (&object.system, self.now.timestamp(), self.user.pack());
        let stamps = [(system.created_date, now), (system.created_by, user), (system.owner, user)];
        for (field, word) in stamps {
            if let Some(field) = field {
                self.put(id, field, Cell::Word(word));
            }
        }
        self.touch(id);
        id
    }

    /// Moves the row's modification stamps to now.
    pub(super) fn touch(&mut self, id: RowId) {
        let Some(object) = self.schema.objects.get(id.object) else { return };
        let (system, now, user) = (&object.system, self.now.timestamp(), self.user.pack());
        for (field, word) in [(system.modified_date, now), (system.modified_by, user), (system.modstamp, now)]
        {
            if let Some(field) = field {
                self.put(id, field, Cell::Word(word));
            }
        }
    }
}

pub(super) fn supports(object: &Object, allowed: bool, operation: &str) -> Result<(), ApiError> {
    let message = || format!("entity type {} does not support {operation}", object.name);
    if allowed { Ok(()) } else { Err(ApiError::new(400, "INVALID_TYPE_FOR_OPERATION", message())) }
}

/// The field an upsert goes by.
pub(super) fn key_of<'a>(object: &'a Object, name: &str) -> Result<&'a Field, ApiError> {
    let usable =
        |field: &&Field| field.external_id || field.kind == Kind::Id || (field.id_lookup && field.unique);
    object.field(name).filter(usable).ok_or_else(|| {
        let message = format!("Provided external ID field does not exist or is not accessible: {name}");
        ApiError::new(404, "NOT_FOUND", message)
    })
}
