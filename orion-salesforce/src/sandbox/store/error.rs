//! The one error the simulator's data half answers with: what Salesforce puts in its REST envelope.

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

    /// The same failure as one item of a Collections or Bulk call reports it: DML knows no URLs, so a
    /// missing row is a bad cross reference there.
    pub(crate) fn in_collection(self) -> Self {
        if self.code == "NOT_FOUND" {
            return Self::new(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id");
        }
        self
    }
}
