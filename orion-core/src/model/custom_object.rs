//! Records without a unified shape.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Model;
use crate::{Fields, Kind};

/// A record of an object that has no unified model: a Salesforce `Product2`, a tenant's `Invoice_Run__c`.
///
/// ```
/// use orion_core::CustomObject;
///
/// let mut product = CustomObject::new("Product2");
/// product.name = Some("GenWatt Diesel 200kW".to_owned());
/// product.fields.insert("ProductCode", "GC1040");
/// assert_eq!(product.fields.text("ProductCode"), Some("GC1040"));
/// ```
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[non_exhaustive]
pub struct CustomObject {
    /// The vendor's name of the object, for instance `Product2`, `Invoice_Run__c` or `Department`.
    pub object: String,
    /// What a person calls this record: the vendor's name field, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// All other fields under the vendor's names.
    #[serde(skip_serializing_if = "Fields::is_empty")]
    pub fields: Fields,
}

impl CustomObject {
    /// An empty record of an object.
    #[must_use]
    pub fn new(object: impl Into<String>) -> Self {
        Self { object: object.into(), ..Self::default() }
    }
}

impl Model for CustomObject {
    const KIND: Kind = Kind::new("custom_object");
}
