//! Reading rows by id, by external id, and by when they changed.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::Org;
use super::error::ApiError;
use super::id::RowId;
use super::render::push_json;
use super::schema::{Field, FieldIndex, Object};
use super::table::State;

impl Org {
    /// One live row, all its fields or those named. `version` is the path segment, `v60.0`.
    pub(crate) fn get(
        &self,
        version: &str,
        object: &str,
        id: &str,
        fields: Option<&[String]>,
    ) -> Result<Value, ApiError> {
        let text = self.get_json(version, object, id, fields)?;
        serde_json::from_str(&text)
            .map_err(|error| ApiError::new(500, "UNKNOWN_EXCEPTION", error.to_string()))
    }

    /// As [`Org::get`], as JSON text with the fields in Salesforce's order.
    pub(crate) fn get_json(
        &self,
        version: &str,
        object: &str,
        id: &str,
        fields: Option<&[String]>,
    ) -> Result<String, ApiError> {
        let object = self.object(object)?;
        let id = self.locate(object, id)?;
        let fields: Vec<&Field> = match fields {
            None => object.fields.iter().collect(),
            Some(names) => names.iter().map(|name| field_of(object, name)).collect::<Result<_, _>>()?,
        };
        let mut out = String::from("{");
        self.write_attributes(version, None, id, &mut out);
        for field in fields {
            out.push(',');
            push_json(&field.name, &mut out);
            out.push(':');
            self.write_json(id, field, &mut out);
        }
        out.push('}');
        Ok(out)
    }

    /// The ids of the live rows whose `field` (an external id) is `value`: none, one, or several (HTTP 300).
    pub(crate) fn find_external(
        &self,
        object: &str,
        field: &str,
        value: &str,
    ) -> Result<Vec<String>, ApiError> {
        let object = self.object(object)?;
        let field = super::write::key_of(object, field)?;
        let ids = self.live_with(object, field, value.trim());
        Ok(ids.into_iter().map(|id| id.text(self.schema)).collect())
    }

    /// Ids and deletion times of rows deleted in `[start, end)`, oldest first.
    pub(crate) fn deleted_since(
        &self,
        object: &str,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Result<Vec<(String, DateTime<Utc>)>, ApiError> {
        self.changed(object, State::Deleted, start, end)
    }

    /// Ids of live rows created or changed in `[start, end)`.
    pub(crate) fn updated_since(
        &self,
        object: &str,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Result<Vec<String>, ApiError> {
        let rows = self.changed(object, State::Live, start, end)?;
        Ok(rows.into_iter().map(|(id, _)| id).collect())
    }

    fn changed(
        &self,
        object: &str,
        state: State,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Result<Vec<(String, DateTime<Utc>)>, ApiError> {
        let object = self.object(object)?;
        let (Some(table), Some(stamp)) = (self.table(object.index), object.system.modstamp) else {
            return Ok(Vec::new());
        };
        let range = start.timestamp()..end.timestamp();
        let mut rows: Vec<(i64, u32)> = (0..table.len())
            .filter(|&row| table.state(row) == state)
            .filter_map(|row| table.word(row, stamp as FieldIndex).map(|at| (at, row)))
            .filter(|(at, _)| range.contains(at))
            .collect();
        rows.sort_unstable();
        let show = |(at, row)| (RowId { object: object.index, row }.text(self.schema), at);
        let moment = |at| DateTime::from_timestamp(at, 0).unwrap_or(self.now);
        Ok(rows.into_iter().map(show).map(|(id, at)| (id, moment(at))).collect())
    }
}

fn field_of<'a>(object: &'a Object, name: &str) -> Result<&'a Field, ApiError> {
    object.field(name.trim()).ok_or_else(|| ApiError::no_column(object, name.trim()))
}
