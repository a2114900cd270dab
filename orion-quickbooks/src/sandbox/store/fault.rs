//! What the company refuses, in the vendor's words. Codes and texts marked "recorded" were seen in answers of Intuit's
//! own sandbox (cassettes of the Ruby client qbo_api, 2016 to 2022); "docs" are Intuit's lists of common errors; the
//! rest is unverified.

use super::json::{Json, Object};

/// One entry of `Fault.Error`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flaw {
    pub(crate) code: &'static str,
    pub(crate) message: &'static str,
    pub(crate) detail: String,
    pub(crate) element: Option<String>,
}

/// A refused request: the HTTP status and the body's `Fault`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) status: u16,
    pub(crate) kind: &'static str,
    pub(crate) errors: Vec<Flaw>,
}

impl Fault {
    pub(crate) fn new(code: &'static str, message: &'static str, detail: impl Into<String>) -> Self {
        let flaw = Flaw { code, message, detail: detail.into(), element: None };
        Self { status: 400, kind: "ValidationFault", errors: vec![flaw] }
    }

    /// Names the property at fault.
    pub(crate) fn on(mut self, element: impl Into<String>) -> Self {
        if let Some(flaw) = self.errors.first_mut() {
            flaw.element = Some(element.into());
        }
        self
    }

    /// The code of the first error.
    #[cfg(test)]
    pub(crate) fn code(&self) -> &'static str {
        self.errors.first().map_or("", |flaw| flaw.code)
    }

    /// The `Fault` object, without its envelope.
    pub(crate) fn json(&self) -> Json {
        let errors = self.errors.iter().map(|flaw| {
            let error = Object::new().with("Message", flaw.message).with("Detail", flaw.detail.as_str());
            let error = error.with("code", flaw.code);
            Json::Object(match &flaw.element {
                Some(element) => error.with("element", element.as_str()),
                None => error,
            })
        });
        Json::Object(Object::new().with("Error", errors.collect::<Vec<_>>()).with("type", self.kind))
    }

    /// Recorded.
    pub(crate) fn not_found() -> Self {
        let detail = "Object Not Found : Something you're trying to use has been made inactive. Check the fields with \
                      accounts, customers, items, vendors or employees.";
        Self::new("610", "Object Not Found", detail).on("")
    }

    /// Recorded.
    pub(crate) fn stale() -> Self {
        let detail = "Stale Object Error : You and Orion Sandbox were working on this at the same time. Orion Sandbox \
                      finished before you did, so your work was not saved.";
        Self::new("5010", "Stale Object Error", detail).on("")
    }

    /// Recorded.
    pub(crate) fn invalid_id(id: &str) -> Self {
        Self::new("2030", "Invalid ID", format!("Id should be a valid number. Supplied value:{id}")).on("Id")
    }

    /// The message is from Intuit's error list; the detail is as clients quote it.
    pub(crate) fn required(element: &str) -> Self {
        let detail = format!("Required parameter {element} is missing in the request");
        Self::new("2020", "Required param missing, need to supply the required value for the API", detail)
            .on(element)
    }

    /// Docs.
    pub(crate) fn invalid_reference(element: &str, what: &str) -> Self {
        let detail = format!("Invalid Reference Id : {what}");
        Self::new("2500", "Invalid Reference Id", detail).on(element)
    }

    /// Recorded; the sentence with the kind of name is from Intuit's error list.
    pub(crate) fn duplicate_name(other: Option<&str>) -> Self {
        let detail = match other {
            Some(kind) => format!(
                "The name supplied already exists. : Another {kind} is already using this name. Please use a different \
                 name."
            ),
            None => "The name supplied already exists. : null".to_owned(),
        };
        Self::new("6240", "Duplicate Name Exists Error", detail)
    }

    /// Message and frame recorded; what follows the frame is unverified unless a caller says otherwise.
    pub(crate) fn business(what: impl std::fmt::Display) -> Self {
        let message = "A business validation error has occurred while processing your request";
        Self::new("6000", message, format!("Business Validation Error: {what}")).on("")
    }

    /// Recorded, down to `not marked as ignorable`.
    pub(crate) fn unknown_property(name: &str, class: &str, known: &[&str]) -> Self {
        let list: Vec<String> = known.iter().take(60).map(|name| format!("\"{name}\"")).collect();
        let cut = if known.len() > 60 { " [truncated]" } else { "" };
        let detail = format!(
            "Property Name:Unrecognized field \"{name}\" (class com.intuit.schema.finance.v3.{class}), not marked as \
             ignorable ({} known properties: {}{cut}])\n specified is unsupported or invalid",
            known.len(),
            list.join(", ")
        );
        Self::new("2010", "Request has invalid or unsupported property", detail)
    }

    /// A body that is not JSON, or a value of the wrong shape. Unverified.
    pub(crate) fn unreadable(what: impl std::fmt::Display) -> Self {
        let detail = format!("Property Name:{what} specified is unsupported or invalid");
        Self::new("2010", "Request has invalid or unsupported property", detail)
    }

    pub(crate) fn invalid_enumeration(element: &str, value: &str) -> Self {
        Self::new("2170", "Invalid Enumeration", format!("Invalid Enumeration : {value}")).on(element)
    }

    /// Recorded.
    pub(crate) fn unsupported(operation: impl std::fmt::Display) -> Self {
        Self::new("500", "Unsupported Operation", format!("Operation {operation} is not supported."))
    }
}
