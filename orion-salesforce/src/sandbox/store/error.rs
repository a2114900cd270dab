//! The one error the simulator's data half answers with: what Salesforce puts in its REST envelope.
//! Codes are those of the REST and SOAP API guides (v60); message texts follow the vendor's public examples, and a
//! comment says where one is unverified.

use super::schema::{Field, Object};

/// One entry of `[{message, errorCode, fields}]`, and the HTTP status it travels under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) fields: Vec<String>,
}

impl ApiError {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), fields: Vec::new() }
    }

    pub(crate) fn on(mut self, field: &str) -> Self {
        self.fields.push(field.to_owned());
        self
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "NOT_FOUND", "The requested resource does not exist")
    }

    pub(crate) fn deleted() -> Self {
        Self::new(404, "ENTITY_IS_DELETED", "entity is deleted")
    }

    pub(crate) fn bad_cross_reference() -> Self {
        Self::new(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    }

    pub(crate) fn no_column(object: &Object, name: &str) -> Self {
        Self::new(400, "INVALID_FIELD", format!("No such column '{name}' on sobject of type {}", object.name))
    }

    pub(crate) fn read_only(fields: &[&Field]) -> Self {
        let names: Vec<String> = fields.iter().map(|field| field.name.to_string()).collect();
        let message = format!(
            "Unable to create/update fields: {}. Please check the security settings of this field and verify that \
             it is read/write for your profile or permission set.",
            names.join(", ")
        );
        Self { fields: names, ..Self::new(400, "INVALID_FIELD_FOR_INSERT_UPDATE", message) }
    }

    pub(crate) fn missing(fields: &[&Field]) -> Self {
        let names: Vec<String> = fields.iter().map(|field| field.name.to_string()).collect();
        let message = format!("Required fields are missing: [{}]", names.join(", "));
        Self { fields: names, ..Self::new(400, "REQUIRED_FIELD_MISSING", message) }
    }

    /// A value the field refuses: `Label: reason`.
    pub(crate) fn value(field: &Field, code: &'static str, reason: impl std::fmt::Display) -> Self {
        Self::new(400, code, format!("{}: {reason}", field.label)).on(&field.name)
    }

    /// The same failure as one item of a Collections or Bulk call reports it: DML knows no URLs, so a
    /// missing row is a bad cross reference there.
    pub(crate) fn in_collection(self) -> Self {
        match self.code {
            "NOT_FOUND" if self.message.starts_with("Provided") => {
                Self { status: 400, code: "INVALID_FIELD", ..self }
            }
            "NOT_FOUND" => Self::bad_cross_reference(),
            _ => self,
        }
    }
}
